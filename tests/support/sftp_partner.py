"""A trading partner's profile for a server on loopback; every name in it is invented."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from payers.partner import Envelope, LocalFolder, Partner, Pickup, Quirks, Receiver, Sftp, Submitter, Upload

USER = "practice"
PASSWORD = "no-real-password"
PASSWORD_VARIABLE = "CLAIMWIRE_TEST_SFTP_PASSWORD"


def make_partner(
    port: int, fingerprint: str, *, upload: Mapping[str, Any] | None = None, quirks: Mapping[str, Any] | None = None, **sftp: Any
) -> Partner:
    """A partner at 127.0.0.1 whose password is in PASSWORD_VARIABLE; `sftp`, `upload`, `quirks` change those tables of it."""
    table: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "username": USER,
        "host_keys": (fingerprint,),
        "password": f"env:{PASSWORD_VARIABLE}",
        "timeout_seconds": 10,
    }
    return _make(upload, quirks, sftp=Sftp(**(table | sftp)))


def make_local_partner(
    root: Path, *, upload: Mapping[str, Any] | None = None, quirks: Mapping[str, Any] | None = None
) -> Partner:
    """The same partner, behind a folder of this machine."""
    return _make(upload, quirks, local=LocalFolder(root=str(root)))


def _make(upload: Mapping[str, Any] | None, quirks: Mapping[str, Any] | None, **way: Any) -> Partner:
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
        upload=Upload(**({"folder": "upload"} | dict(upload or {}))),
        pickup=Pickup(folder="pickup", ready_after_polls=1),
        quirks=Quirks(**dict(quirks or {})),
        **way,
    )
