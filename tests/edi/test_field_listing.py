"""A document field by field, with what its codes mean."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from edi.catalogue import find_transaction
from edi.claims import Adjustment, Carried, CarriedLoop, Document, ServiceLine
from edi.codes.lists import next_step
from edi.interchange import Reader
from edi.remittances import ClaimPayment, ServicePayment
from edi.tools.field_listing import Field, find_about, find_claim_number, list_fields
from edi.transactions.t999 import GroupResponse, SegmentNote, SetResponse
from tests.support.professional import claim_of
from tests.support.remittances import FILE
from tests.support.sets import CORPUS, corpus_rows

PAYMENT = ClaimPayment(
    patient_control_number="PCN1", status="4", charge_cents=8000, paid_cents=0, position=12,
    adjustments=(Adjustment(group="CO", reason="29", amount_cents=8000, quantity=Decimal("1.50")),),
    lines=(ServicePayment(procedure="99213", charge_cents=8000, paid_cents=0, modifiers=("25", "59"), remarks=("N999X",)),),
    received_date=date(2026, 1, 5),
)  # fmt: skip


def fields_of(document: msgspec.Struct) -> dict[str, Field]:
    """By name; of several of one name, the first."""
    found: dict[str, Field] = {}
    for field in list_fields(document):
        found.setdefault(field.name, field)
    return found


def test_codes_are_told_with_the_next_step_and_unknown_ones_stand_alone() -> None:
    fields = fields_of(PAYMENT)
    meaning, _, step = fields["status"].meaning.partition(" → ")
    assert (meaning, step) == ("denied", next_step("payment-status", "4"))
    assert "→" not in fields["group"].meaning
    assert "filing" in fields["reason"].meaning or "late" in fields["reason"].meaning
    assert fields["remark"] == Field(1, "remark", "N999X", "")


def test_inner_documents_stand_deeper_under_a_heading() -> None:
    listed = list(list_fields(PAYMENT))
    at = listed.index(Field(0, "line 1", None))
    assert listed[at + 1 : at + 4] == [
        Field(1, "procedure", "99213"), Field(1, "charge_cents", 8000), Field(1, "paid_cents", 0),
    ]  # fmt: skip
    assert [field.value for field in listed if field.name == "modifier"] == ["25", "59"]


def test_what_says_nothing_is_left_out() -> None:
    assert "facility_code" not in fields_of(PAYMENT)
    assert "subscriber" not in fields_of(PAYMENT)
    assert fields_of(PAYMENT)["paid_cents"].value == 0


def test_quantities_are_plain_and_dates_stay_dates() -> None:
    fields = fields_of(PAYMENT)
    assert (fields["quantity"].value, fields["received_date"].value) == ("1.5", date(2026, 1, 5))


def test_a_type_of_bill_is_no_place_of_service() -> None:
    assert fields_of(claim_of(place_of_service="11"))["place_of_service"].meaning == "office"
    assert fields_of(claim_of(place_of_service="11", facility_qualifier="A"))["place_of_service"].meaning == ""


def test_amounts_under_a_qualifier_are_money() -> None:
    (amount,) = [field for field in list_fields(claim_of(amounts=(("F3", 12300),))) if field.name.startswith("amount")]
    assert (amount.name, amount.value, bool(amount.meaning)) == ("amount F3_cents", 12300, True)


def test_what_no_field_names_is_shown_as_it_came() -> None:
    carried = Carried(
        segments=(("K3", "FREE"),), loops=(CarriedLoop(loop="2440", segments=(("LQ", "UT", "A\ue01fB\ue01eC"),)),)
    )  # fmt: skip
    listed = list(list_fields(claim_of(carried=carried)))
    at = listed.index(Field(0, "also", "K3*FREE"))
    assert listed[at + 1 : at + 3] == [Field(0, "also loop 2440", None), Field(1, "also", "LQ*UT*A:B^C")]


def test_a_claim_is_found_wherever_a_document_speaks_of_it() -> None:
    note = SegmentNote(segment="CLM", position=9, code="8", patient_control_number="PCN7")
    other = SegmentNote(segment="CLM", position=30, code="8", patient_control_number="PCN8")
    one = SetResponse(transaction="837", control_number="1", verdict="R", notes=(note, other))
    response = GroupResponse(functional_id="HC", control_number=1, verdict="R", sets=(one,))
    assert list(find_about(response, "PCN7")) == [note]
    assert list(find_about(PAYMENT, "PCN1")) == [PAYMENT]
    assert list(find_about(PAYMENT, "PCN2")) == []


@pytest.mark.parametrize(
    ("path", "number", "kind"),
    [
        ("276_277/LinuxForHealth__x12__demo.276", "SM123456", "ClaimInquiry"),
        ("276_277/LinuxForHealth__x12__demo.277", "SM123456", "ClaimStatus"),
        ("277CA/imsweb__x12-parser__x12_277CA_rejected.txt", "3920394930203", "AcknowledgedUnit"),
        ("837I/kreddys__edi-lens__837I.test.0001.edi", "756048Q", "Claim"),
        ("837D/moov-io__x12__sample.txt", "26403774", "Claim"),
    ],
)
def test_a_claim_is_found_in_every_transaction(path: str, number: str, kind: str) -> None:
    assert not corpus_rows("") or {type(one).__name__ for one in read_about(path, number)} == {kind}


def read_about(path: str, number: str) -> list[msgspec.Struct]:
    found: list[msgspec.Struct] = []
    for tset in Reader([(CORPUS / path).read_bytes()]):
        transaction = find_transaction(tset)
        assert transaction is not None
        for part in transaction.read_parts(tset):
            found += find_about(part.document, number) if part.document else []
    return found


@pytest.mark.parametrize("row", corpus_rows(""), ids=lambda row: row["path"])
def test_every_document_of_every_sample_can_be_listed(row: dict[str, str]) -> None:
    """Values are plain, money is whole cents, and every name can be read."""
    for tset in Reader([(CORPUS / row["path"]).read_bytes()]):
        transaction = find_transaction(tset)
        for part in transaction.read_parts(tset) if transaction else ():
            for field in list_fields(part.document) if part.document else ():
                assert field.name.replace("_", "").replace(" ", "").isalnum()
                assert field.value is None or type(field.value) in (str, int, date) or hasattr(field.value, "hour")
                assert not isinstance(field.value, str) or not {"\ue01e", "\ue01f"} & set(field.value)


def test_only_documents_about_one_claim_have_its_number() -> None:
    numbers = []
    for tset in Reader([FILE.encode()]):
        transaction = find_transaction(tset)
        assert transaction is not None
        numbers = [
            find_claim_number(part.document) for part in transaction.read_parts(tset) if isinstance(part.document, Document)
        ]
    assert [number for number in numbers if number] == ["PCN1", "PCN2"]


def test_a_line_has_no_number_of_a_claim() -> None:
    assert find_claim_number(ServiceLine(charge_cents=1, procedure="99213")) == ""
