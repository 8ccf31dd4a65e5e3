"""835 Health Care Claim Payment/Advice (005010X221A1): money, as documents."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from edi import tree
from edi.claims import Address, Party, Reference
from edi.codes.payment_terms import HANDLING, PAYMENT_METHODS
from edi.codes.provider_adjustment import REASONS
from edi.findings import Finding
from edi.inquiries.remainder import carry_rest, flatten, normalise
from edi.interchange import TransactionSet
from edi.parts import Part, Transaction
from edi.remittances import (
    LINE_REFERENCES,
    BankAccount,
    ClaimPayment,
    HeaderNumber,
    ProviderAdjustment,
    Remittance,
    ServicePayment,
)
from edi.remittances.reader import CLAIM_TAGS, LINE_TAGS, PaymentReader, read_contact
from edi.remittances.writer import head_segments, header_segments, write_documents
from edi.segments import Delimiters
from edi.spec import MANY, R, S, SegmentSpec, loop, seg, transaction
from edi.transactions.places import name, reference
from edi.tree import Loop
from edi.values import find_date, get_cents, parse_cents, parse_quantity

__all__ = ["SPEC", "ClaimPayment", "HeaderNumber", "ProviderAdjustment", "Remittance", "ServicePayment", "read", "write"]

_T = TypeVar("_T")

# fmt: off
_GROUPS = ("CO", "OA", "PI", "PR")
_STATUSES = ("1", "2", "3", "4", "19", "20", "21", "22", "23", "25")
FILING_INDICATORS = (
    "12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ",
)
_PROCEDURES = ("AD", "ER", "HC", "HP", "IV", "N4", "N6", "NU", "UI", "WK")
_BILLED_PROCEDURES = ("AD", "ER", "HC", "HP", "IV", "N4", "NU", "WK")
_MEMBER_IDS = ("FI", "II", "MI")
_PAYER_IDS = ("AD", "FI", "NI", "PI", "PP", "XV")
_RENDERING_IDS = ("BD", "BS", "FI", "MC", "PC", "SL", "UP", "XX")
_PROVIDER_REFERENCES = ("0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "G2")
_CLAIM_REFERENCES = ("1L", "1W", "28", "6P", "9A", "9C", "BB", "CE", "EA", "F8", "G1", "G3", "IG", "SY")
_CLAIM_AMOUNTS = ("AU", "D8", "DY", "F5", "I", "NL", "T", "T2", "ZK", "ZL", "ZM", "ZN", "ZO")
_CLAIM_QUANTITIES = ("CA", "CD", "LA", "LE", "NE", "NR", "OU", "PS", "VS", "ZK", "ZL", "ZM", "ZN", "ZO")
_MEDICARE = ("ZK", "ZL", "ZM", "ZN", "ZO")
_CALLED = ("EM", "FX", "TE")
_TECHNICAL = ("EM", "TE", "UR")
_SENT_BY = ("BM", "EM", "FT", "OL")
_PLB_REASONS = tuple(REASONS)


def _day(*qualifiers: str, repeat: int = 1) -> SegmentSpec:
    return seg("DTM", S, repeat, e1=qualifiers, required=(2,), unused=(3, 4, 5, 6))


def _insurer(role: str) -> SegmentSpec:
    return name(role, kinds="2", usage=S, required=(3, 8, 9), unused=(4, 5, 6, 7, 10), e8=_PAYER_IDS)


def _address(usage: str) -> tuple[SegmentSpec, SegmentSpec]:
    return seg("N3", usage), seg("N4", usage, required=(1,), unused=(5, 6))


def _adjustments() -> SegmentSpec:
    return seg("CAS", S, 99, e1=_GROUPS, situational=(1,))


_BUSINESS_CONTACT = seg("PER", S, e1="CX", e3=_CALLED, e5=(*_CALLED, "EX"), e7="EX", unused=(9,))
_LINE = loop(
    "2110", "Service Payment Information", S, 999,
    seg("SVC", R, e1=_PROCEDURES, e6=_BILLED_PROCEDURES, situational=(1, 6), required=(3,), unused=("1-7", "1-8", "6-8")),
    _day("150", "151", "472", repeat=2),
    _adjustments(),
    reference(*LINE_REFERENCES, repeat=8),
    reference("6R"),
    reference(*_PROVIDER_REFERENCES, "HPI", "SY", "TJ", repeat=10),
    reference("0K", repeat=5),
    seg("AMT", S, 9, e1=("B6", "KH", "T", "T2", *_MEDICARE), unused=(3,)),
    seg("QTY", S, 6, e1=_MEDICARE, required=(2,), unused=(3, 4)),
    seg("LQ", S, 99, e1=("HE", "RX")),
)
_CLAIM = loop(
    "2100", "Claim Payment Information", R, MANY,
    seg("CLP", R, e2=_STATUSES, e6=FILING_INDICATORS, situational=(2, 6), required=(6, 7), unused=(10, 14)),
    _adjustments(),
    name("QC", kinds="1", required=(), e8=("34", "HN", "II", "MI", "MR")),
    name("IL", usage=S, e8=_MEMBER_IDS),
    name("74", usage=S, required=(), e8="C"),
    name("82", usage=S, e8=_RENDERING_IDS),
    _insurer("TT"), _insurer("PR"),
    name("GB", usage=S, required=(), e8=_MEMBER_IDS),
    seg("MIA", S), seg("MOA", S),
    reference(*_CLAIM_REFERENCES, repeat=5), reference(*_PROVIDER_REFERENCES, "LU", repeat=10),
    _day("232", "233", repeat=2), _day("036"), _day("050"),
    seg("PER", S, 2, e1="CX", e3=_CALLED, e5=(*_CALLED, "EX"), e7="EX", required=(3, 4), unused=(9,)),
    seg("AMT", S, 13, e1=_CLAIM_AMOUNTS, unused=(3,)),
    seg("QTY", S, 14, e1=_CLAIM_QUANTITIES, required=(2,), unused=(3, 4)),
    _LINE,
)
SPEC = transaction(
    "835", "005010X221A1", "HP", "Health Care Claim Payment/Advice",
    seg("ST", R, e1="835"),
    seg(
        "BPR", R, e1=tuple(HANDLING), e3=("C", "D"), e4=tuple(PAYMENT_METHODS), e5=("CCP", "CTX"), e6=("01", "04"), e8="DA",
        e12=("01", "04"), e14=("DA", "SG"), situational=(1, 3, 4, 5, 6, 8, 12, 14), required=(16,), unused=(17, 18, 19, 20, 21),
    ),
    seg("TRN", R, e1="1", required=(3,)),
    seg("CUR", S, e1="PR", unused=tuple(range(3, 22))),
    reference("EV"), reference("F2"), _day("405"),
    loop(
        "1000A", "Payer Identification", R, 1,
        seg("N1", R, e1="PR", e3="XV", required=(2,), unused=(5, 6)),
        *_address(R),
        reference("2U", "EO", "HI", "NF", repeat=4),
        _BUSINESS_CONTACT,
        seg("PER", R, MANY, e1="BL", e3=_TECHNICAL, e5=(*_TECHNICAL, "EX", "FX"), e7=("EM", "EX", "FX", "UR"), unused=(9,)),
        seg("PER", S, e1="IC", e3="UR", required=(3, 4), unused=(2, 5, 6, 7, 8, 9)),
    ),
    loop(
        "1000B", "Payee Identification", R, 1,
        seg("N1", R, e1="PE", e3=("FI", "XV", "XX"), required=(2, 3, 4), unused=(5, 6)),
        *_address(S),
        reference("0B", "D3", "PQ", "TJ", repeat=MANY),
        seg("RDM", S, e1=_SENT_BY, situational=(1,), unused=(4, 5)),
    ),
    loop(
        "2000", "Header Number", S, MANY,
        seg("LX", R),
        seg("TS3", S, unused=(6, 7, 8, 9, 10, 11, 12, 14, 16, 19)),
        seg("TS2", S),
        _CLAIM,
    ),
    seg(
        "PLB", S, MANY, e3=_PLB_REASONS, e5=_PLB_REASONS, e7=_PLB_REASONS, e9=_PLB_REASONS, e11=_PLB_REASONS,
        e13=_PLB_REASONS, situational=(3, 5, 7, 9, 11, 13),
    ),
    seg("SE", R),
    accepted_versions=("005010X221A1", "005010X221"),
    stream=("2100",),
)
# fmt: on

_CLAIM_PLAN, _LINE_PLAN = (tree.tags_of(SPEC, loop_id) for loop_id in ("2100", "2110"))
assert (_CLAIM_PLAN, _LINE_PLAN) == (CLAIM_TAGS, LINE_TAGS), "the reader takes the segments in the order of the guide"

_NO_ADDRESS = Address(line1="", city="")
_HEAD_LOOPS = ("1000A", "1000B")


def read(tset: TransactionSet) -> Iterator[Remittance | ClaimPayment | ProviderAdjustment]:
    """What one set says of money: its Remittance, each ClaimPayment as its loop closes, the ProviderAdjustments last.

    Where an amount cannot be read there is a finding, and what held it is in tset.unread, not guessed. A set without a
    readable BPR gives nothing: its claim payments would belong to no remittance.
    """
    for part in read_parts(tset):
        if isinstance(part.document, Remittance | ClaimPayment | ProviderAdjustment):
            yield part.document


def read_parts(tset: TransactionSet) -> Iterator[Part]:
    """All documents of one set with where each begins and ends, a HeaderNumber before the claim payments that follow it."""
    reader = PaymentReader(tset.delimiters)
    remittance: Remittance | None = None
    root = header = None
    for unit, parents in tree.read(SPEC, tset):
        if root is None:
            root = parents[0] if parents else unit
            remittance = _read_head(root, tset)
            yield Part(remittance, 1, _head_end(root))
        if not parents:
            yield from _read_provider_adjustments(unit, tset, is_wanted=remittance is not None)
            continue
        if parents[-1] is not header and remittance is not None:
            header = parents[-1]
            yield from _read_header(header, tset)
        payment = _find_payment(unit, reader, tset) if remittance is not None else None
        if payment is None:
            _list_unread(unit, tset)
        yield Part(payment, unit.first, unit.end)


def write(
    remittance: Remittance,
    payments: Iterable[ClaimPayment],
    adjustments: Iterable[ProviderAdjustment] = (),
    *,
    st_control_number: str,
    delimiters: Delimiters,
) -> list[str]:
    """The raw segments of one set, ST to SE. Positions are what they become. Raises Unwritable where a value cannot be sent."""
    documents = chain((remittance,), payments, adjustments)
    return list(write_documents(documents, st_control_number=st_control_number, version="", delimiters=delimiters))


def _head_end(root: Loop) -> int:
    inner = [loop.end for loop in root.loops if loop.id in _HEAD_LOOPS]
    own = [at for at, raw in zip(root.positions, root.raw, strict=True) if raw[:3] != "PLB" and raw[:2] != "SE"]
    return max([1, *inner, *own])


def _read_head(root: Loop, tset: TransactionSet) -> Remittance | None:
    found = root.find("BPR")
    if found is None:
        tset.add_unread(1, "ST")
        return None
    bpr = _pad(found, 17)
    trn = _pad(root.find("TRN") or [], 5)
    produced = _pad(root.find("DTM", "405") or [], 3)
    try:
        amount_cents = get_cents(bpr[2])
    except ValueError:
        position = root.positions[root.segments.index(found)]
        _report_amount(tset, position, "BPR", 2, bpr[2])
        tset.add_unread(position, "BPR")
        return None
    remittance = Remittance(
        trace_number=trn[2],
        amount_cents=amount_cents,
        method=bpr[4],
        originator_id=trn[3],
        handling=bpr[1],
        credit_debit=bpr[3],
        payment_date=find_date(bpr[16]),
        production_date=find_date(produced[2]),
        payer=_read_party_loop(root.child("1000A"), "PR"),
        payee=_read_party_loop(root.child("1000B"), "PE"),
        references=tuple(_read_reference(segment) for segment in root.all("REF")),
        payment_format=bpr[5],
        company_id=bpr[10],
        company_supplement=bpr[11],
        trace_supplement=trn[4],
        payer_account=BankAccount(*bpr[6:10]) if any(bpr[6:10]) else None,
        payee_account=BankAccount(*bpr[12:16]) if any(bpr[12:16]) else None,
    )
    return carry_rest(remittance, head_segments(remittance), _head_of(root, tset.delimiters))


def _head_of(root: Loop, delimiters: Delimiters) -> list[list[str]]:
    """BPR to the end of 1000B, in one form whatever the file's."""
    inner = [loop for loop in root.loops if loop.id in _HEAD_LOOPS]
    own = normalise(Loop("", root.segments, root.positions, inner), delimiters)
    return [segment for segment in flatten(own) if segment[0] not in ("ST", "PLB", "SE")]


