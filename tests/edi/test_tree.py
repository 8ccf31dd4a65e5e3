"""Segments and a spec into loops and findings: each defect said once, in the code of the 999, and nothing lost."""

import pytest

from edi import loop_writer, tree
from edi.dictionary import SEGMENTS
from edi.findings import Finding
from edi.interchange import FINDINGS_MAX, Reader, TransactionSet
from edi.segments import Delimiters
from edi.spec import MANY, R, S, TransactionSpec, loop, seg, transaction
from edi.transactions.t835 import SPEC
from tests.support.remittances import FILE, GS, ISA, SET, TRAILERS

LEVELS = transaction(
    "277",
    "INVENTED",
    "HN",
    "Levels",
    seg("ST", R),
    loop(
        "2000A",
        "Outer",
        R,
        MANY,
        seg("HL", R, e3="20"),
        loop("2000B", "Inner", S, MANY, seg("HL", R, e3="22"), seg("TRN", S, 2, e1="2")),
    ),
    seg("SE", R),
    stream=("2000B",),
)
IN_ONE_PIECE = transaction("835", "005010X221A1", "HP", "Not streamed", *SPEC.body.items)


def open_set(body: str) -> TransactionSet:
    group = GS if body.startswith("ST*835") else GS.replace("*HP*", "*HN*")
    return next(iter(Reader([(ISA + group + body + TRAILERS).encode()])))


def find(text: str, spec: TransactionSpec = SPEC) -> list[Finding]:
    tset = open_set(text)
    for _ in tree.read(spec, tset):
        pass
    return [finding for finding in tset.findings if finding.level in ("segment", "element")]


def change(old: str, new: str) -> str:
    assert old in SET
    return SET.replace(old, new, 1)


def test_a_set_becomes_loops() -> None:
    """Loops nest as the spec says, each with its segments and where they stood."""
    (unit,) = tree.read(IN_ONE_PIECE, open_set(SET))
    root = unit.loop
    assert [inner.id for inner in root.loops] == ["1000A", "1000B", "2000"]
    claim = root.loops[2].children("2100")[0]
    assert claim.find("DTM", "232") == ["DTM", "232", "20251201"]
    assert (claim.positions[0], [line.positions[0] for line in claim.loops]) == (12, [16, 23])
    assert [segment[2] for segment in claim.loops[0].all("CAS")] == ["45", "2"]
    assert (claim.child("2110"), claim.child("2120"), claim.find("DTM", "036")) == (claim.loops[0], None, None)


def test_streamed_loops_come_as_they_close_and_are_not_kept() -> None:
    """Each with its open ancestors; the root comes last, without what was handed over."""
    units = list(tree.read(SPEC, open_set(SET)))
    assert [unit.loop.id for unit in units] == ["2100", "2100", ""]
    assert [[parent.id for parent in unit.parents] for unit in units] == [["", "2000"], ["", "2000"], []]
    assert [inner.id for inner in units[-1].loop.loops] == ["1000A", "1000B"]


def test_what_is_read_is_written_the_same() -> None:
    """Segments come back in their order, SE counted again."""
    (unit,) = tree.read(IN_ONE_PIECE, open_set(SET))
    assert loop_writer.write(IN_ONE_PIECE, unit.loop, Delimiters()) == [line.rstrip("~") for line in SET.splitlines()]


def test_writing_puts_segments_in_the_order_of_the_spec() -> None:
    """Whatever the order they were added in, and with trailing empty elements left off."""
    root = tree.Loop("", [["DTM", "405", "20260104"], ["BPR", "I", "0", "C", "NON", "", ""], ["ST", "835", "0007"]])
    root.loops = [tree.Loop("1000B", [["N1", "PE", "CLINIC"]]), tree.Loop("1000A", [["N4", "TOWN"], ["N1", "PR", "PLAN"]])]
    assert loop_writer.write(SPEC, root, Delimiters()) == [
        "ST*835*0007", "BPR*I*0*C*NON", "DTM*405*20260104", "N1*PR*PLAN", "N4*TOWN", "N1*PE*CLINIC", "SE*7*0007",
    ]  # fmt: skip


