"""Uploads as the gateway would write them, for tests of the other side of the wire."""

from collections.abc import Sequence
from datetime import datetime

from edi.claims import Claim, Contact, Party, Submission
from edi.interchange import GroupHeader, InterchangeHeader, write_interchange
from edi.segments import Delimiters
from edi.transactions.t837 import transaction_of
from payers.profile import Partner

CREATED_AT = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001 - X12 says a day and an hour without a zone


def write_upload(partner: Partner, *sets: Sequence[Claim], isa_control_number: int = 1) -> bytes:
    """One interchange for the partner: a group of one transaction set for each sequence of claims, all of one guide."""
    envelope, delimiters, transaction = partner.envelope, Delimiters(), transaction_of(sets[0][0].guide)
    header = InterchangeHeader(
        sender_qualifier=envelope.sender_qualifier,
        sender_id=envelope.sender_id,
        receiver_qualifier=envelope.receiver_qualifier,
        receiver_id=envelope.receiver_id,
        date=CREATED_AT.date(),
        time="0800",
        isa_control_number=isa_control_number,
        usage=envelope.usage,
    )
    group = GroupHeader(
        functional_id="HC",
        application_sender=envelope.application_sender,
        application_receiver=envelope.application_receiver,
        date=CREATED_AT.date(),
        time="0800",
        gs_control_number=isa_control_number,
        version=transaction.spec.version,
    )
    written = []
    for place, claims in enumerate(sets, 1):
        submission = _submit(partner, claims, f"B{isa_control_number:06d}{place:02d}")
        written.append(transaction.write(submission, st_control_number=f"{place:04d}", delimiters=delimiters))
    return b"".join(write_interchange(header, [(group, written)]))


def _submit(partner: Partner, claims: Sequence[Claim], reference: str) -> Submission:
    contact = Contact(name=partner.submitter.contact, numbers=(("TE", partner.submitter.phone),))
    return Submission(
        reference=reference,
        created_at=CREATED_AT,
        submitter=Party(
            role="41", last_name=partner.submitter.name, id_qualifier="46", id=partner.submitter.id, contacts=(contact,)
        ),
        receiver=Party(role="40", last_name=partner.receiver.name, id_qualifier="46", id=partner.receiver.id),
        claims=tuple(claims),
    )
