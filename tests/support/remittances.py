"""An invented remittance file, for tests of the envelope, of reading and of damage."""

from collections.abc import Iterable

from edi.findings import EdiError, Finding
from edi.interchange import Reader
from edi.transactions import t835
from edi.transactions.t835 import ClaimPayment, ProviderAdjustment, Remittance

ISA = "ISA*00*          *00*          *ZZ*INVENTEDPAYER  *ZZ*INVENTEDCLINIC *260105*0800*^*00501*000000905*0*T*:~\n"
GS = "GS*HP*INVENTEDPAYER*INVENTEDCLINIC*20260105*0800*7*X*005010X221A1~\n"
TRAILERS = "GE*1*7~\nIEA*1*000000905~\n"
SET = """ST*835*0001~
BPR*I*132.5*C*ACH************20260105~
TRN*1*EFT0001*1512345678~
DTM*405*20260104~
N1*PR*INVENTED HEALTH PLAN~
N3*1 EXAMPLE STREET~
N4*SAMPLETOWN*AK*99501~
REF*2U*INV01~
PER*BL*HELP DESK*TE*9075550100~
N1*PE*INVENTED CLINIC*XX*1999999984~
LX*1~
CLP*PCN1*1*200*120.5*25*12*ICN1*11*1~
NM1*QC*1*SAMPLE*ANN****MI*INV1~
DTM*232*20251201~
AMT*AU*145.5~
SVC*HC:99213:25*150*100.5**1~
DTM*472*20251201~
CAS*CO*45*24.5~
CAS*PR*2*25~
REF*6R*L1~
AMT*B6*125.5~
LQ*HE*N130~
SVC*HC:97110*50*20**2*HC:97112*1~
DTM*150*20251201~
DTM*151*20251202~
CAS*CO*45*20**253*10*1~
CLP*PCN2*4*80*0**12*ICN2~
CAS*CO*29*80~
NM1*QC*1*EXAMPLE*BOB~
MOA***MA130~
PLB*1999999984*20261231*L6:INT1*-12*72*.00~
SE*32*0001~
"""
FILE = ISA + GS + SET + TRAILERS

Items = list[Remittance | ClaimPayment | ProviderAdjustment]


def read_file(data: bytes, chunk: int = 65_536) -> tuple[Items, list[Finding], list[tuple[int, str]]]:
    """Everything a stream gives: documents, findings of the envelope and the sets, unread segments."""
    reader = Reader(data[at : at + chunk] for at in range(0, len(data), chunk))
    items: Items = []
    findings: list[Finding] = []
    unread: list[tuple[int, str]] = []
    for tset in reader:
        items.extend(t835.read(tset))
        findings.extend(tset.findings)
        unread.extend(tset.unread)
    return items, [*reader.findings, *findings], unread


def find_error(data: bytes | Iterable[bytes]) -> EdiError | None:
    """The error that ends the reading of these bytes, or None."""
    try:
        for tset in Reader([data] if isinstance(data, bytes) else data):
            list(t835.read(tset))
    except EdiError as error:
        return error
    return None


def codes(findings: Iterable[Finding]) -> list[tuple[str, str, str]]:
    """What findings say, short: (level, code, segment)."""
    return [(finding.level, finding.code, finding.segment) for finding in findings]
