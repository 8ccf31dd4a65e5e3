"""What is patient data in X12, element by element: what is masked, what is kept and why, as tables.

Whatever no table names is masked if it is text (type AN) and kept if it is a code, a number or a time; of a segment that is
not known here, everything is masked. So what is forgotten is masked, not shown.
"""

from enum import Enum, auto

from edi.dictionary import SEGMENTS, Element


class Rule(Enum):
    """What becomes of an element."""

    KEEP = auto()
    MASK = auto()
    DATE = auto()
    PARTY = auto()
    """Masked unless the party last named (NM1, N1) is a provider, a payer or one that sends and receives files."""
    REFERENCE = auto()
    """Masked unless the qualifier before it says that it is no number of a patient's."""
    IDENTIFIER = auto()
    """PARTY, but an NPI (qualifier XX before it) is a provider's whatever the role."""
    CONTEXT = auto()
    """CTX01: the name of an element is kept, its value is not."""


KEPT_ROLES = frozenset(
    {
        # providers and places of service
        "13", "1P", "1T", "3D", "71", "72", "73", "77", "80", "82", "85", "87", "DD", "DK", "DN", "DQ", "FA", "GP", "P3", "PE",
        "QB", "QV", "SJ", "TL", "ZZ",
        # payers and those who act for them
        "1I", "2B", "IN", "P4", "PR", "PRP", "SEP", "TT", "TTP", "TV", "X3", "Y2",
        # who sends and receives
        "40", "41", "AY", "VN",
    }
)  # fmt: skip
"""NM101 and N101 of parties that are no patients; a person among them is a provider, whose name is public."""

KEPT_REFERENCES = frozenset(
    {
        # of providers, payees and payers
        "0B", "1A", "1B", "1C", "1D", "1E", "1F", "1G", "1H", "1I", "1J", "2U", "BT", "D3", "EI", "EO", "EV", "EW", "F2", "F4",
        "FY", "G2", "HI", "HPI", "LU", "NF", "PQ", "TJ", "X4",
        # codes, not numbers: service authorization exception, signature, demonstration, contract class, bill type, rates
        "0K", "1S", "4N", "APC", "BLT", "CE", "P4", "RB", "T4",
    }
)  # fmt: skip
"""REF01 of references that say nothing of a patient."""

TAX_NUMBERS = frozenset({"EI", "TJ"})
"""REF01 of tax numbers, which are kept of a party that is kept, and masked of all others."""

RESET = frozenset({"ST", "HL", "CLM", "CLP", "LX", "SVC", "SBR", "INS", "LS", "LE", "AK1", "SVD"})
"""Segments after which no party is the one last named, so that nothing is kept for its sake."""

_KEPT_NUMBERS = frozenset(
    {
        "329", "1705", "480", "799",  # control numbers and versions
        "628", "734", "447", "350",  # levels, loops, lines
        "1271", "234", "1339", "1331", "1341",  # codes that are typed as text: industry codes, procedures, modifiers, places
        "507", "509", "510",  # routing numbers and company numbers
    }
)  # fmt: skip
"""Data elements of type AN that hold no patient data wherever they stand."""

_PLACES: dict[tuple[str, int], Rule] = {
    **{("NM1", index): Rule.PARTY for index in (3, 4, 5, 6, 7, 12)},
    ("NM1", 9): Rule.IDENTIFIER,
    ("N1", 2): Rule.PARTY,
    ("N1", 4): Rule.IDENTIFIER,
    ("N2", 1): Rule.PARTY,
    ("N2", 2): Rule.PARTY,
    ("N3", 1): Rule.PARTY,
    ("N3", 2): Rule.PARTY,
    ("N4", 1): Rule.PARTY,
    ("N4", 3): Rule.PARTY,
    ("N4", 6): Rule.PARTY,
    **{("PER", index): Rule.PARTY for index in (2, 4, 6, 8, 9)},
    ("REF", 2): Rule.REFERENCE,
    ("REF", 4): Rule.REFERENCE,
    ("PRV", 3): Rule.KEEP,  # taxonomy
    ("PS1", 1): Rule.KEEP,  # provider
    ("TS3", 1): Rule.KEEP,  # provider
    ("PLB", 1): Rule.KEEP,  # provider
    ("SVD", 1): Rule.KEEP,  # payer, as 2330B names it
    **{("MOA", index): Rule.KEEP for index in range(3, 8)},  # remark codes
    **{("MIA", index): Rule.KEEP for index in (5, 20, 21, 22, 23)},  # remark codes
    ("CTX", 1): Rule.CONTEXT,
    ("TA1", 2): Rule.DATE,
    ("BGN", 3): Rule.DATE,
}

_CODES_ELSEWHERE: dict[str, tuple[int, ...]] = {
    "BGN": (1, 4, 5, 8),
    "BIN": (1,),
    "COB": (1, 3),
    "HD": (1, 2, 3, 5),
    "INS": tuple(range(1, 12)),
    "LUI": (1, 4),
    "TA1": (1, 3, 4, 5),
}
"""Elements of segments without an entry in the dictionary that are codes, numbers or times."""

KEPT_SEGMENTS = frozenset({"SE", "GE", "IEA", "ISE"})
"""Trailers: counts, control numbers and times."""

OWN_QUALIFIERS = frozenset({"34", "II", "MI", "SY"})
"""NM108 and N103 of numbers that are a person's own, whatever the role: social security and member numbers."""


def get_rule(tag: str, index: int, element: Element | None) -> Rule:
    """What becomes of an element (or a component of it, by its definition); None is one that the dictionary does not know."""
    placed = _PLACES.get((tag, index))
    if placed is not None:
        return placed
    if element is None:
        return Rule.KEEP if index in _CODES_ELSEWHERE.get(tag, ()) else Rule.MASK
    if element.number == "1251" or element.type == "DT":
        return Rule.DATE
    if element.type == "AN" and element.number not in _KEPT_NUMBERS:
        return Rule.MASK
    return Rule.KEEP


def find_elements(tag: str) -> tuple[Element, ...]:
    """The definitions of a segment's elements; none where the dictionary does not know it."""
    known = SEGMENTS.get(tag)
    return known.elements if known else ()
