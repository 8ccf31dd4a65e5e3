"""835: remittances as documents, both ways, to the cent and none guessed."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claims import Address, Adjustment, Contact, Party, Reference
from edi.findings import Unwritable
from edi.interchange import Reader
from edi.segments import Delimiters
from edi.transactions import t835
from edi.transactions.t835 import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from tests.support.remittances import FILE, Items, read_file
from tests.support.sets import CORPUS, corpus_rows, interchange_of

LINES = (
    ServicePayment(
        procedure="99213",
        charge_cents=15000,
        paid_cents=10050,
        modifiers=("25",),
        quantity=Decimal(1),
        service_from=date(2025, 12, 1),
        line_control_number="L1",
        adjustments=(
            Adjustment(group="CO", reason="45", amount_cents=2450),
            Adjustment(group="PR", reason="2", amount_cents=2500),
        ),
        allowed_cents=12550,
        remarks=("N130",),
    ),
    ServicePayment(
        procedure="97110",
        charge_cents=5000,
        paid_cents=2000,
        quantity=Decimal(2),
        submitted_qualifier="HC",
        submitted_procedure="97112",
        submitted_quantity=Decimal(1),
        service_from=date(2025, 12, 1),
        service_through=date(2025, 12, 2),
        adjustments=(
            Adjustment(group="CO", reason="45", amount_cents=2000),
            Adjustment(group="CO", reason="253", amount_cents=1000, quantity=Decimal(1)),
        ),
    ),
)
HEAD = Remittance(
    trace_number="EFT0001",
    amount_cents=13250,
    method="ACH",
    originator_id="1512345678",
    handling="I",
    payment_date=date(2026, 1, 5),
    production_date=date(2026, 1, 4),
    payer=Party(
        role="PR",
        last_name="INVENTED HEALTH PLAN",
        address=Address(line1="1 EXAMPLE STREET", city="SAMPLETOWN", state="AK", postal_code="99501"),
        references=(Reference(qualifier="2U", value="INV01"),),
        contacts=(Contact(name="HELP DESK", numbers=(("TE", "9075550100"),)),),
    ),
    payee=Party(role="PE", last_name="INVENTED CLINIC", id_qualifier="XX", id="1999999984"),
)
DOCUMENTS: Items = [
    HEAD,
    ClaimPayment(
        patient_control_number="PCN1",
        status="1",
        charge_cents=20000,
        paid_cents=12050,
        position=12,
        patient_responsibility_cents=2500,
        claim_filing_indicator="12",
        payer_claim_number="ICN1",
        facility_code="11",
        frequency="1",
        patient=Party(role="QC", is_person=True, last_name="SAMPLE", first_name="ANN", id_qualifier="MI", id="INV1"),
        service_from=date(2025, 12, 1),
        coverage_amount_cents=14550,
        lines=LINES,
    ),
    ClaimPayment(
        patient_control_number="PCN2",
        status="4",
        charge_cents=8000,
        paid_cents=0,
        position=27,
        claim_filing_indicator="12",
        payer_claim_number="ICN2",
        adjustments=(Adjustment(group="CO", reason="29", amount_cents=8000),),
        patient=Party(role="QC", is_person=True, last_name="EXAMPLE", first_name="BOB"),
        remarks=("MA130",),
    ),
    ProviderAdjustment(
        provider_id="1999999984", fiscal_date=date(2026, 12, 31), reason="L6", reference="INT1", amount_cents=-1200, position=31
    ),
    ProviderAdjustment(provider_id="1999999984", fiscal_date=date(2026, 12, 31), reason="72", amount_cents=0, position=31),
]


def write(items: Items, delimiters: Delimiters) -> list[str]:
    head = next(item for item in items if isinstance(item, Remittance))
    payments = [item for item in items if isinstance(item, ClaimPayment)]
    adjustments = [item for item in items if isinstance(item, ProviderAdjustment)]
    return t835.write(head, payments, adjustments, st_control_number="0001", delimiters=delimiters)


def without_positions(items: Items) -> list[object]:
    return [item if isinstance(item, Remittance) else msgspec.structs.replace(item, position=0) for item in items]


def test_a_remittance_is_read_whole() -> None:
    """Head, claims with their lines, and provider adjustments, in the order of the file, without finding."""
    items, findings, unread = read_file(FILE.encode())
    assert items == DOCUMENTS
    assert (findings, unread) == ([], [])


def test_a_remittance_is_written_as_it_was_read() -> None:
    """The same segments, but amounts in their shortest form."""
    written = write(DOCUMENTS, Delimiters())
    expected = [line.rstrip("~") for line in FILE.splitlines()[2:-2]]
    expected[30] = expected[30].replace("*.00", "*0")
    assert written == expected


texts = st.text(st.sampled_from("ABCXYZ0189 .'/&"), min_size=1, max_size=17).map(str.strip).filter(bool)
ids = st.text(st.sampled_from("ABCXYZ0189"), min_size=2, max_size=15)
cents = st.integers(-(10**9), 10**9)
quantities = st.none() | st.integers(1, 999).map(Decimal)
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
groups = st.sampled_from(["CO", "PR", "OA", "PI"])
adjustments = st.lists(
    st.builds(
        Adjustment, group=groups, reason=st.sampled_from(["1", "45", "253", "B7"]), amount_cents=cents, quantity=quantities
    ),
    max_size=9,
).map(tuple)
modifiers = st.lists(st.sampled_from(["25", "59", "RT"]), max_size=4).map(tuple)
lines = st.builds(
    ServicePayment,
    procedure=st.sampled_from(["99213", "97110", "J1100"]),
    charge_cents=cents,
    paid_cents=cents,
    modifiers=modifiers,
    revenue_code=st.sampled_from(["", "0450"]),
    quantity=quantities,
    service_from=st.none() | days,
    service_through=st.none() | days,
    line_control_number=st.just("") | ids,
    adjustments=adjustments,
    references=st.lists(st.builds(Reference, qualifier=st.just("LU"), value=ids), max_size=2).map(tuple),
    allowed_cents=st.none() | cents,
    remarks=st.lists(st.sampled_from(["N130", "M15"]), max_size=3).map(tuple),
)


def people(role: str, id_qualifier: str) -> st.SearchStrategy[Party]:
    named = {"is_person": st.just(True), "last_name": texts, "first_name": texts}
    return st.builds(Party, role=st.just(role), id_qualifier=st.just(id_qualifier), id=ids, **named)


payments = st.builds(
    ClaimPayment,
    patient_control_number=ids,
    status=st.sampled_from(["1", "2", "4", "19", "22"]),
    charge_cents=cents,
    paid_cents=cents,
    position=st.just(0),
    patient_responsibility_cents=st.none() | cents,
    claim_filing_indicator=st.sampled_from(["12", "MB"]),
    payer_claim_number=ids,
    facility_code=st.sampled_from(["", "11"]),
    adjustments=adjustments,
    patient=people("QC", "MI"),
    subscriber=st.none() | people("IL", "MI"),
    rendering_provider=st.none() | people("82", "XX"),
    references=st.lists(st.builds(Reference, qualifier=st.just("EA"), value=ids), max_size=2).map(tuple),
    service_from=st.none() | days,
    service_through=st.none() | days,
    received_date=st.none() | days,
    coverage_amount_cents=st.none() | cents,
    remarks=st.lists(st.sampled_from(["MA01", "MA130"]), max_size=5).map(tuple),
    lines=st.lists(lines, max_size=3).map(tuple),
)
provider_adjustments = st.builds(
    ProviderAdjustment,
    provider_id=st.just("1999999984"),
    fiscal_date=days,
    reason=st.sampled_from(["WO", "L6", "FB"]),
    amount_cents=cents,
    reference=st.just("") | ids,
)
delimiter_sets = st.lists(st.sampled_from("*:^~|>!+;#\x1c\x1d\x1e\x1f"), min_size=4, max_size=4, unique=True).map(
    lambda characters: Delimiters(*characters)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(payments, max_size=4), st.lists(provider_adjustments, max_size=8), cents, delimiter_sets)
def test_what_is_written_is_read_back(
    claims: list[ClaimPayment], provider: list[ProviderAdjustment], amount_cents: int, delimiters: Delimiters
) -> None:
    """Under any delimiters every document comes back equal, and the set has no finding."""
    items: Items = [msgspec.structs.replace(HEAD, amount_cents=amount_cents), *claims, *provider]
    data = interchange_of(write(items, delimiters), "HP", "005010X221A1", delimiters)
    read, findings, unread = read_file(data)
    assert without_positions(read) == without_positions(items)
    assert (findings, unread) == ([], [])


@pytest.mark.parametrize(
    "change",
    [
        {"trace_number": "EFT*1"},
        {"trace_number": "EFT~1"},
        {"trace_number": "A:B"},
        {"trace_number": "A\nB"},
        {"trace_number": "\u0141"},
    ],
)
def test_a_value_that_would_break_the_file_is_refused(change: dict[str, str]) -> None:
    """A delimiter, a control character or one that no byte holds is named before anything is written."""
    head = msgspec.structs.replace(HEAD, **change)
    with pytest.raises(Unwritable) as caught:
        write([head], Delimiters())
    finding = caught.value.finding
    assert (finding.segment, finding.element, finding.position) == ("TRN", 2, 3)
    assert head.trace_number not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "finding", "first_unread"),
    [
        ("CLP*PCN1*1*200*", "CLP*PCN1*1*2OO*", ("6", "CLP", 12, 3), (12, "CLP")),
        ("CLP*PCN1*1*200*120.5*", "CLP*PCN1*1*200**", ("1", "CLP", 12, 4), (12, "CLP")),
        ("*120.5*25*", "*120.5*25.005*", ("6", "CLP", 12, 5), (12, "CLP")),
        ("CAS*CO*45*24.5", "CAS*CO*45*24.505", ("6", "CAS", 18, 3), (12, "CLP")),
        ("SVC*HC:97110*50*", "SVC*HC:97110**", ("1", "SVC", 23, 2), (12, "CLP")),
        ("AMT*B6*125.5", "AMT*B6*1.2.3", ("6", "AMT", 21, 2), (12, "CLP")),
        ("L6:INT1*-12*", "L6:INT1*-1,2*", ("6", "PLB", 31, 4), (31, "PLB")),
        ("BPR*I*132.5*", "BPR*I*132.555*", ("6", "BPR", 2, 2), (2, "BPR")),
    ],
)
def test_an_amount_that_cannot_be_read_is_not_guessed(
    old: str, new: str, finding: tuple[str, str, int, int], first_unread: tuple[int, str]
) -> None:
    """One finding names the element; what held the amount is unread, its neighbours are read."""
    items, findings, unread = read_file(FILE.replace(old, new).encode())
    assert [(found.code, found.segment, found.position, found.element) for found in findings] == [finding]
    assert unread[0] == first_unread
    kept = [item for item in items if isinstance(item, ClaimPayment)]
    assert [payment.patient_control_number for payment in kept] == {"CLP": ["PCN2"], "PLB": ["PCN1", "PCN2"], "BPR": []}[
        first_unread[1]
    ]


def test_all_six_reasons_of_a_cas_and_pairs_of_a_plb_are_read() -> None:
    """Up to nineteen elements of a CAS and fourteen of a PLB."""
    cas = "CAS*CO*" + "*".join(f"{number}*{number}.5*{number}" for number in range(1, 7))
    plb = "PLB*1999999984*20261231*" + "*".join(f"WO:R{number}*{number}" for number in range(1, 7))
    text = FILE.replace("CAS*CO*29*80", cas).replace("PLB*1999999984*20261231*L6:INT1*-12*72*.00", plb)
    items, findings, _ = read_file(text.encode())
    claim = items[2]
    assert isinstance(claim, ClaimPayment)
    assert [(one.reason, one.amount_cents, one.quantity) for one in claim.adjustments] == [
        (str(number), number * 100 + 50, Decimal(number)) for number in range(1, 7)
    ]
    pairs = [(item.reason, item.reference, item.amount_cents) for item in items if isinstance(item, ProviderAdjustment)]
    assert pairs == [("WO", f"R{number}", number * 100) for number in range(1, 7)]
    assert findings == []


def test_a_claim_without_lx_is_read() -> None:
    """A payer that leaves out the header number gets one finding, and its money is read."""
    items, findings, unread = read_file(FILE.replace("LX*1~\n", "").replace("SE*32", "SE*31").encode())
    assert sum(isinstance(item, ClaimPayment) for item in items) == 2
    assert [(finding.code, finding.segment) for finding in findings] == [("3", "LX")]
    assert unread == []


def test_summaries_and_contacts_of_the_guide_fit() -> None:
    """TS3, TS2, QTY, PER, MIA, RDM and the second half of the references have their places."""
    text = FILE.replace("LX*1~\n", "LX*1~\nTS3*1999999984*11*20261231*1*200~\nTS2*10~\n").replace("SE*32", "SE*38")
    text = text.replace("DTM*232*20251201~\n", "MIA*0***100~\nREF*EA*M1~\nDTM*232*20251201~\nPER*CX**TE*9075550101~\n")
    text = text.replace("AMT*AU*145.5~\n", "AMT*AU*145.5~\nQTY*CA*1~\n").replace("PER*BL", "PER*BL", 1)
    text = text.replace("XX*1999999984~\n", "XX*1999999984~\nRDM*OL~\n", 1).replace("SE*38", "SE*39")
    _, findings, unread = read_file(text.encode())
    assert (findings, unread) == ([], [])


def test_documents_come_before_the_stream_is_taken_further() -> None:
    """The head is handed over as soon as the first claim is whole, long before the end of the stream."""
    taken: list[int] = []

    def feed() -> Iterator[bytes]:
        for at in range(0, len(FILE), 64):
            taken.append(at)
            yield FILE[at : at + 64].encode()

    tset = next(iter(Reader(feed())))
    assert isinstance(next(t835.read(tset)), Remittance)
    assert taken[-1] < FILE.index("CLP*PCN2") + 64


@pytest.mark.parametrize("row", [row for row in corpus_rows("") if "005010X221" in row["gs08"]], ids=lambda row: row["path"])
def test_sample_remittances_are_read(row: dict[str, str]) -> None:
    """Every 835 that others wrote gives as many claim payments as it has CLP segments."""
    count = 0
    for tset in Reader([(CORPUS / row["path"]).read_bytes()]):
        if tset.code == "835":
            items = list(t835.read(tset))
            assert isinstance(items[0], Remittance)
            count += sum(isinstance(item, ClaimPayment) for item in items)
            money = [tag for _, tag in tset.unread if tag in ("CLP", "SVC", "CAS", "PLB", "BPR")]
            assert money == []
    assert count == int(row["clp"])


@pytest.mark.parametrize(
    ("right", "wrong", "place", "code"),
    [
        ("BPR*I*", "BPR*Q*", ("BPR", 1, 0), "7"),
        ("*C*ACH*", "*C*CSH*", ("BPR", 4, 0), "7"),
        ("*XX*1999999984~\nLX", "*ZZ*1999999984~\nLX", ("N1", 3, 0), "7"),
        ("N4*SAMPLETOWN*", "N4**", ("N4", 1, 0), "1"),
        ("CLP*PCN1*1*", "CLP*PCN1*5*", ("CLP", 2, 0), "7"),
        ("*25*12*ICN1", "*25*HI*ICN1", ("CLP", 6, 0), "7"),
        ("*12*ICN1*", "*12**", ("CLP", 7, 0), "1"),
        ("****MI*INV1", "****EI*INV1", ("NM1", 8, 0), "7"),
        ("CAS*CO*45*24", "CAS*XX*45*24", ("CAS", 1, 0), "7"),
        ("SVC*HC:99213:", "SVC*QQ:99213:", ("SVC", 1, 1), "7"),
        ("**2*HC:97112*", "**2*QQ:97112*", ("SVC", 6, 1), "7"),
        ("DTM*472*20251201", "DTM*472*20251201*1200", ("DTM", 3, 0), "I10"),
        ("REF*6R*L1", "REF*6R*L1*LINE", ("REF", 3, 0), "I10"),
        ("*L6:INT1*", "*Q6:INT1*", ("PLB", 3, 1), "7"),
    ],
)
def test_what_the_guide_narrows_is_found_and_loses_no_money(
    right: str, wrong: str, place: tuple[str, int, int], code: str
) -> None:
    """A code, a gap or an element that the guide does not know is one finding in its place, and every document is read."""
    whole, _, _ = read_file(FILE.encode())
    assert FILE.count(right) == 1
    read, findings, unread = read_file(FILE.replace(right, wrong).encode())
    assert [(found.segment, found.element, found.component, found.code) for found in findings] == [(*place, code)]
    assert len(read) == len(whole)
    assert [item.paid_cents for item in read if isinstance(item, ClaimPayment)] == [12050, 0]
    assert unread == []
