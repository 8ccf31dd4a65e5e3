"""Where everything stands: claims, money, and the sums that must hold between them."""

from datetime import datetime

import msgspec

from gateway.db import summaries
from gateway.db.engine import Connection, reading
from gateway.domain.accounts import ADJUSTMENTS, Account
from gateway.domain.facts import Kind
from gateway.pipeline.context import Context


class Reason(msgspec.Struct, frozen=True):
    """Why claims are where they are: a code, what it says, how many claims."""

    code: str
    text: str
    claims: int


class Count(msgspec.Struct, frozen=True):
    """How many, and worth how much."""

    count: int
    cents: int


class Money(msgspec.Struct, frozen=True, kw_only=True):
    """The books in one glance, in cents.

    billed = paid + adjusted + patient + open; received = paid + suspended + provider level.
    """

    billed_cents: int
    paid_cents: int
    adjusted_cents: int
    patient_cents: int
    open_cents: int
    received_cents: int
    suspended_cents: int
    provider_level_cents: int

    @property
    def adds_up(self) -> bool:
        """Whether both sums hold."""
        of_claims = self.paid_cents + self.adjusted_cents + self.patient_cents + self.open_cents
        of_cash = self.paid_cents + self.suspended_cents + self.provider_level_cents
        return self.billed_cents == of_claims and self.received_cents == of_cash


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything stands."""

    claims: Count
    by_state: dict[str, Count]
    held: tuple[Reason, ...]
    rejected: tuple[Reason, ...]
    sent_ever: int
    accepted_ever: int
    overdue: Count
    batches: dict[str, int]
    files: dict[str, int]
    remittances: dict[str, Count]
    suspended: Count
    work: dict[str, Count]
    money: Money


def summarise(context: Context) -> Summary:
    """Where everything stands now."""
    with reading(context.engine) as connection:
        return _summarise(connection, context.clock.now())


def _summarise(connection: Connection, now: datetime) -> Summary:
    by_state = {state: Count(*pair) for state, pair in summaries.claims_by_state(connection).items()}
    return Summary(
        claims=Count(sum(c.count for c in by_state.values()), sum(c.cents for c in by_state.values())),
        by_state=by_state,
        held=tuple(Reason(*reason) for reason in summaries.hold_reasons(connection)),
        rejected=tuple(Reason(*reason) for reason in summaries.rejection_reasons(connection)),
        sent_ever=summaries.claims_ever(connection, Kind.SENT),
        accepted_ever=summaries.claims_ever(connection, Kind.PAYER_ACCEPTED),
        overdue=Count(*summaries.overdue(connection, now)),
        batches=summaries.batches_by_state(connection),
        files=summaries.files_by_direction(connection),
        remittances={state: Count(*pair) for state, pair in summaries.remittances_by_state(connection).items()},
        suspended=Count(*summaries.suspended_payments(connection)),
        work={kind: Count(*pair) for kind, pair in summaries.open_work(connection).items()},
        money=_count_money(connection),
    )


def _count_money(connection: Connection) -> Money:
    balance = summaries.balances(connection)
    cash = summaries.cash_by_kind(connection)
    remittances = summaries.remittances_by_state(connection)
    return Money(
        billed_cents=-balance[Account.CHARGES],
        paid_cents=cash.get("payment", 0),
        adjusted_cents=sum(balance[account] for account in ADJUSTMENTS),
        patient_cents=balance[Account.PATIENT_RECEIVABLE],
        open_cents=balance[Account.INSURANCE_RECEIVABLE],
        received_cents=remittances.get("posted", (0, 0))[1],
        suspended_cents=-balance[Account.SUSPENSE],
        provider_level_cents=-balance[Account.PROVIDER_OPEN_ITEMS],
    )
