"""2400 and its loops into service lines: SV1, SV2 or SV3, drugs, forms, and what other payers decided on the line."""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from edi.claims import LineAdjudication, ServiceLine
from edi.claims.carrying import find_long, find_surplus
from edi.claims.detail_reader import read_details
from edi.claims.details import Drug, Form, FormAnswer, Reference
from edi.claims.loop_fields import (
    Segments,
    adjustments_of,
    cents_of,
    day_of,
    element_of,
    no_line,
    quantity_of,
    trimmed,
    unreadable,
)
from edi.claims.party_reader import PartyReader, read_reference
from edi.claims.segments import FORM_ANSWER, LINE_SHAPES
from edi.segments import Delimiters
from edi.tree import Loop
from edi.values import find_date, get_cents, parse_quantity

_BLANK = [""] * 16
_SERVICES = {
    "SV1": frozenset((1, 2, 3, 4, 5, 7, 9, 11, 12, 15)),
    "SV2": frozenset((1, 2, 3, 4, 5, 6, 7)),
    "SV3": frozenset((1, 2, 3, 4, 5, 6, 11)),
}
"""The segment of the service in each of the three guides, and its elements that fields name."""

_SVD = frozenset((1, 2, 3, 4, 5, 6))
_LIN = frozenset((2, 3))
_CTP = frozenset((4, 5))
_LQ = frozenset((1, 2))
_PLAIN = frozenset(("DTP", "AMT", "QTY", "NTE", "K3"))
_MEMO_MAX = 10_000
_LINES_KNOWN = 100
_ONE = Decimal(1)
_When = tuple[date | None, date | None]
_Terms = tuple[str, Decimal, str, tuple[int, ...]]
"""SV103, SV104, SV105 and SV107."""
_References = tuple[Reference, ...]


