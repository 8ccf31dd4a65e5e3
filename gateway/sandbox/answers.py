"""What the sandbox says, as documents and then as bytes: TA1, 999, 277CA and 835 in envelopes of its own."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from edi import interchange
from edi.claims import Claim, Party, Reference
from edi.interchange import GroupHeader, InterchangeHeader
from edi.segments import Delimiters
from edi.transactions import t277ca, t835, t999
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment, Status, StatusInformation
from edi.transactions.t837 import SubmissionHead
from edi.transactions.t999 import GroupResponse
from edi.transactions.ta1 import InterchangeAcknowledgment
from gateway.domain.claim_places import find_first_service, find_last_service
from gateway.sandbox import remitting
from gateway.sandbox.remitting import Plan
from gateway.sandbox.screening import Rejection
from payers.profile import Partner

DELIMITERS = Delimiters()
VERSION_999 = "005010X231A1"
VERSION_277CA = "005010X214"
VERSION_835 = "005010X221A1"
VERSION_TA1 = "00501"
_TYPE_OF_BILL = "BLT"
"""REF01 of an institutional claim's type of bill."""

FORWARDED = Status(category="A0", code="16", entity="PR")
ADMITTED = Status(category="A2", code="20", entity="PR")


class Answer(msgspec.Struct, frozen=True):
    """One file to be: its kind (also the end of its name), how many seconds after the upload, and what it holds.

    `sets` are whole transaction sets as raw segments; a TA1 has none.
    """

    kind: str
    after_seconds: int
    functional_id: str = ""
    version: str = ""
    sets: tuple[tuple[str, ...], ...] = ()
    acknowledgments: tuple[InterchangeAcknowledgment, ...] = ()


class Screened(msgspec.Struct, frozen=True):
    """A claim at one tier: refused for a reason, or passed on with the number the payer gave it."""

    claim: Claim
    rejection: Rejection | None = None
    payer_claim_number: str = ""


class Tier(msgspec.Struct, frozen=True):
    """Who speaks in a 277CA, and with which status it accepts a claim."""

    source: Party
    accepted: Status


def write_999(responses: Sequence[GroupResponse], after_seconds: int) -> Answer:
    """One 999 set per functional group, in one file."""
    sets = [tuple(t999.write(r, st_control_number=_number(place), delimiters=DELIMITERS)) for place, r in enumerate(responses, 1)]
    return Answer("999", after_seconds, "FA", VERSION_999, tuple(sets))


def acknowledge_claims(
    tier: Tier, submission: SubmissionHead, screened: Sequence[Screened], day: date
) -> tuple[ClaimAcknowledgment, list[AcknowledgedUnit]]:
    """The 277CA of one tier on one of our sets: head, then receiver, and each provider followed by its claims."""
    submitter = _name_only(submission.submitter)
    head = ClaimAcknowledgment(
        reference=submission.reference[:30],
        created_date=day,
        source=tier.source,
        source_trace=submission.reference,
        received_date=day,
        processed_date=day,
        receiver=submitter,
    )
    units = [_greet(tier, _sum_up("receiver", submitter, screened), submission.reference, day)]
    providers: dict[str, list[Screened]] = {}
    for each in screened:
        providers.setdefault(each.claim.billing_provider.id, []).append(each)
    for members in providers.values():
        units.append(_sum_up("provider", _name_only(members[0].claim.billing_provider), members))
        units += [_describe_claim(member, tier.accepted, day) for member in members]
    return head, units


def write_277ca(documents: Iterable[tuple[ClaimAcknowledgment, Sequence[AcknowledgedUnit]]], after_seconds: int) -> Answer:
    """One 277CA set per document pair, in one file."""
    sets = [
        tuple(t277ca.write(head, units, st_control_number=_number(place), delimiters=DELIMITERS))
        for place, (head, units) in enumerate(documents, 1)
    ]
    return Answer("277ca", after_seconds, "HN", VERSION_277CA, tuple(sets))


def write_835(plans: Sequence[Plan], traces: Sequence[str], issued: date, after_seconds: int) -> Answer:
    """One 835 set per plan, under these check or EFT numbers, in one file."""
    sets = []
    for place, (plan, trace) in enumerate(zip(plans, traces, strict=True), 1):
        remittance, payments, adjustments = remitting.describe(plan, trace_number=trace, issued=issued)
        written = t835.write(remittance, payments, adjustments, st_control_number=_number(place), delimiters=DELIMITERS)
        sets.append(tuple(written))
    return Answer("835", after_seconds, "HP", VERSION_835, tuple(sets))


