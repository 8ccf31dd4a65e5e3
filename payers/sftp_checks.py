"""Whether what a profile says of a password and a key could be a way to one; nothing is opened or run."""

import shlex
from collections.abc import Iterator

from payers.partner import Sftp
from payers.strict import Problem


def check_references(sftp: Sftp) -> Iterator[Problem]:
    """The references to a password and a key."""
    if not sftp.password and not sftp.key_file:
        yield "sftp", "needs a key_file or a password to log in with"
    if fault := _find_fault(sftp.password):
        yield "sftp.password", fault
    if "\n" in sftp.key_file:
        yield "sftp.key_file", "should be the path of the private key, not the key"
    elif fault := _find_fault(sftp.key_file):
        yield "sftp.key_file", fault


def _find_fault(reference: str) -> str:
    """What is wrong with a reference, never with its text; a key's may be a path alone."""
    kind, colon, place = reference.partition(":")
    if not reference or (kind == "env" and colon):
        return ""
    if kind == "command" and colon:
        return _find_command_fault(place)
    path = place if kind == "file" and colon else reference
    return "" if path.startswith("/") else "should be a full path, beginning with /, where it is a path or file:PATH"


def _find_command_fault(line: str) -> str:
    try:
        words = shlex.split(line)
    except ValueError:
        return "should be a command line as for a shell; a quote in it does not close, or a backslash ends it"
    return "" if words else "should be command: and a program with its arguments"
