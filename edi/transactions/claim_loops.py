"""What the guides of the three 837s share: their head, their upper levels, and the loops that differ in nothing but a detail."""

from edi.codes.place_of_service import PLACES
from edi.spec import MANY, Codes, LoopSpec, R, S, SegmentSpec, loop, seg

# fmt: off
PATIENT_RELATIONSHIPS = ("01", "19", "20", "21", "39", "40", "53", "G8")
RELATIONSHIPS = tuple(sorted((*PATIENT_RELATIONSHIPS, "18")))
RESPONSIBILITIES = ("A", "B", "C", "D", "E", "F", "G", "H", "P", "S", "T", "U")
INSURANCE_TYPES = ("12", "13", "14", "15", "16", "41", "42", "43", "47")
FILING_INDICATORS = (
    "11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA", "MB", "MC", "OF", "TV",
    "VA", "WC", "ZZ",
)
FREQUENCIES = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
DELAYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "15")
CAUSES = ("AA", "EM", "OA")
PLACES_OF_SERVICE = tuple(PLACES)
TELEPHONES = ("EM", "FX", "TE")
YES_NO = ("N", "Y")
_NUMBERS = ("EM", "EX", "FX", "TE")
_PRICED_AS = tuple(f"{number:02}" for number in range(15))
_PER_DAY = "06"


def ref(usage: str, repeat: int, *qualifiers: str) -> SegmentSpec:
    """A reference of these kinds."""
    return seg("REF", usage, repeat, e1=qualifiers, required=(2,), unused=(3, 4))


def payer_ref(usage: str, repeat: int, *qualifiers: str) -> SegmentSpec:
    """A reference of these kinds that may name the payer who gave it."""
    return seg("REF", usage, repeat, e1=qualifiers, e4="2U", required=(2,), unused=(3, "4-3", "4-4", "4-5", "4-6"))


def dtp(usage: str, *qualifiers: str, repeat: int = 1, formats: tuple[str, ...] = ("D8",)) -> SegmentSpec:
    """A date of these kinds, in one of these formats."""
    return seg("DTP", usage, repeat, e1=qualifiers, e2=formats)


def person(role: str | tuple[str, ...]) -> SegmentSpec:
    """The name of a person in this role."""
    return seg("NM1", R, e1=role, e2="1", e8="XX", required=(3,), unused=(6, 10, 11, 12))


def organisation(role: str | tuple[str, ...]) -> SegmentSpec:
    """The name of an organisation in this role."""
    return seg("NM1", R, e1=role, e2="2", e8="XX", required=(3,), unused=(4, 5, 6, 7, 10, 11, 12))


def either(role: str | tuple[str, ...]) -> SegmentSpec:
    """The name of a person or an organisation in this role."""
    return seg("NM1", R, e1=role, e2=("1", "2"), e8="XX", required=(3,), unused=(6, 10, 11, 12))


def nameless(role: str | tuple[str, ...], *kinds: str) -> SegmentSpec:
    """Someone whose role and kind say enough: the other segments of the loop say the rest."""
    return seg("NM1", R, e1=role, e2=kinds, unused=tuple(range(3, 13)))


def address(usage: str) -> tuple[SegmentSpec, SegmentSpec]:
    """Street and city."""
    return seg("N3", usage), seg("N4", usage, required=(1,), unused=(5, 6))


def contact(usage: str, repeat: int) -> SegmentSpec:
    """Whom to ask, by telephone, fax or mail."""
    return seg("PER", usage, repeat, e1="IC", e3=TELEPHONES, e5=_NUMBERS, e7=_NUMBERS, required=(3, 4), unused=(9,))


def telephone() -> SegmentSpec:
    """Whom to ask, by telephone alone."""
    return seg("PER", S, e1="IC", e3="TE", e5="EX", required=(3, 4), unused=(7, 8, 9))


def demographics(usage: str) -> SegmentSpec:
    """Date of birth and gender."""
    return seg("DMG", usage, e1="D8", e3=("F", "M", "U"), required=(1, 2, 3), unused=tuple(range(4, 12)))


def amount(qualifier: str) -> SegmentSpec:
    """An amount of this kind, once."""
    return seg("AMT", S, e1=qualifier, unused=(3,))


def note(repeat: int, *kinds: str) -> SegmentSpec:
    """A note of these kinds."""
    return seg("NTE", S, repeat, e1=kinds)


