"""Answers repeat what they can carry, and a dot for what they cannot."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.claims import Party, Reference, ServiceLine
from edi.transactions.t837p import SubmissionHead
from gateway.sandbox.plain_text import make_plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("PLAIN TEXT 1-2/3", "PLAIN TEXT 1-2/3"),
        ("A*B", "A.B"),
        (":A", ".A"),
        (":", "."),
        ("A:", "A."),
        ("A^B~C", "A.B.C"),
        ("N\xe9", "N."),
        ("A\x00B\n", "A.B."),
        ('":"', '"."'),
        ("\\", "\\"),
    ],
)
def test_a_value_is_kept_but_for_what_no_answer_can_carry(text: str, plain: str) -> None:
    party = Party(role="IL", last_name=text, references=(Reference(qualifier="SY", value=text),))
    assert make_plain(party) == Party(role="IL", last_name=plain, references=(Reference(qualifier="SY", value=plain),))


def test_dates_and_quantities_stay_what_they_are() -> None:
    """An instant has colons of its own when it is written down."""
    head = SubmissionHead(
        reference="A:1",
        created_at=datetime(2026, 3, 2, 8, 30),  # noqa: DTZ001 - X12 says a day and an hour without a zone
        submitter=Party(role="41", last_name="SAMPLE"),
        receiver=Party(role="40", last_name="SAMPLE"),
    )
    assert make_plain(head).created_at == head.created_at
    assert make_plain(head).reference == "A.1"
    line = ServiceLine(charge_cents=1, procedure="9921*", quantity=Decimal("1.50"))
    assert make_plain(line) == ServiceLine(charge_cents=1, procedure="9921.", quantity=Decimal("1.50"))


@given(st.text(max_size=12), st.text(max_size=12))
def test_nothing_an_answer_cannot_carry_is_left_whatever_the_text(first: str, second: str) -> None:
    party = make_plain(Party(role="IL", last_name=first, first_name=second))
    assert all(" " <= character <= "~" and character not in "*:^~" for character in party.last_name + party.first_name)
    assert (len(party.last_name), len(party.first_name)) == (len(first), len(second))
