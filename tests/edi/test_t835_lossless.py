"""835: what is read is written back segment for segment, whatever of the guide it uses."""

from decimal import Decimal

import pytest

from edi.interchange import Reader
from edi.remittances import ClaimPayment, HeaderNumber, Remittance
from edi.tools.repunctuation import shorten
from edi.transactions import t835
from edi.transactions.t835 import TRANSACTION
from tests.support.remittances import FILE, GS, ISA, TRAILERS
from tests.support.sets import CORPUS, corpus_rows

FULL = """ST*835*0001~
BPR*C*132.5*C*ACH*CCP*01*999999992*DA*123456*1512345678*9*01*999988880*SG*98765*20260105~
TRN*1*EFT0001*1512345678*UNIT9~
CUR*PR*USD~
REF*EV*RECEIVER1~
REF*F2*V1~
DTM*405*20260104~
N1*PR*INVENTED HEALTH PLAN*XV*PLAN01~
N3*1 EXAMPLE STREET*FLOOR 2~
N4*SAMPLETOWN*AK*99501~
REF*2U*INV01~
PER*CX*CLAIMS*TE*9075550100*EX*12~
PER*BL*HELP DESK*TE*9075550101~
PER*IC**UR*EXAMPLE.TEST~
N1*PE*INVENTED CLINIC*XX*1999999984~
REF*PQ*7~
RDM*OL*CLINIC*WWW.EXAMPLE.TEST~
LX*2~
TS3*1999999984*11*20261231*2*280********12.5~
TS2*10*20~
CLP*PCN1*1*200*120.5*25*MA*ICN1*11*1*01*470*1.25*0.5~
CAS*CO*45*24.5~
CAS*CO*253*1.5**96*2*1~
NM1*QC*1*SAMPLE*ANN*Q***MI*INV1~
NM1*IL*1*SAMPLE*BOB~
NM1*74*1*SAMPLE*ANNE****C*INV2~
NM1*82*2*INVENTED CLINIC*****XX*1999999984~
NM1*TT*2*NEXT PLAN*****PI*P2~
NM1*PR*2*OTHER PLAN*****PI*P3~
NM1*GB*1*SAMPLE*CARL~
MIA*0***100.5*MA01***************N1*N2~
MOA*0.5*12*MA130**MA15~
REF*EA*M1~
REF*0B*L9~
DTM*232*20251201~
DTM*233*20251202~
DTM*036*20261231~
DTM*050*20251215~
PER*CX*CLAIM HELP*TE*9075550102~
AMT*AU*145.5~
AMT*I*3~
QTY*CA*4~
SVC*HC:99213:25::::OFFICE VISIT*150*100.5*0450*1**2~
DTM*150*20251201~
CAS*PR*2*25~
REF*LU*11~
REF*6R*L1~
REF*HPI*1999999984~
REF*0K*POLICY~
AMT*B6*125.5~
AMT*KH*1~
QTY*ZK*2~
LQ*HE*N130~
LQ*RX*75~
SVC*HC:97110*50*20**2*HC:97112:59~
DTM*472*20251201~
CAS*CO*45*20**253*10*1~
PLB*1999999984*20261231*L6:INT1*-12*72*0~
PLB*1999999984*20261231*WO:INT1*5~
SE*60*0001~
"""


def write_back(data: bytes) -> list[tuple[list[str], list[str]]]:
    """Of each 835 of a file: its segments in their shortest form, and what is written of its documents."""
    raw = [(tset.delimiters, list(tset)) for tset in Reader([data])]
    both = []
    for (delimiters, segments), tset in zip(raw, Reader([data]), strict=True):
        documents = [part.document for part in t835.read_parts(tset) if part.document is not None]
        if tset.code != "835" or {finding.level for finding in tset.findings} & {"set", "segment"}:
            continue
        version = [*segments[0].split(delimiters.element), ""][3]
        number = tset.st_control_number
        written = TRANSACTION.write_parts(documents, st_control_number=number, version=version, delimiters=delimiters)
        both.append(([shorten(segment, delimiters) for segment in segments], list(written)))
    return both


@pytest.mark.parametrize("row", [row for row in corpus_rows("") if "005010X221" in row["gs08"]], ids=lambda row: row["path"])
def test_samples_come_back(row: dict[str, str]) -> None:
    """Every sound set that others wrote, in the order it was written."""
    for given, written in write_back((CORPUS / row["path"]).read_bytes()):
        assert written == given


def test_everything_the_guide_has_comes_back() -> None:
    """Segments with a field, without one, split as no writer of ours would split them, and amounts in their shortest form."""
    ((given, written),) = write_back((ISA + GS + FULL + TRAILERS).encode())
    assert written == given
    assert len(given) == 60


def test_header_numbers_come_before_their_claims() -> None:
    """LX with the sums of TS3, and each document with where it begins and ends."""
    tset = next(iter(Reader([(ISA + GS + FULL + TRAILERS).encode()])))
    parts = [part for part in t835.read_parts(tset) if part.document is not None]
    kinds = [type(part.document) for part in parts[:3]]
    assert kinds == [Remittance, HeaderNumber, ClaimPayment]
    assert [(part.first_position, part.last_position) for part in parts[:3]] == [(1, 17), (18, 20), (21, 57)]
    header = parts[1].document
    assert isinstance(header, HeaderNumber)
    assert (header.number, header.claim_count, header.charge_cents) == ("2", Decimal(2), 28000)


def test_what_a_claim_says_has_fields() -> None:
    """Amounts, quantities, corrected parties and prices are typed, not only carried."""
    tset = next(iter(Reader([(ISA + GS + FULL + TRAILERS).encode()])))
    claim = next(item for item in t835.read(tset) if isinstance(item, ClaimPayment))
    assert claim.inpatient is not None
    assert claim.outpatient is not None
    assert (claim.inpatient.drg_cents, claim.outpatient.payable_cents, claim.drg) == (10050, 1200, "470")
    assert claim.corrected_patient is not None
    assert (claim.corrected_patient.id, claim.amounts, claim.coverage_amount_cents) == ("INV2", (("I", 300),), 14550)
    assert claim.adjustment_counts == (1, 2)
    assert claim.lines[0].description == "OFFICE VISIT"
    assert (claim.lines[0].line_control_number, claim.lines[0].amounts) == ("L1", (("KH", 100),))


def test_claims_without_header_number_are_written_under_one() -> None:
    """A set built by hand has LX*1 before its first claim."""
    tset = next(iter(Reader([FILE.encode()])))
    head, *rest = t835.read(tset)
    segments = list(TRANSACTION.write_parts([head, *rest], st_control_number="0001", version="", delimiters=tset.delimiters))
    assert [segment for segment in segments if segment.startswith("LX")] == ["LX*1"]


def test_a_set_begins_with_its_remittance() -> None:
    """Anything else is a mistake of the caller."""
    tset = next(iter(Reader([FILE.encode()])))
    _, *rest = t835.read(tset)
    with pytest.raises(ValueError, match="one Remittance"):
        list(TRANSACTION.write_parts(rest, st_control_number="0001", version="", delimiters=tset.delimiters))
