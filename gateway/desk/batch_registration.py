"""A file that a person put on a partner's server by hand: one of ours is then sent; another's is taken into the books.

So that its answers are tied to it, its numbers are never used again, and no claim in it leaves a second time from here.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from edi.findings import EdiError
from edi.interchange import InterchangeHeader, Reader, TransactionSet
from edi.transactions.t837 import find_transaction, refuse
from edi.values import parse_cents
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import files as file_rows
from gateway.db import ledger, listings
from gateway.db.engine import Connection, Row, writing
from gateway.db.numbers import raise_to
from gateway.desk.batch_commands import delivery_paused, note_arrived
from gateway.desk.reasons import check_reason
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import FINAL
from gateway.errors import Refused
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.pipeline.ingest.inbound import written_at
from payers.profile import Partner

NUMBER_MAX = 999_000_000
"""A control number beyond this would leave us no room for our own: there are nine digits."""
_OUR_DIGITS = 9
"""Our BHT03 have so many digits, with leading zeros."""
_SHOWN_MAX = 20
_ABOUT_TO_LEAVE = (State.RECEIVED, State.READY)
_VERDICTS = (Kind.EDITS_PASSED, Kind.EDITS_FAILED, Kind.RELEASED_BY_PERSON)


class NamedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of ours whose number stands in such a file: where it stands, and whether it would have left and is held now."""

    pcn: str
    state: str
    held: bool


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """What the file was: ours, or another's; its batches; and the claims of ours that another's file has, too."""

    ours: bool
    partner: str
    remote_name: str
    batch_ids: tuple[int, ...]
    claim_count: int
    claims: tuple[NamedClaim, ...] = ()


class ForeignSet(msgspec.Struct, frozen=True, kw_only=True):
    """One set of a file that we did not write."""

    st_control_number: str
    reference: str
    segment_count: int
    claims: tuple[tuple[str, int], ...]
    """CLM01 and CLM02 in cents of each."""

    @property
    def number(self) -> int:
        """Its BHT03 as a number of our series, which may come to it; 0 where it never can."""
        is_as_ours = len(self.reference) == _OUR_DIGITS and self.reference.isascii() and self.reference.isdecimal()
        return int(self.reference) if is_as_ours else 0

    @property
    def charge_cents(self) -> int:
        """What its claims come to."""
        return sum(cents for _, cents in self.claims)


class ForeignInterchange(msgspec.Struct, kw_only=True):
    """One interchange of such a file, with the one group it may hold."""

    header: InterchangeHeader
    gs_control_number: int
    transaction: str
    sets: list[ForeignSet]

    @property
    def numbers(self) -> dict[str, int]:
        """The greatest number it uses of each series of ours, in the order in which batching draws from them."""
        return {
            f"isa:{self.sender}:{self.receiver}": self.header.isa_control_number,
            "bht": max((one.number for one in self.sets), default=0),
            f"gs:{self.sender}": self.gs_control_number,
        }

    @property
    def sender(self) -> str:
        """ISA05:ISA06."""
        return f"{self.header.sender_qualifier}:{self.header.sender_id}"

    @property
    def receiver(self) -> str:
        """ISA07:ISA08."""
        return f"{self.header.receiver_qualifier}:{self.header.receiver_id}"


def register(context: Context, name: str, content: bytes, *, partner: str, actor: str, reason: str) -> Registration:
    """The file `name` with these bytes lies on the partner's server; a person put it there.

    Raises Refused where the partner is not known, where the file is no 837 to it from us, where it is sent already, and where
    its interchange or a set in it has the number of another of ours, or claims in it lie in a file of ours that has not left;
    claims of ours in it that would leave are then held all the same, since the partner has them.
    """
    check_reason(reason)
    profile = context.profiles.partners.get(partner)
    if profile is None:
        raise Refused(f"there is no partner {partner}; `payers list` shows them")
    if len(content) > profile.upload.file_bytes_max:
        raise Refused(f"{name} has {len(content)} bytes, more than the {profile.upload.file_bytes_max} that {partner} takes")
    sha256 = hashlib.sha256(content).hexdigest()
    with delivery_paused(context, partner, name):
        with writing(context.engine) as connection:
            file_id = file_rows.find_file(connection, direction="outbound", partner=partner, sha256=sha256)
            if file_id is not None:
                return _register_ours(connection, context, file_id, actor, reason)
        interchanges = read_foreign(name, content, profile)
        context.archive.store([content])
        foreign = _Foreign(name, content, profile, interchanges)
        with writing(context.engine) as connection:
            clashes = [clash for each in interchanges for clash in _list_clashes(connection, each)]
            clashes += _list_about_to_leave(connection, foreign)
            if not clashes:
                return _register_foreign(connection, context, foreign, actor, reason)
            claims = _hold_claims(connection, foreign, None, actor=actor, reason=reason, now=context.clock.now())
        raise Refused(f"{name} is not registered: {'; '.join(clashes)}. {_tell_held(claims)}")


