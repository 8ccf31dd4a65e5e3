"""What becomes of an upload: every answer with its delay, every remittance, and the record of it all. Pure and repeatable."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random

import msgspec

from edi.claims import Claim
from edi.transactions.t835 import ClaimPayment
from edi.transactions.t837 import SubmissionHead
from edi.transactions.t999 import ElementNote, GroupResponse, SegmentNote, SetResponse, respond_group
from edi.transactions.ta1 import ACCEPTED, acknowledge_interchange
from gateway.domain.frequency import REPLACEMENT, VOID
from gateway.sandbox import answers, records
from gateway.sandbox.adjudication import adjudicate, is_denied, reverse, sum_adjustment_cents, sum_patient_cents
from gateway.sandbox.answers import Answer, Screened, Tier
from gateway.sandbox.behaviour import Behaviour
from gateway.sandbox.receiving import ReceivedFile, ReceivedInterchange, ReceivedSet
from gateway.sandbox.records import ClaimRecord, InterchangeRecord, RemittanceRecord, UploadRecord
from gateway.sandbox.remitting import Decided, PayerIdentity, Plan, disturb, identify_payer, plan_remittances, settle_negative
from gateway.sandbox.screening import NO_SUCH_CLAIM, NO_SUCH_PAYER, Rejection, admit, screen
from payers.profile import Partner, Payer

_DUPLICATE_NOTE = "025"
_DAY_SECONDS = 86_400


class Upload(msgspec.Struct, frozen=True):
    """What a decision rests on besides the bytes: the partner, its payers and habits, and when which upload was taken."""

    partner: Partner
    payers: tuple[Payer, ...]
    behaviour: Behaviour
    seed: int
    sequence: int
    name: str
    taken_at: datetime
    day_seconds: float = _DAY_SECONDS

    def due_at(self, after_seconds: int) -> datetime:
        """When an answer of that delay comes, a day lasting `day_seconds`."""
        return self.taken_at + timedelta(seconds=after_seconds * self.day_seconds / _DAY_SECONDS)

    def draw(self, purpose: str) -> Random:
        """Chance for one purpose: the same for the same seed and upload."""
        return Random(f"{purpose} {self.seed} {self.partner.id} {self.sequence}")


class History(msgspec.Struct, frozen=True):
    """What earlier uploads left behind: whether an interchange was seen, and the last payment under a payer claim number."""

    is_seen: Callable[[str, int], bool]
    find_payment: Callable[[str], ClaimPayment | None]


class Decision(msgspec.Struct):
    """The outcome for an upload: answers to write, its record, the payments made (for later reversals), a report if unread."""

    answers: list[Answer]
    record: UploadRecord
    payments: list[ClaimPayment]
    report: str = ""


class _Fate(msgspec.Struct):
    """One claim on its way through the tiers."""

    claim: Claim
    submission: SubmissionHead
    payer: PayerIdentity | None
    payer_claim_number: str
    clearinghouse: Rejection | None = None
    refusal: Rejection | None = None
    silent: bool = False
    payment: ClaimPayment | None = None

    @property
    def word(self) -> str:
        """The fate in the words of the record."""
        if self.clearinghouse is not None:
            return records.CLEARINGHOUSE_REJECTED
        if self.refusal is not None:
            return records.PAYER_REJECTED
        if self.silent or self.payment is None:
            return records.SILENT
        contractual = self.payer.contractual_carcs if self.payer else ()
        return records.DENIED if is_denied(self.payment, contractual) else records.PAID


def decide(file: ReceivedFile, upload: Upload, history: History) -> Decision:
    """Judge an upload whole. The same file, upload and history give the same decision, so it can be made again after a crash."""
    decision = Decision([], UploadRecord(upload.sequence, upload.name), [])
    if file.fault and not file.interchanges:
        decision.report = f"FILE {upload.name} CANNOT BE READ: {file.fault}\n"
        return decision
    claims: list[ClaimRecord] = []
    fates: list[_Fate] = []
    judged: set[tuple[str, int]] = set()
    interchanges = []
    for interchange in file.interchanges:
        note = _judge_interchange(interchange, history, judged)
        interchanges.append(InterchangeRecord(interchange.header.sender_id, interchange.header.isa_control_number, note))
        decision.answers += _acknowledge(interchange, note, upload)
        if _rejects(interchange, note):
            continue
        responses = [_respond(received, upload) for group in interchange.groups for received in group.sets]
        decision.answers += _respond_to_groups(interchange, responses, upload)
        accepted, refused = _part(interchange, responses)
        claims += refused
        fates += [fate for received in accepted for fate in _trace_fates(received, interchange, upload, history)]
    decision.answers += _acknowledge_tiers(fates, upload)
    plans = _plan(fates, upload, history)
    remitted, remittances = _remit(plans, upload)
    decision.answers += remitted
    decision.payments = [payment for plan in plans for payment in plan.payments]
    claims += [_record(fate) for fate in fates]
    decision.record = UploadRecord(
        upload.sequence, upload.name, tuple(interchanges), tuple(claims), tuple(remittances), _count_kinds(decision.answers)
    )
    return decision


def _judge_interchange(interchange: ReceivedInterchange, history: History, judged: set[tuple[str, int]]) -> str:
    """The TA105 of an interchange: its own fault, or 025 where its ISA13 came before from the same sender."""
    header = interchange.header
    if _rejects(interchange, interchange.note):
        return interchange.note
    key = header.sender_id, header.isa_control_number
    if key in judged or history.is_seen(*key):
        return _DUPLICATE_NOTE
    judged.add(key)
    return interchange.note


def _rejects(interchange: ReceivedInterchange, note: str) -> bool:
    return acknowledge_interchange(interchange.header, note).verdict == "R"


def _delay(limits: tuple[int, int], draw: Random) -> int:
    return draw.randint(*limits)


def _acknowledge(interchange: ReceivedInterchange, note: str, upload: Upload) -> list[Answer]:
    """The TA1, where the partner sends them, the sender asked for one, or there is nothing else to say."""
    wanted = upload.partner.answers.ta1_business_days is not None or interchange.header.acknowledgment_requested
    if note == ACCEPTED and not wanted:
        return []
    after = _delay(upload.behaviour.delays.acknowledgment, upload.draw(f"TA1 {interchange.header.isa_control_number}"))
    return [Answer("ta1", after, acknowledgments=(acknowledge_interchange(interchange.header, note),))]


def _respond(received: ReceivedSet, upload: Upload) -> SetResponse:
    """The set's verdict; a sound set may be refused whole for one claim where the behaviour says so."""
    response = received.response
    draw = upload.draw(f"refuse {response.control_number}")
    readable = [claim for claim in received.claims if claim.claim is not None]
    if response.verdict == "R" or not readable or draw.randrange(1000) >= upload.behaviour.mischief.set_refused:
        return response
    guilty = draw.choice(readable)
    assert guilty.claim is not None
    note = SegmentNote(
        segment="CLM",
        position=guilty.first_position,
        code="8",
        loop="2300",
        patient_control_number=guilty.claim.patient_control_number,
        elements=(ElementNote(element=8, code="7", data_element="1073"),),
    )
    return msgspec.structs.replace(response, verdict="R", codes=("5",), notes=(note,))


