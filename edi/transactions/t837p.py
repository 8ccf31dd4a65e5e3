"""837 Health Care Claim: Professional (005010X222A1): claims out, and claims in from practice systems."""

from collections.abc import Iterator

from edi.claims import Claim, Party, Submission
from edi.claims.sets import (
    ClaimGuide,
    ReadClaim,
    SubmissionHead,
    check_claim,
    claim_transaction,
    comes_back,
    read_claims,
    write_submission,
)
from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.segments import Delimiters
from edi.spec import MANY, LoopSpec, R, S, loop, seg, transaction
from edi.transactions.claim_loops import (
    ATTACHMENTS,
    CAUSES,
    CLAIM_ADJUSTMENTS,
    CONTRACT,
    DELAYS,
    FILE_INFORMATION,
    FILING_INDICATORS,
    FREQUENCIES,
    HEAD,
    INSURANCE_TYPES,
    PATIENT_RELATIONSHIPS,
    PLACES_OF_SERVICE,
    RELATIONSHIPS,
    RESPONSIBILITIES,
    YES_NO,
    address,
    amount,
    billing_provider,
    conditions,
    contact,
    drug,
    dtp,
    either,
    health_codes,
    line_adjudication,
    nameless,
    note,
    organisation,
    other_payer,
    other_subscriber_name,
    paperwork,
    patient,
    payer_name,
    payer_ref,
    person,
    pricing,
    ref,
    specialty,
    subscriber_name,
    telephone,
)

__all__ = ["SPEC", "TRANSACTION", "ReadClaim", "SubmissionHead", "check", "comes_back", "read", "write"]

# fmt: off
_PROCEDURES = ("ER", "HC", "IV", "WK")
_POINTERS = tuple(str(number) for number in range(1, 13))
_TRANSPORT_REASONS = ("01", "04", "05", "06", "07", "08", "09", "12")
_LENSES = ("L1", "L2", "L3", "L4", "L5")
_SCREENING = ("AV", "NU", "S2", "ST")
_DRUG_LISTS = ("EN", "EO", "HI", "N4", "ON", "UK", "UP")

_AMBULANCE = seg("CR1", S, e4=("A", "B", "C", "D", "E"), e5="DH", e1="LB", required=(4, 5, 6), unused=(3, 7, 8))
_AMBULANCE_REASONS = conditions(3, "07", _TRANSPORT_REASONS, most=5)
_DROP_OFF = seg("NM1", R, e1="45", e2="2", unused=tuple(range(4, 13)))