def _register_ours(connection: Connection, context: Context, file_id: int, actor: str, reason: str) -> Registration:
    batches = batch_rows.list_of_file(connection, file_id)
    assert batches, "an outbound file holds batches"
    first = batches[0]
    if first["state"] not in (*UNDELIVERED, BatchState.FAILED):
        raise Refused(f"it is batch {first['id']} ({first['remote_name']}), which is {first['state']} already")
    note_arrived(connection, context, batches, actor=actor, reason=f"put on the server by hand: {reason}")
    return Registration(
        ours=True, partner=first["partner"], remote_name=first["remote_name"], batch_ids=tuple(each["id"] for each in batches),
        claim_count=sum(each["claim_count"] for each in batches),
    )  # fmt: skip


class _Foreign(msgspec.Struct, frozen=True):
    name: str
    content: bytes
    partner: Partner
    interchanges: list[ForeignInterchange]

    @property
    def claims(self) -> list[tuple[str, int]]:
        """CLM01 and CLM02 in cents of every claim in it."""
        return [claim for interchange in self.interchanges for one in interchange.sets for claim in one.claims]

    @property
    def sha256(self) -> str:
        """Of its bytes."""
        return hashlib.sha256(self.content).hexdigest()


def read_foreign(name: str, content: bytes, partner: Partner) -> list[ForeignInterchange]:
    """The interchanges of a file that we did not write. Raises Refused where it is not whole, or no 837 to the partner."""
    reader = Reader([content])
    found: list[ForeignInterchange] = []
    try:
        for tset in reader:
            _take_set(name, found, tset)
    except EdiError as error:
        raise Refused(f"{name} cannot be read as X12 (byte {error.offset}): {error}") from error
    if reader.findings:
        raise Refused(f"{name}: its envelope is broken: {reader.findings[0].message}")
    if not found or len(found) != len(reader.interchanges):
        raise Refused(f"{name} holds an interchange without any claims; an 837 is registered")
    _refuse_repeated_numbers(name, found)
    envelope = partner.envelope
    ids = (f"{envelope.sender_qualifier}:{envelope.sender_id}", f"{envelope.receiver_qualifier}:{envelope.receiver_id}")
    for each in found:
        if (each.sender, each.receiver) != ids:
            raise Refused(
                f"{name} goes from {each.sender} to {each.receiver} (ISA05-08); to {partner.id} we send from {ids[0]} to {ids[1]}"
            )
    return found


def _refuse_repeated_numbers(name: str, found: list[ForeignInterchange]) -> None:
    numbers: dict[str, list[int] | list[str]] = {
        "interchange control number": [each.header.isa_control_number for each in found],
        "group control number": [each.gs_control_number for each in found],
        "BHT03": [one.reference for each in found for one in each.sets],
        "set control number of an interchange": [
            f"{place}:{one.st_control_number}" for place, each in enumerate(found) for one in each.sets
        ],
    }
    for what, used in numbers.items():
        if len(set(used)) != len(used):
            raise Refused(f"{name} uses one {what} twice, so that its answers could not be told apart")


def _take_set(name: str, found: list[ForeignInterchange], tset: TransactionSet) -> None:
    transaction = find_transaction(tset)
    if transaction is None:
        raise Refused(f"{name}: {refuse(tset).message}; an 837 is registered")
    if not found or found[-1].header is not tset.interchange:
        number = tset.group.gs_control_number
        found.append(
            ForeignInterchange(header=tset.interchange, gs_control_number=number, transaction=transaction.guide, sets=[])
        )
    if found[-1].gs_control_number != tset.group.gs_control_number:
        raise Refused(f"{name}: an interchange in it holds several functional groups; one in each is what can be registered")
    found[-1].sets.append(_read_set(tset))


