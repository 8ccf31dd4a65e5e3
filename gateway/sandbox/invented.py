"""Invented claims: people and practices that never were, for the demo, for training and for tests.

Everything is drawn from one seed, so the same call gives the same claims. Names say that they are invented; NPIs carry
a right check digit and phones are 555-01xx. About one claim in sixteen has a defect that must keep it from being sent.
Claims are professional unless another guide is asked for (invented_guides.py).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

import msgspec

from edi.claims import (
    Address,
    Claim,
    Contact,
    Coverage,
    Diagnosis,
    Guide,
    OtherPayer,
    Party,
    Reference,
    ServiceLine,
)
from gateway.sandbox.invented_guides import SHAPES
from payers.profile import Payer

DEFECTS_PER_MILLE = 60
RETURNING_PER_MILLE = 100
DEPENDENT_PER_MILLE = 220
SECONDARY_PER_MILLE = 40
OLDEST_SERVICE_DAYS = 60

_FIRST_NAMES = ("TESSA", "SAMPSON", "DUMMY", "PLACIDA", "FICTOR", "MOCKLYN", "EXEMPLA", "PROVA", "MUSTER", "TRIALE", "IMAGINA")
_LAST_NAMES = ("TESTCASE", "SAMPLE", "NONESUCH", "FICTIVE", "EXAMPLER", "NOBODY", "PLACEHOLDER", "INVENTED", "MADEUP", "DRYRUN")
_DIAGNOSES = ("I10", "E119", "J069", "M5450", "R519", "N390", "F411", "K219", "Z0000", "L309", "J4520", "E785")
_CITIES = (
    ("ANYTOWN", "OH", "440019901"),
    ("SAMPLEVILLE", "PA", "150019902"),
    ("NOWHERE", "IL", "600019903"),
    ("EXAMPLE CITY", "WI", "530019904"),
)


class Practice(msgspec.Struct, frozen=True):
    """An invented practice: who bills, who renders, and whether its software writes PCNs with punctuation."""

    billing: Party
    rendering: tuple[Party, ...]
    punctuated: bool


class Service(msgspec.Struct, frozen=True):
    """A service that may stand on a line: its code, usual charge in cents and the most units at once."""

    procedure: str
    charge_cents: int
    units_max: int = 1
    modifiers: tuple[str, ...] = ()


_VISITS = (
    Service("99202", 14500),
    Service("99203", 21000),
    Service("99212", 9800),
    Service("99213", 15500),
    Service("99214", 22800),
    Service("99395", 26000),
)
_SERVICES = (
    Service("36415", 1800),
    Service("80053", 4900),
    Service("85025", 3200),
    Service("87880", 4100),
    Service("93000", 7600),
    Service("71046", 11800, 1, ("26",)),
    Service("97110", 6400, 4, ("GP",)),
    Service("97140", 5900, 2, ("GP", "59")),
    Service("90471", 4500),
    Service("J1885", 1250, 4),
    Service("G0444", 3900),
    Service("A4550", 2500, 2),
)


class InventedClaim(msgspec.Struct, frozen=True):
    """An invented claim, and the defect it was given on purpose ('' where it is sound)."""

    claim: Claim
    defect: str = ""


class _Drawn(NamedTuple):
    """A claim as it was drawn, before it takes the shape of its guide, and the defect it is to be given."""

    claim: Claim
    defect: str = ""
    payer: Payer | None = None


def invent_claims(count: int, *, seed: int, payers: Sequence[Payer], today: date, guide: Guide = "837P") -> Iterator[Claim]:
    """`count` claims for these payers, served within the 60 days before `today`; the same arguments give the same claims."""
    return (invented.claim for invented in invent(count, seed=seed, payers=payers, today=today, guide=guide))


def invent(count: int, *, seed: int, payers: Sequence[Payer], today: date, guide: Guide = "837P") -> Iterator[InventedClaim]:
    """As `invent_claims`, with the defect that each claim was given."""
    assert payers, "claims need a payer"
    inventor = Inventor(seed, payers, today, guide)
    for number in range(1, count + 1):
        yield inventor.invent(number)


class Inventor:
    """Draws claims one after the other from one seed; remembers the last sound claim, so that patients return."""

    def __init__(self, seed: int, payers: Sequence[Payer], today: date, guide: Guide = "837P") -> None:
        self._random = Random(f"claims {seed}")
        self._seed = seed
        self._guide = guide
        self._payers = tuple(payers)
        self._today = today
        self._practices = tuple(_invent_practice(number) for number in range(1, 7))
        self._last: tuple[Claim, Practice, Payer] | None = None
        self._last_shaped: Claim | None = None

    def invent(self, number: int) -> InventedClaim:
        """The claim of this number; numbers must be asked in order to be repeatable."""
        made = self._draw(number)
        if made.defect == DUPLICATE:
            assert self._last_shaped is not None, "a duplicate has an original"
            pcn = made.claim.patient_control_number
            return InventedClaim(msgspec.structs.replace(self._last_shaped, patient_control_number=pcn), made.defect)
        shape = SHAPES.get(self._guide)
        shaped = shape(made.claim, Random(f"{self._guide} {self._seed} {number}")) if shape else made.claim
        if made.defect:
            assert made.payer is not None, "a spoilt claim is for a payer"
            return InventedClaim(_SPOILERS[made.defect](shaped, made.payer, self._today), made.defect)
        self._last_shaped = shaped
        return InventedClaim(shaped)

    def _draw(self, number: int) -> _Drawn:
        chance = self._random.randrange(1000)
        if chance < DEFECTS_PER_MILLE:
            return self._invent_defective(number)
        if self._last is not None and chance < DEFECTS_PER_MILLE + RETURNING_PER_MILLE:
            returning = self._bring_back(number)
            if returning is not None:
                return _Drawn(returning)
        practice, payer = self._random.choice(self._practices), self._random.choice(self._payers)
        claim = self._invent_sound(number, practice, payer)
        self._last = claim, practice, payer
        return _Drawn(claim)

    def _invent_defective(self, number: int) -> _Drawn:
        practice, payer = self._random.choice(self._practices), self._random.choice(self._payers)
        defect = self._random.choice(DEFECTS if self._guide == "837P" else COMMON_DEFECTS)
        if defect == DUPLICATE and self._last is not None:
            earlier, its_practice, _ = self._last
            pcn = self._name_claim(number, its_practice)
            return _Drawn(msgspec.structs.replace(earlier, patient_control_number=pcn), defect)
        if defect == DUPLICATE:
            defect = "charge-sum"
        return _Drawn(self._invent_sound(number, practice, payer), defect, payer)

    def _bring_back(self, number: int) -> Claim | None:
        """Another claim for the last patient, served on another day than any before; None where the days run out."""
        assert self._last is not None
        earlier, practice, payer = self._last
        served = earlier.lines[0].service_from
        assert served is not None
        served -= timedelta(days=3)
        if (self._today - served).days > _oldest_service_days(payer):
            return None
        lines = self._invent_lines(served, len(earlier.diagnoses))
        claim = msgspec.structs.replace(
            earlier,
            patient_control_number=self._name_claim(number, practice),
            lines=lines,
            charge_cents=sum(line.charge_cents for line in lines),
            dates=(),
            patient_paid_cents=None,
        )
        self._last = claim, practice, payer
        return claim

    def _invent_sound(self, number: int, practice: Practice, payer: Payer) -> Claim:
        draw = self._random
        served = self._today - timedelta(days=draw.randint(1, _oldest_service_days(payer)))
        dependent = draw.randrange(1000) < DEPENDENT_PER_MILLE
        subscriber = self._invent_subscriber(payer)
        diagnoses = tuple(
            Diagnosis(qualifier="ABF" if i else "ABK", code=code)
            for i, code in enumerate(draw.sample(_DIAGNOSES, draw.randint(1, 4)))
        )
        lines = self._invent_lines(served, len(diagnoses))
        return Claim(
            patient_control_number=self._name_claim(number, practice),
            charge_cents=sum(line.charge_cents for line in lines),
            billing_provider=practice.billing,
            subscriber=subscriber,
            payer=Party(role="PR", last_name=payer.name.upper()[:60], id_qualifier="PI", id=payer_id(payer)),
            coverage=Coverage(
                group_number=f"GRP{draw.randrange(100, 1000)}", claim_filing_indicator=payer.claim_filing_indicator
            ),
            relationship="19" if dependent else "18",
            patient=self._invent_child(subscriber) if dependent else None,
            diagnoses=diagnoses,
            lines=lines,
            dates=(("431", served - timedelta(days=draw.randint(1, 9))),) if draw.randrange(5) == 0 else (),
            patient_paid_cents=2000 if draw.randrange(12) == 0 else None,
            providers=(draw.choice(practice.rendering),),
            other_payers=(_invent_secondary(subscriber, draw),) if draw.randrange(1000) < SECONDARY_PER_MILLE else (),
        )

    def _name_claim(self, number: int, practice: Practice) -> str:
        if practice.punctuated:
            return f"{self._seed % 10_000:04d}-{number:07d}"
        return f"SMP{self._seed % 10_000:04d}{number:07d}"

    def _invent_subscriber(self, payer: Payer) -> Party:
        draw = self._random
        return Party(
            role="IL",
            is_person=True,
            last_name=draw.choice(_LAST_NAMES),
            first_name=draw.choice(_FIRST_NAMES),
            id_qualifier="MI",
            id=_invent_member_id(payer, draw),
            address=_invent_address(draw),
            birth_date=date(draw.randint(1940, 1995), draw.randint(1, 12), draw.randint(1, 28)),
            gender=draw.choice("FM"),
        )

    def _invent_child(self, subscriber: Party) -> Party:
        draw = self._random
        return Party(
            role="QC",
            is_person=True,
            last_name=subscriber.last_name,
            first_name=f"LITTLE{draw.choice(_FIRST_NAMES)}",
            address=subscriber.address,
            birth_date=date(self._today.year - draw.randint(5, 17), draw.randint(1, 12), draw.randint(1, 28)),
            gender=draw.choice("FM"),
        )

    def _invent_lines(self, served: date, diagnosis_count: int) -> tuple[ServiceLine, ...]:
        draw = self._random
        services = [draw.choice(_VISITS), *draw.sample(_SERVICES, draw.choice((0, 0, 1, 1, 2, 3, 5)))]
        return tuple(
            _invent_line(f"L{place}", service, served, diagnosis_count, draw) for place, service in enumerate(services, 1)
        )


def payer_id(payer: Payer) -> str:
    """The id by which an invented claim names this payer: its first, or one nobody has where it takes any."""
    return next((known for known in payer.payer_ids if known != "*"), "99999")


def complete_npi(nine_digits: str) -> str:
    """The NPI that begins with these nine digits: the tenth is the Luhn check digit over 80840 and the nine."""
    total = 24
    for place, digit in enumerate(reversed(nine_digits)):
        doubled = int(digit) * 2 if place % 2 == 0 else int(digit)
        total += doubled // 10 + doubled % 10
    return f"{nine_digits}{-total % 10}"


def _invent_practice(number: int) -> Practice:
    city, state, postal_code = _CITIES[number % len(_CITIES)]
    solo = number == 6
    billing = Party(
        role="85",
        is_person=solo,
        last_name="NONESUCH" if solo else f"SAMPLE FAMILY PRACTICE {number}",
        first_name="PRACTITIA" if solo else "",
        id_qualifier="XX",
        id=complete_npi(f"19999{number:04d}"),
        taxonomy="207Q00000X",
        address=Address(line1=f"{number}00 EXAMPLE STREET", city=city, state=state, postal_code=postal_code),
        references=(Reference(qualifier="EI", value=f"99{number:07d}"),),
        contacts=(Contact(name="TESTA BILLING", numbers=(("TE", f"55501001{number:02d}"),)),),
    )
    rendering = tuple(
        Party(
            role="82",
            is_person=True,
            last_name=_LAST_NAMES[(number + place) % len(_LAST_NAMES)],
            first_name=f"DOCTOR{_FIRST_NAMES[place]}",
            id_qualifier="XX",
            id=complete_npi(f"19998{number:02d}{place:02d}"),
            taxonomy="207Q00000X",
        )
        for place in range(3)
    )
    return Practice(billing, rendering, punctuated=number % 2 == 0)


def _invent_member_id(payer: Payer, draw: Random) -> str:
    """An id of the shape of the payer's example: its letters, other digits."""
    shape = payer.member_id_example or "ZZ000000000"
    for _ in range(20):
        member_id = "".join(chr(48 + draw.randrange(10)) if character.isdigit() else character for character in shape)
        if not payer.member_id_pattern or re.fullmatch(payer.member_id_pattern, member_id):
            return member_id
    return shape


