"""The claim as a partner gets it: our numbers on it, the payer's ids where its profile says, and who speaks to whom."""

import msgspec

from edi.claims import Claim, Contact, Party, Reference
from payers.profile import Partner, Payer

PAYER_CLAIM_NUMBER = "F8"
OUR_TRACE = "D9"
SAYS_ITSELF = frozenset({"7", "8"})
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


def name_payer_claim(document: Claim, payer_claim_number: str) -> Claim:
    """The document with this REF*F8, and no other; as it is where the number is not known."""
    if not payer_claim_number:
        return document
    kept = tuple(reference for reference in document.references if reference.qualifier != PAYER_CLAIM_NUMBER)
    named = Reference(qualifier=PAYER_CLAIM_NUMBER, value=payer_claim_number)
    return msgspec.structs.replace(document, references=(*kept, named))


def address(document: Claim, *, pcn: str, trace: str, payer: Payer) -> Claim:
    """The document to send: CLM01 is our patient control number, REF*D9 this attempt's trace, SBR09 and 2010BB the payer's."""
    references = tuple(reference for reference in document.references if reference.qualifier != OUR_TRACE)
    coverage = document.coverage
    if not coverage.claim_filing_indicator:
        coverage = msgspec.structs.replace(coverage, claim_filing_indicator=payer.find_filing_indicator(document.payer.id))
    return msgspec.structs.replace(
        document,
        patient_control_number=pcn,
        references=(*references, Reference(qualifier=OUR_TRACE, value=trace)),
        coverage=coverage,
        payer=_name_payer(document.payer, payer),
    )


def _name_payer(party: Party, payer: Payer) -> Party:
    """2010BB as the partner that carries the claim knows the payer."""
    second = payer.second_route if payer.route == "second" else None
    sent_id = (second.sent_payer_id if second else "") or payer.sent_payer_id or party.id
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
