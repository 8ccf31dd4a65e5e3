"""What can never work is refused before it is tried, each fault by its own key and once."""

from datetime import date, timedelta
from typing import Any

import pytest

from payers.checks import check_partner, check_routes
from payers.partner import LocalFolder, Partner
from payers.payer import SecondRoute
from payers.profile import SAMPLES, load

MERIDIAN = load(SAMPLES).partners["meridian"]


def change(table: str, **values: Any) -> Partner:
    return MERIDIAN.model_copy(update={table: getattr(MERIDIAN, table).model_copy(update=values)})


def keys_at_fault(table: str, **values: Any) -> list[str]:
    return [key for key, _ in check_partner(change(table, **values))]


@pytest.mark.parametrize("sign", ["A", "7", " ", ".", "-", "+", ",", "'", '"', "\0", "\x07", "\x7f", "é"])
def test_a_delimiter_that_values_hold_is_refused_and_no_name_is_blamed_for_it(sign: str) -> None:
    assert keys_at_fault("delimiters", component=sign) == ["delimiters.component"]


@pytest.mark.parametrize("sign", ["|", ">", "!", "}", "\x1d", "\t", "^"])
def test_signs_and_the_control_characters_of_x12_delimit(sign: str) -> None:
    assert keys_at_fault("delimiters", component=sign, repetition=";") == []


@pytest.mark.parametrize(
    ("segment", "line_end", "faults"),
    [
        ("\n", "lf", ["delimiters.line_end"]),
        ("\n", "crlf", ["delimiters.line_end"]),
        ("\r", "crlf", ["delimiters.line_end"]),
        ("\r", "lf", []),
        ("\n", "", []),
        ("\r", "", []),
    ],
)
def test_a_segment_ends_with_one_line_end_at_most(segment: str, line_end: str, faults: list[str]) -> None:
    assert keys_at_fault("delimiters", segment=segment, line_end=line_end) == faults


def test_only_a_segment_ends_with_a_line_end_and_no_two_characters_are_the_same() -> None:
    assert keys_at_fault("delimiters", element="\n") == ["delimiters.element"]
    assert keys_at_fault("delimiters", element="~") == ["delimiters"]


def test_a_marker_is_told_from_the_file_it_speaks_of() -> None:
    assert keys_at_fault("upload", mode="marker", marker_suffix=".part") == ["upload.marker_suffix"]
    assert keys_at_fault("upload", mode="rename", marker_suffix=".part") == []
    assert keys_at_fault("upload", suffix="/part") == ["upload.suffix"]


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "../etc", "Moon/Base"])
def test_a_time_zone_means_the_same_on_every_machine(name: str) -> None:
    assert keys_at_fault("timetable", time_zone=name) == ["timetable.time_zone"]


@pytest.mark.parametrize(
    ("key", "reference", "said"),
    [
        ("password", "file:secrets/meridian", "a full path"),
        ("key_file", "keys/meridian", "a full path"),
        ("key_file", "file:keys/meridian", "a full path"),
        ("key_file", "~/keys/meridian", "a full path"),
        ("password", "command:echo 'sesame", "a quote in it does not close"),
        ("password", "command: ", "a program"),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_without_being_shown(key: str, reference: str, said: str) -> None:
    ((at_fault, fault),) = check_partner(change("sftp", **{key: reference}))
    assert (at_fault, said in fault, "sesame" in fault) == (f"sftp.{key}", True, False)


def test_references_that_may_lead_somewhere_are_fine() -> None:
    for key, reference in (("password", "file:/run/secret"), ("key_file", "/etc/key"), ("key_file", "env:KEY")):
        assert keys_at_fault("sftp", **{key: reference}) == []


def test_a_server_and_a_folder_are_said_to_be_one_too_many() -> None:
    both = MERIDIAN.model_copy(update={"local": LocalFolder(root="/srv/exchange")})
    ((key, said),) = check_partner(both)
    assert (key, "not both" in said) == ("local", True)


def test_the_second_way_is_another_than_the_first() -> None:
    payer = load(SAMPLES).payers["northstar"]
    same = payer.model_copy(update={"second_route": SecondRoute(partner=payer.partner)})
    assert [key for key, _ in check_routes(same, ["lakeside", "meridian"])] == ["second_route.partner"]


def test_a_timetable_with_cutoffs_leaves_a_day_to_have_them() -> None:
    mondays = tuple((date(2026, 1, 5) + timedelta(weeks=week)).isoformat() for week in range(60))
    closed = {"days": ("mon",), "closed_on": mondays}
    assert keys_at_fault("timetable", cutoffs=("17:00",), **closed) == ["timetable.closed_on"]
    assert keys_at_fault("timetable", cutoffs=("17:00",), days=("mon", "tue"), closed_on=mondays) == []
    assert keys_at_fault("timetable", cutoffs=("17:00",), days=("mon",), closed_on=mondays[:40]) == []
    assert keys_at_fault("timetable", **closed) == []
