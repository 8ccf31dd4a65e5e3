"""The kinds of work a person is asked to do, what to do about each, and which comes first."""

from datetime import datetime
from enum import StrEnum

import msgspec


class WorkKind(StrEnum):
    """Why a person is needed. The value is what is stored."""

    EDITS_FAILED = "edits_failed"
    REJECTED = "rejected"
    MISSING_ANSWER = "missing_answer"
    OVERDUE = "overdue"
    FILING_LIMIT_NEAR = "filing_limit_near"
    DENIED = "denied"
    UNMATCHED_PAYMENT = "unmatched_payment"
    UNBALANCED_REMITTANCE = "unbalanced_remittance"
    SUSPENDED_PAYMENT = "suspended_payment"
    DUPLICATE_REMITTANCE = "duplicate_remittance"
    PROVIDER_ADJUSTMENT = "provider_adjustment"
    PAYER_ADJUSTMENT = "payer_adjustment"
    UNMATCHED_ACKNOWLEDGMENT = "unmatched_acknowledgment"
    UNREADABLE_FILE = "unreadable_file"
    UNEXPECTED_FILE = "unexpected_file"
    UNFINISHED_FILE = "unfinished_file"
    TRANSFER_FAILING = "transfer_failing"
    UNKNOWN_DELIVERY = "unknown_delivery"
    ANOMALY = "anomaly"
    INTAKE_REFUSED = "intake_refused"
    BATCH_REFUSED = "batch_refused"
    SECOND_OPINION = "second_opinion"
    BATCH_UNBUILT = "batch_unbuilt"
    MISSED_CUTOFF = "missed_cutoff"
    PARTNER_UNKNOWN = "partner_unknown"
    BROKEN_PROFILE = "broken_profile"


class Guidance(msgspec.Struct, frozen=True):
    """What a kind of work is called, and what its owner does about it."""

    title: str
    what_to_do: str


GUIDANCE: dict[WorkKind, Guidance] = {
    WorkKind.EDITS_FAILED: Guidance(
        "Claim held by edits", "Correct what each finding names, or release the claim if the finding does not apply."
    ),
    WorkKind.REJECTED: Guidance("Claim rejected", "Correct what the rejection names and send the claim again as a new original."),
    WorkKind.MISSING_ANSWER: Guidance(
        "Answer missing",
        "Ask the partner for the answer to the file named. Only where it says that it has nothing of it: `claimwire batches "
        "settle ID --lost`, and its claims go out again.",
    ),
    WorkKind.OVERDUE: Guidance(
        "Claim overdue", "Ask the payer for the claim's status; have the 277CA at hand as proof of filing."
    ),
    WorkKind.FILING_LIMIT_NEAR: Guidance("Filing limit near", "Get the claim out before the payer's last day for it."),
    WorkKind.DENIED: Guidance(
        "Payment denied", "Read the denial codes: correct and replace the claim, appeal, or write the amount off."
    ),
    WorkKind.UNMATCHED_PAYMENT: Guidance(
        "Payment matches no claim", "Find the claim it belongs to and match it by hand; its cash waits in suspense."
    ),
    WorkKind.UNBALANCED_REMITTANCE: Guidance(
        "Remittance does not add up", "Show the payer the arithmetic and ask for a corrected remittance; nothing of it is posted."
    ),
    WorkKind.SUSPENDED_PAYMENT: Guidance(
        "Payment suspended", "Read why it is held and decide on it; its cash waits in suspense."
    ),
    WorkKind.DUPLICATE_REMITTANCE: Guidance(
        "Remittance came twice", "Compare it with the one already taken; release it only if it is really another payment."
    ),
    WorkKind.PROVIDER_ADJUSTMENT: Guidance(
        "Provider-level adjustment", "Find what the payer takes or gives here and which later entry closes it."
    ),
    WorkKind.PAYER_ADJUSTMENT: Guidance(
        "Reduced by the payer", "Dispute the reduction or write it off; it may not be billed to the patient."
    ),
    WorkKind.UNMATCHED_ACKNOWLEDGMENT: Guidance(
        "Acknowledgment matches nothing sent", "Find the batch or claim it speaks of, or ask the partner what it answers."
    ),
    WorkKind.UNREADABLE_FILE: Guidance("File cannot be read", "Ask the partner for the file again; the bytes received are kept."),
    WorkKind.UNEXPECTED_FILE: Guidance(
        "Files nobody asked for",
        "See what they are: widen pickup.patterns in the partner's profile, or have them removed; never where they are ours.",
    ),
    WorkKind.UNFINISHED_FILE: Guidance(
        "File never finished",
        "Ask the partner to send it again, whole, under the same name; `claimwire files take` takes it as it is.",
    ),
    WorkKind.TRANSFER_FAILING: Guidance(
        "Transfers failing", "See what the connection reports; claims and answers of this partner wait until it works."
    ),
    WorkKind.UNKNOWN_DELIVERY: Guidance(
        "Delivery not certain",
        "Ask the partner whether it has the file, then settle the batch; it is not sent again before that is known.",
    ),
    WorkKind.ANOMALY: Guidance("Facts contradict each other", "Compare the facts named and ask their senders which one holds."),
    WorkKind.INTAKE_REFUSED: Guidance(
        "Claim not taken in", "Correct what the finding names in the file that came and hand it in again."
    ),
    WorkKind.BATCH_REFUSED: Guidance(
        "Batch not sent",
        "See what keeps it: ask the partner what the file under its name is, or read what was said of the claims named; then "
        "settle the batch; its claims wait in it until then.",
    ),
    WorkKind.BATCH_UNBUILT: Guidance(
        "Batch cannot be built",
        "Correct what is named in the partner's profile: its claims wait, and go by themselves once a batch can be built.",
    ),
    WorkKind.SECOND_OPINION: Guidance(
        "Second opinion missing or against the batch",
        "Read what it objects to, or why there is none; correct the partner's profile, or take second_opinion out of it.",
    ),
    WorkKind.MISSED_CUTOFF: Guidance(
        "Cutoff missed",
        "See that the claims have left since, and why they did not in time; tell the practice where a day matters.",
    ),
    WorkKind.PARTNER_UNKNOWN: Guidance(
        "Batch for a partner without a profile",
        "Put the partner's profile back, or settle the batch: as arrived, or as lost, and its claims go their present way.",
    ),
    WorkKind.BROKEN_PROFILE: Guidance(
        "Profile cannot be read",
        "Correct what is named in that file; until then the gateway goes by the last profile that was right.",
    ),
}
"""Every kind's title and what to do."""

SMALLEST_STAKE_CENTS = 100_00
"""Work without an amount (a file, a connection) still counts as this much."""

NO_DEADLINE_DAYS = 30
NEARNESS_MAX = 100
HALF_WAY_DAYS = 7


def priority(amount_cents: int, due_at: datetime | None, now: datetime) -> int:
    """How soon this comes in the queue, greater first: money at stake times nearness of the deadline (domain.md 6).

    Nearness is 100 from the deadline on, half of it a week before, less and less further off; no deadline counts as 30 days.
    """
    days_left = NO_DEADLINE_DAYS if due_at is None else max(0, (due_at - now).days)
    nearness = NEARNESS_MAX * HALF_WAY_DAYS // (HALF_WAY_DAYS + days_left)
    return max(abs(amount_cents), SMALLEST_STAKE_CENTS) * nearness // 100
