"""999 Implementation Acknowledgment (005010X231A1) and the older 997: syntax, per transaction set, as documents."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

import msgspec

from edi.claims import Document
from edi.claims.loop_fields import element_of, trimmed
from edi.dictionary import SEGMENTS
from edi.findings import Finding
from edi.headers import GroupHeader
from edi.inquiries.remainder import Content, LevelDocument, carry_rest, flatten, lay_out, normalise
from edi.inquiries.segment_fields import parts_of
from edi.interchange import TransactionSet
from edi.parts import Part, Transaction, WriteParts
from edi.punctuation import REPETITION, compose, join, punctuate
from edi.segments import Delimiters
from edi.spec import MANY, LoopSpec, R, S, SegmentSpec, TransactionSpec, loop, seg, transaction
from edi.transactions.places import codes
from edi.tree import read as read_loops

# fmt: off
_GROUPS = codes("AG BE FA HB HC HI HN HP HR HS HU HV PI RA RF TX")
"""AK101: the kinds of groups (GS01) that somebody in the trade answers."""
SEGMENT_CODES = codes("1 2 3 4 5 6 7 8 I4 I6 I7 I8 I9")
ELEMENT_CODES = codes("1 2 3 4 5 6 7 8 9 10 12 13 I6 I9 I10 I11 I12 I13")
SET_CODES = codes("1 2 3 4 5 6 7 8 9 10 11 12 13 15 16 17 18 19 23 24 25 26 27 I5 I6")
GROUP_CODES = codes("1 2 3 4 5 6 10 11 12 13 14 15 16 17 18 19 23 24 25 26")
"""IK304, IK403, IK502 and AK905: which codes may stand there."""
_VERDICTS = ("A", "E", "M", "R", "W", "X")
_GROUP_VERDICTS = ("A", "E", "M", "P", "R", "W", "X")



def _acknowledgment(code: str, version: str, name: str, answer: LoopSpec, *accepted: str) -> TransactionSpec:
    is_guided = code == "999"
    more = {f"e{place}": GROUP_CODES for place in range(5, 10)}
    return transaction(
        code, version, "FA", name,
        seg("ST", R, e1=code, required=(3,) if is_guided else ()),
        seg("AK1", R, e1=_GROUPS, required=(3,) if is_guided else ()),
        answer,
        seg("AK9", R, e1=_GROUP_VERDICTS, codes=more),
        seg("SE", R),
        accepted_versions=accepted,
    )


def _verdict(tag: str) -> SegmentSpec:
    return seg(tag, R, e1=_VERDICTS, codes={f"e{place}": SET_CODES for place in range(2, 7)})


SPEC = _acknowledgment(
    "999", "005010X231A1", "Implementation Acknowledgment",
    loop(
        "2000", "Set Response", S, MANY,
        seg("AK2", R),
        loop(
            "2100", "Segment Error", S, MANY,
            seg("IK3", R, e4=SEGMENT_CODES),
            seg("CTX", S, 10),
            loop("2110", "Element Error", S, MANY, seg("IK4", R, e3=ELEMENT_CODES), seg("CTX", S, 10)),
        ),
        _verdict("IK5"),
    ),
    "005010X231",
)

SPEC_997 = _acknowledgment(
    "997", "005010", "Functional Acknowledgment",
    loop(
        "2000", "Set Response", S, MANY,
        seg("AK2", R),
        loop(
            "2100", "Segment Error", S, MANY,
            seg("AK3", R, codes={f"e{place}": SEGMENT_CODES for place in range(4, 9)}, situational=(4, 5, 6, 7, 8)),
            loop("2110", "Element Error", S, MANY, seg("AK4", R, e3=ELEMENT_CODES)),
        ),
        _verdict("AK5"),
    ),
    *codes("005010X230 005010X230A1 005010X231 005010X231A1 004010"),
    *codes("004010X091 004010X091A1 004010X092A1 004010X093A1 004010X096A1 004010X097A1 004010X098A1"),
)
"""The older acknowledgment, which some partners still send, mostly in a group that says another guide's version."""
# fmt: on

