"""A claim with what its payer's profile fills in, as it is judged and sent; the document that is kept has none of it."""

import msgspec

from edi.claims import Claim, Coverage, Party
from payers.payer import Payer


def complete(claim: Claim, payer: Payer | None) -> Claim:
    """The claim with SBR09 and the payer's name from the profile where it leaves them empty, its payer id as spelled there.

    What is complete stays as it is. An id that the profile translates for the way by which it goes (sent_payer_id) is still the
    claim's own here: lines of business are told by it.
    """
    if payer is None:
        return claim
    coverage, party = _complete_coverage(claim, payer), _complete_payer(claim.payer, payer)
    if (coverage, party) == (claim.coverage, claim.payer):
        return claim
    return msgspec.structs.replace(claim, coverage=coverage, payer=party)


def _complete_coverage(claim: Claim, payer: Payer) -> Coverage:
    if claim.coverage.claim_filing_indicator:
        return claim.coverage
    return msgspec.structs.replace(claim.coverage, claim_filing_indicator=payer.find_filing_indicator(claim.payer.id))


def _complete_payer(party: Party, payer: Payer) -> Party:
    spelled, name = payer.find_spelling(party.id), party.last_name or payer.sent_name
    return party if (spelled, name) == (party.id, party.last_name) else msgspec.structs.replace(party, id=spelled, last_name=name)


def list_filled(claim: Claim, completed: Claim) -> frozenset[str]:
    """The paths of what the profile filled in where the claim had nothing."""
    given = {
        "coverage.claim_filing_indicator": (claim.coverage.claim_filing_indicator, completed.coverage.claim_filing_indicator),
        "payer.last_name": (claim.payer.last_name, completed.payer.last_name),
    }
    return frozenset(path for path, (own, filled) in given.items() if filled and not own)
