"""Whether secrets are where profiles say: seen without connecting, running or showing anything."""

from pathlib import Path

import pytest

from gateway.desk.secret_check import check_secrets, find_problem
from payers.partner import LocalFolder
from tests.support.worlds import PROFILES


def test_a_file_must_be_there_and_its_owners_alone(tmp_path: Path) -> None:
    key = tmp_path / "key"
    assert "cannot be read" in find_problem(f"file:{key}")
    key.write_text("invented secret\n")
    key.chmod(0o640)
    assert "it should be 0600" in find_problem(f"file:{key}")
    key.chmod(0o600)
    assert find_problem(f"file:{key}") == ""
    key.write_text("\n")
    assert "empty" in find_problem(f"file:{key}")


def test_a_command_is_looked_for_and_not_run(tmp_path: Path) -> None:
    assert find_problem(f"command:touch {tmp_path / 'ran'}") == ""
    assert not (tmp_path / "ran").exists()
    said = find_problem("command:no-such-program --token sesame")
    assert "no-such-program" in said
    assert "there is no such program" in said
    assert "sesame" not in said
    unclosed = find_problem("command:echo 'sesame")
    assert "a quote in it does not close" in unclosed
    assert "sesame" not in unclosed


def test_a_plain_path_of_a_key_is_a_file_and_a_folder_needs_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sftp = PROFILES.partners["meridian"].sftp
    assert sftp is not None
    keyed = sftp.model_copy(update={"password": "", "key_file": str(tmp_path / "none")})
    partners = {
        "meridian": PROFILES.partners["meridian"].model_copy(update={"sftp": keyed}),
        "lakeside": PROFILES.partners["lakeside"].model_copy(update={"sftp": None, "local": LocalFolder(root=str(tmp_path))}),
    }
    (said,) = check_secrets(PROFILES.model_copy(update={"partners": partners}))
    assert said.startswith(f"partners/meridian.toml: sftp.key_file: {tmp_path / 'none'} cannot be read")
