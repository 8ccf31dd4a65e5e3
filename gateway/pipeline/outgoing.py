"""The claim as a partner gets it: our numbers on it, the payer's ids where its profile says, and who speaks to whom."""

import msgspec

from edi.claims import Claim, Contact, Party, Reference
from payers.profile import Partner, Payer


def address(document: Claim, *, pcn: str, trace: str, payer: Payer) -> Claim:
    """The document to send: CLM01 is our patient control number, REF*D9 this attempt's trace, SBR09 the payer's own."""
    references = tuple(reference for reference in document.references if reference.qualifier != "D9")
    coverage = document.coverage
    if not coverage.claim_filing_indicator:
        coverage = msgspec.structs.replace(coverage, claim_filing_indicator=payer.find_filing_indicator(document.payer.id))
    return msgspec.structs.replace(
        document,
        patient_control_number=pcn,
        references=(*references, Reference(qualifier="D9", value=trace)),
        coverage=coverage,
    )


def submitter_of(partner: Partner) -> Party:
    """1000A: the billing company as this partner knows it."""
    contact = Contact(name=partner.submitter.contact, numbers=(("TE", partner.submitter.phone),))
    return Party(role="41", last_name=partner.submitter.name, id_qualifier="46", id=partner.submitter.id, contacts=(contact,))


def receiver_of(partner: Partner) -> Party:
    """1000B: the partner as receiver."""
    return Party(role="40", last_name=partner.receiver.name, id_qualifier="46", id=partner.receiver.id)
