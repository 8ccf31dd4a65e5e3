"""Lives a demo: invented claims, or files given, go to sandbox partners over SFTP and come back decided, weeks in seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path

import msgspec

from edi.claims import Claim, Guide
from gateway import config
from gateway.clock import TurnedClock
from gateway.db.batches import next_try
from gateway.db.engine import open_database, reading
from gateway.db.migrations import upgrade
from gateway.domain.claim_places import find_last_service
from gateway.pipeline import intake
from gateway.pipeline.claim_files import read_claims
from gateway.pipeline.context import Context, Progress
from gateway.pipeline.intake import Received
from gateway.pipeline.intake_folder import read_chunks
from gateway.pipeline.opening import open_context
from gateway.pipeline.stages import STAGES
from gateway.sandbox.behaviour import Behaviour
from gateway.sandbox.invented import invent_claims
from gateway.sandbox.site import Site

DAYS = 50
STEP_MIN = timedelta(hours=6)


@dataclass
class Life:
    """One demo in one folder, on a clock of its own that is turned until nothing moves any more, for DAYS at most."""

    folder: Path
    config_file: Path
    behaviour: Behaviour
    seed: int
    until: datetime
    progress: Progress
    guides: Sequence[Guide] = ("837P",)
    received: list[Received] = field(default_factory=list)

    def live(self, claims: int, inputs: Sequence[Path]) -> Context:
        """Take claims in and run every stage until nothing moves; the gateway as it stands at the end."""
        settings = config.load(self.config_file)
        engine = open_database(settings.database.url)
        upgrade(engine)
        engine.dispose()
        clock = TurnedClock(self._begin(inputs))
        self.until = clock.now() + timedelta(days=DAYS)
        context = open_context(settings, clock=clock, progress=self.progress)
        sandbox = Site(context.profiles, self.folder / "sandbox", clock, behaviour=self.behaviour, seed=self.seed)
        with sandbox:
            self._take_in(context, inputs or [self._invent(context, claims)])
            self._run(context, sandbox, clock)
        return context

    def _begin(self, inputs: Sequence[Path]) -> datetime:
        """DAYS ago; with files of older services, the day after the newest, so that no filing limit has passed by then."""
        days_ago = (self.until - timedelta(days=DAYS)).replace(minute=0, second=0, microsecond=0)
        claims = (item for path in inputs for item in read_claims(read_chunks(path)) if isinstance(item, Claim))
        served = max(filter(None, map(find_last_service, claims)), default=None)
        if served is None:
            return days_ago
        return min(days_ago, datetime.combine(served + timedelta(days=1), time(13), UTC))

    def _invent(self, context: Context, count: int) -> Path:
        """Invented claims as a file like any other: one JSON document a line; of several guides as many of each."""
        path = self.folder / "invented-claims.jsonl"
        with path.open("wb") as file:
            for place, guide in enumerate(self.guides):
                share = count // len(self.guides) + (place < count % len(self.guides))
                for chunk in _chunks(map(msgspec.json.encode, self._invent_for(context, guide, share, self.seed + place))):
                    file.write(b"\n".join(chunk) + b"\n")
        return path

    def _invent_for(self, context: Context, guide: Guide, count: int, seed: int) -> Iterator[Claim]:
        """Claims of one guide, for the payers whose partner takes them."""
        partners, today = context.profiles.partners, context.clock.now().date()
        payers = [one for one in context.profiles.payers.values() if partners[one.carrier].versions.find(guide)]
        return invent_claims(count, seed=seed, payers=payers, today=today, guide=guide)

    def _take_in(self, context: Context, paths: Sequence[Path]) -> None:
        for path in paths:
            self.received.append(intake.receive(context, path.name, read_chunks(path)))

    def _run(self, context: Context, sandbox: Site, clock: TurnedClock) -> None:
        while True:
            while self._run_stages(context, sandbox):
                pass
            due = min(filter(None, (sandbox.next_due(), _next_try(context))), default=None)
            if due is None or due > self.until:
                break
            clock.turn_to(min(max(due, clock.now() + STEP_MIN), self.until))
            self.progress("days lived", DAYS - (self.until - clock.now()).days, DAYS)
        clock.turn_to(self.until)
        self._run_stages(context, sandbox)

    def _run_stages(self, context: Context, sandbox: Site) -> int:
        """Every stage once, with the partner's turn between sending and fetching; how much moved."""
        moved = 0
        for name, stage in STAGES.items():
            if name == "pickup":
                moved += sandbox.tick()
            done = stage(context)
            moved += done if name != "followup" else 0
        return moved


def _next_try(context: Context) -> datetime | None:
    """When a delivery that failed may be tried again."""
    with reading(context.engine) as connection:
        return next_try(connection, context.clock.now())


def _chunks(items: Iterator[bytes], size: int = 1000) -> Iterator[list[bytes]]:
    while chunk := list(islice(items, size)):
        yield chunk
