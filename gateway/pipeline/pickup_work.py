"""What pickup puts on the work list and takes off it again: written only where it is not said already."""

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256

from gateway.db import remote_steps, sightings
from gateway.db.engine import reading, writing
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.instants import tell_utc
from gateway.domain.readiness import WHY, Sighting, SightingState, is_overdue
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.each_partner import TURN_MAX
from gateway.pipeline.pickup_look import Look
from payers.file_names import THEIRS_MAY_HOLD, shorten
from payers.profile import Partner

NAMED_MAX = 3
"""So many of the files in question stand in a sentence."""

_TAKEN = "taken:"
"""Begins the cause of a file that a person took and that cannot be had; behind it stands that of the file not taken."""


def settle_work(
    context: Context, partner: Partner, found: Look, overdue: Sequence[Sighting], problem: TransientError | PermanentError | None
) -> None:  # fmt: skip
    """Let the work list say of a partner's folder what this look found, no more and no less; nothing is written if it does.

    What was said of files that the look did not reach stands.
    """
    now = context.clock.now()
    with reading(context.engine) as connection:
        told = sightings.list_told(connection, partner.id, _causes(partner))
        stuck, error = remote_steps.count_stuck(connection, partner.id)
    ours = [seen for seen in overdue if seen.state == SightingState.OURS]
    wanted = [_untaken(partner, seen) for seen in overdue if seen.state == SightingState.TAKEN]
    wanted += [unfinished(partner, seen) for seen in overdue if seen.state not in (SightingState.OURS, SightingState.TAKEN)]
    wanted += [_ours(partner, ours)] if ours else []
    wanted += [_unsafe(partner, found.unsafe)] if found.unsafe else []
    wanted += [_unexpected(partner, found.unexpected)] if found.unexpected else []
    wanted += [_odd(partner, found.odd)] if found.odd else []
    wanted += [_failing(partner, problem)] if problem is not None else []
    wanted += [_stuck(partner, stuck, error)] if stuck else []
    late = [seen for seen in found.unreached if _is_late(partner, seen, now)]
    wanted += [_late(partner, late)] if late else []
    unreached = {cause_of(partner.id, seen.name) for seen in found.unreached}
    said = {key: sentence for key, sentence in told.items() if key[1].removeprefix(_TAKEN) not in unreached}
    _write_difference(context, said, wanted, now)


def settle_failure(context: Context, partner: Partner, problem: TransientError | PermanentError) -> None:
    """The folder could not be looked at: say so, and leave everything else as it was said."""
    with reading(context.engine) as connection:
        told = sightings.list_told(connection, partner.id, _causes(partner))
    item = _failing(partner, problem)
    if told.get((item.kind, item.cause), "") not in (None, item.sentence):
        with writing(context.engine) as connection:
            raise_items(connection, [item], context.clock.now())


def unfinished(partner: Partner, seen: Sighting) -> WorkItem:
    """The item for a file that has been there for too long without becoming ready, or that we cannot take in."""
    why = f"{WHY[seen.state]} ({seen.error})" if seen.error else WHY[seen.state]
    sentence = (
        f"{shorten(seen.name)} has been in the pickup folder of {partner.id} since {tell_utc(seen.first_seen_at)} and "
        f"was not taken: {why}. It is looked at again by itself. Ask the partner to send it whole, or take it as it is: "
        f"`claimwire files take {partner.id} NAME --reason …`."
    )
    return WorkItem(
        kind=WorkKind.UNFINISHED_FILE, cause=cause_of(partner.id, seen.name), sentence=sentence, partner=partner.id
    )  # fmt: skip


def cause_of(partner: str, name: str) -> str:
    """The cause of the item for a file that is not ready, by its name at the partner."""
    return f"sighting:{partner}:{sha256(name.encode()).hexdigest()[:16]}"


def _untaken(partner: Partner, seen: Sighting) -> WorkItem:
    """Another matter than the one a person decided on by taking it."""
    sentence = (
        f"{shorten(seen.name)} from {partner.id} was to be taken as it is, as a person said, and could not be: {seen.error}. "
        "It lies where it was and is tried again at every look. Ask the partner whether its server can read it, or to send it "
        "again."
    )
    return WorkItem(
        kind=WorkKind.UNFINISHED_FILE, cause=f"{_TAKEN}{cause_of(partner.id, seen.name)}", sentence=sentence, partner=partner.id
    )  # fmt: skip


def _write_difference(
    context: Context, told: dict[tuple[str, str], str | None], wanted: Sequence[WorkItem], now: datetime
) -> None:  # fmt: skip
    by_key = {(str(item.kind), item.cause): item for item in wanted}
    news = [item for key, item in by_key.items() if key not in told or told[key] not in (None, item.sentence)]
    over = [key for key in told if key not in by_key]
    if not news and not over:
        return
    with writing(context.engine) as connection:
        raise_items(connection, news, now)
        for kind in sorted({kind for kind, _ in over}):
            causes = [cause for of_kind, cause in over if of_kind == kind]
            close_items(connection, kind, causes, reason=_WHY_OVER.get(kind, "it is gone"), now=now)


_WHY_OVER: dict[str, str] = {
    WorkKind.UNFINISHED_FILE.value: "it was taken, or is gone",
    WorkKind.TRANSFER_FAILING.value: "it works again",
    WorkKind.UNEXPECTED_FILE.value: "they are gone, or others lie there",
    WorkKind.UNREADABLE_FILE.value: "they are gone, or others lie there",
}