TOLERATED = frozenset(("I10", "I4"))
"""Codes of elements and segments that are not used here: the set is accepted with errors."""

NAMELESS = "ZZ"
"""IK301 for a segment whose own tag cannot be read: the element is required, and garbage must not be echoed in it."""
TRIGGER = "SITUATIONAL TRIGGER"
"""CTX01 of the segment or element on which an error depends."""
_CODES_MAX = 5
_VALUE_LENGTH_MAX = 99
_COUNT_MAX = 999_999


class Context(Document, frozen=True, kw_only=True):
    """CTX: what an error has to do with, e.g. a business unit ("TRN02", its value), or the element it depends on.

    `names` are the repetitions of CTX01: each a name and a value, which is '' beside SITUATIONAL TRIGGER. The rest is where:
    CTX02 to CTX05 and, in `data_elements`, CTX06.
    """

    names: tuple[tuple[str, str], ...]
    segment: str = ""
    position: int = 0
    loop: str = ""
    element: int = 0
    component: int = 0
    repeat: int = 0
    data_elements: tuple[str, ...] = ()


class ElementNote(Document, frozen=True, kw_only=True):
    """IK4: one element's error. `code` is IK403."""

    element: int
    code: str
    component: int = 0
    repeat: int = 0
    data_element: str = ""
    value: str = ""
    contexts: tuple[Context, ...] = ()


class SegmentNote(Document, frozen=True, kw_only=True):
    """IK3 with its CTX and IK4s. `position` counts from ST = 1; `patient_control_number` is CTX*CLM01:…

    `more_codes` are the further codes that an AK3 of a 997 may have.
    """

    segment: str
    position: int
    code: str
    loop: str = ""
    patient_control_number: str = ""
    elements: tuple[ElementNote, ...] = ()
    contexts: tuple[Context, ...] = ()
    more_codes: tuple[str, ...] = ()


class SetResponse(Document, frozen=True, kw_only=True):
    """AK2 … IK5: one transaction set's verdict. `verdict` is IK501: A, E, R, M, W, X."""

    transaction: str
    control_number: str
    verdict: str
    version: str = ""
    codes: tuple[str, ...] = ()
    notes: tuple[SegmentNote, ...] = ()
    position: int = 0


class GroupResponse(LevelDocument, frozen=True, kw_only=True):
    """AK1 and AK9 with every set response between. `verdict` is AK901: A, E, P, R, M, W, X.

    `guide` is ST03 of a 997, which most are without.
    """

    functional_id: str
    control_number: int
    verdict: str
    version: str = ""
    set_count: int = 0
    received_count: int = 0
    accepted_count: int = 0
    codes: tuple[str, ...] = ()
    sets: tuple[SetResponse, ...] = ()
    guide: str = ""


class _Dialect(NamedTuple):
    """The tags in which 999 and 997 differ."""

    segment: str
    element: str
    verdict: str


_DIALECTS = {"999": _Dialect("IK3", "IK4", "IK5"), "997": _Dialect("AK3", "AK4", "AK5")}


def read(tset: TransactionSet) -> GroupResponse:
    """The acknowledgment of one functional group, from a 999 or a 997; what is missing is '' or 0, with findings in the set."""
    code = "997" if tset.code == "997" else "999"
    root = next(unit.loop for unit in read_loops(SPEC_997 if code == "997" else SPEC, tset) if not unit.parents)
    own = normalise(root, tset.delimiters)
    group, verdict = _first(own, "AK1"), _first(own, "AK9")
    response = GroupResponse(
        functional_id=element_of(group, 1),
        control_number=_count(element_of(group, 2)),
        version=element_of(group, 3),
        verdict=element_of(verdict, 1),
        set_count=_count(element_of(verdict, 2)),
        received_count=_count(element_of(verdict, 3)),
        accepted_count=_count(element_of(verdict, 4)),
        codes=tuple(code for code in verdict[5:] if code),
        sets=tuple(map(_read_set, own.loops)),
        guide=element_of(_first(own, "ST"), 3) if code == "997" else "",
    )
    said = [segment for segment in flatten(own) if segment[0] not in ("ST", "SE")]
    return carry_rest(response, list(_segments(response, _DIALECTS[code])), said)


