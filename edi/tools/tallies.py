"""What the documents of one set add up to: the facts a person asks for first, kept as they stream by."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

from edi.claims import Claim, Document, Party
from edi.codes.claim_status import meaning_of, text_of
from edi.codes.lists import describe
from edi.remittances import ClaimPayment, HeaderNumber, ProviderAdjustment, Remittance
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment
from edi.transactions.t837p import SubmissionHead
from edi.transactions.t999 import GroupResponse

Fact = str | int | date | None
Row = dict[str, Fact]

_SERVICE_DATES = frozenset(("472", "434"))
_VERDICTS = {"A": "accepted", "E": "accepted_with_errors", "P": "accepted_in_part"}
"""What counts of verdicts are named by; every other one rejects."""


class Coded(Protocol):
    """A status as a 277 or a 277CA gives it."""

    @property
    def category(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def entity(self) -> str: ...


class Said(Protocol):
    """One STC with its statuses."""

    @property
    def statuses(self) -> Sequence[Coded]: ...


class Tally:
    """What one set holds: `take` each document, then `facts`; `columns` are those of the rows, one a claim or its like.

    Facts and rows that are integers count or are cents (names ending in _cents) and may be added up over sets.
    """

    columns: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.words: dict[str, Fact] = {}

    def take(self, document: Document) -> Iterator[Row]:
        """Count one document; the rows it is listed with."""
        self.counts[_plural_of(document)] += 1
        yield from ()

    def facts(self) -> dict[str, Fact]:
        """Words first, then counts and sums, in the order they were met."""
        return {**self.words, **self.counts}


class ClaimTally(Tally):
    """An 837: who submits to whom, how many claims and lines, and what is charged."""

    columns = ("claim", "payer", "service_from", "lines", "charge_cents")

    def take(self, document: Document) -> Iterator[Row]:
        if isinstance(document, SubmissionHead):
            self.words |= {
                "submitter": tell_party(document.submitter), "receiver": tell_party(document.receiver),
                "reference": document.reference,
            }  # fmt: skip
        elif isinstance(document, Claim):
            self.counts.update(claims=1, lines=len(document.lines))
            self.counts["charge_cents"] += document.charge_cents
            yield {
                "claim": document.patient_control_number, "payer": tell_party(document.payer),
                "service_from": find_service_date(document), "lines": len(document.lines), "charge_cents": document.charge_cents,
            }  # fmt: skip
        else:
            yield from super().take(document)


class RemittanceTally(Tally):
    """An 835: who pays whom, how much, by which trace number, and whether claims and provider adjustments add up to it."""

    columns = ("claim", "status", "payer_claim_number", "charge_cents", "paid_cents", "patient_cents")

    def __init__(self) -> None:
        super().__init__()
        self.amount_cents: int | None = None

    def take(self, document: Document) -> Iterator[Row]:
        if isinstance(document, Remittance):
            self._take_head(document)
        elif isinstance(document, ProviderAdjustment):
            self.counts["provider_adjustments"] += 1
            self.counts["provider_adjustment_cents"] += document.amount_cents
        elif isinstance(document, ClaimPayment):
            patient = document.patient_responsibility_cents
            self.counts.update(claims=1, lines=len(document.lines))
            self.counts["charge_cents"] += document.charge_cents
            self.counts["paid_cents"] += document.paid_cents
            self.counts["patient_cents"] += patient or 0
            yield {
                "claim": document.patient_control_number, "status": tell("payment-status", document.status),
                "payer_claim_number": document.payer_claim_number, "charge_cents": document.charge_cents,
                "paid_cents": document.paid_cents, "patient_cents": patient,
            }  # fmt: skip
        elif not isinstance(document, HeaderNumber):
            yield from super().take(document)

    def _take_head(self, document: Remittance) -> None:
        self.words |= {
            "payer": tell_party(document.payer), "payee": tell_party(document.payee), "trace": document.trace_number,
            "method": tell("payment-method", document.method), "payment_date": document.payment_date,
        }  # fmt: skip
        self.amount_cents = -document.amount_cents if document.credit_debit == "D" else document.amount_cents
        self.counts["amount_cents"] += self.amount_cents

    def facts(self) -> dict[str, Fact]:
        """With what is left over when claims and provider adjustments are taken from the amount (BPR02)."""
        facts = super().facts()
        if self.amount_cents is not None:
            explained = self.counts["paid_cents"] - self.counts["provider_adjustment_cents"]
            facts["unexplained_cents"] = self.amount_cents - explained
        return facts


class AcknowledgmentTally(Tally):
    """A 277CA: who says so, and how many claims went which way."""

    columns = ("claim", "verdict", "status", "payer_claim_number", "charge_cents")

    def take(self, document: Document) -> Iterator[Row]:
        if isinstance(document, ClaimAcknowledgment):
            self.words |= {"source": tell_party(document.source), "reference": document.reference}
            self.words["received_date"] = document.received_date
            if document.receiver:
                self.words["receiver"] = tell_party(document.receiver)
        elif isinstance(document, AcknowledgedUnit) and document.level == "claim":
            yield from self._take_claim(document)
        elif isinstance(document, AcknowledgedUnit):
            self.counts[f"{document.level}s"] += 1
        else:
            yield from super().take(document)

    def _take_claim(self, unit: AcknowledgedUnit) -> Iterator[Row]:
        verdict = judge_statuses(unit.statuses)
        charge = next((status.charge_cents for status in unit.statuses if status.charge_cents is not None), None)
        self.counts["claims"] += 1
        self.counts[verdict] += 1
        self.counts["charge_cents"] += charge or 0
        yield {
            "claim": unit.trace, "verdict": verdict, "status": tell_statuses(unit.statuses),
            "payer_claim_number": unit.payer_claim_number, "charge_cents": charge,
        }  # fmt: skip


class ResponseTally(Tally):
    """A 999 or 997: which group it answers, and the verdict on each of its sets."""

    columns = ("set", "transaction", "verdict", "codes", "segment_notes")

    def take(self, document: Document) -> Iterator[Row]:
        if not isinstance(document, GroupResponse):
            yield from super().take(document)
            return
        answered = f"{document.functional_id} {document.control_number} {document.version}".rstrip()
        self.words |= {"answers_group": answered, "verdict": describe("verdict", document.verdict)}
        if document.codes:
            self.words["codes"] = "; ".join(tell("AK905", code) for code in document.codes)
        self.counts["sets_answered"] += len(document.sets)
        for one in document.sets:
            self.counts[_VERDICTS.get(one.verdict, "rejected")] += 1
            yield {
                "set": one.control_number, "transaction": one.transaction, "verdict": describe("verdict", one.verdict),
                "codes": "; ".join(tell("IK502", code) for code in one.codes), "segment_notes": len(one.notes),
            }  # fmt: skip


def find_service_date(claim: Claim) -> date | None:
    """The first day of service: of the lines, else of the claim (DTP*472, DTP*434)."""
    days = [line.service_from for line in claim.lines if line.service_from]
    days = days or [day for qualifier, day in claim.dates if qualifier in _SERVICE_DATES]
    days = days or [period.first for period in claim.periods if period.qualifier in _SERVICE_DATES]
    return min(days, default=None)


def tell_party(party: Party | None) -> str:
    """An organisation's name, or a person's, and the identifier: "NORTHSTAR HEALTH (PI 12345)"."""
    if party is None:
        return ""
    name = " ".join(part for part in (party.first_name, party.last_name) if part)
    number = f"{party.id_qualifier} {party.id}".strip() if party.id else ""
    return f"{name} ({number})" if name and number else name or number


def tell(kind: str, code: str) -> str:
    """A code with its meaning: "4 denied"; one that is not known stands alone."""
    meaning = describe(kind, code)
    return code if meaning == code else f"{code} {meaning}"


def judge_statuses(statuses: Sequence[Said]) -> str:
    """What the statuses of one claim come to: rejected where one of them rejects, else what the first says."""
    meanings = [meaning_of(one.category) for information in statuses for one in information.statuses]
    return "rejected" if "rejected" in meanings else meanings[0] if meanings else "no_status"


def tell_statuses(statuses: Sequence[Said]) -> str:
    """Every status with its codes and what they mean."""
    told = [
        f"{one.category}:{one.code} {text_of(one.category, one.code, one.entity)}"
        for information in statuses
        for one in information.statuses
    ]
    return "; ".join(told)


def _plural_of(document: Document) -> str:
    """What documents of this kind are called in a count: StatusRequest → status_requests."""
    name = type(document).__name__
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