def _causes(partner: Partner) -> list[tuple[str, str]]:
    """The causes of the partner's items, of some of them the beginning only."""
    return [
        (WorkKind.UNREADABLE_FILE.value, f"name:{partner.id}"),
        (WorkKind.UNEXPECTED_FILE.value, f"unexpected:{partner.id}"),
        (WorkKind.UNEXPECTED_FILE.value, f"ours:{partner.id}"),
        (WorkKind.TRANSFER_FAILING.value, f"pickup:{partner.id}"),
        (WorkKind.TRANSFER_FAILING.value, f"remote:{partner.id}"),
        (WorkKind.TRANSFER_FAILING.value, f"late:{partner.id}"),
    ]


def _unsafe(partner: Partner, names: Collection[str]) -> WorkItem:
    sentence = (
        f"{partner.id} has files whose names cannot be asked for ({len(names)}): {_name_some(names)}. A name should be "
        f"{THEIRS_MAY_HOLD}. They were left where they are; ask the partner to send them under such names."
    )
    return _about_names(WorkKind.UNREADABLE_FILE, partner, f"name:{partner.id}", names=names, sentence=sentence)


def _unexpected(partner: Partner, names: Collection[str]) -> WorkItem:
    sentence = (
        f"{partner.id} has {len(names)} files in its pickup folder that fit none of the profile's pickup.patterns "
        f"({', '.join(partner.pickup.patterns)}): {_name_some(names)}. They were left where they are; answers or remittances may "
        "be among them."
    )
    return _about_names(WorkKind.UNEXPECTED_FILE, partner, f"unexpected:{partner.id}", names=names, sentence=sentence)


def _odd(partner: Partner, names: Collection[str]) -> WorkItem:
    sentence = (
        f"{partner.id} has {len(names)} entries in its pickup folder that are links, pipes or devices and no plain files: "
        f"{_name_some(names)}. They are never followed; answers or remittances may be behind them. Ask the partner to put the "
        "files themselves there, or set pickup.folder to where they lie."
    )
    return _about_names(WorkKind.UNEXPECTED_FILE, partner, f"unexpected:{partner.id}:odd", names=names, sentence=sentence)


def _about_names(kind: WorkKind, partner: Partner, cause: str, *, names: Collection[str], sentence: str) -> WorkItem:
    return WorkItem(kind=kind, cause=f"{cause}:{_digest(names)}", sentence=sentence, partner=partner.id)


def _name_some(names: Collection[str]) -> str:
    """The first few of them, quoted, and how many more there are."""
    named = ", ".join(f'"{shorten(name)}"' for name in sorted(names)[:NAMED_MAX])
    return f"{named} and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else named


def _digest(names: Collection[str]) -> str:
    """Tells one set of names from another: what a person decided on some says nothing of others."""
    return sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def _ours(partner: Partner, seen: Sequence[Sighting]) -> WorkItem:
    sentence = (
        f"In the pickup folder of {partner.id} lie files of claims that we sent ({len(seen)}; {shorten(seen[0].name)}: "
        f"{seen[0].error}). "
        "They were left where they are. If pickup.folder of the profile is the upload.folder of this or another partner under "
        "another name, put the right folder of the answers into it; if not, ask the partner why they lie there. Do not have them "
        "removed before the partner that they are for has taken them in."
    )
    return WorkItem(kind=WorkKind.UNEXPECTED_FILE, cause=f"ours:{partner.id}", sentence=sentence, partner=partner.id)


def _failing(partner: Partner, error: TransientError | PermanentError) -> WorkItem:
    sentence = f"Answers cannot be fetched from {partner.id}: {error}. It is tried again by itself; nothing is lost meanwhile."
    return WorkItem(kind=WorkKind.TRANSFER_FAILING, cause=f"pickup:{partner.id}", sentence=sentence, partner=partner.id)


def _is_late(partner: Partner, seen: Sighting, now: datetime) -> bool:
    is_ready = seen.state == SightingState.ARRIVING
    return is_ready and is_overdue(seen, patience_hours=partner.pickup.patience_hours, now=now)


def _late(partner: Partner, waiting: Sequence[Sighting]) -> WorkItem:
    since = min(seen.first_seen_at for seen in waiting)
    sentence = (
        f"{len(waiting)} files in the pickup folder of {partner.id} are ready and wait to be fetched, the first since "
        f"{tell_utc(since)}: each of its turns of {TURN_MAX.total_seconds() / 60:g} minutes is over before them. They are "
        "fetched by and by, what was never fetched first. See why the connection is slow, or how much lies there: where they "
        'stay there (pickup.after = "leave") and the server tells no times, all of them are fetched anew at every look.'
    )
    return WorkItem(kind=WorkKind.TRANSFER_FAILING, cause=f"late:{partner.id}", sentence=sentence, partner=partner.id)


def _stuck(partner: Partner, count: int, error: str) -> WorkItem:
    doing = "moved away" if partner.pickup.after == "move" else "deleted"
    sentence = (
        f"{count} files that we have from {partner.id} could not be {doing} on its server: {error}. They are not taken in again, "
        'and it is tried again by itself; where the partner clears its folder itself, set pickup.after = "leave" in its profile.'
    )
    return WorkItem(kind=WorkKind.TRANSFER_FAILING, cause=f"remote:{partner.id}", sentence=sentence, partner=partner.id)