def _read_header(loop: Loop, tset: TransactionSet) -> Iterator[Part]:
    """LX with its summaries, unless the payer left it out."""
    lx = loop.find("LX")
    if lx is None:
        return
    ts3 = _pad(loop.find("TS3") or [], 6)
    header = HeaderNumber(
        number=_pad(lx, 2)[1],
        position=loop.positions[0],
        provider_id=ts3[1],
        facility_code=ts3[2],
        fiscal_date=find_date(ts3[3]),
        claim_count=_find_value(parse_quantity, ts3[4]),
        charge_cents=_find_value(parse_cents, ts3[5]),
    )
    own = normalise(Loop("2000", loop.segments, loop.positions), tset.delimiters)
    yield Part(carry_rest(header, header_segments(header), own.segments), loop.positions[0], loop.positions[-1])


def _find_value(parse: Callable[[str], _T | None], text: str) -> _T | None:
    """A value that moves no money where one can be read: its finding is made by the check of the segment."""
    try:
        return parse(text)
    except ValueError:
        return None


def _read_party_loop(loop: Loop | None, role: str) -> Party:
    if loop is None:
        return Party(role=role)
    n1, n3, n4 = (_pad(loop.find(tag) or [], 5) for tag in ("N1", "N3", "N4"))
    address = Address(line1=n3[1], line2=n3[2], city=n4[1], state=n4[2], postal_code=n4[3], country=n4[4])
    return Party(
        role=role,
        last_name=n1[2],
        id_qualifier=n1[3],
        id=n1[4],
        address=address if address != _NO_ADDRESS else None,
        references=tuple(_read_reference(segment) for segment in loop.all("REF")),
        contacts=tuple(read_contact(segment, "BL") for segment in loop.all("PER")),
    )


