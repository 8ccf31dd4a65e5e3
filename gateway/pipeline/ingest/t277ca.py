"""277CA: the clearinghouse's and the payer's word on each claim; a rejection above the claims rejects all below it."""

from collections.abc import Sequence
from datetime import date

from edi.claims import Party
from edi.codes import claim_status
from edi.codes.imported import Imported
from edi.interchange import TransactionSet
from edi.transactions import t277ca
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment, StatusInformation
from gateway.db import acknowledgments as ack_rows
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import code_lists
from gateway.db.engine import Row
from gateway.db.work import WorkItem
from gateway.domain.claim_acknowledgment import Totals, Verdict, compare_totals, judge, totals_of
from gateway.domain.control_numbers import normalise_pcn
from gateway.domain.facts import Fact, Kind
from gateway.domain.matching import KEPT_AT_LEAST
from gateway.domain.work import WorkKind
from gateway.pipeline.contradiction import accepted_too_late
from gateway.pipeline.entering import enter, filing_due
from gateway.pipeline.ingest.inbound import Inbound, Quarantined, refuse_broken
from gateway.pipeline.ingest.proof import doubt_departure
from gateway.pipeline.ingest.ta1 import note_arrival
from gateway.pipeline.ingest.unmatched import unmatched

CHUNK = 500
KINDS = {
    ("AY", Verdict.ACCEPTED): Kind.CLEARINGHOUSE_ACCEPTED,
    ("AY", Verdict.REJECTED): Kind.CLEARINGHOUSE_REJECTED,
    ("PR", Verdict.ACCEPTED): Kind.PAYER_ACCEPTED,
    ("PR", Verdict.REJECTED): Kind.PAYER_REJECTED,
}
TIERS = {"AY": "clearinghouse", "PR": "payer"}


def apply(inbound: Inbound, tset: TransactionSet) -> None:
    """Tie every unit of a 277CA to what we sent, and say so of each claim."""
    acknowledged = _Acknowledged(inbound)
    for unit in t277ca.read(tset):
        acknowledged.take_in(unit)
    acknowledged.finish()
    refuse_broken(tset)


