"""What becomes of a batch about which a second opinion was asked: its claims are held, it waits, or it goes."""

from collections.abc import Mapping, Sequence

from gateway.db.engine import writing
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.set_layout import SetLayout
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from gateway.pipeline.refusal import refuse_batch
from gateway.pipeline.second_opinion import Objection, ask
from payers.profile import Partner


def hear_opinion(context: Context, partner: Partner, content: bytes, layouts: Mapping[str, SetLayout]) -> int | None:
    """None where the batch may go; else how many claims were held, 0 where the objection is to the batch and it waits.

    `layouts` say by ST02 which claims a segment belongs to. No opinion at all stops nothing, but is told.
    """
    opinion = ask(content, sum(layout.claim_count for layout in layouts.values()))
    guilty, unplaced = _place(opinion.objections, layouts)
    if guilty:
        return refuse_batch(context, guilty, "second-opinion")
    _tell(context, partner, opinion.missing, unplaced)
    return 0 if unplaced else None


def _place(objections: Sequence[Objection], layouts: Mapping[str, SetLayout]) -> tuple[dict[int, str], list[str]]:
    """The claims objected to, by id with the first objection, and what is said of no claim."""
    guilty: dict[int, str] = {}
    unplaced = []
    for objection in objections:
        layout = layouts.get(objection.st_control_number)
        owners = layout.find_claims_at(objection.position) if layout else ()
        for owner in owners:
            guilty.setdefault(owner, f"the second opinion (pyx12) objects to {objection.message}")
        if not owners:
            unplaced.append(objection.message)
    return guilty, unplaced


def _tell(context: Context, partner: Partner, missing: str, unplaced: Sequence[str]) -> None:
    """Open the partner's work item, or close it where an opinion was given and nothing is objected to."""
    cause, now = f"second opinion:{partner.id}", context.clock.now()
    with writing(context.engine) as connection:
        if missing or unplaced:
            sentence = _say_missing(partner, missing) if missing else _say_unplaced(partner, unplaced)
            item = WorkItem(kind=WorkKind.SECOND_OPINION, cause=cause, sentence=sentence, partner=partner.id)
            raise_items(connection, [item], now)
        else:
            reason = "an opinion was given again, without objection"
            close_items(connection, WorkKind.SECOND_OPINION, [cause], reason=reason, now=now)


def _say_missing(partner: Partner, missing: str) -> str:
    return (
        f"The second opinion (pyx12) on a batch for {partner.name} could not be had: {missing}. "
        "The batch went without it, since our own check found nothing."
    )


def _say_unplaced(partner: Partner, unplaced: Sequence[str]) -> str:
    return (
        f"The second opinion (pyx12) objects to a batch for {partner.name}, but to no claim in it: {'; '.join(unplaced[:3])}. "
        "Its claims wait. Compare the envelope in the partner's profile with its companion guide, or take second_opinion out "
        "of the profile."
    )