def read_parts(tset: TransactionSet) -> Iterator[Part]:
    """The one document of a 999 or a 997, and where it ends."""
    response = read(tset)
    yield Part(response, 1, max(tset.segment_count - 1, 1))


def _first(loop: Content, *tags: str) -> list[str]:
    return next((segment for segment in loop.segments if segment[0] in tags), [])


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else 0


def _read_set(loop: Content) -> SetResponse:
    asked, verdict = _first(loop, "AK2"), _first(loop, "IK5", "AK5")
    return SetResponse(
        transaction=element_of(asked, 1),
        control_number=element_of(asked, 2),
        version=element_of(asked, 3),
        verdict=element_of(verdict, 1),
        codes=tuple(code for code in verdict[2:] if code),
        notes=tuple(map(_read_note, loop.loops)),
        position=loop.first_position,
    )


def _read_note(loop: Content) -> SegmentNote:
    note = _first(loop, "IK3", "AK3")
    contexts = [_read_context(segment) for segment in loop.all("CTX")]
    claim = next((one for one in contexts if _is_claim(one)), None)
    return SegmentNote(
        segment=element_of(note, 1),
        position=_count(element_of(note, 2)),
        loop=element_of(note, 3),
        code=element_of(note, 4),
        more_codes=tuple(code for code in note[5:] if code),
        patient_control_number=claim.names[0][1] if claim else "",
        contexts=tuple(one for one in contexts if one is not claim),
        elements=tuple(_read_element(_first(child, "IK4", "AK4"), child.all("CTX")) for child in loop.loops),
    )


def _is_claim(context: Context) -> bool:
    name, value = context.names[0]
    return name == "CLM01" and bool(value) and context == Context(names=((name, value),))


def _read_context(segment: list[str]) -> Context:
    where = parts_of(element_of(segment, 5), 3)
    names = [parts_of(name, 2) for name in element_of(segment, 1).split(REPETITION)]
    return Context(
        names=tuple((name[0], name[1]) for name in names),
        segment=element_of(segment, 2),
        position=_count(element_of(segment, 3)),
        loop=element_of(segment, 4),
        element=_count(where[0]),
        component=_count(where[1]),
        repeat=_count(where[2]),
        data_elements=trimmed(parts_of(element_of(segment, 6), 2)),
    )


def _read_element(segment: list[str], contexts: Iterable[list[str]]) -> ElementNote:
    where = parts_of(element_of(segment, 1), 3)
    return ElementNote(
        element=_count(where[0]),
        component=_count(where[1]),
        repeat=_count(where[2]),
        data_element=element_of(segment, 2),
        code=element_of(segment, 3),
        value=element_of(segment, 4),
        contexts=tuple(map(_read_context, contexts)),
    )


def write(response: GroupResponse, *, st_control_number: str, delimiters: Delimiters) -> list[str]:
    """The raw segments ST to SE of a 999, without terminators.

    A bad value (IK404) that cannot be written under these delimiters is left out, as the guide allows; Unwritable is raised
    where any other value cannot.
    """
    return _write(response, _DIALECTS["999"], ("ST", SPEC.code, st_control_number, SPEC.version), delimiters)


def _write(response: GroupResponse, dialect: _Dialect, head: Sequence[str], delimiters: Delimiters) -> list[str]:
    unwritable = frozenset(delimiters.element + delimiters.component + delimiters.repetition + delimiters.segment)
    body = lay_out(response, list(_segments(response, dialect, unwritable)))
    return punctuate([join(*head), *body, join("SE", str(len(body) + 2), head[2])], delimiters, response)


def _write_parts_of(code: str) -> WriteParts:
    def write_parts(
        documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters
    ) -> Iterator[str]:
        """One response as one set."""
        (response,) = documents
        assert isinstance(response, GroupResponse), "the document of a 999 or a 997 is a GroupResponse"
        head = ("ST", code, st_control_number, version if code == "999" else response.guide)
        yield from _write(response, _DIALECTS[code], head, delimiters)

    return write_parts


