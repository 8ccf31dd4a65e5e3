"""Which decided claims are paid together: one remittance per payer, payee and payment day, whose amounts add up."""

from collections.abc import Iterable, Sequence
from datetime import date
from random import Random

import msgspec

from edi.claims import Address, Adjustment, Claim, Contact, Party, Reference
from edi.transactions.t835 import ClaimPayment, ProviderAdjustment, Remittance
from gateway.sandbox.adjudication import reverse
from gateway.sandbox.behaviour import Mischief
from payers.profile import Payer

_PAYER_ADDRESS = Address(line1="1 SANDBOX PLAZA", city="ANYTOWN", state="OH", postal_code="440019901")
_PAYER_CONTACT = Contact(name="SANDBOX SUPPORT", numbers=(("TE", "5550100199"),))
_PAYEE_ADDRESS = Address(line1="100 EXAMPLE STREET", city="ANYTOWN", state="OH", postal_code="440019901")
_FORWARDED_BALANCE = "FB"


class PayerIdentity(msgspec.Struct, frozen=True):
    """A payer as a claim names it: its id, its name, the id its remittances carry, and what its contract writes off."""

    id: str
    name: str
    originator_id: str
    contractual_carcs: tuple[str, ...] = ()


class Decided(msgspec.Struct, frozen=True):
    """A claim's payment, who pays it, to whom, and how many days after the upload."""

    payer: PayerIdentity
    payee: Party
    day: int
    payment: ClaimPayment


class Plan(msgspec.Struct, frozen=True):
    """A remittance to be written: what is paid, by whom, to whom, after how many days, and what is taken or added by PLB.

    `off_by_cents` is what the amount of the payment is wrong by, on purpose.
    """

    payer: PayerIdentity
    payee: Party
    day: int
    payments: tuple[ClaimPayment, ...]
    adjustments: tuple[ProviderAdjustment, ...] = ()
    off_by_cents: int = 0

    @property
    def amount_cents(self) -> int:
        """BPR02: what the claims come to, less the provider adjustments."""
        paid = sum(payment.paid_cents for payment in self.payments)
        return paid - sum(adjustment.amount_cents for adjustment in self.adjustments) + self.off_by_cents


def identify_payer(claim: Claim, payer: Payer) -> PayerIdentity:
    """Who pays `claim`: the profile, or whom the claim names where the profile takes any payer."""
    if "*" in payer.payer_ids:
        originator = payer.remit_ids[0] if payer.remit_ids else claim.payer.id
        return PayerIdentity(claim.payer.id, claim.payer.last_name or payer.name, originator, payer.contractual_carcs)
    originator = payer.remit_ids[0] if payer.remit_ids else payer.payer_ids[0]
    return PayerIdentity(payer.payer_ids[0], payer.name.upper(), originator, payer.contractual_carcs)


def plan_remittances(decided: Iterable[Decided]) -> list[Plan]:
    """One plan per payer, payment day and payee, in that order; claims in the order they were decided."""
    grouped: dict[tuple[str, int, str], list[Decided]] = {}
    for each in decided:
        grouped.setdefault((each.payer.id, each.day, each.payee.id), []).append(each)
    return [
        Plan(members[0].payer, members[0].payee, day, tuple(member.payment for member in members))
        for (_, day, _), members in sorted(grouped.items(), key=lambda item: item[0])
    ]


def settle_negative(plan: Plan) -> Plan:
    """The plan with a balance carried forward where it would come to less than nothing: a payment cannot be negative."""
    if plan.amount_cents >= 0:
        return plan
    carried = ProviderAdjustment(
        provider_id=plan.payee.id,
        fiscal_date=None,
        reason=_FORWARDED_BALANCE,
        amount_cents=plan.amount_cents,
        reference=plan.payments[0].payer_claim_number if plan.payments else "",
    )
    return msgspec.structs.replace(plan, adjustments=(*plan.adjustments, carried))


def disturb(plans: Sequence[Plan], mischief: Mischief, draw: Random) -> list[Plan]:
    """The plans with the behaviour's mischief done to them, by chance but repeatably; each still adds up unless `cent_out`."""
    disturbed: list[Plan] = []
    for plan in plans:
        later = _reverse_some(plan, mischief, draw)
        changed = _misname_some(plan, mischief, draw)
        if draw.randrange(1000) < mischief.unknown_claim:
            changed = msgspec.structs.replace(changed, payments=(*changed.payments, _invent_unknown(changed, draw)))
        if draw.randrange(1000) < mischief.provider_adjusted:
            changed = _adjust_provider(changed, draw)
        if draw.randrange(1000) < mischief.cent_out:
            changed = _put_out(changed, draw)
        disturbed += _split(changed) if draw.randrange(1000) < mischief.split else [changed]
        disturbed += later
    return [settle_negative(plan) for plan in disturbed]


def describe(plan: Plan, *, trace_number: str, issued: date) -> tuple[Remittance, list[ClaimPayment], list[ProviderAdjustment]]:
    """The documents of one 835 set: head, payments and provider adjustments."""
    amount = plan.amount_cents
    return (
        Remittance(
            trace_number=trace_number,
            amount_cents=amount,
            method="NON" if amount == 0 else "ACH" if amount % 5 else "CHK",
            originator_id=plan.payer.originator_id,
            handling="H" if amount == 0 else "I",
            payment_date=issued,
            production_date=issued,
            payer=_describe_payer(plan.payer),
            payee=_describe_payee(plan.payee),
        ),
        list(plan.payments),
        [_date_adjustment(adjustment, issued) for adjustment in plan.adjustments],
    )