def _read_set(tset: TransactionSet) -> ForeignSet:
    reference, claims = "", []
    for segment in tset:
        elements = segment.split(tset.delimiters.element)
        if elements[0] == "BHT" and len(elements) > 3:
            reference = elements[3]
        elif elements[0] == "CLM" and len(elements) > 2:
            claims.append((elements[1], parse_cents(elements[2]) or 0))
    return ForeignSet(
        st_control_number=tset.st_control_number, reference=reference, segment_count=tset.segment_count, claims=tuple(claims)
    )


def _register_foreign(connection: Connection, context: Context, foreign: _Foreign, actor: str, reason: str) -> Registration:
    now = context.clock.now()
    _raise_numbers(connection, foreign.interchanges)
    file_id = file_rows.keep_file(
        connection, direction="outbound", partner=foreign.partner.id, name=foreign.name,
        sha256=foreign.sha256, size_bytes=len(foreign.content), now=now,
    )  # fmt: skip
    word = f"put on the server by hand, registered by {actor}: {reason}"
    batch_ids = [_keep_batch(connection, foreign, each, file_id=file_id, word=word, now=now) for each in foreign.interchanges]
    claims = _hold_claims(connection, foreign, batch_ids[0], actor=actor, reason=reason, now=now)
    return Registration(
        ours=False, partner=foreign.partner.id, remote_name=foreign.name, batch_ids=tuple(batch_ids),
        claim_count=len(foreign.claims), claims=tuple(claims),
    )  # fmt: skip


def _raise_numbers(connection: Connection, interchanges: Sequence[ForeignInterchange]) -> None:
    """None of the file's numbers is drawn from here any more: what cannot be kept beside it would stop every batch after it.

    Before its rows are written, so that batching waits for them rather than draw a number that is taken a moment later.
    """
    for interchange in interchanges:
        for series, number in interchange.numbers.items():
            raise_to(connection, series, number)


def _list_clashes(connection: Connection, interchange: ForeignInterchange) -> list[str]:
    """All that keeps its answers from being told apart from those of ours. Its GS06 may be one of ours: portals count from 1."""
    number, greatest = interchange.header.isa_control_number, max(interchange.numbers.values())
    found: list[str] = []
    if greatest > NUMBER_MAX:
        found.append(f"control number {greatest} leaves no room for our own numbers after it")
    same = batch_rows.find_by_isa(connection, sender=interchange.sender, receiver=interchange.receiver, isa_control_number=number)
    if same is not None:
        found.append(
            f"its interchange control number {number} is that of batch {same['id']} ({same['remote_name']}), which holds other "
            "bytes, so the partner will take one for a repetition of the other (ask it which of them it keeps)"
        )
    for one in interchange.sets:
        other = batch_rows.find_reference(connection, one.reference) if one.reference else None
        if other is not None:
            found.append(
                f"the BHT03 of its set {one.st_control_number} ({one.reference}) is that of a set in batch {other['batch_id']}"
            )
        elif not one.reference:
            found.append(f"its set {one.st_control_number} has no BHT03, by which a 277CA names it")
    return found


def _list_about_to_leave(connection: Connection, foreign: _Foreign) -> list[str]:
    """Files of ours with claims of it that would still leave: it is for a person to give them up, for others lie in them, too."""
    rows = [listings.lock_claim(connection, claim_id) for claim_id in _find_named(connection, foreign)]
    batched = [row["id"] for row in rows if row["state"] == State.BATCHED]
    counts = Counter(each["batch_id"] for each in claim_rows.last_submissions(connection, batched).values())
    batches = [batch_rows.get_batch(connection, batch_id) for batch_id in sorted(counts)]
    return [
        f"{counts[each['id']]} of our claims in it lie in batch {each['id']} ({each['state']}), which would still leave: give "
        f"that up first (`claimwire batches settle {each['id']} --lost`): these stay held then, and the others in it go out again"
        for each in batches
        if each is not None and each["state"] in UNDELIVERED
    ]


def _find_named(connection: Connection, foreign: _Foreign) -> list[int]:
    return batch_rows.claims_named(connection, foreign.partner.id, foreign.claims)


