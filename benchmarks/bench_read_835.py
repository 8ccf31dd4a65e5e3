"""835 to typed, checked documents: claims a second beside pyx12's X12ContextReader, and memory as the file grows.

python benchmarks/bench_read_835.py [--claims 100000] [--compared 2000]
"""

import argparse
import gc
import io
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyx12.error_handler
import pyx12.params
import pyx12.x12context

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from edi.interchange import Reader
from edi.transactions import t835

CLAIMS_A_SET = 250
CHUNK_BYTES = 64 * 1024
FAMILY = ("SAMPLE", "EXAMPLE", "INVENTED", "FICTION", "NOBODY")


def generate(claims: int, seed: int = 1) -> Iterator[bytes]:
    """One interchange of invented remittances, 250 claims a set, the same for the same seed."""
    chance = random.Random(seed)
    sets = -(-claims // CLAIMS_A_SET)
    isa = "ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDCLINIC *260105*0800*^*00501*000000001*0*T*:~\n"
    yield (isa + "GS*HP*INVENTEDPAYER*INVENTEDCLINIC*20260105*0800*1*X*005010X221A1~\n").encode()
    for number in range(1, sets + 1):
        first = (number - 1) * CLAIMS_A_SET
        yield _generate_set(chance, number, range(first, min(first + CLAIMS_A_SET, claims)))
    yield f"GE*{sets}*1~\nIEA*1*000000001~\n".encode()


def _generate_set(chance: random.Random, number: int, claims: range) -> bytes:
    bodies = [_generate_claim(chance, claim) for claim in claims]
    total = sum(paid for paid, _ in bodies)
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
        *(segment for _, segments in bodies for segment in segments),
    ]
    segments.append(f"SE*{len(segments) + 1}*{number:04}")
    return "".join(segment + "~\n" for segment in segments).encode()


def _generate_claim(chance: random.Random, number: int) -> tuple[int, list[str]]:
    lines = [_generate_line(chance, number, line) for line in range(1, chance.randint(1, 5) + 1)]
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


def read_claimwire(chunks: Iterator[bytes]) -> tuple[int, int]:
    """Every claim payment as a document, every segment checked; claims and findings."""
    claims = findings = 0
    reader = Reader(chunks)
    for tset in reader:
        claims += sum(isinstance(item, t835.ClaimPayment) for item in t835.read(tset))
        findings += len(tset.findings)
    return claims, findings + len(reader.findings)


def read_pyx12(chunks: Iterator[bytes]) -> tuple[int, int]:
    """pyx12's loop nodes with its map: its nearest equal, though what it gives is not typed."""
    text = io.StringIO(b"".join(chunks).decode())
    errors = pyx12.error_handler.errh_null()
    source = pyx12.x12context.X12ContextReader(pyx12.params.params(), errors, text)
    return sum(node.id == "2100" for node in source.iter_segments("2100")), errors.err_cde is not None


def measure(read: Callable[[Iterator[bytes]], tuple[int, int]], data: bytes) -> tuple[float, int, int]:
    """The best of three readings: seconds, claims, findings."""
    best = float("inf")
    for _ in range(3):
        gc.collect()
        start = time.perf_counter()
        claims, findings = read(data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
        best = min(best, time.perf_counter() - start)
    return best, claims, findings


def peak_kib() -> int:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> int:
    """Print the table; 1 where a promise is broken."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--claims", type=int, default=100_000, help="claims of the file whose memory is watched")
    arguments.add_argument("--compared", type=int, default=1_000, help="claims of the file that both readers read")
    chosen = arguments.parse_args()
    start_kib = peak_kib()
    begin = time.perf_counter()
    claims, findings = read_claimwire(generate(chosen.claims))
    streamed = time.perf_counter() - begin
    grown_mb = (peak_kib() - start_kib) / 1024
    data = b"".join(generate(chosen.compared))
    ours = measure(read_claimwire, data)
    theirs = measure(read_pyx12, data)
    ratio = theirs[0] / ours[0]
    print(f"{'reader':<28}{'claims':>9}{'seconds':>10}{'claims/s':>11}{'MB/s':>8}{'findings':>10}")
    for name, (seconds, count, wrong) in (("claimwire, typed + checked", ours), ("pyx12 X12ContextReader", theirs)):
        print(f"{name:<28}{count:>9}{seconds:>10.3f}{count / seconds:>11.0f}{len(data) / seconds / 1e6:>8.2f}{wrong:>10}")
    print(f"ratio {ratio:.1f} (at least 30 promised)")
    print(f"{claims} claims streamed in {streamed:.1f} s, made while read; {findings} findings")
    print(f"peak memory grew by {grown_mb:.1f} MB (under 60 promised)")
    return 0 if ratio >= 30 and grown_mb < 60 and claims == chosen.claims and not findings else 1


if __name__ == "__main__":
    sys.exit(main())