def _respond_to_groups(interchange: ReceivedInterchange, responses: Sequence[SetResponse], upload: Upload) -> list[Answer]:
    if upload.partner.answers.ack_999_business_days is None:
        return []
    left = iter(responses)
    groups: list[GroupResponse] = []
    for group in interchange.groups:
        own = [next(left) for _ in group.sets]
        if own:
            groups.append(respond_group(group.header, own, codes=group.codes, claimed_count=group.claimed_count))
    if not groups:
        return []
    after = _delay(upload.behaviour.delays.acknowledgment, upload.draw(f"999 {interchange.header.isa_control_number}"))
    return [answers.write_999(groups, after)]


def _part(interchange: ReceivedInterchange, responses: Sequence[SetResponse]) -> tuple[list[ReceivedSet], list[ClaimRecord]]:
    """The sets that go on, and the claims of those that do not."""
    accepted: list[ReceivedSet] = []
    refused: list[ClaimRecord] = []
    received_sets = [(group, received) for group in interchange.groups for received in group.sets]
    for (group, received), response in zip(received_sets, responses, strict=True):
        if response.verdict in {"A", "E"} and received.head is not None and not group.codes:
            accepted.append(received)
        else:
            refused += [_record_refused(item.claim) for item in received.claims if item.claim is not None]
    return accepted, refused