_PLACES: tuple[LoopSpec, ...] = (
    loop("2310A", "Referring Provider", S, 2, person(("DN", "P3")), ref(S, 3, "0B", "1G", "G2")),
    loop("2310B", "Rendering Provider", S, 1, either("82"), specialty("PE"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310C", "Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU"), telephone()),
    loop("2310D", "Supervising Provider", S, 1, person("DQ"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Ambulance Pick-up", S, 1, nameless("PW", "2"), *address(R)),
    loop("2310F", "Ambulance Drop-off", S, 1, _DROP_OFF, *address(R)),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg(
        "SBR", R, e1=RESPONSIBILITIES, e2=RELATIONSHIPS, e5=INSURANCE_TYPES, e9=FILING_INDICATORS, required=(2,),
        unused=(6, 7, 8),
    ),
    CLAIM_ADJUSTMENTS,
    amount("D"), amount("A8"), amount("EAF"),
    seg("OI", R, e3=("N", "W", "Y"), e4="P", e6=("I", "Y"), required=(3, 6), unused=(1, 2, 5)),
    seg("MOA", S),
    other_subscriber_name(1),
    other_payer(),
    loop("2330C", "Other Payer Referring Provider", S, 2, nameless(("DN", "P3"), "1"), ref(R, 3, "0B", "1G", "G2")),
    loop("2330D", "Other Payer Rendering Provider", S, 1, nameless("82", "1", "2"), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Service Facility", S, 1, nameless("77", "2"), ref(R, 3, "0B", "G2", "LU")),
    loop("2330F", "Other Payer Supervising Provider", S, 1, nameless("DQ", "1"), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330G", "Other Payer Billing Provider", S, 1, nameless("85", "1", "2"), ref(R, 2, "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2420A", "Line Rendering Provider", S, 1, either("82"), specialty("PE"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop(
        "2420B", "Line Purchased Service Provider", S, 1,
        seg("NM1", R, e1="QB", e2=("1", "2"), e8="XX", unused=(3, 4, 5, 6, 7, 10, 11, 12)), payer_ref(S, 20, "0B", "1G", "G2"),
    ),
    loop("2420C", "Line Service Facility", S, 1, organisation("77"), *address(R), payer_ref(S, 3, "G2", "LU")),
    loop("2420D", "Line Supervising Provider", S, 1, person("DQ"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420E", "Ordering Provider", S, 1, person("DK"), *address(S), payer_ref(S, 20, "0B", "1G", "G2"), contact(S, 1)),
    loop("2420F", "Line Referring Provider", S, 2, person(("DN", "P3")), payer_ref(S, 20, "0B", "1G", "G2")),
    loop("2420G", "Line Ambulance Pick-up", S, 1, nameless("PW", "2"), *address(R)),
    loop("2420H", "Line Ambulance Drop-off", S, 1, _DROP_OFF, *address(R)),
)

_LINE = loop(
    "2400", "Service Line", R, 50,
    seg("LX", R),
    seg(
        "SV1", R, e1=_PROCEDURES, e3=("MJ", "UN"), e5=PLACES_OF_SERVICE, e7=_POINTERS, e7_2=_POINTERS, e7_3=_POINTERS,
        e7_4=_POINTERS, e9="Y", e11="Y", e12="Y", e15="0", required=(2, 3, 4, 7),
        unused=("1-8", 6, 8, 10, 13, 14, 16, 17, 18, 19, 20, 21),
    ),
    seg(
        "SV5", S, e1="HC", e2="DA", e6=("1", "4", "6"), required=(4, 5, 6),
        unused=(*(f"1-{number}" for number in range(3, 9)), 7),
    ),
    seg(
        "PWK", S, 11, e1=ATTACHMENTS, e2=("AA", "AB", "AD", "AF", "AG", "BM", "EL", "EM", "FT", "FX", "NS"), e5="AC",
        required=(2,), unused=(3, 4, 7, 8, 9),
    ),
    _AMBULANCE,
    seg("CR3", S, e1=("I", "R", "S"), e2="MO", required=(1, 2, 3), unused=(4, 5)),
    _AMBULANCE_REASONS, conditions(1, "70", ("65",), most=1), conditions(1, "09", ("38", "ZV"), most=2),
    dtp(R, "472", formats=("D8", "RD8")), dtp(S, "471"), dtp(S, "607"), dtp(S, "463"), dtp(S, "461"), dtp(S, "304"),
    dtp(S, "738", "739", repeat=2), dtp(S, "011"), dtp(S, "455"), dtp(S, "454"),
    seg("QTY", S, e1="PT", required=(2,), unused=(3, 4)), seg("QTY", S, e1="FL", required=(2,), unused=(3, 4)),
    seg("MEA", S, 5, e1=("OG", "TR"), e2=("HT", "R1", "R2", "R3", "R4"), required=(1, 2, 3), unused=tuple(range(4, 13))),
    CONTRACT,
    ref(S, 1, "9B"), ref(S, 1, "9D"), payer_ref(S, 5, "G1"), ref(S, 1, "6R"), ref(S, 1, "EW"), ref(S, 1, "X4"),
    ref(S, 1, "F4"), ref(S, 1, "BT"), payer_ref(S, 5, "9F"),
    amount("T"), amount("F4"),
    FILE_INFORMATION,
    note(1, "ADD", "DCP"), note(1, "TPO"),
    seg("PS1", S, unused=(3,)),
    pricing(unused=(8,), e9=_PROCEDURES, e11=("MJ", "UN")),
    drug(*_DRUG_LISTS),
    *_LINE_PROVIDERS,
    line_adjudication(seg("SVD", R, e3=_PROCEDURES, required=(3, 5), unused=("3-8", 4))),
    loop(
        "2440", "Form Identification", S, MANY,
        seg("LQ", R, e1=("AS", "UT"), required=(1, 2)), seg("FRM", R, 99, e2=("N", "W", "Y"), situational=(2,)),
    ),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg(
        "CLM", R, e6=YES_NO, e5=PLACES_OF_SERVICE, e5_2="B", e5_3=FREQUENCIES, e7=("A", "B", "C"), e8=("N", "W", "Y"),
        e9=("I", "Y"), e10="P", e11=CAUSES, e11_2=CAUSES, e12=("02", "03", "05", "09"), e20=DELAYS,
        required=(2, 5, "5-2", "5-3", 6, 7, 8, 9), unused=(3, 4, "11-3", *range(13, 20)),
    ),
    dtp(S, "431"), dtp(S, "454"), dtp(S, "304"), dtp(S, "453"), dtp(S, "439"), dtp(S, "484"), dtp(S, "455"),
    dtp(S, "471"), dtp(S, "314", "360", "361", formats=("D8", "RD8")), dtp(S, "297"), dtp(S, "296"), dtp(S, "435"),
    dtp(S, "096"), dtp(S, "090", "091", repeat=2), dtp(S, "444"), dtp(S, "050"),
    paperwork(*ATTACHMENTS),
    CONTRACT,
    amount("F5"),
    ref(S, 1, "4N"), ref(S, 1, "F5"), ref(S, 1, "EW"), ref(S, 1, "9F"), ref(S, 1, "G1"), ref(S, 1, "F8"),
    ref(S, 1, "X4"), ref(S, 1, "9A"), ref(S, 1, "9C"), ref(S, 1, "LX"), ref(S, 1, "D9"), ref(S, 1, "EA"),
    ref(S, 1, "P4"), ref(S, 1, "1J"),
    FILE_INFORMATION,
    note(1, "ADD", "CER", "DCP", "DGN", "TPO"),
    _AMBULANCE,
    seg("CR2", S, e8=("A", "C", "D", "E", "F", "G", "M"), required=(8,), unused=(1, 2, 3, 4, 5, 6, 7, 9, 12)),
    _AMBULANCE_REASONS, conditions(3, ("E1", "E2", "E3"), _LENSES, most=5),
    conditions(1, "75", ("IH",), most=1, answers=("Y",)), conditions(1, "ZZ", _SCREENING, most=3),
    health_codes(R, 1, "ABK", "BK", others=("ABF", "BF")), health_codes(S, 1, "BP", others=("BO",), most=2),
    health_codes(S, 2, "BG"),
    pricing(unused=(8, 9, 10, 11, 12), is_per_day=False),
    *_PLACES,
    _OTHER_COVERAGE,
    _LINE,
)

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=RESPONSIBILITIES, e2="18", e5=INSURANCE_TYPES, e9=FILING_INDICATORS, unused=(6, 7, 8)),
    seg("PAT", S, e5="D8", e7="01", e9="Y", situational=(5, 7, 9), unused=(1, 2, 3, 4)),
    subscriber_name(telephone()),
    payer_name(2),
    _CLAIM,
    patient(
        seg("PAT", R, e1=PATIENT_RELATIONSHIPS, e5="D8", e7="01", e9="Y", required=(1,), unused=(2, 3, 4)), _CLAIM, telephone(),
    ),
)

SPEC = transaction(
    "837", "005010X222A1", "HC", "Health Care Claim: Professional",
    *HEAD,
    billing_provider(
        either("85"), ref(R, 1, "EI", "SY"), ref(S, 2, "0B", "1G"), pay_to=nameless("87", "1", "2"), subscriber=_SUBSCRIBER,
    ),
    seg("SE", R),
    accepted_versions=("005010X222", "005010X222A1", "005010X222A2"),
    stream=("2300",),
)
# fmt: on

_GUIDE = ClaimGuide("837P", SPEC)
TRANSACTION = claim_transaction("837P", SPEC)


def read(tset: TransactionSet) -> Iterator[SubmissionHead | ReadClaim]:
    """The head of the set, then each claim as its 2300 closes; findings of the whole set are in tset.findings besides."""
    return read_claims(_GUIDE, tset)


def write(submission: Submission, *, st_control_number: str, delimiters: Delimiters) -> list[str]:
    """The raw segments ST to SE of one set, without terminators; raises Unwritable where a value cannot be sent."""
    return write_submission(_GUIDE, submission, st_control_number=st_control_number, delimiters=delimiters)


def check(claim: Claim, submitter: Party, receiver: Party) -> list[Finding]:
    """What the guide finds in this claim, and whether it comes back equal when it is written and read."""
    return check_claim(_GUIDE, claim, submitter, receiver)
