"""TA1: the verdict on an interchange, both ways."""

from datetime import date

import pytest

from edi.interchange import Reader
from edi.transactions.ta1 import InterchangeAcknowledgment, read_ta1, write_ta1
from tests.support.remittances import ISA, codes
from tests.support.sets import CORPUS, corpus_rows

REJECTED = InterchangeAcknowledgment(
    isa_control_number=905, interchange_date=date(2026, 1, 5), interchange_time="0800", verdict="R", note="025"
)


def test_a_ta1_is_written_as_it_is_read() -> None:
    """The document and its segment are each other's image, the control number padded to nine."""
    elements = ["TA1", "000000905", "260105", "0800", "R", "025"]
    assert write_ta1(REJECTED) == elements
    assert read_ta1(elements) == (REJECTED, [])


@pytest.mark.parametrize(
    ("text", "element", "is_read"),
    [
        ("TA1*X*260105*0800*R*025", 1, False),
        ("TA1**260105*0800*A*000", 1, False),
        ("TA1*000000905*260105*0800*Q*025", 4, False),
        ("TA1*000000905*260105*0800", 4, False),
        ("TA1*000000905*261305*0800*R*025", 2, True),
        ("TA1*000000905*260105*0800*R*099", 5, True),
    ],
)
def test_what_is_wrong_with_a_ta1_is_said_where_it_is(text: str, element: int, is_read: bool) -> None:
    """Without a number or a verdict there is no document; a bad date or note leaves it readable."""
    document, findings = read_ta1(text.split("*"), 107)
    assert findings[0].element == element
    assert findings[0].offset == 107
    assert (document is not None) == is_read


def test_a_ta1_without_groups_is_a_whole_interchange() -> None:
    """An interchange of a TA1 alone is read without finding, whether IEA01 counts no group or one."""
    for count in "01":
        data = f"{ISA}TA1*000000050*260104*1200*A*000~\nIEA*{count}*000000905~\n"
        reader = Reader([data.encode()])
        assert list(reader) == []
        assert [known.verdict for known in reader.interchanges[0].acknowledgments] == ["A"]
        assert reader.findings == []


def test_a_ta1_outside_an_interchange_is_reported() -> None:
    """It answers nothing that can be told."""
    reader = Reader([(ISA + "IEA*0*000000905~\nTA1*000000050*260104*1200*A*000~\n").encode()])
    assert list(reader) == []
    assert codes(reader.findings) == [("interchange", "024", "TA1")]


@pytest.mark.parametrize("row", corpus_rows("TA1/"), ids=lambda row: row["path"])
def test_sample_acknowledgments_are_read(row: dict[str, str]) -> None:
    """The TA1s that others wrote give their verdict."""
    reader = Reader([(CORPUS / row["path"]).read_bytes()])
    list(reader)
    (acknowledgment,) = reader.interchanges[0].acknowledgments
    assert acknowledgment.verdict in ("A", "R")
    assert acknowledgment.interchange_date is not None
