"""The claim as a partner gets it: our numbers on it, the payers' ids where their profiles say, and who speaks to whom."""

from collections.abc import Mapping

import msgspec

from edi.claims import Claim, Contact, OtherPayer, Party, Reference, ServiceLine
from gateway.domain.completion import complete
from gateway.domain.frequency import REPLACEMENT, VOID
from gateway.domain.other_payers import id_of
from payers.profile import Partner, Payer, Profiles

PAYER_CLAIM_NUMBER = "F8"
OUR_TRACE = "D9"
SAYS_ITSELF = frozenset({REPLACEMENT, VOID})
"""Frequencies of documents that came as a replacement or void: they name the payer's claim themselves."""


def restate(document: Claim, *, frequency: str, payer_claim_number: str) -> Claim:
    """The document as what it is sent as: a replacement (7) or void (8) of what the payer adjudicated under this number.

    A document that says so itself, and names the number, stays as it is; so does an original.
    """
    if frequency not in SAYS_ITSELF:
        return document
    if document.frequency == frequency and document.reference(PAYER_CLAIM_NUMBER):
        return document
    return name_payer_claim(msgspec.structs.replace(document, frequency=frequency), payer_claim_number)


def state(document: Claim, *, frequency: str, payer_claim_number: str, payer: Payer | None) -> Claim:
    """The document as rules ask about it: restated as what it is sent as, and complete with what the payer's profile fills in."""
    return complete(restate(document, frequency=frequency, payer_claim_number=payer_claim_number), payer)


def name_payer_claim(document: Claim, payer_claim_number: str) -> Claim:
    """The document with this REF*F8, and no other; as it is where the number is not known."""
    if not payer_claim_number:
        return document
    kept = tuple(reference for reference in document.references if reference.qualifier != PAYER_CLAIM_NUMBER)
    named = Reference(qualifier=PAYER_CLAIM_NUMBER, value=payer_claim_number)
    return msgspec.structs.replace(document, references=(*kept, named))


def address(document: Claim, *, pcn: str, trace: str, payer: Payer, profiles: Profiles) -> Claim:
    """The document to send, complete: CLM01 is our patient control number, REF*D9 this attempt's trace, 2010BB the payer's.

    Other payers that a profile names by their ids are named as they are sent as well, in 2330B and in 2430 alike.
    """
    references = tuple(reference for reference in document.references if reference.qualifier != OUR_TRACE)
    completed = complete(document, payer)
    addressed = msgspec.structs.replace(
        completed,
        patient_control_number=pcn,
        references=(*references, Reference(qualifier=OUR_TRACE, value=trace)),
        payer=_name_payer(completed.payer, payer, payer.carrier),
    )
    return _name_other_payers(addressed, profiles, payer.carrier) if document.other_payers else addressed


def _name_other_payers(document: Claim, profiles: Profiles, carrier: str) -> Claim:
    """The document with its other payers as the carrier knows them; as it is where two of them would share an id."""
    others = tuple(_name_other_payer(other, profiles, carrier) for other in document.other_payers)
    sent = {id_of(own): id_of(other) for own, other in zip(document.other_payers, others, strict=True)}
    if others == document.other_payers or len(set(sent.values())) < len(others):
        return document
    lines = tuple(_name_deciders(line, sent) if line.adjudications else line for line in document.lines)
    return msgspec.structs.replace(document, other_payers=others, lines=lines)


def _name_other_payer(other: OtherPayer, profiles: Profiles, carrier: str) -> OtherPayer:
    payer = profiles.find_named_payer(other.payer.id) if other.payer else None
    if payer is None or other.payer is None:
        return other
    return msgspec.structs.replace(other, payer=_name_payer(other.payer, payer, carrier))


def _name_deciders(line: ServiceLine, sent: Mapping[str, str]) -> ServiceLine:
    """The line with 2430 SVD01 as 2330B has it."""
    decided = tuple(msgspec.structs.replace(each, payer_id=sent.get(each.payer_id, each.payer_id)) for each in line.adjudications)
    return msgspec.structs.replace(line, adjudications=decided)


def _name_payer(party: Party, payer: Payer, carrier: str) -> Party:
    """NM1 of a payer as the partner that carries the claim knows it."""
    sent_id = payer.find_sent_id(carrier) or party.id
    sent_name = payer.sent_name or party.last_name
    if (sent_id, sent_name) == (party.id, party.last_name):
        return party
    return msgspec.structs.replace(party, id=sent_id, last_name=sent_name)


def usage_of(partner: Partner, payer: Payer) -> str:
    """ISA15 of this payer's claims by this partner: the payer's own where its profile names one."""
    return payer.usage or partner.envelope.usage


def submitter_of(partner: Partner) -> Party:
    """1000A: the billing company as this partner knows it."""
    contact = Contact(name=partner.submitter.contact, numbers=(("TE", partner.submitter.phone),))
    return Party(role="41", last_name=partner.submitter.name, id_qualifier="46", id=partner.submitter.id, contacts=(contact,))


def receiver_of(partner: Partner) -> Party:
    """1000B: the partner as receiver."""
    return Party(role="40", last_name=partner.receiver.name, id_qualifier="46", id=partner.receiver.id)
