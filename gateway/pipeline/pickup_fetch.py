"""Fetches one file: its bytes archived, its row and what is still to be done to the partner's copy committed together."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from structlog import get_logger

from gateway.crashpoint import crashpoint
from gateway.db import files as file_rows
from gateway.db import remote_steps, sightings
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.remote_steps import Step
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.readiness import Sighting, SightingState
from gateway.domain.wholeness import CheckedContent, NotWhole
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.pickup_containers import Unpacked, unpack
from gateway.pipeline.pickup_steps import run_step
from gateway.transport import Transport
from gateway.transport.archive import Stored
from gateway.transport.causes import is_lost_link
from payers.profile import Partner

_log = get_logger(__name__)


class Fetched(msgspec.Struct, frozen=True):
    """What came of fetching a file: how many files are new by it, or why it was left where it is, or that it is gone.

    `told` is what a person is to know of it at once: `left`, and why. `error` is what the server refused it with.
    """

    new_files: int = 0
    left: Sighting | None = None
    told: Sighting | None = None
    is_gone: bool = False
    error: PermanentError | None = None


def unpack_again(context: Context, file: Row) -> str:
    """Try once more to unpack a container that was kept and refused, a row of file; why not, or '' where it was done now."""
    stored = Stored(file["sha256"], file["size_bytes"])
    unpacked = _unpack_anyway(context, file["partner"], stored, file["name"])
    now = context.clock.now()
    with writing(context.engine) as connection:
        _write_members(connection, file["partner"], file["id"], unpacked, now)
        if not unpacked.refusal:
            close_items(connection, WorkKind.UNREADABLE_FILE, [f"file:{file['id']}"], reason="unpacked", now=now)
    return unpacked.refusal


class _Received:
    """The chunks from the wire; remembers whether it was the wire that failed, and not whoever takes them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.failed = False
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except (TransientError, PermanentError):
            self.failed = True
            raise


def fetch(context: Context, partner: Partner, wire: Transport, seen: Sighting) -> Fetched:
    """Fetch a file that stands still and keep it if it is whole, then see to the partner's copy.

    Raises what loses the connection, and PermanentError where the archive takes nothing more. A bug of ours that one file
    brings to light leaves that file where it is, to be tried again at every look.
    """
    try:
        return _fetch(context, partner, wire, seen)
    except (TransientError, PermanentError):
        raise
    except Exception as bug:  # noqa: BLE001 outermost loop of the job: our own bug on one file must not stop the others
        _log.exception("pickup.failed", partner=partner.id)
        return _leave_failed(seen, _our_bug(bug), at_once=True)


def _fetch(context: Context, partner: Partner, wire: Transport, seen: Sighting) -> Fetched:
    received = _Received(wire.fetch(partner.pickup.folder, seen.name))
    content = CheckedContent(received, as_it_is=seen.state == SightingState.TAKEN, announced_bytes=seen.size_bytes)
    try:
        stored = context.archive.store(content)
    except NotWhole as reason:
        return Fetched(left=msgspec.structs.replace(seen, state=reason.state, error=str(reason)))
    except PermanentError as error:
        if not received.failed:
            raise
        return msgspec.structs.replace(_leave_failed(seen, str(error)), error=error)
    except TransientError as error:
        if not received.failed or is_lost_link(error):
            raise
        if wire.find(partner.pickup.folder, seen.name) is None:
            return Fetched(is_gone=True)  # whoever took it between the listing and now: nothing is wrong with that
        return _leave_failed(seen, str(error))
    crashpoint("pickup.archived")
    return _keep(context, partner, wire, seen, stored, is_container=content.kind in ("zip", "gzip"))


def _leave_failed(seen: Sighting, why: str, *, at_once: bool = False) -> Fetched:
    """The file was not to be had: a person is told once it lasts, `at_once` where waiting mends nothing."""
    if seen.state == SightingState.TAKEN:
        # The person's word holds until it comes, and is no reason to be silent until then.
        return Fetched(left=seen, told=msgspec.structs.replace(seen, error=why))
    left = msgspec.structs.replace(seen, state=SightingState.REFUSED, error=why)
    return Fetched(left=left, told=left if at_once else None)


def _our_bug(bug: Exception) -> str:
    return f"claimwire failed on it, {type(bug).__name__}: report this as a bug; once that is mended it is taken by itself"


