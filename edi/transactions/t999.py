"""999 Implementation Acknowledgment (005010X231A1): syntax, per transaction set, as documents."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from edi.claims import Document
from edi.dictionary import SEGMENTS
from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.loop_fields import element_of, first_position
from edi.punctuation import compose, join, punctuate
from edi.segments import Delimiters
from edi.spec import MANY, R, S, loop, seg, transaction
from edi.tree import Loop
from edi.tree import read as read_loops

SPEC = transaction(
    "999",
    "005010X231A1",
    "FA",
    "Implementation Acknowledgment",
    seg("ST", R, e1="999"),
    seg("AK1", R),
    loop(
        "2000",
        "Set Response",
        S,
        MANY,
        seg("AK2", R),
        loop(
            "2100",
            "Segment Error",
            S,
            MANY,
            seg("IK3", R),
            seg("CTX", S, 10),
            loop("2110", "Element Error", S, MANY, seg("IK4", R), seg("CTX", S, 10)),
        ),
        seg("IK5", R, e1=("A", "E", "M", "R", "W", "X")),
    ),
    seg("AK9", R, e1=("A", "E", "M", "P", "R", "W", "X")),
    seg("SE", R),
    accepted_versions=("005010X231", "005010X231A1"),
)

SPEC_997 = transaction(
    "997",
    "005010",
    "FA",
    "Functional Acknowledgment",
    seg("ST", R, e1="997"),
    seg("AK1", R),
    loop(
        "2000",
        "Set Response",
        S,
        MANY,
        seg("AK2", R),
        loop("2100", "Segment Error", S, MANY, seg("AK3", R), loop("2110", "Element Error", S, MANY, seg("AK4", R))),
        seg("AK5", R, e1=("A", "E", "M", "R", "W", "X")),
    ),
    seg("AK9", R, e1=("A", "E", "M", "P", "R", "W", "X")),
    seg("SE", R),
    accepted_versions=("005010", "004010"),
)
"""The older acknowledgment, which some partners still send: the same words under other tags, and no context."""

TOLERATED = frozenset(("I10", "I4"))
"""Codes of elements and segments that are not used here: the set is accepted with errors."""

NAMELESS = "ZZ"
"""IK301 for a segment whose own tag cannot be read: the element is required, and garbage must not be echoed in it."""
_CODES_MAX = 5
_VALUE_LENGTH_MAX = 99


class ElementNote(Document, frozen=True, kw_only=True):
    """IK4: one element's error. `code` is IK403."""

    element: int
    code: str
    component: int = 0
    repeat: int = 0
    data_element: str = ""
    value: str = ""


class SegmentNote(Document, frozen=True, kw_only=True):
    """IK3 with its CTX and IK4s. `position` counts from ST = 1; `patient_control_number` is CTX*CLM01:…"""

    segment: str
    position: int
    code: str
    loop: str = ""
    patient_control_number: str = ""
    elements: tuple[ElementNote, ...] = ()


class SetResponse(Document, frozen=True, kw_only=True):
    """AK2 … IK5: one transaction set's verdict. `verdict` is IK501: A, E, R, M, W, X."""

    transaction: str
    control_number: str
    verdict: str
    version: str = ""
    codes: tuple[str, ...] = ()
    notes: tuple[SegmentNote, ...] = ()
    position: int = 0


class GroupResponse(Document, frozen=True, kw_only=True):
    """AK1 and AK9 with every set response between. `verdict` is AK901: A, E, P, R, M, W, X."""

    functional_id: str
    control_number: int
    verdict: str
    version: str = ""
    set_count: int = 0
    received_count: int = 0
    accepted_count: int = 0
    codes: tuple[str, ...] = ()
    sets: tuple[SetResponse, ...] = ()


def read(tset: TransactionSet) -> GroupResponse:
    """The acknowledgment of one functional group, from a 999 or a 997; what is missing is '' or 0, with findings in the set."""
    spec = SPEC_997 if tset.code == "997" else SPEC
    root = next(unit.loop for unit in read_loops(spec, tset) if not unit.parents)
    group, verdict = _first(root, "AK1"), _first(root, "AK9")
    return GroupResponse(
        functional_id=element_of(group, 1),
        control_number=_count(element_of(group, 2)),
        version=element_of(group, 3),
        verdict=element_of(verdict, 1),
        set_count=_count(element_of(verdict, 2)),
        received_count=_count(element_of(verdict, 3)),
        accepted_count=_count(element_of(verdict, 4)),
        codes=tuple(code for code in verdict[5:] if code),
        sets=tuple(_read_set(child, tset.delimiters) for child in root.loops),
    )


def _first(loop: Loop, *tags: str) -> list[str]:
    return next((segment for segment in loop.segments if segment[0] in tags), [])


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _read_set(loop: Loop, delimiters: Delimiters) -> SetResponse:
    asked, verdict = _first(loop, "AK2"), _first(loop, "IK5", "AK5")
    return SetResponse(
        transaction=element_of(asked, 1),
        control_number=element_of(asked, 2),
        version=element_of(asked, 3),
        verdict=element_of(verdict, 1),
        codes=tuple(code for code in verdict[2:] if code),
        notes=tuple(_read_note(child, delimiters) for child in loop.loops),
        position=first_position(loop),
    )


