"""Edits on providers, patient and payer: each objects to what it is about and to nothing else."""

from datetime import date
from typing import Any

import msgspec
import pytest

from edi.claims import Address, Claim, Coverage, OtherPayer, Party, Reference
from gateway.domain.edits import EDITS, check
from tests.gateway.domain.bill_samples import FIRST, make_dental_claim, make_dental_line, make_stay
from tests.gateway.domain.samples import (
    CONTEXT,
    PAYER,
    WRONG_NPI,
    find_edits,
    make_billing_provider,
    make_claim,
    make_line,
    make_provider,
    make_subscriber,
)


def with_billing(**changes: Any) -> Claim:
    return make_claim(billing_provider=make_billing_provider(**changes))


def with_subscriber(**changes: Any) -> Claim:
    return make_claim(subscriber=make_subscriber(**changes))


def with_address(**changes: Any) -> Claim:
    address = make_billing_provider().address
    assert address is not None
    return with_billing(address=msgspec.structs.replace(address, **changes))


CHILD = make_subscriber(role="QC", id="", id_qualifier="", birth_date=date(2019, 6, 1))
SPOUSE = msgspec.structs.replace(CHILD, birth_date=date(1979, 6, 1))


@pytest.mark.parametrize("npi", [WRONG_NPI, "199999998", "19999999840", "199999998A", "0000000000"])
@pytest.mark.parametrize("place", ["billing", "rendering", "line"])
def test_an_npi_that_cannot_exist_is_held_wherever_it_stands(npi: str, place: str) -> None:
    if place == "billing":
        claim = with_billing(id=npi)
    elif place == "rendering":
        claim = make_claim(providers=(make_provider(id=npi),))
    else:
        claim = make_claim(lines=(make_line(providers=(make_provider(id=npi),)),))
    assert find_edits(claim) == ["npi-check-digit"]


def test_a_provider_with_another_kind_of_number_is_not_taken_for_an_npi() -> None:
    referring = make_provider(role="DN", id="", id_qualifier="", references=(Reference(qualifier="G2", value="ABC"),))
    assert find_edits(make_claim(providers=(make_provider(), referring))) == []


def test_a_billing_provider_without_npi_is_held() -> None:
    assert find_edits(with_billing(id="", id_qualifier="")) == ["billing-npi-missing"]


def test_a_provider_that_cannot_have_an_npi_is_taken_with_the_payers_number() -> None:
    references = (Reference(qualifier="EI", value="990000001"), Reference(qualifier="G2", value="P1001"))
    assert find_edits(with_billing(id="", id_qualifier="", references=references)) == []


@pytest.mark.parametrize("role", ["82", "DN"])
def test_a_rendering_or_referring_provider_without_npi_is_held(role: str) -> None:
    nameless = make_provider(role=role, id="", id_qualifier="")
    biller = make_billing_provider(is_person=True, first_name="TESTA")
    assert find_edits(make_claim(billing_provider=biller, providers=(nameless,))) == ["provider-npi-missing"]


def test_an_organisation_that_names_nobody_who_rendered_is_warned_about() -> None:
    assert find_edits(make_claim(providers=())) == ["rendering-provider-missing"]


def test_a_rendering_provider_on_a_line_or_a_person_who_bills_is_enough() -> None:
    assert find_edits(make_claim(providers=(), lines=(make_line(providers=(make_provider(),)),))) == []
    person = make_billing_provider(is_person=True, first_name="TESTA")
    assert find_edits(make_claim(providers=(), billing_provider=person)) == []


@pytest.mark.parametrize("taxonomy", ["207Q00000", "207q00000X", "207Q00000XX"])
def test_a_taxonomy_of_another_form_is_held(taxonomy: str) -> None:
    assert find_edits(with_billing(taxonomy=taxonomy)) == ["taxonomy-format"]
    assert find_edits(make_claim(providers=(make_provider(taxonomy=taxonomy),))) == ["taxonomy-format"]


def test_a_taxonomy_that_ends_otherwise_than_the_public_list_warns() -> None:
    """The list grows between releases, so an ending alone must not hold a claim."""
    claim = with_billing(taxonomy="203BF0100Y")
    assert find_edits(claim) == ["taxonomy-ending"]
    assert next(edit for edit in EDITS if edit.id == "taxonomy-ending").severity == "warn"


def test_no_taxonomy_is_no_wrong_taxonomy() -> None:
    assert find_edits(with_billing(taxonomy="")) == []


