"""One look at a partner's pickup folder: what lies there, what of it is new, ready, still arriving, or to be cleared away."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import translate
from re import IGNORECASE
from re import compile as compile_pattern

from gateway.db import files as file_rows
from gateway.db import remote_steps, sightings
from gateway.db.engine import Engine, chunks_of, reading, writing
from gateway.db.remote_steps import Step
from gateway.domain.readiness import Shown, Sighting, SightingState, is_changed, is_overdue, is_wanted, judge
from gateway.pipeline.pickup_steps import CHANGED
from gateway.transport import RemoteFile
from payers.profile import Partner

NAMES_AT_ONCE = 2000
"""So many names of a listing are looked up at one time."""


@dataclass
class Look:
    """What one look found. Names that were kept before and did not change are not among it.

    `wanted`: to be fetched now, first what was never fetched, and of that what waited longest. `unreached`: those of them that
    were not fetched as the partner's turn was over; whoever fetches notes them. `changed`: to be remembered otherwise than
    before. `counted`: stood still for another look, and nothing else is new. `gone`: waited and lie there no more. `overdue`:
    not wanted, and there for longer than the profile's patience. `is_arriving`: another look is likely to find something ready.
    `steps`: to be done to copies that do not show as others than they were, and how each shows now. `dropped`: steps whose copy
    is gone, or another by now, which the note says. `unsafe`, `unexpected` and `odd`: names that are never fetched, because
    nobody can ask for them, because no pattern does, and because they are no plain files.
    """

    wanted: list[Sighting] = field(default_factory=list)
    unreached: list[Sighting] = field(default_factory=list)
    changed: list[Sighting] = field(default_factory=list)
    counted: list[Sighting] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    overdue: list[Sighting] = field(default_factory=list)
    is_arriving: bool = False
    steps: list[tuple[Step, Shown]] = field(default_factory=list)
    dropped: list[tuple[Step, str]] = field(default_factory=list)
    unsafe: set[str] = field(default_factory=set)
    unexpected: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)


def look(engine: Engine, partner: Partner, listing: Iterable[RemoteFile], now: datetime) -> Look:
    """Compare a listing, as it comes, with what is known. Nothing is written; what `listing` raises goes through."""
    return _Looking(engine, partner, now).go_through(listing)


def write_look(engine: Engine, partner: Partner, found: Look, now: datetime) -> None:
    """Remember what a look found, in one transaction; none where nothing is new."""
    if not (found.changed or found.counted or found.gone or found.dropped):
        return
    with writing(engine) as connection:
        sightings.keep_sightings(connection, partner.id, found.changed, now)
        sightings.count_looks(connection, found.counted, now)
        sightings.forget_sightings(connection, partner.id, found.gone)
        for step, note in found.dropped:
            remote_steps.finish_step(connection, step, now, note=note)


class _Looking:
    """What is known of a partner's folder, held against a listing."""

    def __init__(self, engine: Engine, partner: Partner, now: datetime) -> None:
        self._engine = engine
        self._partner = partner
        self._pickup = partner.pickup
        self._now = now
        # In whatever case a partner writes its names.
        self._asked_for = compile_pattern("|".join(translate(pattern) for pattern in partner.pickup.patterns), IGNORECASE)
        with reading(engine) as connection:
            self._known = sightings.list_sightings(connection, partner.id)
            self._steps = remote_steps.list_undone(connection, partner.id)
        self._found = Look()
        self._seen: set[str] = set()
        self._fetched_again: set[str] = set()

    def go_through(self, listing: Iterable[RemoteFile]) -> Look:
        for chunk in chunks_of(self._list_fitting(listing), NAMES_AT_ONCE):
            kept = self._list_kept(chunk)
            names = {name for name, _, _ in kept}
            for remote in chunk:
                if (remote.name, remote.size_bytes, remote.modified_at) in kept:
                    continue
                if remote.name in names and None in (remote.size_bytes, remote.modified_at):
                    self._fetched_again.add(remote.name)
                self._note(remote)
        self._found.wanted.sort(key=self._rank)
        self._found.gone = list(self._known)
        self._found.dropped += [(step, "") for step in self._steps.values()]
        return self._found

    def _rank(self, seen: Sighting) -> tuple[bool, datetime]:
        """Where a turn may end before all are fetched, what was tried before, or had, keeps nothing new waiting."""
        is_untried = seen.state in (SightingState.ARRIVING, SightingState.TAKEN)
        return seen.name in self._fetched_again or not is_untried, seen.first_seen_at

    def _list_fitting(self, listing: Iterable[RemoteFile]) -> Iterator[RemoteFile]:
        """The names that are for us, each once however often a server lists it; the others are noted."""
        suffix = self._partner.upload.suffix
        for remote in listing:
            if not remote.is_plain:
                self._found.odd.add(remote.name)
            elif not remote.readable:
                self._note_unsafe(remote)
            elif self._asked_for.match(remote.name.removesuffix(suffix)):
                if remote.name not in self._seen:
                    self._seen.add(remote.name)
                    yield remote
            elif not (suffix and remote.name.endswith(suffix)):
                self._found.unexpected.add(remote.name)

    def _list_kept(self, chunk: Sequence[RemoteFile]) -> set[tuple[str, int, int]]:
        if self._pickup.after != "leave":
            return set()
        with reading(self._engine) as connection:
            return file_rows.list_known_copies(connection, self._partner.id, [remote.name for remote in chunk])

    def _note_unsafe(self, remote: RemoteFile) -> None:
        if remote.name in self._found.unsafe:
            return
        self._found.unsafe.add(remote.name)
        if self._known.pop(remote.name, None) is None:
            self._found.changed.append(
                Sighting(
                    remote.name, remote.size_bytes, remote.modified_at, still_polls=1, first_seen_at=self._now,
                    state=SightingState.UNSAFE,
                )
            )  # fmt: skip

    def _note(self, remote: RemoteFile) -> None:
        shown = Shown(remote.name, remote.size_bytes, remote.modified_at)
        step = self._steps.pop(remote.name, None)
        if step is not None:
            if not is_changed(step.shown, shown):
                self._found.steps.append((step, shown))
                return
            self._found.dropped.append((step, CHANGED))
        known = self._known.pop(remote.name, None)
        seen = judge(known, shown, ready_after_polls=self._pickup.ready_after_polls, now=self._now)
        wanted = is_wanted(seen, ready_after_polls=self._pickup.ready_after_polls)
        # What a person took is wanted, whatever its name says.
        wanted = wanted and (seen.state == SightingState.TAKEN or not self._is_part(remote))
        if wanted:
            self._found.wanted.append(seen)
        else:
            self._note_waiting(seen, known)
        if known is not None and seen is not known and seen.still_polls > 1:
            self._found.counted.append(seen)
        elif seen is not known and (seen.id or not wanted):
            self._found.changed.append(seen)

    def _note_waiting(self, seen: Sighting, known: Sighting | None) -> None:
        if is_overdue(seen, patience_hours=self._pickup.patience_hours, now=self._now):
            self._found.overdue.append(seen)
        elif seen.state == SightingState.ARRIVING or seen is not known:
            self._found.is_arriving = True

    def _is_part(self, remote: RemoteFile) -> bool:
        """Whether its name says that it is still being written."""
        suffix = self._partner.upload.suffix
        return bool(suffix) and remote.name.endswith(suffix)
