"""`claimwire edi validate`: every finding of a file with its segment shown and the wrong part marked."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from edi.findings import EdiError, Finding
from edi.interchange import Reader
from edi.tools.explaining import Gravity, mark_segment, name_segment, narrow, tell_code, tell_place, weigh
from edi.tools.segment_lookup import SegmentLookup
from edi.tools.validation import Checked, validate
from gateway.cli.edi_ack import AnswerWriter
from gateway.cli.edi_input import Input, InputRefused, open_inputs
from gateway.cli.edi_inspect import Files, count_of, tell_fault
from gateway.cli.edi_output import writing
from gateway.cli.edi_progress import follow
from gateway.cli.output import AsJson, progress_bar, show_json
from gateway.cli.page import NoPager, Page, open_page
from gateway.cli.state import state_of
from gateway.pipeline.context import Progress

NEEDS_PERSON = 1
_STYLES: dict[Gravity, str] = {"error": "bold red", "warning": "bold yellow"}
_SEGMENT_WIDTH_MIN = 60

Limit = Annotated[
    int, typer.Option("--limit", min=0, max=1_000_000, help="The most findings to list of a file; all are counted.")
]
ShowSegments = Annotated[bool, typer.Option("--show-segments", help="With --json: also the segments, patients and all.")]


@dataclass
class Result:
    """What was found in one file; `listed` are the findings as JSON has them."""

    name: str
    sets: int = 0
    gravities: Counter[Gravity] = field(default_factory=Counter)
    listed: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    fault_offset: int | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing in it is an error."""
        return not self.fault and not self.gravities["error"]

    @property
    def count(self) -> int:
        """All findings, listed or not."""
        return self.gravities.total()


class Located:
    """A finding with where it stands in its file, and its segment when somebody looks."""

    def __init__(self, checked: Checked, finding: Finding, segments: dict[int, str], lookup: SegmentLookup) -> None:
        self.checked = checked
        self.finding = finding
        self.segment = segments.get(_position_of(finding), "")
        self.delimiters = lookup.delimiters


def check(
    ctx: typer.Context,
    files: Files,
    *,
    ack: Annotated[Path | None, typer.Option("--ack", metavar="OUT", help="Write the TA1 and 999 that answer the files.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is at --ack.")] = False,
    limit: Limit = 10_000,
    show_segments: ShowSegments = False,
    no_pager: NoPager = False,
    as_json: AsJson = False,
) -> None:
    """Check files to the element, and show every finding: where, what is wrong, what would be right, the part marked.

    Each set is held against its guide, then across its elements: sums, dates, check digits. Codes are those of the
    acknowledgments: IK304 of a segment, IK403 of an element, IK502 of a set, AK905 of a group, TA105 of an interchange; a
    "rule" is ours. Warnings would be accepted with errors. Exit code 0 without errors, 1 with.

    Example: claimwire edi validate claims.837 --ack answer.999

    Example: claimwire edi validate --json *.835 | jq '.files[] | select(.errors > 0).name'
    """
    now = state_of(ctx).clock.now()
    _spare_inputs(ack, files)
    with ExitStack() as stack:
        write = stack.enter_context(writing(ack, force=force)) if ack else None
        page_progress = stack.enter_context(ExitStack())
        tell = page_progress.enter_context(progress_bar())
        page = stack.enter_context(open_page(pager=not no_pager and not as_json, before=page_progress.close))
        results = []
        for source in stack.enter_context(closing(open_inputs(files))):
            work = _FileCheck(source, tell)
            report = _JsonReport(work.result, show_segments) if as_json else _PageReport(page, work.result)
            for located in work.locate():
                if work.result.count <= limit:
                    report.show(located)
            report.finish(limit)
            results.append(work.result)
            if write:
                work.write_answers(write, now)
    if as_json:
        show_json({"files": [_describe_result(result) for result in results]})
    if not all(result.is_sound for result in results):
        raise typer.Exit(NEEDS_PERSON)


def _spare_inputs(ack: Path | None, files: Files) -> None:
    """Refuse to write the answer over what it answers, which --force does not mean."""
    if ack and ack.exists() and any(Path(path).exists() and ack.samefile(path) for path in files):
        raise typer.BadParameter(f"--ack {ack} is one of the files to check; name another for the answer")


class _FileCheck:
    """One file being checked; what is counted is kept in the result."""

    def __init__(self, source: Input, tell: Progress) -> None:
        self.result = Result(source.name)
        self._reader = Reader(follow(source, tell))
        self._lookup = SegmentLookup(source.chunks)
        self._answers = AnswerWriter(self._reader)

    def locate(self) -> Iterator[Located]:
        """Every finding as the file is read, errors and warnings alike."""
        try:
            for checked in validate(self._reader):
                self.result.sets += checked.tset is not None
                self._answers.take(checked)
                for located in _locate(checked, self._lookup):
                    self.result.gravities[weigh(located.finding)] += 1
                    yield located
        except EdiError as error:
            self.result.fault, self.result.fault_offset = str(error), error.offset
        except InputRefused as error:
            self.result.fault = str(error)

    def write_answers(self, write: Callable[[bytes], object], at: datetime) -> None:
        """Write what answers this file, once it has been read."""
        for content in self._answers.write(at, is_broken=bool(self.result.fault)):
            write(content)


