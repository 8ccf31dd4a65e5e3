"""Secrets by reference: a profile names where a secret is, this reads it, and nothing prints it."""

import os
import shlex
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from gateway.errors import PermanentError

COMMAND_SECONDS = 10
_KINDS = ("env:", "file:", "command:")


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


def is_reference(text: str) -> bool:
    """Whether this says by itself where a secret is, rather than being a path."""
    return text.startswith(_KINDS)


def read_secret(reference: str) -> Secret:
    """What `env:NAME`, `file:PATH` or `command:LINE` refers to, without the line end; of a command, its first line.

    Raises PermanentError naming the variable, the file or the program, never the value: unset, unreadable, empty, open to
    others, failed, or not done within COMMAND_SECONDS.
    """
    value, where = _read(reference)
    if reference.startswith("command:"):
        value = value.partition("\n")[0]
    return _hide(value, where)


def read_secret_text(reference: str) -> Secret:
    """The same, but all that a command writes: a private key has many lines."""
    return _hide(*_read(reference))


def name_place(reference: str) -> str:
    """Where a secret is, for messages: of a command the program alone, since its arguments may tell more than they should."""
    kind, _, place = reference.partition(":")
    if kind == "command":
        return f"the command {place.split()[0] if place.split() else place!r} …"
    return f"the environment variable {place}" if kind == "env" else place


def _read(reference: str) -> tuple[str, str]:
    kind, _, place = reference.partition(":")
    where = name_place(reference)
    if kind == "env":
        return os.environ.get(place, ""), where
    if kind == "file":
        return _read_private_file(Path(place)), where
    if kind == "command":
        return _run_command(place, where), where
    raise PermanentError("a secret is given as env:NAME, file:PATH or command:LINE, never as itself")


def _hide(value: str, where: str) -> Secret:
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


def _run_command(line: str, where: str) -> str:
    """What a program writes on stdout; it is run without a shell, its stderr is dropped, and it is killed with its children."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    if not words:
        raise PermanentError(f"{where} is no command line; it should be a program and its arguments, quoted as in a shell")
    try:
        running = subprocess.Popen(  # noqa: S603 the profile's owner names the program, and no shell reads the line
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        raise PermanentError(f"{where} cannot be run: {type(error).__name__}") from error
    try:
        written, _ = running.communicate(timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_all(running)
        raise PermanentError(f"{where} was not done within {COMMAND_SECONDS} s; it should only print a secret") from None
    if running.returncode != 0:
        raise PermanentError(f"{where} failed with exit code {running.returncode}; run it by hand to see why")
    try:
        return written.decode()
    except UnicodeDecodeError:
        raise PermanentError(f"{where} wrote something that is no text") from None


def _kill_all(running: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    if running.stdout is not None:
        running.stdout.close()
