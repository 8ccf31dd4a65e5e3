"""By when something must have happened: business days, the answers a submission deserves, timely filing."""

from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from edi.claims import Claim
from gateway.domain.business_days import is_business_day
from gateway.domain.facts import State
from gateway.domain.filing_limits import find_filing_limit
from payers.profile import Answers, Payer

AnswerKind = Literal["TA1", "999", "277CA clearinghouse", "277CA payer"]

UNFILED = frozenset({State.RECEIVED, State.HELD, State.READY, State.BATCHED, State.REJECTED})
"""States of a claim that its payer has not taken, and may yet take: its filing limit runs."""

FILING_WARNING_DAYS = 14
"""So many days before a claim's last one, a person is told that it has not left."""


class Expected(msgspec.Struct, frozen=True):
    """One answer of the chain and the instant (aware UTC) from which its absence is work."""

    kind: AnswerKind
    due_at: datetime


def add_business_days(day: date, count: int) -> date:
    """The count-th business day after this day (the day itself never counts); the day itself where count is 0."""
    assert count >= 0, "deadlines lie ahead"
    while count:
        day += timedelta(days=1)
        count -= is_business_day(day)
    return day


def expected_answers(sent_at: datetime, partner: Answers, payer: Answers | None) -> list[Expected]:
    """The answers to await before the final one, the soonest first; one that is never sent (None in the profile) is not awaited.

    A payer's profile overrides its partner's in the keys that it states. Business days are counted from the UTC day of sending
    and end at the hour of sending.
    """
    answers = partner.overridden_by(payer)
    days: dict[AnswerKind, int | None] = {
        "TA1": answers.ta1_business_days,
        "999": answers.ack_999_business_days,
        "277CA clearinghouse": answers.ack_277ca_clearinghouse_business_days,
        "277CA payer": answers.ack_277ca_payer_business_days,
    }
    expected = [Expected(kind, _after_business_days(sent_at, count)) for kind, count in days.items() if count is not None]
    return sorted(expected, key=lambda answer: answer.due_at)


def last_filing_day(claim: Claim, payer: Payer | None) -> date | None:
    """The last day on which the payer takes a claim that it has not decided on yet; None where no limit applies.

    It is that of the edits (filing_limits.find_filing_limit), but for corrections: they may wait for a person, not for a day.
    """
    limit = find_filing_limit(claim, payer)
    return limit.last_day if limit is not None and limit.kind != "corrected" else None


def last_appeal_day(decided_on: date, payer: Payer | None) -> date | None:
    """The last day on which the payer hears an appeal against what it decided on a day; None where it sets none."""
    days = payer.timely_filing.appeal_days if payer is not None else None
    return decided_on + timedelta(days=days) if days is not None else None


def _after_business_days(sent_at: datetime, count: int) -> datetime:
    return sent_at + (add_business_days(sent_at.date(), count) - sent_at.date())
