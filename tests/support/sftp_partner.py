"""A trading partner's profile for a server on loopback; every name in it is invented."""

from collections.abc import Mapping
from typing import Any

from payers.partner import Envelope, Partner, Pickup, Receiver, Sftp, Submitter, Upload

USER = "practice"
PASSWORD = "no-real-password"
PASSWORD_VARIABLE = "CLAIMWIRE_TEST_SFTP_PASSWORD"


def make_partner(port: int, fingerprint: str, *, upload: Mapping[str, Any] | None = None, **sftp: Any) -> Partner:
    """A partner at 127.0.0.1 whose password is in PASSWORD_VARIABLE; `sftp` and `upload` change those tables of the profile."""
    table: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "username": USER,
        "host_keys": (fingerprint,),
        "password": f"env:{PASSWORD_VARIABLE}",
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
        upload=Upload(**({"folder": "upload"} | dict(upload or {}))),
        pickup=Pickup(folder="pickup", ready_after_polls=1),
    )
