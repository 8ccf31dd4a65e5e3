"""Loops of an 837 into claims: the reading half of the claim document."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

import msgspec

from edi.claims import CarriedLoop, Claim, Coverage, Guide, OtherPayer, Party, ServiceLine
from edi.claims.carrying import find_long, find_surplus
from edi.claims.detail_reader import read_details
from edi.claims.details import Diagnosis, Reference
from edi.claims.health_codes import DIAGNOSIS_QUALIFIERS, read_codes
from edi.claims.line_reader import LineReader
from edi.claims.loop_fields import Segments, adjustments_of, amounts_of, cents_of, day_of, element_of, no_line, unreadable
from edi.claims.party_reader import PartyReader, find_taxonomy, read_reference
from edi.claims.segments import CLAIM_SHAPES, OTHER_PAYER_SHAPES
from edi.documents import Carried
from edi.segments import Delimiters
from edi.tree import Loop, Unit
from edi.values import get_cents, parse_quantity

_BLANK = [""] * 21
_CLM = frozenset((1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 19, 20))
_SBR = frozenset((1, 2, 3, 4, 5, 9))
_OI = frozenset((3, 4, 6))
_PAT = frozenset((1, 5, 6, 7, 8, 9))
_PAT_RELATIONSHIP = frozenset((1,))
_PLAIN = frozenset(("DTP", "AMT", "NTE", "K3"))
_MEMO_MAX = 20_000
_CODES_MAX = 1_000

Amounts = tuple[tuple[str, int], ...]


_NO_BILLING_PROVIDER, _NO_SUBSCRIBER, _NO_PAYER = Party(role="85"), Party(role="IL"), Party(role="PR")


class _Above(msgspec.Struct):
    """What the loops above a claim say, read once for all the claims below them."""

    level: Loop | None = None
    innermost: Loop | None = None
    billing: Party = _NO_BILLING_PROVIDER
    pay_to: Party | None = None
    pay_to_plan: Party | None = None
    currency: str = ""
    subscriber: Party = _NO_SUBSCRIBER
    payer: Party = _NO_PAYER
    coverage: Coverage = Coverage(responsibility="")
    patient: Party | None = None
    relationship: str = ""


class ClaimReader:
    """Builds the claims of one set; what stands above several claims is read once and shared by them."""

    def __init__(self, delimiters: Delimiters, guide: Guide = "837P") -> None:
        self._guide: Guide = guide
        self._component = delimiters.component
        self._separator = delimiters.element
        self._parties = PartyReader(delimiters)
        self._lines = LineReader(delimiters, self._parties)
        self._carrier = self._parties.carrier
        self._above = _Above()
        self._diagnoses: dict[str, Diagnosis] = {}
        self._codes: dict[str, tuple[Diagnosis, ...]] = {}
        self._places: dict[str, tuple[str, ...]] = {}
        self._coverages: dict[str, tuple[Coverage, str]] = {}
        self.read_party = self._parties.read

    def read_claim(self, unit: Unit) -> Claim:
        """The claim of a closed 2300; raises UnreadableClaimError where no document can be built."""
        loop, parents = unit
        if not parents or parents[-1] is not self._above.innermost:
            self.look_above(parents)
        claim = self._find_plain_claim(loop)
        return self._read_segments(loop) if claim is None else claim

    def _find_plain_claim(self, loop: Loop) -> Claim | None:
        """The claim where CLM, DTP, REF and HI say only what most say; else None."""
        separator = self._separator
        clm = loop.raw[0].split(separator) if loop.raw else []
        if not 10 <= len(clm) <= 11 or clm[0] != "CLM" or not clm[1] or clm[3] or clm[4]:
            return None
        place = self._places.get(clm[5]) or self._keep_place(clm[5])
        dates: list[tuple[str, date]] = []
        references: list[Reference] = []
        diagnoses: tuple[Diagnosis, ...] = ()
        for raw in loop.raw[1:]:
            if raw in self._codes and not diagnoses:
                diagnoses = self._codes[raw]
                continue
            segment = raw.split(separator)
            tag, count = segment[0], len(segment)
            if tag == "REF" and count == 3:
                references.append(Reference(segment[1], segment[2]))
            elif tag == "DTP" and count == 4 and segment[2] == "D8" and (day := day_of(segment[3])):
                dates.append((segment[1], day))
            elif tag != "HI" or not (more := self._keep_codes(raw, segment)):
                return None
            else:
                diagnoses += more
        try:
            charge_cents = get_cents(clm[2])
        except ValueError:
            return None
        lines, providers, other_payers, unnamed = self._read_inner(loop)
        if unnamed or not lines or len(place) != 3:
            return None
        above = self._above
        # In the order of the fields: by name this would take longer than all the rest.
        return Claim(
            clm[1], charge_cents, above.billing, above.subscriber, above.payer, lines, above.coverage, above.pay_to,
            above.relationship, above.patient, place[0], place[1], place[2], clm[6], clm[7], clm[8], clm[9],
            clm[10] if len(clm) > 10 else "", (), "", "", "", "", tuple(dates), None, tuple(references), (), diagnoses,
            providers, other_payers, None, self._guide, above.pay_to_plan, above.currency,
        )  # fmt: skip

    def _keep_codes(self, raw: str, segment: list[str]) -> tuple[Diagnosis, ...]:
        """The diagnoses of an HI that holds nothing else, kept for the next that says the same; () where it holds more."""
        found: list[Diagnosis] = []
        if not self._read_diagnoses(segment[1:], found):
            return ()
        if len(self._codes) < _CODES_MAX:
            self._codes[raw] = tuple(found)
        return tuple(found)

    def _keep_place(self, text: str) -> tuple[str, ...]:
        """The components of CLM05, kept for the next claim that has the same."""
        place = tuple(text.split(self._component))
        if len(self._places) < _MEMO_MAX:
            self._places[text] = place
        return place

    def _read_segments(self, loop: Loop) -> Claim:
        above = self._above
        clm = loop.segments[0] if loop.segments and loop.segments[0][0] == "CLM" else ["CLM"]
        dates: list[tuple[str, date]] = []
        references: list[Reference] = []
        diagnoses: list[Diagnosis] = []
        rest: Segments = []
        for segment in loop.segments:
            tag, count = segment[0], len(segment)
            if tag == "HI" and self._read_diagnoses(segment[1:], diagnoses):
                continue
            if tag == "DTP" and count == 4 and segment[2] == "D8" and (day := day_of(segment[3])):
                dates.append((segment[1], day))
            elif tag == "REF" and (reference := read_reference(segment, self._component)):
                references.append(reference)
            elif segment is not clm:
                rest.append(segment)
        lines, providers, other_payers, unnamed = self._read_inner(loop)
        padded = clm + _BLANK[len(clm) :] if len(clm) < 21 else clm[:21]
        _, pcn, _, _, _, place, signature, assignment, assigned, release, own_signature, _, program, *_, reason, delay = padded
        if not pcn:
            raise unreadable(loop, clm, 1, "a patient control number")
        charge_cents = cents_of(loop, clm, 2)
        if not lines:
            raise no_line(loop)
        parts = [*place.split(self._component), "", ""]
        claim = Claim(
            pcn, charge_cents, above.billing, above.subscriber, above.payer, lines, above.coverage, above.pay_to,
            above.relationship, above.patient, parts[0], parts[1], parts[2], signature, assignment, assigned, release,
            own_signature, (), "", "", program, delay, tuple(dates), None, tuple(references), (), tuple(diagnoses),
            providers, other_payers, None, self._guide, above.pay_to_plan, above.currency, reason,
        )  # fmt: skip
        if rest or unnamed or len(clm) > 11 or padded[3] or padded[4] or len(parts) > 5:
            return self._complete(claim, loop, clm, rest, unnamed)
        return claim

    def _read_inner(self, loop: Loop) -> "tuple[tuple[ServiceLine, ...], tuple[Party, ...], tuple[OtherPayer, ...], list[Loop]]":
        lines: list[ServiceLine] = []
        providers: list[Party] = []
        other_payers: list[OtherPayer] = []
        unnamed: list[Loop] = []
        for child in loop.loops:
            name = child.id
            if name == "2400":
                lines.append(self._lines.read_line(child, len(lines) + 1))
            elif name[:4] == "2310":
                providers.append(self._parties.recall(child))
            elif name == "2320":
                other_payers.append(self._read_other_payer(child))
            else:
                unnamed.append(child)
        return tuple(lines), tuple(providers), tuple(other_payers), unnamed

    def _read_diagnoses(self, elements: list[str], diagnoses: list[Diagnosis]) -> bool:
        """Add the diagnoses of an HI that holds nothing else; whether it does."""
        known = self._diagnoses
        codes: list[Diagnosis] = []
        for element in elements:
            found = known.get(element)
            if found is None:
                qualifier, _, code = element.partition(self._component)
                if qualifier not in DIAGNOSIS_QUALIFIERS or not code or self._component in code:
                    return False
                found = Diagnosis(qualifier, code)
                if len(known) < _MEMO_MAX:
                    known[element] = found
            codes.append(found)
        diagnoses += codes
        return True

    def _complete(self, claim: Claim, loop: Loop, clm: list[str], rest: Segments, unnamed: list[Loop]) -> Claim:
        """The claim with what only some claims say."""
        fields, left = read_details(rest, CLAIM_SHAPES, self._component, _PLAIN)
        fields["patient_paid_cents"], fields["amounts"] = _patient_paid(loop, fields.get("amounts", ()), left)
        if any(segment[0] == "HI" for segment in left):
            # Those read already too, so that the order of the diagnoses is that of the file.
            codes, unread = read_codes([segment for segment in loop.segments if segment[0] == "HI"], self._component)
            fields.update(codes)
            left = [segment for segment in left if segment[0] != "HI"] + unread
        left += filter(None, [find_surplus(clm, _CLM), find_long(clm, 5, 3, self._component)])
        causes = [*element_of(clm, 11).split(self._component), "", "", "", "", ""]
        return msgspec.structs.replace(
            claim,
            related_causes=tuple([cause for cause in causes[:3] if cause]),
            related_state=causes[3],
            related_country=causes[4],
            carried=self._carrier.keep("2300", left, unnamed),
            **fields,
        )

    def look_above(self, parents: tuple[Loop, ...]) -> tuple[Loop | None, Loop | None, Loop | None]:
        """Read what stands above the next claims: the open 2000A, 2000B and 2000C, which are returned."""
        above = self._above
        levels = billing, subscriber, patient = find_levels(parents)
        if billing is None or billing is not above.level:
            above = self._above = _Above(level=billing)
            if billing is not None:
                self._look_at_billing(billing, above)
        above.innermost = parents[-1] if parents else None
        above.patient = None
        if subscriber is not None:
            self._look_at_subscriber(subscriber, above)
        if patient is not None:
            self._look_at_patient(patient, above)
        return levels

    def _look_at_billing(self, loop: Loop, above: _Above) -> None:
        billing = Party(role="85")
        unnamed: list[CarriedLoop] = []
        rest: Segments = []
        taxonomy = ""
        for child in loop.loops:
            if child.id == "2010AA":
                billing = self.read_party(child)
            elif child.id == "2010AB":
                above.pay_to = self.read_party(child)
            elif child.id == "2010AC":
                above.pay_to_plan = self.read_party(child)
            else:
                unnamed.append(self._carrier.keep_loop(child))
        for segment in loop.segments:
            if segment[0] == "CUR" and segment[1:2] == ["85"] and len(segment) == 3 and not above.currency:
                above.currency = segment[2]
            elif segment[0] == "PRV" and not taxonomy and find_taxonomy(segment, "BI"):
                taxonomy = segment[3]
            elif segment[0] != "HL":
                rest.append(segment)
        if taxonomy:
            billing = msgspec.structs.replace(billing, taxonomy=taxonomy)
        above.billing = self._carrying(billing, "2000A", rest, unnamed)

    def _look_at_subscriber(self, loop: Loop, above: _Above) -> None:
        above.subscriber, above.payer = _NO_SUBSCRIBER, _NO_PAYER
        unnamed: list[CarriedLoop] = []
        for child in loop.loops:
            if child.id == "2010BA":
                above.subscriber = self.read_party(child)
            elif child.id == "2010BB":
                above.payer = self._parties.recall(child)
            else:
                unnamed.append(self._carrier.keep_loop(child))
        raw = loop.raw
        known = self._coverages.get(raw[1]) if len(raw) == 2 and not unnamed else None
        if known:
            above.coverage, above.relationship = known
        else:
            self._look_at_coverage(loop, above, unnamed)

    def _look_at_coverage(self, loop: Loop, above: _Above, unnamed: list[CarriedLoop]) -> None:
        """SBR and PAT of the subscriber, and what that level says besides."""
        rest: Segments = []
        state: _PatientState | None = None
        for segment in loop.segments:
            if segment[0] == "SBR":
                _, who, above.relationship, number, name, kind, _, _, _, filing = (segment + _BLANK)[:10]
                above.coverage = Coverage(who, number, name, kind, filing)
                rest += filter(None, [find_surplus(segment, _SBR)])
            elif segment[0] == "PAT" and state is None and (state := _read_state(segment)):
                rest += filter(None, [find_surplus(segment, _PAT)])
            elif segment[0] != "HL":
                rest.append(segment)
        if state:
            above.subscriber = state.tell(above.subscriber)
        above.subscriber = self._carrying(above.subscriber, "2000B", rest, unnamed)
        if len(loop.raw) == 2 and not rest and loop.segments[1][0] == "SBR" and len(self._coverages) < _MEMO_MAX:
            self._coverages[loop.raw[1]] = above.coverage, above.relationship

    def _look_at_patient(self, loop: Loop, above: _Above) -> None:
        patient = Party(role="QC", is_person=True)
        unnamed: list[CarriedLoop] = []
        for child in loop.loops:
            if child.id == "2010CA":
                patient = self.read_party(child)
            else:
                unnamed.append(self._carrier.keep_loop(child))
        pat = next((segment for segment in loop.segments if segment[0] == "PAT"), ["PAT"])
        above.relationship = element_of(pat, 1)
        rest = [segment for segment in loop.segments if segment[0] != "HL" and segment is not pat]
        if len(pat) > 2:
            state = _read_state(pat)
            patient = state.tell(patient) if state else patient
            rest += filter(None, [find_surplus(pat, _PAT if state else _PAT_RELATIONSHIP)])
        above.patient = self._carrying(patient, "2000C", rest, unnamed)

    def _carrying(self, party: Party, loop: str, rest: Segments, loops: list[CarriedLoop]) -> Party:
        """The party with what its hierarchical level says beyond it, as a carried loop of that level's id."""
        if not rest and not loops:
            return party
        level = CarriedLoop(loop=loop, segments=tuple(map(self._carrier.keep_segment, rest)), loops=tuple(loops))
        own = party.carried or Carried()
        return msgspec.structs.replace(party, carried=Carried(segments=own.segments, loops=(*own.loops, level)))

    def _read_other_payer(self, loop: Loop) -> OtherPayer:
        sbr: list[str] = []
        oi: list[str] = []
        adjustments: Segments = []
        rest: Segments = []
        for segment in loop.segments:
            if segment[0] == "SBR" and not sbr:
                sbr = segment
            elif segment[0] == "OI" and not oi:
                oi = segment
            elif segment[0] == "CAS":
                adjustments.append(segment)
            else:
                rest.append(segment)
        amounts = [segment for segment in rest if segment[0] == "AMT"]
        fields, left = read_details([one for one in rest if one[0] != "AMT"], OTHER_PAYER_SHAPES, self._component, frozenset())
        paid, noncovered, remaining = amounts_of(loop, amounts, ("D", "A8", "EAF"), left)
        left += filter(None, [find_surplus(sbr or ["SBR"], _SBR), find_surplus(oi or ["OI"], _OI)])
        subscriber, payer, paid_date, providers, unnamed = self._read_other_parties(loop)
        return OtherPayer(
            responsibility=element_of(sbr, 1),
            relationship=element_of(sbr, 2),
            group_number=element_of(sbr, 3),
            group_name=element_of(sbr, 4),
            insurance_type=element_of(sbr, 5),
            claim_filing_indicator=element_of(sbr, 9),
            adjustments=adjustments_of(loop, adjustments),
            paid_cents=paid,
            noncovered_cents=noncovered,
            remaining_patient_cents=remaining,
            benefits_assigned=element_of(oi, 3),
            patient_signature=element_of(oi, 4),
            release_of_information=element_of(oi, 6),
            subscriber=subscriber,
            payer=payer,
            paid_date=paid_date,
            providers=tuple(providers),
            carried=self._carrier.keep("2320", left, unnamed),
            **fields,
        )

    def _read_other_parties(self, loop: Loop) -> tuple[Party | None, Party | None, date | None, list[Party], list[Loop]]:
        subscriber = payer = paid_date = None
        providers: list[Party] = []
        unnamed: list[Loop] = []
        for child in loop.loops:
            if child.id == "2330A":
                subscriber = self.read_party(child)
            elif child.id == "2330B":
                payer, paid_date = self._read_other_payer_name(child)
            elif child.id[:4] == "2330":
                providers.append(self._parties.recall(child))
            else:
                unnamed.append(child)
        return subscriber, payer, paid_date, providers, unnamed

    def _read_other_payer_name(self, loop: Loop) -> tuple[Party, date | None]:
        """2330B: the payer, and the day of DTP*573."""
        for segment in loop.segments:
            if segment[:2] == ["DTP", "573"] and len(segment) == 4:
                paid_date = day_of(segment[3], segment[2])
                if paid_date:
                    others = [one for one in loop.segments if one is not segment]
                    return self._parties.recall(Loop(loop.id, others, loops=loop.loops)), paid_date
        return self._parties.recall(loop), None