def _tell_held(claims: Sequence[NamedClaim]) -> str:
    held = [each.pcn for each in claims if each.held]
    if not claims:
        return "None of our claims is in it."
    shown = ", ".join(held[:_SHOWN_MAX]) + (" …" if len(held) > _SHOWN_MAX else "")
    kept = (
        f"{len(held)} that would have left are held now, so that none goes twice: {shown}" if held else "none was about to leave"
    )
    counts = Counter(each.state for each in claims if not each.held)
    others = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(counts.items()))
    return f"Of our claims in it, {kept}" + (f"; the others: {others}." if others else ".")


def _keep_batch(
    connection: Connection, foreign: _Foreign, interchange: ForeignInterchange, *, file_id: int, word: str, now: datetime
) -> int:
    """The rows of an interchange with no claim of ours in it: none is moved by its answers."""
    header = interchange.header
    batch_id = batch_rows.insert_batch(
        connection,
        {
            # A TA1 repeats the date and time of the header it answers.
            "partner": foreign.partner.id, "sender": interchange.sender, "receiver": interchange.receiver, "usage": header.usage,
            "transaction": interchange.transaction, "isa_control_number": header.isa_control_number,
            "gs_control_number": interchange.gs_control_number, "file_id": file_id, "remote_name": foreign.name, "claim_count": 0,
            "charge_cents": sum(one.charge_cents for one in interchange.sets), "state": BatchState.SENT,
            "created_at": written_at(header, now), "sending_at": now, "sent_at": now, "error": word,
        },
    )  # fmt: skip
    for one in interchange.sets:
        row = {
            "batch_id": batch_id, "st_control_number": one.st_control_number, "reference": one.reference,
            "segment_count": one.segment_count, "claim_count": len(one.claims), "charge_cents": one.charge_cents,
        }  # fmt: skip
        batch_rows.insert_set(connection, row, ())
    return batch_id


def _hold_claims(
    connection: Connection, foreign: _Foreign, batch_id: int | None, *, actor: str, reason: str, now: datetime
) -> list[NamedClaim]:
    """Claims of ours whose numbers stand in the file: whatever would send them without a person's word keeps them held.

    Those that would leave are held now. Of the others the same is said, so that no check of all held claims lets them go, and
    what is in a file that is given up, or found innocent of a rejection, is held in its next attempt.
    `batch_id` None: the file could not be registered.
    """
    found = _find_named(connection, foreign)
    rows = [listings.lock_claim(connection, claim_id) for claim_id in found]
    concerned = [row for row in rows if row["state"] not in FINAL]
    _refuse_simultaneous(connection, foreign, concerned, now)
    kept_as = f"batch {batch_id}" if batch_id else "not registered"
    word = f"it is in {foreign.name} ({kept_as}), which was put on the server of {foreign.partner.id} by hand: {reason}"
    source = f"batch:{batch_id}:registered" if batch_id else f"file:{foreign.sha256[:16]}:refused:{now.isoformat()}"
    about: dict[str, object] = {"reason": word} | ({"batch_id": batch_id} if batch_id else {})
    facts = [
        Fact(
            claim_id=row["id"], kind=Kind.HELD_BY_PERSON, attempt=row["attempt"], occurred_at=now, source=source, actor=actor,
            data=about,
        )
        for row in concerned
    ]  # fmt: skip
    enter(connection, facts, [], now)
    held = {row["id"] for row in rows if row["state"] in _ABOUT_TO_LEAVE}
    after = [listings.lock_claim(connection, claim_id) for claim_id in found]
    return [NamedClaim(pcn=row["pcn"], state=row["state"], held=row["id"] in held) for row in after]


def _refuse_simultaneous(connection: Connection, foreign: _Foreign, rows: Sequence[Row], now: datetime) -> None:
    """Of two words on a claim the later counts: one of this very moment might stand above ours."""
    known = ledger.facts_of(connection, [row["id"] for row in rows])
    said = (fact for row in rows for fact in known[row["id"]] if fact.attempt == row["attempt"] and fact.kind in _VERDICTS)
    if any(fact.occurred_at >= now for fact in said):
        raise Refused(f"{foreign.name}: something else was entered for a claim in it at this very moment; repeat the command")