def test_a_billing_provider_without_tax_number_is_held() -> None:
    assert find_edits(with_billing(references=())) == ["tax-id-missing"]


@pytest.mark.parametrize("qualifier", ["EI", "SY"])
def test_a_tax_number_is_nine_digits(qualifier: str) -> None:
    for value in ("99-0000001", "99000000", "9900000011", "99000000A"):
        person = {"is_person": True, "first_name": "TESTA", "references": (Reference(qualifier=qualifier, value=value),)}
        assert find_edits(with_billing(**person)) == ["tax-id-format"]
        assert find_edits(with_billing(**{**person, "references": (Reference(qualifier=qualifier, value="990000001"),)})) == []


def test_a_billing_provider_without_address_is_held() -> None:
    assert find_edits(with_billing(address=None)) == ["billing-address-missing"]
    assert find_edits(with_address(line1="")) == ["billing-address-missing"]


@pytest.mark.parametrize("line", ["PO BOX 100", "P.O. Box 100", "P O BOX 100", "Post Office Box 7", "pobox 9", "LOCKBOX 12"])
def test_a_post_office_box_is_held_as_billing_address(line: str) -> None:
    assert find_edits(with_address(line1=line)) == ["billing-address-po-box"]
    assert find_edits(with_address(line2=line)) == ["billing-address-po-box"]


@pytest.mark.parametrize("line", ["100 BOX ELDER STREET", "7 POBOXER ROAD", "1 POST OFFICE SQUARE", "5 DEPOT BOXWOOD LANE"])
def test_a_street_that_only_sounds_like_a_box_is_taken(line: str) -> None:
    assert find_edits(with_address(line1=line)) == []


@pytest.mark.parametrize("postal_code", ["", "43001", "43001-0001", "4300100011", "ABCDE0001"])
def test_the_billing_zip_is_nine_digits(postal_code: str) -> None:
    assert find_edits(with_address(postal_code=postal_code)) == ["billing-zip-format"]


def test_an_address_that_names_the_united_states_is_none_abroad() -> None:
    assert find_edits(with_address(postal_code="430", country="US")) == ["billing-zip-format"]
    address = Address(line1="1 INVENTED AVENUE", city="SAMPLETON", state="OH", postal_code="4300", country="US")
    assert find_edits(with_subscriber(address=address)) == ["zip-format"]


def test_an_address_abroad_has_no_zip() -> None:
    assert find_edits(with_address(postal_code="K1A0B1", country="CA", state="ON")) == []


@pytest.mark.parametrize(
    ("postal_code", "edits"), [("43001", []), ("430010001", []), ("4300", ["zip-format"]), ("", ["zip-format"])]
)
def test_other_zips_are_five_or_nine_digits(postal_code: str, edits: list[str]) -> None:
    address = Address(line1="1 INVENTED AVENUE", city="SAMPLETON", state="OH", postal_code=postal_code)
    assert find_edits(with_subscriber(address=address)) == edits
    assert find_edits(make_claim(payer=Party(role="PR", id_qualifier="PI", id="SAMP1", address=address))) == edits


def test_a_missing_member_id_is_held_once() -> None:
    assert find_edits(with_subscriber(id="")) == ["member-id-missing"]


@pytest.mark.parametrize("member_id", ["XQB00000001", "XQB0000000170", "000000017XQB", "xqb000000017"])
def test_a_member_id_has_the_form_its_payer_gives(member_id: str) -> None:
    assert find_edits(with_subscriber(id=member_id)) == ["member-id-pattern"]


def test_a_payer_that_states_no_form_takes_any_member_id() -> None:
    payer = PAYER.model_copy(update={"member_id_pattern": ""})
    assert find_edits(with_subscriber(id="7"), payer=payer) == []


def test_subscriber_and_patient_have_their_names() -> None:
    assert find_edits(with_subscriber(last_name="")) == ["name-missing"]
    assert find_edits(with_subscriber(first_name="")) == ["first-name-missing"]
    nameless = msgspec.structs.replace(CHILD, last_name="")
    assert find_edits(make_claim(relationship="19", patient=nameless)) == ["name-missing"]


def test_an_organisation_as_subscriber_needs_no_first_name() -> None:
    """Workers' compensation: the employer is the subscriber, the worker the patient."""
    employer = make_subscriber(is_person=False, first_name="", birth_date=None, gender="")
    assert find_edits(make_claim(subscriber=employer, relationship="20", patient=CHILD)) == []
    nameless = msgspec.structs.replace(employer, last_name="")
    assert find_edits(make_claim(subscriber=nameless, relationship="20", patient=CHILD)) == ["name-missing"]


