"""The demo through the front door: whole lives, told, repeatable, and adding up whatever the partner does."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def run_demo(folder: Path, *arguments: str) -> str:
    """What `claimwire demo` prints; it must end well."""
    done = CliRunner().invoke(app, ["demo", "--keep", str(folder), *arguments])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return done.stdout


def read_count(story: str, text: str) -> int:
    """The figure before a line of the story."""
    found = re.search(rf"^ *(\d+) {re.escape(text)}", story, re.MULTILINE)
    assert found, f"the story does not tell: {text}"
    return int(found[1])


def test_the_story_is_told_and_adds_up(tmp_path: Path) -> None:
    """Every claim taken in is told of once, by where it stands; all seven invariants hold; the money adds up."""
    story = run_demo(tmp_path / "demo", "--claims", "60", "--seed", "5")
    stands = ("held by edits", "rejected before", "paid (", "paid in part", "denied", "voided", "still without a final answer")
    assert read_count(story, "claims in 1 files") == 60
    assert sum(read_count(story, text) for text in stands) == 60
    assert "It all adds up." in story
    assert len(re.findall(r"^  \d\. holds", story, re.MULTILINE)) == 7
    assert len(re.findall(r"^  claimwire --config", story, re.MULTILINE)) == 3


def test_the_commands_it_names_go_on_from_there(tmp_path: Path) -> None:
    story = run_demo(tmp_path / "demo", "--claims", "20")
    for line in re.findall(r"^  claimwire (--config .*)$", story, re.MULTILINE):
        done = CliRunner().invoke(app, line.split())
        assert done.exit_code == 0, f"{line}: {done.output}"


@pytest.mark.parametrize("behaviour", ["friendly", "hostile"])
def test_the_same_seed_lives_the_same_lives(tmp_path: Path, behaviour: str) -> None:
    first, second = (
        run_demo(tmp_path / name, "--claims", "30", "--seed", "9", "--behaviour", behaviour) for name in ("first", "second")
    )
    claims = [story[story.index("Claims") : story.index("Work for")] for story in (first, second)]
    assert claims[0] == claims[1]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_hostile_partner_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    """Answers doubled, reordered, cut, out of balance, taken back: the invariants hold and every cent is somewhere."""
    story = run_demo(tmp_path / "demo", "--claims", "80", "--seed", str(seed), "--behaviour", "hostile")
    assert "It all adds up." in story
    assert "FAILS" not in story


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    run_demo(tmp_path / "demo", "--claims", "1")
    done = CliRunner().invoke(app, ["demo", "--keep", str(tmp_path / "demo")])
    assert done.exit_code != 0
    assert "is there already" in str(done.exception)


def test_real_files_go_as_far_as_their_content_allows(tmp_path: Path) -> None:
    """Every 837P of the corpus: old guides refused by name, claims held with their reasons, sound ones paid."""
    files = sorted((CORPUS / "837P").iterdir())
    inputs = [argument for path in files for argument in ("--input", str(path))]
    story = run_demo(tmp_path / "demo", *inputs)
    assert f"in {len(files)} files" in story
    assert "004010X098A1 is not read" in story
    assert "It all adds up." in story
    assert "FAILS" not in story


@pytest.mark.parametrize("name", ["LinuxForHealth__x12__demo.837", "LinuxForHealth__x12__demo.example1.837"])
def test_a_sound_real_file_is_sent_and_answered(tmp_path: Path, name: str) -> None:
    story = run_demo(tmp_path / "demo", "--behaviour", "perfect", "--input", str(CORPUS / "837P" / name))
    assert read_count(story, "sent, in 1 files over SFTP") >= 1
    assert read_count(story, "paid (") >= 1


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "one.edi").write_bytes((CORPUS / "837P" / "kreddys__edi-lens__837p.test.0001.edi").read_bytes())
    story = run_demo(tmp_path / "demo", "--input", str(tmp_path / "claims"))
    assert read_count(story, "claims in 1 files") == 2


def test_claims_of_all_three_guides_live_side_by_side(tmp_path: Path) -> None:
    """As many of each as are asked for; each guide in files of its own, and every cent of them somewhere."""
    story = run_demo(tmp_path / "demo", "--claims", "45", "--guide", "837P", "--guide", "837I", "--guide", "837D")
    assert read_count(story, "claims in 1 files") == 45
    assert read_count(story, "sent, in 4 files over SFTP") > 30
    assert "It all adds up." in story
    assert "FAILS" not in story


def test_a_guide_there_is_not_is_named_with_those_there_are(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["demo", "--keep", str(tmp_path / "demo"), "--guide", "837X"])
    assert done.exit_code == 2
    assert "no guide 837X; there are 837P, 837I, 837D" in done.output