class _PageReport:
    """Findings for people, under a heading for each set."""

    def __init__(self, page: Page, result: Result) -> None:
        self._page = page
        self._result = result
        self._unit: Checked | None = None

    def show(self, located: Located) -> None:
        if located.checked is not self._unit:
            self._unit = located.checked
            self._page.line((f"{self._result.name}, {_tell_unit(self._unit)}", "bold"))
        _show_finding(self._page, located)

    def finish(self, limit: int) -> None:
        _show_result(self._page, self._result, limit)


class _JsonReport:
    """Findings kept for the one JSON document at the end."""

    def __init__(self, result: Result, show_segments: bool) -> None:
        self._result = result
        self._show_segments = show_segments

    def show(self, located: Located) -> None:
        self._result.listed.append(_describe(self._result.name, located, show_segments=self._show_segments))

    def finish(self, limit: int) -> None:
        """All of it is shown with the result."""


def _locate(checked: Checked, lookup: SegmentLookup) -> Iterator[Located]:
    if checked.tset is not None:
        segments = lookup.find(checked.tset.offset, [_position_of(finding) for finding in checked.findings])
        for finding in checked.findings:
            yield Located(checked, finding, segments, lookup)
        return
    for finding in checked.findings:
        segments = lookup.find(finding.offset) if finding.offset is not None else {}
        yield Located(checked, finding, segments, lookup)


def _position_of(finding: Finding) -> int:
    """The segment to show: what is said of ST before any segment was counted is said of the first."""
    return max(finding.position, 1)


def _show_finding(page: Page, located: Located) -> None:
    finding, gravity = located.finding, weigh(located.finding)
    page.line("  ", (gravity, _STYLES[gravity]), f"  {_tell_place(finding)}")
    page.line("    ", (finding.message, "bold"), f"  [{tell_code(finding)}]")
    if located.segment:
        _show_segment(page, located)
    page.line()


def _tell_unit(checked: Checked) -> str:
    interchange = f"interchange {checked.isa_control_number:09}"
    if checked.tset is None:
        return f"{interchange}, envelope"
    return f"{interchange}, set {checked.tset.ordinal} ({checked.transaction} {checked.tset.st_control_number})"


def _tell_place(finding: Finding) -> str:
    place = tell_place(finding)
    if finding.offset is not None:
        place = f"{place}, byte {finding.offset}" if place else f"byte {finding.offset}"
    called = name_segment(finding.segment)
    return f"{place} ({finding.segment}: {called})" if called else place


def _show_segment(page: Page, located: Located) -> None:
    """The segment, what is wrong in it underlined by ^^^; one ^ at the end where something should follow."""
    mark = mark_segment(located.segment, located.finding, located.delimiters)
    mark = narrow(mark, max(page.width - 6, _SEGMENT_WIDTH_MIN))
    page.line("    ", mark.text[: mark.start], (mark.text[mark.start : mark.end], "bold red reverse"), mark.text[mark.end :])
    missing = f" {located.finding.segment} should follow" if mark.is_before_gap and located.finding.level == "segment" else ""
    page.line(" " * (4 + mark.start), ("^" * max(mark.end - mark.start, 1) + missing, "red"))


def _show_result(page: Page, result: Result, limit: int) -> None:
    if result.count > limit:
        page.line(f"{result.name}: {count_of(result.count - limit, 'more finding')}; --limit shows more")
    if result.fault:
        page.line(("stopped: ", "bold red"), f"{result.name}: {tell_fault(result.fault, result.fault_offset)}")
    told = [count_of(number, what) for what, number in sorted(result.gravities.items())]
    clean = ("", "") if told else ("stopped", "bold red") if result.fault else ("clean", "bold green")
    page.line((result.name, "bold"), ": ", ", ".join(told), clean, f" in {count_of(result.sets, 'set')}")


def _describe(name: str, located: Located, *, show_segments: bool) -> dict[str, Any]:
    finding, checked = located.finding, located.checked
    told: dict[str, Any] = {
        "file": name, "gravity": weigh(finding), "level": finding.level, "code": finding.code, "message": finding.message,
        "isa_control_number": checked.isa_control_number,
        "set": checked.tset.ordinal if checked.tset else None, "transaction": checked.transaction or None,
        "st_control_number": checked.tset.st_control_number if checked.tset else None, "loop": finding.loop or None,
        "segment": finding.segment or None, "position": finding.position or None, "element": finding.element or None,
        "component": finding.component or None, "repeat": finding.repeat or None, "offset": finding.offset,
    }  # fmt: skip
    if show_segments and located.segment:
        mark = mark_segment(located.segment, finding, located.delimiters)
        told |= {"segment_text": located.segment, "mark_start": mark.start, "mark_end": mark.end}
    return told


def _describe_result(result: Result) -> dict[str, Any]:
    return {
        "name": result.name, "sets": result.sets, "errors": result.gravities["error"], "warnings": result.gravities["warning"],
        "fault": result.fault or None, "fault_offset": result.fault_offset, "findings": result.listed,
    }  # fmt: skip
