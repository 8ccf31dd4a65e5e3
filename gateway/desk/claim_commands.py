"""What a person does to a claim, guarded by gateway.domain.commands: each act is one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from edi.claims import Claim
from edi.transactions.t837 import transaction_of
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import ledger, listings
from gateway.db.books import Entry, Journal, post_journals
from gateway.db.engine import Connection, Row, writing
from gateway.desk.finding_claims import get_claim
from gateway.desk.reasons import check_reason
from gateway.domain.commands import Command, Ruling, rule_on
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.frequency import (
    VOID,
    Decision,
    decide_correction,
    decide_void,
    find_adjudicated,
    find_payer_claim_number,
    is_taken_back,
)
from gateway.domain.lifecycle import STAGES, list_taken, next_attempt
from gateway.domain.payment import post_charge
from gateway.errors import Refused
from gateway.pipeline.claim_files import locate
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.pipeline.intake import describe, number_lines
from gateway.pipeline.outgoing import SAYS_ITSELF, address, name_payer_claim, receiver_of, restate, submitter_of

CHUNK = 250


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What a command did to a claim."""

    claim_id: int
    pcn: str
    command: str
    state: str
    attempt: int
    version: int


class Rechecked(msgspec.Struct, frozen=True, kw_only=True):
    """How many held claims are to be checked again, and how many were left as they are: a person holds them."""

    reopened: int
    left: int


def hold(context: Context, number: str, *, actor: str, reason: str) -> Act:
    """Keep a claim back until it is released, corrected or voided. Raises Refused where its state does not allow it."""
    with writing(context.engine) as connection:
        row, ruling = _begin(connection, number, Command.HOLD, reason)
        return _finish(connection, context, row, ruling, command=Command.HOLD, actor=actor, data={"reason": reason})


def release(context: Context, number: str, *, actor: str, reason: str) -> Act:
    """Let a held claim go in spite of its findings, or send a rejected one again as new.

    A claim that was held before any edit looked at it goes back to the edits. One that the payer adjudicated in an earlier
    attempt goes out as a replacement. Raises Refused where its state does not allow it, where it cannot be a replacement, where
    no profile names its payer, and where the 837 made of it would break the guide.
    """
    with writing(context.engine) as connection:
        row, ruling = _begin(connection, number, Command.RELEASE, reason)
        row, said = _decide_again(connection, context, row)
        if ruling.kind is Kind.RELEASED_BY_PERSON:
            if _was_scrubbed(connection, row):
                _refuse_unsendable(connection, context, row)
            else:
                ruling = Ruling(kind=Kind.REOPENED, next_attempt=True)
        return _finish(connection, context, row, ruling, command=Command.RELEASE, actor=actor, data={"reason": reason, **said})


def correct(context: Context, number: str, document: Claim, *, actor: str, reason: str) -> Act:
    """Put a corrected document in place of a claim's present one; it is scrubbed and sent as a new attempt. Its PCN stays.

    What the payer adjudicated goes out as a replacement (frequency 7) under the payer's claim number; all else as an original.
    Raises Refused where its state does not allow it, where the document is another claim's or changes nothing, and where it
    cannot be a replacement.
    """
    now = context.clock.now()
    with writing(context.engine) as connection:
        row, ruling = _begin(connection, number, Command.CORRECT, reason)
        present = claim_rows.documents_of(connection, [(row["id"], row["version"])])[row["id"]]
        numbered = _check_document(row, present, document)
        decision = _decide_correction(connection, context, row, numbered)
        _check_frequency(row, present, numbered, decision)
        if decision.payer_claim_number and numbered.frequency in SAYS_ITSELF:
            numbered = name_payer_claim(numbered, decision.payer_claim_number)
        columns = _describe_sending(context, row, numbered, decision)
        if columns["practice"] != row["practice"]:
            _take_back_charge(connection, row, f"charge:{row['id']}:moved:{row['version']}", now)
        version = claim_rows.add_version(connection, row["id"], numbered, columns=columns, actor=actor, reason=reason, now=now)
        data = {"reason": reason, "version": version, "charge_cents": numbered.charge_cents, **_tell(decision)}
        return _finish(connection, context, row, ruling, command=Command.CORRECT, actor=actor, data=data)


