"""A file is whole when its own format says so; what is cut anywhere is not, and every byte is passed on either way."""

import gzip
import io
import zipfile
from collections.abc import Iterator

import pytest

from gateway.domain.readiness import SightingState
from gateway.domain.wholeness import CheckedContent, NotWhole

HEAD = "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *261120*1200*^*00501*000000010*0*T*:~"
WHOLE = HEAD + "TA1*000000001*261120*1200*A*000~IEA*0*000000010~"
BLANK_SHAPES = {
    "nothing": b"",
    "blank": b" ",
    "blanks": b" " * 5000,
    "tab": b"\t",
    "line feed": b"\n",
    "return": b"\r",
    "line end": b"\r\n",
    "line ends": b"\r\n" * 3000,
    "blank lines": b"  \n \n\t\n",
    "end of file mark": b"\x1a",
    "line end and mark": b"\r\n\x1a",
    "form feed": b"\x0c",
    "vertical tab": b"\x0b",
    "zero": b"\0",
    "zeros": b"\0" * 70_000,
    "UTF-8 mark": b"\xef\xbb\xbf",
    "UTF-8 mark and line end": b"\xef\xbb\xbf\r\n",
    "UTF-16 mark": b"\xff\xfe",
    "UTF-16 mark, other way": b"\xfe\xff",
    "UTF-16 line end": b"\xff\xfe\r\0\n\0",
    "mixed": b" \0\t\r\n\x0b\x0c\x1a",
}


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    yield from (content[at : at + size] for at in range(0, len(content), size))


def check(content: bytes, size: int = 4096) -> str:
    """What the content is found to be: its kind and 'whole', or why not."""
    checked = CheckedContent(pieces(content, size))
    passed: list[bytes] = []
    try:
        passed.extend(checked)
    except NotWhole as reason:
        verdict = f"{checked.kind} {reason.state}"
    else:
        verdict = f"{checked.kind} whole"
    assert b"".join(passed) == content, "every byte is passed on"
    return verdict