def _date_adjustment(adjustment: ProviderAdjustment, issued: date) -> ProviderAdjustment:
    """PLB02 is the last day of the provider's fiscal year: the calendar year's, for all."""
    return msgspec.structs.replace(adjustment, fiscal_date=date(issued.year, 12, 31))


def _describe_payer(payer: PayerIdentity) -> Party:
    return Party(
        role="PR",
        last_name=payer.name[:60],
        address=_PAYER_ADDRESS,
        contacts=(_PAYER_CONTACT,),
        references=(Reference(qualifier="2U", value=payer.id),) if payer.id else (),
    )


def _describe_payee(billing: Party) -> Party:
    taxes = tuple(Reference(qualifier="TJ", value=each.value) for each in billing.references if each.qualifier == "EI")
    name = " ".join(filter(None, (billing.first_name, billing.last_name)))
    return Party(
        role="PE",
        last_name=name[:60],
        id_qualifier=billing.id_qualifier or "XX",
        id=billing.id,
        address=billing.address or _PAYEE_ADDRESS,
        references=taxes[:1],
    )


def _reverse_some(plan: Plan, mischief: Mischief, draw: Random) -> list[Plan]:
    """A plan of a week later that takes some payments back and decides them anew, for less."""
    taken_back = [
        payment for payment in plan.payments if payment.paid_cents > 0 and draw.randrange(1000) < mischief.reversed_later
    ]
    pairs = [each for payment in taken_back for each in (reverse(payment), _correct(payment))]
    return [Plan(plan.payer, plan.payee, plan.day + 7, tuple(pairs))] if pairs else []


def _correct(payment: ClaimPayment) -> ClaimPayment:
    """The same claim decided again: a tenth of what each line was paid becomes contractual."""
    lines = []
    for line in payment.lines:
        less = line.paid_cents // 10
        own = [each for each in line.adjustments if (each.group, each.reason) != ("CO", "45")]
        contractual = sum(each.amount_cents for each in line.adjustments if (each.group, each.reason) == ("CO", "45")) + less
        if contractual:
            own.insert(0, Adjustment(group="CO", reason="45", amount_cents=contractual))
        lines.append(msgspec.structs.replace(line, paid_cents=line.paid_cents - less, adjustments=tuple(own), allowed_cents=None))
    paid = sum(line.paid_cents for line in lines)
    return msgspec.structs.replace(payment, paid_cents=paid, lines=tuple(lines), coverage_amount_cents=None)


def _misname_some(plan: Plan, mischief: Mischief, draw: Random) -> Plan:
    """Some patient control numbers come back in lower case, or without their last two characters."""
    payments = []
    for payment in plan.payments:
        chance, pcn = draw.randrange(1000), payment.patient_control_number
        if chance < mischief.lowered:
            pcn = pcn.lower()
        elif chance < mischief.lowered + mischief.cut:
            pcn = pcn[:-2] or pcn
        payments.append(msgspec.structs.replace(payment, patient_control_number=pcn))
    return msgspec.structs.replace(plan, payments=tuple(payments))


def _invent_unknown(plan: Plan, draw: Random) -> ClaimPayment:
    """A payment of a claim that nobody sent."""
    like = plan.payments[0]
    number = draw.randrange(10**6)
    patient = Party(role="QC", is_person=True, last_name="NONESUCH", first_name="TESSA", id_qualifier="MI", id=f"ZZ{number:09d}")
    return msgspec.structs.replace(
        like,
        patient_control_number=f"NOTOURS{number:06d}",
        payer_claim_number=f"X{number:011d}",
        patient=patient,
        subscriber=None,
    )


def _adjust_provider(plan: Plan, draw: Random) -> Plan:
    """Interest added, an old overpayment taken, or a balance brought forward; never more than the claims come to."""
    paid = sum(payment.paid_cents for payment in plan.payments)
    reason, amount = draw.choice((("L6", -draw.randint(1, 500)), ("WO", paid // 4), ("FB", paid // 5)))
    if amount == 0:
        return plan
    adjustment = ProviderAdjustment(
        provider_id=plan.payee.id,
        fiscal_date=None,
        reason=reason,
        amount_cents=amount,
        reference="" if reason == "L6" else f"OLD{draw.randrange(10**8):08d}",
    )
    return msgspec.structs.replace(plan, adjustments=(*plan.adjustments, adjustment))


def _put_out(plan: Plan, draw: Random) -> Plan:
    """One cent too much, either in the amount of the payment or in an adjustment of its first adjusted line."""
    first = plan.payments[0]
    if draw.randrange(2) or not first.lines or not first.lines[0].adjustments:
        return msgspec.structs.replace(plan, off_by_cents=1)
    line = first.lines[0]
    wrong = msgspec.structs.replace(line.adjustments[0], amount_cents=line.adjustments[0].amount_cents + 1)
    lines = (msgspec.structs.replace(line, adjustments=(wrong, *line.adjustments[1:])), *first.lines[1:])
    return msgspec.structs.replace(plan, payments=(msgspec.structs.replace(first, lines=lines), *plan.payments[1:]))


def _split(plan: Plan) -> list[Plan]:
    """The same payments in two remittances; provider adjustments stay with the first."""
    half = len(plan.payments) // 2
    if not half:
        return [plan]
    return [
        msgspec.structs.replace(plan, payments=plan.payments[half:]),
        msgspec.structs.replace(plan, payments=plan.payments[:half], adjustments=(), off_by_cents=0),
    ]
