"""What a sandbox partner did, added up from its own records: to show, and to hold against the gateway's books."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gateway.sandbox import records
from gateway.sandbox.partner import find_state_folder, list_due, read_records
from gateway.sandbox.records import UploadRecord
from payers.profile import Partner

_REJECTED = (records.SYNTAX_REJECTED, records.CLEARINGHOUSE_REJECTED, records.PAYER_REJECTED)


class Summary(msgspec.Struct, frozen=True):
    """Counts of files and claims, money in cents.

    `claims` counts claims of accepted interchanges, `repeated_claims` those among them whose number and trace came before.
    `rejected` is by tier. `remitted_cents` is the sum of BPR02 of all remittances, each counted once however often it was sent
    and whether or not it is due already; `waiting` counts the answer files that are not.
    """

    uploads: int = 0
    interchanges: int = 0
    rejected_interchanges: int = 0
    claims: int = 0
    repeated_claims: int = 0
    rejected: dict[str, int] = {}
    paid: int = 0
    denied: int = 0
    silent: int = 0
    charge_cents: int = 0
    paid_cents: int = 0
    patient_cents: int = 0
    adjusted_cents: int = 0
    remittances: int = 0
    remitted_cents: int = 0
    provider_adjustment_cents: int = 0
    answers: dict[str, int] = {}
    waiting: int = 0


def summarise(folder: Path, partner: Partner) -> Summary:
    """What the sandbox of `partner` under `folder` did so far; zeros where it never ran."""
    state = find_state_folder(folder, partner)
    return msgspec.structs.replace(add_up(read_records(state)), waiting=sum(1 for _ in list_due(state)))


def add_up(uploads: Iterable[UploadRecord]) -> Summary:
    """The summary of these uploads' records."""
    listed = list(uploads)
    interchanges = [each for upload in listed for each in upload.interchanges]
    claims = [each for upload in listed for each in upload.claims]
    remittances = [each for upload in listed for each in upload.remittances]
    fates = Counter(claim.fate for claim in claims)
    numbers = Counter((claim.patient_control_number, claim.trace) for claim in claims)
    answers: Counter[str] = Counter()
    for upload in listed:
        answers.update(upload.answers)
    return Summary(
        uploads=len(listed),
        interchanges=len(interchanges),
        rejected_interchanges=sum(each.note != "000" for each in interchanges),
        claims=len(claims),
        repeated_claims=len(claims) - len(numbers),
        rejected={tier: fates[tier] for tier in _REJECTED},
        paid=fates[records.PAID],
        denied=fates[records.DENIED],
        silent=fates[records.SILENT],
        charge_cents=sum(claim.charge_cents for claim in claims),
        paid_cents=sum(claim.paid_cents for claim in claims),
        patient_cents=sum(claim.patient_cents for claim in claims),
        adjusted_cents=sum(claim.adjusted_cents for claim in claims),
        remittances=len(remittances),
        remitted_cents=sum(each.amount_cents for each in remittances),
        provider_adjustment_cents=sum(each.provider_adjustment_cents for each in remittances),
        answers=dict(answers),
    )
