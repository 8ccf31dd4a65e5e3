"""What would go out now, file by file, and what does not and why: nothing is drawn and nothing is written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import msgspec

from gateway.db import ready_claims as ready_rows
from gateway.db.engine import Connection, reading
from gateway.db.numbers import peek
from gateway.db.ready_claims import ReadyClaim
from gateway.domain.batch_plan import Sets, limits_of
from gateway.domain.facts import Kind
from gateway.domain.timetable import lead_of, name_instant
from gateway.errors import Refused
from gateway.pipeline.batch_keeping import receiver_id_of, sender_of
from gateway.pipeline.batching import Group, group_counts, plan_file
from gateway.pipeline.context import Context
from gateway.pipeline.timetable import find_cutoff
from payers.profile import Partner

REASONS_NAMED = 5


class FutureFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it would be made. `name` is what it is called if nobody draws a control number before."""

    partner: str
    transaction: str
    usage: str
    name: str
    practices: int
    separate_practices: str
    interchanges: int
    sets: int
    claims: int
    charge_cents: int
    filing_limit: date | None
    cutoff_at: datetime | None
    """The partner's cutoff it is for (UTC); None: it is made at the next turn of the schedule."""
    cutoff: str
    """The same by the partner's own clock."""
    made_at: datetime | None
    """When it is made; None: at the next turn of the schedule."""


class Staying(msgspec.Struct, frozen=True, kw_only=True):
    """Claims that have not left and would not leave now, and why."""

    partner: str
    why: str
    claims: int
    charge_cents: int | None


class Preview(msgspec.Struct, frozen=True):
    """Future files, the most urgent of each partner first, and what stays."""

    files: list[FutureFile]
    staying: list[Staying]


def preview_batches(context: Context, partner_id: str | None = None) -> Preview:
    """What batching would do now, for one partner or all. Raises Refused where no profile has this id.

    What only the building of a file tells is not known here: claims that cannot be written, and files cut at the partner's bytes.
    """
    partners = context.profiles.partners
    if partner_id is not None and partner_id not in partners:
        raise Refused(f"no partner {partner_id}; there are {', '.join(sorted(partners))}")
    chosen = [partner for key, partner in sorted(partners.items()) if partner_id in (None, key)]
    with reading(context.engine) as connection:
        files: list[FutureFile] = []
        staying = list(_list_unready(connection, partner_id))
        for partner in chosen:
            for group in _find_groups(connection, context, partner, staying):
                files += _foresee(connection, group, context.clock.now())
    return Preview(files, staying)


def _find_groups(connection: Connection, context: Context, partner: Partner, staying: list[Staying]) -> Iterator[Group]:
    """The groups that would leave; of the others, why not."""
    counts = ready_rows.count_ready(connection, partner.id)
    for count in counts:
        payer = context.profiles.payers.get(count.payer)
        if payer is None or payer.carrier != partner.id:
            where = f"by {payer.carrier}, at the next run" if payer else "anew, or held, at the next run: its profile is gone"
            why = f"ready, but claims for {count.payer} are routed {where}"
            staying.append(Staying(partner=partner.id, why=why, claims=count.claim_count, charge_cents=count.charge_cents))
    for group in group_counts(context.profiles, partner, counts):
        if group.way.version:
            yield group
            continue
        claims, cents = sum(each.claim_count for each in group.counts), sum(each.charge_cents for each in group.counts)
        why = f"ready, but {partner.name} takes no {group.way.transaction.guide} by its profile; held at the next run"
        staying.append(Staying(partner=partner.id, why=why, claims=claims, charge_cents=cents))


def _foresee(connection: Connection, group: Group, now: datetime) -> Iterator[FutureFile]:
    way = group.way
    left = ready_rows.look_at_ready(connection, way.partner.id, guide=way.transaction.guide, payers=group.payers)
    stock = _Stock(left)
    cutoff_at = find_cutoff(connection, way.partner, now)
    number = peek(connection, f"isa:{sender_of(way.partner)}:{receiver_id_of(way.partner)}")
    timetable = way.partner.timetable
    while interchanges := plan_file(group, limits_of(way.partner), stock.take):
        claims = [row for sets in interchanges for rows in sets for row in rows]
        yield FutureFile(
            partner=way.partner.id, transaction=way.transaction.guide, usage=way.usage,
            name=way.partner.upload.build_name(number, transaction=way.transaction.guide, usage=way.usage, at=now),
            practices=len({row.practice for row in claims}), separate_practices=way.partner.batching.separate_practices,
            interchanges=len(interchanges), sets=_count_sets(interchanges), claims=len(claims),
            charge_cents=sum(row.charge_cents for row in claims),
            filing_limit=min((row.filing_deadline for row in claims if row.filing_deadline), default=None),
            cutoff_at=cutoff_at, cutoff=name_instant(timetable, cutoff_at) if cutoff_at else "",
            made_at=max(now, lead_of(timetable, cutoff_at)) if cutoff_at else None,
        )  # fmt: skip
        number += len(interchanges)


def _count_sets(interchanges: Sequence[Sets[ReadyClaim]]) -> int:
    return sum(len(sets) for sets in interchanges)


class _Stock:
    """Ready claims that a planner takes from, as it would take them from the database."""

    def __init__(self, claims: Sequence[ReadyClaim]) -> None:
        self._left = {row.id: row for row in claims}
        self._of: dict[str, list[ReadyClaim]] = {}
        for row in claims:
            self._of.setdefault(row.practice, []).append(row)

    def take(self, practice: str | None, most: int) -> Sequence[ReadyClaim]:
        source = self._left.values() if practice is None else self._of.get(practice, [])
        taken = [row for _, row in zip(range(most), source, strict=False)]
        if practice is not None:
            del self._of[practice][: len(taken)]
        for row in taken:
            del self._left[row.id]
        return taken


def _list_unready(connection: Connection, partner_id: str | None) -> Iterator[Staying]:
    """What is received or held, with the commonest reasons."""
    reasons = _count_reasons(connection)
    for partner, state, count, cents in ready_rows.count_unready(connection):
        if partner_id is not None and partner != partner_id:
            continue
        lost = "" if partner else ", and no profile names its payer"
        if state == "received":
            yield Staying(partner=partner, why=f"received: the edits look at it next{lost}", claims=count, charge_cents=cents)
        else:
            named = reasons.get(partner, Counter())
            named["taken in an earlier attempt"] += count - named.total()
            said = ", ".join(f"{why} {times}" for why, times in named.most_common(REASONS_NAMED) if times)
            yield Staying(partner=partner, why=f"held: {said}{lost}", claims=count, charge_cents=cents)


def _count_reasons(connection: Connection) -> dict[str, Counter[str]]:
    """Why claims are held, by partner: the edit that found the first thing, or a person, or a payment; a claim counts once."""
    last = {claim_id: (partner, kind, data) for claim_id, partner, kind, data in ready_rows.why_held(connection)}
    found: dict[str, Counter[str]] = {}
    for partner, kind, data in last.values():
        found.setdefault(partner, Counter())[_reason_of(kind, data)] += 1
    return found


def _reason_of(kind: str, data: str) -> str:
    if kind == Kind.HELD_BY_PERSON:
        return "held by a person"
    if kind == Kind.PAYMENT_SUSPENDED:
        return "paid before it left"
    findings = msgspec.json.decode(data).get("findings", [])
    return next((str(each["edit"]) for each in findings if each.get("severity") == "hold"), "edits")