def _unpack_anyway(context: Context, partner: str, stored: Stored, name: str) -> Unpacked:
    """What is in a container that is kept whatever comes of it; where we fail on it, it is refused."""
    try:
        return unpack(context.archive, stored, name)
    except (TransientError, PermanentError):
        raise
    except Exception as bug:  # noqa: BLE001 as above: it must not stop the others
        _log.exception("unpacking.failed", partner=partner, sha256=stored.sha256)
        return Unpacked(name, refusal=f"claimwire failed on it, {type(bug).__name__}, which is to be reported as a bug")


def _keep(
    context: Context, partner: Partner, wire: Transport, seen: Sighting, stored: Stored, *, is_container: bool
) -> Fetched:  # fmt: skip
    with reading(context.engine) as connection:
        known = file_rows.find_file(connection, direction="inbound", partner=partner.id, sha256=stored.sha256)
        sent = file_rows.find_sent(connection, stored.sha256)
    if sent is not None:
        # Even where a person said to take it: whoever clears this folder away would take our claims from the partner.
        why = f"its bytes are those of file {sent['id']}, which we sent to {sent['partner']}"
        return Fetched(left=msgspec.structs.replace(seen, state=SightingState.OURS, error=why))
    unpacked = None
    if is_container and known is None:
        unpacked = _unpack(context, partner, stored, seen)
        crashpoint("pickup.unpacked")
    with writing(context.engine) as connection:
        file_id, step = _write(connection, context, partner, seen, stored)
        members = 0 if unpacked is None else _write_members(connection, partner.id, file_id, unpacked, context.clock.now())
    crashpoint("pickup.committed")
    if step is not None and partner.quirks.stat:
        run_step(context, partner, wire, step, listed=step.shown)
    return Fetched(new_files=int(known is None) + members)


def _unpack(context: Context, partner: Partner, stored: Stored, seen: Sighting) -> Unpacked:
    """A container that a person took is kept whatever comes of it; any other lies at the partner until we know how."""
    if seen.state == SightingState.TAKEN:
        return _unpack_anyway(context, partner.id, stored, seen.name)
    return unpack(context.archive, stored, seen.name)


def _write(
    connection: Connection, context: Context, partner: Partner, seen: Sighting, stored: Stored
) -> tuple[int, Step | None]:  # fmt: skip
    now = context.clock.now()
    file_id = file_rows.keep_file(
        connection, direction="inbound", partner=partner.id, name=seen.name, sha256=stored.sha256,
        size_bytes=stored.size_bytes, now=now,
    )  # fmt: skip
    sightings.forget_sightings(connection, partner.id, [seen.name])
    if partner.pickup.after == "leave":
        file_rows.keep_copy(
            connection, file_id, partner=partner.id, name=seen.name, size_bytes=seen.size_bytes, modified_at=seen.modified_at
        )
        return file_id, None
    copy = (seen.name, seen.size_bytes, seen.modified_at)
    return file_id, remote_steps.begin_step(
        connection, partner.id, file_id, copy=copy, action=partner.pickup.after, now=now
    )  # fmt: skip


def _write_members(connection: Connection, partner: str, file_id: int, unpacked: Unpacked, now: datetime) -> int:
    """The rows of what was in a container; how many of them are new."""
    file_rows.set_state(connection, file_id, "unreadable" if unpacked.refusal else "unpacked")
    if unpacked.refusal:
        raise_items(connection, [_refused(partner, file_id, unpacked)], now)
    new = 0
    for member in unpacked.members:
        sha256 = member.stored.sha256
        new += file_rows.find_file(connection, direction="inbound", partner=partner, sha256=sha256) is None
        file_rows.keep_file(
            connection, direction="inbound", partner=partner, name=member.name, sha256=sha256,
            size_bytes=member.stored.size_bytes, now=now, container_id=file_id,
        )  # fmt: skip
    return new


def _refused(partner: str, file_id: int, container: Unpacked) -> WorkItem:
    sentence = (
        f"File {file_id} ({container.name}) from {partner} is packed and was not unpacked: {container.refusal}. Its bytes are "
        "kept. Ask the partner to send what is in it again, unpacked, or packed without a password, whole and not within another "
        "archive."
    )
    return WorkItem(kind=WorkKind.UNREADABLE_FILE, cause=f"file:{file_id}", sentence=sentence, file_id=file_id, partner=partner)
