"""Every transaction read and written here, by ST01 and version; whatever else comes is refused by its name."""

from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.parts import Transaction
from edi.transactions import t270, t271, t276, t277, t277ca, t835, t837d, t837i, t837p, t999

TRANSACTIONS: tuple[Transaction, ...] = (
    t270.TRANSACTION,
    t271.TRANSACTION,
    t276.TRANSACTION,
    t277.TRANSACTION,
    t277ca.TRANSACTION,
    t835.TRANSACTION,
    t837d.TRANSACTION,
    t837i.TRANSACTION,
    t837p.TRANSACTION,
    t999.TRANSACTION,
    t999.TRANSACTION_997,
)
"""Adding a transaction: one file in transactions/ with its SPEC and TRANSACTION, and its line here."""

_KNOWN_ELSEWHERE = {
    "270": "an eligibility inquiry",
    "271": "an eligibility response",
    "274": "a provider directory",
    "275": "an attachment",
    "276": "a claim status request",
    "277": "a claim status response",
    "278": "a services review",
    "820": "a premium payment",
    "834": "a benefit enrolment",
    "835": "a remittance",
    "837": "a claim",
    "997": "a functional acknowledgment",
    "999": "an implementation acknowledgment",
    "824": "an application advice",
}
_BY_KEY = {(one.spec.code, version): one for one in TRANSACTIONS for version in (one.spec.version, *one.spec.accepted_versions)}


def find_transaction(tset: TransactionSet) -> Transaction | None:
    """The transaction a set follows, by ST01 and ST03 (GS08 where ST03 is empty); None where none here does."""
    return _BY_KEY.get((tset.code, tset.version))


def refuse(tset: TransactionSet) -> Finding:
    """Why a set that find_transaction does not know is not read, by its name: another transaction or another version."""
    versions = sorted({one.spec.version for one in TRANSACTIONS if one.spec.code == tset.code})
    what = _KNOWN_ELSEWHERE.get(tset.code, "a transaction not known here")
    version = tset.version or "no version"
    if versions:
        message = f"this is {what} ({tset.code}) of version {version}; {', '.join(versions)} and their addenda are read here"
        return Finding(code="I6", level="set", message=message, segment="ST", position=1, element=3)
    message = f"this is {what} ({tset.code or 'no ST01'}, version {version}), which is not read here"
    return Finding(code="1", level="set", message=message, segment="ST", position=1, element=1)
