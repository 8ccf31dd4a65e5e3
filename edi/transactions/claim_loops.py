"""What the guides of the three 837s share: their head, their upper levels, and the loops that differ in nothing but a detail."""

from edi.spec import MANY, LoopSpec, R, S, SegmentSpec, loop, seg

# fmt: off
PROCEDURES = ("ER", "HC", "IV", "WK")
RELATIONSHIPS = ("01", "18", "19", "20", "21", "39", "40", "53", "G8")
RESPONSIBILITIES = ("A", "B", "C", "D", "E", "F", "G", "H", "P", "S", "T", "U")
INSURANCE_TYPES = ("12", "13", "14", "15", "16", "41", "42", "43", "47")
TELEPHONES = ("EM", "FX", "TE")
PRICED_AS = tuple(f"{number:02}" for number in range(15))


def ref(usage: str, repeat: int, *qualifiers: str) -> SegmentSpec:
    """A reference of these kinds."""
    return seg("REF", usage, repeat, e1=qualifiers, required=(2,))


def dtp(usage: str, *qualifiers: str, repeat: int = 1, formats: tuple[str, ...] = ("D8",)) -> SegmentSpec:
    """A date of these kinds, in one of these formats."""
    return seg("DTP", usage, repeat, e1=qualifiers, e2=formats)


def person(role: str | tuple[str, ...], required: tuple[int, ...] = (3,)) -> SegmentSpec:
    """The name of a person in this role."""
    return seg("NM1", R, e1=role, e2="1", required=required)


def organisation(role: str | tuple[str, ...], required: tuple[int, ...] = (3,)) -> SegmentSpec:
    """The name of an organisation in this role."""
    return seg("NM1", R, e1=role, e2="2", required=required)


def either(role: str | tuple[str, ...], required: tuple[int, ...] = (3,)) -> SegmentSpec:
    """The name of a person or an organisation in this role."""
    return seg("NM1", R, e1=role, e2=("1", "2"), required=required)


def address(usage: str) -> tuple[SegmentSpec, SegmentSpec]:
    """Street and city."""
    return seg("N3", usage), seg("N4", usage, required=(1,))


def amount(qualifier: str) -> SegmentSpec:
    """An amount of this kind, once."""
    return seg("AMT", S, e1=qualifier)


def specialty(usage: str, role: str) -> SegmentSpec:
    """The taxonomy code of a provider in this role."""
    return seg("PRV", usage, e1=role, e2="PXC", required=(2, 3))


CLAIM_ADJUSTMENTS = seg("CAS", S, 5, e1=("CO", "CR", "OA", "PI", "PR"))
CONTRACT = seg("CN1", S, e1=("01", "02", "03", "04", "05", "06", "09"))
FILE_INFORMATION = seg("K3", S, 10)
PAPERWORK = seg("PWK", S, 10, required=(2,))
PRICING = seg("HCP", S, e1=PRICED_AS, required=(1, 2))

HEAD: tuple[SegmentSpec | LoopSpec, ...] = (
    seg("ST", R, e1="837"),
    seg("BHT", R, e1="0019", e2=("00", "18"), e6=("31", "CH", "RP"), required=(3, 4, 5, 6)),
    loop(
        "1000A", "Submitter Name", R, 1,
        seg("NM1", R, e1="41", e2=("1", "2"), e8="46", required=(3, 8, 9)),
        seg("PER", R, 2, e1="IC", e3=TELEPHONES, required=(3, 4)),
    ),
    loop("1000B", "Receiver Name", R, 1, seg("NM1", R, e1="40", e2="2", e8="46", required=(3, 8, 9))),
)

_PAY_TO_PLAN = loop(
    "2010AC", "Pay-to Plan", S, 1,
    seg("NM1", R, e1="PE", e2="2", e8=("PI", "XV"), required=(3, 8, 9)), *address(R),
    ref(S, 1, "2U", "FY", "NF"), ref(R, 1, "EI"),
)


