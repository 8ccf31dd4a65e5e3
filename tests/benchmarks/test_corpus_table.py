"""Every public sample file ends as clean, with findings, refused by name or not X12, and each disagreement is explained."""

import json

import pytest

from benchmarks import corpus_table
from benchmarks.corpus_files import CorpusFile, Verdict, list_files
from benchmarks.explanations import Judgement, explain, read_explanations


@pytest.fixture(scope="module")
def rows() -> list[corpus_table.Row]:
    return [corpus_table.compare(file) for file in list_files()]


@pytest.fixture(scope="module")
def judgement(rows: list[corpus_table.Row]) -> Judgement:
    differences = (one for row in rows for one in row.differences)
    return explain(differences, read_explanations(corpus_table.EXPLAINED))


def test_every_disagreement_is_explained(judgement: Judgement) -> None:
    """Who is right and why stands in corpus_explained.toml, for what either tells alone."""
    assert list(judgement.unexplained) == []


def test_no_explanation_is_stale(judgement: Judgement) -> None:
    assert list(judgement.stale) == []


def test_every_file_has_a_verdict(rows: list[corpus_table.Row]) -> None:
    """None is passed over: each is clean, or with findings, or refused by a name, or not X12 from a byte on."""
    assert len(rows) == 149
    for row in rows:
        assert row.verdict.word == "clean" or row.verdict.findings or row.verdict.refused or row.verdict.not_x12_at is not None
        assert row.verdict.sets or row.verdict.refused, row.file.path


def test_what_nobody_here_reads_is_refused_by_name(rows: list[corpus_table.Row]) -> None:
    """4010 and 834 name themselves; nothing of 5010 that is to be read here is refused."""
    refused = {row.file.path: " ".join(row.verdict.refused) for row in rows if row.verdict.refused}
    assert "834" in refused["other/LinuxForHealth__x12__add-dependent.834"]
    assert "004010X098A1" in refused["837P/Query-farm__vgi-x12__pipe_delims.edi"]
    assert all(row.verdict.findings for row in rows if "4010" in refused.get(row.file.path, "") and row.file.envelope_errors)


def test_an_index_that_says_more_than_we_find_is_heard() -> None:
    """A count that is wrong in the index's eyes and right in ours is a difference, and so is the other way round."""
    silent = CorpusFile("a.edi", clean=False, envelope_errors="SE01=25 actual 34", notes="", expected="")
    assert list(corpus_table._differ(silent, Verdict(("837P",), (), ()))) == ["- set 4 SE"]
    assert list(corpus_table._differ(silent, Verdict(("837P",), (), ("set 4 SE",)))) == []
    clean = CorpusFile("b.edi", clean=True, envelope_errors="", notes="", expected="")
    assert list(corpus_table._differ(clean, Verdict(("837P",), (), ("set 4 SE",)))) == ["+ set 4 SE"]


def test_the_table_can_be_read_by_people_and_programs(rows: list[corpus_table.Row], judgement: Judgement) -> None:
    table = "\n".join(corpus_table.draw(rows, judgement))
    assert table.count("\n| ") >= 149
    document = json.loads(json.dumps(corpus_table.build_document(rows, judgement)))
    assert len(document["files"]) == 149
    assert all(one["why"] for file in document["files"] for one in file["differences"])
