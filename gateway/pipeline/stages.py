"""The stages in the order a claim goes through them. None calls the next: each finds its own work."""

from collections.abc import Callable
from types import MappingProxyType

from gateway.pipeline import batching, delivery, followup, ingest, pickup, posting, scrub
from gateway.pipeline.context import Context

Stage = Callable[[Context], int]

STAGES: MappingProxyType[str, Stage] = MappingProxyType(
    {
        "scrub": scrub.run,
        "batching": batching.run,
        "delivery": delivery.run,
        "pickup": pickup.run,
        "ingest": ingest.run,
        "posting": posting.run,
        "followup": followup.run,
    }
)
"""Each stage by name; intake is not among them, for it is given its files. The number returned is how much was done."""


def run_once(context: Context, names: tuple[str, ...] = ()) -> dict[str, int]:
    """Run the named stages, or all, once and in order; how much each did."""
    return {name: stage(context) for name, stage in STAGES.items() if not names or name in names}
