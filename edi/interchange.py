"""The envelope: interchange > functional group > transaction set; counts and control numbers, both ways."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from edi.findings import Finding, Level
from edi.headers import (
    GroupHeader,
    InterchangeHeader,
    check_isa,
    get_element,
    is_in_its_group,
    is_same_guide,
    read_gs,
    read_isa,
    read_number,
    write_gs,
    write_isa,
)
from edi.segments import Delimiters, Run, read_segments
from edi.transactions.ta1 import InterchangeAcknowledgment, read_ta1, write_ta1

__all__ = ["Group", "GroupHeader", "Interchange", "InterchangeHeader", "Reader", "TransactionSet", "write_interchange"]

FINDINGS_MAX = 10_000
"""Findings kept of one set or file; what a broken file repeats after that is counted, not listed."""
UNREAD_MAX = 100_000
"""Unread segments listed of one set; it always comes with a finding for each, or the one that says there are more."""

_ENVELOPE_STARTS = "(?:I[SE]|G[SE]|S[TE]|TA)"
_ENVELOPE = frozenset(("ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"))
_SERVICES = frozenset(("ISB", "ISE", "TA3"))
"""Segments that may stand between ISA and GS and concern nobody here."""


class Group(msgspec.Struct):
    """A functional group that was passed: its header and how many sets it held.

    `claimed_count` is GE01, None without a GE that says one; `codes` (AK905) say what is wrong with the group itself.
    """

    header: GroupHeader
    set_count: int = 0
    claimed_count: int | None = None
    codes: list[str] = []


class Interchange(msgspec.Struct):
    """An interchange that was passed, and what is wrong with its envelope (levels interchange and group)."""

    header: InterchangeHeader
    offset: int = 0
    acknowledgments: list[InterchangeAcknowledgment] = []
    groups: list[Group] = []
    findings: list[Finding] = []


class TransactionSet:
    """One set, ST to SE, read as it is iterated: its segments as raw strings, position ST = 1.

    `version` is `st_version` (ST03) or else GS08. `findings` (level set, and what a reader of its content adds) and
    `segment_count` are complete once the segments are exhausted. `unread` lists (position, tag) of segments that fit nowhere.
    """

    def __init__(self, reader: "Reader", ordinal: int) -> None:
        elements = reader.segment.split(reader.delimiters.element)
        self.interchange: InterchangeHeader = reader.interchanges[-1].header
        self.group: GroupHeader = reader.group_header
        self.code = get_element(elements, 1)
        self.st_control_number = get_element(elements, 2)
        self.st_version = get_element(elements, 3)
        self.version = self.st_version or self.group.version
        self.ordinal = ordinal
        self.offset = reader.offset
        self.delimiters = reader.delimiters
        self.findings: list[Finding] = []
        self.unread: list[tuple[int, str]] = []
        self.segment_count = 0
        self.is_exhausted = False
        self._runs = reader.set_runs(self)

    def __iter__(self) -> Iterator[str]:
        """The raw segments not yet taken, ST first, SE last."""
        for run in self._runs:
            yield from run

    def runs(self) -> Iterator[list[str]]:
        """The same segments, as many at a time as were read together: for readers in a hurry."""
        return self._runs

    def watch(self, look: Callable[[int, Sequence[str]], None]) -> None:
        """Let `look` see the segments on their way to whoever reads them, with the position of the first of them."""
        self._runs = _watched(self._runs, look)

    def add_finding(self, finding: Finding) -> None:
        """Keep a finding, as long as there are not absurdly many."""
        findings = self.findings
        if len(findings) < FINDINGS_MAX:
            findings.append(finding)
        elif len(findings) == FINDINGS_MAX:
            findings.append(Finding(code="5", level="set", message="more findings than are listed", segment=finding.segment))

    @property
    def is_full(self) -> bool:
        """Whether so much is wrong that no more of it is kept."""
        return len(self.findings) > FINDINGS_MAX

    def add_unread(self, position: int, tag: str) -> None:
        """List a segment that no document holds, as long as there are not absurdly many."""
        if len(self.unread) < UNREAD_MAX:
            self.unread.append((position, tag))

    def add_set_finding(self, code: str, message: str, segment: str = "SE") -> None:
        """A finding against the set as a whole, in the codes of IK502."""
        self.add_finding(
            Finding(code=code, level="set", message=message, segment=segment, position=self.segment_count, offset=self.offset)
        )


def _watched(runs: Iterator[list[str]], look: Callable[[int, Sequence[str]], None]) -> Iterator[list[str]]:
    position = 1
    for run in runs:
        look(position, run)
        yield run
        position += len(run)


def _find_marks(run: Run) -> list[int]:
    """The segments of a run that may belong to the envelope, the last one first; all of its text is looked at in one go."""
    terminator = run.delimiters.segment
    text = terminator + terminator.join(run.segments)
    marks, passed, count = [], 0, 0
    for found in re.finditer(re.escape(terminator) + _ENVELOPE_STARTS, text):
        count += text.count(terminator, passed, found.start())
        passed = found.start()
        marks.append(count)
    return marks[::-1]


class Reader:
    """The transaction sets of a stream of bytes, one at a time; like groupby, moving on drains the set before.

    `interchanges` and `findings` (every envelope finding, with its offset) are complete as far as the stream was passed.
    `service_count` counts segments of interchange services (ISB, ISE, TA3), which no document holds.
    Raises EdiError from iteration where the bytes cannot be read as X12.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.interchanges: list[Interchange] = []
        self.findings: list[Finding] = []
        self.delimiters = Delimiters()
        self.service_count = 0
        self._runs = read_segments(chunks)
        self._run: Run | None = None
        self._index = 0
        self._marks: list[int] = []
        self._group: _OpenGroup | None = None
        self._group_numbers: set[int] = set()
        self._is_open = False
        self._stray_reported = False
        self._ordinal = 0
        self._last_offset = 0

    def __iter__(self) -> Iterator[TransactionSet]:
        handlers: dict[str, Callable[[list[str]], None]] = {
            "ISA": self._open_interchange,
            "IEA": self._close_interchange,
            "GS": self._open_group,
            "GE": self._close_group,
            "TA1": self._take_acknowledgment,
        }
        while self._find_segment():
            elements = self.segment.split(self.delimiters.element)
            tag = elements[0]
            if tag == "ST" and self._is_open:
                yield from self._read_set(elements)
                continue
            self._report_unterminated()
            if tag in handlers:
                self._stray_reported = False
                handlers[tag](elements)
            elif tag in _SERVICES and self._is_open:
                self.service_count += 1
            else:
                self._report_stray(tag)
            self._index += 1
        self._end_stream()

    @property
    def segment(self) -> str:
        """The segment now at hand."""
        assert self._run is not None
        return self._run.segments[self._index]

    @property
    def offset(self) -> int:
        """Where the segment now at hand begins, or where the last one did."""
        return self._run.offset_at(min(self._index, len(self._run.segments) - 1)) if self._run else self._last_offset

    @property
    def group_header(self) -> GroupHeader:
        """The header of the open group; an empty one where a set stands outside any group."""
        return self._group.group.header if self._group else _NO_GROUP

    def set_runs(self, tset: TransactionSet) -> Iterator[list[str]]:
        """The segments of the open set, as lists, up to its SE or to the envelope segment that ends it without one."""
        start = True
        while self._find_segment():
            run = self._run
            assert run is not None
            end, tag = self._find_mark(self._index + start)
            taken = run.segments[self._index : end + 1 if tag == "SE" else end]
            start = start and not taken
            tset.segment_count += len(taken)
            self._index += len(taken)
            if taken:
                yield taken
            if tag:
                self._check_trailer(tset, taken[-1] if tag == "SE" else "")
                break
            self._report_unterminated(at_end=True)
        else:
            tset.add_set_finding("2", "the stream ends before the trailer SE")
        tset.is_exhausted = True

    def _find_segment(self) -> bool:
        """Make sure a segment is at hand; False at the end of the stream."""
        while self._run is None or self._index >= len(self._run.segments):
            run = next(self._runs, None)
            if run is None:
                return False
            if self._run is not None and self._run.segments:
                self._last_offset = self._run.offset
            self._run, self._index = run, 0
            self.delimiters = run.delimiters
            self._marks = _find_marks(run)
        return True

    def _find_mark(self, start: int) -> tuple[int, str]:
        """The next envelope segment from `start` in this run that ends a set, and its tag; the run's end and ''."""
        assert self._run is not None
        segments, separator, marks = self._run.segments, self.delimiters.element, self._marks
        while marks and marks[-1] < start:
            marks.pop()
        while marks:
            tag = segments[marks[-1]].split(separator, 1)[0]
            if tag in _ENVELOPE and tag != "TA1":
                return marks[-1], tag
            marks.pop()
        return len(segments), ""

    def _read_set(self, elements: list[str]) -> Iterator[TransactionSet]:
        self._ordinal += 1
        self._stray_reported = False
        tset = TransactionSet(self, self._ordinal)
        if self._group is None:
            self._report("interchange", "024", "a transaction set outside any functional group", "ST")
        else:
            self._group.group.set_count += 1
            self._group.check_set(tset)
        if len(tset.code) != 3 or not tset.code.isalnum():
            tset.add_set_finding("6", "ST01 is missing or no transaction set identifier", "ST")
        if not 4 <= len(tset.st_control_number) <= 9:
            tset.add_set_finding("7", "ST02 is missing or not 4 to 9 characters", "ST")
        yield tset
        for _ in tset.runs():
            pass

    def _check_trailer(self, tset: TransactionSet, trailer: str) -> None:
        if not trailer:
            tset.add_set_finding("2", "another envelope segment comes before the trailer SE")
            return
        elements = trailer.split(self.delimiters.element)
        if read_number(get_element(elements, 1)) != tset.segment_count:
            message = f"SE01 does not agree with the {tset.segment_count} segments of the set"
            tset.add_set_finding("4", message)
        if get_element(elements, 2) != tset.st_control_number:
            tset.add_set_finding("3", "SE02 differs from ST02")

    def _open_interchange(self, elements: list[str]) -> None:
        self._leave_interchange("another ISA begins")
        header = read_isa(elements, self.delimiters)
        self.interchanges.append(Interchange(header, self.offset))
        self._group_numbers.clear()
        self._is_open = True
        for element, code, message in check_isa(elements):
            self._report("interchange", code, message, "ISA", element)

    def _close_interchange(self, elements: list[str]) -> None:
        if not self._is_open:
            self._report("interchange", "022", "IEA without ISA", "IEA")
            return
        self._leave_group("IEA comes")
        interchange = self.interchanges[-1]
        count = len(interchange.groups)
        # A TA1 alone makes an interchange of no groups, for which partners write 0 or 1.
        allowed = {count, 1} if not count and interchange.acknowledgments else {count}
        if read_number(get_element(elements, 1)) not in allowed:
            self._report("interchange", "021", f"IEA01 does not agree with the {count} groups of the interchange", "IEA", 1)
        if read_number(get_element(elements, 2)) != interchange.header.isa_control_number:
            self._report("interchange", "001", "IEA02 differs from ISA13", "IEA", 2)
        self._is_open = False

    def _open_group(self, elements: list[str]) -> None:
        if not self._is_open:
            self._report("interchange", "022", "GS outside any interchange", "GS")
            return
        self._leave_group("another GS comes")
        header = read_gs(elements)
        known = self._group_numbers
        group = Group(header)
        if not get_element(elements, 6).strip().isdecimal():
            self._report_group(group, "6", "GS06 is not a number", "GS", 6)
        elif header.gs_control_number in known:
            self._report_group(group, "19", "GS06 is not unique in its interchange", "GS", 6)
        known.add(header.gs_control_number)
        self._group = _OpenGroup(group)
        self.interchanges[-1].groups.append(group)

    def _close_group(self, elements: list[str]) -> None:
        if self._group is None:
            self._report("group", "3", "GE without GS", "GE")
            return
        group, self._group = self._group.group, None
        claimed = read_number(get_element(elements, 1))
        group.claimed_count = claimed if claimed >= 0 else None
        if claimed != group.set_count:
            self._report_group(group, "5", f"GE01 does not agree with the {group.set_count} sets of the group", "GE", 1)
        if read_number(get_element(elements, 2)) != group.header.gs_control_number:
            self._report_group(group, "4", "GE02 differs from GS06", "GE", 2)

    def _take_acknowledgment(self, elements: list[str]) -> None:
        if not self._is_open:
            self._report_stray("TA1")
            return
        acknowledgment, findings = read_ta1(elements, self.offset)
        if acknowledgment is not None:
            self.interchanges[-1].acknowledgments.append(acknowledgment)
        for finding in findings:
            self._keep(finding)

    def _report_stray(self, tag: str) -> None:
        """Once for any number of segments on end that belong to no set."""
        if not self._stray_reported:
            where = "between the sets" if self._is_open else "after the interchange"
            known = tag if tag.isalnum() and len(tag) <= 3 else ""
            self._report("interchange", "024", f"text that belongs to no transaction set {where}", known)
        self._stray_reported = True

    def _report_unterminated(self, at_end: bool = False) -> None:
        run = self._run
        if run is None or run.terminated or run.delimiters.segment.isspace():
            return
        if at_end or self._index == len(run.segments) - 1:
            self._report("interchange", "023", "the stream ends without a segment terminator")

    def _leave_interchange(self, what: str) -> None:
        self._leave_group(what)
        if self._is_open:
            self._report("interchange", "023", f"{what} before the trailer IEA", "IEA")
        self._is_open = False

    def _leave_group(self, what: str) -> None:
        if self._group is not None:
            self._report_group(self._group.group, "3", f"{what} before the trailer GE", "GE")
        self._group = None

    def _end_stream(self) -> None:
        self._leave_interchange("the stream ends")

    def _report(self, level: Level, code: str, message: str, segment: str = "", element: int = 0) -> None:
        if len(self.findings) >= FINDINGS_MAX:
            return
        self._keep(Finding(code=code, level=level, message=message, segment=segment, element=element, offset=self.offset))

    def _report_group(self, group: Group, code: str, message: str, segment: str, element: int = 0) -> None:
        group.codes.append(code)
        self._report("group", code, message, segment, element)

    def _keep(self, finding: Finding) -> None:
        if len(self.findings) >= FINDINGS_MAX:
            return
        self.findings.append(finding)
        if self.interchanges:
            self.interchanges[-1].findings.append(finding)