class _Procedure(NamedTuple):
    """A composite of SV1, SV2, SV3 or SVD; `is_whole` says that these are all its components."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...]
    description: str
    is_whole: bool


class LineReader:
    """Reads the service lines of one set."""

    def __init__(self, delimiters: Delimiters, parties: PartyReader) -> None:
        self._component = delimiters.component
        self._parties = parties
        self._carrier = parties.carrier
        self._separator = delimiters.element
        self._numbers = _number_lines(delimiters.element)
        self._control = f"REF{delimiters.element}6R{delimiters.element}"
        self._terms: dict[str, _Terms] = {}
        self._days: dict[str, _When] = {}
        self._services = {"SV1": self._read_professional, "SV2": self._read_institutional, "SV3": self._read_dental}
        self._procedures: dict[str, _Procedure] = {}
        self._pointers: dict[str, tuple[int, ...]] = {"": ()}
        self._quantities: dict[str, Decimal] = {}

    def read_line(self, loop: Loop, number: int) -> ServiceLine:
        """The line of a 2400, the `number`th of its claim; raises UnreadableClaimError where none can be built."""
        line = self._find_plain_line(loop, number)
        if line is None:
            return self._read_segments(loop, number)
        return self._complete(line, [], loop.loops) if loop.loops else line

    def _find_plain_line(self, loop: Loop, number: int) -> ServiceLine | None:
        """The line where it is LX, SV1, DTP*472 and REF*6R, in codes and days that came before; else None."""
        if len(loop.raw) != 4 or number >= _LINES_KNOWN:
            return None
        lx, service, when, reference = loop.raw
        separator, control = self._separator, self._control
        try:
            tag, code, charge, rest = service.split(separator, 3)
            service_from, service_through = self._days.get(when) or self._read_days(when)
            procedure = self._procedures.get(code) or self._read_procedure(code)
            qualifier, procedure_code, modifiers, description, is_whole = procedure
            unit, quantity, place, pointers = self._terms.get(rest) or self._read_terms(rest)
            charge_cents = get_cents(charge)
        except ValueError:
            return None
        control_number = reference[len(control) :]
        is_plain = tag == "SV1" and is_whole and lx == self._numbers[number]
        if not is_plain or separator in control_number or not reference.startswith(control):
            return None
        # In the order of the fields: by name this would take longer than all the rest.
        return ServiceLine(
            charge_cents, procedure_code, service_from, service_through, control_number, qualifier, modifiers, description, unit,
            quantity, place, pointers,
        )  # fmt: skip

    def _read_segments(self, loop: Loop, number: int) -> ServiceLine:
        service: list[str] | None = None
        service_from: date | None = None
        service_through: date | None = None
        control_number = ""
        references: list[Reference] = []
        rest: Segments = []
        for segment in loop.segments:
            tag, count = segment[0], len(segment)
            if tag in _SERVICES and service is None:
                service = segment
            elif tag == "REF" and count == 3 and segment[1] == "6R" and not control_number:
                control_number = segment[2]
            elif tag == "REF" and (reference := read_reference(segment, self._component)):
                references.append(reference)
            elif tag == "DTP" and count == 4 and segment[1] == "472" and service_from is None:
                service_from, service_through = _service_dates(segment[2], segment[3])
                rest += [] if service_from else [segment]
            elif tag != "LX" or segment[1:] != [str(number)]:
                rest.append(segment)
        if service is None:
            raise no_line(loop)
        reading = self._services[service[0]]
        line = reading(loop, service, (service_from, service_through), control_number, tuple(references))
        rest += self._find_unnamed(service)
        return self._complete(line, rest, loop.loops) if rest or loop.loops else line

    def _read_days(self, raw: str) -> _When:
        """What a DTP*472 says, kept for other lines; raises ValueError where it is none or says no day."""
        tag, qualifier, form, text = raw.split(self._separator)
        days = _service_dates(form, text)
        if tag != "DTP" or qualifier != "472" or days[0] is None:
            raise ValueError("no day of service")
        if len(self._days) < _MEMO_MAX:
            self._days[raw] = days
        return days

    def _read_terms(self, raw: str) -> _Terms:
        """SV103 to SV107, kept for other lines; raises ValueError where they are not plain."""
        unit, count, place, unused, listed = raw.split(self._separator)
        quantity, pointers = parse_quantity(count), tuple([int(one) for one in listed.split(self._component)])
        if quantity is None or unused:
            raise ValueError("not the usual terms")
        terms = unit, quantity, place, pointers
        if len(self._terms) < _MEMO_MAX:
            self._terms[raw] = terms
        return terms

    def _find_unnamed(self, service: list[str]) -> Segments:
        """The elements and components of a service that no field names."""
        place = 2 if service[0] == "SV2" else 1
        long = find_long(service, place, 7, self._component)
        return [*_surplus(service, _SERVICES[service[0]]), *([long] if long else [])]

    def _read_professional(self, loop: Loop, sv1: list[str], when: _When, control: str, references: _References) -> ServiceLine:
        padded = sv1 + _BLANK[len(sv1) :] if len(sv1) < 16 else sv1
        procedure = self._read_procedure(padded[1])
        quantity = self._quantities.get(padded[4])
        if quantity is None:
            quantity = self._read_quantity(loop, sv1, 4)
        pointers = self._pointers.get(padded[7])
        if pointers is None:
            pointers = self._read_pointers(loop, sv1, 7)
        try:
            charge_cents = get_cents(padded[2])
        except ValueError:
            raise unreadable(loop, sv1, 2, "an amount in dollars and whole cents") from None
        # In the order of the fields: by name this would take longer than all the rest.
        return ServiceLine(
            charge_cents, procedure.code, when[0], when[1], control, procedure.qualifier, procedure.modifiers,
            procedure.description, padded[3], quantity, padded[5], pointers, padded[9], padded[11], padded[12], padded[15],
            references,
        )  # fmt: skip

    def _read_institutional(self, loop: Loop, sv2: list[str], when: _When, control: str, references: _References) -> ServiceLine:
        procedure = self._read_procedure(element_of(sv2, 2))
        return ServiceLine(
            charge_cents=cents_of(loop, sv2, 3),
            procedure=procedure.code,
            service_from=when[0],
            service_through=when[1],
            control_number=control,
            procedure_qualifier=procedure.qualifier,
            modifiers=procedure.modifiers,
            description=procedure.description,
            unit=element_of(sv2, 4),
            quantity=quantity_of(loop, sv2, 5),
            references=references,
            revenue_code=element_of(sv2, 1),
            rate=quantity_of(loop, sv2, 6) if element_of(sv2, 6) else None,
            noncovered_cents=cents_of(loop, sv2, 7) if element_of(sv2, 7) else None,
        )

    def _read_dental(self, loop: Loop, sv3: list[str], when: _When, control: str, references: _References) -> ServiceLine:
        procedure = self._read_procedure(element_of(sv3, 1))
        is_counted = bool(element_of(sv3, 6))
        return ServiceLine(
            charge_cents=cents_of(loop, sv3, 2),
            procedure=procedure.code,
            service_from=when[0],
            service_through=when[1],
            control_number=control,
            procedure_qualifier=procedure.qualifier,
            modifiers=procedure.modifiers,
            description=procedure.description,
            unit="UN" if is_counted else "",
            quantity=quantity_of(loop, sv3, 6) if is_counted else _ONE,
            place_of_service=element_of(sv3, 3),
            diagnosis_pointers=self._read_pointers(loop, sv3, 11),
            references=references,
            oral_cavity=trimmed(element_of(sv3, 4).split(self._component)),
            prosthesis=element_of(sv3, 5),
        )

    def _complete(self, line: ServiceLine, rest: Segments, loops: list[Loop]) -> ServiceLine:
        """The line with what only some lines say."""
        fields, left = read_details(rest, LINE_SHAPES, self._component, _PLAIN)
        notes = fields.get("notes", ())
        first = next((place for place, (qualifier, text) in enumerate(notes) if qualifier == "ADD" and text), None)
        if first is not None:
            fields["note"] = notes[first][1]
            fields["notes"] = notes[:first] + notes[first + 1 :]
        inner: dict[str, list[Any]] = {"providers": [], "adjudications": [], "drugs": [], "forms": []}
        unnamed: list[Loop] = []
        for loop in loops:
            tag = loop.segments[0][0] if loop.segments else ""
            if loop.id[:4] == "2420":
                inner["providers"].append(self._parties.recall(loop))
            elif loop.id == "2430":
                inner["adjudications"].append(self._read_adjudication(loop))
            elif loop.id == "2410" and tag == "LIN":
                inner["drugs"].append(self._read_drug(loop))
            elif loop.id == "2440" and tag == "LQ":
                inner["forms"].append(self._read_form(loop))
            else:
                unnamed.append(loop)
        fields.update({name: tuple(found) for name, found in inner.items() if found})
        return msgspec.structs.replace(line, carried=self._carrier.keep("2400", left, unnamed), **fields)

    def _read_drug(self, loop: Loop) -> Drug:
        lin, ctp = loop.segments[0], ["CTP"]
        quantity, unit = None, ""
        references: list[Reference] = []
        rest: Segments = _surplus(lin, _LIN)
        for segment in loop.segments[1:]:
            reference = read_reference(segment, self._component) if segment[0] == "REF" else None
            if reference is not None:
                references.append(reference)
            elif segment[0] == "CTP" and len(ctp) == 1 and self._is_plain_count(segment):
                ctp = segment
                quantity, unit = parse_quantity(element_of(ctp, 4)), element_of(ctp, 5)
                rest += _surplus(ctp, _CTP)
            else:
                rest.append(segment)
        return Drug(
            qualifier=element_of(lin, 2), code=element_of(lin, 3), quantity=quantity, unit=unit, references=tuple(references),
            carried=self._carrier.keep("2410", rest, loop.loops),
        )  # fmt: skip

    def _is_plain_count(self, ctp: list[str]) -> bool:
        try:
            parse_quantity(element_of(ctp, 4))
        except ValueError:
            return False
        return self._component not in element_of(ctp, 5)

    def _read_form(self, loop: Loop) -> Form:
        lq = loop.segments[0]
        answers: list[FormAnswer] = []
        rest: Segments = _surplus(lq, _LQ)
        for segment in loop.segments[1:]:
            answer = FORM_ANSWER.read(segment, self._component) if segment[0] == "FRM" else None
            if answer is None:
                rest.append(segment)
            else:
                answers.append(answer)
        carried = self._carrier.keep("2440", rest, loop.loops)
        return Form(qualifier=element_of(lq, 1), code=element_of(lq, 2), answers=tuple(answers), carried=carried)

    def _read_adjudication(self, loop: Loop) -> LineAdjudication:
        svd = loop.segments[0] if loop.segments and loop.segments[0][0] == "SVD" else ["SVD"]
        procedure = self._read_procedure(element_of(svd, 3))
        paid_date: date | None = None
        remaining: int | None = None
        rest = _surplus(svd, _SVD)
        adjustments: Segments = []
        for segment in loop.segments:
            kind = segment[:2]
            if segment[0] == "CAS":
                adjustments.append(segment)
            elif kind == ["DTP", "573"] and len(segment) == 4 and paid_date is None:
                paid_date = day_of(segment[3], segment[2])
                if paid_date is None:
                    rest.append(segment)
            elif kind == ["AMT", "EAF"] and len(segment) == 3 and remaining is None:
                remaining = cents_of(loop, segment, 2)
            elif segment is not svd:
                rest.append(segment)
        rest += filter(None, [find_long(svd, 3, 7, self._component)])
        return LineAdjudication(
            element_of(svd, 1), cents_of(loop, svd, 2), procedure.qualifier, procedure.code, procedure.modifiers,
            procedure.description, quantity_of(loop, svd, 5) if element_of(svd, 5) else None, element_of(svd, 6),
            adjustments_of(loop, adjustments), paid_date, remaining, element_of(svd, 4),
            self._carrier.keep("2430", rest, loop.loops),
        )  # fmt: skip

    def _read_procedure(self, text: str) -> _Procedure:
        found = self._procedures.get(text)
        if found is None:
            parts = text.split(self._component)
            padded = [*parts, *[""] * (7 - len(parts))]
            found = _Procedure(padded[0], padded[1], trimmed(padded[2:6]), padded[6], not any(parts[7:]))
            if len(self._procedures) < _MEMO_MAX:
                self._procedures[text] = found
        return found

    def _read_quantity(self, loop: Loop, segment: list[str], place: int) -> Decimal:
        quantity = quantity_of(loop, segment, place)
        if len(self._quantities) < _MEMO_MAX:
            self._quantities[segment[place]] = quantity
        return quantity

    def _read_pointers(self, loop: Loop, segment: list[str], place: int) -> tuple[int, ...]:
        text = element_of(segment, place)
        found = self._pointers.get(text)
        if found is None:
            try:
                found = tuple([int(pointer) for pointer in text.split(self._component)])
            except ValueError:
                raise unreadable(loop, segment, place, "a list of diagnosis pointers") from None
            if len(self._pointers) < _MEMO_MAX:
                self._pointers[text] = found
        return found


@lru_cache(maxsize=16)
def _number_lines(separator: str) -> tuple[str, ...]:
    """The LX of the first lines of a claim, by number."""
    return tuple([f"LX{separator}{number}" for number in range(_LINES_KNOWN)])


def _surplus(segment: list[str], named: frozenset[int]) -> Segments:
    surplus = find_surplus(segment, named)
    return [surplus] if surplus else []


def _service_dates(form: str, text: str) -> tuple[date | None, date | None]:
    """DTP*472: the day, or both ends of a period; a single day has no end of its own."""
    if form == "D8" and len(text) == 8:
        return find_date(text), None
    if form != "RD8":
        return None, None
    first, _, last = text.partition("-")
    service_from, service_through = day_of(first), day_of(last)
    return (service_from, service_through) if service_from and service_through else (None, None)
