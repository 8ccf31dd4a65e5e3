"""Puts ready claims in batches: draws numbers, writes the 837, reads its own bytes back and demands an equal document."""

from collections.abc import Callable, Container, Sequence
from datetime import datetime
from functools import partial as bind
from hashlib import sha256

import msgspec
from structlog import get_logger

from edi.claims import Claim
from edi.transactions.t837 import transaction_of
from gateway.crashpoint import crashpoint
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import ready_claims as ready_rows
from gateway.db.engine import Connection, reading, writing
from gateway.db.locks import exclusive
from gateway.db.numbers import draw
from gateway.db.ready_claims import ReadyClaim, ReadyCount
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.batch_plan import CLAIMS_PER_FILE_MAX, Limits, Sets, limits_of, plan_alone, plan_apart, plan_together
from gateway.domain.control_numbers import claim_trace
from gateway.domain.duplicates import DUPLICATE, FIX, PatientClaim, tell_twins
from gateway.domain.edits.profile_digest import digest_profiles
from gateway.domain.work import WorkKind
from gateway.pipeline.batch_building import (
    BatchRefused,
    Built,
    EnvelopeRefusedError,
    Interchange,
    OneSet,
    Outgoing,
    Way,
    make_headers,
    read_back,
    write_one,
)
from gateway.pipeline.batch_keeping import keep_file, receiver_id_of, sender_of
from gateway.pipeline.context import Context
from gateway.pipeline.duplicate_claims import find_twins
from gateway.pipeline.entering import filing_due
from gateway.pipeline.objections import hear_opinion
from gateway.pipeline.outgoing import address, restate, usage_of
from gateway.pipeline.refusal import refuse_batch, route_strays
from gateway.pipeline.scrub import judge_again
from gateway.pipeline.second_opinion import can_judge
from gateway.pipeline.timetable import Turn, claim_cutoff, note_left
from payers.profile import Partner, Profiles

OPINIONS_MAX = 3
"""How often a batch is built anew because numbers were drawn beside it while it was judged; then it waits for the next run."""

NAMES_MAX = 1000
"""How many taken names are passed over before a partner's template is called unfit to name anything."""

_log = get_logger(__name__)
_decode = msgspec.json.Decoder(Claim).decode


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Ready claims that may share a file: one partner, one 837, one ISA15. The most urgent practice comes first."""

    way: Way
    payers: tuple[str, ...]
    counts: tuple[ReadyCount, ...]

    @property
    def practices(self) -> list[str]:
        """The practices by their nearest filing limit."""
        return list(dict.fromkeys(count.practice for count in self.counts))


class FileTooLarge(Exception):
    """An interchange is larger than the partner takes in a file; so many claims may fit."""

    def __init__(self, claims_max: int) -> None:
        super().__init__(f"{claims_max} claims may fit")
        self.claims_max = claims_max


class OpinionDue(Exception):
    """A file is whole but for the second opinion its partner's profile asks for, which is given outside the transaction."""

    def __init__(self, built: Built) -> None:
        super().__init__("a second opinion is due")
        self.built = built


def run(context: Context) -> int:
    """Batch every ready claim of every partner whose timetable lets it go now; how many claims were dealt with.

    What goes wrong with one partner keeps no other waiting: the first error is raised once all have had their turn.
    """
    done = route_strays(context)
    judge_again(context)
    raised: Exception | None = None
    for partner in context.profiles.partners.values():
        with exclusive(context.engine, f"batching-{partner.id}") as ours:
            try:
                done += _batch_partner(context, partner, done) if ours else 0
            except Exception as error:  # noqa: BLE001 the job's outermost loop: raised again below
                _log.warning("batching.failed", partner=partner.id, error=type(error).__name__)
                raised = raised or error
    if raised is not None:
        raise raised
    return done


def _batch_partner(context: Context, partner: Partner, done: int) -> int:
    with claim_cutoff(context, partner) as turn:
        if turn is None:
            return 0
        count = 0
        for group in list_groups(context, partner):
            assembler = Assembler(context, group, turn)
            while taken := assembler.assemble():
                crashpoint("batching.committed")
                count += taken
                context.progress("claims batched", done + count, 0)
        note_left(context, partner, turn)
        return count


def assemble(context: Context, partner: Partner) -> int:
    """One file for a partner, whatever its timetable says; how many claims it took (0: none ready)."""
    turn = Turn(cutoff_at=None)
    taken = (Assembler(context, group, turn).assemble() for group in list_groups(context, partner))
    return next(filter(None, taken), 0)


def list_groups(context: Context, partner: Partner) -> list[Group]:
    """What is ready to go to a partner, in groups that may share a file, the one with the nearest filing limit first."""
    with reading(context.engine) as connection:
        counts = ready_rows.count_ready(connection, partner.id)
    return group_counts(context.profiles, partner, counts)