def test_an_employer_as_subscriber_needs_no_member_id() -> None:
    """The guide asks for NM109 of people only."""
    employer = make_subscriber(is_person=False, first_name="", birth_date=None, gender="", id="", id_qualifier="")
    assert find_edits(make_claim(subscriber=employer, relationship="20", patient=CHILD)) == []


def test_a_person_with_one_name_is_told_and_not_held() -> None:
    findings = check(with_subscriber(first_name=""), CONTEXT)
    assert [(finding.edit, finding.severity) for finding in findings] == [("first-name-missing", "warn")]


def test_the_patient_has_a_birth_date_and_a_subscriber_who_is_not_the_patient_need_not() -> None:
    assert find_edits(with_subscriber(birth_date=None)) == ["birth-date-missing"]
    parent = make_subscriber(birth_date=None, gender="")
    assert find_edits(make_claim(subscriber=parent, relationship="19", patient=CHILD)) == []
    unborn = msgspec.structs.replace(CHILD, birth_date=None)
    assert find_edits(make_claim(subscriber=parent, relationship="19", patient=unborn)) == ["birth-date-missing"]


@pytest.mark.parametrize(
    ("birth_date", "edits"),
    [
        (date(2026, 11, 2), []),
        (date(2026, 11, 3), ["birth-date-order"]),
        (date(2026, 11, 21), ["birth-date-order"]),
        (date(2080, 1, 31), ["birth-date-order"]),
        (date(1901, 1, 1), []),
        (date(1, 1, 1), ["birth-date-order"]),
    ],
)
def test_nobody_is_served_before_birth(birth_date: date, edits: list[str]) -> None:
    assert find_edits(with_subscriber(birth_date=birth_date)) == edits


def test_nobody_is_born_after_the_service_where_lines_have_no_day() -> None:
    """A dental claim of 10 November for all lines; a stay from 1 to 5 November, on the first day of which one may be born."""
    for born, edits in ((date(2026, 11, 12), ["birth-date-order"]), (date(2026, 11, 10), [])):
        dental = make_dental_claim(lines=(make_dental_line(service_from=None),), dates=(("472", date(2026, 11, 10)),))
        assert find_edits(msgspec.structs.replace(dental, subscriber=make_subscriber(birth_date=born))) == edits
    for born, edits in ((date(2026, 11, 8), ["birth-date-order"]), (FIRST, [])):
        assert find_edits(make_stay(subscriber=make_subscriber(birth_date=born))) == edits


def test_blanks_are_no_name() -> None:
    assert find_edits(with_subscriber(last_name="   ")) == ["name-missing"]


@pytest.mark.parametrize(
    ("gender", "edits"), [("F", []), ("M", []), ("U", []), ("", ["gender-format"]), ("X", ["gender-format"])]
)
def test_the_patients_gender_is_one_of_the_guide(gender: str, edits: list[str]) -> None:
    assert find_edits(with_subscriber(gender=gender)) == edits


@pytest.mark.parametrize(
    ("relationship", "patient", "edits"),
    [
        ("18", None, []),
        ("19", CHILD, []),
        ("01", SPOUSE, []),
        ("G8", CHILD, []),
        ("18", CHILD, ["patient-relationship"]),
        ("19", None, ["patient-relationship"]),
        ("99", CHILD, ["patient-relationship"]),
        ("", None, ["patient-relationship"]),
    ],
)
def test_a_patient_is_named_exactly_where_the_subscriber_is_not_it(
    relationship: str, patient: Party | None, edits: list[str]
) -> None:
    assert find_edits(make_claim(relationship=relationship, patient=patient)) == edits


def test_a_claim_whose_payer_no_profile_names_is_held() -> None:
    assert find_edits(make_claim(), payer=None) == ["payer-unknown"]


def test_a_secondary_payer_is_billed_only_with_the_earlier_payer() -> None:
    secondary = Coverage(responsibility="S")
    assert find_edits(make_claim(coverage=secondary)) == ["earlier-payer-missing"]
    earlier = OtherPayer(responsibility="P", relationship="18")
    assert "earlier-payer-missing" not in find_edits(make_claim(coverage=secondary, other_payers=(earlier,)))