def _segments(response: GroupResponse, dialect: _Dialect, unwritable: frozenset[str] = frozenset()) -> Iterator[str]:
    yield join("AK1", response.functional_id, str(response.control_number), response.version)
    for one in response.sets:
        yield join("AK2", one.transaction, one.control_number, one.version)
        for note in one.notes:
            yield from _note_segments(note, dialect, unwritable)
        yield join(dialect.verdict, one.verdict, *one.codes[:_CODES_MAX])
    counts = (response.set_count, response.received_count, response.accepted_count)
    yield join("AK9", response.verdict, *map(str, counts), *response.codes[:_CODES_MAX])


def _note_segments(note: SegmentNote, dialect: _Dialect, unwritable: frozenset[str]) -> Iterator[str]:
    is_guided = dialect.segment == "IK3"
    where = (dialect.segment, note.segment, str(note.position), note.loop)
    if is_guided:
        # An IK3 has one code where an AK3 has five.
        yield from (join(*where, code) for code in note.more_codes)
    yield join(*where, note.code, *(() if is_guided else note.more_codes))
    if is_guided:
        yield from map(_context_segment, note.contexts)
        yield from (join("CTX", compose("CLM01", number)) for number in (note.patient_control_number,) if number)
    for one in note.elements:
        value = "" if unwritable & set(one.value) or not one.value.isprintable() else one.value
        yield join(dialect.element, _where(one), one.data_element, one.code, value)
        if is_guided:
            yield from map(_context_segment, one.contexts)


def _context_segment(context: Context) -> str:
    names = REPETITION.join(compose(*name) for name in context.names)
    position = str(context.position) if context.position else ""
    where = _where(context) if context.element else ""
    return join("CTX", names, context.segment, position, context.loop, where, compose(*context.data_elements))


def _where(one: ElementNote | Context) -> str:
    return compose(str(one.element), *(str(count) if count else "" for count in (one.component, one.repeat)))


def respond(tset: TransactionSet, *, patient_control_numbers: Sequence[tuple[int, int, str]] = ()) -> SetResponse:
    """What a 999 says of this set, once it has been read to its end.

    `patient_control_numbers` are (first position, last position, PCN) of its claims. One note for each segment and code, its
    element errors under it. The verdict is A without findings, E where every finding is of something not used, else R.
    """
    findings = [finding for finding in tset.findings if finding.level in {"set", "segment", "element"}]
    located = sorted((one for one in findings if one.level != "set"), key=lambda one: (one.position, one.segment))
    notes: list[SegmentNote] = []
    for (position, tag), group in groupby(located, key=lambda one: (one.position, one.segment)):
        pcn = next((pcn for first, last, pcn in patient_control_numbers if first <= position <= last), "")
        notes += _notes_of(tag if len(tag) > 1 else NAMELESS, position, list(group), pcn)
    return SetResponse(
        transaction=tset.code,
        control_number=tset.st_control_number,
        version=tset.version,
        verdict="A" if not findings else "E" if all(finding.code in TOLERATED for finding in findings) else "R",
        codes=_set_codes(findings),
        notes=tuple(notes),
    )


def _set_codes(findings: Sequence[Finding]) -> tuple[str, ...]:
    """IK502 to IK506: what is wrong with the set itself, then whether segments break the standard (5) or the guide alone (I5)."""
    found = [finding.code if finding.code in SET_CODES else "5" for finding in findings if finding.level == "set"]
    located = [finding.code for finding in findings if finding.level != "set"]
    found += ["5"] * any(not code.startswith("I") for code in located)
    found += ["I5"] * any(code.startswith("I") for code in located)
    return tuple(dict.fromkeys(found))[:_CODES_MAX]


def _notes_of(tag: str, position: int, findings: Sequence[Finding], pcn: str) -> list[SegmentNote]:
    """A note for each code that the segment has itself, and one with code 8 for its elements, each under its own loop."""
    notes = []
    for name, group in groupby(findings, key=lambda one: one.loop):
        own = list(group)
        found = [_segment_code(finding.code) for finding in own if finding.level == "segment"]
        elements = tuple(_element_note(finding) for finding in own if finding.level == "element")
        told = [*(code for code in found if code != "8"), *(["8"] if elements or "8" in found else [])]
        note = SegmentNote(segment=tag, position=position, code="8", loop=name, patient_control_number=pcn, elements=elements)
        for code in dict.fromkeys(told):
            own_note = note if code == "8" else msgspec.structs.replace(note, code=code, elements=())
            notes.append(own_note)
    return notes


