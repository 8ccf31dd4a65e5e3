"""837 Health Care Claim: Dental (005010X224A2): the guide."""

from edi.spec import MANY, LoopSpec, R, S, loop, seg, transaction
from edi.transactions.claim_loops import (
    CLAIM_ADJUSTMENTS,
    CONTRACT,
    FILE_INFORMATION,
    HEAD,
    INSURANCE_TYPES,
    PAPERWORK,
    PRICING,
    RELATIONSHIPS,
    RESPONSIBILITIES,
    address,
    amount,
    billing_provider,
    dtp,
    either,
    line_adjudication,
    organisation,
    other_payer,
    other_subscriber_name,
    patient,
    payer_name,
    person,
    ref,
    specialty,
    subscriber_name,
)

# fmt: off
_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2310A", "Referring Provider", S, 2, person(("DN", "P3")), specialty(S, "RF"), ref(S, 3, "0B", "1G", "G2")),
    loop("2310B", "Rendering Provider", S, 1, either("82"), specialty(S, "PE"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310C", "Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU")),
    loop("2310D", "Assistant Surgeon", S, 1, person("DD"), specialty(S, "AS"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Supervising Provider", S, 1, person("DQ"), ref(S, 4, "0B", "1G", "G2", "LU")),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg("SBR", R, e1=RESPONSIBILITIES, e2=RELATIONSHIPS, e5=INSURANCE_TYPES, required=(2,)),
    CLAIM_ADJUSTMENTS,
    amount("D"), amount("EAF"), amount("A8"),
    seg("OI", R, e3=("N", "W", "Y"), e6=("I", "Y"), required=(3, 6)),
    seg("MOA", S),
    other_subscriber_name(1),
    other_payer(ref(S, 1, "G3")),
    loop("2330C", "Other Payer Referring Provider", S, 2, person(("DN", "P3"), ()), ref(R, 3, "0B", "1G", "G2")),
    loop("2330D", "Other Payer Rendering Provider", S, 1, either("82", ()), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Supervising Provider", S, 1, person("DQ", ()), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330F", "Other Payer Billing Provider", S, 1, either("85", ()), ref(R, 2, "G2", "LU")),
    loop("2330G", "Other Payer Service Facility", S, 1, organisation("77", ()), ref(R, 3, "0B", "G2", "LU")),
    loop("2330H", "Other Payer Assistant Surgeon", S, 1, person("DD", ()), ref(R, 3, "0B", "1G", "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2420A", "Line Rendering Provider", S, 1, either("82"), specialty(S, "PE"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420B", "Line Assistant Surgeon", S, 1, person("DD"), specialty(S, "AS"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420C", "Line Supervising Provider", S, 1, person("DQ"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420D", "Line Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU")),
)

_LINE = loop(
    "2400", "Service Line", R, 50,
    seg("LX", R),
    seg("SV3", R, e1="AD", e5=("I", "R"), required=(2,)),
    seg("TOO", S, 32, e1="JP"),
    dtp(S, "472", formats=("D8", "RD8")), dtp(S, "139", "441"), dtp(S, "452"), dtp(S, "446"), dtp(S, "196"), dtp(S, "198"),
    CONTRACT,
    ref(S, 5, "G3"), ref(S, 5, "G1"), ref(S, 1, "6R"), ref(S, 1, "9A", "9B"), ref(S, 1, "9C", "9D"), ref(S, 5, "9F"),
    amount("T"),
    FILE_INFORMATION,
    PRICING,
    *_LINE_PROVIDERS,
    line_adjudication(seg("SVD", R, e3=("AD", "ER"), required=(3, 5))),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg("CLM", R, e6=("N", "Y"), e7=("A", "C"), e8=("N", "W", "Y"), e9=("I", "Y"), e19="PB", required=(2, 5, 7, 8, 9)),
    dtp(S, "439"), dtp(S, "452"), dtp(S, "472", formats=("D8", "RD8")), dtp(S, "050"),
    seg("DN1", S), seg("DN2", S, 35, e2=("E", "M"), required=(1, 6)),
    PAPERWORK,
    CONTRACT,
    amount("F5"),
    ref(S, 1, "G3"), ref(S, 1, "4N"), ref(S, 1, "F8"), ref(S, 1, "9F"), ref(S, 1, "G1"), ref(S, 1, "9A"), ref(S, 1, "9C"),
    ref(S, 1, "D9"),
    FILE_INFORMATION,
    seg("NTE", S, 5, e1="ADD"),
    seg("HI", S, e1=("ABK", "BK")),
    PRICING,
    *_PROVIDERS,
    _OTHER_COVERAGE,
    _LINE,
)

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=RESPONSIBILITIES, e2="18", e5=INSURANCE_TYPES),
    subscriber_name(),
    payer_name(2),
    _CLAIM,
    patient(_CLAIM),
)

SPEC = transaction(
    "837", "005010X224A2", "HC", "Health Care Claim: Dental",
    *HEAD,
    billing_provider(
        seg("NM1", R, e1="85", e2=("1", "2"), e8="XX", required=(3,)), ref(R, 1, "EI", "SY"), ref(S, 2, "0B", "1G"),
        pay_to=either("87", ()), subscriber=_SUBSCRIBER,
    ),
    seg("SE", R),
    accepted_versions=("005010X224", "005010X224A1", "005010X224A2", "005010X224A3"),
    stream=("2300",),
)
# fmt: on
