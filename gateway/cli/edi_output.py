"""What `claimwire edi` writes: whole or not at all, never over something that is there, and what was wrong on stderr."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from edi.findings import EdiError, Unwritable
from edi.tools.json_lines import Complaint, JsonLinesError
from gateway.cli.output import warn
from gateway.errors import PermanentError, Refused

COMPLAINTS_SHOWN = 100

Out = Annotated[Path | None, typer.Option("--out", "-o", help="Where to write it; stdout where this is not given.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is at --out.")]

Write = Callable[[bytes], object]


@contextmanager
def writing(out: Path | None, *, force: bool = False) -> Iterator[Write]:
    """Something to write bytes with: a file that gets its name once it is whole, or stdout.

    Raises typer.BadParameter where there is no such folder, Refused where something has that name already.
    """
    if out is None:
        sys.stdout.flush()
        yield sys.stdout.buffer.write
        sys.stdout.buffer.flush()
        return
    if not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}")
    if not force and (out.exists() or out.is_symlink()):
        raise Refused(f"{out} is there already; choose another name, or replace it with --force")
    with told_by_name(out):
        descriptor, partial = tempfile.mkstemp(prefix=f".{out.name[:100]}.", suffix=".part", dir=out.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield _write_of(out, file)
            with told_by_name(out):
                file.flush()
                os.fsync(file.fileno())
        give_name(Path(partial), out, force=force)
    finally:
        Path(partial).unlink(missing_ok=True)


def _write_of(out: Path, file: IO[bytes]) -> Write:
    """Something to write to this file with, which speaks of it by the name that it will have."""

    def write(chunk: bytes) -> None:
        with told_by_name(out):
            file.write(chunk)

    return write


@contextmanager
def told_by_name(out: Path) -> Iterator[None]:
    """Say of what the disk refuses what it is: no room, no permission."""
    try:
        yield
    except OSError as error:
        raise PermanentError(f"{out} cannot be written: {error.strerror or type(error).__name__}; nothing was") from error


def give_name(partial: Path, out: Path, *, force: bool) -> None:
    """Give a file that is whole its name; raises Refused where it is taken, unless that may be replaced."""
    if force:
        partial.replace(out)
        return
    try:
        out.hardlink_to(partial)
    except FileExistsError as error:
        raise Refused(f"{out} has come there meanwhile; choose another name, or replace it with --force") from error
    except OSError:
        # A file system without hard links: the look before the write has to do.
        partial.replace(out)


@contextmanager
def reporting_errors(path: Path | str, out: Path | None) -> Iterator[None]:
    """Say on stderr why an input cannot be used, and leave with 1: bytes that are no X12, lines that make none."""
    try:
        yield
    except (EdiError, JsonLinesError, Unwritable) as error:
        place = f" (at byte {error.finding.offset})" if isinstance(error, Unwritable) and error.finding.offset else ""
        warn(f"{path}: {error}{place}" + ("; nothing was written" if out else ""))
        raise typer.Exit(1) from error


def tell_complaints(name: str, complaints: Sequence[Complaint]) -> bool:
    """Say on stderr what was wrong, the first of many; whether anything was."""
    for one in complaints[:COMPLAINTS_SHOWN]:
        warn(f"{name}: {tell_complaint(one)}")
    if len(complaints) > COMPLAINTS_SHOWN:
        warn(f"{name}: and {len(complaints) - COMPLAINTS_SHOWN} more; claimwire edi validate lists them")
    return any(one.is_wrong for one in complaints)


def tell_complaint(complaint: Complaint) -> str:
    """One complaint in a line: where, what, and the code a 999 or TA1 would have for it."""
    parts = [f"set {complaint.set_ordinal} ({complaint.st_control_number})"] if complaint.set_ordinal else []
    finding = complaint.finding
    if finding is None:
        return ", ".join(parts) + (": " if parts else "") + complaint.message
    if finding.position:
        parts.append(f"segment {finding.position}")
    parts.append(f"{finding.segment}{finding.element:02}" if finding.element else finding.segment)
    where = ", ".join(part for part in parts if part)
    return f"{where}{': ' if where else ''}{complaint.message} ({finding.level} {finding.code})"
