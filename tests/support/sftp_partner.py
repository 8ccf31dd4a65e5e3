"""A trading partner's profile for a server on loopback; every name in it is invented."""

from typing import Any

from payers.profile import Envelope, Partner, Receiver, Sftp, Submitter

USER = "practice"
PASSWORD = "no-real-password"
PASSWORD_VARIABLE = "CLAIMWIRE_TEST_SFTP_PASSWORD"


def make_partner(port: int, fingerprint: str, **sftp: Any) -> Partner:
    """A partner at 127.0.0.1 whose password is in PASSWORD_VARIABLE; `sftp` changes that table of the profile."""
    table: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "username": USER,
        "host_keys": (fingerprint,),
        "password": f"env:{PASSWORD_VARIABLE}",
        "upload_folder": "upload",
        "pickup_folder": "pickup",
        "timeout_seconds": 10,
    }
    return Partner(
        id="loopback",
        name="Loopback Clearinghouse",
        envelope=Envelope(
            sender_qualifier="ZZ",
            sender_id="SENDER",
            receiver_qualifier="ZZ",
            receiver_id="RECEIVER",
            application_sender="SENDER",
            application_receiver="RECEIVER",
            usage="T",
        ),
        submitter=Submitter(name="NONESUCH BILLING", id="SENDER", contact="TEST DESK", phone="5555550100"),
        receiver=Receiver(name="LOOPBACK CLEARINGHOUSE", id="RECEIVER"),
        sftp=Sftp(**(table | sftp)),
    )
