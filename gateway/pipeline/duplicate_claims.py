"""Finds the claims that bill the same service for the same patient, for the edits and once more before claims leave."""

from collections.abc import Mapping, Sequence

import msgspec
from structlog import get_logger

from edi.claims import Claim
from gateway.db import claims as claim_rows
from gateway.db.engine import Connection
from gateway.domain.duplicates import PatientClaim, Twin, find_same_line, list_rivals, name_service
from payers.profile import Profiles

_log = get_logger(__name__)
_decode = msgspec.json.Decoder(Claim).decode


def find_twins(
    connection: Connection, profiles: Profiles, claims: Sequence[PatientClaim], documents: Mapping[int, Claim]
) -> dict[int, list[Twin]]:
    """By claim id those that go before a claim and bill a service of it, the unreadable last; `documents` are the claims' own.

    A document of another claim is read only where the patient, the practice and the days are the same.
    """
    of_patient = claim_rows.list_of_patients(connection, [claim.patient_digest for claim in claims])
    rivals = {claim.id: own for claim in claims if (own := list_rivals(claim, of_patient.get(claim.patient_digest, ())))}
    if not rivals:
        return {}
    others = {other.id: other for own in rivals.values() for other in own if other.id not in documents}
    known = {**_read_documents(connection, list(others.values())), **documents}
    twins: dict[int, list[Twin]] = {}
    for claim_id, own in rivals.items():
        compared = (_compare(documents[claim_id], other, known.get(other.id), profiles) for other in own)
        if found := [twin for twin in compared if twin is not None]:
            twins[claim_id] = sorted(found, key=lambda twin: twin.line == 0)
    return twins


def _read_documents(connection: Connection, claims: Sequence[PatientClaim]) -> dict[int, Claim]:
    """Their documents by claim id; one that cannot be read is left out, and logged: it must not stop the others."""
    found: dict[int, Claim] = {}
    for claim_id, text in claim_rows.documents_as_kept(connection, [(claim.id, claim.version) for claim in claims]):
        try:
            found[claim_id] = _decode(text)
        except msgspec.MsgspecError as error:
            _log.warning("duplicates.unreadable", claim_id=claim_id, error=type(error).__name__)
    return found


def _compare(document: Claim, other: PatientClaim, its_document: Claim | None, profiles: Profiles) -> Twin | None:
    if its_document is None:
        return Twin(other.id, other.pcn, other.state, 0, "")
    place = find_same_line(document, its_document, profiles)
    if place is None:
        return None
    return Twin(other.id, other.pcn, other.state, place + 1, name_service(document.lines[place]))
