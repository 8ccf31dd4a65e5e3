"""What lies in partners' pickup folders and is not taken yet, as a person looks at it, and taking it as it is."""

from datetime import datetime

import msgspec

from gateway.db import sightings
from gateway.db.engine import Row, reading, writing
from gateway.db.work import close_items, raise_items
from gateway.domain.instants import tell_utc
from gateway.domain.readiness import WHY, Sighting, SightingState, is_overdue
from gateway.domain.work import WorkKind
from gateway.errors import Refused
from gateway.pipeline.context import Context
from gateway.pipeline.pickup_work import cause_of, unfinished
from payers.file_names import shorten
from payers.profile import Partner


class WaitingFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file at a partner that was seen and not kept. `size_bytes` is None where the server does not say."""

    partner: str
    name: str
    state: str
    since: datetime
    size_bytes: int | None
    why: str


class TakenFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the next pickup fetches, whatever is wrong with it."""

    partner: str
    name: str
    state: str


def list_waiting(context: Context, *, partner: str | None = None, limit: int) -> list[WaitingFile]:
    """What waits at this partner or at all, longest first. Raises Refused where there is no such partner."""
    if partner is not None:
        _get_partner(context, partner)
    with reading(context.engine) as connection:
        rows = sightings.list_waiting(connection, partner=partner, limit=limit)
    return [
        WaitingFile(
            partner=row["partner"], name=_show_name(row), state=row["state"], since=row["since"], size_bytes=row["size_bytes"],
            why=row["error"] or WHY[SightingState(row["state"])],
        )
        for row in rows
    ]  # fmt: skip


def _show_name(row: Row) -> str:
    """Whole where somebody may want to ask for it."""
    return shorten(row["name"]) if row["state"] == SightingState.UNSAFE else str(row["name"])


def take(context: Context, partner: str, name: str, *, actor: str, reason: str) -> TakenFile:
    """Have the next pickup keep a file as it is: `actor` says that no more of it will come.

    Who said so and why is kept with the item of the work list. Should the file change before, it is looked at anew. Raises
    Refused where no such file waits, where it is one of ours, or where the profile's patience with it has not run out and no
    work item speaks of it.
    """
    profile = _get_partner(context, partner)
    now = context.clock.now()
    with writing(context.engine) as connection:
        seen = sightings.find_sighting(connection, partner, name)
        if seen is None:
            raise Refused(f"no file of that name waits at {partner}; `files waiting` shows those that do")
        causes = [cause_of(partner, name)]
        told = sightings.list_told(connection, partner, [])
        key = (WorkKind.UNFINISHED_FILE.value, causes[0])
        _refuse_for_good(seen)
        if key not in told:
            _refuse_early(profile, seen, now)
        if told.get(key, "") is None:
            # Somebody closed the item before; that decision stays on record beside this one.
            close_items(connection, WorkKind.UNFINISHED_FILE, causes, reason="decided anew", now=now)
        raise_items(connection, [unfinished(profile, seen)], now)
        close_items(connection, WorkKind.UNFINISHED_FILE, causes, reason=reason, now=now, actor=actor)
        sightings.take_sighting(connection, seen.id, error=f"taken as it is by {actor}", now=now)
    return TakenFile(partner=partner, name=name, state=SightingState.TAKEN.value)


def _refuse_for_good(seen: Sighting) -> None:
    if seen.state == SightingState.OURS:
        raise Refused(f"it is no answer: {seen.error}; where it lies is the partner's to say")
    if seen.state == SightingState.UNSAFE:
        raise Refused(f"{WHY[seen.state]}. Ask the partner to send it under another name")


def _refuse_early(partner: Partner, seen: Sighting, now: datetime) -> None:
    if not is_overdue(seen, patience_hours=partner.pickup.patience_hours, now=now) and seen.state != SightingState.TAKEN:
        raise Refused(
            f"it came only at {tell_utc(seen.first_seen_at)} and may still be on its way; it can be taken as it is "
            f"{partner.pickup.patience_hours} hours after that (pickup.patience_hours)"
        )


def _get_partner(context: Context, partner: str) -> Partner:
    if partner not in context.profiles.partners:
        raise Refused(f"there is no partner {partner}; `payers check` shows the profiles")
    return context.profiles.partners[partner]