def billing_provider(*names: SegmentSpec, pay_to: SegmentSpec, subscriber: LoopSpec) -> LoopSpec:
    """2000A: `names` are NM1 and REF of 2010AA, `pay_to` the NM1 of 2010AB."""
    name, *references = names
    return loop(
        "2000A", "Billing Provider", R, MANY,
        seg("HL", R, e3="20", e4="1", required=(4,)),
        specialty(S, "BI"),
        seg("CUR", S, e1="85"),
        loop(
            "2010AA", "Billing Provider Name", R, 1,
            name, *address(R), *references, seg("PER", S, 2, e1="IC", e3=TELEPHONES, required=(3, 4)),
        ),
        loop("2010AB", "Pay-to Address", S, 1, pay_to, *address(R)),
        _PAY_TO_PLAN,
        subscriber,
    )


def subscriber_name(*more: SegmentSpec) -> LoopSpec:
    """2010BA; `more` stands after the references."""
    return loop(
        "2010BA", "Subscriber Name", R, 1,
        seg("NM1", R, e1="IL", e2=("1", "2"), e8=("II", "MI"), required=(3,)), *address(S),
        seg("DMG", S, e1="D8", e3=("F", "M", "U"), required=(1, 2, 3)), ref(S, 1, "SY"), ref(S, 1, "Y4"),
        *more,
    )


def payer_name(provider_numbers: int) -> LoopSpec:
    """2010BB; the billing provider may have this many numbers with the payer."""
    return loop(
        "2010BB", "Payer Name", R, 1,
        seg("NM1", R, e1="PR", e2="2", e8=("PI", "XV"), required=(3, 8, 9)), *address(S),
        ref(S, 3, "2U", "EI", "FY", "NF"), ref(S, provider_numbers, "G2", "LU"),
    )


def patient(claim: LoopSpec, *more: SegmentSpec) -> LoopSpec:
    """2000C; `more` stands after the references of 2010CA."""
    return loop(
        "2000C", "Patient", S, MANY,
        seg("HL", R, e3="23", e4="0", required=(2, 4)),
        seg("PAT", R, e1=RELATIONSHIPS, required=(1,)),
        loop(
            "2010CA", "Patient Name", R, 1,
            person("QC"), *address(R), seg("DMG", R, e1="D8", e3=("F", "M", "U"), required=(1, 2, 3)),
            ref(S, 1, "Y4"), ref(S, 1, "1W", "SY"),
            *more,
        ),
        claim,
    )


def other_subscriber_name(numbers: int) -> LoopSpec:
    """2330A; the subscriber may have this many secondary numbers."""
    return loop(
        "2330A", "Other Subscriber Name", R, 1,
        seg("NM1", R, e1="IL", e2=("1", "2"), e8=("II", "MI"), required=(3, 8, 9)), *address(S), ref(S, numbers, "SY"),
    )


def other_payer(*more: SegmentSpec) -> LoopSpec:
    """2330B; `more` stands before the payer's claim number."""
    return loop(
        "2330B", "Other Payer", R, 1,
        seg("NM1", R, e1="PR", e2="2", e8=("PI", "XV"), required=(3, 8, 9)), *address(S), dtp(S, "573"),
        ref(S, 2, "2U", "EI", "FY", "NF"), ref(S, 1, "G1"), ref(S, 1, "9F"), ref(S, 1, "T4"), *more, ref(S, 1, "F8"),
    )


def drug(products: tuple[str, ...]) -> LoopSpec:
    """2410: a product of one of these code lists."""
    return loop(
        "2410", "Drug Identification", S, 1,
        seg("LIN", R, e2=products), seg("CTP", R, required=(4, 5)), ref(S, 1, "VY", "XZ"),
    )


def line_adjudication(service: SegmentSpec) -> LoopSpec:
    """2430; `service` is its SVD."""
    return loop("2430", "Line Adjudication", S, 15, service, CLAIM_ADJUSTMENTS, dtp(R, "573"), amount("EAF"))
# fmt: on
