"""Invented professional claims by the thousand: about 600 bytes a claim, the same bytes for the same seed."""

import random
from collections.abc import Iterator

CLAIMS_A_SET = 250
FAMILY = ("SAMPLE", "EXAMPLE", "INVENTED", "FICTION", "NOBODY")
DIAGNOSES = ("J449", "E119", "I10", "M545", "Z0000")
PROCEDURES = ("99213", "99214", "97110", "36415", "85025")


def generate(claims: int, seed: int = 1) -> Iterator[bytes]:
    """One interchange of invented 837Ps, 250 claims a set, a set at a time."""
    chance = random.Random(seed)
    sets = -(-claims // CLAIMS_A_SET)
    isa = "ISA*00*          *00*          *ZZ*INVENTEDCLINIC *ZZ*INVENTEDPAYER  *260105*0800*^*00501*000000001*0*T*:~\n"
    yield (isa + "GS*HC*INVENTEDCLINIC*INVENTEDPAYER*20260105*0800*1*X*005010X222A1~\n").encode()
    for number in range(1, sets + 1):
        first = (number - 1) * CLAIMS_A_SET
        yield _generate_set(chance, number, range(first, min(first + CLAIMS_A_SET, claims)))
    yield f"GE*{sets}*1~\nIEA*1*000000001~\n".encode()


def _generate_set(chance: random.Random, number: int, claims: range) -> bytes:
    segments = [
        f"ST*837*{number:04}*005010X222A1",
        f"BHT*0019*00*BATCH{number}*20260105*0800*CH",
        "NM1*41*2*INVENTED BILLING*****46*SUB1",
        "PER*IC*HELP DESK*TE*9075550100",
        "NM1*40*2*INVENTED PAYER*****46*REC1",
        "HL*1**20*1",
        "PRV*BI*PXC*207Q00000X",
        "NM1*85*2*INVENTED CLINIC*****XX*1999999984",
        "N3*1 EXAMPLE STREET",
        "N4*SAMPLETOWN*AK*995010001",
        "REF*EI*990000001",
    ]
    for order, claim in enumerate(claims):
        segments += _generate_claim(chance, claim, order + 2)
    segments.append(f"SE*{len(segments) + 1}*{number:04}")
    return "".join(segment + "~\n" for segment in segments).encode()


def _generate_claim(chance: random.Random, number: int, hl: int) -> list[str]:
    lines = [_generate_line(chance, number, line) for line in range(1, chance.choice((2, 3, 3, 4)) + 1)]
    charge_cents = sum(cents for cents, _ in lines)
    first, second = chance.sample(DIAGNOSES, 2)
    return [
        f"HL*{hl}*1*22*0",
        "SBR*P*18*GROUP1******CI",
        f"NM1*IL*1*{chance.choice(FAMILY)}*PATIENT{number % 997}****MI*INV{number:08}",
        f"N3*{chance.randint(1, 999)} NOWHERE WAY",
        "N4*NOWHERE*AK*995010001",
        f"DMG*D8*19{chance.randint(30, 99)}0{chance.randint(1, 9)}{chance.randint(10, 28)}*{chance.choice('FM')}",
        "NM1*PR*2*INVENTED HEALTH PLAN*****PI*INV01",
        f"CLM*P{number:09}*{_money(charge_cents)}***11:B:1*Y*A*Y*Y",
        f"REF*D9*TRACE{number:010}",
        f"HI*ABK:{first}*ABF:{second}",
        f"NM1*82*1*DOCTOR*{chance.choice(FAMILY)}****XX*1999999984",
        "PRV*PE*PXC*207Q00000X",
        *(segment for _, segments in lines for segment in segments),
    ]


def _generate_line(chance: random.Random, claim: int, line: int) -> tuple[int, list[str]]:
    cents = chance.randint(2_000, 90_000)
    return cents, [
        f"LX*{line}",
        f"SV1*HC:{chance.choice(PROCEDURES)}*{_money(cents)}*UN*1***{chance.choice(('1', '1:2'))}",
        f"DTP*472*D8*202512{chance.randint(1, 28):02}",
        f"REF*6R*{claim:08}L{line}",
    ]


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}".rstrip("0").rstrip(".") if cents % 100 else str(cents // 100)
