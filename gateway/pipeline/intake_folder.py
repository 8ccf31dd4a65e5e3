"""Takes in the claim files that another system drops into a folder; what was taken in is moved aside, never deleted."""

from collections.abc import Iterator
from pathlib import Path

from gateway.crashpoint import crashpoint
from gateway.pipeline import intake
from gateway.pipeline.context import Context

CHUNK_BYTES = 256 * 1024
TAKEN = "taken"
_PARTIAL = (".part", ".tmp", ".partial")


def run(context: Context, folder: Path) -> int:
    """Take in every whole file of the folder, oldest name first, and move it to `taken/`; how many files."""
    done = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(_PARTIAL):
            intake.receive(context, path.name, read_chunks(path))
            crashpoint("intake.file_done")
            (folder / TAKEN).mkdir(exist_ok=True)
            path.replace(_free_name(folder / TAKEN / path.name))
            done += 1
    return done


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
