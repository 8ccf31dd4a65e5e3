"""A second opinion on what is about to be sent: pyx12 judges the bytes, in a process of its own that can crash or hang.

It reads the guide from maps of its own, so what both of us let pass is unlikely to be wrong. It never decides alone what a
file says: it may only stop one. Without a verdict (crash, time limit) the batch goes, and a person is told.
"""

import subprocess
import sys
from collections.abc import Iterator

import msgspec

from edi.codes.lists import describe
from edi.findings import EdiError
from edi.interchange import Reader
from edi.transactions import t999
from edi.transactions.t999 import ElementNote, SegmentNote

WORKER: tuple[str, ...] = (sys.executable, "-m", "gateway.pipeline.pyx12_worker")
"""The program that answers; tests put one in its place that crashes or hangs."""
JUDGED = frozenset({"005010X222A1", "005010X223A2"})
"""The versions (GS08) it has a map for: there is none for 837D, nor for the later addenda of the other two."""
SECONDS_AT_LEAST = 20.0
SECONDS_A_CLAIM = 0.05
"""It takes some 2 ms a claim; what takes 25 times that hangs."""


def can_judge(version: str) -> bool:
    """Whether an opinion on claims of this version of a guide can be had at all; where not, nobody is asked."""
    return version in JUDGED


class Objection(msgspec.Struct, frozen=True):
    """What pyx12 finds wrong, and where: the set, and the segment in it (ST = 1), 0 where it named none."""

    st_control_number: str
    position: int
    message: str


class Opinion(msgspec.Struct, frozen=True):
    """The verdict: nothing to object, objections, or none reached (`missing` says why)."""

    objections: tuple[Objection, ...] = ()
    missing: str = ""


class _Verdict(msgspec.Struct):
    """What the worker says."""

    is_valid: bool = False
    acknowledgment: str = ""
    error: str = ""


def ask(content: bytes, claim_count: int) -> Opinion:
    """What pyx12 says of one interchange of this many claims."""
    limit = SECONDS_AT_LEAST + SECONDS_A_CLAIM * claim_count
    try:
        done = subprocess.run(WORKER, input=content, capture_output=True, timeout=limit, check=False)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired:
        return Opinion(missing=f"it gave no answer within {limit:.0f} seconds")
    if done.returncode:
        return Opinion(missing=f"its process ended with {done.returncode}")
    try:
        verdict = msgspec.json.decode(done.stdout, type=_Verdict)
    except msgspec.DecodeError:
        return Opinion(missing="its answer cannot be read")
    if verdict.error:
        return Opinion(missing=f"it failed with {verdict.error}")
    return _read_verdict(verdict)


def _read_verdict(verdict: _Verdict) -> Opinion:
    try:
        objections = tuple(_objections(verdict.acknowledgment))
    except EdiError:
        return Opinion(missing="its acknowledgment cannot be read")
    if not verdict.is_valid and not objections:
        return Opinion(objections=(Objection("", 0, "the envelope (ISA, GS) or something it does not name"),))
    return Opinion(objections=objections)


def _objections(acknowledgment: str) -> Iterator[Objection]:
    """What a 999 of pyx12 complains of, set by set."""
    for tset in Reader([acknowledgment.encode("latin-1")]):
        for response in t999.read(tset).sets:
            if response.verdict == "A":
                continue
            for note in response.notes:
                yield Objection(response.control_number, note.position, _describe(note))
            if not response.notes:
                codes = ", ".join(response.codes) or "none"
                yield Objection(response.control_number, 0, f"the set as a whole (IK502 {codes})")


def _describe(note: SegmentNote) -> str:
    if not note.elements:
        return f"segment {note.position}, {note.segment}: {describe('IK304', note.code)}"
    return f"segment {note.position}: {', '.join(_describe_element(note.segment, one) for one in note.elements)}"


def _describe_element(segment: str, note: ElementNote) -> str:
    place = f"{segment}{note.element:02}" + (f"-{note.component}" if note.component else "")
    return f"{place}: {describe('IK403', note.code)}"
