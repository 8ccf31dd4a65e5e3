"""What runs by itself, and how often: a table. Each job is a stage that may run twice, late, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.config import Settings
from gateway.pipeline import intake_folder, leftovers
from gateway.pipeline.context import Context
from gateway.pipeline.stages import STAGES

DAY_SECONDS = 86_400
ON_THE_WIRE = frozenset({"delivery", "pickup"})
RUNS_AT_ONCE = 4
"""While one run waits for a partner that is silent or slow, the next serves the others: each partner has a lock of its own. Only
so many that turn slow one after the other keep all waiting, and these no longer than a turn may last (each_partner.TURN_MAX)."""


@dataclass(frozen=True)
class Job:
    """A stage with its period in seconds, and how many runs of it may go on at one time."""

    name: str
    seconds: int
    run: Callable[[Context], int]
    at_once: int = 1


def list_jobs(settings: Settings) -> list[Job]:
    """Every job of a gateway with these settings."""
    schedule = settings.schedule
    seconds = {
        "scrub": schedule.scrub_seconds,
        "batching": schedule.batching_seconds,
        "delivery": schedule.delivery_seconds,
        "pickup": schedule.pickup_seconds,
        "ingest": schedule.ingest_seconds,
        "posting": schedule.posting_seconds,
        "followup": schedule.followup_seconds,
    }
    jobs = [Job(name, seconds[name], stage, RUNS_AT_ONCE if name in ON_THE_WIRE else 1) for name, stage in STAGES.items()]
    folder = settings.serve.intake_folder
    if folder is not None:
        jobs.insert(0, Job("intake", schedule.intake_seconds, lambda context: intake_folder.run(context, folder)))
    return [*jobs, Job("leftovers", DAY_SECONDS, leftovers.run)]
