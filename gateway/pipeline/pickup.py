"""Fetches what partners left for us: list, fetch what is ready and whole, archive, row, commit; only then is the copy touched."""

from dataclasses import dataclass, field

import msgspec

from gateway.crashpoint import crashpoint
from gateway.db.engine import writing
from gateway.db.sightings import forget_sightings, keep_sightings
from gateway.domain.readiness import Sighting, SightingState, is_overdue
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.each_partner import TurnOver, for_each_partner
from gateway.pipeline.links import open_link
from gateway.pipeline.pickup_fetch import Fetched, fetch
from gateway.pipeline.pickup_look import Look, look, write_look
from gateway.pipeline.pickup_steps import run_steps
from gateway.pipeline.pickup_work import settle_failure, settle_work
from gateway.pipeline.timetable import note_polled, polling_is_due
from gateway.transport import Transport
from gateway.transport.causes import is_lost_link
from payers.profile import Partner

UNREACHED = "it is ready, and its turn was over before it came"


def run(context: Context) -> int:
    """Fetch everything every partner has ready for us; how many files were new. A partner that fails delays no other."""
    return for_each_partner(context, "pickup", _collect)


@dataclass
class _Poll:
    """What one look at a partner has come to so far.

    `left` are files that were fetched and not kept, `told` those of which a person is to know at once.
    """

    new_files: int = 0
    left: list[Sighting] = field(default_factory=list)
    told: list[Sighting] = field(default_factory=list)
    changed: list[Sighting] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: PermanentError | None = None

    def note(self, seen: Sighting, fetched: Fetched) -> None:
        """Count what came of one file."""
        self.new_files += fetched.new_files
        self.refused = self.refused or fetched.error
        if fetched.told is not None:
            self.told.append(fetched.told)
        if fetched.left is not None:
            self.left.append(fetched.left)
            if not seen.id or fetched.left != seen:
                self.changed.append(fetched.left)
        elif fetched.is_gone and seen.id:
            self.gone.append(seen.name)


def _collect(context: Context, partner: Partner) -> int:
    if not polling_is_due(context, partner):
        return 0
    poll = _Poll()
    with open_link(context, partner) as wire:
        try:
            _look_and_fetch(context, partner, wire, poll)
        except (TransientError, PermanentError) as error:
            if is_lost_link(error):
                raise
            settle_failure(context, partner, error)
    return poll.new_files


def _look_and_fetch(context: Context, partner: Partner, wire: Transport, poll: _Poll) -> None:
    begun_at = context.clock.now()
    found = look(context.engine, partner, wire.list(partner.pickup.folder), begun_at)
    crashpoint("pickup.listed")
    write_look(context.engine, partner, found, begun_at)
    try:
        _fetch_wanted(context, partner, wire, found, poll)
    finally:
        _remember(context, partner, poll)
    patience = partner.pickup.patience_hours
    overdue = [seen for seen in poll.left if is_overdue(seen, patience_hours=patience, now=begun_at)]
    settle_work(context, partner, found, [*found.overdue, *overdue, *poll.told], poll.refused)
    is_arriving = found.is_arriving or any(seen.state == SightingState.ARRIVING for seen in poll.left)
    if poll.refused is None and not is_arriving and not found.unreached:
        note_polled(context, partner, begun_at)


def _fetch_wanted(context: Context, partner: Partner, wire: Transport, found: Look, poll: _Poll) -> None:
    """Fetch until all are there or the turn is over; what was not reached is remembered, to be first at the next look."""
    reached = 0
    try:
        run_steps(context, partner, wire, found.steps)
        for seen in found.wanted:
            poll.note(seen, fetch(context, partner, wire, seen))
            reached += 1
            context.progress("files picked up", poll.new_files, 0)
    except TurnOver:
        found.unreached = found.wanted[reached:]
        ready = [seen for seen in found.unreached if seen.state == SightingState.ARRIVING and not seen.error]
        poll.changed += [msgspec.structs.replace(seen, error=UNREACHED) for seen in ready]


def _remember(context: Context, partner: Partner, poll: _Poll) -> None:
    if poll.changed or poll.gone:
        with writing(context.engine) as connection:
            keep_sightings(connection, partner.id, poll.changed, context.clock.now())
            forget_sightings(connection, partner.id, poll.gone)
