"""835 Health Care Claim Payment/Advice (005010X221A1): money, as documents."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from edi import tree
from edi.claims import Address, Party, Reference
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
from edi.spec import MANY, R, S, loop, seg, transaction
from edi.tree import Loop
from edi.values import find_date, get_cents, parse_cents, parse_quantity

__all__ = ["SPEC", "ClaimPayment", "HeaderNumber", "ProviderAdjustment", "Remittance", "ServicePayment", "read", "write"]

_T = TypeVar("_T")

SPEC = transaction(
    "835",
    "005010X221A1",
    "HP",
    "Health Care Claim Payment/Advice",
    seg("ST", R, e1="835"),
    seg("BPR", R, required=(16,)),
    seg("TRN", R, e1="1"),
    seg("CUR", S),
    seg("REF", S, e1="EV"),
    seg("REF", S, e1="F2"),
    seg("DTM", S, e1="405"),
    loop(
        "1000A",
        "Payer Identification",
        R,
        1,
        seg("N1", R, e1="PR"),
        seg("N3", R),
        seg("N4", R),
        seg("REF", S, 4, e1=("2U", "EO", "HI", "NF")),
        seg("PER", S, e1="CX"),
        seg("PER", R, MANY, e1="BL"),
        seg("PER", S, e1="IC"),
    ),
    loop(
        "1000B",
        "Payee Identification",
        R,
        1,
        seg("N1", R, e1="PE"),
        seg("N3", S),
        seg("N4", S),
        seg("REF", S, MANY, e1=("0B", "D3", "PQ", "TJ")),
        seg("RDM", S),
    ),
    loop(
        "2000",
        "Header Number",
        S,
        MANY,
        seg("LX", R),
        seg("TS3", S, unused=(6, 7, 8, 9, 10, 11, 12, 14, 16, 19)),
        seg("TS2", S),
        loop(
            "2100",
            "Claim Payment Information",
            R,
            MANY,
            seg("CLP", R),
            seg("CAS", S, 99),
            seg("NM1", R, e1="QC"),
            seg("NM1", S, e1="IL"),
            seg("NM1", S, e1="74"),
            seg("NM1", S, e1="82"),
            seg("NM1", S, e1="TT"),
            seg("NM1", S, e1="PR"),
            seg("NM1", S, e1="GB"),
            seg("MIA", S),
            seg("MOA", S),
            seg("REF", S, 5, e1=("1L", "1W", "28", "6P", "9A", "9C", "BB", "CE", "EA", "F8", "G1", "G3", "IG", "SY")),
            seg("REF", S, 10, e1=("0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "G2", "LU")),
            seg("DTM", S, 2, e1=("232", "233")),
            seg("DTM", S, e1="036"),
            seg("DTM", S, e1="050"),
            seg("PER", S, 2, e1="CX"),
            seg("AMT", S, 13, e1=("AU", "D8", "DY", "F5", "I", "NL", "T", "T2", "ZK", "ZL", "ZM", "ZN", "ZO")),
            seg("QTY", S, 14, e1=("CA", "CD", "LA", "LE", "NE", "NR", "OU", "PS", "VS", "ZK", "ZL", "ZM", "ZN", "ZO")),
            loop(
                "2110",
                "Service Payment Information",
                S,
                999,
                seg("SVC", R, required=(3,)),
                seg("DTM", S, 2, e1=("150", "151", "472")),
                seg("CAS", S, 99),
                seg("REF", S, 8, e1=LINE_REFERENCES),
                seg("REF", S, e1="6R"),
                seg("REF", S, 10, e1=("0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "G2", "HPI", "SY", "TJ")),
                seg("REF", S, 5, e1="0K"),
                seg("AMT", S, 9, e1=("B6", "KH", "T", "T2", "ZK", "ZL", "ZM", "ZN", "ZO")),
                seg("QTY", S, 6, e1=("ZK", "ZL", "ZM", "ZN", "ZO")),
                seg("LQ", S, 99, e1=("HE", "RX")),
            ),
        ),
    ),
    seg("PLB", S, MANY),
    seg("SE", R),
    accepted_versions=("005010X221A1", "005010X221"),
    stream=("2100",),
)

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
