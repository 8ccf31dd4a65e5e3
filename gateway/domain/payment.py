"""What a claim payment does to the books: its entries, its outcome, and what it leaves open for a person."""

from collections.abc import Mapping, Sequence

import msgspec

from edi.claims import Adjustment
from edi.codes.adjustment import carc_action, carc_text
from edi.codes.imported import NONE_IMPORTED, Imported
from edi.remittances.balances import check_claim_payment
from edi.transactions.t835 import ClaimPayment
from edi.values import format_money
from gateway.domain.accounts import Account
from gateway.domain.facts import Kind

WITHHELD_CARC = "253"
"""Sequestration: kept by the payer, neither a write-off by contract nor the patient's."""

COST_SHARE_CARCS = frozenset({"1", "2", "3", "66", "247", "248"})
"""PR reasons that are the patient's agreed share (deductible, coinsurance, copay, blood). Any other PR on nothing paid denies."""

PROCESSED = frozenset({"1", "2", "3", "19", "20", "21"})
DENIED = "4"
HELD_STATUSES = {
    "22": "it takes back an earlier payment (reversal); the earlier posting must be undone with it",
    "23": "the payer says it is not its claim and has forwarded it",
    "25": "it is a predetermination, no payment of a claim",
}
"""CLP02 that must not be posted as a payment, and why."""

ORDER = {
    "1": "primary", "4": "primary", "19": "primary", "2": "secondary", "20": "secondary", "3": "tertiary", "21": "tertiary",
}  # fmt: skip
"""CLP02 to the order of payers. A denial does not say its own: it is taken for the first payer's, so that nothing posts twice."""


class PostingEntry(msgspec.Struct, frozen=True):
    """One line of a journal: debit positive, credit negative. `adjustment` is group and CARC, e.g. "CO 45"."""

    account: Account
    amount_cents: int
    line_control_number: str = ""
    adjustment: str = ""


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """What one claim payment posts. The entries sum to zero.

    `reductions` (by the payer's own initiative) and `contradictions` (groups without a rule, a status that the amounts
    contradict) are sentences for a person, without patient data.
    `denied_cents` stays in insurance receivable. `contractual_cents` holds what the payer withheld, too; `other_cents` is OA.
    `denial_codes` are group and CARC, each once, in the order of the payment.
    """

    entries: tuple[PostingEntry, ...]
    outcome: Kind
    denied_cents: int
    denial_codes: tuple[str, ...]
    patient_cents: int
    contractual_cents: int
    other_cents: int
    reductions: tuple[str, ...]
    contradictions: tuple[str, ...]


class _Part(msgspec.Struct, frozen=True):
    """A service line of the payment, or what it says at claim level only (`control` '')."""

    control: str
    paid_cents: int
    adjustments: tuple[Adjustment, ...]


def post_payment(payment: ClaimPayment, *, contractual_carcs: frozenset[str], line_controls: Sequence[str]) -> Posting:
    """The journal of one matched, balanced claim payment (domain.md 4, ledger).

    Cash as paid; CO with a CARC of the payer's contract is written off, 253 is withheld, any other CO is a denial and stays
    open; PR goes to the patient; OA is another payer's part; PI stays open with a sentence. `line_controls` names the claim's
    line for each service payment ('' = claim level). The caller has asked `suspend_reason` and `contradict_billed` first.
    """
    assert not check_claim_payment(payment), "a payment that does not balance is suspended, never posted"
    parts = _split(payment, line_controls)
    entries: list[PostingEntry] = []
    for part in parts:
        entries.extend(_post_part(part, contractual_carcs))
    adjustments = [adjustment for part in parts for adjustment in part.adjustments]
    denials = [a for a in adjustments if _is_open_denial(a, contractual_carcs)]
    codes = tuple(dict.fromkeys(_code(a) for part in parts for a in part.adjustments if _denies(a, part, contractual_carcs)))
    return Posting(
        entries=tuple(entries),
        outcome=_outcome(payment, codes),
        denied_cents=sum(a.amount_cents for a in denials),
        denial_codes=codes,
        patient_cents=_total(entries, Account.PATIENT_RECEIVABLE),
        contractual_cents=_total(entries, Account.CONTRACTUAL_ADJUSTMENT) + _total(entries, Account.PAYER_WITHHELD),
        other_cents=_total(entries, Account.OTHER_ADJUSTMENT),
        reductions=_reductions(adjustments),
        contradictions=_contradictions(payment, adjustments, codes),
    )


