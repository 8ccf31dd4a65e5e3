"""Public samples of 270, 271, 276, 277, 277CA, 999, 997 and TA1: what is wrong in each, and that sound ones come back."""

import pytest

from edi.catalogue import find_transaction, refuse
from edi.inquiries.remainder import normalise_segment
from edi.interchange import Reader, TransactionSet
from edi.segments import Delimiters
from tests.support.sets import CORPUS, corpus_rows

Told = tuple[str, str, int, int]
"""A finding: code, segment, position in its set, element."""

WRONG: dict[str, set[Told]] = {
    # ST 0002 of three has a person who is of no kind (NM102 = 9); its neighbours are sound.
    "Kartik-Hirijaganer__X12-Parser-Encoder__batch_with_one_bad_transaction.x12": {("7", "NM1", 9, 2)},
    # The trailer has another control number than the header.
    "LinuxForHealth__x12__subscriber-health-benefit-check-error.271": {("3", "SE", 8, 0)},
    # Its sample of a 277 is a claim acknowledgment in the clothes of a status response: actions and texts have no place in it.
    "imsweb__x12-parser__x12_277_x212.txt": {
        ("I10", "STC", position, element) for position in range(12, 104, 13) for element in (3, 12)
    },
    # SE01 counts four segments more than there are. (The group says 4010, the set itself 5010, which it follows.)
    "imsweb__x12-parser__x271.txt": {("19", "ST", 0, 0), ("4", "SE", 18, 0)},
    # Repetitions and components where there may be none: AK302, AK304 and AK404.
    "xlate__staedi__extraDelimiter997.edi": {
        ("12", "AK3", 4, 2), ("6", "AK3", 4, 2), ("12", "AK3", 4, 4), ("5", "AK3", 4, 4),
        ("12", "AK4", 5, 4), ("13", "AK4", 5, 4),
    },
    # Answers in a group of questions: GS01 HS.
    **{
        f"Kartik-Hirijaganer__X12-Parser-Encoder__{name}": {("18", "ST", 0, 0)}
        for name in (
            "271_active_response.x12", "271_multiple_eb_segments.x12", "271_rejected_subscriber.x12", "gainwell_271_redacted.edi",
        )
    },
    # A 997 of nothing: neither the group it answers nor a verdict.
    "xlate__staedi__empty997.edi": {("3", "AK1", 1, 0), ("3", "AK9", 1, 0)},
}  # fmt: skip

AMONG: dict[str, set[Told]] = {
    # ST03 is missing; TRN stands behind the name, and so is out of its place; TRN03 is shorter than a company's number.
    "Query-farm__vgi-x12__inquiry_270.270": {("1", "ST", 1, 3), ("4", "TRN", 9, 3)},
    "Query-farm__vgi-x12__eligibility_271.271": {("1", "ST", 1, 3)},
    # AK402 is neither a number nor short enough; AK101 here and in the next is no kind of group, and too long for one.
    "xlate__staedi__invalid997.edi": {("5", "AK4", 5, 2)},
    "xlate__staedi__invalid997_min.edi": set(),
    # LS and LE wrap a REF instead of a name.
    "Kartik-Hirijaganer__X12-Parser-Encoder__271_ls_le_wrapper.x12": {("I7", "NM1", 12, 0), ("7", "REF", 13, 0)},
    # A surplus element in AK2, a verdict that is none, a data element that is no number, and 18 segments called 16.
    "xlate__staedi__invalid999.edi": {("3", "AK2", 4, 4), ("7", "IK5", 5, 1), ("6", "CTX", 14, 6), ("4", "SE", 18, 0)},
}
"""Samples of which more than one reading is right, mostly since segments are out of place: these findings are in any of them."""

ENVELOPES: dict[str, set[str]] = {
    "imsweb__x12-parser__x12_999_accepted.txt": {"001"},
    "imsweb__x12-parser__x12_277_x212.txt": {"001"},
    "imsweb__x12-parser__x270.txt": {"001"},
    "imsweb__x12-parser__x271.txt": {"001"},
    "xlate__staedi__invalid997_min.edi": {"4"},
    # Blanks were lost, so that no element of its ISA is as wide as it should be.
    "UHIN__x12-parser-library__TA1.edi": {"006", "008", "011", "013"},
}

