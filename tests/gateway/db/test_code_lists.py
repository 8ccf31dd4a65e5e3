"""Imported code lists in the database: replaced whole, found by code and by list, on both databases."""

from datetime import UTC, date, datetime

from sqlalchemy import Engine

from gateway.db import code_lists
from gateway.db.engine import reading, writing
from gateway.domain.code_files import ListedCode

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def put(engine: Engine, name: str, *codes: ListedCode) -> None:
    with writing(engine) as connection:
        code_lists.replace_list(connection, name, codes, file_name="list.csv", sha256="0" * 64, imported_by="ada", now=NOW)


def test_a_list_is_replaced_whole_and_others_stay(fresh_engine: Engine) -> None:
    put(fresh_engine, "CPT", ListedCode("00100", "invented", None, None, 1))
    put(fresh_engine, "CARC", *(ListedCode(str(n), f"text {n}", date(2026, 1, n), None, n) for n in range(1, 32)))
    put(fresh_engine, "CARC", ListedCode("2", "newer", None, date(2026, 12, 31), 1))
    with reading(fresh_engine) as connection:
        rows = code_lists.list_imported(connection)
        found = code_lists.find_codes(connection, ["1", "2", "00100"])
    assert [(row["name"], row["code_count"], row["valid_through"]) for row in rows] == [
        ("CARC", 1, date(2026, 12, 31)),
        ("CPT", 1, None),
    ]
    assert [(row["name"], row["code"], row["text"]) for row in found] == [("CARC", "2", "newer"), ("CPT", "00100", "invented")]


def test_many_codes_at_once_are_kept_in_full(fresh_engine: Engine) -> None:
    put(fresh_engine, "CPT", *(ListedCode(f"{n:05}", "invented\ttext \\ é", None, None, n + 1) for n in range(12_000)))
    with reading(fresh_engine) as connection:
        assert len(code_lists.codes_of(connection, "CPT")) == 12_000
        assert code_lists.texts_of(connection, ["CPT"])["CPT"]["11999"] == "invented\ttext \\ é"


def test_the_text_that_holds_longest_is_the_one_shown(fresh_engine: Engine) -> None:
    old = ListedCode("A0001", "old", date(2020, 1, 1), date(2025, 12, 31), 1)
    put(fresh_engine, "HCPCS", ListedCode("A0001", "new", date(2026, 1, 1), None, 2), old)
    with reading(fresh_engine) as connection:
        assert code_lists.texts_of(connection, ["HCPCS", "CPT"]) == {"HCPCS": {"A0001": "new"}}
        assert [row["text"] for row in code_lists.find_codes(connection, ["A0001"], name="HCPCS")] == ["new", "old"]
        assert code_lists.find_codes(connection, ["A0001"], name="CPT") == []


def test_a_dropped_list_leaves_nothing(fresh_engine: Engine) -> None:
    put(fresh_engine, "CPT", ListedCode("00100", "invented", None, None, 1))
    with writing(fresh_engine) as connection:
        assert code_lists.drop_list(connection, "CPT")
        assert not code_lists.drop_list(connection, "CPT")
        assert code_lists.codes_of(connection, "CPT") == []
