"""How much a partner may hand us at most before we stop listening: far more than any honest one has."""

from gateway.errors import PermanentError
from payers.partner import Partner

NAMES_MAX = 1_000_000
"""Names in one folder; an answer without a name counts as one."""
FILE_BYTES_MAX = 200 * 1024 * 1024
"""Bytes of a file that is fetched; it may always be as large as what we send to that partner."""


def find_bytes_max(partner: Partner) -> int:
    """The most bytes that are fetched of one file of this partner."""
    return max(FILE_BYTES_MAX, partner.upload.file_bytes_max)


def refuse_names(doing: str) -> PermanentError:
    """The error for a folder with too many names."""
    return PermanentError(f"{doing}: it has more than {NAMES_MAX:,} names, or a list of them that never ends; it was broken off")


def refuse_bytes(doing: str, bytes_max: int) -> PermanentError:
    """The error for a file with too many bytes."""
    return PermanentError(f"{doing}: it has more than {bytes_max:,} bytes, or never ends; it was not fetched")