def _record_refused(claim: Claim) -> ClaimRecord:
    return ClaimRecord(claim.patient_control_number, claim.reference("D9"), claim.charge_cents, records.SYNTAX_REJECTED)


def _trace_fates(received: ReceivedSet, interchange: ReceivedInterchange, upload: Upload, history: History) -> list[_Fate]:
    assert received.head is not None
    fates = []
    for item in received.claims:
        if item.claim is None:
            continue
        payer = _find_payer(upload.payers, item.claim.payer.id)
        source = f"{interchange.header.isa_control_number} {received.response.control_number} {item.first_position}"
        number = f"{Random(f'{upload.seed} {upload.sequence} {source}').randrange(10**14):014d}"
        fate = _Fate(item.claim, received.head, identify_payer(item.claim, payer) if payer else None, number)
        _judge_claim(fate, upload, history)
        fates.append(fate)
    return fates


def _find_payer(payers: Sequence[Payer], payer_id: str) -> Payer | None:
    wanted = payer_id.upper()
    named = next((payer for payer in payers if wanted in {known.upper() for known in payer.payer_ids}), None)
    return named or next((payer for payer in payers if "*" in payer.payer_ids), None)


def _judge_claim(fate: _Fate, upload: Upload, history: History) -> None:
    """Send the claim through the tiers until one refuses it, stays silent, or pays."""
    claim, behaviour = fate.claim, upload.behaviour
    refused = (
        NO_SUCH_PAYER if fate.payer is None else screen(claim, upload.taken_at.date(), behaviour=behaviour, seed=upload.seed)
    )
    if refused is not None and _has_clearinghouse(upload):
        fate.clearinghouse = refused
        return
    fate.refusal = refused or _admit(claim, upload, history)
    draw = Random(f"silence {upload.seed} {claim.patient_control_number} {claim.reference('D9')}")
    fate.silent = draw.randrange(1000) < behaviour.silence_per_mille
    if fate.refusal is None and not fate.silent:
        fate.payment = _pay(fate, upload, history)


def _pay(fate: _Fate, upload: Upload, history: History) -> ClaimPayment:
    """The payment of an admitted claim; a void takes the earlier payment back."""
    if fate.claim.frequency == VOID:
        earlier = _find_earlier(fate.claim, history)
        assert earlier is not None, "a void of an unknown claim is not admitted"
        return reverse(earlier)
    return adjudicate(
        fate.claim,
        seed=upload.seed,
        payer_claim_number=fate.payer_claim_number,
        received=upload.taken_at.date(),
        decisions=upload.behaviour.decisions,
    )


def _admit(claim: Claim, upload: Upload, history: History) -> Rejection | None:
    if claim.frequency in {REPLACEMENT, VOID} and _find_earlier(claim, history) is None:
        return NO_SUCH_CLAIM
    return admit(claim, behaviour=upload.behaviour, seed=upload.seed)


def _find_earlier(claim: Claim, history: History) -> ClaimPayment | None:
    """The payment that a replacement or void (REF*F8) is about; None where there is none, or it was taken back before."""
    earlier = history.find_payment(claim.reference("F8"))
    return earlier if earlier is not None and earlier.status != "22" else None


def _has_clearinghouse(upload: Upload) -> bool:
    return upload.partner.answers.ack_277ca_clearinghouse_business_days is not None


def _answers_as_payer(upload: Upload, identity: PayerIdentity | None) -> bool:
    payer = _find_payer(upload.payers, identity.id) if identity else None
    expected = upload.partner.answers.overridden_by(payer.answers if payer is not None else None)
    return expected.ack_277ca_payer_business_days is not None


def _acknowledge_tiers(fates: Sequence[_Fate], upload: Upload) -> list[Answer]:
    """The clearinghouse's 277CA for each set, then each payer's for the claims that reached it."""
    delays = upload.behaviour.delays
    written = []
    if _has_clearinghouse(upload):
        after = _delay(delays.clearinghouse, upload.draw("clearinghouse"))
        tier = Tier(answers.name_partner(upload.partner), answers.FORWARDED)
        screened = [(fate.submission, Screened(fate.claim, fate.clearinghouse)) for fate in fates]
        written += _write_tier(tier, screened, upload, after)
    for payer in dict.fromkeys(fate.payer for fate in fates if fate.clearinghouse is None):
        if not _answers_as_payer(upload, payer):
            continue
        name, identifier = (payer.name, payer.id) if payer else (upload.partner.name.upper(), upload.partner.envelope.receiver_id)
        after = _delay(delays.payer, upload.draw(f"payer {identifier}"))
        reached = [fate for fate in fates if fate.clearinghouse is None and fate.payer == payer]
        screened = [
            (each.submission, Screened(each.claim, each.refusal, "" if each.refusal else each.payer_claim_number))
            for each in reached
        ]
        written += _write_tier(Tier(answers.name_payer(name, identifier), answers.ADMITTED), screened, upload, after)
    return written