def _read_reference(segment: list[str]) -> Reference:
    ref = _pad(segment, 4)
    return Reference(qualifier=ref[1], value=ref[2], description=ref[3])


def _find_payment(loop: Loop, reader: PaymentReader, tset: TransactionSet) -> ClaimPayment | None:
    """The claim payment of one 2100; None, with the finding, where it has no CLP or an amount cannot be read."""
    if not loop.raw or loop.raw[0][:3] != "CLP":
        return None
    try:
        return reader.read_claim(loop)
    except ValueError:
        for position, tag, element, value in _bad_amounts(loop):
            _report_amount(tset, position, tag, element, value)
        return None


def _read_provider_adjustments(root: Loop, tset: TransactionSet, *, is_wanted: bool) -> Iterator[Part]:
    for segment, position in zip(root.segments, root.positions, strict=True):
        if segment[0] != "PLB":
            continue
        if not is_wanted:
            tset.add_unread(position, "PLB")
            continue
        plb = _pad(segment, len(segment) | 1)
        for at in range(3, len(plb) - 1, 2):
            reason = _pad(plb[at].split(tset.delimiters.component), 2)
            if not (plb[at] or plb[at + 1]):
                continue
            try:
                amount_cents = get_cents(plb[at + 1])
            except ValueError:
                _report_amount(tset, position, "PLB", at + 1, plb[at + 1])
                tset.add_unread(position, "PLB")
                continue
            adjustment = ProviderAdjustment(plb[1], find_date(plb[2]), reason[0], amount_cents, reason[1], position)
            yield Part(adjustment, position, position)


