"""`claimwire edi inspect`: what is in a file, in words, or one claim of it in full."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from typing import Annotated, Any

import msgspec
import typer

from edi.catalogue import find_transaction
from edi.codes.lists import describe
from edi.findings import EdiError
from edi.headers import GroupHeader, InterchangeHeader
from edi.interchange import Reader, TransactionSet
from edi.parts import Part
from edi.segments import Delimiters
from edi.tools.explaining import tell_code
from edi.tools.field_listing import find_about, list_fields
from edi.tools.summaries import FileSummary, GroupSummary, InterchangeSummary, SetSummary, summarise
from edi.tools.tallies import Fact
from gateway.cli.edi_input import Input, InputRefused, open_inputs
from gateway.cli.edi_progress import follow
from gateway.cli.listing import show_plain
from gateway.cli.output import AsJson, progress_bar, show_json, warn
from gateway.cli.page import NoPager, Page, name_column, open_page
from gateway.pipeline.context import Progress

Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Files to read; - is stdin, .gz and .zip are opened.")]
Limit = Annotated[int, typer.Option("--limit", min=0, max=1_000_000, help="The most sets and claims to list; totals hold all.")]
ClaimNumber = Annotated[str, typer.Option("--claim", metavar="PCN", help="Show this claim in full, wherever it occurs.")]

NEEDS_PERSON = 1
_USAGES = {"P": "production", "T": "test", "I": "information"}
_GROUPS = {
    "HC": "claims", "HP": "remittances", "FA": "acknowledgments", "HN": "claim status", "HR": "claim status requests",
    "HS": "eligibility inquiries", "HB": "eligibility responses", "BE": "enrolments", "RA": "premium payments",
    "HI": "services reviews", "PI": "patient information",
}  # fmt: skip
_NAMES = {"\n": "LF", "\r": "CR", "\t": "TAB", "": "none"}


def inspect(
    files: Files,
    claim: ClaimNumber = "",
    limit: Limit = 100,
    no_pager: NoPager = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is in files: who sent what to whom, which sets, how many claims, how much money; errors are counted.

    `claimwire edi validate` shows each error. What is not read here (4010, 834 …) is named, with its envelope.

    Example: claimwire edi inspect payment.835

    Example: claimwire edi inspect --claim PCN1001 claims.837 ack.277 payment.835

    Example: ssh partner cat outbox/today.835 | claimwire edi inspect - --json
    """
    if claim:
        _inspect_claim(files, _ClaimSearch(claim.strip(), limit), pager=not no_pager, as_json=as_json)
        return
    with progress_bar() as tell, closing(open_inputs(files)) as sources:
        summaries = [(one.name, _summarise(one, tell, limit)) for one in sources]
    if as_json:
        show_json({"files": [{"name": name, **msgspec.to_builtins(summary)} for name, summary in summaries]})
    else:
        with open_page(pager=not no_pager) as page:
            for name, summary in summaries:
                _show_file(page, name, summary, limit)
    if any(summary.fault for _, summary in summaries):
        raise typer.Exit(NEEDS_PERSON)


def _summarise(source: Input, tell: Progress, limit: int) -> FileSummary:
    """What is in one file; one that is refused has that as its fault, and its neighbours are told all the same."""
    try:
        return summarise(follow(source, tell), limit)
    except InputRefused as error:
        return FileSummary(fault=str(error))


def _inspect_claim(files: Sequence[str], search: "_ClaimSearch", *, pager: bool, as_json: bool) -> None:
    with ExitStack() as progress:
        tell = progress.enter_context(progress_bar())
        if as_json:
            show_json({"claim": search.number, "found": [_describe(found) for found in search.search(files, tell)]})
        else:
            with open_page(pager=pager, before=progress.close) as page:
                for found in search.search(files, tell):
                    _show_found(page, found)
    search.leave()


def _show_file(page: Page, name: str, summary: FileSummary, limit: int) -> None:
    counts = (summary.interchange_count, "interchange"), (summary.group_count, "group"), (summary.set_count, "set")
    page.line((name, "bold"), "  ", ", ".join(count_of(number, what) for number, what in counts))
    for number, interchange in enumerate(summary.interchanges[:limit], 1):
        _show_interchange(page, number, interchange)
    if summary.interchange_count > limit:
        page.line(f"and {summary.interchange_count - limit} more interchanges; --limit shows more")
    _show_totals(page, summary)
    if summary.fault:
        page.line(("stopped: ", "bold red"), tell_fault(summary.fault, summary.fault_offset))
    page.line()


