"""Finds the one claim that a person means by a number."""

import re

from gateway.db import listings
from gateway.db.engine import Connection, Row
from gateway.domain.control_numbers import normalise_pcn
from gateway.errors import Refused

_BY_ID = re.compile(r"id:([0-9]{1,18})")
LISTED_MAX = 20


def get_claim(connection: Connection, number: str) -> Row:
    """The claim with this number: our patient control number, the one it came with, the payer's, or id:N.

    Raises Refused where no claim has it, and where several have it, naming them.
    """
    found = _find(connection, number.strip())
    if not found:
        raise Refused(
            f"no claim has the number {number}. Give our patient control number (PCN), the number the claim came with, the "
            "payer's claim number, or id:N as `claims list` shows it"
        )
    if len(found) > 1:
        listed = "".join(
            f"\n  id:{row['id']}  PCN {row['pcn']}  {row['state']}, payer {row['payer'] or '(none)'}"
            for row in found[:LISTED_MAX]
        )
        more = f"\n  and {len(found) - LISTED_MAX} more" if len(found) > LISTED_MAX else ""
        raise Refused(f"{len(found)} claims have the number {number}; name one of them by id:N.{listed}{more}")
    return found[0]


def _find(connection: Connection, number: str) -> list[Row]:
    by_id = _BY_ID.fullmatch(number)
    if by_id:
        return list(listings.claim_by_id(connection, int(by_id[1])))
    return list(listings.find_claims(connection, number, match_pcn=normalise_pcn(number))) if number else []
