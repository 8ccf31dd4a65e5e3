"""Masked files keep structure, money and findings, and no value of a patient is in them, whatever the transaction."""

from collections.abc import Iterator
from pathlib import Path
from time import process_time

import pytest

from edi.catalogue import TRANSACTIONS, find_transaction
from edi.dictionary import SEGMENTS, Element
from edi.interchange import Reader
from edi.parts import Transaction
from edi.segments import Delimiters, read_segments
from edi.spec import LoopSpec, SegmentSpec
from edi.tools.masking import Masker, mask
from edi.tools.pseudonyms import Pseudonyms

CORPUS = Path(__file__).parents[3] / "shared/corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
PLAIN = Delimiters()
MARK = "QZXMARK"
DAY = "19910213"

# Restated here, not imported: what may be seen in a masked file. Everything else of type text, and every date, must be gone.
CODES = {"1271", "234", "1339", "1331", "1341", "329", "1705", "480", "799", "628", "734", "447", "350", "507", "509", "510"}
PLACES = {("PRV", 3), ("PS1", 1), ("TS3", 1), ("PLB", 1), ("SVD", 1), ("CTX", 1)}
PLACES |= {("MOA", index) for index in range(3, 8)} | {("MIA", index) for index in (5, 20, 21, 22, 23)}
PATIENT_ROLES = {"IL", "QC", "74", "GB", "03", "EY", "LR", "S1", "36", "PW", "45", "GD", "QD", "1Z", "OC", "P5", "6Y"}
PATIENT_REFERENCES = {
    "SY", "1W", "0F", "Y4", "F8", "D9", "EA", "6R", "EJ", "1K", "G1", "9F", "9A", "9C", "9B", "9D", "XZ", "VY", "FJ", "1L", "6P",
    "IG", "28", "BB", "G3", "E9", "18", "NQ", "3H", "CT", "F5", "LX", "X9", "BLT2",
}  # fmt: skip


def mask_bytes(content: bytes, key: bytes = b"key") -> bytes:
    return b"".join(mask([content], Pseudonyms(key)))


