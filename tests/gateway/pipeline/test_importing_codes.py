"""Importing a code list as the desk does it: one at a time, whole, with its days, and checked by the scrubber from then on."""

from datetime import date

import pytest

from edi.claims import Diagnosis
from gateway.db.locks import exclusive
from gateway.desk import code_lists
from gateway.desk.code_lists import ImportReport
from gateway.domain.code_files import Columns
from gateway.errors import Refused
from tests.gateway.domain.samples import make_line
from tests.support.worlds import World, make_claim


def bring(world: World, name: str, content: str, *days: date | None) -> ImportReport:
    within = (days[0], days[1]) if days else (None, None)
    return code_lists.import_list(
        world.context, name, content.encode(), file_name="/tmp/list.txt", actor="ada", columns=Columns(), within=within
    )


def test_one_list_is_imported_at_a_time(world: World) -> None:
    with exclusive(world.engine, "codes") as ours:
        assert ours
        with pytest.raises(Refused, match="at this moment"):
            bring(world, "CARC", "45 invented\n")
    assert bring(world, "CARC", "45 invented\n").imported


def test_a_file_too_large_is_refused_before_it_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_lists, "FILE_BYTES_MAX", 10)
    with pytest.raises(Refused, match="more than"):
        bring(world, "CARC", "45 invented\n")


def test_the_path_of_the_file_is_not_kept(world: World) -> None:
    assert bring(world, "CARC", "45 invented\n").file_name == "list.txt"


def test_the_days_of_the_release_are_for_lines_that_give_none(world: World) -> None:
    content = "Code,Text,Start\nA0001,invented,\nA0002,invented,2026-04-01\n"
    bring(world, "HCPCS", content, date(2026, 1, 1), date(2026, 12, 31))
    (first,) = code_lists.find_code(world.engine, "A0001")
    (second,) = code_lists.find_code(world.engine, "A0002", list_name="hcpcs")
    assert (first.valid_from, first.valid_through) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (second.valid_from, second.valid_through) == (date(2026, 4, 1), date(2026, 12, 31))


def test_a_newer_release_holds_what_was_only_doubted_before(world: World) -> None:
    """The shipped release ends in September 2026: an unknown code of November is a warning until its release is there."""
    world.turn(days=260)
    served = date(2026, 11, 2)
    lines = (make_line(service_from=served),)

    def take_in(pcn: str) -> list[str]:
        diagnoses = (Diagnosis(qualifier="ABK", code="E1199"),)
        claim = make_claim(pcn, diagnoses=diagnoses, lines=lines, charge_cents=12000)
        world.take_in(claim, name=f"{pcn}.jsonl")
        world.run("scrub")
        return [one["edit"] for one in world.facts(pcn)[-1].data["findings"]]

    assert "diagnosis-doubtful" in take_in("A1")
    assert world.states()["A1"] == "ready"
    bring(world, "ICD-10-CM", "E119 invented\n", date(2026, 10, 1), date(2027, 9, 30))
    assert "diagnosis-unknown" in take_in("B2")
    assert world.states()["B2"] == "held"