def recheck(context: Context, number: str, *, actor: str, reason: str) -> Act:
    """Have the edits look again at a claim they hold, as a new attempt: a profile may have been mended since.

    Raises Refused where its state does not allow it, and where it is not the edits that hold it.
    """
    with writing(context.engine) as connection:
        row, ruling = _begin(connection, number, Command.RECHECK, reason)
        holder = _find_holder(ledger.facts_of(connection, [row["id"]])[row["id"]], row)
        if holder is not Kind.EDITS_FAILED:
            who = "a person holds it" if holder else "an answer or payment that came before it left holds it"
            raise Refused(f"claim {row['pcn']}: {who}, whatever the edits say; release or correct it")
        data = {"reason": reason, "command": Command.RECHECK.value}
        return _finish(connection, context, row, ruling, command=Command.RECHECK, actor=actor, data=data)


def recheck_held(context: Context, *, actor: str, reason: str) -> Rechecked:
    """Have the edits look again at every claim they hold. Those a person holds are left; may be broken off and repeated."""
    check_reason(reason)
    reopened, left, last_id = 0, 0, 0
    while True:
        now = context.clock.now()
        with writing(context.engine) as connection:
            found = [row["id"] for row in claim_rows.list_in_state(connection, State.HELD, after_id=last_id, limit=CHUNK)]
            rows = [listings.lock_claim(connection, claim_id) for claim_id in found]
            facts = _reopen(connection, rows, actor=actor, reason=reason, now=now)
            enter(connection, facts, [], now)
        if not found:
            return Rechecked(reopened=reopened, left=left)
        reopened, left, last_id = reopened + len(facts), left + len(found) - len(facts), found[-1]
        context.progress("claims to be checked again", reopened, 0)


def _reopen(connection: Connection, rows: Sequence[Row], *, actor: str, reason: str, now: datetime) -> list[Fact]:
    """A new attempt for each of the claims, locked, that is still held, and by edits."""
    known = ledger.facts_of(connection, [row["id"] for row in rows])
    ruling = rule_on(Command.RECHECK, State.HELD)
    assert ruling.kind is not None, "held claims are what this command is for"
    return [
        Fact(
            claim_id=row["id"], kind=ruling.kind, attempt=next_attempt(known[row["id"]]), occurred_at=now,
            source=f"person:{ruling.kind.value}:{now.isoformat()}", actor=actor,
            data={"reason": reason, "command": Command.RECHECK.value},
        )
        for row in rows
        if row["state"] == State.HELD and _find_holder(known[row["id"]], row) is Kind.EDITS_FAILED
    ]  # fmt: skip


def _find_holder(facts: Sequence[Fact], row: Row) -> Kind | None:
    """Which kind of fact holds a claim that is held: the last one of the attempt it stands in."""
    holding = (fact for fact in facts if fact.kind in _HOLDING and fact.attempt == row["attempt"])
    last = max(holding, key=lambda fact: (fact.occurred_at, fact.source), default=None)
    return last.kind if last else None


_HOLDING = (Kind.EDITS_FAILED, Kind.HELD_BY_PERSON)


def void(context: Context, number: str, *, actor: str, reason: str) -> Act:
    """Give up a claim that is not with a payer, or send a void claim (frequency 8) for one that the payer adjudicated.

    The charge of the first leaves the books at once; of the second nothing does before a remittance takes it back. Raises Refused
    where it was sent and not adjudicated, and where the payer takes no voids or its claim number is not known.
    """
    with writing(context.engine) as connection:
        row, ruling = _begin(connection, number, Command.VOID, reason)
        if ruling.kind is not Kind.VOIDED:
            return _void_at_payer(connection, context, row, ruling, actor=actor, reason=reason)
        _take_back_charge(connection, row, f"charge:{row['id']}:void", context.clock.now())
        return _finish(connection, context, row, ruling, command=Command.VOID, actor=actor, data={"reason": reason})


def _void_at_payer(connection: Connection, context: Context, row: Row, ruling: Ruling, *, actor: str, reason: str) -> Act:
    """A void claim: the document that the payer adjudicated, as it was sent, under the payer's number, in a new attempt."""
    if row["frequency"] == VOID and row["state"] in _ON_ITS_WAY:
        raise Refused(f"claim {row['pcn']}: a void claim for it is on its way already; see why it does not leave")
    facts = ledger.facts_of(connection, [row["id"]])[row["id"]]
    attempt = find_adjudicated(facts)
    assert attempt is not None, "only what was adjudicated is voided at the payer"
    sent = claim_rows.find_submission(connection, row["id"], attempt) or row
    decision = decide_void(facts, context.profiles.payers.get(sent["payer"]), row["payer_claim_number"])
    if decision.refusal:
        raise Refused(f"claim {row['pcn']}: {decision.refusal}")
    version = sent["version"]
    document = claim_rows.documents_of(connection, [(row["id"], version)])[row["id"]]
    columns = _describe_sending(context, row, document, decision)
    if version == row["version"]:
        claim_rows.set_sending(connection, row["id"], **columns)
    else:
        now = context.clock.now()
        claim_rows.add_version(connection, row["id"], document, columns=columns, actor=actor, reason=reason, now=now)
    data = {"reason": reason, "command": Command.VOID.value, **_tell(decision)}
    return _finish(connection, context, row, ruling, command=Command.VOID, actor=actor, data=data)


