"""Fetches what partners left for us: list, fetch, archive, row, commit; only then is the remote copy removed."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from gateway.crashpoint import crashpoint
from gateway.db import files as file_rows
from gateway.db.engine import reading, writing
from gateway.db.locks import exclusive
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.transport import RemoteFile, Transport
from payers.profile import Partner


def run(context: Context) -> int:
    """Fetch everything every partner has for us; how many files were new. A partner that fails delays no other."""
    done = 0
    for partner in context.profiles.partners.values():
        with exclusive(context.engine, f"pickup-{partner.id}") as ours:
            if ours:
                done += _collect(context, partner)
    return done


def _collect(context: Context, partner: Partner) -> int:
    kept = 0
    refused: PermanentError | None = None
    try:
        with context.connect(partner) as wire:
            listing = list(wire.list(partner.pickup.folder))
            _note_names(context, partner, listing)
            for remote in _list_wanted(context, partner, listing):
                try:
                    kept += _keep(context, partner, wire, remote)
                except PermanentError as error:
                    refused = error  # one file that may not be read keeps none of the others waiting
                context.progress("files picked up", kept, 0)
    except (TransientError, PermanentError) as error:
        _note_failing(context, partner, error)
    else:
        if refused is not None:
            _note_failing(context, partner, refused)
        else:
            _note_working(context, partner)
    return kept


def _list_wanted(context: Context, partner: Partner, listing: Sequence[RemoteFile]) -> list[RemoteFile]:
    """What is to be fetched: names that fit, but for those that a partner's profile leaves there and that did not change."""
    fitting = [remote for remote in listing if remote.readable and not _is_arriving(partner, remote) and _fits(partner, remote)]
    if partner.pickup.after == "delete":
        return fitting
    with reading(context.engine) as connection:
        known = file_rows.list_known_copies(connection, partner.id, [remote.name for remote in fitting])
    return [remote for remote in fitting if (remote.name, remote.size_bytes, remote.modified_at) not in known]


def _is_arriving(partner: Partner, remote: RemoteFile) -> bool:
    return remote.name.endswith(partner.upload.suffix)


def _fits(partner: Partner, remote: RemoteFile) -> bool:
    """Whether a name is one we ask for, in whatever case a partner writes it."""
    return any(fnmatchcase(remote.name.lower(), pattern.lower()) for pattern in partner.pickup.patterns)


def _is_unexpected(partner: Partner, remote: RemoteFile) -> bool:
    return remote.readable and not _is_arriving(partner, remote) and not _fits(partner, remote)


def _note_names(context: Context, partner: Partner, listing: Sequence[RemoteFile]) -> None:
    """Names that are not fetched are left where they are; while there are any, a person is told."""
    unsafe = sum(not remote.readable for remote in listing)
    unexpected = sum(_is_unexpected(partner, remote) for remote in listing)
    now = context.clock.now()
    with writing(context.engine) as connection:
        for count, item in ((unsafe, _unsafe(partner)), (unexpected, _unexpected(partner, unexpected))):
            if count:
                raise_items(connection, [item], now)
            else:
                close_items(connection, item.kind, [item.cause], reason="they are gone", now=now)


def _unsafe(partner: Partner) -> WorkItem:
    sentence = (
        f"{partner.id} has a file whose name is not safe to ask for (control characters, or not text). It was left where it is; "
        "ask the partner to send it under a plain name."
    )
    return WorkItem(kind=WorkKind.UNREADABLE_FILE, cause=f"name:{partner.id}", sentence=sentence, partner=partner.id)


def _unexpected(partner: Partner, count: int) -> WorkItem:
    sentence = (
        f"{partner.id} has {count} files in its pickup folder that fit none of the profile's pickup.patterns "
        f"({', '.join(partner.pickup.patterns)}). They were left where they are; answers or remittances may be among them."
    )
    return WorkItem(kind=WorkKind.UNEXPECTED_FILE, cause=f"unexpected:{partner.id}", sentence=sentence, partner=partner.id)


def _keep(context: Context, partner: Partner, wire: Transport, remote: RemoteFile) -> int:
    """Keep one file, then let the partner's copy go; 1 where its bytes are new."""
    folder = partner.pickup.folder
    stored = context.archive.store(wire.fetch(folder, remote.name))
    crashpoint("pickup.archived")
    now = context.clock.now()
    with writing(context.engine) as connection:
        known = file_rows.find_file(connection, direction="inbound", partner=partner.id, sha256=stored.sha256)
        file_id = file_rows.keep_file(
            connection, direction="inbound", partner=partner.id, name=remote.name, sha256=stored.sha256,
            size_bytes=stored.size_bytes, now=now,
        )  # fmt: skip
        if partner.pickup.after == "leave":
            file_rows.keep_copy(
                connection, file_id, partner=partner.id, name=remote.name, size_bytes=remote.size_bytes,
                modified_at=remote.modified_at,
            )  # fmt: skip
    crashpoint("pickup.committed")
    if partner.pickup.after == "delete":
        wire.remove(folder, remote.name)
        crashpoint("pickup.removed")
        with writing(context.engine) as connection:
            file_rows.mark_removed(connection, file_id, context.clock.now())
    return int(known is None)


def _note_failing(context: Context, partner: Partner, error: TransientError | PermanentError) -> None:
    sentence = f"Answers cannot be fetched from {partner.id}: {error}. It is tried again by itself; nothing is lost meanwhile."
    item = WorkItem(kind=WorkKind.TRANSFER_FAILING, cause=f"pickup:{partner.id}", sentence=sentence, partner=partner.id)
    with writing(context.engine) as connection:
        raise_items(connection, [item], context.clock.now())


def _note_working(context: Context, partner: Partner) -> None:
    with writing(context.engine) as connection:
        close_items(
            connection, WorkKind.TRANSFER_FAILING, [f"pickup:{partner.id}"], reason="the partner answers again",
            now=context.clock.now(),
        )  # fmt: skip
