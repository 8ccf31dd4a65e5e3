"""Loops of an 837P into claims: the reading half of the claim document."""

from collections.abc import Iterable
from datetime import date
from operator import is_

import msgspec

from edi.claims import (
    Carried,
    CarriedLoop,
    Claim,
    Coverage,
    Diagnosis,
    LineAdjudication,
    OtherPayer,
    Party,
    Reference,
    ServiceLine,
)
from edi.dictionary import SEGMENTS
from edi.loop_fields import (
    Segments,
    address_of,
    adjustments_of,
    amounts_of,
    by_tag,
    cents_of,
    contact_of,
    dates_of,
    day_of,
    element_of,
    no_line,
    parsed,
    quantity_of,
    references_of,
    take_first,
    trimmed,
    unreadable,
)
from edi.punctuation import COMPONENT, REPETITION
from edi.segments import Delimiters
from edi.tree import Loop, Unit

DIAGNOSIS_QUALIFIERS = frozenset(("ABK", "BK", "ABF", "BF"))

_COMPOSITES = {
    tag: tuple(place for place, element in enumerate(segment.elements, 1) if element.components)
    for tag, segment in SEGMENTS.items()
    if any(element.components for element in segment.elements)
}

SEGMENT_ORDER = {
    "party": ("NM1", "PRV", "N3", "N4", "DMG", "DTP", "REF", "PER"),
    "2300": ("CLM", "DTP", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP"),
    "2320": ("SBR", "CAS", "AMT", "OI", "MOA"),
    "2400": (
        *("LX", "SV1", "SV5", "PWK", "CR1", "CR3", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT", "K3", "NTE", "PS1"),
        "HCP",
    ),
}
"""The order of the segments in the loops a document is made of; what is carried is kept and written in this order."""

_RANKS = {loop: {tag: place for place, tag in enumerate(tags)} for loop, tags in SEGMENT_ORDER.items()}


class _Above(msgspec.Struct):
    """What the loops above a claim say, read once for all the claims below them."""

    loops: tuple[Loop, ...] = ()
    billing: Party = Party(role="85")
    pay_to: Party | None = None
    subscriber: Party = Party(role="IL")
    payer: Party = Party(role="PR")
    coverage: Coverage = Coverage(responsibility="")
    patient: Party | None = None
    relationship: str = ""


class ClaimReader:
    """Builds the claims of one set; what stands above several claims is read once and shared by them."""

    def __init__(self, delimiters: Delimiters) -> None:
        self._component = delimiters.component
        self._repetition = delimiters.repetition
        self._above = _Above()

    def read_claim(self, unit: Unit) -> Claim:
        """The claim of a closed 2300; raises UnreadableClaimError where no document can be built."""
        above = self._look_above(unit.parents)
        loop = unit.loop
        groups = by_tag(loop.segments)
        clm = take_first(groups, "CLM")
        if not element_of(clm, 1):
            raise unreadable(loop, clm, 1, "a patient control number")
        place = self._split(element_of(clm, 5), 3)
        causes = self._split(element_of(clm, 11), 5)
        rest: Segments = []
        lines = tuple([self._line(child) for child in loop.loops if child.id == "2400"])
        if not lines:
            raise no_line(loop)
        return Claim(
            patient_control_number=clm[1],
            charge_cents=cents_of(loop, clm, 2),
            billing_provider=above.billing,
            pay_to=above.pay_to,
            subscriber=above.subscriber,
            payer=above.payer,
            coverage=above.coverage,
            relationship=above.relationship,
            patient=above.patient,
            place_of_service=place[0],
            facility_qualifier=place[1],
            frequency=place[2],
            provider_signature=element_of(clm, 6),
            assignment=element_of(clm, 7),
            benefits_assigned=element_of(clm, 8),
            release_of_information=element_of(clm, 9),
            patient_signature=element_of(clm, 10),
            related_causes=tuple([cause for cause in causes[:3] if cause]),
            related_state=causes[3],
            related_country=causes[4],
            special_program=element_of(clm, 12),
            delay_reason=element_of(clm, 20),
            dates=dates_of(groups.pop("DTP", []), rest),
            patient_paid_cents=amounts_of(loop, groups.pop("AMT", []), ("F5",), rest)[0],
            references=references_of(groups.pop("REF", []), rest),
            notes=tuple([(element_of(note, 1), element_of(note, 2)) for note in groups.pop("NTE", [])]),
            diagnoses=self._diagnoses(groups.pop("HI", []), rest),
            providers=tuple([self.read_party(child) for child in loop.loops if child.id.startswith("2310")]),
            other_payers=tuple([self._other_payer(child) for child in loop.loops if child.id == "2320"]),
            lines=lines,
            carried=self._carried("2300", groups, rest),
        )

    def _look_above(self, parents: tuple[Loop, ...]) -> _Above:
        above = self._above
        if len(parents) == len(above.loops) and all(map(is_, parents, above.loops)):
            return above
        known = {loop.id: loop for loop in above.loops}
        loops = {loop.id: loop for loop in parents}
        fresh = _Above(loops=parents, billing=above.billing, pay_to=above.pay_to)
        if "2000A" in loops and loops["2000A"] is not known.get("2000A"):
            fresh.billing, fresh.pay_to = self._billing(loops["2000A"])
        if "2000B" in loops:
            self._look_at_subscriber(loops["2000B"], fresh)
        if "2000C" in loops:
            self._look_at_patient(loops["2000C"], fresh)
        self._above = fresh
        return fresh

    def _billing(self, loop: Loop) -> tuple[Party, Party | None]:
        billing, pay_to, plans = Party(role="85"), None, []
        for child in loop.loops:
            if child.id == "2010AA":
                billing = self.read_party(child)
            elif child.id == "2010AB":
                pay_to = self.read_party(child)
            elif child.id == "2010AC":
                plans.append(self._carry_loop(child))
        taxonomy = next((prv[3] for prv in loop.segments if _is_taxonomy(prv)), "")
        unnamed = [segment for segment in loop.segments if segment[0] != "HL" and not _is_taxonomy(segment)]
        if taxonomy:
            billing = msgspec.structs.replace(billing, taxonomy=taxonomy)
        return self._carrying(billing, "2000A", unnamed, plans), pay_to

    def _look_at_subscriber(self, loop: Loop, above: _Above) -> None:
        unnamed = []
        for child in loop.loops:
            if child.id == "2010BA":
                above.subscriber = self.read_party(child)
            elif child.id == "2010BB":
                above.payer = self.read_party(child)
        for segment in loop.segments:
            if segment[0] == "SBR":
                above.relationship = element_of(segment, 2)
                above.coverage = Coverage(
                    responsibility=element_of(segment, 1),
                    group_number=element_of(segment, 3),
                    group_name=element_of(segment, 4),
                    insurance_type=element_of(segment, 5),
                    claim_filing_indicator=element_of(segment, 9),
                )
            elif segment[0] != "HL":
                unnamed.append(segment)
        above.subscriber = self._carrying(above.subscriber, "2000B", unnamed, [])

    def _look_at_patient(self, loop: Loop, above: _Above) -> None:
        patient = next((self.read_party(child) for child in loop.loops if child.id == "2010CA"), Party(role="QC", is_person=True))
        pat = next((segment for segment in loop.segments if segment[0] == "PAT"), ["PAT"])
        above.relationship = element_of(pat, 1)
        unnamed = [s for s in loop.segments if s[0] != "HL" and (s is not pat or len(pat) > 2)]
        above.patient = self._carrying(patient, "2000C", unnamed, [])

    def _carrying(self, party: Party, loop: str, unnamed: Segments, plans: list[CarriedLoop]) -> Party:
        """The party with what its hierarchical level says beyond it, as a carried loop of that level's id."""
        if not unnamed and not plans:
            return party
        level = [CarriedLoop(loop=loop, segments=tuple(map(self._carry, unnamed)))] if unnamed else []
        own = party.carried or Carried()
        return msgspec.structs.replace(party, carried=Carried(segments=own.segments, loops=(*own.loops, *level, *plans)))

    def read_party(self, loop: Loop, without: list[str] | None = None) -> Party:
        """The party of a loop that opens with NM1; `without` is a segment of it that the caller has read."""
        groups = by_tag(loop.segments)
        if without:
            groups[without[0]].remove(without)
        name = take_first(groups, "NM1")
        rest: Segments = []
        dmg = groups["DMG"][0] if "DMG" in groups else []
        birth_date = day_of(element_of(dmg, 2), element_of(dmg, 1))
        if birth_date and len(dmg) <= 4:
            groups["DMG"].pop(0)
        taxonomy = ""
        if "PRV" in groups and _is_taxonomy(groups["PRV"][0]):
            taxonomy = groups["PRV"].pop(0)[3]
        return Party(
            role=element_of(name, 1),
            is_person=element_of(name, 2) == "1",
            last_name=element_of(name, 3),
            first_name=element_of(name, 4),
            middle_name=element_of(name, 5),
            suffix=element_of(name, 7),
            id_qualifier=element_of(name, 8),
            id=element_of(name, 9),
            taxonomy=taxonomy,
            address=address_of(groups),
            references=references_of(groups.pop("REF", []), rest),
            contacts=tuple([contact_of(segment) for segment in groups.pop("PER", [])]),
            birth_date=birth_date if len(dmg) <= 4 else None,
            gender=element_of(dmg, 3) if birth_date and len(dmg) <= 4 else "",
            carried=self._carried("party", groups, rest, loop.loops),
        )

    def _diagnoses(self, segments: Segments, rest: Segments) -> tuple[Diagnosis, ...]:
        diagnoses = []
        for segment in segments:
            codes = [self._split(element, 2) for element in trimmed(segment[1:])]
            if all(code[0] in DIAGNOSIS_QUALIFIERS and len(code) == 2 for code in codes):
                diagnoses += [Diagnosis(qualifier=code[0], code=code[1]) for code in codes]
            else:
                rest.append(segment)
        return tuple(diagnoses)

    def _other_payer(self, loop: Loop) -> OtherPayer:
        groups = by_tag(loop.segments)
        sbr = take_first(groups, "SBR")
        oi = take_first(groups, "OI")
        rest: Segments = []
        subscriber = payer = paid_date = None
        others = []
        for child in loop.loops:
            if child.id == "2330A":
                subscriber = self.read_party(child)
            elif child.id == "2330B":
                payer, paid_date = self._paying(child)
            else:
                others.append(child)
        paid, noncovered, remaining = amounts_of(loop, groups.pop("AMT", []), ("D", "A8", "EAF"), rest)
        return OtherPayer(
            responsibility=element_of(sbr, 1),
            relationship=element_of(sbr, 2),
            group_number=element_of(sbr, 3),
            group_name=element_of(sbr, 4),
            insurance_type=element_of(sbr, 5),
            claim_filing_indicator=element_of(sbr, 9),
            adjustments=adjustments_of(loop, groups.pop("CAS", [])),
            paid_cents=paid,
            noncovered_cents=noncovered,
            remaining_patient_cents=remaining,
            benefits_assigned=element_of(oi, 3),
            patient_signature=element_of(oi, 4),
            release_of_information=element_of(oi, 6),
            subscriber=subscriber,
            payer=payer,
            paid_date=paid_date,
            carried=self._carried("2320", groups, rest, others),
        )

    def _paying(self, loop: Loop) -> tuple[Party, date | None]:
        """2330B: the payer, and the day of DTP*573."""
        for segment in loop.segments:
            if segment[0] == "DTP" and element_of(segment, 1) == "573":
                paid_date = day_of(element_of(segment, 3), element_of(segment, 2))
                if paid_date:
                    return self.read_party(loop, without=segment), paid_date
        return self.read_party(loop), None

    def _line(self, loop: Loop) -> ServiceLine:
        groups = by_tag(loop.segments)
        if "SV1" not in groups:
            raise no_line(loop)
        take_first(groups, "LX")
        sv1 = take_first(groups, "SV1")
        procedure = self._split(element_of(sv1, 1), 7)
        rest: Segments = []
        service_from, service_through = self._service_dates(groups.pop("DTP", []), rest)
        control_number, references = _control_number(references_of(groups.pop("REF", []), rest))
        note = _note(groups)
        others = [child for child in loop.loops if child.id in {"2410", "2440"}]
        return ServiceLine(
            charge_cents=cents_of(loop, sv1, 2),
            procedure=procedure[1],
            procedure_qualifier=procedure[0],
            modifiers=trimmed(procedure[2:6]),
            description=procedure[6],
            unit=element_of(sv1, 3),
            quantity=quantity_of(loop, sv1, 4),
            place_of_service=element_of(sv1, 5),
            diagnosis_pointers=parsed(loop, sv1, 7, self._pointers, "a list of diagnosis pointers"),
            emergency=element_of(sv1, 9),
            epsdt=element_of(sv1, 11),
            family_planning=element_of(sv1, 12),
            copay_exempt=element_of(sv1, 15),
            service_from=service_from,
            service_through=service_through,
            control_number=control_number,
            references=references,
            providers=tuple([self.read_party(child) for child in loop.loops if child.id.startswith("2420")]),
            adjudications=tuple([self._adjudication(child) for child in loop.loops if child.id == "2430"]),
            note=note,
            carried=self._carried("2400", groups, rest, others),
        )

    def _service_dates(self, segments: Segments, rest: Segments) -> tuple[date | None, date | None]:
        """DTP*472: the day, or both ends of a period; a single day has no end of its own."""
        service_from = service_through = None
        for segment in segments:
            qualifier, text = element_of(segment, 2), element_of(segment, 3)
            if element_of(segment, 1) == "472" and service_from is None:
                first, _, last = text.partition("-") if qualifier == "RD8" else (text, "", "")
                service_from, service_through = day_of(first), day_of(last)
                if service_from and (qualifier == "D8" or service_through):
                    continue
                service_from = service_through = None
            rest.append(segment)
        return service_from, service_through

    def _adjudication(self, loop: Loop) -> LineAdjudication:
        groups = by_tag(loop.segments)
        svd = take_first(groups, "SVD")
        procedure = self._split(element_of(svd, 3), 7)
        paid_date = next((day_of(element_of(dtp, 3), element_of(dtp, 2)) for dtp in groups.get("DTP", [])), None)
        return LineAdjudication(
            payer_id=element_of(svd, 1),
            paid_cents=cents_of(loop, svd, 2),
            procedure_qualifier=procedure[0],
            procedure=procedure[1],
            modifiers=trimmed(procedure[2:6]),
            description=procedure[6],
            quantity=quantity_of(loop, svd, 5) if element_of(svd, 5) else None,
            bundled_line=element_of(svd, 6),
            adjustments=adjustments_of(loop, groups.get("CAS", [])),
            paid_date=paid_date,
            remaining_patient_cents=amounts_of(loop, groups.get("AMT", []), ("EAF",), [])[0],
        )

    def _pointers(self, text: str) -> tuple[int, ...]:
        return tuple([int(pointer) for pointer in text.split(self._component)]) if text else ()

    def _split(self, text: str, count: int) -> list[str]:
        """The components of a composite, at least `count` of them."""
        components = text.split(self._component)
        return components + [""] * (count - len(components)) if len(components) < count else components

    def _carried(self, place: str, groups: dict[str, Segments], rest: Segments, loops: Iterable[Loop] = ()) -> Carried | None:
        unnamed = rest + [segment for group in groups.values() for segment in group]
        carried_loops = tuple([self._carry_loop(loop) for loop in loops])
        if not unnamed and not carried_loops:
            return None
        ranks = _RANKS[place]
        unnamed.sort(key=lambda segment: ranks.get(segment[0], len(ranks)))
        return Carried(segments=tuple(map(self._carry, unnamed)), loops=carried_loops)

    def _carry_loop(self, loop: Loop) -> CarriedLoop:
        return CarriedLoop(
            loop=loop.id, segments=tuple(map(self._carry, loop.segments)), loops=tuple(map(self._carry_loop, loop.loops))
        )

    def _carry(self, segment: list[str]) -> tuple[str, ...]:
        """The segment with the separators inside its composites made independent of the file."""
        elements = list(segment)
        for place in _COMPOSITES.get(segment[0], ()):
            if place < len(elements):
                elements[place] = elements[place].replace(self._component, COMPONENT)
                if self._repetition:
                    elements[place] = elements[place].replace(self._repetition, REPETITION)
        while elements and not elements[-1]:
            elements.pop()
        return tuple(elements)


def _is_taxonomy(segment: list[str]) -> bool:
    return segment[0] == "PRV" and len(segment) == 4 and segment[2] == "PXC"


def _control_number(references: tuple[Reference, ...]) -> tuple[str, tuple[Reference, ...]]:
    """REF*6R apart from the line's other references."""
    for place, reference in enumerate(references):
        if reference.qualifier == "6R" and not reference.description:
            return reference.value, references[:place] + references[place + 1 :]
    return "", references


def _note(groups: dict[str, Segments]) -> str:
    """The text of the first NTE*ADD, taken out of the groups."""
    for note in groups.get("NTE", []):
        if element_of(note, 1) == "ADD":
            groups["NTE"].remove(note)
            return element_of(note, 2)
    return ""