def specialty(role: str) -> SegmentSpec:
    """The taxonomy code of a provider in this role."""
    return seg("PRV", S, e1=role, e2="PXC", required=(2, 3), unused=(4, 5, 6))


def conditions(
    repeat: int, category: str | tuple[str, ...], codes: tuple[str, ...], *, most: int, answers: tuple[str, ...] = YES_NO,
) -> SegmentSpec:
    """Conditions of one category, at most so many of these codes."""
    narrowed: dict[str, Codes] = {f"e{number}": codes for number in range(3, 3 + most)}
    return seg("CRC", S, repeat, e1=category, e2=answers, unused=tuple(range(3 + most, 8)), codes=narrowed)


def paperwork(*kinds: str) -> SegmentSpec:
    """Attachments of these kinds and how they are sent."""
    sent = ("AA", "BM", "EL", "EM", "FT", "FX")
    return seg("PWK", S, 10, e1=kinds, e2=sent, e5="AC", required=(2,), unused=(3, 4, 7, 8, 9))


def pricing(unused: tuple[int, ...] = (), *, is_per_day: bool = True, **narrowed: Codes) -> SegmentSpec:
    """How a repricer priced it; by the day only where the guide knows that."""
    priced_as = tuple(code for code in _PRICED_AS if is_per_day or code != _PER_DAY)
    return seg(
        "HCP", S, e1=priced_as, e13=("T1", "T2", "T3", "T4", "T5", "T6"), e14=("1", "2", "3", "4", "5"),
        e15=("1", "2", "3", "4", "5", "6"), required=(1, 2), unused=unused, codes=narrowed,
    )


def health_codes(
    usage: str, repeat: int, *first: str, others: tuple[str, ...] = (), most: int = 12, uses: tuple[int, ...] = (),
    **narrowed: Codes,
) -> SegmentSpec:
    """A list of at most so many health codes: `first` the lists HI01 is from, `others` those of the rest where they differ.

    `uses` names the components required beside list and code, `narrowed` the values of a component in each of them (c9=…).
    """
    places = range(1, most + 1)
    codes: dict[str, Codes] = {f"e{place}": first if place == 1 else (others or first) for place in places}
    codes |= {f"e{place}_{name[1:]}": values for place in places for name, values in narrowed.items()}
    known = {*uses, *(int(name[1:]) for name in narrowed)}
    required = tuple(f"{place}-{number}" for place in places for number in uses)
    unused = (*range(most + 1, 13), *(f"{place}-{number}" for place in places for number in range(3, 10) if number not in known))
    return seg("HI", usage, repeat, required=required, unused=unused, codes=codes)


ATTACHMENTS = (
    "03", "04", "05", "06", "07", "08", "09", "10", "11", "13", "15", "21", "A3", "A4", "AM", "AS", "B2", "B3", "B4", "BR", "BS",
    "BT", "CB", "CK", "CT", "D2", "DA", "DB", "DG", "DJ", "DS", "EB", "HC", "HR", "I5", "IR", "LA", "M1", "MT", "NN", "OB", "OC",
    "OD", "OE", "OX", "OZ", "P4", "P5", "PE", "PN", "PO", "PQ", "PY", "PZ", "RB", "RR", "RT", "RX", "SG", "V5", "XP",
)
CLAIM_ADJUSTMENTS = seg("CAS", S, 5, e1=("CO", "CR", "OA", "PI", "PR"))
CONTRACT = seg("CN1", S, e1=("01", "02", "03", "04", "05", "06", "09"))
FILE_INFORMATION = seg("K3", S, 10, unused=(2, 3))

HEAD: tuple[SegmentSpec | LoopSpec, ...] = (
    seg("ST", R, e1="837", required=(3,)),
    seg("BHT", R, e1="0019", e2=("00", "18"), e6=("31", "CH", "RP"), required=(3, 4, 5, 6)),
    loop(
        "1000A", "Submitter Name", R, 1,
        seg("NM1", R, e1="41", e2=("1", "2"), e8="46", required=(3, 8, 9), unused=(6, 7, 10, 11, 12)), contact(R, 2),
    ),
    loop(
        "1000B", "Receiver Name", R, 1,
        seg("NM1", R, e1="40", e2="2", e8="46", required=(3, 8, 9), unused=(4, 5, 6, 7, 10, 11, 12)),
    ),
)