def zipped(**members: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return kept.getvalue()


@pytest.mark.parametrize("shape", BLANK_SHAPES)
@pytest.mark.parametrize("size", [1, 3, 4096])
def test_nothing_and_blanks_are_empty(shape: str, size: int) -> None:
    assert check(BLANK_SHAPES[shape], size) == "blank empty"


@pytest.mark.parametrize("size", [1, 5, 105, 106, 4096])
@pytest.mark.parametrize("line_end", ["", "\n", "\r\n"])
def test_x12_is_whole_at_its_iea_and_nowhere_before(size: int, line_end: str) -> None:
    content = WHOLE.replace("~", "~" + line_end).encode()
    assert check(content, size) == "x12 whole"
    last = content.index(b"IEA*0*000000010") + len(b"IEA*0*000000010")
    for cut in range(9, last):
        assert check(content[:cut], size) == "x12 broken_off", cut
    for cut in range(last, len(content)):
        assert check(content[:cut], size) == "x12 whole", cut


@pytest.mark.parametrize("lead", [b"\xef\xbb\xbf", b"\n", b" \r\n\r\n", b"\xef\xbb\xbf\r\n"])
def test_a_mark_or_blank_lines_before_the_isa_change_nothing(lead: bytes) -> None:
    assert check(lead + WHOLE.encode()) == "x12 whole"
    assert check(lead + WHOLE.encode()[:-20], 1) == "x12 broken_off"


@pytest.mark.parametrize("beginning", [b"I", b"IS", b"ISA", b"P", b"PK", b"PK\x03", b"\x1f"])
def test_the_beginning_of_a_beginning_is_broken_off(beginning: bytes) -> None:
    assert check(beginning) == "plain broken_off"


def test_only_the_last_of_several_interchanges_need_be_closed() -> None:
    unclosed = WHOLE[: WHOLE.index("IEA")]
    assert check((unclosed + WHOLE).encode()) == "x12 whole"
    assert check((WHOLE + unclosed).encode()) == "x12 broken_off"
    for cut in range(1, len(unclosed)):
        assert check((WHOLE + "\n" + unclosed[:cut]).encode()) == "x12 broken_off", cut


def test_text_behind_the_iea_is_for_the_reader_to_report() -> None:
    assert check((WHOLE + "what is this" + "x" * 200_000).encode()) == "x12 whole"


def test_an_iea_of_another_interchange_closes_nothing() -> None:
    assert check(WHOLE.replace("IEA*0*000000010", "IEA*0*000000011").encode()) == "x12 broken_off"


def test_a_control_number_without_its_zeros_is_the_same_number_once_it_is_terminated() -> None:
    short = WHOLE.replace("IEA*0*000000010~", "IEA*0*10~")
    assert check(short.encode()) == "x12 whole"
    assert check(short[:-1].encode()) == "x12 broken_off"


def test_a_disk_that_was_not_written_to_yet_ends_no_interchange() -> None:
    assert check(WHOLE[:150].encode() + bytes(200_000)) == "x12 broken_off"


def test_an_isa_that_no_further_byte_can_mend_is_not_waited_for() -> None:
    assert check(b"ISA*" + b"x" * 2000) == "x12 whole"
    assert check(HEAD.replace("^", "*").replace("~", "*").encode() + b"GS*HP~" * 200) == "x12 whole"


CUT_SHORT = {
    "a terminator in ISA04": WHOLE.replace("*00*          *ZZ*THEM", "*00*PASS~WORD *ZZ*THEM"),
    "wrapped at its terminator": WHOLE.replace("~", "\n").replace("*ZZ*US   ", "*ZZ*US\n  "),
}
"""Whole files whose ISA ends, for whoever splits at the terminator, before its ISA13."""


@pytest.mark.parametrize("shape", CUT_SHORT)
@pytest.mark.parametrize("lead", ["", WHOLE])
def test_an_isa_that_holds_its_own_terminator_is_closed_by_any_iea_and_by_nothing_else(shape: str, lead: str) -> None:
    """As the reader reads it: without a number, which it reports."""
    content = (lead if "~" in CUT_SHORT[shape] else lead.replace("~", "\n")) + CUT_SHORT[shape]
    for size in (1, 4096):
        assert check(content.encode(), size) == "x12 whole"
        assert check(content[: content.rindex("IEA")].encode(), size) == "x12 broken_off"
        assert check(content[:-1].encode(), size) == "x12 broken_off"


@pytest.mark.parametrize("content", [b"report of 20 November", b"ISAbel Invented", b"%PDF-1.4", b"<html>"])
def test_what_has_no_envelope_has_no_end_to_be_asked_for(content: bytes) -> None:
    assert check(content) == "plain whole"
    assert check(content, 1) == "plain whole"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_zip_is_whole_with_its_directory_and_nowhere_before(size: int) -> None:
    content = zipped(a=b"x" * 500, b=b"yy")
    assert check(content, size) == "zip whole"
    for cut in range(4, len(content)):
        assert check(content[:cut], size) == "zip broken_off", cut


def test_a_zip_in_a_zip_does_not_end_the_outer_one() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("inner.zip", zipped(a=b"x"))
    content = kept.getvalue()
    assert check(content) == "zip whole"
    assert check(content[: content.index(b"PK\x01\x02", content.index(b"PK\x05\x06"))]) == "zip broken_off"


@pytest.mark.parametrize("plain", [b"", b"short", b"again and again " * 50_000, bytes(65536 * 3)])
def test_a_gzip_is_whole_with_its_check_sum_and_nowhere_before(plain: bytes) -> None:
    content = gzip.compress(plain, mtime=0)
    assert check(content) == "gzip whole"
    assert check(content + content) == "gzip whole"
    for cut in range(2, len(content), max(1, len(content) // 200)):
        assert check(content[:cut]) == "gzip broken_off", cut


def test_damage_is_not_waited_for() -> None:
    content = bytearray(gzip.compress(b"again and again " * 500, mtime=0))
    content[20] ^= 0xFF
    assert check(bytes(content)) in ("gzip whole", "gzip broken_off")
    assert check(b"\x1f\x8b\x07 no such method, and more of it") == "gzip whole"


def test_what_a_person_takes_passes_as_it_is() -> None:
    for content, kind in ((b"", "blank"), (WHOLE[:50].encode(), "x12"), (zipped(a=b"x")[:30], "zip")):
        taken = CheckedContent([content], as_it_is=True, announced_bytes=7)
        assert (b"".join(taken), taken.kind, taken.size_bytes) == (content, kind, len(content))


def test_other_bytes_than_were_listed_are_still_arriving() -> None:
    with pytest.raises(NotWhole) as reason:
        list(CheckedContent([WHOLE.encode()], announced_bytes=len(WHOLE) - 1))
    assert reason.value.state == SightingState.ARRIVING
