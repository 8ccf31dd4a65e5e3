"""Files of codes: each layout the owners publish is read whole, and every line that is wrong is named."""

from datetime import date

import pytest

from edi.codes.lists import LISTS
from gateway.domain.code_files import Columns, ListedCode, read_codes


def read(name: str, content: str | bytes, /, **columns: str) -> tuple[list[ListedCode], list[tuple[int, str]]]:
    data = content if isinstance(content, bytes) else content.encode()
    codes, bad = read_codes(LISTS[name], data, Columns(**columns))
    return codes, [(line.position, line.message) for line in bad]


def hcpcs_record(code: str, kind: str, short: str, begins: str = "20260101", ends: str = "") -> str:
    record = f"{code:<5}00100{kind}{'INVENTED LONG TEXT':<80}{short:<28}"
    return f"{record:<268}{'20250101':<8}{begins:<8}{ends:<8}N".ljust(320)


def test_a_table_is_read_by_the_names_of_its_columns() -> None:
    codes, bad = read(
        "CARC", 'Code,Description,Start Date,Stop Date\n45,"Invented, text",1/1/1995,\nP12,Other,2014-06-01,20261231\n'
    )
    assert bad == []
    assert codes == [
        ListedCode("45", "Invented, text", date(1995, 1, 1), None, 2),
        ListedCode("P12", "Other", date(2014, 6, 1), date(2026, 12, 31), 3),
    ]


@pytest.mark.parametrize("delimiter", ["\t", "|", ";", ","])
def test_every_usual_delimiter_is_found(delimiter: str) -> None:
    codes, bad = read("RARC", f"Remark Code{delimiter}Text\nN290{delimiter}invented\n")
    assert (codes, bad) == ([ListedCode("N290", "invented", None, None, 2)], [])


def test_columns_of_unknown_names_are_given() -> None:
    text = "Begin\tProc\tWords\n20260101\t99213\tinvented\n"
    codes, bad = read("CPT", text, code="Proc", text="words", valid_from="BEGIN")
    assert (codes, bad) == ([ListedCode("99213", "invented", date(2026, 1, 1), None, 2)], [])


def test_a_column_that_is_given_and_not_there_is_refused() -> None:
    _, bad = read("CPT", "Proc,Words\n99213,invented\n", code="Code")
    assert bad == [(1, "the first line does not name the column given for the code")]
    _, bad = read("CPT", "Proc,Words\n99213,invented\n", code="Proc", text="Meaning")
    assert bad == [(1, "the first line names no column for the text")]


def test_the_code_file_of_icd_10_cm_is_code_and_text() -> None:
    codes, bad = read("ICD-10-CM", "E119    Invented, with a comma\nS72001A Other\n")
    assert bad == []
    assert [(one.code, one.text) for one in codes] == [("E119", "Invented, with a comma"), ("S72001A", "Other")]


def test_the_order_file_of_icd_10_cm_gives_what_may_be_billed() -> None:
    heading = f"00001 {'E11':<7} 0 {'Invented heading':<60} Invented heading long"
    leaf = f"00002 {'E119':<7} 1 {'Invented':<60} Invented long text"
    codes, bad = read("ICD-10-CM", f"{heading}\n{leaf}\n")
    assert (codes, bad) == ([ListedCode("E119", "Invented long text", None, None, 2)], [])
    _, bad = read("ICD-10-CM", f"{heading}\nE119 text\n")
    assert bad == [(2, "it does not have the layout of the lines before it")]


def test_the_fixed_width_file_of_hcpcs_gives_codes_or_modifiers() -> None:
    records = (
        hcpcs_record("A0001", "3", "INVENTED A"),
        hcpcs_record("A0001", "4", ""),
        hcpcs_record("A0002", "3", "INVENTED B", "20200101", "20251231"),
        hcpcs_record("   A1", "7", "INVENTED MODIFIER"),
    )
    file = "\n".join(records) + "\n\x1a"
    codes, bad = read("HCPCS", file)
    assert bad == []
    assert codes == [
        ListedCode("A0001", "INVENTED A", date(2026, 1, 1), None, 1),
        ListedCode("A0002", "INVENTED B", date(2020, 1, 1), date(2025, 12, 31), 3),
    ]
    assert read("HCPCS", "\n".join(record.rstrip() for record in records)) == (codes, [])
    modifiers, bad = read("modifier", file)
    assert ([(one.code, one.text) for one in modifiers], bad) == ([("A1", "INVENTED MODIFIER")], [])


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("CARC", "4X5,text,,", '"4X5" does not have the form of a code of CARC'),
        ("CARC", ",text,,", "an empty code does not have the form of a code of CARC"),
        ("CARC", "45,,,", "the text of 45 is missing, longer than 4000 characters or not plain text"),
        ("CARC", "45,a\x07b,,", "the text of 45 is missing, longer than 4000 characters or not plain text"),
        ("CARC", "45,text,13/13/2020,", "a date of 45 is not one: write 2026-10-01, 20261001 or 10/1/2026"),
        ("CARC", "45,text,2020-02-01,2020-01-31", "45 ends on 2020-01-31, before it begins on 2020-02-01"),
        ("CARC", "45", "it has 1 columns, fewer than the heading"),
        ("CPT", "J1234,text,,", '"J1234" does not have the form of a code of CPT'),
        ("taxonomy", "207Q00000,text,,", '"207Q00000" does not have the form of a code of taxonomy'),
    ],
)
def test_a_bad_line_is_named_and_what_is_wrong_with_it(name: str, line: str, message: str) -> None:
    _, bad = read(name, f"Code,Text,Start,Stop\n{line}\n")
    assert bad == [(2, message)]