def test_writing_what_the_spec_does_not_hold_is_a_mistake() -> None:
    """A loop or a segment that has no place is named."""
    with pytest.raises(ValueError, match="root of 835 holds no loop 2300"):
        loop_writer.write(SPEC, tree.Loop("", [], loops=[tree.Loop("2300")]), Delimiters())
    with pytest.raises(ValueError, match="root of 835 holds no segment CLM"):
        loop_writer.write(SPEC, tree.Loop("", [["CLM", "1"]]), Delimiters())


def test_neighbours_of_one_tag_may_come_in_any_order() -> None:
    """NM1s, REFs and N1 loops that stand side by side in the guide are one position in the standard."""
    names = "NM1*82*1*DOE*****XX*1999999984~\nNM1*IL*1*DOE*****MI*INV2~\nNM1*QC*1*SAMPLE~"
    assert find(change("NM1*QC*1*SAMPLE*ANN****MI*INV1~", names)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("TRN*1*EFT0001*1512345678~\n", "", ("3", "TRN", 2, "", 0)),
        ("NM1*QC*1*SAMPLE*ANN****MI*INV1~\n", "", ("3", "NM1", 12, "2100", 0)),
        ("N1*PE*INVENTED CLINIC*XX*1999999984~\n", "", ("I7", "N1", 4, "1000B", 0)),
        ("N3*1 EXAMPLE STREET~", "N3*1 EXAMPLE STREET~\nN3*2~", ("5", "N3", 7, "1000A", 0)),
        ("MOA***MA130~", "MOA***MA130~\nMOA***MA01~", ("5", "MOA", 31, "2100", 0)),
        ("LX*1~", "N1*PE*OTHER*XX*1999999984~\nLX*1~", ("4", "N1", 11, "1000B", 0)),
        ("N3*1 EXAMPLE STREET~\nN4*SAMPLETOWN*AK*99501~", "N4*SAMPLETOWN*AK*99501~\nN3*1 EXAMPLE~", ("7", "N3", 7, "1000A", 0)),
        ("DTM*232", "CLM*1~\nDTM*232", ("2", "CLM", 14, "2100", 0)),
        ("DTM*232", "QQ*1~\nDTM*232", ("1", "QQ", 14, "2100", 0)),
        ("DTM*232", "N1*PR*X~\nDTM*232", ("2", "N1", 14, "2100", 0)),
        ("NM1*QC*1*SAMPLE", "NM1*117*1*SAMPLE", ("7", "NM1", 13, "2100", 1)),
        ("NM1*QC*1*SAMPLE", "NM1**1*SAMPLE", ("1", "NM1", 13, "2100", 1)),
        ("DTM*232*20251201", "DTM*999*20251201", ("7", "DTM", 14, "2100", 1)),
        ("CLP*PCN1*1*", "CLP**1*", ("1", "CLP", 12, "2100", 1)),
        ("ANN****MI*INV1", "ANN****MI", ("2", "NM1", 13, "2100", 9)),
        ("N3*1 EXAMPLE STREET", "N3*1*2*3", ("3", "N3", 6, "1000A", 3)),
        ("SVC*HC:99213:25*", "SVC*HC:1:2:3:4:5:6:7:8:9*", ("13", "SVC", 16, "2110", 1)),
        ("CAS*CO*45*24.5", "CAS*COO*45*24.5", ("5", "CAS", 18, "2110", 1)),
        ("TRN*1*EFT0001*1512345678", "TRN*1*EFT0001*15", ("4", "TRN", 3, "", 3)),
        ("*200*120.5*", "*2x0*120.5*", ("6", "CLP", 12, "2100", 3)),
        ("N3*1 EXAMPLE", "N3*1\tEXAMPLE", ("6", "N3", 6, "1000A", 1)),
        ("N3*1 EXAMPLE", "N3*1^EXAMPLE", ("12", "N3", 6, "1000A", 1)),
        ("DTM*405*20260104", "DTM*405*20260230", ("8", "DTM", 4, "", 2)),
    ],
)
def test_one_defect_is_one_finding(old: str, new: str, expected: tuple[str, str, int, str, int]) -> None:
    """Code, segment, position, loop and element say what a 999 would say, and nothing follows from it."""
    found = find(change(old, new))
    assert [(one.code, one.segment, one.position, one.loop, one.element) for one in found] == [expected]


def test_a_finding_names_the_component_and_the_data_element() -> None:
    """Where a composite is at fault, which component, and its number in the dictionary; no value in the message."""
    (finding,) = find(change("SVC*HC:97110*", "SVC*HCX:97110*"))
    assert (finding.code, finding.element, finding.component, finding.name, finding.value) == ("5", 1, 1, "235", "HCX")
    assert "HCX" not in finding.message


