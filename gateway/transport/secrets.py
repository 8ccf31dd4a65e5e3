"""Secrets by reference: a profile names where a secret is, this reads it, and nothing prints it."""

import os
import selectors
import shlex
import signal
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from gateway.errors import PermanentError

COMMAND_SECONDS = 10
SECRET_BYTES_MAX = 64 * 1024
"""More than any key has; what goes on writing is stopped there."""
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
    others, failed, not done within COMMAND_SECONDS, or longer than SECRET_BYTES_MAX.
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


def split_command(line: str, where: str) -> list[str]:
    """A program and its arguments, as a shell would part them. Raises PermanentError where the line is none, never with it."""
    try:
        words = shlex.split(line)
    except ValueError:
        raise PermanentError(f"{where} is no command line: a quote in it does not close, or a backslash ends it") from None
    if not words:
        raise PermanentError(f"{where} is no command line; it should be a program and its arguments, quoted as in a shell")
    return words


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
    words = split_command(line, where)
    try:
        running = subprocess.Popen(  # noqa: S603 the profile's owner names the program, and no shell reads the line
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except OSError as error:
        raise PermanentError(f"{where} cannot be run: {type(error).__name__}") from error
    try:
        written = _read_output(running, where)
    except PermanentError:
        _kill_all(running)
        raise
    finally:
        if running.stdout is not None:
            running.stdout.close()
    if running.returncode != 0:
        raise PermanentError(f"{where} failed with exit code {running.returncode}; run it by hand to see why")
    try:
        return written.decode()
    except UnicodeDecodeError:
        raise PermanentError(f"{where} wrote something that is no text") from None


def _read_output(running: "subprocess.Popen[bytes]", where: str) -> bytes:
    """All that it writes until it ends, which is little and soon, or PermanentError."""
    assert running.stdout is not None, "it was given a pipe"
    until = time.monotonic() + COMMAND_SECONDS
    written = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(running.stdout, selectors.EVENT_READ)
        while selector.select(max(0, until - time.monotonic())):
            piece = os.read(running.stdout.fileno(), SECRET_BYTES_MAX)
            written += piece
            if len(written) > SECRET_BYTES_MAX:
                raise PermanentError(f"{where} wrote more than {SECRET_BYTES_MAX} bytes; it should only print a secret")
            if not piece:
                with suppress(subprocess.TimeoutExpired):
                    running.wait(max(0, until - time.monotonic()))
                    return bytes(written)
                break
    raise PermanentError(f"{where} was not done within {COMMAND_SECONDS} s; it should only print a secret")


def _kill_all(running: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