class _Acknowledged:
    """One 277CA set on its way into the tables: each level says for those below it whose word it is and what it is about."""

    def __init__(self, inbound: Inbound) -> None:
        self.inbound = inbound
        self.imported = code_lists.texts_of(inbound.connection, ("status", "status-category", "entity"))
        self.tier = ""
        self.day: date | None = None
        self.batch_set: Row | None = None
        self.sent: Sequence[Row] = ()
        self.claims: list[AcknowledgedUnit] = []
        self.providers: dict[str, list[AcknowledgedUnit]] = {}

    def take_in(self, unit: ClaimAcknowledgment | AcknowledgedUnit) -> None:
        """The next level of the set, in the order they stand."""
        if isinstance(unit, AcknowledgedUnit) and unit.level == "claim" and self.tier:
            self.claims.append(unit)
            if len(self.claims) >= CHUNK:
                self._take_in_claims()
            return
        self._take_in_claims()
        if isinstance(unit, ClaimAcknowledgment):
            self._source(unit)
        elif not self.tier:
            raise Quarantined("it names no information source (2100A), so nothing says whose word it is")
        elif unit.level == "receiver":
            self._receiver(unit)
        elif unit.level == "provider":
            self._provider(unit)

    def finish(self) -> None:
        """What could only be said once the set was read to its end."""
        if not self.tier:
            raise Quarantined("it names no information source (2100A), so nothing says whose word it is")
        self._take_in_claims()
        self._compare_providers()

    def _source(self, head: ClaimAcknowledgment) -> None:
        if head.source.role not in TIERS:
            raise Quarantined(
                "an information source (2100A) in it is neither a clearinghouse (AY) nor a payer (PR), so nothing says whose "
                "word stands below it"
            )
        self._compare_providers()
        self.tier = head.source.role
        self.day = head.processed_date or head.received_date or head.created_date
        self.batch_set, self.sent = None, ()

    def _receiver(self, unit: AcknowledgedUnit) -> None:
        self._compare_providers()
        connection = self.inbound.connection
        self.batch_set = batch_rows.find_set(connection, self.inbound.partner, unit.trace) if unit.trace else None
        batch = batch_rows.get_batch(connection, self.batch_set["batch_id"]) if self.batch_set else None
        doubt = doubt_departure(batch) if batch else ""
        if doubt:
            self.batch_set = batch = None
        self._keep(unit, "277CA receiver", batch_id=batch["id"] if batch else None, doubt=doubt)
        self.sent = ()
        if batch is None or self.batch_set is None:
            return
        self.sent = claim_rows.submissions_of_batch(connection, batch["id"], self.batch_set["st_control_number"])
        note_arrival(self.inbound, batch)
        sent = Totals(self.batch_set["claim_count"], self.batch_set["charge_cents"])
        items = self._compare([unit], sent, self._set_name())
        facts, said = self._judge_above(unit, self.sent, self._set_name())
        enter(connection, facts, [*items, *said], self.inbound.now)

    def _provider(self, unit: AcknowledgedUnit) -> None:
        self._keep(unit, "277CA provider", batch_id=self.batch_set["batch_id"] if self.batch_set else None)
        if self.batch_set is None:
            return
        party = unit.party or Party(role="85")
        if party.id_qualifier == "XX":
            self.providers.setdefault(party.id, []).append(unit)
        below = [row for row in self.sent if row["practice"] == party.id]
        facts, items = self._judge_above(unit, below, f"a billing provider of {self._set_name()}")
        if not below and judge(unit.statuses) is Verdict.REJECTED:
            items = [self._rejects_unknown_provider(unit)]
        enter(self.inbound.connection, facts, items, self.inbound.now)

    def _set_name(self) -> str:
        assert self.batch_set is not None, "only asked for below a receiver that names a set of ours"
        return f"set {self.batch_set['st_control_number']} of batch {self.batch_set['batch_id']}"

    def _judge_above(self, unit: AcknowledgedUnit, rows: Sequence[Row], what: str) -> tuple[list[Fact], list[WorkItem]]:
        """A rejection above the claims is one of each of these; what is neither an acceptance nor one goes to a person."""
        verdict = judge(unit.statuses)
        if verdict is Verdict.REJECTED:
            return self._reject_all(rows, unit)
        if verdict is Verdict.ACCEPTED or not unit.statuses:
            return [], []
        sentence = (
            f"A 277CA says of {what} what is neither an acceptance nor a rejection ({codes_of(unit.statuses) or 'no code'}). "
            "Read it and decide; no claim was moved by it."
        )
        return [], [self._anomaly(unit, sentence)]

    def _rejects_unknown_provider(self, unit: AcknowledgedUnit) -> WorkItem:
        sentence = (
            f"The {TIERS[self.tier]} rejects every claim of a billing provider of {self._set_name()} (277CA "
            f"{codes_of(unit.statuses)}: {self._text(unit)}), and names it otherwise than by the NPI of a practice in that "
            f"set. No claim was moved by it. Ask {self.inbound.partner} which practice is meant: its claims have to be corrected "
            "and sent again."
        )
        return self._anomaly(unit, sentence)

    def _compare_providers(self) -> None:
        """What was counted of each practice, wherever its levels stood under one receiver, against what we sent of it."""
        items = []
        for npi, units in self.providers.items():
            charges = [row["charge_cents"] for row in self.sent if row["practice"] == npi]
            items += self._compare(units, Totals(len(charges), sum(charges)), f"the part of {self._set_name()} under NPI {npi}")
        self.providers = {}
        enter(self.inbound.connection, [], items, self.inbound.now)

    def _compare(self, units: Sequence[AcknowledgedUnit], sent: Totals, what: str) -> list[WorkItem]:
        """The clearinghouse's own counts and amounts against what we sent; a payer sees only a part of a batch."""
        differences = compare_totals(totals_of(units), sent) if self.tier == "AY" else []
        if not differences:
            return []
        sentence = (
            f"{self.inbound.partner} counts {' and '.join(differences)}, in {what}. Find out which claims it means: those "
            "without an acknowledgment are listed in time."
        )
        return [self._anomaly(units[0], sentence, about="count")]

    def _anomaly(self, unit: AcknowledgedUnit, sentence: str, *, about: str = "") -> WorkItem:
        cause = ":".join(filter(None, (f"set:{self.inbound.set_id}:{unit.position}", about)))
        return WorkItem(
            kind=WorkKind.ANOMALY, cause=cause, sentence=sentence, file_id=self.inbound.file_id, partner=self.inbound.partner,
            batch_id=self.batch_set["batch_id"] if self.batch_set else None,
        )  # fmt: skip

    def _reject_all(self, rows: Sequence[Row], unit: AcknowledgedUnit) -> tuple[list[Fact], list[WorkItem]]:
        kind = KINDS[self.tier, Verdict.REJECTED]
        facts = [self._fact(row, kind, unit) for row in rows]
        return facts, [self._rejected(row, unit) for row in rows]

    def _take_in_claims(self) -> None:
        units, self.claims = self.claims, []
        if not units:
            return
        found = self._match(units)
        acknowledgments, facts, items, numbers = [], [], [], {}
        for unit in units:
            row = found.get(unit.position)
            acknowledgments.append(self._row(unit, "277CA claim", row))
            if row is None:
                items.append(unmatched(self.inbound, "277CA", "a claim", unit.position))
                continue
            verdict = judge(unit.statuses)
            if verdict is Verdict.UNKNOWN:
                items.append(self._needs_review(row, unit))
                continue
            facts.append(self._fact(row, KINDS[self.tier, verdict], unit))
            if unit.payer_claim_number:
                numbers[row["claim_id"]] = unit.payer_claim_number
            if verdict is Verdict.REJECTED:
                items.append(self._rejected(row, unit))
        ack_rows.insert_acknowledgments(self.inbound.connection, acknowledgments)
        claim_rows.set_payer_claim_numbers(self.inbound.connection, numbers)
        accepting = [fact for fact in facts if fact.kind in (Kind.CLEARINGHOUSE_ACCEPTED, Kind.PAYER_ACCEPTED)]
        items += accepted_too_late(self.inbound.connection, accepting)
        enter(self.inbound.connection, facts, items, self.inbound.now)

    def _match(self, units: Sequence[AcknowledgedUnit]) -> dict[int, Row]:
        """Our submission for each unit, by its position: by our trace where it came back, else by PCN, in the batch it names."""
        connection = self.inbound.connection
        by_trace = {
            row["trace"]: row
            for row in claim_rows.submissions_by(connection, "trace", [unit.claim_trace for unit in units if unit.claim_trace])
            if row["partner"] == self.inbound.partner
        }
        left = [unit for unit in units if unit.claim_trace not in by_trace]
        by_pcn = self._by_pcn([normalise_pcn(unit.trace) for unit in left if unit.trace])
        found: dict[int, Row] = {unit.position: by_trace[unit.claim_trace] for unit in units if unit.claim_trace in by_trace}
        for unit in left:
            newest = self._newest(by_pcn.get(normalise_pcn(unit.trace), []))
            if newest is not None:
                found[unit.position] = newest
        return found

    def _by_pcn(self, pcns: Sequence[str]) -> dict[str, list[Row]]:
        """The submissions of each normalised PCN, newest first; where none has it, those whose PCN begins with it."""
        found: dict[str, list[Row]] = {}
        for row in claim_rows.submissions_by(self.inbound.connection, "match_pcn", pcns):
            if row["partner"] == self.inbound.partner:
                found.setdefault(row["match_pcn"], []).append(row)
        cut = [pcn for pcn in dict.fromkeys(pcns) if pcn not in found and len(pcn) >= KEPT_AT_LEAST]
        for row in claim_rows.submissions_cut_short(self.inbound.connection, cut):
            if row["partner"] == self.inbound.partner:
                for pcn in cut:
                    if row["match_pcn"].startswith(pcn):
                        found.setdefault(pcn, []).append(row)
        return found

    def _newest(self, rows: Sequence[Row]) -> Row | None:
        """Of one claim's submissions, that in the batch spoken of; else the newest. Two claims of one PCN are no match."""
        if len({row["claim_id"] for row in rows}) != 1:
            return None
        if self.batch_set is not None:
            named = [row for row in rows if row["batch_id"] == self.batch_set["batch_id"]]
            return next(iter(named), rows[0])
        return rows[0]

    def _fact(self, row: Row, kind: Kind, unit: AcknowledgedUnit) -> Fact:
        codes = codes_of(unit.statuses)
        data = {"codes": codes, "text": self._text(unit)}
        if unit.payer_claim_number:
            data["payer_claim_number"] = unit.payer_claim_number
        return self.inbound.fact(
            row["claim_id"], kind, attempt=row["attempt"], day=self._day(unit), position=unit.position, **data
        )

    def _day(self, unit: AcknowledgedUnit) -> date | None:
        return next((status.effective_date for status in unit.statuses if status.effective_date), self.day)

    def _keep(self, unit: AcknowledgedUnit, kind: str, *, batch_id: int | None, doubt: str = "") -> None:
        row = {**self._row(unit, kind, None), "batch_id": batch_id}
        ack_rows.insert_acknowledgments(self.inbound.connection, [row])
        if batch_id is None:
            what = "a transaction set by a reference (BHT03)" if unit.trace else "a batch it does not name"
            item = unmatched(self.inbound, "277CA", what, unit.position, doubt=doubt)
            enter(self.inbound.connection, [], [item], self.inbound.now)

    def _row(self, unit: AcknowledgedUnit, kind: str, row: Row | None) -> dict[str, object]:
        return {
            "inbound_set_id": self.inbound.set_id, "position": unit.position, "kind": kind,
            "verdict": next((status.action for status in unit.statuses), ""), "codes": codes_of(unit.statuses),
            "reference": unit.trace, "batch_id": row["batch_id"] if row else None, "claim_id": row["claim_id"] if row else None,
        }  # fmt: skip

    def _rejected(self, row: Row, unit: AcknowledgedUnit) -> WorkItem:
        sentence = (
            f"Claim {row['pcn']} was rejected by the {TIERS[self.tier]} (277CA {codes_of(unit.statuses)}): "
            f"{self._text(unit)}. {advice_of(unit.statuses)} A corrected claim is sent again as new, since nobody has "
            "adjudicated it."
        )
        return WorkItem(
            kind=WorkKind.REJECTED, cause=f"claim:{row['claim_id']}:{row['attempt']}:277CA:{self.tier}", sentence=sentence,
            claim_id=row["claim_id"], partner=self.inbound.partner, amount_cents=row["charge_cents"], due_at=filing_due(row),
        )  # fmt: skip

    def _text(self, unit: AcknowledgedUnit) -> str:
        return text_of(unit.statuses, self.imported)

    def _needs_review(self, row: Row, unit: AcknowledgedUnit) -> WorkItem:
        sentence = (
            f"A 277CA says of claim {row['pcn']} what is neither an acceptance nor a rejection "
            f"({codes_of(unit.statuses) or 'no code'}). "
            "Read it and decide; the claim's state was left as it is."
        )
        return WorkItem(
            kind=WorkKind.ANOMALY, cause=f"set:{self.inbound.set_id}:{unit.position}", sentence=sentence,
            claim_id=row["claim_id"], partner=self.inbound.partner, amount_cents=row["charge_cents"],
        )  # fmt: skip


def codes_of(statuses: Sequence[StatusInformation]) -> str:
    """Category:code:entity of every composite, as the payer gave them."""
    return " ".join(
        ":".join(filter(None, (status.category, status.code, status.entity)))
        for information in statuses
        for status in information.statuses
    )


def text_of(statuses: Sequence[StatusInformation], imported: Imported) -> str:
    """What the status codes mean, in the imported words or ours. Free text of the payer may name a patient and is left out."""
    texts = (
        claim_status.text_of(status.category, status.code, status.entity, imported=imported)
        for information in statuses
        for status in information.statuses
    )
    return "; ".join(dict.fromkeys(texts))


def advice_of(statuses: Sequence[StatusInformation]) -> str:
    """What to do about the status codes, in our words, each advice once."""
    advices = (
        claim_status.action_of(status.category, status.code) for information in statuses for status in information.statuses
    )
    return " ".join(dict.fromkeys(filter(None, advices)))