def tell_fault(fault: str, offset: int | None) -> str:
    """Why reading stopped, and what bytes that are no X12 may be, by where they stopped being it; no offset: it was refused."""
    if offset is None:
        return fault
    if not offset:
        return f"{fault}; an X12 file begins with ISA; this one is something else, is empty or is encrypted"
    return f"{fault}; what came before that byte was read; the rest may be cut short, or another file was appended"


def _show_interchange(page: Page, number: int, interchange: InterchangeSummary) -> None:
    page.line((f"Interchange {number}", "bold"), "  ", *_tell_interchange(interchange.header))
    for answer in interchange.acknowledgments:
        verdict, note = describe("verdict", answer.verdict), describe("TA105", answer.note)
        page.line(f"  TA1  answers interchange {answer.isa_control_number:09}: {verdict} (note {answer.note}: {note})")
    for finding in interchange.findings[:10]:
        page.line("  ", ("error", "red"), f"  {finding.message} [{tell_code(finding)}]")
    if len(interchange.findings) > 10:
        page.line(f"  and {len(interchange.findings) - 10} more of its envelope")
    for place, group in enumerate(interchange.groups, 1):
        _show_group(page, place, group)
    if interchange.set_count:
        page.line("  Outside any group")
        _show_sets(page, interchange)


def _tell_interchange(header: InterchangeHeader) -> Iterator[str | tuple[str, str]]:
    yield f"{header.sender_qualifier} {header.sender_id} → {header.receiver_qualifier} {header.receiver_id}  "
    yield f"{header.date or 'no date'} {_clock(header.time)}  control number {header.isa_control_number:09}  "
    usage = _USAGES.get(header.usage, header.usage or "no usage")
    yield (usage, "yellow") if header.usage == "T" else usage
    yield f"  version {header.version}  delimiters {_tell_delimiters(header.delimiters)}"


def _tell_delimiters(delimiters: Delimiters) -> str:
    given = (delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment)
    return " ".join(_NAMES.get(one, one if one.isprintable() else f"0x{ord(one):02x}") for one in given)


def _clock(text: str) -> str:
    return f"{text[:2]}:{text[2:4]}" if len(text) >= 4 else text


def _show_group(page: Page, number: int, group: GroupSummary) -> None:
    page.line("  ", (f"Group {number}", "bold"), "  ", _tell_group(group.header), f"  {count_of(group.set_count, 'set')}")
    _show_sets(page, group)


def _tell_group(header: GroupHeader) -> str:
    what = _GROUPS.get(header.functional_id, "")
    kind = f"{header.functional_id} ({what})" if what else header.functional_id or "no GS01"
    who = f"{header.application_sender} → {header.application_receiver}"
    when = f"{header.date or 'no date'} {_clock(header.time)}"
    return f"{kind}  {who}  {when}  control number {header.gs_control_number}  {header.version}"


def _show_sets(page: Page, holder: GroupSummary | InterchangeSummary) -> None:
    for one in holder.sets:
        _show_set(page, one)
    if holder.set_count > len(holder.sets):
        page.line(f"    and {holder.set_count - len(holder.sets)} more sets; --limit shows more")


def _show_set(page: Page, one: SetSummary) -> None:
    what = f"{one.transaction} {one.title}".rstrip()
    head = f"  number {one.st_control_number}  {count_of(one.segments, 'segment')}  "
    page.line("    ", (f"Set {one.ordinal}  {what}", "bold"), head, _tell_soundness(one))
    if one.refused:
        page.line("      not read: ", one.refused)
    shown = {name: value for name, value in one.facts.items() if value not in (None, "")}
    width = max((len(name_column(name)) for name in shown), default=0)
    for name, value in shown.items():
        page.line(f"      {name_column(name):<{width}}  ", _tell_fact(name, value))
    if one.rows:
        page.table(one.columns, one.rows, indent=6)
    if one.row_count > len(one.rows):
        page.line(f"      and {one.row_count - len(one.rows)} more; --limit shows more")


