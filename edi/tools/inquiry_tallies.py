"""What questions and answers about coverage and claims add up to: 270, 271, 276, 277."""

from collections.abc import Iterator

from edi.claims import Document
from edi.inquiries.levels import Head, Level
from edi.tools.tallies import Row, Tally, judge_statuses, tell, tell_party, tell_statuses
from edi.transactions.t270 import EligibilityInquiryLevel
from edi.transactions.t271 import Benefit, EligibilityResponseLevel
from edi.transactions.t276 import InquiryLevel
from edi.transactions.t277 import ResponseLevel

_PERSONS = frozenset(("subscriber", "dependent"))
_ENDS = frozenset(("source", "receiver"))
_ACTIVE = frozenset("12345")
_INACTIVE = frozenset("678")
"""EB01: what it says of the coverage as a whole."""


class InquiryTally(Tally):
    """Who is asked, who asks, and how many providers and persons it is about: common to all four."""

    def take(self, document: Document) -> Iterator[Row]:
        if isinstance(document, Head):
            self.words["reference"] = document.reference
        elif isinstance(document, Level):
            if document.level in _ENDS:
                self.words.setdefault(document.level, tell_party(document.party))
            else:
                self.counts[f"{document.level}s"] += 1
            yield from self.take_level(document)
        else:
            yield from super().take(document)

    def take_level(self, level: Level) -> Iterator[Row]:
        """What one level adds; overridden by each transaction."""
        yield from ()


class EligibilityInquiryTally(InquiryTally):
    """A 270: about how many persons, and which benefits."""

    columns = ("trace", "level", "asked")

    def take_level(self, level: Level) -> Iterator[Row]:
        if isinstance(level, EligibilityInquiryLevel) and level.level in _PERSONS and level.inquiries:
            self.counts["inquiries"] += len(level.inquiries)
            asked = [tell("service-type", code) for inquiry in level.inquiries for code in inquiry.service_types]
            asked += [inquiry.procedure.code for inquiry in level.inquiries if inquiry.procedure]
            yield {"trace": _find_trace(level), "level": level.level, "asked": "; ".join(asked)}


class EligibilityResponseTally(InquiryTally):
    """A 271: whose coverage is active, whose is not, and whose question was refused."""

    columns = ("trace", "level", "coverage", "plan", "benefits")

    def take_level(self, level: Level) -> Iterator[Row]:
        if not isinstance(level, EligibilityResponseLevel):
            return
        refusals = [tell("AAA", one.reason) for one in (*level.source_rejections, *level.rejections)]
        refusals += [tell("AAA", one.reason) for benefit in level.benefits for one in benefit.rejections]
        if level.level not in _PERSONS and not refusals:
            return
        if level.level in _PERSONS and not (refusals or level.benefits):
            return
        coverage = judge_coverage(level.benefits)
        self.counts["refused" if refusals else coverage or "not_said"] += 1
        self.counts["benefits"] += len(level.benefits)
        yield {
            "trace": _find_trace(level), "level": level.level,
            "coverage": f"refused: {'; '.join(refusals)}" if refusals else coverage or "not said",
            "plan": next((benefit.plan for benefit in level.benefits if benefit.plan), ""), "benefits": len(level.benefits),
        }  # fmt: skip


class StatusRequestTally(InquiryTally):
    """A 276: which claims are asked about."""

    columns = ("claim", "trace", "payer_claim_number", "service_from", "charge_cents")

    def take_level(self, level: Level) -> Iterator[Row]:
        for claim in level.claims if isinstance(level, InquiryLevel) else ():
            self.counts["claims"] += 1
            self.counts["charge_cents"] += claim.charge_cents or 0
            yield {
                "claim": claim.patient_control_number, "trace": claim.trace, "payer_claim_number": claim.payer_claim_number,
                "service_from": claim.service_from, "charge_cents": claim.charge_cents,
            }  # fmt: skip


class StatusResponseTally(InquiryTally):
    """A 277: where the claims asked about stand, and what was paid."""

    columns = ("claim", "trace", "verdict", "status", "charge_cents", "paid_cents")

    def take_level(self, level: Level) -> Iterator[Row]:
        for claim in level.claims if isinstance(level, ResponseLevel) else ():
            verdict = judge_statuses(claim.statuses)
            charge = next((one.charge_cents for one in claim.statuses if one.charge_cents is not None), None)
            paid = next((one.paid_cents for one in claim.statuses if one.paid_cents is not None), None)
            self.counts["claims"] += 1
            self.counts[verdict] += 1
            self.counts["charge_cents"] += charge or 0
            self.counts["paid_cents"] += paid or 0
            yield {
                "claim": claim.patient_control_number, "trace": claim.trace, "verdict": verdict,
                "status": tell_statuses(claim.statuses), "charge_cents": charge, "paid_cents": paid,
            }  # fmt: skip


def judge_coverage(benefits: tuple[Benefit, ...]) -> str:
    """Active or inactive, as the first benefit that speaks of the coverage as a whole says; '' where none does."""
    for benefit in benefits:
        if benefit.information in _ACTIVE:
            return "active"
        if benefit.information in _INACTIVE:
            return "inactive"
    return ""


def _find_trace(level: EligibilityInquiryLevel | EligibilityResponseLevel) -> str:
    return level.traces[0].number if level.traces else ""
