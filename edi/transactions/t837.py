"""The three 837s by the guide that a claim follows: for whoever takes in, checks and sends claims of all three alike."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from edi.claims import Claim, Guide, Party, Submission
from edi.claims.sets import ClaimGuide, ReadClaim, SubmissionHead, check_claim, comes_back, read_claims, write_submission
from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.segments import Delimiters
from edi.spec import TransactionSpec
from edi.transactions import t837d, t837i, t837p

__all__ = [
    "GUIDES", "ClaimTransaction", "Kind", "ReadClaim", "SubmissionHead", "comes_back", "find_transaction", "refuse",
    "transaction_of",
]  # fmt: skip

Kind = Literal["professional", "institutional", "dental"]
"""The guides' names in words, as the profiles' `versions` have them."""


class ClaimTransaction(NamedTuple):
    """One of the three 837s: the guide's name and kind, what it demands, and how its claims are read, written and checked."""

    guide: Guide
    kind: Kind
    spec: TransactionSpec

    def read(self, tset: TransactionSet) -> Iterator[SubmissionHead | ReadClaim]:
        """The head of the set, then each claim as its 2300 closes; findings of the whole set are in tset.findings besides."""
        return read_claims(ClaimGuide(self.guide, self.spec), tset)

    def write(self, submission: Submission, *, st_control_number: str, delimiters: Delimiters, version: str = "") -> list[str]:
        """The raw segments ST to SE of one set, without terminators; `version` is ST03, '' for the guide's own.

        Raises Unwritable where a value cannot be sent, ValueError where a claim follows another guide.
        """
        guide = ClaimGuide(self.guide, self.spec)
        return write_submission(guide, submission, st_control_number=st_control_number, delimiters=delimiters, version=version)

    def check(self, claim: Claim, submitter: Party, receiver: Party) -> list[Finding]:
        """What the guide finds in this claim, and whether it comes back equal when it is written and read."""
        return check_claim(ClaimGuide(self.guide, self.spec), claim, submitter, receiver)


GUIDES: dict[Guide, ClaimTransaction] = {
    "837P": ClaimTransaction("837P", "professional", t837p.SPEC),
    "837I": ClaimTransaction("837I", "institutional", t837i.SPEC),
    "837D": ClaimTransaction("837D", "dental", t837d.SPEC),
}
_BY_VERSION = {version: one for one in GUIDES.values() for version in (one.spec.version, *one.spec.accepted_versions)}


def transaction_of(guide: Guide) -> ClaimTransaction:
    """The 837 that claims of this guide are sent as."""
    return GUIDES[guide]


def find_transaction(tset: TransactionSet) -> ClaimTransaction | None:
    """Which of the three a set follows, by ST03 (GS08 where it is empty); None where it is none of them."""
    return _BY_VERSION.get(tset.version) if tset.code == "837" else None


def refuse(tset: TransactionSet) -> Finding:
    """Why a set that find_transaction does not know is not read as claims: another transaction or another version."""
    if tset.code != "837":
        return _refused("1", f"this is a {tset.code or 'nameless'} set; an 837 (P, I or D) is read here")
    told = ", ".join(f"{one.kind} claims of {', '.join(one.spec.accepted_versions)}" for one in GUIDES.values())
    return _refused("I6", f"{tset.version or 'no version'} is not read here; {told} are")


def _refused(code: str, message: str) -> Finding:
    return Finding(code=code, level="set", message=message, segment="ST", position=1, element=3)
