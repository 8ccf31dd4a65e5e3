"""What the edits know of codes: the release that comes as a package, and the lists that the operator imported."""

from datetime import date

import pytest

from edi.claims import Diagnosis
from gateway.db import code_lists
from gateway.db.engine import writing
from gateway.domain.code_files import ListedCode
from gateway.pipeline.known_codes import load_known_codes, read_shipped_release
from gateway.sandbox import invented
from tests.gateway.domain.samples import make_line
from tests.support.worlds import SERVED, World, make_claim


def put(world: World, name: str, *codes: ListedCode) -> None:
    with writing(world.engine) as connection:
        code_lists.replace_list(
            connection, name, codes, file_name="list.csv", sha256="0" * 64, imported_by="ada", now=world.clock.now()
        )


@pytest.mark.parametrize(
    ("code", "standing"),
    [
        ("E119", "listed"), ("E11", "heading"), ("M545", "heading"), ("M5450", "listed"), ("S72001A", "listed"),
        ("S72001", "heading"), ("U071", "listed"), ("QA00101", "listed"), ("QA00", "heading"),
        ("Z66", "listed"), ("E1199", "unknown"), ("ZZZZ", "unknown"),
    ],
)  # fmt: skip
def test_the_shipped_release_knows_codes_and_headings(code: str, standing: str) -> None:
    assert read_shipped_release().find_standing(code) == standing


def test_the_shipped_release_is_of_one_fiscal_year_and_whole() -> None:
    release = read_shipped_release()
    assert (release.first_day, release.last_day) == (date(2025, 10, 1), date(2026, 9, 30))
    assert len(release.codes) > 95_000


def test_every_invented_diagnosis_may_be_billed() -> None:
    assert {read_shipped_release().find_standing(code) for code in invented._DIAGNOSES} == {"listed"}


def test_an_imported_release_is_used_for_its_days(world: World) -> None:
    first, last = date(2026, 10, 1), date(2027, 9, 30)
    put(world, "ICD-10-CM", ListedCode("E11A", "invented", first, last, 1), ListedCode("E119", "invented", first, last, 2))
    with writing(world.engine) as connection:
        known = load_known_codes(connection)
    release = known.find_release(date(2026, 11, 1))
    assert release is not None
    assert [release.find_standing(code) for code in ("E11A", "E119", "J069", "E11")] == ["listed", "listed", "unknown", "heading"]
    assert known.find_release(date(2026, 9, 30)) is read_shipped_release()
    assert known.find_release(date(2027, 10, 1)) is None


def test_a_release_imported_without_days_is_for_all_days(world: World) -> None:
    put(world, "ICD-10-CM", ListedCode("E119", "invented", None, None, 1))
    with writing(world.engine) as connection:
        known = load_known_codes(connection)
    release = known.find_release(date(2027, 11, 1))
    assert release is not None
    assert release.find_standing("E119") == "listed"


def test_a_claim_with_an_unknown_diagnosis_is_held(world: World) -> None:
    world.take_in(make_claim("A1", diagnoses=(Diagnosis(qualifier="ABK", code="E1199"),)))
    world.run("scrub")
    assert world.states() == {"A1": "held"}
    assert "no code of the ICD-10-CM" in world.sentences("edits_failed")[0]


def test_a_procedure_that_an_imported_list_lacks_is_a_warning(world: World) -> None:
    put(world, "HCPCS", ListedCode("A4550", "invented", None, None, 1))
    world.take_in(make_claim("A1", lines=(make_line(procedure="J9998", service_from=SERVED),), charge_cents=12000))
    world.run("scrub")
    assert world.states() == {"A1": "ready"}
    assert [one["edit"] for one in world.facts("A1")[-1].data["findings"]] == ["procedure-unlisted"]
