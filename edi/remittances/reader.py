"""Loops of an 835 into claim payments, from the texts of their segments: what comes again and again is read once."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from edi.claims import Adjustment, Contact, Party, Reference
from edi.claims.details import InpatientAdjudication, OutpatientAdjudication
from edi.claims.segments import INPATIENT, OUTPATIENT
from edi.inquiries.remainder import LevelDocument, carry_rest, normalise
from edi.remittances import ClaimPayment, ServicePayment
from edi.remittances.usual_lines import compile_usual_lines, join_cents
from edi.remittances.writer import claim_segments, line_segments
from edi.segments import Delimiters
from edi.tree import Loop
from edi.values import find_date, get_cents, parse_quantity

CLAIM_TAGS = ("CLP", "CAS", "NM1", "MIA", "MOA", "REF", "DTM", "PER", "AMT", "QTY")
LINE_TAGS = ("SVC", "DTM", "CAS", "REF", "AMT", "QTY", "LQ")
"""The tags whose texts the reader takes, in the order of the guide."""

_REMEMBERED_MAX = 4_096
_BLANK = [""] * 32
_ROLES = frozenset(("QC", "IL", "74", "82", "TT", "PR", "GB"))
_CLAIM_DAYS = ("232", "233", "036", "050")
_SHARED_ROLES = frozenset(("82", "TT", "PR"))

_D = TypeVar("_D", bound=LevelDocument)
_V = TypeVar("_V")


class _Days(NamedTuple):
    """The days of a run of DTM; `is_plain` where they are all it says."""

    first: date | None = None
    last: date | None = None
    expiration: date | None = None
    received: date | None = None
    is_plain: bool = True


class _Procedure(NamedTuple):
    """SVC01 or SVC06; `is_plain` where it says no more."""

    qualifier: str = ""
    code: str = ""
    modifiers: tuple[str, ...] = ()
    description: str = ""
    is_plain: bool = True


_NO_PROCEDURE = _Procedure()
_NO_REASON = ("", "")


class PaymentReader:
    """Builds the claim payments of one set.

    Each tag's segments come as one text; where the same text was read before, so is what it says. What is kept for that is
    bounded. A loop is in doubt where the fields of its document might not give back its segments: then they are written,
    and what is missing is carried.
    """

    def __init__(self, delimiters: Delimiters) -> None:
        self._delimiters = delimiters
        self._element = delimiters.element
        self._component = delimiters.component
        self._end = delimiters.segment
        self._sole_amounts = {f"AMT{delimiters.element}{code}": code for code in ("AU", "B6")}
        self._sole_number = f"REF{delimiters.element}6R"
        self._find_usual_lines = compile_usual_lines(delimiters)
        self._in_doubt = False
        self._cents: Callable[[str], int] = get_cents
        self._reasons: dict[str, tuple[str, str]] = {}
        self._claim_days: dict[str, _Days] = {"": _Days()}
        self._line_days: dict[str, _Days] = {"": _Days()}
        self._procedures: dict[str, _Procedure] = {}
        self._quantities: dict[str, Decimal] = {}
        self._parties: dict[str, Party] = {}

    def read_claim(self, loop: Loop) -> ClaimPayment:
        """The claim payment of a 2100; raises ValueError where an amount cannot be read."""
        lines = self._read_usual_lines(loop.loops)
        if lines is None:
            lines = tuple([self._read_line(line) for line in loop.loops])
        clp_text, cas, nm1, mia, moa, ref, dtm, per, amt, qty = loop.texts
        clp = clp_text[:-1].split(self._element)
        self._in_doubt = loop.block is None or len(clp) > 14
        self._cents = cents = get_cents if loop.block is None else _get_plain_cents
        clp += _BLANK[len(clp) : 14]
        days = self._claim_days.get(dtm) or self._read_claim_days(dtm)
        parties = self._read_parties(nm1) if nm1 else {}
        coverage_cents, amounts = self._read_amounts(amt, "AU") if amt else (None, ())
        adjustments, counts = self._read_adjustments(cas) if cas else ((), ())
        inpatient, outpatient, remarks = self._read_adjudication(mia, moa) if mia or moa else (None, None, ())
        payment = ClaimPayment(
            clp[1],
            clp[2],
            cents(clp[3]),
            cents(clp[4]),
            loop.first,
            cents(clp[5]) if clp[5] else None,
            clp[6],
            clp[7],
            clp[8],
            clp[9],
            adjustments,
            parties.get("QC"),
            parties.get("IL"),
            parties.get("82"),
            parties.get("TT"),
            self._read_references(ref) if ref else (),
            days.first,
            days.last,
            days.received,
            coverage_cents,
            remarks,
            lines,
            clp[10],
            clp[11],
            self._read_quantity(clp[12]) if clp[12] else None,
            self._read_quantity(clp[13]) if clp[13] else None,
            parties.get("74"),
            parties.get("PR"),
            parties.get("GB"),
            days.expiration,
            inpatient,
            outpatient,
            self._read_contacts(per) if per else (),
            amounts,
            self._read_quantities(qty) if qty else (),
            counts,
        )
        if not days.is_plain or self._in_doubt:
            return self._carry(payment, loop, claim_segments)
        return payment

    def _read_usual_lines(self, loops: list[Loop]) -> tuple[ServicePayment, ...] | None:
        """The lines of a claim in their most common form, of texts met before but for amounts and numbers; None for any other."""
        blocks = [loop.block for loop in loops if loop.block is not None]
        if not blocks or len(blocks) < len(loops) or blocks[0].string is not blocks[-1].string:
            return None
        first, last = blocks[0], blocks[-1]
        start, end = first.start(loops[0].group + 1), last.end(loops[-1].group + len(LINE_TAGS))
        find_procedure, find_days, find_quantity = self._procedures.get, self._line_days.get, self._quantities.get
        find_reason = self._reasons.get
        lines: list[ServicePayment] = []
        for (
            svc01, charge, charge_part, paid, paid_part, revenue, svc05, dtm, cas, adjusted, adjusted_part,
            other_cas, other, other_part, number, allowed, allowed_part, astray,
        ) in self._find_usual_lines(first.string, start, end):  # fmt: skip
            procedure, days, quantity = find_procedure(svc01), find_days(dtm), find_quantity(svc05)
            if astray or not (procedure and days and quantity and procedure.is_plain and days.is_plain):
                return None
            adjustments: tuple[Adjustment, ...] = ()
            if cas:
                reason, other_reason = find_reason(cas), find_reason(other_cas) if other_cas else _NO_REASON
                if reason is None or other_reason is None or reason[0] == other_reason[0]:
                    return None
                adjustments = (Adjustment(reason[0], reason[1], join_cents(adjusted, adjusted_part)),)
                if other_cas:
                    adjustments += (Adjustment(other_reason[0], other_reason[1], join_cents(other, other_part)),)
            line = ServicePayment(
                procedure.code,
                join_cents(charge, charge_part),
                join_cents(paid, paid_part),
                procedure.qualifier,
                procedure.modifiers,
                revenue,
                quantity,
                "",
                "",
                (),
                None,
                days.first,
                days.last,
                number,
                adjustments,
                (),
                join_cents(allowed, allowed_part) if allowed or allowed_part else None,
            )
            lines.append(line)
        return tuple(lines)

    def _read_line(self, loop: Loop) -> ServicePayment:
        svc_text, dtm, cas, ref, amt, qty, lq = loop.texts
        svc = svc_text[:-1].split(self._element)
        self._in_doubt = loop.block is None or len(svc) > 8
        self._cents = cents = get_cents if loop.block is None else _get_plain_cents
        if len(svc) < 8:
            svc += _BLANK[len(svc) : 8]
        procedure = self._procedures.get(svc[1]) or self._read_procedure(svc[1])
        submitted = self._procedures.get(svc[6]) or self._read_procedure(svc[6]) if svc[6] else _NO_PROCEDURE
        days = self._line_days.get(dtm) or self._read_line_days(dtm)
        allowed_cents, amounts = self._read_amounts(amt, "B6") if amt else (None, ())
        number, references = self._read_line_references(ref) if ref else ("", ())
        adjustments, counts = self._read_adjustments(cas) if cas else ((), ())
        line = ServicePayment(
            procedure.code,
            cents(svc[2]),
            cents(svc[3]),
            procedure.qualifier,
            procedure.modifiers,
            svc[4],
            self._quantities.get(svc[5]) or self._read_quantity(svc[5]),
            submitted.qualifier,
            submitted.code,
            submitted.modifiers,
            self._read_quantity(svc[7]) if svc[7] else None,
            days.first,
            days.last,
            number,
            adjustments,
            references,
            allowed_cents,
            self._read_line_remarks(lq) if lq else (),
            amounts,
            self._read_quantities(qty) if qty else (),
            counts,
            procedure.description,
            submitted.description,
        )
        if not (days.is_plain and procedure.is_plain and submitted.is_plain) or self._in_doubt:
            return self._carry(line, loop, line_segments)
        return line

    def _carry(self, document: _D, loop: Loop, segments_of: Callable[[_D], list[str]]) -> _D:
        """The document with those of its loop's own segments that its fields do not give back."""
        own = normalise(Loop(loop.id, loop.segments, loop.positions), self._delimiters)
        return carry_rest(document, segments_of(document), own.segments)

    def _split(self, text: str) -> list[list[str]]:
        element = self._element
        return [raw.split(element) for raw in text[:-1].split(self._end)]

    def _read_claim_days(self, text: str) -> _Days:
        given = self._read_days(text)
        first, last, expiration, received = map(given.get, _CLAIM_DAYS)
        is_plain = [code for code in _CLAIM_DAYS if code in given] == [*given] and None not in given.values()
        return _remember(self._claim_days, text, _Days(first, last, expiration, received, is_plain))

    def _read_line_days(self, text: str) -> _Days:
        given = self._read_days(text)
        is_plain = [*given] in (["472"], ["150", "151"], ["151"]) and None not in given.values()
        found = _Days(given.get("472") or given.get("150"), given.get("151"), is_plain=is_plain)
        return _remember(self._line_days, text, found)

    def _read_days(self, text: str) -> dict[str, date | None]:
        """The day of each DTM by qualifier; None where there is none, or the segment is not that alone."""
        days: dict[str, date | None] = {}
        for dtm in self._split(text):
            code = dtm[1] if len(dtm) > 1 else ""
            if code in days or len(dtm) != 3:
                days["several"] = None
            days[code] = find_date(dtm[2]) if len(dtm) > 2 else None
        return days

    def _read_procedure(self, text: str) -> _Procedure:
        parts = text.split(self._component)
        modifiers = tuple(filter(None, parts[2:6]))
        found = _Procedure(parts[0], "".join(parts[1:2]), modifiers, "".join(parts[6:7]))
        given = [found.qualifier, found.code, *modifiers]
        if found.description:
            given += [*[""] * (6 - len(given)), found.description]
        return _remember(
            self._procedures, text, found._replace(is_plain=given == parts or (given[1:] == [""] and len(parts) == 1))
        )

    def _read_adjustments(self, text: str) -> tuple[tuple[Adjustment, ...], tuple[int, ...]]:
        """The adjustments of all CAS, and how many each holds where neighbours of one group do not share one."""
        cents, element, reasons = self._cents, self._element, self._reasons
        adjustments: list[Adjustment] = []
        group = ""
        for raw in text[:-1].split(self._end):
            head, _, amount = raw.rpartition(element)
            reason = reasons.get(head)
            if reason is None or reason[0] == group:
                return self._read_all_adjustments(text)
            group = reason[0]
            adjustments.append(Adjustment(group, reason[1], cents(amount)))
        return tuple(adjustments), ()

    def _read_all_adjustments(self, text: str) -> tuple[tuple[Adjustment, ...], tuple[int, ...]]:
        """The same of any CAS; what stands before a single amount is remembered."""
        adjustments: list[Adjustment] = []
        counts: list[int] = []
        group, is_split = "", False
        for cas in self._split(text):
            if len(cas) == 4:
                group_code, reason = _remember(self._reasons, self._element.join(cas[:3]), (cas[1], cas[2]))
                adjustments.append(Adjustment(group_code, reason, self._cents(cas[3])))
                counts.append(1)
            else:
                some = self._read_adjustment_list(cas)
                adjustments += some
                counts += [len(some)] if some else []
            is_split = is_split or cas[1] == group
            group = cas[1]
        return tuple(adjustments), tuple(counts) if is_split else ()

    def _read_adjustment_list(self, cas: list[str]) -> list[Adjustment]:
        """Every reason, amount and quantity of one CAS; an amount without its reason is kept, since it counts."""
        length = -(-(len(cas) - 2) // 3) * 3 + 2
        cas += _BLANK[: max(length, 5) - len(cas)]
        found = [
            Adjustment(cas[1], cas[at], get_cents(cas[at + 1]), self._read_quantity(cas[at + 2]))
            for at in range(2, length, 3)
            if cas[at] or cas[at + 1]
        ]
        self._in_doubt = self._in_doubt or length > 20 or not found or len(found) * 3 + 2 != length
        return found

    def _read_parties(self, text: str) -> dict[str, Party]:
        parties: dict[str, Party] = {}
        for raw in text[:-1].split(self._end):
            party = self._parties.get(raw) or self._read_party(raw)
            if party.role in parties:
                self._in_doubt = True
            parties[party.role] = party
        return parties

    def _read_party(self, raw: str) -> Party:
        nm1 = raw.split(self._element)
        is_plain = len(nm1) <= 10
        nm1 += _BLANK[len(nm1) : 10]
        party = Party(nm1[1], nm1[2] == "1", nm1[3], nm1[4], nm1[5], nm1[7], nm1[8], nm1[9])
        if not is_plain or nm1[6] or nm1[2] not in ("1", "2") or nm1[1] not in _ROLES:
            self._in_doubt = True
        elif nm1[1] in _SHARED_ROLES:
            _remember(self._parties, raw, party)
        return party

    def _read_amounts(self, text: str, first: str) -> tuple[int | None, tuple[tuple[str, int], ...]]:
        """The amount of one qualifier, which raises ValueError where it cannot be read, and the others."""
        head, _, value = text.rpartition(self._element)
        if self._sole_amounts.get(head) == first:
            return self._cents(value[:-1]), ()
        found: int | None = None
        others: list[tuple[str, int]] = []
        for segment in self._split(text):
            self._in_doubt = self._in_doubt or len(segment) != 3
            amt = segment + _BLANK[len(segment) : 3]
            if amt[1] == first and found is None:
                found = get_cents(amt[2])
                self._in_doubt = self._in_doubt or bool(others)
                continue
            try:
                others.append((amt[1], get_cents(amt[2])))
            except ValueError:
                self._in_doubt = True
        return found, tuple(others)

    def _read_quantities(self, text: str) -> tuple[tuple[str, Decimal], ...]:
        self._in_doubt = True
        pairs = [(qty[1], self._read_quantity(qty[2])) for qty in self._split(text) if len(qty) > 2]
        return tuple([(code, quantity) for code, quantity in pairs if quantity is not None])

    def _read_quantity(self, text: str) -> Decimal | None:
        """A quantity where one can be read: it moves no money, and its finding is made by the check of the segment."""
        if not text:
            return None
        found = self._quantities.get(text)
        if found is None:
            try:
                found = parse_quantity(text)
            except ValueError:
                self._in_doubt = True
                return None
            assert found is not None, "the text is not empty"
            _remember(self._quantities, text, found)
        return found

    def _read_references(self, text: str) -> tuple[Reference, ...]:
        references: list[Reference] = []
        for segment in self._split(text):
            self._in_doubt = self._in_doubt or not 3 <= len(segment) <= 4
            ref = segment + _BLANK[len(segment) : 4]
            references.append(Reference(ref[1], ref[2], ref[3]))
        return tuple(references)

    def _read_line_references(self, text: str) -> tuple[str, tuple[Reference, ...]]:
        """The line item control number, and the others."""
        head, _, value = text.rpartition(self._element)
        if head == self._sole_number:
            return value[:-1], ()
        number = ""
        references: list[Reference] = []
        for one in self._read_references(text):
            if one.qualifier != "6R":
                references.append(one)
                continue
            self._in_doubt = self._in_doubt or bool(number or one.description)
            number = one.value
        return number, tuple(references)

    def _read_adjudication(
        self, mia: str, moa: str
    ) -> tuple[InpatientAdjudication | None, OutpatientAdjudication | None, tuple[str, ...]]:
        """MIA, and MOA where it says more than remarks, and the remarks of both."""
        inpatient = outpatient = None
        remarks: list[str] = []
        if moa:
            segment = self._split(moa)[0]
            remarks += filter(None, segment[3:8])
            is_more = mia or any(segment[1:3]) or len(segment) > 8 or "" in segment[3:]
            outpatient = OUTPATIENT.read(segment, self._component) if is_more else None
            self._in_doubt = self._in_doubt or bool(is_more) or moa.count(self._end) > 1
        if mia:
            segment = self._split(mia)[0]
            remarks += filter(None, (*segment[5:6], *segment[20:24]))
            inpatient = INPATIENT.read(segment, self._component)
            self._in_doubt = True
        return inpatient, outpatient, tuple(remarks)

    def _read_contacts(self, text: str) -> tuple[Contact, ...]:
        self._in_doubt = True
        return tuple([read_contact(per, "CX") for per in self._split(text)])

    def _read_line_remarks(self, text: str) -> tuple[str, ...]:
        remarks: list[str] = []
        for lq in self._split(text):
            if len(lq) == 3 and lq[1] == "HE":
                remarks.append(lq[2])
            else:
                self._in_doubt = True
        return tuple(remarks)


def read_contact(segment: list[str], usual: str) -> Contact:
    """PER: a name and up to three numbers; its function where it is not the usual one."""
    per = segment + _BLANK[len(segment) : 9]
    numbers = tuple((per[at], per[at + 1]) for at in (3, 5, 7) if per[at + 1])
    return Contact(name=per[2], numbers=numbers, function="" if per[1] == usual else per[1])


def _get_plain_cents(text: str) -> int:
    """An amount as get_cents reads it, faster, for what the check of the segment found to be a number."""
    whole, _, fraction = text.partition(".")
    if len(fraction) == 2:
        return int(whole + fraction)
    return get_cents(text) if fraction else int(whole) * 100


def _remember(known: dict[str, _V], text: str, value: _V) -> _V:
    if len(known) >= _REMEMBERED_MAX:
        known.clear()
    known[text] = value
    return value