def _invent_address(draw: Random) -> Address:
    city, state, postal_code = draw.choice(_CITIES)
    return Address(line1=f"{draw.randint(1, 999)} INVENTED AVENUE", city=city, state=state, postal_code=postal_code[:5])


def _invent_secondary(subscriber: Party, draw: Random) -> OtherPayer:
    """A second coverage on file that has decided nothing yet."""
    return OtherPayer(
        responsibility="S",
        relationship="18",
        claim_filing_indicator="CI",
        group_number=f"SEC{draw.randrange(100, 1000)}",
        subscriber=msgspec.structs.replace(subscriber, id=f"SEC{draw.randrange(10**8, 10**9)}", birth_date=None, gender=""),
        payer=Party(role="PR", last_name="SECOND SAMPLE COVERAGE", id_qualifier="PI", id="99998"),
    )


def _invent_line(control: str, service: Service, served: date, diagnosis_count: int, draw: Random) -> ServiceLine:
    units = draw.randint(1, service.units_max)
    return ServiceLine(
        charge_cents=units * (service.charge_cents + 25 * draw.randrange(40)),
        procedure=service.procedure,
        modifiers=service.modifiers,
        quantity=Decimal(units),
        service_from=served,
        control_number=control,
        diagnosis_pointers=tuple(range(1, draw.randint(1, diagnosis_count) + 1)),
    )


