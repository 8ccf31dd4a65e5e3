"""A gateway of the sample profiles at work on invented claims, with a wire in memory and a clock that is turned by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, RowMapping, Table, select

from edi.claims import Claim, Party, Reference
from edi.interchange import GroupHeader, InterchangeHeader, write_interchange
from edi.segments import Delimiters
from edi.transactions import t277ca, t835, t999
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment, Status, StatusInformation
from edi.transactions.t835 import ClaimPayment, ProviderAdjustment, Remittance
from edi.transactions.t999 import GroupResponse, SegmentNote, SetResponse
from edi.transactions.ta1 import InterchangeAcknowledgment
from gateway.clock import TurnedClock
from gateway.db import tables
from gateway.db.engine import reading, writing
from gateway.db.ledger import facts_of, record
from gateway.db.settling import settle_claims
from gateway.db.sightings import take_sighting
from gateway.desk.verification import verify
from gateway.domain.facts import Fact, Kind
from gateway.pipeline import intake
from gateway.pipeline.context import Context
from gateway.pipeline.intake import Received
from gateway.pipeline.stages import run_once
from gateway.transport.archive import Archive
from payers.profile import SAMPLES, Profiles, load
from tests.gateway.domain.samples import make_claim as sound_claim
from tests.gateway.domain.samples import make_line, make_subscriber
from tests.support.wire import Wire, Wires

_SAMPLES = load(SAMPLES)
PROFILES = Profiles(
    partners={key: partner.model_copy(update={"second_opinion": ""}) for key, partner in _SAMPLES.partners.items()},
    payers=_SAMPLES.payers,
)
"""The sample profiles without their second opinion, which costs a process for every batch; test_second_opinion.py asks for it."""
SERVED = date(2026, 2, 20)
DELIMITERS = Delimiters()
MERIDIAN = "meridian"
CHUNK = 8192


def make_claim(pcn: str = "PCN1", payer: str = "BHH01", **changes: Any) -> Claim:
    """A claim of 120.00 that no edit objects to, served on 20 February 2026, for Blue Harbor unless told otherwise."""
    changes.setdefault("lines", (make_line(service_from=SERVED, service_through=SERVED),))
    whom = Party(role="PR", last_name="INVENTED PLAN", id_qualifier="PI", id=payer)
    return sound_claim(patient_control_number=pcn, payer=whom, **changes)


def make_claims(*pcns: str, **changes: Any) -> list[Claim]:
    """Claims of a patient each, so that none duplicates another, that differ in PCN and charge: 120.00, 120.01, 120.02 …"""
    found = []
    for n, pcn in enumerate(pcns):
        line = make_line(service_from=SERVED, service_through=SERVED, charge_cents=12000 + n)
        subscriber = make_subscriber(first_name=f"INVENTED{n or ''}")
        found.append(make_claim(pcn, **{"lines": (line,), "subscriber": subscriber, **changes}))
    return found


@dataclass
class World:
    """One gateway. Its stages run when the test says so; partners answer with what the test writes."""

    engine: Engine
    archive_folder: Path
    clock: TurnedClock
    profiles: Profiles = PROFILES
    wires: Wires = field(default_factory=Wires)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.archive = Archive(self.archive_folder)

    @property
    def context(self) -> Context:
        return Context(
            engine=self.engine, profiles=self.profiles, archive=self.archive, clock=self.clock, connect=self.wires.connect
        )

    @property
    def wire(self) -> Wire:
        return self.wires[MERIDIAN]

    def change_partner(self, partner: str = MERIDIAN, **changes: Any) -> None:
        """Another profile of a partner, from now on."""
        partners = {**self.profiles.partners}
        partners[partner] = partners[partner].model_copy(update=changes)
        self.profiles = Profiles(partners=partners, payers=self.profiles.payers)

    def change_payer(self, payer: str = "blueharbor", **changes: Any) -> None:
        """Another profile of a payer, from now on."""
        payers = {**self.profiles.payers}
        payers[payer] = payers[payer].model_copy(update=changes)
        self.profiles = Profiles(partners=self.profiles.partners, payers=payers)

    def change_table(self, table: str, partner: str = MERIDIAN, **changes: Any) -> None:
        """One table of a partner's profile with other values, from now on."""
        self.change_partner(partner, **{table: getattr(self.profiles.partners[partner], table).model_copy(update=changes)})

    def without_payers(self, *payers: str) -> None:
        """These payers have no profile any more."""
        kept = {key: payer for key, payer in PROFILES.payers.items() if key not in payers}
        self.profiles = Profiles(partners=PROFILES.partners, payers=kept)

    def take_in(self, *claims: Claim, name: str = "claims.jsonl") -> Received:
        """Claims in a JSON file."""
        return self.take_in_bytes(b"\n".join(msgspec.json.encode(claim) for claim in claims), name)

    def take_in_bytes(self, content: bytes, name: str = "claims.txt") -> Received:
        chunks = (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
        return intake.receive(self.context, name, chunks)

    def run(self, *stages: str) -> dict[str, int]:
        """These stages once, or all."""
        return run_once(self.context, stages)

    def send(self, *claims: Claim) -> None:
        """Claims taken in and brought to their partner."""
        self.take_in(*claims)
        self.run("scrub", "batching", "delivery")

    def hear(self, content: bytes, name: str = "", partner: str = MERIDIAN) -> None:
        """The partner answers, and the answer is taken in and posted; as it is, where it is not whole."""
        self.leave(content, name, partner)
        self.run("pickup")
        if self.rows("sighting"):
            self.take_as_they_are()
            self.run("pickup")
        self.run("ingest", "posting")

    def take_as_they_are(self) -> None:
        """A person says that no more will come of what waits at partners."""
        with writing(self.engine) as connection:
            for row in self.rows("sighting"):
                take_sighting(connection, row["id"], error="", now=self.clock.now())

    def leave(self, content: bytes, name: str = "", partner: str = MERIDIAN) -> None:
        """The partner leaves an answer for us."""
        folder = self.profiles.partners[partner].pickup.folder
        self.wires[partner].put(folder, name or f"answer{next(self.numbers)}.835", content)

    def rows(self, table: str, **where: Any) -> Sequence[RowMapping]:
        """Rows of a table by its key, those with these values."""
        found: Table = getattr(tables, table)
        query = select(found).filter_by(**where).order_by(*found.primary_key)
        with reading(self.engine) as connection:
            return connection.execute(query).mappings().all()

    def claim(self, pcn: str) -> RowMapping:
        return self.rows("claim", source_pcn=pcn)[0]

    def states(self) -> dict[str, str]:
        """The state of every claim by the PCN it came with."""
        return {row["source_pcn"]: row["state"] for row in self.rows("claim")}

    def facts(self, pcn: str) -> list[Fact]:
        claim_id = self.claim(pcn)["id"]
        with reading(self.engine) as connection:
            return facts_of(connection, [claim_id])[claim_id]

    def work(self) -> list[str]:
        """The kinds of the open work items, sorted."""
        return sorted(row["kind"] for row in self.rows("work_item") if row["state"] != "done")

    def sentences(self, kind: str) -> list[str]:
        return [row["sentence"] for row in self.rows("work_item", kind=kind) if row["state"] != "done"]

    def balances(self) -> dict[str, int]:
        """Every account with a balance, in cents."""
        found: dict[str, int] = {}
        for row in self.rows("entry"):
            found[row["account"]] = found.get(row["account"], 0) + row["amount_cents"]
        return {account: cents for account, cents in found.items() if cents}

    def broken(self) -> list[str]:
        """What breaks an invariant: nothing, after whatever happened."""
        return [offender for verdict in verify(self.context) for offender in verdict.offenders]

    def decide(self, pcn: str, kind: Kind, *, next_attempt: bool = False) -> None:
        """A person's word on a claim, as the desk writes it."""
        row = self.claim(pcn)
        attempt = row["attempt"] + int(next_attempt)
        now = self.clock.now()
        fact = Fact(claim_id=row["id"], kind=kind, attempt=attempt, occurred_at=now, source=f"command:{kind}:{now}", actor="ann")
        with writing(self.engine) as connection:
            record(connection, [fact], now)
            settle_claims(connection, [row["id"]], now)

    def turn(self, **by: int) -> None:
        self.clock.turn(timedelta(**by))

    # What partners write.

    def interchange(
        self, functional_id: str, version: str, *sets: Sequence[str], ta1s: Sequence[InterchangeAcknowledgment] = (),
        partner: str = MERIDIAN,
    ) -> bytes:  # fmt: skip
        """An interchange from the partner to us, written now."""
        envelope, now, number = self.profiles.partners[partner].envelope, self.clock.now(), next(self.numbers)
        header = InterchangeHeader(
            sender_qualifier=envelope.receiver_qualifier, sender_id=envelope.receiver_id,
            receiver_qualifier=envelope.sender_qualifier, receiver_id=envelope.sender_id,
            date=now.date(), time=f"{now:%H%M}", isa_control_number=number, usage=envelope.usage,
        )  # fmt: skip
        group = GroupHeader(
            functional_id=functional_id, application_sender="THEM", application_receiver="US", date=now.date(),
            time=f"{now:%H%M}", gs_control_number=number, version=version,
        )  # fmt: skip
        return b"".join(write_interchange(header, [(group, sets)] if sets else [], ta1s))

    def ta1(self, verdict: str = "A", note: str = "000", batch: int = 0) -> bytes:
        """A TA1 for a batch, by its place among all."""
        row = self.rows("batch")[batch]
        said = InterchangeAcknowledgment(
            isa_control_number=row["isa_control_number"], interchange_date=row["created_at"].date(),
            interchange_time=f"{row['created_at']:%H%M}", verdict=verdict, note=note,
        )  # fmt: skip
        return self.interchange("", "", ta1s=[said], partner=row["partner"])

    def ack_999(self, verdict: str = "A", *notes: SegmentNote, batch: int = 0, place: int = 0, alone: bool = False) -> bytes:
        """A 999 that answers one set of a batch; `alone` leaves AK2 out, so that AK9 speaks for all."""
        row = self.rows("batch")[batch]
        number = self.rows("batch_set", batch_id=row["id"])[place]["st_control_number"]
        return self.respond(row, verdict, [] if alone else [(number, verdict, notes)])

    def respond(self, batch: RowMapping, verdict: str, sets: Sequence[tuple[str, str, Sequence[SegmentNote]]]) -> bytes:
        """A 999 for a batch with a response for each set: ST02, IK501 and what is noted."""
        responses = [
            SetResponse(transaction="837", control_number=number, verdict=said, notes=tuple(notes), codes=("5",) if notes else ())
            for number, said, notes in sets
        ]
        response = GroupResponse(
            functional_id="HC", control_number=batch["gs_control_number"], verdict=verdict, version="005010X222A1",
            set_count=len(responses), received_count=len(responses), sets=tuple(responses),
        )  # fmt: skip
        written = t999.write(response, st_control_number="0001", delimiters=DELIMITERS)
        return self.interchange("FA", "005010X231A1", written, partner=batch["partner"])

    def ack_277ca(self, tier: str, *units: AcknowledgedUnit, reference: str | None = None) -> bytes:
        """A 277CA of the clearinghouse (AY) or the payer (PR) on the first set sent, or on the set of that reference."""
        if reference is None:
            reference = self.rows("batch_set")[0]["reference"]
        receiver = AcknowledgedUnit(level="receiver", position=0, party=Party(role="41", last_name="US"), trace=reference)
        given = [unit for unit in units if unit.level == "receiver"] or [receiver]
        given = [msgspec.structs.replace(unit, trace=reference, party=receiver.party) for unit in given]
        provider = AcknowledgedUnit(level="provider", position=0, party=Party(role="85", last_name="PRACTICE"))
        levels = [*given, *([] if units and units[0].level == "provider" else [provider])]
        head = ClaimAcknowledgment(
            reference=f"R{next(self.numbers)}", created_date=self.clock.now().date(), source=Party(role=tier, last_name="SOURCE")
        )
        listed = [*levels, *(unit for unit in units if unit.level != "receiver")]
        written = t277ca.write(head, listed, st_control_number="0001", delimiters=DELIMITERS)
        return self.interchange("HN", "005010X214", written)

    def pay(self, *payments: ClaimPayment, adjustments: Sequence[ProviderAdjustment] = (), **head: Any) -> bytes:
        """An 835 of Blue Harbor with these payments; BPR02 follows from them unless given."""
        return self.interchange("HP", "005010X221A1", self.remit(*payments, adjustments=adjustments, **head))

    def remit(self, *payments: ClaimPayment, adjustments: Sequence[ProviderAdjustment] = (), **head: Any) -> list[str]:
        """The one set of such an 835."""
        total = sum(one.paid_cents for one in payments) - sum(one.amount_cents for one in adjustments)
        given = {
            "trace_number": "EFT1", "amount_cents": total, "method": "ACH", "originator_id": "1000000011",
            "payment_date": self.clock.now().date(), "production_date": self.clock.now().date(),
            "payer": Party(role="PR", last_name="BLUE HARBOR HEALTH"),
            "payee": Party(role="PE", last_name="NONESUCH PRACTICE", id_qualifier="XX", id="1999999984"), **head,
        }  # fmt: skip
        return t835.write(Remittance(**given), payments, adjustments, st_control_number="0001", delimiters=DELIMITERS)


def say(pcn: str = "", *categories: str, trace: str = "", level: Any = "claim", **more: Any) -> AcknowledgedUnit:
    """What a 277CA says of a claim, or of a level above: a status of each category."""
    statuses = tuple(
        StatusInformation(statuses=(Status(category=each, code="20"),), action="U" if each in REJECTED else "WQ")
        for each in categories
    )
    party = Party(role="QC", is_person=True, last_name="TESTCASE") if level == "claim" else None
    return AcknowledgedUnit(
        level=level, position=0, **{"party": party, "trace": pcn, "statuses": statuses, "claim_trace": trace} | more
    )


REJECTED = frozenset({"A3", "A4", "A6", "A7", "A8"})


def blame(position: int = 0, pcn: str = "", segment: str = "NM1") -> SegmentNote:
    """What a 999 notes of a segment: its position in our set, and the claim where CTX names it."""
    return SegmentNote(segment=segment, position=position, code="8", loop="2010BA", patient_control_number=pcn)


def without_references(claim: Claim, *qualifiers: str) -> tuple[Reference, ...]:
    """A claim's references but those of these qualifiers."""
    return tuple(reference for reference in claim.references if reference.qualifier not in qualifiers)
