"""The way to a partner by its profile: SFTP, or a folder of this machine."""

from contextlib import AbstractContextManager

from gateway.transport import Transport, local_folder, sftp
from payers.partner import Partner


def connect(partner: Partner) -> AbstractContextManager[Transport]:
    """A connection to the partner of this profile; see gateway.transport. Nothing is dialled or opened before it is entered."""
    return sftp.connect(partner) if partner.sftp is not None else local_folder.connect(partner)