def _insurer(role: str) -> SegmentSpec:
    return seg("NM1", R, e1=role, e2="2", e8=("PI", "XV"), required=(3, 8, 9), unused=(4, 5, 6, 7, 10, 11, 12))


def _insured(required: tuple[int, ...]) -> SegmentSpec:
    return seg("NM1", R, e1="IL", e2=("1", "2"), e8=("II", "MI"), required=required, unused=(6, 10, 11, 12))


_PAY_TO_PLAN = loop("2010AC", "Pay-to Plan", S, 1, _insurer("PE"), *address(R), ref(S, 1, "2U", "FY", "NF"), ref(R, 1, "EI"))


def billing_provider(*names: SegmentSpec, pay_to: SegmentSpec, subscriber: LoopSpec) -> LoopSpec:
    """2000A: `names` are NM1 and REF of 2010AA, `pay_to` the NM1 of 2010AB."""
    name, *references = names
    return loop(
        "2000A", "Billing Provider", R, MANY,
        seg("HL", R, e3="20", e4="1", required=(4,), unused=(2,)),
        specialty("BI"),
        seg("CUR", S, e1="85", unused=tuple(range(3, 22))),
        loop("2010AA", "Billing Provider Name", R, 1, name, *address(R), *references, contact(S, 2)),
        loop("2010AB", "Pay-to Address", S, 1, pay_to, *address(R)),
        _PAY_TO_PLAN,
        subscriber,
    )


def subscriber_name(*more: SegmentSpec) -> LoopSpec:
    """2010BA; `more` stands after the references."""
    return loop(
        "2010BA", "Subscriber Name", R, 1,
        _insured((3,)), *address(S), demographics(S), ref(S, 1, "SY"), ref(S, 1, "Y4"), *more,
    )


def payer_name(provider_numbers: int) -> LoopSpec:
    """2010BB; the billing provider may have this many numbers with the payer."""
    return loop(
        "2010BB", "Payer Name", R, 1,
        _insurer("PR"), *address(S), ref(S, 3, "2U", "EI", "FY", "NF"), ref(S, provider_numbers, "G2", "LU"),
    )


def patient(information: SegmentSpec, claim: LoopSpec, *more: SegmentSpec) -> LoopSpec:
    """2000C: `information` is its PAT, `more` stands after the references of 2010CA."""
    return loop(
        "2000C", "Patient", S, MANY,
        seg("HL", R, e3="23", e4="0", required=(2, 4)),
        information,
        loop(
            "2010CA", "Patient Name", R, 1,
            seg("NM1", R, e1="QC", e2="1", required=(3,), unused=(6, 8, 9, 10, 11, 12)), *address(R), demographics(R),
            ref(S, 1, "Y4"), ref(S, 1, "1W", "SY"), *more,
        ),
        claim,
    )


def other_subscriber_name(numbers: int) -> LoopSpec:
    """2330A; the subscriber may have this many secondary numbers."""
    return loop("2330A", "Other Subscriber Name", R, 1, _insured((3, 8, 9)), *address(S), ref(S, numbers, "SY"))


def other_payer(*more: SegmentSpec) -> LoopSpec:
    """2330B; `more` stands before the payer's claim number."""
    return loop(
        "2330B", "Other Payer", R, 1,
        _insurer("PR"), *address(S), dtp(S, "573"),
        ref(S, 2, "2U", "EI", "FY", "NF"), ref(S, 1, "G1"), ref(S, 1, "9F"), ref(S, 1, "T4"), *more, ref(S, 1, "F8"),
    )


def drug(*products: str) -> LoopSpec:
    """2410: a product of one of these code lists."""
    return loop(
        "2410", "Drug Identification", S, 1,
        seg("LIN", R, e2=products, unused=(1, *range(4, 32))),
        seg("CTP", R, e5=("F2", "GR", "ME", "ML", "UN"), required=(4, 5), unused=(
            1, 2, 3, *(f"5-{number}" for number in range(2, 16)), *range(6, 12),
        )),
        ref(S, 1, "VY", "XZ"),
    )


def line_adjudication(service: SegmentSpec) -> LoopSpec:
    """2430; `service` is its SVD."""
    return loop("2430", "Line Adjudication", S, 15, service, CLAIM_ADJUSTMENTS, dtp(R, "573"), amount("EAF"))
# fmt: on