def suspend_reason(payment: ClaimPayment, *, claim_id: int | None, why_unmatched: str) -> str:
    """Why this payment must be held, its cash in suspense, with the arithmetic where it is that; '' where nothing in it says so.

    `claim_id` and `why_unmatched` are what `match_payment` says. What the claim and the books say is `contradict_billed`'s.
    """
    if payment.status in HELD_STATUSES:
        return f"Claim payment status {payment.status}: {HELD_STATUSES[payment.status]}."
    if payment.status not in PROCESSED and payment.status != DENIED:
        return f"Claim payment status {payment.status or '(none)'} is not one this gateway knows how to post."
    if payment.paid_cents < 0 or payment.charge_cents < 0:
        return (
            f"It bills {format_money(payment.charge_cents)} and pays {format_money(payment.paid_cents)} under claim payment "
            f"status {payment.status}; only a reversal (22) takes money back."
        )
    imbalances = check_claim_payment(payment)
    if imbalances:
        return "It does not balance: " + "; ".join(imbalance.arithmetic for imbalance in imbalances) + "."
    return "" if claim_id is not None else f"It matches no claim: {why_unmatched}."


class Billed(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim was last sent with, and what the books hold of it, when a payment of it comes.

    `responsibility` is SBR01. `open_cents` is its insurance receivable. `paid_by` names the remittance that moved money for
    the claim, by CLP02.
    """

    charge_cents: int
    responsibility: str
    open_cents: int
    paid_by: Mapping[str, int]


def contradict_billed(payment: ClaimPayment, billed: Billed) -> str:
    """Why the books cannot take this payment of a claim of ours, as a sentence; '' where they can.

    One adjudication of a claim is posted. A second payer's payment repeats what the first one paid and adjusted (OA 23), so
    it is held where that is posted here, or may yet be, until the payments of several payers are posted together. A claim
    that was billed to its second payer has its first payment elsewhere.
    """
    order = ORDER[payment.status]
    settled = {ORDER[status]: remittance_id for status, remittance_id in billed.paid_by.items()}
    if order in settled:
        return f"The claim was already settled by remittance {settled[order]}; a second payment is for a person to judge."
    decision = f"It is the decision of the {order} payer (status {payment.status})"
    if settled:
        other, remittance_id = next(iter(settled.items()))
        return (
            f"{decision}, and remittance {remittance_id} has settled the claim as that of the {other} payer: posting both would "
            "count the first payer's part twice."
        )
    if order != "primary" and billed.responsibility == "P":
        return (
            f"{decision} on a claim that was billed to its first payer, whose payment is not in the books: posting it would "
            "count the first payer's part twice."
        )
    difference = abs(abs(payment.charge_cents) - billed.charge_cents)
    if not difference:
        return ""
    return (
        f"The payer decided on {format_money(payment.charge_cents)}, we billed {format_money(billed.charge_cents)}: "
        f"{format_money(difference)} apart."
    )


def overdraw_reason(posting: Posting, billed: Billed) -> str:
    """Why this journal would leave the insurance owing less than nothing, with the arithmetic; '' where it would not."""
    settled_cents = -_total(posting.entries, Account.INSURANCE_RECEIVABLE)
    if settled_cents <= max(0, billed.open_cents):
        return ""
    return (
        f"It would settle {format_money(settled_cents)} of a claim of which {format_money(billed.open_cents)} is open: "
        f"{format_money(settled_cents - billed.open_cents)} too much."
    )


def describe_denial(posting: Posting, imported: Imported = NONE_IMPORTED) -> str:
    """What a payment that denies leaves behind, and what to do about it; reasons in the imported words where there are some."""
    codes = ", ".join(_explain_code(code, imported) for code in posting.denial_codes) or "no code given"
    on_patient = f"{format_money(posting.patient_cents)} is put on the patient" if posting.patient_cents else ""
    if posting.denied_cents:
        stays = "It stays open with the payer" + (f", and {on_patient}" if on_patient else "")
        denied = f"{format_money(posting.denied_cents)} denied ({codes})"
        return f"{denied}. {_advise(posting.denial_codes)}{stays}; correct and replace the claim, appeal, or write it off."
    if on_patient:
        return (
            f"denied ({codes}), and {on_patient}. {_advise(posting.denial_codes)}Nothing of it stays open with the payer: see "
            "that the patient may be billed for it, or correct and replace the claim, or appeal."
        )
    return f"denied ({codes}), though none of its adjustments leaves a denied amount. Ask the payer for the reason."


def _explain_code(code: str, imported: Imported) -> str:
    """Group and CARC with what the reason means."""
    return f"{code}: {carc_text(code.partition(' ')[2], imported)}"


def _advise(codes: Sequence[str]) -> str:
    """What to do about these reasons, each advice once; '' where we know of nothing."""
    advices = dict.fromkeys(filter(None, (carc_action(code.partition(" ")[2]) for code in codes)))
    return "".join(f"{advice} " for advice in advices)


def post_charge(charge_cents: int) -> tuple[PostingEntry, ...]:
    """The journal of a claim's charge: owed by the insurance."""
    return _pair(Account.INSURANCE_RECEIVABLE, Account.CHARGES, charge_cents)


def post_suspense(paid_cents: int) -> tuple[PostingEntry, ...]:
    """The journal of a suspended claim payment: its cash is counted, and owed to whomever a person finds."""
    return _pair(Account.CASH_CLEARING, Account.SUSPENSE, paid_cents)


def post_provider_adjustment(amount_cents: int) -> tuple[PostingEntry, ...]:
    """The journal of one PLB amount (positive takes money): an open item of the provider until something closes it."""
    return _pair(Account.PROVIDER_OPEN_ITEMS, Account.CASH_CLEARING, amount_cents)


def _split(payment: ClaimPayment, line_controls: Sequence[str]) -> list[_Part]:
    """The payment as its lines and what is left at claim level: CAS of the claim, and the cash that no line carries."""
    parts = [
        _Part(control, line.paid_cents, line.adjustments) for line, control in zip(payment.lines, line_controls, strict=True)
    ]
    unlined_cents = payment.paid_cents - sum(part.paid_cents for part in parts)
    if unlined_cents or payment.adjustments:
        parts.append(_Part("", unlined_cents, payment.adjustments))
    return parts


def _post_part(part: _Part, contractual_carcs: frozenset[str]) -> list[PostingEntry]:
    """Debits for cash and each adjustment that moves, and one credit of the receivable for all that moved."""
    entries = [PostingEntry(Account.CASH_CLEARING, part.paid_cents, part.control)] if part.paid_cents else []
    for adjustment in part.adjustments:
        account = _account_of(adjustment, contractual_carcs)
        if account is not None and adjustment.amount_cents:
            entries.append(PostingEntry(account, adjustment.amount_cents, part.control, _code(adjustment)))
    moved_cents = sum(entry.amount_cents for entry in entries)
    if moved_cents:
        entries.append(PostingEntry(Account.INSURANCE_RECEIVABLE, -moved_cents, part.control))
    return entries


def _account_of(adjustment: Adjustment, contractual_carcs: frozenset[str]) -> Account | None:
    """Where an adjustment goes; None where it stays open with the insurance."""
    if adjustment.group == "PR":
        return Account.PATIENT_RECEIVABLE
    if adjustment.group == "OA":
        return Account.OTHER_ADJUSTMENT
    if adjustment.group == "CO" and adjustment.reason == WITHHELD_CARC:
        return Account.PAYER_WITHHELD
    if adjustment.group == "CO" and adjustment.reason in contractual_carcs:
        return Account.CONTRACTUAL_ADJUSTMENT
    return None


def _is_open_denial(adjustment: Adjustment, contractual_carcs: frozenset[str]) -> bool:
    return adjustment.group == "CO" and _account_of(adjustment, contractual_carcs) is None


def _denies(adjustment: Adjustment, part: _Part, contractual_carcs: frozenset[str]) -> bool:
    """CO outside the contract denies; PR denies where nothing is paid and the reason is not the patient's agreed share."""
    if not adjustment.amount_cents:
        return False
    if adjustment.group == "PR":
        return part.paid_cents == 0 and adjustment.reason not in COST_SHARE_CARCS
    return _is_open_denial(adjustment, contractual_carcs)


def _outcome(payment: ClaimPayment, denial_codes: tuple[str, ...]) -> Kind:
    if payment.paid_cents == 0 and (denial_codes or payment.status == DENIED):
        return Kind.DENIED
    return Kind.PARTLY_PAID if denial_codes else Kind.PAID


def _reductions(adjustments: Sequence[Adjustment]) -> tuple[str, ...]:
    return tuple(
        f"The payer reduced the payment by {format_money(a.amount_cents)} on its own initiative ({_code(a)}): "
        "it stays open with the payer and is not billed to the patient; dispute it or write it off."
        for a in adjustments
        if a.group == "PI"
    )


def _contradictions(payment: ClaimPayment, adjustments: Sequence[Adjustment], denial_codes: tuple[str, ...]) -> tuple[str, ...]:
    sentences = [
        f"The adjustment {_code(a)} of {format_money(a.amount_cents)} has a group this gateway has no rule for: it stays open."
        for a in adjustments
        if a.group not in {"CO", "PR", "OA", "PI"}
    ]
    if payment.status == DENIED and payment.paid_cents:
        sentences.append(
            f"The payer calls the claim denied (status 4) and yet paid {format_money(payment.paid_cents)}: ask which holds."
        )
    elif payment.status == DENIED and not denial_codes:
        sentences.append("The payer calls the claim denied (status 4) without a reason that denies: ask for the reason.")
    return tuple(sentences)


def _pair(debit: Account, credit: Account, amount_cents: int) -> tuple[PostingEntry, ...]:
    if not amount_cents:
        return ()
    return (PostingEntry(debit, amount_cents), PostingEntry(credit, -amount_cents))


def _total(entries: Sequence[PostingEntry], account: Account) -> int:
    return sum(entry.amount_cents for entry in entries if entry.account is account)


def _code(adjustment: Adjustment) -> str:
    return f"{adjustment.group} {adjustment.reason}"