def find_levels(parents: tuple[Loop, ...]) -> tuple[Loop | None, Loop | None, Loop | None]:
    """The open 2000A, 2000B and 2000C."""
    if len(parents) == 3 and parents[2].id == "2000B":
        return parents[1], parents[2], None
    levels = {loop.id: loop for loop in parents}
    return levels.get("2000A"), levels.get("2000B"), levels.get("2000C")


class _PatientState(NamedTuple):
    """What PAT says of a patient beside the relationship."""

    day: date | None
    weight: Decimal | None
    pregnancy: str

    def tell(self, party: Party) -> Party:
        return msgspec.structs.replace(party, death_date=self.day, weight_pounds=self.weight, pregnancy=self.pregnancy)


def _read_state(pat: list[str]) -> _PatientState | None:
    """PAT05 to PAT09; None where they hold anything but a day, pounds and a yes or no."""
    _, _, _, _, _, form, day, unit, weight, pregnancy = (pat + _BLANK)[:10]
    died = day_of(day, form) if day else None
    try:
        pounds = parse_quantity(weight)
    except ValueError:
        return None
    is_odd_day, is_odd_weight = (form or day) and died is None, (unit or weight) and (unit != "01" or pounds is None)
    return None if is_odd_day or is_odd_weight else _PatientState(died, pounds, pregnancy)


def _patient_paid(loop: Loop, amounts: Amounts, left: Segments) -> tuple[int | None, Amounts]:
    """AMT*F5 apart from the claim's other amounts; raises UnreadableClaimError where it is no amount."""
    for place, (qualifier, cents) in enumerate(amounts):
        if qualifier == "F5":
            return cents, amounts[:place] + amounts[place + 1 :]
    for segment in left:
        if segment[:2] == ["AMT", "F5"]:
            cents_of(loop, segment, 2)
    return None, amounts
