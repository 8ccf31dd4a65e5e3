"""Walks an inbound file set by set, hands each to the handler of its transaction, and accounts for all of it."""

from collections.abc import Callable, Sequence
from types import MappingProxyType

from structlog import get_logger

from edi.findings import EdiError, Finding
from edi.interchange import Interchange, InterchangeHeader, Reader, TransactionSet
from edi.transactions.ta1 import InterchangeAcknowledgment
from gateway.crashpoint import crashpoint
from gateway.db import files as file_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.ingest import t277ca, t835, t999, ta1
from gateway.pipeline.ingest.inbound import Inbound, Quarantined

Handler = Callable[[Inbound, TransactionSet], None]

HANDLERS: MappingProxyType[str, Handler] = MappingProxyType(
    {"999": t999.apply, "997": t999.apply, "277": t277ca.apply, "835": t835.apply}
)
"""ST01 to the function that takes such a set in."""

MISCOUNTED = "4"
"""IK502: the number of segments is not what the trailer says."""

_log = get_logger(__name__)


def run(context: Context) -> int:
    """Take in every file that was picked up; how many sets were new."""
    done = 0
    with exclusive(context.engine, "ingest") as ours:
        if not ours:
            return 0
        with reading(context.engine) as connection:
            files = file_rows.list_unread_files(connection)
        for place, file in enumerate(files, 1):
            try:
                done += process(context, file)
            except PermanentError as error:
                _note_lost(context, file, error)
            context.progress("files taken in", place, len(files))
    return done


def _note_lost(context: Context, file: Row, error: PermanentError) -> None:
    sentence = (
        f"File {file['id']} ({file['name']}) from {file['partner']} cannot be taken in: {error}. It is tried again by itself."
    )
    item = WorkItem(
        kind=WorkKind.UNREADABLE_FILE, cause=f"file:{file['id']}", sentence=sentence, file_id=file["id"], partner=file["partner"]
    )
    with writing(context.engine) as connection:
        raise_items(connection, [item], context.clock.now())


def process(context: Context, file: Row) -> int:
    """Take in one inbound file; sets taken in before are passed over. How many sets were new."""
    with reading(context.engine) as connection:
        known = file_rows.known_ordinals(connection, file["id"])
    reader = Reader(context.archive.open(file["sha256"]))
    done, broken = 0, ""
    try:
        for tset in reader:
            if tset.ordinal not in known:
                _take_in(context, file, tset)
                crashpoint("ingest.set_committed")
                done += 1
    except EdiError as error:
        broken = str(error)
    done += _take_in_acknowledgments(context, file, reader.interchanges, known)
    _finish(context, file, reader, broken)
    crashpoint("ingest.file_finished")
    return done


def _take_in(context: Context, file: Row, tset: TransactionSet) -> None:
    """One set in one transaction; what cannot be taken in is quarantined in a transaction of its own, with a work item."""
    handler = _handler_of(tset)
    if handler is None:
        _set_aside(context, file, tset, "unsupported", f"{_shown(tset.code)} {_shown(tset.version)} is not read by claimwire")
        return
    usages = context.profiles.list_usages(file["partner"])
    if usages and tset.interchange.usage not in usages:
        said, agreed = _shown(tset.interchange.usage), " or ".join(sorted(usages))
        _set_aside(
            context, file, tset, "quarantined", f"ISA15 says {said} (T test, P production), and the partner's profile {agreed}"
        )
        return
    try:
        with writing(context.engine) as connection:
            inbound = _inbound(connection, context, file, _set_row(file, tset, "read"), header=tset.interchange)
            handler(inbound, tset)
            file_rows.finish_set(connection, inbound.set_id, segment_count=tset.segment_count, findings=tset.findings)
            raise_items(connection, _miscounted(file, tset), inbound.now)
            crashpoint("ingest.before_commit")
    except (TransientError, PermanentError, OSError):  # the world's fault, not that of what is read: tried again
        raise
    except Quarantined as reason:
        _set_aside(context, file, tset, "quarantined", str(reason))
    except EdiError as error:
        _set_aside(context, file, tset, "quarantined", f"its bytes cannot be read to its end: {error}")
        raise
    except Exception as bug:  # noqa: BLE001 outermost loop of the job: our own bug in one set must not stop the others
        _log.exception("ingest.failed", file_id=file["id"], position=tset.ordinal)
        _set_aside(context, file, tset, "quarantined", _our_bug(bug))


def _miscounted(file: Row, tset: TransactionSet) -> list[WorkItem]:
    """A set whose SE01 counts other segments than came: what came was taken in, and a person may ask what is missing."""
    said = [finding.message for finding in tset.findings if finding.level == "set" and finding.code == MISCOUNTED]
    if not said:
        return []
    sentence = (
        f"Set {_shown(tset.st_control_number)} ({tset.code}) of file {file['id']} ({file['name']}) contradicts itself "
        f"(SE01): {said[0]}. What came was taken in. Ask the partner whether a part of it was lost."
    )
    cause = f"set:{file['id']}:{tset.ordinal}:trailer"
    return [WorkItem(kind=WorkKind.ANOMALY, cause=cause, sentence=sentence, file_id=file["id"], partner=file["partner"])]


def _our_bug(bug: Exception) -> str:
    return f"claimwire failed on it ({type(bug).__name__}); report this as a bug"


def _handler_of(tset: TransactionSet) -> Handler | None:
    if tset.code == "277" and "X214" not in tset.version:
        return None
    return HANDLERS.get(tset.code)