class _OpenGroup:
    """The group being read, and the ST02s seen in it."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.control_numbers: set[str] = set()

    def check_set(self, tset: TransactionSet) -> None:
        """What is wrong with a set's header in this group: its kind, its guide, its number."""
        header = self.group.header
        if not is_in_its_group(tset.code, header.functional_id):
            tset.add_set_finding("18", "a set of this kind (ST01) does not stand in a group of this kind (GS01)", "ST")
        if not is_same_guide(tset.st_version, header.version):
            tset.add_set_finding("19", "ST03 names another guide than GS08 of its group", "ST")
        if tset.st_control_number in self.control_numbers:
            tset.add_set_finding("23", "ST02 is not unique in its group", "ST")
        elif len(self.control_numbers) < 100_000:
            self.control_numbers.add(tset.st_control_number)


_NO_GROUP = GroupHeader(
    functional_id="", application_sender="", application_receiver="", date=None, time="", gs_control_number=0, version=""
)


def write_interchange(
    header: InterchangeHeader,
    groups: Iterable[tuple[GroupHeader, Iterable[Sequence[str]]]],
    acknowledgments: Sequence[InterchangeAcknowledgment] = (),
    *,
    line_end: str = "\n",
) -> Iterator[bytes]:
    """The bytes of one interchange, a line a segment; every set is its raw segments, ST to SE, without terminators.

    Counts and trailers are computed. Raises Unwritable where a value of ISA or GS does not fit or holds a delimiter.
    """
    delimiters = header.delimiters
    end = delimiters.segment + line_end
    yield (write_isa(header) + end).encode("latin-1")
    for acknowledgment in acknowledgments:
        yield (delimiters.element.join(write_ta1(acknowledgment)) + end).encode("latin-1")
    group_count = 0
    for group, sets in groups:
        group_count += 1
        yield (write_gs(group, delimiters) + end).encode("latin-1")
        set_count = 0
        for segments in sets:
            set_count += 1
            yield (end.join(segments) + end).encode("latin-1")
        yield (delimiters.element.join(("GE", str(set_count), str(group.gs_control_number))) + end).encode("latin-1")
    yield (delimiters.element.join(("IEA", str(group_count), f"{header.isa_control_number:09}")) + end).encode("latin-1")
