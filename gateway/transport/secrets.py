"""Secrets by reference: a profile names where a secret is, this reads it, and nothing prints it."""

import os
import stat
from pathlib import Path

from gateway.errors import PermanentError


class Secret:
    """A value that does not show itself in a log, a traceback or a repr."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"


def read_secret(reference: str) -> Secret:
    """What `env:NAME` or `file:PATH` refers to, without the line end.

    Raises PermanentError naming the variable or the file, never the value: unset, unreadable, empty, or open to others.
    """
    kind, _, place = reference.partition(":")
    if kind == "env":
        value = os.environ.get(place, "")
        where = f"the environment variable {place}"
    elif kind == "file":
        value = _read_private_file(Path(place))
        where = place
    else:
        raise PermanentError("a secret is given as env:NAME or file:PATH, never as itself")
    if not value.strip():
        raise PermanentError(f"{where} is unset or empty; it should hold the secret the profile refers to")
    return Secret(value.rstrip("\r\n"))


def _read_private_file(path: Path) -> str:
    """Text of a file that its owner alone may touch; the mode is checked on the opened file, so it cannot be swapped."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise PermanentError(f"{path} may be read by others (mode {mode:04o}); it should be 0600: chmod 600 {path}")
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise PermanentError(f"{path} cannot be read as a secret: {type(error).__name__}") from error