def group_counts(profiles: Profiles, partner: Partner, counts: Sequence[ReadyCount]) -> list[Group]:
    """The same from what was counted; claims that the profiles no longer send by this partner are in none."""
    groups: dict[tuple[str, str], list[ReadyCount]] = {}
    for count in sorted(counts, key=_urgency):
        payer = profiles.payers.get(count.payer)
        if payer is not None and payer.carrier == partner.id:
            groups.setdefault((count.guide, usage_of(partner, payer)), []).append(count)
    return [
        Group(
            way=Way(partner, transaction_of(guide), usage),  # type: ignore[arg-type]
            payers=tuple(sorted({count.payer for count in own})),
            counts=tuple(own),
        )
        for (guide, usage), own in groups.items()
    ]


def _urgency(count: ReadyCount) -> tuple[bool, str, str]:
    deadline = count.filing_deadline
    return (deadline is None, deadline.isoformat() if deadline else "", count.practice)


def plan_file(group: Group, limits: Limits, take: Callable[[str | None, int], Sequence[ReadyClaim]]) -> list[Sets[ReadyClaim]]:
    """The claims of the next file: interchange by interchange, set by set. `take(practice, most)` gives ready ones, the most
    urgent first; practice None means any.
    """
    separate = group.way.partner.batching.separate_practices
    if separate == "no":
        claims = take(None, limits.claims_per_file)
        return plan_together(sorted(claims, key=lambda row: (row.practice, row.id)), limits)
    plan = plan_apart if separate == "set" else plan_alone
    return plan(take, group.practices, limits)


