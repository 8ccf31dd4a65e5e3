"""What stands with a partner and a payer: when files go and what is in them, how the connection does, what is awaited."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from gateway.db import links, partner_state, silence
from gateway.db.engine import Connection, Row, reading
from gateway.domain.timetable import lead_of, name_instant, next_poll
from gateway.errors import Refused
from gateway.pipeline.context import Context
from gateway.pipeline.followup import find_deadline
from gateway.pipeline.timetable import find_cutoff
from payers.profile import Partner, Payer


class Moment(msgspec.Struct, frozen=True):
    """An instant of the future or past (UTC), as the partner's clock shows it, and how far off it is."""

    at: datetime
    local: str
    distance: str


class Waiting(msgspec.Struct, frozen=True):
    """Claims that will go into files, of one transaction and usage."""

    transaction: str
    usage: str
    claims: int
    charge_cents: int


class OpenFiles(msgspec.Struct, frozen=True):
    """Files in a state in which they are not with the partner."""

    state: str
    files: int
    claims: int
    charge_cents: int


class Awaited(msgspec.Struct, frozen=True):
    """Claims that wait for a kind of answer, and when the first of it is due."""

    answer: str
    claims: int
    charge_cents: int
    due: Moment | None


class Link(msgspec.Struct, frozen=True):
    """How the connection has been doing."""

    state: str
    """works | failing | never tried"""
    worked: Moment | None
    failing_since: Moment | None
    next_try: Moment | None
    failures: int
    error: str


class PartnerView(msgspec.Struct, frozen=True, kw_only=True):
    """A partner as it stands now."""

    id: str
    name: str
    way: str
    time_zone: str
    next_cutoff: Moment | None
    """The cutoff that what is ready now will make; None: it has none."""
    files_made: Moment | None
    """When the files for it are made; None: at every turn of the schedule."""
    waiting: list[Waiting]
    open_files: list[OpenFiles]
    link: Link
    last_sent: Moment | None
    last_received: Moment | None
    next_poll: Moment | None
    """None: answers are looked for at every turn of the schedule."""
    arriving: int
    awaited: list[Awaited]


class PayerView(msgspec.Struct, frozen=True, kw_only=True):
    """A payer's profile in short."""

    id: str
    name: str
    payer_ids: list[str]
    carrier: str
    route: str
    second_route: str
    usage: str
    takes: list[str]
    original_days: int
    corrected_days: int | None
    secondary_days: int | None
    appeal_days: int | None
    overdue_days: int
    lines_of_business: list[str]
    required: list[str]
    forbidden: list[str]
    rules: int
    ready_claims: int
    ready_charge_cents: int


def view_partner(context: Context, partner_id: str) -> PartnerView:
    """One partner. Raises Refused where no profile has this id."""
    partner = context.profiles.partners.get(partner_id)
    if partner is None:
        raise Refused(f"no partner {partner_id}; there are {', '.join(sorted(context.profiles.partners))}")
    return _view_all(context, [partner])[0]


def view_partners(context: Context) -> list[PartnerView]:
    """All partners, by id."""
    return _view_all(context, sorted(context.profiles.partners.values(), key=lambda partner: partner.id))


def view_payer(context: Context, payer_id: str) -> PayerView:
    """One payer, by the id of its profile. Raises Refused where no profile has it."""
    payer = context.profiles.payers.get(payer_id)
    if payer is None:
        raise Refused(f"no payer {payer_id}; there are {', '.join(sorted(context.profiles.payers))}")
    with reading(context.engine) as connection:
        ready = [row for row in partner_state.list_ready_claims(connection) if row["payer"] == payer_id]
    limits = payer.timely_filing
    return PayerView(
        id=payer.id, name=payer.name, payer_ids=list(payer.payer_ids), carrier=payer.carrier, route=payer.route,
        second_route=payer.second_route.partner if payer.second_route else "", usage=_usage_of(context, payer.carrier, payer),
        takes=list(_taken_by(context, payer)), original_days=limits.original_days, corrected_days=limits.corrected_days,
        secondary_days=limits.secondary_days, appeal_days=limits.appeal_days, overdue_days=payer.overdue_days,
        lines_of_business=list(_tell_lines_of_business(payer)), required=list(payer.required), forbidden=list(payer.forbidden),
        rules=len(payer.rules), ready_claims=sum(row["claims"] for row in ready),
        ready_charge_cents=sum(int(row["charge_cents"]) for row in ready),
    )  # fmt: skip


def explain_waiting(context: Context) -> list[str]:
    """A sentence for each partner with claims that are ready and wait for a cutoff."""
    now = context.clock.now()
    sentences = []
    with reading(context.engine) as connection:
        counts: dict[str, int] = {}
        for row in partner_state.list_ready_claims(connection):
            counts[row["partner"]] = counts.get(row["partner"], 0) + row["claims"]
        for partner_id, count in counts.items():
            partner = context.profiles.partners.get(partner_id)
            cutoff_at = find_cutoff(connection, partner, now) if partner is not None else None
            if partner is not None and cutoff_at is not None:
                whose = "1 claim waits" if count == 1 else f"{count} claims wait"
                sentences.append(
                    f"{whose} for {partner_id}'s cutoff of {name_instant(partner.timetable, cutoff_at)}; their files are made "
                    f"{tell_distance(lead_of(partner.timetable, cutoff_at) - now)}."
                )
    return sentences