def list_findings(content: bytes) -> list[tuple[object, ...]]:
    reader = Reader([content])
    found: list[tuple[object, ...]] = []
    for tset in reader:
        transaction = find_transaction(tset)
        for _ in transaction.read_parts(tset) if transaction else ():
            pass
        found += [(tset.ordinal, f.code, f.level, f.segment, f.position, f.loop, f.element, f.component) for f in tset.findings]
    return found + [(f.code, f.level, f.segment, f.element, f.offset) for f in reader.findings]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_masked_file_has_the_same_findings_lengths_and_punctuation(path: Path) -> None:
    content = path.read_bytes()
    masked = mask_bytes(content)
    assert list_findings(masked) == list_findings(content)
    assert len(masked) == len(content)
    kept = set(b"*~:^|>\r\n\t\\'!+.") - set(range(48, 58))
    assert [(place, each) for place, each in enumerate(content) if each in kept] == [
        (place, each) for place, each in enumerate(masked) if each in kept
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_amount_is_touched(path: Path) -> None:
    """AMT, CAS, SVC, CLP, BPR, PLB, SV1, SV2, SV3: every element that the dictionary calls a number is the same."""
    for before, after in zip(list_segments(path.read_bytes()), list_segments(mask_bytes(path.read_bytes())), strict=True):
        definitions = SEGMENTS[before[0]].elements if before[0] in SEGMENTS else ()
        for index, definition in enumerate(definitions, 1):
            if definition.number in ("782", "380", "118") and index < len(before):
                assert before[index] == after[index] or not before[index].replace(".", "").lstrip("-").isdigit()


def list_segments(content: bytes) -> Iterator[list[str]]:
    for run in read_segments([content]):
        for segment in run.segments:
            yield segment.split(run.delimiters.element)


def list_patient_values(content: bytes) -> Iterator[str]:
    """What a reader of the file can tell of its patients, by a plain look at it that knows no table."""
    role = ""
    for elements in list_segments(content):
        tag, values = elements[0], [*elements, *[""] * 12]
        if tag in ("NM1", "N1"):
            role = values[1]
        if tag in ("HL", "CLM", "LX", "ST"):
            role = ""
        if tag == "NM1" and role in PATIENT_ROLES and values[8] != "XX":
            yield from (*values[3:6], values[9])
        if role in PATIENT_ROLES and tag in ("N3", "N4"):
            yield from (values[1], values[3] if tag == "N4" else values[2])
        if tag == "DMG":
            yield values[2]
        if tag in ("CLM", "CLP", "PAT"):
            yield from (values[1], values[7] if tag == "CLP" else "")
        if tag in ("NTE", "K3", "MSG"):
            yield values[2] if tag == "NTE" else values[1]
        if tag == "REF" and values[1] in PATIENT_REFERENCES:
            yield values[2]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_value_of_a_patient_stands_in_the_same_place(path: Path) -> None:
    content = path.read_bytes()
    values = {value for value in list_patient_values(content) if len(value) > 3 and value.strip("0")}
    for before, after in zip(list_segments(content), list_segments(mask_bytes(content)), strict=True):
        shown = [one for one, other in zip(before, after, strict=True) if one == other and one in values]
        # A patient may be called what a provider or a city of one is called too, and a number may be an amount elsewhere.
        assert not shown or before[0] not in ("CLM", "CLP", "DMG", "NTE", "K3", "MSG", "TRN", "CTX", "IK4")
        if before[0] == "NM1":
            assert not shown or before[1] not in PATIENT_ROLES


def list_places(spec: LoopSpec) -> Iterator[tuple[LoopSpec, SegmentSpec]]:
    for item in spec.items:
        if isinstance(item, LoopSpec):
            yield from list_places(item)
        else:
            yield spec, item


def make_value(element: Element, number: int) -> str:
    """A marker where text may stand, a day where a date may, else something of the type."""
    if element.type == "DT" or element.number == "1251":
        return DAY
    if element.type == "AN":
        return f"{MARK}{number:02}"
    return {"R": "1.5", "TM": "1200"}.get(element.type, "1") if element.type != "ID" else "ZZ"[: max(element.min, 1)]


def make_segment(tag: str, qualifiers: dict[int, str]) -> list[str]:
    """A segment with something in every element and component; `qualifiers` by position, of a composite its first component."""
    elements = [tag]
    for index, element in enumerate(SEGMENTS[tag].elements, 1):
        values = [make_value(one, index) for one in element.components or (element,)]
        if index in qualifiers:
            values[0] = qualifiers[index]
        elements.append(":".join(values))
    return elements


def list_survivors(transaction: Transaction) -> Iterator[tuple[str, str, int, int]]:
    """Where a marker or a day outlives masking: (tag, first qualifier, element, component)."""
    masker = Masker(Pseudonyms(b"key"))
    role = ""
    for _, place in list_places(transaction.spec.body):
        narrowed = {index: codes for index, codes in place.elements if codes != ("",)}
        for code in narrowed.get(1, ("",)):
            qualifiers = {index: codes[0] for index, codes in narrowed.items() if codes[0]} | ({1: code} if code else {})
            elements = make_segment(place.tag, qualifiers)
            masked = masker.mask_segment("*".join(elements), PLAIN).split("*")
            role = code if place.tag in ("NM1", "N1") else role
            for index, (before, after) in enumerate(zip(elements, masked, strict=True)):
                for component, (one, other) in enumerate(zip(before.split(":"), after.split(":"), strict=True), 1):
                    if one == other and (MARK in one or one == DAY):
                        said = role if place.tag in ("NM1", "N1", "N3", "N4", "PER") else code
                        inner = place.tag == "REF" and index == 4 and component % 2 == 0
                        yield place.tag, before.split(":")[component - 2] if inner else said, index, component


def is_allowed(tag: str, qualifier: str, index: int, component: int) -> bool:
    element = SEGMENTS[tag].elements[index - 1]
    number = (element.components[component - 1] if element.components else element).number
    if tag in ("NM1", "N1", "N3", "N4", "PER"):
        return qualifier not in PATIENT_ROLES
    if tag == "REF":
        return index in (2, 4) and qualifier not in PATIENT_REFERENCES
    return number in CODES or (tag, index) in PLACES


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda one: one.name)
def test_no_marker_outlives_masking_but_where_it_may(transaction: Transaction) -> None:
    """Every segment of the guide, with a marker in every text and the same day in every date of it."""
    survivors = set(list_survivors(transaction))
    assert not {one for one in survivors if not is_allowed(*one)}


@pytest.mark.parametrize("tag", sorted(SEGMENTS))
def test_nothing_is_kept_for_the_sake_of_a_party_in_the_segments_that_end_it(tag: str) -> None:
    """After a claim, a level or a line begins, names and addresses are a patient's until somebody is named."""
    masker = Masker(Pseudonyms(b"key"))
    masker.mask_segment("NM1*85*2*CLINIC", PLAIN)
    for reset in ("HL", "CLM", "CLP", "LX", "SBR", "INS", "ST"):
        masker.mask_segment(reset, PLAIN)
        assert MARK not in masker.mask_segment(f"N3*{MARK}", PLAIN)
        masker.mask_segment("NM1*85*2*CLINIC", PLAIN)
    assert masker.mask_segment("N3*1 CLINIC ROAD", PLAIN) == "N3*1 CLINIC ROAD"