def _segment_code(code: str) -> str:
    return code if code in SEGMENT_CODES else "8"


def _element_note(finding: Finding) -> ElementNote:
    return ElementNote(
        element=finding.element,
        component=finding.component,
        repeat=finding.repeat,
        data_element=_data_element(finding.segment, finding.element, finding.component),
        code=finding.code if finding.code in ELEMENT_CODES else "7",
        value=finding.value[:_VALUE_LENGTH_MAX],
        contexts=_triggers(finding),
    )


def _triggers(finding: Finding) -> tuple[Context, ...]:
    """The element of the same segment because of which one is missing or may not stand, where only one can be the cause."""
    if finding.code not in ("2", "10") or finding.component or finding.segment not in SEGMENTS:
        return ()
    found = _find_triggers(finding.segment, finding.element, finding.code)
    if not found:
        return ()
    element = found[0] if len(found) == 1 else 0
    number = _data_element(finding.segment, element, 0) if element else ""
    return (
        Context(
            names=((TRIGGER, ""),), segment=finding.segment, position=finding.position, loop=finding.loop, element=element,
            data_elements=(number,) if number else (),
        ),
    )  # fmt: skip


@cache
def _find_triggers(tag: str, element: int, code: str) -> tuple[int, ...]:
    """The elements that by the segment's relational notes can be why this one is missing (2) or excluded (10)."""
    found: set[int] = set()
    for note in SEGMENTS[tag].notes:
        places = [int(note[start : start + 2]) for start in range(1, len(note), 2)]
        if element not in places or (note[0] == "E") != (code == "10"):
            continue
        if note[0] in "PE":
            found.update(place for place in places if place != element)
        elif note[0] in "CL" and element != places[0]:
            found.add(places[0])
    return tuple(sorted(found))


def _data_element(tag: str, place: int, component: int) -> str:
    """The number of the data element (IK402); a composite's own number is no data element number."""
    known = SEGMENTS[tag].elements if tag in SEGMENTS else ()
    if not 1 <= place <= len(known):
        return ""
    element = known[place - 1]
    if not element.components:
        return element.number
    return element.components[component - 1].number if 1 <= component <= len(element.components) else ""


def respond_group(
    header: GroupHeader, responses: Sequence[SetResponse], *, codes: Sequence[str] = (), claimed_count: int | None = None
) -> GroupResponse:
    """The 999 of a functional group: its sets' verdicts added up.

    `codes` are the AK905 of the group itself: with any, all of it is rejected, and so is each set, whatever it is in itself.
    `claimed_count` is GE01 where it is known: what the sender says the group holds.
    """
    accepted = sum(response.verdict in {"A", "E"} for response in responses)
    verdict = "A" if accepted == len(responses) and accepted else "P" if accepted else "R"
    if verdict == "A" and any(response.verdict == "E" for response in responses):
        verdict = "E"
    told = [code for code in dict.fromkeys(codes) if code in GROUP_CODES]
    if codes:
        verdict, accepted = "R", 0
        responses = [one if one.verdict == "R" else msgspec.structs.replace(one, verdict="R") for one in responses]
    return GroupResponse(
        functional_id=header.functional_id,
        control_number=header.gs_control_number,
        verdict=verdict,
        version=header.version,
        set_count=len(responses) if claimed_count is None or claimed_count > _COUNT_MAX else claimed_count,
        received_count=len(responses),
        accepted_count=accepted,
        codes=tuple(told[:_CODES_MAX]),
        sets=tuple(responses),
    )


TRANSACTION = Transaction("999", SPEC, (GroupResponse,), read_parts, _write_parts_of("999"))
TRANSACTION_997 = Transaction("997", SPEC_997, (GroupResponse,), read_parts, _write_parts_of("997"))
