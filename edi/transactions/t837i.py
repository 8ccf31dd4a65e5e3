"""837 Health Care Claim: Institutional (005010X223A2): the guide."""

from edi.claims.sets import claim_transaction
from edi.spec import MANY, LoopSpec, R, S, loop, seg, transaction
from edi.transactions.claim_loops import (
    ATTACHMENTS,
    CLAIM_ADJUSTMENTS,
    CONTRACT,
    DELAYS,
    FILE_INFORMATION,
    FILING_INDICATORS,
    FREQUENCIES,
    HEAD,
    PATIENT_RELATIONSHIPS,
    RELATIONSHIPS,
    RESPONSIBILITIES,
    address,
    amount,
    billing_provider,
    conditions,
    drug,
    dtp,
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
_NOTES = ("ALG", "DCP", "DGN", "DME", "MED", "NTR", "ODT", "RHB", "RLH", "RNH", "SET", "SFM", "SPT", "UPI")
_PROCEDURES = ("ER", "HC", "HP", "IV", "WK")
_BILL_FREQUENCIES = (
    "0", *FREQUENCIES, "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "M", "N", "O", "P", "Q", "X", "Y", "Z",
)
_PRESENT_ON_ADMISSION = ("N", "U", "W", "Y")
_SCREENING = ("AV", "NU", "S2", "ST")
_UNITS = ("DA", "UN")

_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2310A", "Attending Provider", S, 1, person("71"), specialty("AT"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310B", "Operating Physician", S, 1, person("72"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310C", "Other Operating Physician", S, 1, person("ZZ"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310D", "Rendering Provider", S, 1, person("82"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU")),
    loop("2310F", "Referring Provider", S, 1, person("DN"), ref(S, 3, "0B", "1G", "G2")),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg("SBR", R, e1=RESPONSIBILITIES, e2=RELATIONSHIPS, e9=FILING_INDICATORS, required=(2,), unused=(5, 6, 7, 8)),
    CLAIM_ADJUSTMENTS,
    amount("D"), amount("EAF"), amount("A8"),
    seg("OI", R, e3=("N", "W", "Y"), e6=("I", "Y"), required=(3, 6), unused=(1, 2, 4, 5)),
    seg("MIA", S, unused=(2,)), seg("MOA", S),
    other_subscriber_name(2),
    other_payer(),
    loop("2330C", "Other Payer Attending Provider", S, 1, nameless("71", "1"), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330D", "Other Payer Operating Physician", S, 1, nameless("72", "1"), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Other Operating Physician", S, 1, nameless("ZZ", "1"), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330F", "Other Payer Service Facility", S, 1, nameless("77", "2"), ref(R, 3, "0B", "G2", "LU")),
    loop("2330G", "Other Payer Rendering Provider", S, 1, nameless("82", "1"), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330H", "Other Payer Referring Provider", S, 1, nameless("DN", "1"), ref(R, 3, "0B", "1G", "G2")),
    loop("2330I", "Other Payer Billing Provider", S, 1, nameless("85", "2"), ref(R, 2, "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2420A", "Line Operating Physician", S, 1, person("72"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420B", "Line Other Operating Physician", S, 1, person("ZZ"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420C", "Line Rendering Provider", S, 1, person("82"), payer_ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420D", "Line Referring Provider", S, 1, person("DN"), payer_ref(S, 20, "0B", "1G", "G2")),
)

_LINE = loop(
    "2400", "Service Line", R, 999,
    seg("LX", R),
    seg("SV2", R, e4=_UNITS, e2=_PROCEDURES, situational=(2,), required=(1, 3, 4, 5), unused=("2-8", 6, 8, 9, 10)),
    paperwork(*ATTACHMENTS),
    dtp(S, "472", formats=("D8", "RD8")),
    ref(S, 1, "6R"), ref(S, 1, "9B"), ref(S, 1, "9D"),
    amount("GT"), amount("N8"),
    note(1, "TPO"),
    pricing(e9=_PROCEDURES, e11=_UNITS),
    drug("N4"),
    *_LINE_PROVIDERS,
    line_adjudication(seg("SVD", R, e3=_PROCEDURES, situational=(3,), required=(4, 5), unused=("3-8",))),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg(
        "CLM", R, e7=("A", "B", "C"), e5_2="A", e5_3=_BILL_FREQUENCIES, e8=("N", "W", "Y"), e9=("I", "Y"), e20=DELAYS,
        required=(2, 5, "5-2", "5-3", 7, 8, 9), unused=(3, 4, 6, *range(10, 20)),
    ),
    dtp(S, "096", formats=("TM",)), dtp(R, "434", formats=("RD8",)), dtp(S, "435", formats=("D8", "DT")), dtp(S, "050"),
    seg("CL1", R, required=(1, 3), unused=(4,)),
    paperwork(*ATTACHMENTS),
    CONTRACT,
    amount("F3"),
    ref(S, 1, "4N"), ref(S, 1, "9F"), ref(S, 1, "G1"), ref(S, 1, "F8"), ref(S, 1, "9A"), ref(S, 1, "9C"), ref(S, 5, "LX"),
    ref(S, 1, "D9"), ref(S, 1, "LU"), ref(S, 1, "EA"), ref(S, 1, "P4"), ref(S, 1, "G4"),
    FILE_INFORMATION,
    note(10, *_NOTES), note(1, "ADD"),
    conditions(1, "ZZ", _SCREENING, most=3),
    health_codes(R, 1, "ABK", "BK", most=1, c9=_PRESENT_ON_ADMISSION),
    health_codes(S, 1, "ABJ", "BJ", most=1),
    health_codes(S, 1, "APR", "PR", most=3),
    health_codes(S, 1, "ABN", "BN", c9=_PRESENT_ON_ADMISSION),
    health_codes(S, 1, "DR", most=1),
    health_codes(S, 2, "ABF", "BF", c9=_PRESENT_ON_ADMISSION),
    health_codes(S, 1, "BBR", "BR", "CAH", most=1, uses=(3, 4), c3="D8"),
    health_codes(S, 2, "BBQ", "BQ", uses=(3, 4), c3="D8"),
    health_codes(S, 2, "BI", uses=(3, 4), c3="RD8"),
    health_codes(S, 2, "BH", uses=(3, 4), c3="D8"),
    health_codes(S, 2, "BE", uses=(5,)),
    health_codes(S, 2, "BG"),
    health_codes(S, 2, "TC"),
    pricing(unused=(9, 10), e11=_UNITS),
    *_PROVIDERS,
    _OTHER_COVERAGE,
    _LINE,
)

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=RESPONSIBILITIES, e2="18", e9=FILING_INDICATORS, unused=(5, 6, 7, 8)),
    subscriber_name(),
    payer_name(1),
    _CLAIM,
    patient(seg("PAT", R, e1=PATIENT_RELATIONSHIPS, required=(1,), unused=tuple(range(2, 10))), _CLAIM),
)

SPEC = transaction(
    "837", "005010X223A2", "HC", "Health Care Claim: Institutional",
    *HEAD,
    billing_provider(organisation("85"), ref(R, 1, "EI"), pay_to=nameless("87", "2"), subscriber=_SUBSCRIBER),
    seg("SE", R),
    accepted_versions=("005010X223", "005010X223A1", "005010X223A2", "005010X223A3"),
    stream=("2300",),
)
# fmt: on

TRANSACTION = claim_transaction("837I", SPEC)
