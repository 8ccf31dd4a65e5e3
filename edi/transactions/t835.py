"""835 Health Care Claim Payment/Advice (005010X221A1): money, as documents."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from edi import tree
from edi.claims import Address, Adjustment, Contact, Document, Party, Reference
from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.parts import Part, Transaction
from edi.remittance_writer import build_tree
from edi.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from edi.segments import Delimiters
from edi.spec import MANY, R, S, loop, seg, transaction
from edi.tree import Loop
from edi.values import find_date, get_cents, parse_cents, parse_quantity

__all__ = ["SPEC", "ClaimPayment", "ProviderAdjustment", "Remittance", "ServicePayment", "read", "write"]

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
                seg("REF", S, 8, e1=("1S", "APC", "BB", "E9", "G1", "G3", "LU", "RB")),
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

_NO_ADDRESS = Address(line1="", city="")


def read(tset: TransactionSet) -> Iterator[Remittance | ClaimPayment | ProviderAdjustment]:
    """The documents of one set: its Remittance, each ClaimPayment as its loop closes, the ProviderAdjustments last.

    Where an amount cannot be read there is a finding, and what held it is in tset.unread, not guessed. A set without a
    readable BPR gives nothing: its claim payments would belong to no remittance.
    """
    remittance: Remittance | None = None
    is_started = False
    component = tset.delimiters.component
    for unit, parents in tree.read(SPEC, tset):
        if not is_started:
            remittance = _read_head(parents[0] if parents else unit, tset)
            is_started = True
            if remittance is not None:
                yield remittance
        if not parents:
            yield from _read_provider_adjustments(unit, tset, is_wanted=remittance is not None)
            continue
        payment = _find_payment(unit, component, tset) if remittance is not None else None
        if payment is None:
            _list_unread(unit, tset)
        else:
            yield payment


def write(
    remittance: Remittance,
    payments: Iterable[ClaimPayment],
    adjustments: Iterable[ProviderAdjustment] = (),
    *,
    st_control_number: str,
    delimiters: Delimiters,
) -> list[str]:
    """The raw segments of one set, ST to SE. Positions are what they become. Raises Unwritable where a value cannot be sent."""
    root = build_tree(remittance, payments, adjustments, st_control_number=st_control_number, delimiters=delimiters)
    return tree.write(SPEC, root, delimiters)


def read_parts(tset: TransactionSet) -> Iterator[Part]:
    """The Remittance of the set, then each ClaimPayment and ProviderAdjustment, with the first position of each."""
    for item in read(tset):
        position = 1 if isinstance(item, Remittance) else item.position
        yield Part(item, position, position)


def write_parts(documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters) -> Iterator[str]:
    """The segments of a set from its Remittance, its ClaimPayments and its ProviderAdjustments."""
    given = list(documents)
    if not given or not isinstance(given[0], Remittance):
        raise ValueError("the first document of an 835 is its Remittance")
    payments = [one for one in given if isinstance(one, ClaimPayment)]
    adjustments = [one for one in given if isinstance(one, ProviderAdjustment)]
    yield from write(given[0], payments, adjustments, st_control_number=st_control_number, delimiters=delimiters)


def _read_head(root: Loop, tset: TransactionSet) -> Remittance | None:
    found = root.find("BPR")
    if found is None:
        tset.add_unread(1, "ST")
        return None
    bpr = _pad(found, 17)
    trn = _pad(root.find("TRN") or [], 4)
    produced = _pad(root.find("DTM", "405") or [], 3)
    try:
        amount_cents = get_cents(bpr[2])
    except ValueError:
        position = root.positions[root.segments.index(found)]
        _report_amount(tset, position, "BPR", 2, bpr[2])
        tset.add_unread(position, "BPR")
        return None
    return Remittance(
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
    )


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
        contacts=tuple(_read_contact(segment) for segment in loop.all("PER")),
    )


def _read_contact(segment: list[str]) -> Contact:
    per = _pad(segment, 9)
    return Contact(name=per[2], numbers=tuple((per[at], per[at + 1]) for at in (3, 5, 7) if per[at + 1]))


def _read_reference(segment: list[str]) -> Reference:
    ref = _pad(segment, 4)
    return Reference(qualifier=ref[1], value=ref[2], description=ref[3])


def _find_payment(loop: Loop, component: str, tset: TransactionSet) -> ClaimPayment | None:
    """The claim payment of one 2100; None, with the finding, where it has no CLP or an amount cannot be read."""
    if not loop.segments or loop.segments[0][0] != "CLP":
        return None
    try:
        return _read_claim(loop, component)
    except ValueError:
        for position, tag, element, value in _bad_amounts(loop):
            _report_amount(tset, position, tag, element, value)
        return None


def _read_claim(loop: Loop, component: str) -> ClaimPayment:
    clp = _pad(loop.segments[0], 10)
    adjustments: list[Adjustment] = []
    references: list[Reference] = []
    remarks: list[str] = []
    parties: dict[str, Party] = {}
    dates: dict[str, date | None] = {}
    coverage_amount_cents: int | None = None
    for raw in loop.segments:
        segment = raw if len(raw) > 2 else _pad(raw, 3)
        tag = segment[0]
        if tag == "CAS" and len(segment) == 4:
            adjustments.append(Adjustment(group=segment[1], reason=segment[2], amount_cents=get_cents(segment[3])))
        elif tag == "CAS":
            adjustments.extend(_read_adjustments(segment))
        elif tag == "NM1":
            parties[segment[1]] = _read_party(segment)
        elif tag == "DTM":
            dates[segment[1]] = find_date(segment[2])
        elif tag == "REF":
            references.append(_read_reference(segment))
        elif tag == "AMT" and segment[1] == "AU":
            coverage_amount_cents = get_cents(segment[2])
        elif tag == "MOA":
            remarks.extend(filter(None, segment[3:8]))
        elif tag == "MIA":
            remarks.extend(filter(None, (*segment[5:6], *segment[20:24])))
    return ClaimPayment(
        patient_control_number=clp[1],
        status=clp[2],
        charge_cents=get_cents(clp[3]),
        paid_cents=get_cents(clp[4]),
        position=loop.positions[0],
        patient_responsibility_cents=parse_cents(clp[5]),
        claim_filing_indicator=clp[6],
        payer_claim_number=clp[7],
        facility_code=clp[8],
        frequency=clp[9],
        adjustments=tuple(adjustments),
        patient=parties.get("QC"),
        subscriber=parties.get("IL"),
        rendering_provider=parties.get("82"),
        crossover_carrier=parties.get("TT"),
        references=tuple(references),
        service_from=dates.get("232"),
        service_through=dates.get("233"),
        received_date=dates.get("050"),
        coverage_amount_cents=coverage_amount_cents,
        remarks=tuple(remarks),
        lines=tuple([_read_line(line, component) for line in loop.loops]),
    )


def _read_line(loop: Loop, component: str) -> ServicePayment:
    svc = _pad(loop.segments[0], 8)
    adjustments: list[Adjustment] = []
    references: list[Reference] = []
    remarks: list[str] = []
    dates: dict[str, date | None] = {}
    allowed_cents: int | None = None
    line_control_number = ""
    for raw in loop.segments:
        segment = raw if len(raw) > 2 else _pad(raw, 3)
        tag = segment[0]
        if tag == "CAS" and len(segment) == 4:
            adjustments.append(Adjustment(group=segment[1], reason=segment[2], amount_cents=get_cents(segment[3])))
        elif tag == "CAS":
            adjustments.extend(_read_adjustments(segment))
        elif tag == "DTM":
            dates[segment[1]] = find_date(segment[2])
        elif tag == "REF" and segment[1] == "6R":
            line_control_number = segment[2]
        elif tag == "REF":
            references.append(_read_reference(segment))
        elif tag == "AMT" and segment[1] == "B6":
            allowed_cents = get_cents(segment[2])
        elif tag == "LQ" and segment[1] == "HE":
            remarks.extend(segment[2:3])
    procedure = _pad(svc[1].split(component), 2)
    submitted = _pad(svc[6].split(component), 2) if svc[6] else ("", "")
    return ServicePayment(
        procedure=procedure[1],
        charge_cents=get_cents(svc[2]),
        paid_cents=get_cents(svc[3]),
        procedure_qualifier=procedure[0],
        modifiers=tuple(filter(None, procedure[2:6])) if len(procedure) > 2 else (),
        revenue_code=svc[4],
        quantity=_find_quantity(svc[5]),
        submitted_qualifier=submitted[0],
        submitted_procedure=submitted[1],
        submitted_modifiers=tuple(filter(None, submitted[2:6])) if len(submitted) > 2 else (),
        submitted_quantity=_find_quantity(svc[7]),
        service_from=dates.get("472") or dates.get("150"),
        service_through=dates.get("151"),
        line_control_number=line_control_number,
        adjustments=tuple(adjustments),
        references=tuple(references),
        allowed_cents=allowed_cents,
        remarks=tuple(remarks),
    )


def _read_adjustments(segment: list[str]) -> list[Adjustment]:
    """Every reason, amount and quantity of one CAS; an amount without its reason is kept, since it counts."""
    cas = _pad(segment, -(-(len(segment) - 2) // 3) * 3 + 2)
    return [
        Adjustment(group=cas[1], reason=cas[at], amount_cents=get_cents(cas[at + 1]), quantity=_find_quantity(cas[at + 2]))
        for at in range(2, len(cas), 3)
        if cas[at] or cas[at + 1]
    ]


def _read_party(segment: list[str]) -> Party:
    nm1 = _pad(segment, 10)
    return Party(
        role=nm1[1],
        is_person=nm1[2] == "1",
        last_name=nm1[3],
        first_name=nm1[4],
        middle_name=nm1[5],
        suffix=nm1[7],
        id_qualifier=nm1[8],
        id=nm1[9],
    )


def _read_provider_adjustments(root: Loop, tset: TransactionSet, *, is_wanted: bool) -> Iterator[ProviderAdjustment]:
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
            yield ProviderAdjustment(
                provider_id=plb[1],
                fiscal_date=find_date(plb[2]),
                reason=reason[0],
                amount_cents=amount_cents,
                reference=reason[1],
                position=position,
            )


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


def _find_quantity(text: str) -> Decimal | None:
    """A quantity where one can be read: it moves no money, and its finding is made by the check of the segment."""
    if not text:
        return None
    try:
        return parse_quantity(text)
    except ValueError:
        return None


TRANSACTION = Transaction("835", SPEC, (Remittance, ClaimPayment, ProviderAdjustment), read_parts, write_parts)
