"""Bytes into raw segments: delimiters, line ends, offsets, pieces of any size."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.findings import EdiError, Unwritable
from edi.segments import Delimiters, Run, compose, read_segments
from tests.support.remittances import FILE, ISA


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def read_all(data: bytes, size: int = 1 << 20) -> list[tuple[int, str]]:
    runs: list[Run] = list(read_segments(pieces(data, size)))
    return [(run.offset_at(index), segment) for run in runs for index, segment in enumerate(run.segments)]


@pytest.mark.parametrize(
    "characters",
    [
        ("*", ":", "^", "*"),
        ("*", ":", ":", "~"),
        ("A", ":", "^", "~"),
        ("*", "1", "^", "~"),
        ("", ":", "^", "~"),
        ("*", " ", "^", "~"),
    ],
)
def test_delimiters_must_differ_and_be_no_letters(characters: tuple[str, str, str, str]) -> None:
    """Delimiters that would make text ambiguous are refused when they are declared."""
    with pytest.raises(ValueError, match="delimiter"):
        Delimiters(*characters)


@pytest.mark.parametrize("ends", ["", "\n", "\r\n", "\r", "\n\n", " \n", "\n  ", "\t"])
@pytest.mark.parametrize("lead", ["", "\n\n", "\ufeff", "\ufeff\r\n "])
@pytest.mark.parametrize("tail", ["", "\n", "\x1a", "\r\n\x1a\r\n", "   "])
def test_line_ends_of_any_kind_change_nothing(ends: str, lead: str, tail: str) -> None:
    """Line ends and blanks before tags, a byte order mark and an end-of-text mark are no part of any segment."""
    data = (lead + FILE.strip().replace("~\n", "~" + ends) + tail).encode()
    expected = [line.rstrip("~") for line in FILE.splitlines()]
    assert [segment for _, segment in read_all(data)] == expected
    assert [segment for _, segment in read_all(data, 1)] == expected


@pytest.mark.parametrize("size", [1, 2, 7, 100, 1 << 20])
@pytest.mark.parametrize("ends", ["", "\n", "\r\n", " \n"])
def test_offsets_point_at_tags(size: int, ends: str) -> None:
    """Each offset is where the segment's tag begins in the stream, however the bytes are cut."""
    data = (" \n" + FILE.replace("~\n", "~" + ends)).encode()
    for offset, segment in read_all(data, size):
        assert data[offset:].startswith(segment.encode())


@pytest.mark.parametrize("terminator", ["\n", "\r", "\r\n"])
def test_a_line_end_may_be_the_terminator(terminator: str) -> None:
    """Then blank lines are no segments, and the last line may lack its end."""
    text = FILE.replace("~\n", terminator).replace("*:" + terminator, "*>" + terminator).replace(":", ">")
    expected = [line.rstrip("~").replace(":", ">") for line in FILE.splitlines()]
    assert [segment for _, segment in read_all(text.encode())] == expected
    doubled = text.replace(terminator + "TRN", terminator * 3 + "TRN").rstrip()
    assert [segment for _, segment in read_all(doubled.encode())] == expected


def test_blanks_within_elements_are_data() -> None:
    """Only what stands around segments is trimmed: blanks at the end of the last element stay."""
    data = (ISA + "N1*PR* PLAN  ~\r\nN3*X ~").encode()
    assert [segment for _, segment in read_all(data)][1:] == ["N1*PR* PLAN  ", "N3*X "]


def test_each_isa_brings_its_own_delimiters() -> None:
    """Interchanges with different punctuation follow each other in one stream, cut anywhere."""
    other = FILE.replace("~", "'").replace("*", "|").replace("T|:'", "T|>'").replace("^", "!")
    data = (FILE + other + FILE).encode()
    for size in (1, 13, 1 << 20):
        runs = list(read_segments(pieces(data, size)))
        heads = [
            (run.delimiters.element, run.delimiters.component, run.delimiters.repetition)
            for run in runs
            if run.starts_interchange
        ]
        assert heads == [("*", ":", "^"), ("|", ">", "!"), ("*", ":", "^")]
        assert sum(len(run.segments) for run in runs) == 3 * len(FILE.splitlines())


def test_no_repetition_separator_before_5010() -> None:
    """ISA11 = U, the 4010 form, means that elements do not repeat."""
    (run,) = read_segments([ISA.replace("*^*00501*", "*U*00401*").encode()])
    assert run.delimiters == Delimiters("*", ":", "", "~")


def test_an_isa_of_another_width_is_read_by_its_elements() -> None:
    """Padding left off does not hide the delimiters."""
    (run,) = read_segments([b"ISA*00**00**ZZ*A*ZZ*B*260105*0800*^*00501*000000001*0*T*>~\nIEA*0*000000001~"])
    assert run.delimiters == Delimiters("*", ">", "^", "~")
    assert len(run.segments) == 2


def test_bytes_are_not_lost_to_a_charset() -> None:
    """Every byte is one character, so that what is kept is what came."""
    (_, (_, segment)) = read_all(ISA.encode() + b"N1*PR*\xe9\xff\x80~")
    assert segment.encode("latin-1") == b"N1*PR*\xe9\xff\x80"


@given(st.integers(1, 400))
def test_the_cut_of_the_bytes_changes_nothing(size: int) -> None:
    """Pieces of any size give the same segments at the same offsets."""
    assert read_all(FILE.encode(), size) == read_all(FILE.encode())


def test_an_error_says_where_and_nothing_else() -> None:
    """The message holds the offset and no data of the file."""
    with pytest.raises(EdiError, match=r"^no segment terminator in 64 KiB \(at byte 107\)$"):
        list(read_segments([ISA.encode(), b"SECRET" * 20_000]))


def test_a_composite_is_trimmed_and_refuses_its_separator() -> None:
    """A component cannot hold what would split it."""
    assert compose(("HC", "99213", "", ""), Delimiters()) == "HC:99213"
    with pytest.raises(Unwritable) as caught:
        compose(("HC", "99:213"), Delimiters())
    assert caught.value.finding.component == 2