FOLDERS = ("270_271/", "276_277/", "277CA/", "999/", "TA1/")
ROWS = [row for folder in FOLDERS for row in corpus_rows(folder)] + [row for row in corpus_rows("other/") if "997" in row["path"]]


def is_sound_inside(tset: TransactionSet) -> bool:
    """Whether nothing is wrong with a set but the group it stands in."""
    return {(one.level, one.code) for one in tset.findings} <= {("set", "18"), ("set", "19")}


def sets_of(row: dict[str, str]) -> tuple[Reader, list[tuple[TransactionSet, list[str], list[str]]]]:
    """Each set that is read, its segments and what is written of its documents, in shortest form; sets refused are left out."""
    content = (CORPUS / row["path"]).read_bytes()
    reader = Reader([content])
    found = []
    for tset in reader:
        transaction = find_transaction(tset)
        if transaction is None:
            continue
        segments = [
            raw for other in Reader([(CORPUS / row["path"]).read_bytes()]) for raw in other if other.ordinal == tset.ordinal
        ]
        documents = [part.document for part in transaction.read_parts(tset) if part.document is not None]
        written: list[str] = []
        if is_sound_inside(tset):
            given = transaction.write_parts(
                documents, st_control_number=tset.st_control_number, version=tset.version, delimiters=tset.delimiters
            )
            written = shorten(list(given), tset.delimiters)
        found.append((tset, shorten(segments, tset.delimiters), written))
    return reader, found


def shorten(segments: list[str], delimiters: Delimiters) -> list[str]:
    return ["*".join(normalise_segment(segment.split(delimiters.element), delimiters)) for segment in segments]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["path"]) for row in ROWS])
def test_a_sample_is_judged_for_what_it_is(row: dict[str, str]) -> None:
    """Its sound sets come back segment for segment; in the others, what is really wrong is told, and nothing besides."""
    name = row["path"].split("/")[1]
    reader, sets = sets_of(row)
    told = {(one.code, one.segment, one.position, one.element) for tset, _, _ in sets for one in tset.findings}
    if name in AMONG:
        assert told >= AMONG[name]
    else:
        assert told == WRONG.get(name, set())
    assert {one.code for one in reader.findings} == ENVELOPES.get(name, set())
    for tset, segments, written in sets:
        assert not is_sound_inside(tset) or written == segments


def test_one_bad_set_of_three_does_not_touch_its_neighbours() -> None:
    (row,) = (row for row in ROWS if "batch_with_one_bad" in row["path"])
    _, sets = sets_of(row)
    assert [len(tset.findings) for tset, _, _ in sets] == [0, 1, 0]


def test_a_kind_of_group_that_is_none_is_told() -> None:
    rows = [row for row in ROWS if "invalid997" in row["path"]]
    assert len(rows) == 2
    for row in rows:
        _, ((tset, _, _),) = sets_of(row)
        assert [one.element for one in tset.findings if one.segment == "AK1"] == [1]


def test_an_older_version_is_refused_by_name_with_its_envelope_read() -> None:
    (row,) = (row for row in ROWS if row["path"].endswith("x270.txt"))
    reader = Reader([(CORPUS / row["path"]).read_bytes()])
    (tset,) = reader
    assert find_transaction(tset) is None
    assert "004010X092A1" in refuse(tset).message
    assert reader.interchanges[0].header.isa_control_number == 3438


def test_the_interchange_acknowledgments_among_the_samples_are_read() -> None:
    told = {}
    for row in corpus_rows("TA1/"):
        reader = Reader([(CORPUS / row["path"]).read_bytes()])
        assert list(reader) == []
        told[row["path"].split("/")[1]] = [
            (one.isa_control_number, one.verdict, one.note) for one in reader.interchanges[0].acknowledgments
        ]
    assert not told or told == {
        "UHIN__x12-parser-library__TA1.edi": [(100, "R", "024")],
        "xlate__staedi__x12_interchange_ack.txt": [(50, "A", "000")],
    }