class Assembler:
    """Makes files of one group, one at a time, each in one database transaction and without the network.

    A claim that does not read back as it was meant is held, and the file is built again without it. Where a second opinion
    is asked for, the file is built, given back with its numbers, judged, and built again: the same bytes then need no more.
    """

    def __init__(self, context: Context, group: Group, turn: Turn) -> None:
        self.context = context
        self.group = group
        self.way = group.way
        self.turn = turn
        self.claims_max = CLAIMS_PER_FILE_MAX
        payers = context.profiles.payers
        self._judged_by = {payer: digest_profiles(payers[payer], group.way.partner) for payer in group.payers}

    def assemble(self) -> int:
        """The next file; how many claims it took, or were held instead (0: none is ready, or they wait)."""
        heard: set[str] = set()
        while len(heard) < OPINIONS_MAX:
            try:
                count = self._commit_file(heard)
            except FileTooLarge as large:
                self.claims_max = large.claims_max
            except BatchRefused as refused:
                # A claim that is too large alone made the files small; the others need no small ones.
                self.claims_max = CLAIMS_PER_FILE_MAX
                return refuse_batch(self.context, refused.guilty, refused.edit, refused.fix)
            except EnvelopeRefusedError as refused:
                self._tell_envelope(str(refused))
                return 0
            except OpinionDue as due:
                held = hear_opinion(self.context, self.way.partner, due.built.content, due.built.lay_out())
                if held is not None:
                    return held
                heard.add(sha256(due.built.content).hexdigest())
            else:
                if count:
                    self._tell_envelope("")
                return count
        return 0

    def _commit_file(self, heard: Container[str]) -> int:
        now = self.context.clock.now()
        with writing(self.context.engine) as connection:
            interchanges = self._pick(connection)
            if not interchanges:
                return 0
            built, name = self._build(connection, interchanges, now)
            is_asked = self.way.partner.second_opinion and can_judge(self.way.version)
            if is_asked and sha256(built.content).hexdigest() not in heard:
                raise OpinionDue(built)
            count = keep_file(connection, self.context, built, name=name, cutoff_at=self.turn.cutoff_at, now=now)
            crashpoint("batching.before_commit")
            return count

    def _pick(self, connection: Connection) -> list[Sets[ReadyClaim]]:
        """The claims of the next file: interchange by interchange, set by set."""
        limits = limits_of(self.way.partner, self.claims_max)
        if not self.way.version:
            claims = self._take(connection, None, limits.claims_per_file)
            taken = f"{self.way.partner.name} takes no claims of this kind ({self.way.transaction.guide}) by its profile"
            if claims:
                raise BatchRefused(dict.fromkeys((row.id for row in claims), taken))
            return []
        return plan_file(self.group, limits, bind(self._take, connection))

    def _take(self, connection: Connection, practice: str | None, most: int) -> list[ReadyClaim]:
        return ready_rows.list_ready(
            connection, self.way.partner.id, guide=self.way.transaction.guide, payers=self._judged_by, practice=practice,
            came_by=self.turn.takes_until, limit=most,
        )  # fmt: skip

    def _build(self, connection: Connection, interchanges: Sequence[Sets[ReadyClaim]], now: datetime) -> tuple[Built, str]:
        """The file and its name: as many of the interchanges as the partner takes in one."""
        claims = [row for sets in interchanges for rows in sets for row in rows]
        documents = self._decode(connection, claims)
        self._refuse_duplicates(connection, claims, documents)
        written: list[Interchange] = []
        size_bytes, name = 0, ""
        for sets in interchanges:
            number, name = self._draw_isa(connection, name, now)
            one = self._write(connection, sets, documents, number=number, now=now)
            size_bytes += len(one.content)
            if size_bytes > self.way.partner.upload.file_bytes_max:
                if written:
                    break
                raise self._too_large(sets, len(one.content))
            written.append(one)
        return Built(self.way, tuple(written), read_back(self.way, written, now)), name

    def _too_large(self, sets: Sets[ReadyClaim], size_bytes: int) -> Exception:
        claims = [row for rows in sets for row in rows]
        most = self.way.partner.upload.file_bytes_max
        if len(claims) == 1:
            return BatchRefused({claims[0].id: f"alone it makes a file of more than the {most} bytes its partner takes"})
        return FileTooLarge(max(1, min(len(claims) - 1, len(claims) * most // size_bytes)))

    def _draw_isa(self, connection: Connection, name: str, now: datetime) -> tuple[int, str]:
        """ISA13, and the file's name, which the first interchange gives it; numbers whose names are taken are passed over."""
        partner, guide = self.way.partner, self.way.transaction.guide
        series = f"isa:{sender_of(partner)}:{receiver_id_of(partner)}"
        for _ in range(NAMES_MAX):
            number = draw(connection, series)
            given = name or partner.upload.build_name(number, transaction=guide, usage=self.way.usage, at=now)
            if name or not batch_rows.is_name_taken(connection, partner.id, given):
                return number, given
        raise EnvelopeRefusedError("upload.file_name gives names that are all taken")

    def _write(
        self, connection: Connection, sets: Sets[ReadyClaim], documents: dict[int, Claim], *, number: int, now: datetime
    ) -> Interchange:
        sender, count = sender_of(self.way.partner), len(sets)
        trace = draw(connection, "trace", sum(map(len, sets)))
        st, bht = draw(connection, f"st:{sender}", count), draw(connection, "bht", count)
        header, group = make_headers(self.way, now, number, draw(connection, f"gs:{sender}"))
        built = []
        for place, rows in enumerate(sets):
            claims = tuple(self._address(row, documents[row.id], trace + each) for each, row in enumerate(rows))
            trace += len(rows)
            st_control_number = f"{(st + place) % 1_000_000_000:09d}"
            built.append(OneSet(st_control_number=st_control_number, reference=f"{bht + place:09d}", claims=claims))
        return write_one(self.way, header, group, built, now)

    def _address(self, row: ReadyClaim, document: Claim, number: int) -> Outgoing:
        trace = claim_trace(number)
        meant = restate(document, frequency=row.frequency, payer_claim_number=row.payer_claim_number)
        payer = self.context.profiles.payers[row.payer]
        return Outgoing(row, address(meant, pcn=row.pcn, trace=trace, payer=payer, profiles=self.context.profiles), trace)

    def _decode(self, connection: Connection, claims: Sequence[ReadyClaim]) -> dict[int, Claim]:
        found: dict[int, Claim] = {}
        guilty: dict[int, str] = {}
        for claim_id, text in claim_rows.documents_as_kept(connection, [(row.id, row.version) for row in claims]):
            try:
                found[claim_id] = _decode(text)
            except msgspec.MsgspecError:
                guilty[claim_id] = "its document as it is kept cannot be read"
        if guilty:
            raise BatchRefused(guilty)
        return found

    def _refuse_duplicates(self, connection: Connection, claims: Sequence[ReadyClaim], documents: dict[int, Claim]) -> None:
        """Two claims that bill the same service never both leave, unless a person who knew released one or a modifier says so.

        Edits look for them too, but what came in, or was corrected, at the same moment they may not have seen.
        """
        twins = find_twins(connection, self.context.profiles, [_as_patient_claim(row) for row in claims], documents)
        if not twins:
            return
        involved = {*twins, *(twin.claim_id for found in twins.values() for twin in found)}
        released = ready_rows.list_released_from(connection, sorted(involved), DUPLICATE)
        guilty = {}
        for claim_id, found in twins.items():
            others = [twin for twin in found if twin.claim_id not in released]
            if others and claim_id not in released:
                guilty[claim_id] = tell_twins(others)
        if guilty:
            raise BatchRefused(guilty, DUPLICATE, FIX)

    def _tell_envelope(self, reason: str) -> None:
        """Open the partner's work item, or close it where a file could be built."""
        partner, cause, now = self.way.partner, f"batches:{self.way.partner.id}", self.context.clock.now()
        with writing(self.context.engine) as connection:
            if not reason:
                close_items(connection, WorkKind.BATCH_UNBUILT, [cause], reason="a batch could be built again", now=now)
                return
            limits = [count.filing_deadline for count in self.group.counts if count.filing_deadline]
            item = WorkItem(
                kind=WorkKind.BATCH_UNBUILT, cause=cause, partner=partner.id,
                sentence=f"No batch for {partner.name} can be built: {reason}. Its claims wait; correct its profile.",
                amount_cents=sum(count.charge_cents for count in self.group.counts),
                due_at=filing_due({"filing_deadline": min(limits, default=None)}),
            )  # fmt: skip
            raise_items(connection, [item], now)


def _as_patient_claim(row: ReadyClaim) -> PatientClaim:
    return PatientClaim(
        row.id, row.pcn, "ready", row.version, row.frequency, row.patient_digest, row.service_from, row.service_through
    )