def _tell_soundness(one: SetSummary) -> tuple[str, str]:
    if one.refused:
        return "not read", "yellow"
    told = [count_of(number, what) for number, what in ((one.errors, "error"), (one.warnings, "warning")) if number]
    return (", ".join(told), "red" if one.errors else "yellow") if told else ("no errors", "green")


def _tell_fact(name: str, value: Fact) -> str | tuple[str, str]:
    text = show_plain(name, value)
    if name == "unexplained_cents":
        return (f"{text}: claims and provider adjustments do not make the amount", "red") if value else (text, "green")
    return text


def _show_totals(page: Page, summary: FileSummary) -> None:
    if not summary.totals:
        return
    names = list(dict.fromkeys(name for total in summary.totals.values() for name in total))
    names = [name for name in names if name != "segments" and any(total.get(name) for total in summary.totals.values())]
    rows = [{"transaction": name, **total} for name, total in sorted(summary.totals.items())]
    page.line(("Totals", "bold"))
    page.table(("transaction", *names), rows, indent=2)
    if summary.envelope_findings:
        page.line(
            "  ", (count_of(summary.envelope_findings, "error"), "red"), " in the envelopes; `claimwire edi validate` shows them"
        )


def count_of(number: int, what: str) -> str:
    """A number and its noun."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


class Found(msgspec.Struct, frozen=True):
    """A document about the claim that was asked for, and where it stands."""

    name: str
    tset: TransactionSet
    transaction: str
    part: Part
    document: msgspec.Struct


class _ClaimSearch:
    """Looks through files for one claim; of what is found no more than `limit` is shown."""

    def __init__(self, number: str, limit: int) -> None:
        self.number = number
        self.limit = limit
        self.count = 0
        self.faults: list[str] = []

    def search(self, files: Sequence[str], tell: Progress) -> Iterator[Found]:
        """Every place where the claim occurs, up to the limit; the files are read to their end all the same."""
        with closing(open_inputs(files)) as sources:
            for source in sources:
                try:
                    for found in find_claim(source, self.number, tell):
                        self.count += 1
                        if self.count <= self.limit:
                            yield found
                except EdiError as error:
                    self.faults.append(f"{source.name}: {tell_fault(str(error), error.offset)}")
                except InputRefused as error:
                    self.faults.append(str(error))

    def leave(self) -> None:
        """Say on stderr what kept the answer from being whole, and leave with 1 where anything did."""
        for fault in self.faults:
            warn(fault)
        if not self.count:
            warn("No claim with this number is in what was read.")
        elif self.count > self.limit:
            warn(f"It occurs {self.count} times; --limit shows more.")
        if self.faults or not self.count:
            raise typer.Exit(NEEDS_PERSON)


def find_claim(source: Input, number: str, tell: Progress) -> Iterator[Found]:
    """Every document of a file about this claim; raises EdiError where the file cannot be read on."""
    for tset in Reader(follow(source, tell)):
        transaction = find_transaction(tset)
        if transaction is None:
            continue
        for part in transaction.read_parts(tset):
            for document in find_about(part.document, number) if part.document is not None else ():
                yield Found(source.name, tset, transaction.name, part, document)


def _show_found(page: Page, found: Found) -> None:
    tset, part = found.tset, found.part
    where = f"interchange {tset.interchange.isa_control_number:09}, set {tset.ordinal} ({tset.st_control_number})"
    span = f"segments {part.first_position} to {part.last_position}"
    page.line((f"{found.transaction} {type(found.document).__name__}", "bold"), f"  {found.name}, {where}, {span}")
    for field in list_fields(found.document, 1):
        indent, name = "  " * field.depth, name_column(field.name)
        if field.value is None:
            page.line(indent, (name, "bold"))
        else:
            meaning = f"  ({field.meaning})" if field.meaning else ""
            page.line(indent, (f"{name}: ", "dim"), show_plain(field.name, field.value), (meaning, "cyan"))
    page.line()


def _describe(found: Found) -> dict[str, Any]:
    return {
        "file": found.name, "isa_control_number": found.tset.interchange.isa_control_number, "set": found.tset.ordinal,
        "st_control_number": found.tset.st_control_number, "transaction": found.transaction,
        "first_position": found.part.first_position, "last_position": found.part.last_position,
        "kind": type(found.document).__name__, "document": msgspec.to_builtins(found.document),
    }  # fmt: skip