def write_envelope(answer: Answer, partner: Partner, *, control_number: int, at: datetime) -> bytes:
    """The answer as an interchange from the partner to us, created `at`."""
    envelope = partner.envelope
    header = InterchangeHeader(
        sender_qualifier=envelope.receiver_qualifier,
        sender_id=envelope.receiver_id,
        receiver_qualifier=envelope.sender_qualifier,
        receiver_id=envelope.sender_id,
        date=at.date(),
        time=at.strftime("%H%M"),
        isa_control_number=control_number,
        version=VERSION_TA1,
        usage=envelope.usage,
        acknowledgment_requested=False,
        delimiters=DELIMITERS,
    )
    group = GroupHeader(
        functional_id=answer.functional_id,
        application_sender=envelope.application_receiver,
        application_receiver=envelope.application_sender,
        date=at.date(),
        time=at.strftime("%H%M"),
        gs_control_number=control_number,
        version=answer.version,
    )
    groups = [(group, answer.sets)] if answer.sets else []
    return b"".join(interchange.write_interchange(header, groups, answer.acknowledgments))


def name_partner(partner: Partner) -> Party:
    """The clearinghouse as the source of a 277CA (NM1*AY)."""
    return Party(role="AY", last_name=partner.name.upper(), id_qualifier="46", id=partner.envelope.receiver_id)


def name_payer(name: str, identifier: str) -> Party:
    """The payer as the source of a 277CA (NM1*PR)."""
    return Party(role="PR", last_name=name, id_qualifier="PI", id=identifier)


def _number(place: int) -> str:
    return f"{place:04d}"


def _name_only(party: Party) -> Party:
    """The party without its address and numbers, which a 277CA does not carry."""
    return Party(
        role=party.role,
        is_person=party.is_person,
        last_name=party.last_name,
        first_name=party.first_name,
        middle_name=party.middle_name,
        suffix=party.suffix,
        id_qualifier=party.id_qualifier,
        id=party.id,
    )


def _sum_up(level: t277ca.StatusLevel, party: Party, screened: Sequence[Screened]) -> AcknowledgedUnit:
    """The receiver's or a provider's unit: how many claims and how much money were accepted and rejected below it."""
    accepted = [each.claim.charge_cents for each in screened if each.rejection is None]
    rejected = [each.claim.charge_cents for each in screened if each.rejection is not None]
    return AcknowledgedUnit(
        level=level,
        position=0,
        party=party,
        accepted_count=len(accepted) or None,
        rejected_count=len(rejected) or None,
        accepted_cents=sum(accepted) if accepted else None,
        rejected_cents=sum(rejected) if rejected else None,
    )


def _greet(tier: Tier, unit: AcknowledgedUnit, reference: str, day: date) -> AcknowledgedUnit:
    """The receiver's unit with the tier's word on the whole set: it was received, whatever became of its claims."""
    received = StatusInformation(
        statuses=(Status(category="A1", code="19", entity=tier.source.role),),
        effective_date=day,
        action="WQ",
        charge_cents=(unit.accepted_cents or 0) + (unit.rejected_cents or 0),
    )
    return msgspec.structs.replace(unit, trace=reference, statuses=(received,))


def _describe_claim(screened: Screened, accepted: Status, day: date) -> AcknowledgedUnit:
    claim, rejection = screened.claim, screened.rejection
    status = accepted if rejection is None else Status(category=rejection.category, code=rejection.code, entity=rejection.entity)
    word = StatusInformation(
        statuses=(status,),
        effective_date=day,
        action="U" if rejection else "WQ",
        charge_cents=claim.charge_cents,
        text=rejection.text if rejection else "",
    )
    patient = _name_only(claim.patient or claim.subscriber)
    first, last = find_first_service(claim), find_last_service(claim)
    bill = f"{claim.place_of_service}{claim.frequency}" if claim.guide == "837I" else ""
    return AcknowledgedUnit(
        level="claim",
        position=0,
        party=msgspec.structs.replace(patient, role="QC", id_qualifier=claim.subscriber.id_qualifier, id=claim.subscriber.id),
        trace=claim.patient_control_number,
        statuses=(word,),
        payer_claim_number=screened.payer_claim_number,
        claim_trace=claim.reference("D9"),
        references=(Reference(qualifier=_TYPE_OF_BILL, value=bill),) if bill else (),
        service_from=first,
        service_through=last if last != first else None,
    )