_ON_ITS_WAY = (State.RECEIVED, State.HELD, State.READY)


def _decide_correction(connection: Connection, context: Context, row: Row, document: Claim) -> Decision:
    """What the correction goes out as; a replacement is of the same practice's claim to the same payer."""
    facts = ledger.facts_of(connection, [row["id"]])[row["id"]]
    payer = context.profiles.find_payer(document.payer.id)
    decision = decide_correction(facts, payer, row["payer_claim_number"])
    if decision.refusal:
        raise Refused(f"claim {row['pcn']}: {decision.refusal}")
    attempt = find_adjudicated(facts)
    if attempt is None:
        return decision
    sent = claim_rows.find_submission(connection, row["id"], attempt) or row
    if document.billing_provider.id != sent["practice"] or (payer is not None and payer.id != sent["payer"]):
        raise Refused(
            f"claim {row['pcn']}: a replacement goes to the payer that adjudicated it, from the practice it was of. To bill "
            "another payer or practice, void this claim and take the services in as a new one"
        )
    return decision


def _decide_again(connection: Connection, context: Context, row: Row) -> tuple[Row, dict[str, str]]:
    """A released claim's row as it leaves, and what the history says of that: what the payer adjudicated is no original.

    A replacement or void that was rejected names the same claim of the payer again, whatever number its rejection named.
    """
    facts = ledger.facts_of(connection, [row["id"]])[row["id"]]
    attempt = find_adjudicated(facts)
    if attempt is None:
        return row, {}
    if row["frequency"] in SAYS_ITSELF:
        number = find_payer_claim_number(facts, attempt) or row["payer_claim_number"]
        columns: claim_rows.ClaimRow = {"payer_claim_number": number}
    else:
        document = claim_rows.documents_of(connection, [(row["id"], row["version"])])[row["id"]]
        columns = _describe_sending(context, row, document, _decide_correction(connection, context, row, document))
    claim_rows.set_sending(connection, row["id"], **columns)
    now = {**row, **columns}
    return now, {"frequency": now["frequency"]}


def _describe_sending(context: Context, row: Row, document: Claim, decision: Decision) -> claim_rows.ClaimRow:
    """The columns of a claim's row that say as what it leaves next."""
    number = decision.payer_claim_number
    columns = describe(context, restate(document, frequency=decision.frequency, payer_claim_number=number))
    return {**columns, "payer_claim_number": number or row["payer_claim_number"]}


def _tell(decision: Decision) -> dict[str, str]:
    """What the history says of a decision; nothing of an original."""
    return {"frequency": decision.frequency} if decision.payer_claim_number else {}


def _begin(connection: Connection, number: str, command: Command, reason: str) -> tuple[Row, Ruling]:
    """The claim, locked, and what the table says of this command in the state it is in now."""
    check_reason(reason)
    row = listings.lock_claim(connection, get_claim(connection, number)["id"])
    facts = ledger.facts_of(connection, [row["id"]])[row["id"]]
    attempt = find_adjudicated(facts)
    ruling = rule_on(
        command, State(row["state"]), is_adjudicated=attempt is not None, is_answered=attempt == row["attempt"],
        is_taken=bool(list_taken(facts, before=row["attempt"])),
        is_taken_back=is_taken_back(facts, row["attempt"], row["frequency"]),
    )  # fmt: skip
    if ruling.kind is None:
        raise Refused(f"claim {row['pcn']} ({State(row['state']).value.replace('_', ' ')}): {ruling.refusal}")
    return row, ruling


