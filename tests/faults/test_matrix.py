"""A sample of the crash matrix; `make faults` runs all of it."""

from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.fault_matrix import Cell, list_sample, run_cell

MARKED = [
    pytest.param(cell, id=str(cell), marks=[pytest.mark.postgresql] if cell.database == "postgresql" else [])
    for cell in list_sample()
]


@pytest.mark.parametrize("cell", MARKED)
def test_a_fault_loses_and_doubles_nothing(cell: Cell, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """After it a further run brings every claim to its end, once; the seven invariants hold; two books agree."""
    url = ""
    if cell.database == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgresql_server")
        url = server.empty_database()
    run_cell(cell, tmp_path / "world", url)