def _set_row(file: Row, tset: TransactionSet, state: str) -> dict[str, object]:
    return {
        "file_id": file["id"], "ordinal": tset.ordinal, "isa_control_number": tset.interchange.isa_control_number,
        "gs_control_number": tset.group.gs_control_number, "st_control_number": _shown(tset.st_control_number),
        "transaction": _shown(tset.code), "version": _shown(tset.version), "segment_count": tset.segment_count, "state": state,
    }  # fmt: skip


def _shown(text: str) -> str:
    """What an envelope says, fit to be kept and shown: a broken one may hold anything."""
    return "".join(each if each.isprintable() else "?" for each in text[:40])


def _inbound(
    connection: Connection, context: Context, file: Row, row: dict[str, object], *, header: InterchangeHeader
) -> Inbound:
    set_id = file_rows.insert_set(connection, row)
    return Inbound(
        connection=connection, context=context, partner=file["partner"], file_id=file["id"], file_sha256=file["sha256"],
        set_id=set_id, ordinal=int(str(row["ordinal"])), header=header, now=context.clock.now(),
    )  # fmt: skip


def _set_aside(context: Context, file: Row, tset: TransactionSet, state: str, why: str) -> None:
    cut: EdiError | None = None
    try:
        for _ in tset:
            pass
    except EdiError as error:
        cut = error
    _keep_aside(context, file, _set_row(file, tset, state), why, findings=tset.findings)
    if cut is not None:
        raise cut


def _keep_aside(context: Context, file: Row, row: dict[str, object], why: str, *, findings: Sequence[Finding]) -> None:
    name = " ".join(filter(None, (f"{row['st_control_number']}", f"({row['transaction']})")))
    sentence = (
        f"Set {name} of file {file['id']} ({file['name']}) was set aside: {why}. Its bytes are kept; the other sets "
        "of the file were "
        "taken in."
    )
    item = WorkItem(
        kind=WorkKind.UNREADABLE_FILE, cause=f"set:{file['id']}:{row['ordinal']}", sentence=sentence, file_id=file["id"],
        partner=file["partner"],
    )  # fmt: skip
    with writing(context.engine) as connection:
        set_id = file_rows.insert_set(connection, row)
        file_rows.finish_set(connection, set_id, segment_count=int(str(row["segment_count"])), findings=findings)
        raise_items(connection, [item], context.clock.now())


def _take_in_acknowledgments(context: Context, file: Row, interchanges: Sequence[Interchange], known: set[int]) -> int:
    """The TA1s of a file: each stands beside the groups, and counts down from -1 in the list of its sets."""
    done, ordinal = 0, 0
    for interchange in interchanges:
        for acknowledgment in interchange.acknowledgments:
            ordinal -= 1
            if ordinal not in known:
                _take_in_ta1(context, file, ordinal, interchange.header, acknowledgment)
                done += 1
    return done


def _take_in_ta1(
    context: Context, file: Row, ordinal: int, header: InterchangeHeader, acknowledgment: InterchangeAcknowledgment
) -> None:
    row = {
        "file_id": file["id"], "ordinal": ordinal, "isa_control_number": header.isa_control_number, "gs_control_number": 0,
        "st_control_number": "", "transaction": "TA1", "version": _shown(header.version), "segment_count": 1, "state": "read",
    }  # fmt: skip
    try:
        with writing(context.engine) as connection:
            ta1.apply(_inbound(connection, context, file, row, header=header), acknowledgment)
    except (TransientError, PermanentError, OSError):  # the world's fault, not that of what is read: tried again
        raise
    except Exception as bug:  # noqa: BLE001 outermost loop of the job: our own bug in one TA1 must not stop the others
        _log.exception("ingest.failed", file_id=file["id"], position=ordinal)
        _keep_aside(context, file, {**row, "state": "quarantined"}, _our_bug(bug), findings=[])


def _finish(context: Context, file: Row, reader: Reader, broken: str) -> None:
    now = context.clock.now()
    findings: list[Finding] = list(reader.findings)
    with writing(context.engine) as connection:
        for ordinal, interchange in enumerate(reader.interchanges, 1):
            header = interchange.header
            file_rows.insert_interchange(
                connection, file_id=file["id"], ordinal=ordinal, isa_control_number=header.isa_control_number,
                sender=_shown(f"{header.sender_qualifier}:{header.sender_id}"),
                receiver=_shown(f"{header.receiver_qualifier}:{header.receiver_id}"), usage=_shown(header.usage),
                interchange_date=header.date,
            )  # fmt: skip
        empty = not reader.interchanges
        state = "unreadable" if broken or empty else "read"
        file_rows.finish_file(connection, file["id"], state=state, findings=findings)
        why = broken or ("it holds no interchange" if empty else "; ".join(finding.message for finding in findings[:3]))
        if not why:
            close_items(connection, WorkKind.UNREADABLE_FILE, [f"file:{file['id']}"], reason="read", now=now)
            return
        sentence = (
            f"File {file['id']} ({file['name']}) from {file['partner']} is not whole: {why}. Its bytes are kept; what could be "
            "read was taken in. Ask the partner to send it again."
        )
        item = WorkItem(
            kind=WorkKind.UNREADABLE_FILE,
            cause=f"file:{file['id']}",
            sentence=sentence,
            file_id=file["id"],
            partner=file["partner"],
        )
        raise_items(connection, [item], now)
