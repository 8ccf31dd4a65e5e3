"""The catalogue of edits is complete and plain, and what it says to people holds no patient data."""

import re
import time
from collections import Counter
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from edi.claims import Address, Claim, Diagnosis, Party, Reference
from gateway.domain.edits import EDITS, Edit, EditFinding, check, is_held
from gateway.domain.edits.terms import ALL_GUIDES, GROUPS
from tests.gateway.domain.samples import (
    CONTEXT,
    WRONG_NPI,
    make_billing_provider,
    make_claim,
    make_line,
    make_provider,
    make_subscriber,
)

PLANTED = "ZZPHI"


def make_broken_claim() -> Claim:
    """A claim wrong in as many ways as fit together, with planted marks wherever patient data could stand."""
    address = Address(line1=f"PO BOX {PLANTED}", city=PLANTED, state="OH", postal_code=PLANTED)
    subscriber = make_subscriber(
        last_name=PLANTED, first_name="", id=PLANTED, address=address, birth_date=date(2099, 12, 31), gender=PLANTED
    )
    lines = (
        make_line(
            procedure=PLANTED, modifiers=(PLANTED, PLANTED), charge_cents=-1, diagnosis_pointers=(9, 9), place_of_service="98"
        ),
        make_line(service_from=None, quantity=Decimal(0), diagnosis_pointers=(), charge_cents=0, note=PLANTED),
        make_line(service_from=date(2099, 1, 2), service_through=date(2099, 1, 1), modifiers=tuple("ABCDE")),
    )
    return make_claim(
        patient_control_number=PLANTED,
        charge_cents=77,
        billing_provider=make_billing_provider(id=WRONG_NPI, taxonomy="X", address=address, references=()),
        subscriber=subscriber,
        patient=Party(role="QC", is_person=True, last_name="", first_name=PLANTED, address=address),
        payer=Party(role="PR", last_name=PLANTED, id=PLANTED, address=address),
        relationship="77",
        frequency="7",
        place_of_service="98",
        related_causes=("AA",),
        dates=(("439", date(2098, 1, 1)),),
        diagnoses=(Diagnosis(qualifier="ABF", code=PLANTED), Diagnosis(qualifier="BK", code=PLANTED)),
        providers=(make_provider(role="DN", id="", id_qualifier=""),),
        references=(Reference(qualifier="EA", value=PLANTED),),
        notes=(("ADD", PLANTED),),
        lines=lines,
    )


def find_in_broken_claim() -> list[EditFinding]:
    return check(make_broken_claim(), CONTEXT)


def test_a_sound_claim_has_no_finding() -> None:
    assert check(make_claim(), CONTEXT) == []


def test_all_findings_are_told_and_not_only_the_first() -> None:
    assert len({finding.edit for finding in find_in_broken_claim()}) >= 25


def test_nothing_of_the_patient_is_repeated_in_what_people_read() -> None:
    for finding in find_in_broken_claim():
        shown = f"{finding.message} {finding.fix} {finding.field}"
        assert PLANTED not in shown
        assert "2099" not in shown


def test_every_finding_is_a_sentence_with_a_remedy_and_a_place() -> None:
    for finding in find_in_broken_claim():
        assert finding.message[0].isupper()
        assert finding.message.endswith(".")
        assert finding.fix.endswith(".")
        assert re.match(r"[a-z_]+", finding.field)


def test_a_finding_on_a_line_names_it_from_one_and_its_path_from_zero() -> None:
    claim = make_claim(lines=(make_line(), make_line(control_number="L2", procedure="WRONG!")))
    [finding] = check(claim, CONTEXT)
    assert (finding.edit, finding.severity, finding.line) == ("procedure-format", "hold", 2)
    assert finding.field == "lines[1].procedure (2400 SV101-2)"
    assert "line 2" in finding.message


def test_the_path_of_a_finding_leads_into_the_claims_json_form() -> None:
    claim = msgspec.to_builtins(make_broken_claim())
    for finding in find_in_broken_claim():
        first = re.match(r"[a-z_]+", finding.field)
        assert first is not None
        assert first[0] in Claim.__struct_fields__
        line = re.match(r"lines\[(\d+)\]", finding.field)
        if line:
            assert int(line[1]) == finding.line - 1 < len(claim["lines"])


def test_a_warning_alone_does_not_hold_a_claim() -> None:
    warned = check(make_claim(providers=()), CONTEXT)
    assert [finding.severity for finding in warned] == ["warn"]
    assert not is_held(warned)
    assert is_held(find_in_broken_claim())


@pytest.mark.parametrize("edit", EDITS, ids=[edit.id for edit in EDITS])
def test_every_edit_says_what_it_demands_and_why_and_how_a_breach_is_mended(edit: Edit) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", edit.id)
    assert all(text[0].isupper() or text[0].isdigit() for text in (edit.what, edit.why, edit.fix))
    assert all(text.endswith(".") for text in (edit.what, edit.why, edit.fix))
    assert edit.example
    assert edit.group in GROUPS
    assert edit.guides
    assert edit.guides <= ALL_GUIDES


def test_edits_have_names_of_their_own() -> None:
    assert [name for name, count in Counter(edit.id for edit in EDITS).items() if count > 1] == []
    assert len(EDITS) >= 120


def test_a_rule_that_raises_is_a_bug_that_is_not_swallowed() -> None:
    nothing_like_a_claim = msgspec.structs.replace(make_claim(), lines=None)
    with pytest.raises(TypeError):
        check(nothing_like_a_claim, CONTEXT)


def test_a_thousand_claims_are_checked_within_half_a_second_of_the_processor() -> None:
    claim = make_claim(lines=tuple(make_line(control_number=f"L{n}", procedure=f"9921{n}") for n in range(4)))
    started = time.process_time()
    for _ in range(1000):
        check(claim, CONTEXT)
    assert time.process_time() - started < 0.5
