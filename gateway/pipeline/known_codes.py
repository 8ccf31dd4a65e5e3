"""What the edits know of codes: the release of ICD-10-CM that comes as a package, and the lists that the operator imported."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from gateway.db import code_lists
from gateway.db.engine import Connection, Row
from gateway.domain.known_codes import Days, DiagnosisRelease, KnownCodes, build_release

_PACKAGE = "simple_icd_10_cm"
_LIST_NAME = re.compile(r"code-list-(January|April|October)-([0-9]{4})\.txt")
_PROCEDURE_LISTS = ("HCPCS", "CPT", "CDT")


@cache
def read_shipped_release() -> DiagnosisRelease:
    """The ICD-10-CM that the package brings, for the services of its fiscal year; read once, when it is first needed.

    The package's list of codes is read as it lies there: importing the package builds a tree of all of them, with their notes,
    which takes seconds and a hundred megabytes for what one sorted list answers.
    """
    spec = find_spec(_PACKAGE)
    assert spec is not None, "a dependency of ours is installed"
    assert spec.submodule_search_locations, "and it is a package"
    files = sorted(Path(spec.submodule_search_locations[0], "data").glob("code-list-*.txt"))
    assert len(files) == 1, "the versions of the package that we take have one list of codes"
    named = _LIST_NAME.fullmatch(files[0].name)
    assert named, "and it is named for its release"
    year = int(named[2]) + (named[1] == "October")
    return build_release(files[0].read_text(encoding="ascii").split(), date(year - 1, 10, 1), date(year, 9, 30))


def load_known_codes(connection: Connection) -> KnownCodes:
    """The shipped release, an imported one beside it, and the procedures of every list that was imported."""
    imported = {row["name"] for row in code_lists.list_imported(connection)}
    releases = [read_shipped_release()]
    if "ICD-10-CM" in imported:
        releases.append(_build_imported(code_lists.codes_of(connection, "ICD-10-CM")))
    return KnownCodes(
        diagnoses=tuple(sorted(releases, key=lambda release: release.first_day)),
        procedures={name: _group_days(code_lists.codes_of(connection, name)) for name in _PROCEDURE_LISTS if name in imported},
    )


def _build_imported(rows: Sequence[Row]) -> DiagnosisRelease:
    """An imported release, for the days that its codes are given; for all days where none are."""
    first = min((row["valid_from"] or date.min for row in rows), default=date.min)
    last = max((row["valid_through"] or date.max for row in rows), default=date.max)
    return build_release((row["code"] for row in rows), first, last)


def _group_days(rows: Sequence[Row]) -> dict[str, tuple[Days, ...]]:
    found: dict[str, tuple[Days, ...]] = {}
    for row in rows:
        found[row["code"]] = (*found.get(row["code"], ()), (row["valid_from"], row["valid_through"]))
    return found