def _oldest_service_days(payer: Payer) -> int:
    """How long ago a sound claim for this payer may have been served: well inside its filing limit."""
    return max(1, min(OLDEST_SERVICE_DAYS, payer.timely_filing.original_days - 14))


def _serve_on(claim: Claim, day: date) -> Claim:
    lines = tuple(msgspec.structs.replace(line, service_from=day) for line in claim.lines)
    return msgspec.structs.replace(claim, lines=lines, dates=())


def _spoil_npi(claim: Claim, _payer: Payer, _today: date) -> Claim:
    npi = claim.billing_provider.id
    wrong = npi[:-1] + str((int(npi[-1]) + 1) % 10)
    return msgspec.structs.replace(claim, billing_provider=msgspec.structs.replace(claim.billing_provider, id=wrong))


def _spoil_future(claim: Claim, _payer: Payer, today: date) -> Claim:
    return _serve_on(claim, today + timedelta(days=5))


def _spoil_member(claim: Claim, _payer: Payer, _today: date) -> Claim:
    return msgspec.structs.replace(claim, subscriber=msgspec.structs.replace(claim.subscriber, id="", id_qualifier=""))


def _spoil_charge(claim: Claim, _payer: Payer, _today: date) -> Claim:
    return msgspec.structs.replace(claim, charge_cents=claim.charge_cents + 1000)


def _spoil_pointer(claim: Claim, _payer: Payer, _today: date) -> Claim:
    pointed = msgspec.structs.replace(claim.lines[0], diagnosis_pointers=(len(claim.diagnoses) + 1,))
    return msgspec.structs.replace(claim, lines=(pointed, *claim.lines[1:]))


def _spoil_filing(claim: Claim, payer: Payer, today: date) -> Claim:
    return _serve_on(claim, today - timedelta(days=payer.timely_filing.original_days + 10))


_SPOILERS: dict[str, Callable[[Claim, Payer, date], Claim]] = {
    "npi-check-digit": _spoil_npi,
    "service-date-future": _spoil_future,
    "member-id-missing": _spoil_member,
    "charge-sum": _spoil_charge,
    "pointer-range": _spoil_pointer,
    "timely-filing-passed": _spoil_filing,
}

DUPLICATE = "duplicate-claim"
DEFECTS = (*_SPOILERS, DUPLICATE)
"""What may be wrong on purpose with an invented claim, named as the edit that holds it."""
COMMON_DEFECTS = ("npi-check-digit", "member-id-missing", "charge-sum", DUPLICATE)
"""Those that claims of every guide can have."""