def _finish(
    connection: Connection, context: Context, row: Row, ruling: Ruling, *, command: Command, actor: str, data: dict[str, Any]
) -> Act:
    assert ruling.kind is not None, "what is refused never gets here"
    now = context.clock.now()
    known = ledger.facts_of(connection, [row["id"]])[row["id"]]
    attempt = next_attempt(known) if ruling.next_attempt else row["attempt"]
    if taken := list_taken(known, before=attempt):
        data = {**data, "taken": taken}
    fact = Fact(
        claim_id=row["id"], kind=ruling.kind, occurred_at=now, attempt=attempt,
        source=f"person:{ruling.kind.value}:{now.isoformat()}", actor=actor, data=data,
    )  # fmt: skip
    new = enter(connection, [fact], [], now)
    after = listings.lock_claim(connection, row["id"])
    if not new or after["state"] != STAGES[ruling.kind][1]:
        raise Refused(
            f"claim {row['pcn']}: something else was entered for it at this very moment, or its history runs ahead of this "
            "machine's clock; look at it again and repeat the command"
        )
    return Act(
        claim_id=row["id"], pcn=row["pcn"], command=command.value, state=after["state"], attempt=after["attempt"],
        version=after["version"],
    )  # fmt: skip


def _was_scrubbed(connection: Connection, row: Row) -> bool:
    facts = ledger.facts_of(connection, [row["id"]])[row["id"]]
    verdicts = (Kind.EDITS_PASSED, Kind.EDITS_FAILED)
    return any(fact.kind in verdicts and fact.attempt == row["attempt"] for fact in facts)


def _refuse_unsendable(connection: Connection, context: Context, row: Row) -> None:
    """A person may overrule an edit, but not the lack of an address nor the guide: the claim would never leave."""
    document = claim_rows.documents_of(connection, [(row["id"], row["version"])])[row["id"]]
    payer = context.profiles.find_payer(document.payer.id)
    if payer is None:
        raise Refused(
            f"claim {row['pcn']}: no profile names its payer, so there is nowhere to send it. Add the payer's id to a "
            "profile, or correct the claim's payer"
        )
    partner = context.profiles.partners[payer.carrier]
    document = restate(document, frequency=row["frequency"], payer_claim_number=row["payer_claim_number"])
    sent = address(document, pcn=row["pcn"], trace="0", payer=payer, profiles=context.profiles)
    defects = transaction_of(document.guide).check(sent, submitter_of(partner), receiver_of(partner))
    if defects:
        what = "; ".join(f"{locate(defect)}: {defect.message}" for defect in defects[:3])
        raise Refused(f"claim {row['pcn']}: the 837 made of it would break the guide ({what}). Correct the claim")


def _check_document(row: Row, present: Claim, document: Claim) -> Claim:
    if document.patient_control_number not in (row["source_pcn"], row["pcn"]):
        raise Refused(
            f"claim {row['pcn']}: the document's patient_control_number is that of another claim; this one's is "
            f"{row['source_pcn']}. `claims show --document` prints the document to correct"
        )
    if document.guide != row["guide"]:
        raise Refused(
            f"claim {row['pcn']}: the document is an {document.guide}, and the claim an {row['guide']}. To bill it as that, take "
            "the document in under a number of its own, and void this claim"
        )
    kept = msgspec.structs.replace(document, patient_control_number=row["source_pcn"])
    numbered = number_lines(kept)
    if numbered == present:
        raise Refused(
            f"claim {row['pcn']}: the document is the same as version {row['version']}, so nothing would be corrected. To send a "
            "rejected claim again as it is, release it"
        )
    return numbered


def _check_frequency(row: Row, present: Claim, document: Claim, decision: Decision) -> None:
    """What a claim goes out as follows from its history: a document that newly says otherwise is refused, not overruled."""
    if document.frequency not in SAYS_ITSELF or document.frequency in (present.frequency, decision.frequency):
        return
    if document.frequency == VOID:
        raise Refused(f"claim {row['pcn']}: the document says frequency 8; to take the claim back, void it (`claims void`)")
    raise Refused(
        f"claim {row['pcn']}: the document says frequency 7, and no answer says that the payer has this claim: leave the "
        "frequency as it is, and it goes out as a new original. Where the payer decided on it by another way, void this claim "
        "and take the replacement in under a number of its own"
    )


def _take_back_charge(connection: Connection, row: Row, source: str, now: datetime) -> None:
    """What was booked as charged when the claim first left; nothing where it never did."""
    booked_cents = batch_rows.booked_charges(connection, [row["id"]]).get(row["id"], 0)
    if booked_cents:
        entries = tuple(Entry(item.account, item.amount_cents) for item in post_charge(-booked_cents))
        journal = Journal(source=source, kind="charge", practice=row["practice"], entries=entries, claim_id=row["id"])
        post_journals(connection, [journal], now)
