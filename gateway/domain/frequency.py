"""Whether a claim goes out as an original (1), a replacement (7) or a void (8), decided by how far any of its attempts came.

What was rejected before anyone adjudicated it the payer does not have: it goes out as a new original. What the payer adjudicated
(an 835 paid, partly paid or denied it) can only be replaced or voided, under the payer's own number for it (domain.md 2).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from gateway.domain.facts import Fact, Kind
from gateway.domain.lifecycle import ADJUDICATED, STAGES
from payers.payer import Payer

ORIGINAL, REPLACEMENT, VOID = "1", "7", "8"
REVERSAL = "22"
"""CLP02 of a payment that takes back an earlier one."""

_NO_NUMBER = (
    "the payer's claim number is not known, and without it (REF*F8) the payer cannot tell which claim is meant; it comes with a "
    "277CA or an 835: take in the one that is missing, or send the change by the payer's portal or on paper"
)


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """CLM05-3 of what leaves next and the payer's number it names in REF*F8; or why nothing can be sent, and what to do."""

    frequency: str = ORIGINAL
    payer_claim_number: str = ""
    refusal: str = ""


def find_adjudicated(facts: Sequence[Fact]) -> int | None:
    """The last attempt on which the payer decided; None where it decided on none.

    What it says of a replacement or void is mostly held, for the claim is settled already: it decided on that, too.
    """
    posted = [fact.attempt for fact in facts if fact.kind in ADJUDICATED]
    if not posted:
        return None
    return max(posted + [fact.attempt for fact in facts if _is_held_answer(fact) and fact.attempt > min(posted)])


def is_taken_back(facts: Sequence[Fact], attempt: int, frequency: str) -> bool:
    """Whether the claim leaves as a void in this attempt, and the reversal that answers it has come; posting holds it."""
    said = (fact for fact in facts if fact.attempt == attempt and fact.kind is Kind.PAYMENT_SUSPENDED)
    return frequency == VOID and any(fact.data.get("status") == REVERSAL for fact in said)


def find_payer_claim_number(facts: Sequence[Fact], attempt: int) -> str:
    """The payer's number for what it got in this attempt, '' where no answer named it: the adjudication's before all others."""
    naming = [fact for fact in facts if fact.attempt == attempt and fact.data.get("payer_claim_number") and _names_claim(fact)]
    said = max(naming, key=lambda fact: (fact.kind in ADJUDICATED, _is_held_answer(fact), *_place(fact)), default=None)
    return str(said.data["payer_claim_number"]) if said else ""


def _is_held_answer(fact: Fact) -> bool:
    """A payment that is held. One that only takes an earlier one back (reversal) is not the payer's last word."""
    return fact.kind is Kind.PAYMENT_SUSPENDED and fact.data.get("status") != REVERSAL


def _names_claim(fact: Fact) -> bool:
    return fact.kind in STAGES or _is_held_answer(fact)


def _place(fact: Fact) -> tuple[int, datetime, str, int]:
    stage = STAGES[fact.kind][0] if fact.kind in STAGES else 0
    return (stage, fact.occurred_at, fact.file_sha256, fact.position)


def decide_correction(facts: Sequence[Fact], payer: Payer | None, known_number: str) -> Decision:
    """What a corrected claim goes out as. `known_number` is the payer's number as last heard, for facts that do not name it."""
    attempt = find_adjudicated(facts)
    if attempt is None:
        return Decision()
    if payer is not None and not payer.takes_replacements:
        return Decision(
            refusal=f"the payer has adjudicated it, and {payer.name} takes no replacements (frequency 7) by this way; send the "
            "change as its provider manual says"
        )
    return _name(REPLACEMENT, find_payer_claim_number(facts, attempt) or known_number)


def decide_void(facts: Sequence[Fact], payer: Payer | None, known_number: str) -> Decision:
    """What taking back a claim that the payer adjudicated goes out as."""
    attempt = find_adjudicated(facts)
    assert attempt is not None, "a claim that nobody adjudicated is voided here alone"
    if payer is not None and not payer.takes_voids:
        return Decision(
            refusal=f"the payer has adjudicated it, and {payer.name} takes no voids (frequency 8) by this way; take it "
            "back as its provider manual says"
        )
    return _name(VOID, find_payer_claim_number(facts, attempt) or known_number)


def _name(frequency: str, number: str) -> Decision:
    return Decision(frequency=frequency, payer_claim_number=number) if number else Decision(refusal=_NO_NUMBER)
