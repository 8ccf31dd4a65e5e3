"""`claimwire codes`: what codes mean, and lists of the operator's own: all of a file or nothing of it."""

from pathlib import Path
from typing import Any

from tests.gateway.cli.conftest import Run

CARCS = "Code,Description,Start Date,Stop Date\n45,Invented official text,1/1/1995,\nP12,Other,6/1/2014,\n"


def find_row(run: Run, name: str) -> dict[str, Any]:
    (row,) = [row for row in run("codes", "list", "--json").json if row["name"] == name]
    return dict(row)


def test_a_code_is_explained_in_one_list_or_in_all_that_have_it(run: Run) -> None:
    shown = run("codes", "show", "carc", "29")
    assert (shown.code, shown.out) == (0, "CARC 29: filed too late\n  Appeal with the 277CA that proves timely filing.\n")
    assert [row["list"] for row in run("codes", "show", "WO", "--json").json] == ["PLB"]
    assert {"CARC", "status", "entity"} <= {row["list"] for row in run("codes", "show", "45", "--json").json}


def test_a_code_that_no_list_has_is_said_with_exit_1(run: Run) -> None:
    shown = run("codes", "show", "CARC", "99999")
    assert (shown.code, shown.out, shown.err) == (1, "", "CARC has not the code 99999.\n")
    assert run("codes", "show", "nonsense", "1").err.startswith('claimwire: refused: there is no code list "nonsense"')
    assert run("codes", "show", "1", "2", "3").code == 2


def test_an_imported_text_is_shown_before_ours_and_our_next_step_stays(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "carc.csv"
    file.write_text(CARCS)
    ran = run("codes", "import", "CARC", file)
    assert (ran.code, ran.out) == (0, "CARC: 2 codes imported from carc.csv.\n")
    (row,) = run("codes", "show", "CARC", "45", "--json").json
    assert (row["text"], row["source"], row["valid_from"]) == ("Invented official text", "imported", "1995-01-01")
    assert row["next_step"]
    (other,) = run("codes", "show", "CARC", "29", "--json").json
    assert other["source"] == "claimwire"
    listed = find_row(run, "CARC")
    assert (listed["imported"], listed["file_name"], len(listed["sha256"])) == (2, "carc.csv", 64)


def test_one_bad_line_imports_nothing_and_every_bad_line_is_named(run: Run, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(CARCS)
    bad.write_text("Code,Description\n97,fine\n?,wrong\n98,\n")
    assert run("codes", "import", "CARC", good).code == 0
    ran = run("codes", "import", "CARC", bad)
    assert (ran.code, "nothing was imported; 2 lines are wrong, 1 are right" in ran.out) == (1, True)
    assert ("bad.csv, line 3:" in ran.err, "bad.csv, line 4:" in ran.err) == (True, True)
    assert find_row(run, "CARC")["file_name"] == "good.csv"


def test_an_import_takes_the_place_of_the_one_before(run: Run, tmp_path: Path) -> None:
    for text in ("Code,Text\n1,first\n2,second\n", "Code,Text\n2,newer\n"):
        run("codes", "import", "CARC", "-", stdin=text.encode())
    listed = find_row(run, "CARC")
    assert (listed["imported"], listed["file_name"]) == (1, "stdin")
    assert run("codes", "show", "CARC", "1", "--json").json[0]["source"] == "claimwire"
    assert run("codes", "show", "CARC", "2", "--json").json[0]["text"] == "newer"


def test_a_dry_run_checks_and_imports_nothing(run: Run) -> None:
    ran = run("codes", "import", "CARC", "-", "--dry-run", "--json", stdin=CARCS.encode())
    assert (ran.code, ran.json["codes"], ran.json["imported"]) == (0, 2, False)
    assert find_row(run, "CARC")["imported"] == 0


def test_the_days_of_a_release_and_the_names_of_columns_can_be_given(run: Run) -> None:
    text = b"Proc\tWords\n99213\tinvented\n"
    days = ("--from", "2026-01-01", "--through", "2026-12-31")
    ran = run("codes", "import", "CPT", "-", *days, "--column", "code=Proc", "--column", "text=Words", stdin=text)
    assert ran.code == 0
    (row,) = run("codes", "show", "99213", "--json").json
    assert (row["list"], row["valid_from"], row["valid_through"]) == ("CPT", "2026-01-01", "2026-12-31")
    assert run("codes", "import", "CPT", "-", "--column", "colour=Proc", stdin=text).code == 2
    assert run("codes", "import", "CPT", "-", "--from", "2026-02-01", "--through", "2026-01-01", stdin=text).code == 1


def test_a_dropped_list_is_gone_and_ours_is_shown_again(run: Run) -> None:
    run("codes", "import", "CARC", "-", stdin=CARCS.encode())
    assert run("codes", "drop", "CARC").code == 0
    assert run("codes", "show", "CARC", "45", "--json").json[0]["source"] == "claimwire"
    assert run("codes", "drop", "CARC").err == "claimwire: refused: nothing was imported for CARC\n"


def test_codes_are_explained_without_any_database(run_anywhere: Run, tmp_path: Path) -> None:
    """Whoever installed claimwire and nothing else can ask what a code means; asking makes no database."""
    config = tmp_path / "config.toml"
    config.write_text('[database]\nurl = "sqlite:///claims.db"\n')
    assert "filed too late" in run_anywhere("--config", config, "codes", "show", "CARC", "29").out
    assert run_anywhere("--config", config, "codes", "list").code == 0
    assert not (tmp_path / "claims.db").exists()
    (tmp_path / "claims.db").touch()
    assert "filed too late" in run_anywhere("--config", config, "codes", "show", "CARC", "29").out


def test_a_file_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    assert "cannot be read" in run("codes", "import", "CARC", tmp_path / "nothing.csv").err


def test_a_code_of_a_list_without_texts_is_not_called_unknown(run_anywhere: Run) -> None:
    """E11.9 is a diagnosis; only its words are not shipped."""
    shown = run_anywhere("codes", "show", "ICD-10-CM", "E119")
    assert (shown.code, shown.out) == (1, "")
    assert shown.err == "No texts of ICD-10-CM are at hand; `claimwire codes import ICD-10-CM FILE` brings the owner's.\n"