def test_every_bad_line_is_named_not_the_first_alone() -> None:
    _, bad = read("CARC", "Code,Text\n-,a\n45,b\n+,c\n45,d\n")
    assert [position for position, _ in bad] == [2, 4, 5]


def test_a_code_may_stand_twice_for_different_days_only() -> None:
    heading = "Code,Text,Start,Stop\n"
    codes, bad = read("HCPCS", f"{heading}A0001,old,2020-01-01,2025-12-31\nA0001,new,2026-01-01,\n")
    assert ([one.text for one in codes], bad) == (["old", "new"], [])
    _, bad = read("HCPCS", f"{heading}A0001,old,2020-01-01,2026-01-01\nA0001,new,2026-01-01,\n")
    assert bad == [(3, "A0001 stands on line 2 already, for some of the same days")]


def test_a_text_over_several_lines_is_one_text() -> None:
    codes, bad = read("CARC", 'Code,Text\n45,"two\nlines"\n46,one\n')
    assert ([(one.code, one.text, one.position) for one in codes], bad) == ([("45", "two lines", 3), ("46", "one", 4)], [])


def test_quotation_marks_that_do_not_fit_are_said() -> None:
    _, bad = read("CARC", 'Code,Text\n45,"open\n')
    assert bad == [(2, "its quotation marks do not fit together, or a column is far too long")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rest", "it is a ZIP archive or a spreadsheet: unpack it, or save the sheet as CSV"),
        (b"Code\x00Text", "it is not a text file"),
        (b"\x81\x8d", "it is text neither in UTF-8 nor in Windows-1252"),
        (b"", "there is no code in it"),
        (b"Code,Text\n", "there is no code in it"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(data: bytes, message: str) -> None:
    assert read("CARC", data) == ([], [(0, message)])


def test_windows_text_and_byte_order_marks_are_read() -> None:
    codes, _ = read("CARC", b"Code,Text\r\n45,caf\xe9\r\n")
    assert codes[0].text == "café"
    codes, _ = read("CARC", b"\xef\xbb\xbfCode,Text\n45,x\n")
    assert codes[0].code == "45"


def test_points_and_leading_zeros_are_as_claims_have_them() -> None:
    codes, _ = read("ICD-10-CM", "Code,Text\nE11.9,invented\n")
    assert codes[0].code == "E119"
    codes, _ = read("revenue", "Code,Text\n450,invented\n")
    assert codes[0].code == "0450"


def test_a_line_of_another_layout_in_the_fixed_width_file_is_named() -> None:
    file = hcpcs_record("A0001", "3", "INVENTED A") + "\nA0002 INVENTED B\n" + hcpcs_record("A0003", "3", "")
    _, bad = read("HCPCS", file)
    assert bad == [
        (2, "it does not have the layout of the lines before it"),
        (3, "the text of A0003 is missing, longer than 4000 characters or not plain text"),
    ]


def test_the_table_of_hcpcs_gives_codes_or_modifiers_below_its_title() -> None:
    file = (
        '"Invented title, with a notice"\n\nHCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,ADD DT,ACT EFF DT,TERM DT\n'
        "A0001,100,3,Long,INVENTED A,20200101,20260101,\nA0001,200,4,more,,,,\nA1,100,7,Long,INVENTED M,20200101,20200101,\n"
    )
    assert read("HCPCS", file) == ([ListedCode("A0001", "INVENTED A", date(2026, 1, 1), None, 4)], [])
    assert read("modifier", file) == ([ListedCode("A1", "INVENTED M", date(2020, 1, 1), None, 6)], [])


def test_a_line_of_any_length_is_no_accident() -> None:
    _, bad = read("CARC", "Code,Text\n45," + "x" * 200_000 + "\n")
    assert bad == [(2, "its quotation marks do not fit together, or a column is far too long")]
    _, bad = read("CARC", "x" * 300_000)
    assert [position for position, _ in bad] == [1]
