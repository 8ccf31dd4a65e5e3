"""What intake asks of the claims that are kept already: which of those that come are among them, and how they read."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from edi.claims import Claim
from gateway.db.engine import Connection, chunks_of
from gateway.db.tables import claim, claim_version

_decode = msgspec.json.Decoder(Claim).decode


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A claim that is kept: our number for it, its state, and its documents, oldest first."""

    pcn: str
    state: str
    versions: list[Claim]


def find_known(connection: Connection, fingerprints: Sequence[str]) -> dict[str, Known]:
    """Those of the fingerprints that a claim has already, each with that claim."""
    found: dict[str, Known] = {}
    columns = (claim.c.fingerprint, claim.c.pcn, claim.c.state, claim_version.c.document)
    query = select(*columns).join(claim_version, claim_version.c.claim_id == claim.c.id).order_by(claim_version.c.version)
    for chunk in chunks_of(fingerprints, 500):
        for fingerprint, pcn, state, document in connection.execute(query.where(claim.c.fingerprint.in_(chunk))):
            known = found.setdefault(fingerprint, Known(pcn=pcn, state=state, versions=[]))
            known.versions.append(_decode(document))
    return found
