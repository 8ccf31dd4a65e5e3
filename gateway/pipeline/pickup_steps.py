"""What becomes of a partner's copy once we have the file: deleted or moved, as a step of its own that is retried until done."""

from collections.abc import Sequence
from hashlib import sha256

from gateway.crashpoint import crashpoint
from gateway.db import files as file_rows
from gateway.db import remote_steps
from gateway.db.engine import reading, writing
from gateway.db.remote_steps import Step
from gateway.domain.readiness import Shown, is_changed
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.transport import Transport
from gateway.transport.causes import is_lost_link
from payers.profile import Partner

FAILURES_MAX = 3
"""After so many steps in a row that failed, a server that refuses is left alone until the next look."""
CHANGED = "the partner put another file under its name, which was left alone"
LEFT = "the profile leaves copies where they are"


def run_steps(context: Context, partner: Partner, wire: Transport, steps: Sequence[tuple[Step, Shown]]) -> None:
    """Do what earlier looks left undone, as far as the server lets us; each step with how its copy shows in this look's listing.

    Raises only where the connection is lost.
    """
    if partner.pickup.after == "leave":
        _leave(context, partner, [step for step, _ in steps])
        return
    failures = 0
    # The least tried first: a few that are refused at every look keep no other step from its turn.
    for count, (step, listed) in enumerate(sorted(steps, key=lambda each: each[0].tries), start=1):
        failures = 0 if run_step(context, partner, wire, step, listed=listed) else failures + 1
        if failures >= FAILURES_MAX:
            return
        context.progress("copies cleared away", count, len(steps))


def run_step(context: Context, partner: Partner, wire: Transport, step: Step, *, listed: Shown) -> bool:
    """Do this step now, or postpone it; whether nothing is left of it to do. Raises only where the connection is lost.

    A copy that is not what was fetched is left alone: the next look finds it to be another file. Where asking for it means to
    list the whole folder (`quirks.stat = false`), the last listing has to do. What the partner writes between the last answer we
    have and our request is out of anybody's sight.
    """
    note = ""
    try:
        there = _find_shown(partner, wire, step.name) if partner.quirks.stat else listed
        if there is not None and _is_another(context, partner, wire, step, there):
            note = CHANGED
        elif there is not None:
            _act(partner, wire, step)
    except (TransientError, PermanentError) as error:
        with writing(context.engine) as connection:
            remote_steps.postpone_step(connection, step, error=str(error), lasting=isinstance(error, PermanentError))
        if is_lost_link(error):
            raise
        return False
    with writing(context.engine) as connection:
        remote_steps.finish_step(connection, step, context.clock.now(), note=note)
    return True


def _find_shown(partner: Partner, wire: Transport, name: str) -> Shown | None:
    there = wire.find(partner.pickup.folder, name)
    return None if there is None else Shown(name, there.size_bytes, there.modified_at)


def _is_another(context: Context, partner: Partner, wire: Transport, step: Step, there: Shown) -> bool:
    """Whether the copy is not what was fetched: by size and time; by its bytes where the server does not tell both."""
    if is_changed(step.shown, there):
        return True
    return not (step.shown.is_told and there.is_told) and _read_sha256(partner, wire, step) != _get_sha256(context, step)


def _read_sha256(partner: Partner, wire: Transport, step: Step) -> str:
    digest = sha256()
    for chunk in wire.fetch(partner.pickup.folder, step.name):
        digest.update(chunk)
    return digest.hexdigest()


def _get_sha256(context: Context, step: Step) -> str:
    with reading(context.engine) as connection:
        kept = file_rows.get_file(connection, step.file_id)
    assert kept is not None, "a step is for a file that we have"
    return str(kept["sha256"])


def _act(partner: Partner, wire: Transport, step: Step) -> None:
    """What the profile says now, whatever it said when the file was fetched."""
    folder = partner.pickup.folder
    if partner.pickup.after == "move":
        wire.move(folder, step.name, partner.pickup.move_to)
        crashpoint("pickup.remote_moved")
    else:
        wire.remove(folder, step.name)
        crashpoint("pickup.removed")
    if step.tries and partner.quirks.stat and wire.find(folder, step.name) is not None:
        raise TransientError(f"the server said yes, and {step.name} still lies there")


def _leave(context: Context, partner: Partner, steps: Sequence[Step]) -> None:
    """The profile was changed to leave copies where they are: they are known from now on as those are."""
    if not steps:
        return
    with writing(context.engine) as connection:
        remote_steps.leave_copies(connection, partner.id, steps, context.clock.now(), note=LEFT)