def _write_tier(tier: Tier, screened: Sequence[tuple[SubmissionHead, Screened]], upload: Upload, after: int) -> list[Answer]:
    day = upload.due_at(after).date()
    by_submission: dict[SubmissionHead, list[Screened]] = {}
    for submission, each in screened:
        by_submission.setdefault(submission, []).append(each)
    documents = [answers.acknowledge_claims(tier, submission, members, day) for submission, members in by_submission.items()]
    return [answers.write_277ca(documents, after)] if documents else []


def _plan(fates: Sequence[_Fate], upload: Upload, history: History) -> list[Plan]:
    """The remittances of an upload, with the behaviour's mischief done to them."""
    decided = []
    for fate in fates:
        if fate.payment is None or fate.payer is None:
            continue
        claim = fate.claim
        draw = Random(f"payment day {upload.seed} {claim.patient_control_number} {fate.payer_claim_number}")
        day = draw.choice(upload.behaviour.delays.payment_days)
        decided += [
            Decided(fate.payer, claim.billing_provider, day, payment) for payment in _list_payments(claim, fate.payment, history)
        ]
    plans = [settle_negative(plan) for plan in plan_remittances(decided)]
    return disturb(plans, upload.behaviour.mischief, upload.draw("remittances"))


def _list_payments(claim: Claim, payment: ClaimPayment, history: History) -> list[ClaimPayment]:
    """What stands in the remittance for a claim: its payment, after the reversal of the one it replaces."""
    earlier = _find_earlier(claim, history) if claim.frequency == REPLACEMENT else None
    return [payment] if earlier is None else [reverse(earlier), payment]


def _remit(plans: Sequence[Plan], upload: Upload) -> tuple[list[Answer], list[RemittanceRecord]]:
    """One file per payer and payment day; check and EFT numbers count within the upload."""
    written: list[Answer] = []
    recorded: list[RemittanceRecord] = []
    runs: dict[tuple[str, int], list[Plan]] = {}
    for plan in plans:
        runs.setdefault((plan.payer.id, plan.day), []).append(plan)
    for (_, day), members in sorted(runs.items(), key=lambda item: (item[0][1], item[0][0])):
        after = day * _DAY_SECONDS
        numbers = [f"{upload.sequence:06d}{len(recorded) + place:05d}" for place in range(1, len(members) + 1)]
        written.append(answers.write_835(members, numbers, _issue_day(upload, after), after))
        recorded += [_record_remittance(plan, number) for plan, number in zip(members, numbers, strict=True)]
    return written, recorded


def _issue_day(upload: Upload, after: int) -> date:
    return upload.due_at(after).date()


def _record_remittance(plan: Plan, trace_number: str) -> RemittanceRecord:
    return RemittanceRecord(
        trace_number=trace_number,
        payer_id=plan.payer.id,
        payment_count=len(plan.payments),
        amount_cents=plan.amount_cents,
        claims_cents=sum(payment.paid_cents for payment in plan.payments),
        provider_adjustment_cents=sum(adjustment.amount_cents for adjustment in plan.adjustments),
    )


def _record(fate: _Fate) -> ClaimRecord:
    payment = fate.payment
    return ClaimRecord(
        patient_control_number=fate.claim.patient_control_number,
        trace=fate.claim.reference("D9"),
        charge_cents=fate.claim.charge_cents,
        fate=fate.word,
        payer_claim_number=fate.payer_claim_number if payment else "",
        paid_cents=payment.paid_cents if payment else 0,
        patient_cents=sum_patient_cents(payment) if payment else 0,
        adjusted_cents=sum_adjustment_cents(payment) if payment else 0,
    )


def _count_kinds(written: Sequence[Answer]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for answer in written:
        counts[answer.kind] = counts.get(answer.kind, 0) + 1
    return counts
