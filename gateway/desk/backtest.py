"""New rules tried on claims that were sent already: what they would have held, and what became of those claims."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import partial

import msgspec

from edi.claims import Claim
from gateway.db.engine import reading
from gateway.db.past_claims import PastClaim, list_kinds, list_past_claims
from gateway.domain.facts import Kind
from gateway.domain.frequency import VOID
from gateway.domain.payer_rules import Applied, apply_rules, list_rules
from gateway.pipeline.context import Context
from gateway.pipeline.outgoing import state
from payers.rules import Rule

CHUNK = 500
EXAMPLES_MAX = 5


class Outcome(StrEnum):
    """What became of a claim as it was sent once."""

    REJECTED = "rejected"
    DENIED = "denied"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OPEN = "open"


class Tally(msgspec.Struct, kw_only=True):
    """Claims by what became of them."""

    rejected: int = 0
    denied: int = 0
    partly_paid: int = 0
    paid: int = 0
    open: int = 0

    def count(self, outcome: Outcome) -> None:
        """One more of these."""
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)

    @property
    def total(self) -> int:
        """All of them."""
        return self.rejected + self.denied + self.partly_paid + self.paid + self.open


class RuleTally(msgspec.Struct, kw_only=True):
    """What one rule would have done; `spoke` are the claims it finds fault with, or cannot be applied to.

    `caught` and `in_vain` are patient control numbers of ours, of the first claims that were rejected or denied, and paid.
    """

    rule: str
    severity: str
    spoke: Tally = msgspec.field(default_factory=Tally)
    repaired: int = 0
    not_applicable: int = 0
    caught: list[str] = msgspec.field(default_factory=list)
    in_vain: list[str] = msgspec.field(default_factory=list)


class Backtest(msgspec.Struct, kw_only=True):
    """What the rules would have done: each submission of a claim is looked at as it was sent, voids by rules that name them.

    `looked_at` are all of them by what became of them, `held` those that a rule would have held. What was rejected or denied
    and is not held is missed; what was paid and is held would have been held in vain.
    """

    looked_at: Tally = msgspec.field(default_factory=Tally)
    held: Tally = msgspec.field(default_factory=Tally)
    repaired: int = 0
    rules: list[RuleTally]

    @property
    def caught(self) -> int:
        """Held and indeed rejected or denied."""
        return self.held.rejected + self.held.denied

    @property
    def in_vain(self) -> int:
        """Held, and paid at least in part as they were."""
        return self.held.paid + self.held.partly_paid

    @property
    def missed(self) -> int:
        """Rejected or denied, and not held."""
        return self.looked_at.rejected + self.looked_at.denied - self.caught


def backtest(context: Context, rules: Sequence[Rule], *, payer: str = "", since: date | None = None) -> Backtest:
    """Run rules over past claims, those sent to one payer where one is named, those sent since a day (UTC) where one is given.

    Claims are read in portions, so that any number of them can be looked at.
    """
    tallies = {rule.id: RuleTally(rule=rule.id, severity=rule.severity) for rule in rules}
    result = Backtest(rules=[*tallies.values()])
    begun_at = datetime.combine(since, time(0), UTC) if since else None
    for past, outcome in _list_outcomes(context, payer, begun_at):
        as_sent = partial(_as_sent, context, past)
        asked = list_rules(as_sent(past.document), rules)
        if past.frequency == VOID and not asked:
            continue
        applied = apply_rules(past.document, asked, as_sent)
        _count(result, tallies, applied, past.pcn, outcome)
    return result


def _as_sent(context: Context, past: PastClaim, document: Claim) -> Claim:
    """What the rules ask about: the claim as the edits would judge it by the profiles of today."""
    payer = context.profiles.payers.get(past.payer)
    return state(document, frequency=past.frequency, payer_claim_number=past.payer_claim_number, payer=payer)


def _list_outcomes(context: Context, payer: str, since: datetime | None) -> Iterator[tuple[PastClaim, Outcome]]:
    last_id = done = 0
    while True:
        with reading(context.engine) as connection:
            found = list_past_claims(connection, payer=payer, since=since, after_id=last_id, limit=CHUNK)
            kinds = list_kinds(connection, [past.claim_id for past in found])
        if not found:
            return
        yield from ((past, find_outcome(kinds, past.claim_id, past.attempt)) for past in found)
        last_id, done = found[-1].submission_id, done + len(found)
        context.progress("past claims looked at", done, 0)


def find_outcome(kinds: Mapping[tuple[int, int], set[Kind]], claim_id: int, attempt: int) -> Outcome:
    """What the facts of one attempt come to. A claim whose set was rejected for another claim's sake was not rejected itself."""
    said = kinds.get((claim_id, attempt), set())
    for kind, outcome in ((Kind.PAID, Outcome.PAID), (Kind.PARTLY_PAID, Outcome.PARTLY_PAID), (Kind.DENIED, Outcome.DENIED)):
        if kind in said:
            return outcome
    is_innocent = Kind.REOPENED_AS_INNOCENT in kinds.get((claim_id, attempt + 1), set())
    return Outcome.REJECTED if not is_innocent and said & REJECTIONS else Outcome.OPEN


REJECTIONS = frozenset({Kind.SYNTAX_REJECTED, Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED})
"""A claim rejected for itself. TA1 rejects an interchange whole, which no rule about claims could have helped."""


def _count(result: Backtest, tallies: Mapping[str, RuleTally], applied: Applied, pcn: str, outcome: Outcome) -> None:
    result.looked_at.count(outcome)
    result.repaired += bool(applied.repairs)
    for name in {repair.rule for repair in applied.repairs}:
        tallies[name].repaired += 1
    unapplied = {each.rule for each in applied.inapplicable}
    for name in unapplied:
        tallies[name].not_applicable += 1
    spoke = {each.rule.id for each in applied.unmet} | unapplied
    for name in spoke:
        _count_rule(tallies[name], pcn, outcome)
    if any(name in unapplied or tallies[name].severity == "hold" for name in spoke):
        result.held.count(outcome)


def _count_rule(tally: RuleTally, pcn: str, outcome: Outcome) -> None:
    tally.spoke.count(outcome)
    if outcome in (Outcome.REJECTED, Outcome.DENIED) and len(tally.caught) < EXAMPLES_MAX:
        tally.caught.append(pcn)
    elif outcome in (Outcome.PAID, Outcome.PARTLY_PAID) and len(tally.in_vain) < EXAMPLES_MAX:
        tally.in_vain.append(pcn)
