"""The days of a claim: lines without a day have those of the claim, and a bill ends with its statement."""

from datetime import date

import pytest

from edi.claims import Claim, ServiceLine
from edi.claims.details import Period
from gateway.domain.claim_places import find_first_service, find_last_covered, find_last_service
from gateway.domain.filing_limits import find_filing_limit
from tests.gateway.domain.bill_samples import make_bill_line, make_dental_claim, make_dental_line, make_room, make_stay
from tests.gateway.domain.samples import PAYER, SERVED, make_claim, make_line

NEW_YEAR, SPRING, BETWEEN = date(2026, 1, 1), date(2026, 3, 31), date(2026, 2, 3)
STATEMENT = (Period(qualifier="434", first=NEW_YEAR, last=SPRING),)


def a_stay(*days: date | None) -> Claim:
    """A stay from 1 January to 31 March whose lines have these days."""
    lines = tuple(make_bill_line(service_from=day, control_number=f"L{n}") for n, day in enumerate(days))
    return make_stay(periods=STATEMENT, lines=(make_room(control_number="R"), *lines))


def a_dental_claim(*days: date | None) -> Claim:
    """A dental claim of 31 March whose lines have these days of their own."""
    lines = tuple(make_dental_line(service_from=day, control_number=f"L{n}") for n, day in enumerate(days))
    return make_dental_claim(lines=lines, dates=(("472", SPRING),))


@pytest.mark.parametrize(
    ("claim", "first", "last"),
    [
        (make_claim(), SERVED, SERVED),
        (make_claim(lines=(make_line(service_from=None),)), None, None),
        (a_stay(), NEW_YEAR, SPRING),
        (a_stay(BETWEEN), NEW_YEAR, SPRING),
        (make_stay(periods=STATEMENT, lines=(make_bill_line(service_from=BETWEEN),)), BETWEEN, BETWEEN),
        (a_dental_claim(None), SPRING, SPRING),
        (a_dental_claim(NEW_YEAR, None), NEW_YEAR, SPRING),
        (a_dental_claim(NEW_YEAR), NEW_YEAR, NEW_YEAR),
    ],
)
def test_a_line_without_a_day_has_that_of_the_claim(claim: Claim, first: date | None, last: date | None) -> None:
    assert (find_first_service(claim), find_last_service(claim)) == (first, last)


@pytest.mark.parametrize("claim", [a_stay(), a_stay(NEW_YEAR), a_stay(NEW_YEAR, BETWEEN)])
def test_a_bill_ends_with_its_statement_whatever_days_its_lines_have(claim: Claim) -> None:
    assert find_last_covered(claim) == SPRING


@pytest.mark.parametrize("lines", [(make_room(),), (make_room(), make_bill_line(service_from=NEW_YEAR, control_number="L2"))])
def test_the_filing_limit_of_a_bill_runs_from_the_end_of_its_statement(lines: tuple[ServiceLine, ...]) -> None:
    limit = find_filing_limit(make_stay(periods=STATEMENT, lines=lines), PAYER)
    assert limit is not None
    assert limit.last_day == date(2026, 6, 29)


def test_the_filing_limit_of_a_bill_without_its_statement_runs_from_the_last_of_its_lines() -> None:
    limit = find_filing_limit(make_stay(periods=(), lines=(make_bill_line(service_from=NEW_YEAR),)), PAYER)
    assert limit is not None
    assert limit.last_day == date(2026, 4, 1)


def test_the_filing_limit_of_other_claims_runs_from_the_first_service() -> None:
    lines = (make_line(service_from=NEW_YEAR), make_line(service_from=BETWEEN, control_number="L2"))
    for claim in (make_claim(lines=lines), a_dental_claim(NEW_YEAR, None)):
        limit = find_filing_limit(claim, PAYER)
        assert limit is not None
        assert limit.last_day == date(2026, 4, 1)
