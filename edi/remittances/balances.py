"""Does a remittance add up? To the cent, line by line, claim by claim, and as a whole; the arithmetic is shown."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from edi.claims import Adjustment
from edi.remittances import ClaimPayment, ServicePayment
from edi.values import format_money


class Imbalance(msgspec.Struct, frozen=True, kw_only=True):
    """One sum that does not come out. `difference_cents` is what is stated less what follows from the rest.

    `position` is that of the CLP in the set (ST = 1), 0 for the remittance as a whole.
    """

    where: Literal["line", "claim", "remittance"]
    arithmetic: str
    difference_cents: int
    position: int = 0


def check_claim_payment(payment: ClaimPayment) -> list[Imbalance]:
    """Every sum of one claim payment that does not come out (005010X221A1, section on balancing); [] where all do.

    Line: SVC02 - CAS = SVC03. Claim: CLP03 - CAS of the claim and its lines = CLP04; with lines, the SVC02 add up to CLP03,
    and the SVC03, less what is adjusted at claim level only, to CLP04. Amounts are taken as they come, negative ones too.
    """
    found = [_check_line(line, number, payment.position) for number, line in enumerate(payment.lines, start=1)]
    found.append(_check_claim(payment))
    if payment.lines:
        found.append(_check_line_charges(payment))
        found.append(_check_line_payments(payment))
    return [imbalance for imbalance in found if imbalance is not None]


def check_remittance(amount_cents: int, paid_cents_total: int, provider_adjustment_cents_total: int) -> Imbalance | None:
    """Whether the claims' CLP04 less the PLB amounts make BPR02; a PLB amount is positive when it takes money."""
    expected = paid_cents_total - provider_adjustment_cents_total
    if expected == amount_cents:
        return None
    arithmetic = (
        f"claims paid {format_money(paid_cents_total)} − provider adjustments {format_money(provider_adjustment_cents_total)}"
        f" = {format_money(expected)}, but the payment is {format_money(amount_cents)}: "
        f"{_unexplained(amount_cents - expected)}"
    )
    return Imbalance(where="remittance", arithmetic=arithmetic, difference_cents=amount_cents - expected)


def sum_adjustments(adjustments: Iterable[Adjustment]) -> int:
    """The cents that these adjustments take from the charge."""
    return sum(adjustment.amount_cents for adjustment in adjustments)


def _check_line(line: ServicePayment, number: int, position: int) -> Imbalance | None:
    adjusted = sum_adjustments(line.adjustments)
    difference = line.paid_cents - (line.charge_cents - adjusted)
    if not difference:
        return None
    arithmetic = f"line {number}: {_explain(line.charge_cents, adjusted, line.paid_cents)}"
    return Imbalance(where="line", arithmetic=arithmetic, difference_cents=difference, position=position)


def _check_claim(payment: ClaimPayment) -> Imbalance | None:
    adjusted = sum_adjustments(payment.adjustments) + sum(sum_adjustments(line.adjustments) for line in payment.lines)
    difference = payment.paid_cents - (payment.charge_cents - adjusted)
    if not difference:
        return None
    arithmetic = _explain(payment.charge_cents, adjusted, payment.paid_cents)
    return Imbalance(where="claim", arithmetic=arithmetic, difference_cents=difference, position=payment.position)


def _check_line_charges(payment: ClaimPayment) -> Imbalance | None:
    total = sum(line.charge_cents for line in payment.lines)
    difference = payment.charge_cents - total
    if not difference:
        return None
    arithmetic = (
        f"lines billed {format_money(total)} together, but the claim says billed {format_money(payment.charge_cents)}: "
        f"{_unexplained(difference)}"
    )
    return Imbalance(where="claim", arithmetic=arithmetic, difference_cents=difference, position=payment.position)


def _check_line_payments(payment: ClaimPayment) -> Imbalance | None:
    total = sum(line.paid_cents for line in payment.lines)
    adjusted = sum_adjustments(payment.adjustments)
    difference = payment.paid_cents - (total - adjusted)
    if not difference:
        return None
    at_claim = f" − adjusted at claim level {format_money(adjusted)} = {format_money(total - adjusted)}" if adjusted else ""
    arithmetic = (
        f"lines paid {format_money(total)} together{at_claim}, but the claim says paid {format_money(payment.paid_cents)}: "
        f"{_unexplained(difference)}"
    )
    return Imbalance(where="claim", arithmetic=arithmetic, difference_cents=difference, position=payment.position)


def _explain(charge_cents: int, adjusted_cents: int, paid_cents: int) -> str:
    expected = charge_cents - adjusted_cents
    return (
        f"billed {format_money(charge_cents)} − adjusted {format_money(adjusted_cents)} = {format_money(expected)}, "
        f"but paid {format_money(paid_cents)}: {_unexplained(paid_cents - expected)}"
    )


def _unexplained(difference_cents: int) -> str:
    return f"{format_money(abs(difference_cents))} unexplained"