def _read_note(loop: Loop, delimiters: Delimiters) -> SegmentNote:
    note = _first(loop, "IK3", "AK3")
    return SegmentNote(
        segment=element_of(note, 1),
        position=_count(element_of(note, 2)),
        loop=element_of(note, 3),
        code=element_of(note, 4),
        patient_control_number=_find_patient_control_number(loop, delimiters),
        elements=tuple(_read_element(_first(child, "IK4", "AK4"), delimiters) for child in loop.loops),
    )


def _find_patient_control_number(loop: Loop, delimiters: Delimiters) -> str:
    for segment in loop.segments:
        if segment[0] == "CTX":
            name, _, value = element_of(segment, 1).partition(delimiters.component)
            if name == "CLM01":
                return value
    return ""


def _read_element(segment: list[str], delimiters: Delimiters) -> ElementNote:
    where = [*element_of(segment, 1).split(delimiters.component), "", ""]
    return ElementNote(
        element=_count(where[0]),
        component=_count(where[1]),
        repeat=_count(where[2]),
        data_element=element_of(segment, 2),
        code=element_of(segment, 3),
        value=element_of(segment, 4),
    )


def write(response: GroupResponse, *, st_control_number: str, delimiters: Delimiters) -> list[str]:
    """The raw segments ST to SE of a 999, without terminators.

    A bad value (IK404) that cannot be written under these delimiters is left out, as the guide allows; Unwritable is raised
    where any other value cannot.
    """
    segments = [
        join("ST", SPEC.code, st_control_number, SPEC.version),
        join("AK1", response.functional_id, str(response.control_number), response.version),
    ]
    unwritable = frozenset(delimiters.element + delimiters.component + delimiters.repetition + delimiters.segment)
    for one in response.sets:
        segments.append(join("AK2", one.transaction, one.control_number, one.version))
        for note in one.notes:
            segments += _note_segments(note, unwritable)
        segments.append(join("IK5", one.verdict, *one.codes[:_CODES_MAX]))
    counts = (response.set_count, response.received_count, response.accepted_count)
    segments.append(join("AK9", response.verdict, *map(str, counts), *response.codes[:_CODES_MAX]))
    segments.append(join("SE", str(len(segments) + 1), st_control_number))
    return punctuate(segments, delimiters, response)


def _note_segments(note: SegmentNote, unwritable: frozenset[str]) -> Iterable[str]:
    yield join("IK3", note.segment, str(note.position), note.loop, note.code)
    if note.patient_control_number:
        yield join("CTX", compose("CLM01", note.patient_control_number))
    for one in note.elements:
        where = compose(str(one.element), _number(one.component), _number(one.repeat))
        value = "" if unwritable & set(one.value) or not one.value.isprintable() else one.value
        yield join("IK4", where, one.data_element, one.code, value)


def _number(count: int) -> str:
    return str(count) if count else ""


def respond(tset: TransactionSet, *, patient_control_numbers: Sequence[tuple[int, int, str]] = ()) -> SetResponse:
    """What a 999 says of this set, once it has been read to its end.

    `patient_control_numbers` are (first position, last position, PCN) of its claims. One note for each segment and code, its
    element errors under it. The verdict is A without findings, E where every finding is of something not used, else R.
    """
    findings = [finding for finding in tset.findings if finding.level in {"set", "segment", "element"}]
    located = sorted((one for one in findings if one.level != "set"), key=lambda one: one.position)
    notes = []
    for (position, tag), group in groupby(located, key=lambda one: (one.position, one.segment)):
        pcn = next((pcn for first, last, pcn in patient_control_numbers if first <= position <= last), "")
        notes += _notes_of(tag or NAMELESS, position, list(group), pcn)
    codes = list(dict.fromkeys(finding.code for finding in findings if finding.level == "set"))
    if located and "5" not in codes:
        codes.append("5")
    verdict = "A" if not findings else "E" if all(finding.code in TOLERATED for finding in findings) else "R"
    return SetResponse(
        transaction=tset.code,
        control_number=tset.st_control_number,
        version=tset.version,
        verdict=verdict,
        codes=tuple(codes[:_CODES_MAX]),
        notes=tuple(notes),
    )


def _notes_of(tag: str, position: int, findings: Sequence[Finding], pcn: str) -> list[SegmentNote]:
    loop = findings[0].loop
    codes = list(dict.fromkeys(finding.code for finding in findings if finding.level == "segment" and finding.code != "8"))
    notes = [SegmentNote(segment=tag, position=position, code=code, loop=loop, patient_control_number=pcn) for code in codes]
    elements = tuple(_element_note(finding) for finding in findings if finding.level == "element")
    if elements:
        notes.append(
            SegmentNote(segment=tag, position=position, code="8", loop=loop, patient_control_number=pcn, elements=elements)
        )
    return notes


def _element_note(finding: Finding) -> ElementNote:
    return ElementNote(
        element=finding.element,
        component=finding.component,
        repeat=finding.repeat,
        data_element=_data_element(finding),
        code=finding.code,
        value=finding.value[:_VALUE_LENGTH_MAX],
    )


def _data_element(finding: Finding) -> str:
    """The number of the data element (IK402); a composite's own number is no data element number."""
    known = SEGMENTS[finding.segment].elements if finding.segment in SEGMENTS else ()
    if not 1 <= finding.element <= len(known):
        return ""
    element = known[finding.element - 1]
    if not element.components:
        return element.number
    return element.components[finding.component - 1].number if 1 <= finding.component <= len(element.components) else ""
