"""Which names we ask a partner for, which we give ourselves, and how the others are shown."""

import re

from gateway.errors import PermanentError
from payers.file_names import OURS_MAY_HOLD, THEIRS_MAY_HOLD, is_for_us_to_give, shorten

# Printable ASCII that is no path. No shell sees a name on its way, and what is fetched is kept under a number of its own.
_ASKED_FOR = re.compile(r"(?!\.{1,2}\Z)(?! )[\x20-\x7e]{1,255}(?<! )")
_SEPARATORS = frozenset("/\\")


def check_name(name: str) -> str:
    """The name itself. Raises PermanentError for one we would not fetch, look for, move or remove."""
    if not _is_asked_for(name):
        raise PermanentError(f"{shorten(ascii(name))} is no name we fetch, move or remove: it should be {THEIRS_MAY_HOLD}")
    return name


def check_own_name(name: str) -> str:
    """The name itself. Raises PermanentError for one we would not give to a file of ours."""
    if not is_for_us_to_give(name):
        raise PermanentError(f"{shorten(ascii(name))} is no name we give to a file: it should be {OURS_MAY_HOLD}")
    return name


def show_name(raw: bytes) -> tuple[str, bool]:
    """A name as others gave it: printable ASCII for people, and whether it is one we would touch."""
    name = raw.decode("ascii", "backslashreplace")
    if name.encode() == raw and _is_asked_for(name):
        return name, True
    return ascii(name)[1:-1].replace("\\\\", "\\"), False


def _is_asked_for(name: str) -> bool:
    return _ASKED_FOR.fullmatch(name) is not None and _SEPARATORS.isdisjoint(name)
