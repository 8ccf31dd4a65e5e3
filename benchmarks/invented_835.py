"""Invented remittances by the thousand: about 600 bytes a claim, the same bytes for the same seed."""

import random
from collections.abc import Iterator

CLAIMS_A_SET = 250
PIECE_SEGMENTS = 5_000
WITHHELD_CENTS = 4_250
"""What the provider adjustments of every other set take."""
FAMILY = ("SAMPLE", "EXAMPLE", "INVENTED", "FICTION", "NOBODY")


def generate(claims: int, seed: int = 1, claims_a_set: int = CLAIMS_A_SET) -> Iterator[bytes]:
    """One interchange of invented remittances, 250 claims a set; a set at a time, or some claims of it at a time."""
    chance = random.Random(seed)
    sets = -(-claims // claims_a_set)
    isa = "ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDCLINIC *260105*0800*^*00501*000000001*0*T*:~\n"
    yield (isa + "GS*HP*INVENTEDPAYER*INVENTEDCLINIC*20260105*0800*1*X*005010X221A1~\n").encode()
    for number in range(1, sets + 1):
        first = (number - 1) * claims_a_set
        yield from _generate_set(chance, number, range(first, min(first + claims_a_set, claims)))
    yield f"GE*{sets}*1~\nIEA*1*000000001~\n".encode()


def _generate_set(chance: random.Random, number: int, claims: range) -> Iterator[bytes]:
    """A set in pieces. BPR02 comes before the claims: the same chances are taken twice rather than kept."""
    before = chance.getstate()
    total = sum(_generate_claim(chance, claim)[0] for claim in claims) - WITHHELD_CENTS * (number % 2)
    chance.setstate(before)
    segments = [
        f"ST*835*{number:04}",
        f"BPR*I*{_money(total)}*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*20260105",
        f"TRN*1*EFT{number:08}*1512345678",
        "DTM*405*20260105",
        "N1*PR*INVENTED HEALTH PLAN",
        "N3*1 EXAMPLE STREET",
        "N4*SAMPLETOWN*AK*99501",
        "REF*2U*INV01",
        "PER*BL*HELP DESK*TE*9075550100",
        "N1*PE*INVENTED CLINIC*XX*1999999984",
        "LX*1",
    ]
    count = 0
    for claim in claims:
        segments += _generate_claim(chance, claim)[1]
        if len(segments) > PIECE_SEGMENTS:
            count += len(segments)
            yield _end(segments)
            segments = []
    if number % 2:
        segments.append(f"PLB*1999999984*20261231*WO:OVERPAID{number}*{_money(WITHHELD_CENTS + 127)}*L6*-1.27")
    yield _end([*segments, f"SE*{count + len(segments) + 1}*{number:04}"])


def _end(segments: list[str]) -> bytes:
    return "".join(segment + "~\n" for segment in segments).encode()


def _generate_claim(chance: random.Random, number: int) -> tuple[int, list[str]]:
    lines = [_generate_line(chance, number, line) for line in range(1, chance.choice((1, 2, 3, 4, 5, 5, 5)) + 1)]
    charge = sum(line[0] for line in lines)
    paid = sum(line[1] for line in lines)
    patient = sum(line[2] for line in lines)
    name = f"{chance.choice(FAMILY)}*PATIENT{number % 997}"
    head = [
        f"CLP*P{number:09}*1*{_money(charge)}*{_money(paid)}*{_money(patient)}*12*ICN{number:012}*11*1",
        f"NM1*QC*1*{name}****MI*INV{number:08}",
        f"NM1*82*1*DOCTOR*{chance.choice(FAMILY)}****XX*1999999984",
        "DTM*232*20251201",
        "DTM*233*20251201",
    ]
    return paid, head + [segment for line in lines for segment in line[3]]


def _generate_line(chance: random.Random, claim: int, line: int) -> tuple[int, int, int, list[str]]:
    charge = chance.randint(2_000, 90_000)
    contractual, patient = charge * chance.randint(10, 40) // 100, chance.choice((0, 1_500, 2_000, 3_250))
    patient = min(patient, charge - contractual)
    paid = charge - contractual - patient
    code = chance.choice(("99213", "99214", "97110", "36415", "85025"))
    segments = [
        f"SVC*HC:{code}*{_money(charge)}*{_money(paid)}**1",
        f"DTM*472*202512{chance.randint(1, 28):02}",
        f"CAS*CO*45*{_money(contractual)}",
    ]
    if patient:
        segments.append(f"CAS*PR*{chance.choice((1, 2, 3))}*{_money(patient)}")
    return charge, paid, patient, [*segments, f"REF*6R*{claim:08}L{line}", f"AMT*B6*{_money(paid + patient)}"]


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}".rstrip("0").rstrip(".")
