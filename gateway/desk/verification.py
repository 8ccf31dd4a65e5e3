"""Checks the seven invariants on a live gateway: its database and its archive."""

from gateway.db.engine import reading
from gateway.db.invariants import Verdict, archived_files, check_all
from gateway.pipeline.context import Context


def verify(context: Context) -> list[Verdict]:
    """The verdict on each invariant; every archived file is read again and compared with its SHA-256."""
    with reading(context.engine) as connection:
        files = list(archived_files(connection))
        missing = [f"file {file_id} ({name})" for file_id, name, sha256 in files if not context.archive.verify(sha256)]
        return check_all(connection, missing)