def test_a_leap_day_is_a_date() -> None:
    """What the fast pattern leaves to the second look is judged by the calendar."""
    assert find(change("DTM*405*20260104", "DTM*405*20240229")) == []
    assert [one.code for one in find(change("DTM*405*20260104", "DTM*405*20230229"))] == ["8"]


@pytest.mark.parametrize("amount", ["100", "-.5", "12345678901234.5", "0.005", "100."])
def test_decimal_forms_of_the_standard_are_no_findings(amount: str) -> None:
    """Sign and point do not count as length; how many decimals money has is not the segment's business."""
    assert find(change("*200*120.5*", f"*{amount}*120.5*")) == []


def test_strays_are_kept_listed_and_written_back() -> None:
    """A segment that fits nowhere hangs on the open loop, and no byte of it is lost."""
    tset = open_set(change("DTM*232", "QQ*A*B~\nDTM*232"))
    (unit,) = tree.read(IN_ONE_PIECE, tset)
    assert tset.unread == [(14, "QQ")]
    assert "QQ*A*B" in loop_writer.write(IN_ONE_PIECE, unit.loop, Delimiters())


LEVELLED = "ST*277*0001~\nHL*1**20*1~\nHL*2*1*22*0~\nTRN*2*A~\nHL*3*1*22*0~\nHL*4**20*0~\nSE*7*0001~\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("HL*2*1", "HL*7*1", [(3, 1), (5, 1)]),
        ("HL*2*1*", "HL*2*9*", [(3, 2)]),
        ("HL*3*1*", "HL*3**", [(5, 2)]),
        ("HL*4**", "HL*4*1*", [(6, 2)]),
        ("HL*1**20*1", "HL*1**20*0", [(2, 4)]),
        ("HL*4**20*0", "HL*4**20*1", [(6, 4)]),
        ("HL*2*1*22*0", "HL*2*1*22*1", [(3, 4)]),
    ],
)
def test_levels_that_lie_are_found_without_derailing(old: str, new: str, expected: list[tuple[int, int]]) -> None:
    """HL01 counts, HL02 names the level around, HL04 says whether levels follow: (position, element) of each lie."""
    found = find(LEVELLED.replace(old, new, 1) if old else LEVELLED, LEVELS)
    assert [(one.position, one.element) for one in found] == expected
    assert {(one.code, one.segment) for one in found} <= {("7", "HL")}


def test_a_level_nobody_opened_is_said_to_be_missing() -> None:
    """An inner level without its outer one is read under an empty outer one, with one finding for it."""
    tset = open_set("ST*277*0001~\nHL*1**22*0~\nTRN*2*A~\nSE*4*0001~\n")
    units = list(tree.read(LEVELS, tset))
    assert [unit.loop.id for unit in units] == ["2000B", ""]
    assert [(finding.code, finding.segment, finding.loop) for finding in tset.findings] == [("3", "HL", "2000A")]


def test_findings_end_where_they_become_absurd() -> None:
    """A set with nothing but errors lists a bounded number of them, and says that there are more."""
    body = SET.replace("LX*1~\n", "LX*1~\n" + "QQ*1~\n" * (FINDINGS_MAX + 50))
    tset = open_set(body)
    list(tree.read(SPEC, tset))
    assert len(tset.findings) == FINDINGS_MAX + 1
    assert tset.findings[-1].message == "more findings than are listed"


def test_every_segment_of_the_spec_is_in_the_dictionary() -> None:
    """No place of the 835 is left unchecked."""
    tags = {item.tag for inner in SPEC.loops() for item in inner.items if hasattr(item, "tag")}
    assert tags <= set(SEGMENTS)


def test_other_delimiters_are_checked_by_their_own_rules() -> None:
    """The characters of one file are data in another."""
    text = FILE.replace("*", "|").replace(":", "!").replace("~", "'").replace("1 EXAMPLE STREET", "1*EXAMPLE~:STREET")
    tset = next(iter(Reader([text.encode()])))
    units = list(tree.read(SPEC, tset))
    assert tset.findings == []
    payer = units[-1].loop.child("1000A")
    assert payer is not None
    assert payer.find("N3") == ["N3", "1*EXAMPLE~:STREET"]
