"""837 Health Care Claim: Institutional (005010X223A2): the guide."""

from edi.spec import MANY, LoopSpec, R, S, SegmentSpec, loop, seg, transaction
from edi.transactions.claim_loops import (
    CLAIM_ADJUSTMENTS,
    CONTRACT,
    FILE_INFORMATION,
    HEAD,
    PAPERWORK,
    PRICING,
    RELATIONSHIPS,
    RESPONSIBILITIES,
    address,
    amount,
    billing_provider,
    drug,
    dtp,
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
_NOTES = ("ALG", "DCP", "DGN", "DME", "MED", "NTR", "ODT", "RHB", "RLH", "RNH", "SET", "SFM", "SPT", "UPI")
_PROCEDURES = ("ER", "HC", "HP", "IV", "WK")


def _codes(usage: str, repeat: int, *qualifiers: str) -> SegmentSpec:
    """A list of health codes of one kind."""
    return seg("HI", usage, repeat, e1=qualifiers)


_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2310A", "Attending Provider", S, 1, person("71"), specialty(S, "AT"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310B", "Operating Physician", S, 1, person("72"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310C", "Other Operating Physician", S, 1, person("ZZ"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310D", "Rendering Provider", S, 1, person("82"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU")),
    loop("2310F", "Referring Provider", S, 1, person("DN"), ref(S, 3, "0B", "1G", "G2")),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg("SBR", R, e1=RESPONSIBILITIES, e2=RELATIONSHIPS, required=(2,)),
    CLAIM_ADJUSTMENTS,
    amount("D"), amount("EAF"), amount("A8"),
    seg("OI", R, e3=("N", "W", "Y"), e6=("I", "Y"), required=(3, 6)),
    seg("MIA", S), seg("MOA", S),
    other_subscriber_name(2),
    other_payer(),
    loop("2330C", "Other Payer Attending Provider", S, 1, person("71", ()), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330D", "Other Payer Operating Physician", S, 1, person("72", ()), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Other Operating Physician", S, 1, person("ZZ", ()), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330F", "Other Payer Service Facility", S, 1, organisation("77", ()), ref(R, 3, "0B", "G2", "LU")),
    loop("2330G", "Other Payer Rendering Provider", S, 1, person("82", ()), ref(R, 4, "0B", "1G", "G2", "LU")),
    loop("2330H", "Other Payer Referring Provider", S, 1, person("DN", ()), ref(R, 3, "0B", "1G", "G2")),
    loop("2330I", "Other Payer Billing Provider", S, 1, organisation("85", ()), ref(R, 2, "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop("2420A", "Line Operating Physician", S, 1, person("72"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420B", "Line Other Operating Physician", S, 1, person("ZZ"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420C", "Line Rendering Provider", S, 1, person("82"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop("2420D", "Line Referring Provider", S, 1, person("DN"), ref(S, 20, "0B", "1G", "G2")),
)

_LINE = loop(
    "2400", "Service Line", R, 999,
    seg("LX", R),
    seg("SV2", R, e4=("DA", "UN"), e2=_PROCEDURES, required=(1, 3, 5)),
    PAPERWORK,
    dtp(S, "472", formats=("D8", "RD8")),
    ref(S, 1, "6R"), ref(S, 1, "9B"), ref(S, 1, "9D"),
    amount("GT"), amount("N8"),
    seg("NTE", S, e1="TPO"),
    PRICING,
    drug(("N4",)),
    *_LINE_PROVIDERS,
    line_adjudication(seg("SVD", R, e3=_PROCEDURES, required=(4, 5))),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg("CLM", R, e7=("A", "B", "C"), e8=("N", "W", "Y"), e9=("I", "Y"), required=(2, 5, 8, 9)),
    dtp(S, "096", formats=("TM",)), dtp(R, "434", formats=("RD8",)), dtp(S, "435", formats=("D8", "DT")), dtp(S, "050"),
    seg("CL1", R, required=(1, 3)),
    PAPERWORK,
    CONTRACT,
    amount("F3"),
    ref(S, 1, "4N"), ref(S, 1, "9F"), ref(S, 1, "G1"), ref(S, 1, "F8"), ref(S, 1, "9A"), ref(S, 1, "9C"), ref(S, 5, "LX"),
    ref(S, 1, "D9"), ref(S, 1, "LU"), ref(S, 1, "EA"), ref(S, 1, "P4"), ref(S, 1, "G4"),
    FILE_INFORMATION,
    seg("NTE", S, 10, e1=_NOTES), seg("NTE", S, e1="ADD"),
    seg("CRC", S, e1="ZZ", e2=("N", "Y")),
    _codes(R, 1, "ABK", "BK"), _codes(S, 1, "ABJ", "BJ"), _codes(S, 1, "APR", "PR"), _codes(S, 1, "ABN", "BN"),
    _codes(S, 1, "DR"), _codes(S, 2, "ABF", "BF"), _codes(S, 1, "BBR", "BR", "CAH"), _codes(S, 2, "BBQ", "BQ"),
    _codes(S, 2, "BI"), _codes(S, 2, "BH"), _codes(S, 2, "BE"), _codes(S, 2, "BG"), _codes(S, 2, "TC"),
    PRICING,
    *_PROVIDERS,
    _OTHER_COVERAGE,
    _LINE,
)

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=RESPONSIBILITIES, e2="18"),
    subscriber_name(),
    payer_name(1),
    _CLAIM,
    patient(_CLAIM),
)

SPEC = transaction(
    "837", "005010X223A2", "HC", "Health Care Claim: Institutional",
    *HEAD,
    billing_provider(
        seg("NM1", R, e1="85", e2="2", e8="XX", required=(3,)), ref(R, 1, "EI"),
        pay_to=organisation("87", ()), subscriber=_SUBSCRIBER,
    ),
    seg("SE", R),
    accepted_versions=("005010X223", "005010X223A1", "005010X223A2", "005010X223A3"),
    stream=("2300",),
)
# fmt: on
