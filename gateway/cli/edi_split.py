"""`claimwire edi split`: one file into many, each a complete interchange, all of them or none."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from edi.interchange import Reader
from edi.tools.splitting import By, Splitter
from gateway.cli.edi_convert import File
from gateway.cli.edi_input import open_one
from gateway.cli.edi_output import give_name, reporting_errors, tell_complaints, told_by_name
from gateway.cli.output import say
from gateway.errors import Refused


def split(
    path: File,
    by: Annotated[By, typer.Option(help="What each new file holds: one interchange, group, set, payment (835) or claim (837).")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder for the new files; made where it is not there.")],
    max_claims: Annotated[
        int | None, typer.Option(min=1, help="With --by claim: as many claims a file, to cut a batch that is too big.")
    ] = None,
) -> None:
    """Cut a file into files that are complete interchanges: same sender, receiver and control numbers, counts made anew.

    A claim takes its billing provider, subscriber and patient along, numbered anew (HL). An 835 is cut by payment, never by
    claim: its claims would no longer add up to what was paid. Names are control numbers and ordinals, never a patient's.
    All files are written or none, and none that is there is overwritten. What is in no file is said, with exit code 1.

    Examples:
      claimwire edi split day.835 --by payment --out payments

      claimwire edi split big.837 --by claim --max-claims 5000 --out batches

      claimwire edi split mixed.x12 --by set --out sets
    """
    if max_claims is not None and by != "claim":
        raise typer.BadParameter("--max-claims goes with --by claim")
    count = 0
    with reporting_errors(path, out), filling(out) as folder, open_one(path) as source:
        splitter = Splitter(Reader(source.chunks()), by, claims_max=max_claims or 1)
        for piece in splitter.pieces():
            count += 1
            with told_by_name(out / piece.name), open(folder / piece.name, "xb", opener=_open_privately) as file:
                file.writelines(piece.chunks)
    say(f"{count} {'file' if count == 1 else 'files'} in {out}")
    if tell_complaints(source.name, splitter.complaints) or not count:
        raise typer.Exit(1)


@contextmanager
def filling(out: Path) -> Iterator[Path]:
    """A folder whose files come to `out` once all of them are whole.

    Raises Refused where one of the names is taken there, typer.BadParameter where `out` can be no folder.
    """
    if not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}")
    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file; name a folder")
    with told_by_name(out):
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name[:100]}.", suffix=".part", dir=out.parent))
    try:
        yield partial
        names = sorted(each.name for each in partial.iterdir())
        taken = next((name for name in names if (out / name).exists()), None)
        if taken is not None:
            raise Refused(f"{out / taken} is there already; choose another folder, or move away what is in it")
        with told_by_name(out):
            out.mkdir(mode=0o700, exist_ok=True)
            for name in names:
                give_name(partial / name, out / name, force=False)
    finally:
        shutil.rmtree(partial)


def _open_privately(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
