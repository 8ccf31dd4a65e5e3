"""Takes in the claim files that another system drops into a folder; what was taken in is moved aside, never deleted."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.crashpoint import crashpoint
from gateway.db.engine import writing
from gateway.db.locks import exclusive
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.work import WorkKind
from gateway.pipeline import intake
from gateway.pipeline.context import Context

CHUNK_BYTES = 256 * 1024
TAKEN = "taken"
_PARTIAL = (".part", ".tmp", ".partial")
_CAUSE = "intake-folder"


class _Left(Exception):
    """Something in the folder that cannot be read or moved now: its name, and why."""

    def __init__(self, name: str, doing: str, error: OSError) -> None:
        super().__init__(f"{name} cannot be {doing} ({error.strerror or type(error).__name__})")


def run(context: Context, folder: Path) -> int:
    """Take in every whole file of the folder, oldest name first, and move it to `taken/`; how many files.

    A file that cannot be read or moved stays where it is and keeps no other waiting; a person is told while there is one.
    """
    with exclusive(context.engine, _CAUSE) as ours:
        return _take_in_all(context, folder) if ours else 0


def _take_in_all(context: Context, folder: Path) -> int:
    done = 0
    left: list[_Left] = []
    try:
        paths = _list_files(folder)
    except _Left as reason:
        paths = []
        left.append(reason)
    for path in paths:
        try:
            done += _take_in(context, path)
        except _Left as reason:
            if not isinstance(reason.__cause__, FileNotFoundError):  # whoever dropped it took it away again
                left.append(reason)
    _note_left(context, left)
    return done


def _list_files(folder: Path) -> list[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise _Left("the folder itself", "read", error) from error
    return [path for path in found if not path.name.startswith(".") and not path.name.endswith(_PARTIAL)]


def _take_in(context: Context, path: Path) -> bool:
    """Take in one file and move it aside; False where it is none, or is gone."""
    try:
        if not path.is_file():
            return False
    except OSError as error:
        raise _Left(path.name, "read", error) from error
    intake.receive(context, path.name, _read_whole(path))
    crashpoint("intake.file_done")
    try:
        (path.parent / TAKEN).mkdir(exist_ok=True)
        path.replace(_free_name(path.parent / TAKEN / path.name))
    except OSError as error:
        raise _Left(path.name, f"moved to {TAKEN}/", error) from error
    return True


def _read_whole(path: Path) -> Iterator[bytes]:
    try:
        yield from read_chunks(path)
    except OSError as error:
        raise _Left(path.name, "read", error) from error


def read_chunks(path: Path) -> Iterator[bytes]:
    """A file's bytes in chunks."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _free_name(path: Path) -> Path:
    taken, number = path, 1
    while taken.exists():
        number += 1
        taken = path.with_name(f"{path.name}.{number}")
    return taken


def _note_left(context: Context, left: Sequence[_Left]) -> None:
    """One item for all of them, and none any more once there are none."""
    with writing(context.engine) as connection:
        if not left:
            reason = "every file of the folder could be taken in"
            close_items(connection, WorkKind.INTAKE_REFUSED, [_CAUSE], reason=reason, now=context.clock.now())
            return
        more = f", and {len(left) - 1} more" if len(left) > 1 else ""
        sentence = (
            f"In the intake folder {left[0]}{more}. Let claimwire read and move what lies there, or take it out; it is tried "
            "again by itself, and no claim is taken in twice."
        )
        item = WorkItem(kind=WorkKind.INTAKE_REFUSED, cause=_CAUSE, sentence=sentence)
        raise_items(connection, [item], context.clock.now())
