"""What differs from another's verdict is explained in data, and the data is neither short nor stale."""

from pathlib import Path

import pytest

from benchmarks import compare_oxedi
from benchmarks.explanations import Difference, explain, read_explanations

ONE = """
[[explanation]]
files = ["835/*", "837P/a.edi"]
differences = ["+ element 7 *", "- set 4 SE"]
right = "ours"
why = "The file says so."
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "explained.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_difference_is_explained_once_for_many_files(tmp_path: Path) -> None:
    differences = [Difference("835/b.edi", "+ element 7 2100/CLP02"), Difference("837P/a.edi", "- set 4 SE")]
    judgement = explain(differences, read_explanations(write(tmp_path, ONE)))
    assert judgement.is_sound
    assert [difference for difference, _ in judgement.explained] == differences


def test_what_no_explanation_covers_is_told(tmp_path: Path) -> None:
    """Another file, or another difference in the same file, needs a word of its own."""
    known = [Difference("835/b.edi", "+ element 7 2100/CLP02"), Difference("837P/a.edi", "- set 4 SE")]
    strange = [Difference("837P/b.edi", "- set 4 SE"), Difference("835/b.edi", "+ element 1 2100/CLP01")]
    judgement = explain([*known, *strange], read_explanations(write(tmp_path, ONE)))
    assert list(judgement.unexplained) == strange
    assert not judgement.is_sound


def test_an_explanation_of_nothing_is_stale(tmp_path: Path) -> None:
    judgement = explain([Difference("835/b.edi", "- set 4 SE")], read_explanations(write(tmp_path, ONE)))
    assert judgement.stale == ("explanation 1 explains nothing in 837P/a.edi", "explanation 1 explains no + element 7 *")


@pytest.mark.parametrize("change", [('"ours"', '"everybody"'), ("why", "reason"), ('"The file says so."', '""')])
def test_an_explanation_says_who_is_right_and_why(tmp_path: Path, change: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="explanation 1 needs"):
        read_explanations(write(tmp_path, ONE.replace(*change)))


def test_totals_of_remittances_agree_with_oxedi() -> None:
    """Claims, charges, payments, adjustments and provider adjustments of every 835 of the corpus and of generated ones."""
    inputs = list(compare_oxedi.list_inputs(generated=3))
    differences = [
        Difference(name, what)
        for name, data in inputs
        for what in compare_oxedi.differ(compare_oxedi.add_up_ours(data), compare_oxedi.add_up_theirs(data))
    ]
    assert len(inputs) > 12
    assert explain(differences, read_explanations(compare_oxedi.EXPLAINED)).is_sound
    assert all("cents" not in difference.what for difference in differences)


def test_another_cent_is_noticed() -> None:
    (_, data) = list(compare_oxedi.list_inputs(generated=1))[-1]
    ours = compare_oxedi.add_up_ours(data)
    assert ours.paid_cents > 0
    assert ours.provider_adjusted_cents > 0
    assert list(compare_oxedi.differ(ours._replace(paid_cents=1), ours)) == [f"paid_cents 1 {ours.paid_cents}"]