def _bad_amounts(loop: Loop) -> Iterator[tuple[int, str, int, str]]:
    """Where in a claim's loops the amounts stand that cannot be read: (position, tag, element, value)."""
    for segment, position in zip(loop.segments, loop.positions, strict=True):
        for element, is_required in _amount_elements(segment):
            value = segment[element] if element < len(segment) else ""
            try:
                (get_cents if is_required else parse_cents)(value)
            except ValueError:
                yield position, segment[0], element, value
    for inner in loop.loops:
        yield from _bad_amounts(inner)


def _amount_elements(segment: list[str]) -> list[tuple[int, bool]]:
    """Which elements of a segment are read as amounts, and whether one must be there."""
    tag = segment[0]
    if tag == "CAS":
        return [(at + 1, True) for at in range(2, len(segment), 3) if any(segment[at : at + 2])]
    if tag == "AMT":
        return [(2, True)] if segment[1:2] in (["AU"], ["B6"]) else []
    return {"CLP": [(3, True), (4, True), (5, False)], "SVC": [(2, True), (3, True)]}.get(tag, [])


def _report_amount(tset: TransactionSet, position: int, tag: str, element: int, value: str) -> None:
    if any(known.position == position and known.element == element for known in tset.findings[-100:]):
        return
    message = f"{tag}{element:02} is not an amount of dollars and cents"
    code = "6" if value else "1"
    tset.add_finding(
        Finding(code=code, level="element", message=message, segment=tag, position=position, element=element, value=value[:99])
    )


def _list_unread(loop: Loop, tset: TransactionSet) -> None:
    for segment, position in zip(loop.segments, loop.positions, strict=True):
        tset.add_unread(position, segment[0])
    for inner in loop.loops:
        _list_unread(inner, tset)


def _pad(values: list[str], length: int) -> list[str]:
    return values + [""] * (length - len(values)) if len(values) < length else values


TRANSACTION = Transaction("835", SPEC, (Remittance, HeaderNumber, ClaimPayment, ProviderAdjustment), read_parts, write_documents)