def tell_distance(distance: timedelta) -> str:
    """How far off something is: "in 2 h 10 min", "3 d 4 h ago", "now"."""
    minutes = abs(distance) // timedelta(minutes=1)
    if not minutes:
        return "now"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count][:2]
    said = " ".join(parts)
    return f"in {said}" if distance > timedelta(0) else f"{said} ago"


def _view_all(context: Context, partners: list[Partner]) -> list[PartnerView]:
    now = context.clock.now()
    with reading(context.engine) as connection:
        silent = list(silence.list_silent(connection))
        return [
            _view(context, connection, partner, [row for row in silent if row["partner"] == partner.id], now)
            for partner in partners
        ]


def _view(context: Context, connection: Connection, partner: Partner, silent: list[dict[str, Any]], now: datetime) -> PartnerView:
    cutoff_at = find_cutoff(connection, partner, now)
    last_sent, last_received = (
        partner_state.last_sent(connection, partner.id),
        partner_state.last_received(connection, partner.id),
    )
    return PartnerView(
        id=partner.id, name=partner.name, way=_name_way(partner), time_zone=partner.timetable.time_zone,
        next_cutoff=_tell(partner, cutoff_at, now),
        files_made=_tell(partner, lead_of(partner.timetable, cutoff_at) if cutoff_at else None, now),
        waiting=_list_waiting(context, connection, partner), open_files=_list_open(connection, partner),
        link=_view_link(links.find_link(connection, partner.id), now, partner),
        last_sent=_tell(partner, last_sent, now), last_received=_tell(partner, last_received, now),
        next_poll=_tell(partner, next_poll(partner.timetable, now), now),
        arriving=partner_state.count_arriving(connection, partner.id),
        awaited=_list_awaited(context, partner, silent, now),
    )  # fmt: skip


def _tell(partner: Partner, at: datetime | None, now: datetime) -> Moment | None:
    return None if at is None else Moment(at, name_instant(partner.timetable, at), tell_distance(at - now))


def _name_way(partner: Partner) -> str:
    if partner.local is not None:
        return f"folder {partner.local.root}"
    assert partner.sftp is not None, "a partner has one of both ways"
    return f"sftp {partner.sftp.host}:{partner.sftp.port}"


def _usage_of(context: Context, carrier: str, payer: Payer | None) -> str:
    partner = context.profiles.partners.get(carrier)
    return (payer.usage if payer else "") or (partner.envelope.usage if partner else "")


def _tell_lines_of_business(payer: Payer) -> Iterable[str]:
    """Each kind of insurance with the ids that mean it and what it is filed as."""
    for line in payer.lines_of_business:
        yield f"{line.name} ({', '.join(line.payer_ids)}, filed as {line.claim_filing_indicator})"


def _taken_by(context: Context, payer: Payer) -> Iterable[str]:
    """What may go to this payer electronically, in the words of the field."""
    if payer.paper_only:
        return
    partner = context.profiles.partners.get(payer.carrier)
    if partner is not None:
        versions = partner.versions
        yield from (
            name
            for name, version in (("837P", versions.professional), ("837I", versions.institutional), ("837D", versions.dental))
            if version
        )
    said = (("replacements", payer.takes_replacements), ("voids", payer.takes_voids), ("secondary claims", payer.takes_secondary))
    yield from (name for name, taken in said if taken)


def _list_waiting(context: Context, connection: Connection, partner: Partner) -> list[Waiting]:
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in partner_state.list_ready_claims(connection, partner.id):
        key = (row["guide"], _usage_of(context, partner.id, context.profiles.payers.get(row["payer"])))
        claims, cents = found.get(key, (0, 0))
        found[key] = (claims + row["claims"], cents + int(row["charge_cents"]))
    return [Waiting(*key, *sums) for key, sums in sorted(found.items())]


def _list_open(connection: Connection, partner: Partner) -> list[OpenFiles]:
    rows = partner_state.list_open_batches(connection, partner.id)
    return [OpenFiles(row["state"], row["batches"], int(row["claims"]), int(row["charge_cents"])) for row in rows]


def _view_link(row: Row | None, now: datetime, partner: Partner) -> Link:
    if row is None:
        return Link("never tried", None, None, None, 0, "")
    worked, since, next_try = (_tell(partner, row[each], now) for each in ("worked_at", "failing_since", "next_try_at"))
    return Link("failing" if row["failures"] else "works", worked, since, next_try, row["failures"], row["error"])


def _list_awaited(context: Context, partner: Partner, silent: list[dict[str, Any]], now: datetime) -> list[Awaited]:
    found: dict[str, tuple[int, int, datetime]] = {}
    far = datetime.max.replace(tzinfo=UTC)
    for row in silent:
        due_at = find_deadline(context, row, row["answer"])
        if due_at is not None:
            claims, cents, first = found.get(row["answer"], (0, 0, far))
            found[row["answer"]] = (claims + row["claims"], cents + int(row["charge_cents"]), min(first, due_at))
    return [Awaited(answer, claims, cents, _tell(partner, due_at, now)) for answer, (claims, cents, due_at) in found.items()]
