"""Clears away what killed processes left half written: such a file holds patients' data, and nobody will ever finish it."""

from datetime import timedelta

from gateway.db.locks import exclusive
from gateway.pipeline.context import Context

AGE_MIN = timedelta(days=1)
"""No file takes nearly as long to be written: what nobody wrote to for a day was given up."""


def run(context: Context) -> int:
    """Remove what was left in the archive longer ago than a day; how many files."""
    with exclusive(context.engine, "archive") as ours:
        return context.archive.remove_unfinished(context.clock.now() - AGE_MIN) if ours else 0