@pytest.mark.parametrize("broken", [f"NM31*PW*2*{MARK}", f"nm1*IL*1*{MARK}", f"NM9*IL*1*{MARK}", f"N1M*QC*1*{MARK}", "", "*IL"])
def test_an_address_after_a_party_that_cannot_be_read_is_not_that_of_the_provider_before(broken: str) -> None:
    masker = Masker(Pseudonyms(b"key"))
    masker.mask_segment("NM1*77*2*CLINIC", PLAIN)
    masked = [masker.mask_segment(segment, PLAIN) for segment in (broken, f"N3*{MARK}", f"N4*{MARK}", f"PER*IC*{MARK}*TE*{MARK}")]
    assert not [segment for segment in masked if MARK in segment]


@pytest.mark.parametrize(
    "segment",
    [
        f"ZZZ*{MARK}*A:{MARK}*^{MARK}",  # a segment nobody knows
        f"{MARK}*{MARK}",  # no segment at all
        f"N3*A*B*{MARK}",  # more elements than there are
        f"CLM*1*5***11:B:1:{MARK}",  # more components than there are
        f"AMT*T*{MARK}",  # text where a number should be
        f"DTP*472*D8*{MARK}",  # text where a date should be
        f"CLM*1*5*{MARK}",  # text where a code should be
        f"HD*021*{MARK}",  # a transaction that is not read here
        f"CTX*{MARK}",
        f"CTX*CLM01:{MARK}",
        f"IK4*3*1036*6*{MARK}",
        f"STC*A3:21:IL**U*******A3:{MARK * 5}**{MARK}",
        f"REF*SY*{MARK}",
        f"REF*0B*1**SY:{MARK}",
        f"REF*EI*{MARK}",  # a tax number of nobody that is known to be a provider
        f"NM1*85*1*A*B****34*{MARK}",  # a provider's social security number is a person's
        f"ISA*01*{MARK}   *01*{MARK}   *ZZ*A*ZZ*B*260101*1200*^*00501*1*0*T*:",
    ],
)  # fmt: skip
def test_what_stands_where_it_should_not_is_masked(segment: str) -> None:
    assert MARK not in Masker(Pseudonyms(b"key")).mask_segment(segment, PLAIN)


def test_a_patient_is_the_same_in_the_claim_the_acknowledgment_and_the_payment() -> None:
    """CLM01, CTX, TRN02 and CLP01; the name in another case; under one key, in files masked apart."""
    masked = [
        Masker(Pseudonyms(b"key")).mask_segment(segment, PLAIN)
        for segment in ("CLM*PCN123456*5", "CTX*CLM01:PCN123456", "TRN*2*PCN123456", "CLP*PCN123456*1*5*5")
    ]
    numbers = [masked[0].split("*")[1], masked[1].split(":")[1], masked[2].split("*")[2], masked[3].split("*")[1]]
    assert len(set(numbers)) == 1
    assert numbers[0] != "PCN123456"


def test_providers_payers_codes_and_money_stay() -> None:
    masker = Masker(Pseudonyms(b"key"))
    for segment in (
        "NM1*82*1*RENDER*RITA****XX*1999999984", "N3*1 CLINIC ROAD", "PER*IC*DESK*TE*5550100100", "NM1*PR*2*PLAN*****PI*12345",
        "REF*EI*999999999", "HI*ABK:J0190*ABF:R05", "SV1*HC:99213:25*125.5*UN*1***1:2", "CAS*CO*45*12.5*1", "AMT*F5*20",
        "LQ*HE*N130", "MOA***MA01", "SVC*HC:99213*125.5*100**1", "TRN*1*0*1999999999",
    ):  # fmt: skip
        assert masker.mask_segment(segment, PLAIN) == segment


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_the_size_of_the_chunks_changes_nothing(size: int) -> None:
    content = (CORPUS / "837P/LinuxForHealth__x12__demo.837").read_bytes().replace(b"\n", b"\r\n")
    chunks = [content[start : start + size] for start in range(0, len(content), size)]
    assert b"".join(mask(chunks, Pseudonyms(b"key"))) == mask_bytes(content)


def test_blanks_byte_order_mark_and_line_ends_stay_where_they_were() -> None:
    isa = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *261122*1200*^*00501*000000001*0*T*:~"
    content = b"\xef\xbb\xbf" + isa + b"\r\n  TA1*000000009*261122*1200*A*000~ \n\nIEA*0*000000001~\r\n\x1a"
    masked = mask_bytes(content)
    assert len(masked) == len(content)
    assert [place for place, each in enumerate(content) if each < 33] == [place for place, each in enumerate(masked) if each < 33]


def test_blank_lines_in_any_number_cost_no_more_than_their_length() -> None:
    isa = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *261122*1200*^*00501*000000001*0*T*:~"
    began = process_time()
    masked = b"".join(mask([isa, *[b"\n"] * 1_000_000, b"IEA*0*000000001~"], Pseudonyms(b"key")))
    assert len(masked) == len(isa) + 1_000_016
    assert process_time() - began < 5
