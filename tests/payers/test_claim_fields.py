"""The fields by which rules speak of a claim: each reads what its guide says, in text, and only a few may be set."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus_files import list_files
from edi.catalogue import find_transaction
from edi.claims import (
    Address,
    Adjustment,
    Claim,
    Contact,
    Coverage,
    Diagnosis,
    LineAdjudication,
    OtherPayer,
    Party,
    Reference,
    ServiceLine,
)
from edi.claims.details import (
    Admission,
    Attachment,
    ClaimProcedure,
    ClaimValue,
    Drug,
    Moment,
    Occurrence,
    OccurrenceSpan,
    Period,
    Tooth,
)
from edi.findings import EdiError
from edi.interchange import Reader
from payers.claim_fields import FIELDS, NO_LINE, find_field, read_field, say_unknown, write_document
from payers.field_terms import FORMS, apply_form

ROOT = Path(__file__).parents[2]
NPI = "1999999984"
DAY = date(2026, 2, 20)


def provider(role: str, **changes: Any) -> Party:
    """A provider with an NPI in a role."""
    return Party(role=role, last_name=f"SAMPLE {role}", id_qualifier="XX", id=NPI, taxonomy="207Q00000X", **changes)


ADDRESS = Address(line1="1 INVENTED AVENUE", city="SAMPLETON", state="OH", postal_code="430010001")

LINE = ServiceLine(
    charge_cents=12050, procedure="99213", service_from=DAY, service_through=date(2026, 2, 21), control_number="L1",
    modifiers=("25", "95"), description="VISIT", quantity=Decimal("2.50"), place_of_service="02", diagnosis_pointers=(2, 9),
    emergency="Y", epsdt="Y", family_planning="Y", copay_exempt="0", note="FIRST", notes=(("DCP", "SECOND"),),
    references=(Reference(qualifier="G1", value="AUTH2"), Reference(qualifier="9B", value="REPRICED")),
    providers=(provider("DK"), provider("DN")), revenue_code="0450", oral_cavity=("10",), prosthesis="I",
    teeth=(Tooth(numbering="JP", tooth="14", surfaces=("M", "O")),), dates=(("607", DAY),),
    drugs=(Drug(qualifier="N4", code="00000000017", quantity=Decimal(5), unit="ML"),),
    attachments=(Attachment(report="OZ"),),
    adjudications=(LineAdjudication(payer_id="OTHER", paid_cents=1, adjustments=(Adjustment("PR", "1", 100),)),),
)  # fmt: skip

CLAIM = Claim(
    patient_control_number="PCN1", charge_cents=12050,
    billing_provider=provider("85", address=ADDRESS, contacts=(Contact(numbers=(("TE", "2025550142"), ("FX", "2025550143"))),),
                              references=(Reference(qualifier="EI", value="990000001"), Reference(qualifier="G2", value="OLD7"))),
    pay_to=Party(role="87", address=ADDRESS),
    subscriber=Party(role="IL", is_person=True, last_name="TESTCASE", first_name="INVENTED", id_qualifier="MI", id="XQB17",
                     address=ADDRESS, birth_date=date(1980, 1, 31), gender="F",
                     references=(Reference(qualifier="SY", value="000000017"),)),
    patient=Party(role="QC", is_person=True, last_name="TESTCHILD", first_name="SAMPLE", birth_date=DAY, gender="M",
                  address=ADDRESS),
    relationship="19", payer=Party(role="PR", last_name="BLUE", id_qualifier="PI", id="BHH01"), lines=(LINE,),
    coverage=Coverage(responsibility="S", group_number="G-17", group_name="SAMPLE GROUP", insurance_type="12",
                      claim_filing_indicator="CI"),
    place_of_service="11", frequency="7", related_causes=("AA", "EM"), related_state="OH", special_program="02", delay_reason="7",
    dates=(("439", DAY), ("431", DAY)), periods=(Period(qualifier="434", first=DAY, last=DAY),),
    moments=(Moment(qualifier="435", time="1200", day=DAY),), patient_paid_cents=500,
    references=(Reference(qualifier="G1", value="AUTH1"), Reference(qualifier="F8", value="PAYERS1"),
                Reference(qualifier="X4", value="CLIA1"), Reference(qualifier="LU", value="LOC1")),
    notes=(("ADD", "A NOTE"),), attachments=(Attachment(report="B4", control_number="AC1"),),
    diagnoses=(Diagnosis("ABK", "J069"), Diagnosis("ABF", "S52501A")), guide="837P",
    providers=(provider("82"), provider("77", address=ADDRESS), provider("71"), provider("DD")),
    other_payers=(OtherPayer(responsibility="P", relationship="18", claim_filing_indicator="MB", paid_cents=8000,
                             adjustments=(Adjustment("CO", "45", 4000),), payer=Party(role="PR", id="OTHER")),),
    admission=Admission(type="1", source="7", patient_status="01"), admitting_diagnosis=Diagnosis("ABJ", "R05"),
    visit_reasons=(Diagnosis("APR", "R06"),), external_causes=(Diagnosis("ABN", "W01"),), diagnosis_group="470",
    procedures=(ClaimProcedure(qualifier="BBR", code="0SRD0J9"),), occurrences=(Occurrence(code="11", day=DAY),),
    occurrence_spans=(OccurrenceSpan(code="74", first=DAY, last=DAY),), values=(ClaimValue(code="80", amount_cents=300),),
    conditions=("09",),
)  # fmt: skip

READ = {
    "claim.frequency": ("7",), "claim.place_of_service": ("11",), "claim.charge": ("120.50",), "claim.line_count": ("1",),
    "claim.patient_paid": ("5.00",), "claim.related_cause": ("AA", "EM"), "claim.accident_state": ("OH",),
    "claim.special_program": ("02",), "claim.delay_reason": ("7",), "claim.accident_date": ("2026-02-20",),
    "claim.statement_date": ("2026-02-20",), "claim.admission_date": ("2026-02-20",), "claim.prior_authorization": ("AUTH1",),
    "claim.payer_claim_number": ("PAYERS1",), "claim.referral_number": (), "claim.note": ("A NOTE",), "claim.note_type": ("ADD",),
    "claim.attachment": ("B4",), "claim.attachment_number": ("AC1",), "claim.reference.LU": ("LOC1",),
    "claim.date.439": ("2026-02-20",), "claim.drg": ("470",), "claim.surgery": ("0SRD0J9",), "claim.value_code": ("80",),
    "claim.condition_code": ("09",), "claim.occurrence_code": ("11",), "claim.admission_type": ("1",), "claim.type_of_bill": (),
    "coverage.responsibility": ("S",), "coverage.group_number": ("G-17",), "coverage.group_name": ("SAMPLE GROUP",),
    "coverage.insurance_type": ("12",), "coverage.claim_filing_indicator": ("CI",), "subscriber.id": ("XQB17",),
    "subscriber.last_name": ("TESTCASE",), "subscriber.ssn": ("000000017",), "patient.relationship": ("19",),
    "patient.first_name": ("SAMPLE",), "patient.birth_date": ("2026-02-20",), "payer.id": ("BHH01",), "payer.name": ("BLUE",),
    "billing_provider.npi": (NPI,), "billing_provider.taxonomy": ("207Q00000X",), "billing_provider.tax_id": ("990000001",),
    "billing_provider.phone": ("2025550142",), "billing_provider.state": ("OH",), "billing_provider.reference.G2": ("OLD7",),
    "pay_to.postal_code": ("430010001",), "rendering_provider.npi": (NPI,), "referring_provider.npi": (),
    "service_facility.name": ("SAMPLE 77",), "service_facility.street": ("1 INVENTED AVENUE",), "attending_provider.npi": (NPI,),
    "assistant_surgeon.taxonomy": ("207Q00000X",), "other_payer.count": ("1",), "other_payer.id": ("OTHER",),
    "other_payer.paid": ("80.00",), "other_payer.adjustment": ("CO-45", "PR-1"), "diagnosis.code": ("J069", "S52501A"),
    "diagnosis.principal": ("J069",), "diagnosis.admitting": ("R05",), "diagnosis.visit_reason": ("R06",),
    "line.procedure": ("99213",), "line.procedure_qualifier": ("HC",), "line.modifier": ("25", "95"), "line.charge": ("120.50",),
    "line.units": ("2.5",), "line.unit": ("UN",), "line.place_of_service": ("02",), "line.revenue_code": ("0450",),
    "line.service_from": ("2026-02-20",), "line.service_through": ("2026-02-21",), "line.diagnosis": ("S52501A",),
    "line.emergency": ("Y",), "line.note": ("FIRST", "SECOND"), "line.tooth": ("14",), "line.tooth_surface": ("M", "O"),
    "line.prior_authorization": ("AUTH2",), "line.clia_number": ("CLIA1",), "line.ndc": ("00000000017",),
    "line.drug_quantity": ("5",), "line.drug_unit": ("ML",), "line.rendering_provider.npi": (NPI,),
    "line.ordering_provider.npi": (NPI,), "line.reference.9B": ("REPRICED",), "line.date.607": ("2026-02-20",),
}  # fmt: skip


def test_the_page_on_claim_fields_is_the_one_the_fields_give() -> None:
    page = (ROOT / "docs" / "claim-fields.md").read_text(encoding="utf-8")
    assert page == write_document(), "write it again: python -m payers.claim_fields > docs/claim-fields.md"


@pytest.mark.parametrize(("name", "values"), READ.items())
def test_a_field_gives_every_value_there_is_as_text(name: str, values: tuple[str, ...]) -> None:
    assert read_field(name, CLAIM, LINE) == values


def test_there_are_enough_fields_and_each_says_what_and_where_it_is() -> None:
    assert len(FIELDS) >= 100
    for field in FIELDS.values():
        assert field.what
        assert field.place
        root = re.split(r"[.\[]", field.path)[0]
        assert root in Claim.__struct_fields__, field.name
        assert field.per_line == field.name.startswith("line.")


def test_what_a_line_leaves_to_the_claim_is_read_from_the_claim() -> None:
    bare = ServiceLine(charge_cents=1, procedure="99213")
    assert read_field("line.place_of_service", CLAIM, bare) == ("11",)
    assert read_field("line.service_from", CLAIM, bare) == ("2026-02-20",)
    assert read_field("line.rendering_provider.npi", CLAIM, bare) == (NPI,)
    hospital = msgspec.structs.replace(CLAIM, guide="837I", place_of_service="13", facility_qualifier="A", frequency="1")
    assert read_field("line.place_of_service", hospital, bare) == ()
    assert read_field("claim.type_of_bill", hospital) == ("131",)


@pytest.mark.parametrize("name", ["claim.frequenzy", "line.reference.", "patient.reference.SY", "payer.date.439", "claim"])
def test_what_is_no_field_is_found_to_be_none(name: str) -> None:
    assert find_field(name) is None
    with pytest.raises(KeyError):
        read_field(name, CLAIM)


def test_a_mistyped_field_is_told_what_it_probably_is() -> None:
    assert say_unknown("claim.frequenzy").endswith("did you mean claim.frequency?")


def test_only_what_is_neither_clinical_nor_an_amount_nor_says_who_the_patient_is_can_be_set() -> None:
    """Restated here on purpose: whoever adds a settable field says so twice."""
    assert {name for name, field in FIELDS.items() if field.setting is not None} == {
        "coverage.claim_filing_indicator", "coverage.insurance_type", "coverage.group_name", "coverage.group_number",
        "payer.name", "payer.id", "subscriber.id", "subscriber.postal_code", "claim.prior_authorization",
        "claim.referral_number", "claim.payer_claim_number", "billing_provider.taxonomy", "billing_provider.tax_id",
        "billing_provider.postal_code",
    }  # fmt: skip
    tidied = FIELDS["subscriber.id"].setting
    assert tidied is not None
    assert (tidied.constant, tidied.blank, tidied.forms) == (False, False, ("upper", "strip"))
    for name in ("claim.reference.EA", "billing_provider.reference.EI", "rendering_provider.reference.G2", "line.reference.G1"):
        field = find_field(name)
        assert field is not None
        assert field.setting is None


@pytest.mark.parametrize("name", [*(name for name, field in FIELDS.items() if field.setting), "billing_provider.reference.G2"])
def test_what_is_set_is_what_is_read_and_nothing_else_changes(name: str) -> None:
    field = find_field(name)
    assert field is not None
    assert field.setting is not None
    there = msgspec.structs.replace(CLAIM, references=(*CLAIM.references, Reference(qualifier="9F", value="REFER1")))
    changed = field.setting.write(there, "NEW1")
    assert field.read(changed, NO_LINE) == ("NEW1",)
    others = [each for each in FIELDS.values() if each.name not in (name, name.replace("subscriber", "patient"))]
    assert [each.read(changed, LINE) for each in others] == [each.read(there, LINE) for each in others]


@given(st.sampled_from(FORMS), st.text(max_size=20))
def test_a_form_of_a_form_is_the_same_again(form: str, value: str) -> None:
    assert apply_form(form, apply_form(form, value)) == apply_form(form, value)


@cache
def corpus_claims() -> tuple[Claim, ...]:
    """Every claim of the public corpus that can be read."""
    found: list[Claim] = []
    for file in list_files():
        try:
            for tset in Reader([file.read()]):
                transaction = find_transaction(tset)
                if transaction is not None and transaction.name.startswith("837"):
                    found += [part.document for part in transaction.read_parts(tset) if isinstance(part.document, Claim)]
        except EdiError:
            continue
    return tuple(found)


def test_every_field_of_every_claim_of_the_corpus_is_text_and_not_empty() -> None:
    claims = corpus_claims()
    assert {claim.guide for claim in claims} == {"837P", "837I", "837D"}
    for claim in claims:
        for field in FIELDS.values():
            for line in claim.lines if field.per_line else [NO_LINE]:
                values = field.read(claim, line)
                assert isinstance(values, tuple)
                assert all(value and type(value) is str for value in values), field.name
