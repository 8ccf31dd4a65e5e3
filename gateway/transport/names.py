"""Which names we trust ourselves to touch, and how the others are shown."""

import re

from gateway.errors import PermanentError

# Letters, digits and a few signs: no path, no control character, nothing a shell or a spreadsheet takes as its own at the start.
SAFE_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.,()+@#=~ -]{0,198}[A-Za-z0-9_)~-])?")


def check_name(name: str) -> str:
    """The name itself. Raises PermanentError for one we would not fetch, write, move or remove."""
    if not SAFE_NAME.fullmatch(name):
        raise PermanentError(f"{name!a} is no name we fetch, write or remove: see SAFE_NAME")
    return name


def show_name(raw: bytes) -> tuple[str, bool]:
    """A name as others gave it: printable ASCII for people, and whether it is one we would touch."""
    name = raw.decode("ascii", "backslashreplace")
    readable = SAFE_NAME.fullmatch(name) is not None and name.encode() == raw
    return (name, True) if readable else (ascii(name)[1:-1].replace("\\\\", "\\"), False)
