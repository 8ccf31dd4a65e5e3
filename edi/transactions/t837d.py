"""837 Health Care Claim: Dental (005010X224A2): the guide."""

from edi.claims.sets import claim_transaction
from edi.spec import MANY, LoopSpec, R, S, loop, seg, transaction
from edi.transactions.claim_loops import (
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
)

# fmt: off
_ATTACHMENTS = ("B4", "DA", "DG", "EB", "OZ", "P6", "RB", "RR")
_ORAL_CAVITY = ("00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20", "30", "40", "L", "R")
_TEETH = (
    *(str(number) for number in (*range(1, 33), *range(51, 83))), *"ABCDEFGHIJKLMNOPQRST",
    *(f"{letter}S" for letter in "ABCDEFGHIJKLMNOPQRST"),
)
_SURFACES = ("B", "D", "F", "I", "L", "M", "O")
_POINTERS = ("1", "2", "3", "4")

_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2310A", "Referring Provider", S, 2, person(("DN", "P3")), specialty("RF"), ref(S, 3, "0B", "1G", "G2")),
    loop("2310B", "Rendering Provider", S, 1, either("82"), specialty("PE"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310C", "Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU")),
    loop("2310D", "Assistant Surgeon", S, 1, person("DD"), specialty("AS"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Supervising Provider", S, 1, person("DQ"), ref(S, 4, "0B", "1G", "G2", "LU")),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg(
        "SBR", R, e1=RESPONSIBILITIES, e2=RELATIONSHIPS, e5=INSURANCE_TYPES, e9=FILING_INDICATORS, required=(2,),
        unused=(6, 7, 8),
    ),
    CLAIM_ADJUSTMENTS,
    amount("D"), amount("EAF"), amount("A8"),
    seg("OI", R, e3=("N", "W", "Y"), e6=("I", "Y"), required=(3, 6), unused=(1, 2, 4, 5)),
    seg("MOA", S),
    other_subscriber_name(1),
    other_payer(ref(S, 1, "G3")),
    loop("2330C", "Other Payer Referring Provider", S, 2, nameless(("DN", "P3"), "1"), ref(R, 3, "0B", "1G", "G2")),
    loop("2330D", "Other Payer Rendering Provider", S, 1, nameless("82", "1", "2"), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Supervising Provider", S, 1, nameless("DQ", "1"), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330F", "Other Payer Billing Provider", S, 1, nameless("85", "1", "2"), ref(R, 2, "G2", "LU")),
    loop("2330G", "Other Payer Service Facility", S, 1, nameless("77", "2"), ref(R, 3, "0B", "G2", "LU")),
    loop("2330H", "Other Payer Assistant Surgeon", S, 1, nameless("DD", "1"), ref(R, 3, "0B", "1G", "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2420A", "Line Rendering Provider", S, 1, either("82"), specialty("PE"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420B", "Line Assistant Surgeon", S, 1, person("DD"), specialty("AS"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420C", "Line Supervising Provider", S, 1, person("DQ"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420D", "Line Service Facility", S, 1, organisation("77"), *address(R), payer_ref(S, 3, "0B", "G2", "LU")),
)

_LINE = loop(
    "2400", "Service Line", R, 50,
    seg("LX", R),
    seg(
        "SV3", R, e1="AD", e3=PLACES_OF_SERVICE, e4=_ORAL_CAVITY, e4_2=_ORAL_CAVITY, e4_3=_ORAL_CAVITY, e4_4=_ORAL_CAVITY,
        e4_5=_ORAL_CAVITY, e5=("I", "R"), e11=_POINTERS, e11_2=_POINTERS, e11_3=_POINTERS, e11_4=_POINTERS, required=(2,),
        unused=("1-8", 7, 8, 9, 10),
    ),
    seg("TOO", S, 32, e1="JP", e2=_TEETH, e3=_SURFACES, e3_2=_SURFACES, e3_3=_SURFACES, e3_4=_SURFACES, e3_5=_SURFACES),
    dtp(S, "472", formats=("D8", "RD8")), dtp(S, "139", "441"), dtp(S, "452"), dtp(S, "446"), dtp(S, "196"), dtp(S, "198"),
    CONTRACT,
    payer_ref(S, 5, "G3"), payer_ref(S, 5, "G1"), ref(S, 1, "6R"), ref(S, 1, "9A", "9B"), ref(S, 1, "9C", "9D"),
    payer_ref(S, 5, "9F"),
    amount("T"),
    FILE_INFORMATION,
    pricing(),
    *_LINE_PROVIDERS,
    line_adjudication(seg("SVD", R, e3=("AD", "ER"), required=(3, 5), unused=("3-8", 4))),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg(
        "CLM", R, e6=YES_NO, e5=PLACES_OF_SERVICE, e5_2="B", e5_3=FREQUENCIES, e7=("A", "C"), e8=("N", "W", "Y"), e9=("I", "Y"),
        e11=CAUSES, e11_2=CAUSES, e11_3=CAUSES, e12=("01", "02", "03", "05"), e19="PB", e20=DELAYS,
        required=(2, 5, "5-2", "5-3", 6, 7, 8, 9), unused=(3, 4, 10, *range(13, 19)),
    ),
    dtp(S, "439"), dtp(S, "452"), dtp(S, "472", formats=("D8", "RD8")), dtp(S, "050"),
    seg("DN1", S, unused=(3,)), seg("DN2", S, 35, e2=("E", "M"), e1=_TEETH, e6="JP", required=(1, 6), unused=(3, 4, 5)),
    paperwork(*_ATTACHMENTS),
    CONTRACT,
    amount("F5"),
    ref(S, 1, "G3"), ref(S, 1, "4N"), ref(S, 1, "F8"), ref(S, 1, "9F"), ref(S, 1, "G1"), ref(S, 1, "9A"), ref(S, 1, "9C"),
    ref(S, 1, "D9"),
    FILE_INFORMATION,
    note(5, "ADD"),
    health_codes(S, 1, "ABK", "BK", "TQ", others=("ABF", "BF", "TQ"), most=4),
    pricing(),
    *_PROVIDERS,
    _OTHER_COVERAGE,
    _LINE,
)

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=RESPONSIBILITIES, e2="18", e5=INSURANCE_TYPES, e9=FILING_INDICATORS, unused=(6, 7, 8)),
    subscriber_name(),
    payer_name(2),
    _CLAIM,
    patient(seg("PAT", R, e1=PATIENT_RELATIONSHIPS, required=(1,), unused=tuple(range(2, 10))), _CLAIM),
)

SPEC = transaction(
    "837", "005010X224A2", "HC", "Health Care Claim: Dental",
    *HEAD,
    billing_provider(
        either("85"), ref(R, 1, "EI", "SY"), ref(S, 2, "0B", "1G"), pay_to=nameless("87", "1", "2"), subscriber=_SUBSCRIBER,
    ),
    seg("SE", R),
    accepted_versions=("005010X224", "005010X224A1", "005010X224A2", "005010X224A3"),
    stream=("2300",),
)
# fmt: on

TRANSACTION = claim_transaction("837D", SPEC)
