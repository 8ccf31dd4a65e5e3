"""Settings come from one file and the environment over it, and are refused as a whole with every problem named."""

import os
import tomllib
import traceback
from pathlib import Path

import pytest

from gateway.config import TABLES, Settings, hide_password, load, name_variable
from payers.errors import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("CLAIMWIRE"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(folder: Path, text: str) -> Path:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refuse(file: Path | None) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(file)
    return str(refused.value).splitlines()


def test_without_a_file_everything_lies_in_the_current_folder(tmp_path: Path) -> None:
    settings = load()
    assert settings.database.url == f"sqlite:///{tmp_path}/claimwire.db"
    assert (settings.data.folder, settings.payers.folder) == (tmp_path / "data", tmp_path / "payers")
    assert settings.data.archive == tmp_path / "data" / "archive"
    assert settings.serve.intake_folder is None


def test_folders_and_the_sqlite_file_are_relative_to_the_file_not_to_where_one_stands(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    file = write(
        tmp_path / "etc",
        '[database]\nurl = "sqlite:///var/c.db?timeout=3"\n[data]\nfolder = "/srv/data"\n'
        '[payers]\nfolder = "profiles"\n[serve]\nintake_folder = "drop"\n',
    )
    settings = load(Path("etc/config.toml"))
    assert settings.database.url == f"sqlite:///{tmp_path}/etc/var/c.db?timeout=3"
    assert settings.data.folder == Path("/srv/data")
    assert settings.payers.folder == file.parent / "profiles"
    assert settings.serve.intake_folder == file.parent / "drop"


def test_the_file_is_the_named_one_then_the_variables_then_the_one_that_lies_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, level in (("here", "debug"), ("variable", "warning"), ("named", "error")):
        (tmp_path / name).mkdir()
        write(tmp_path / name, f'[log]\nlevel = "{level}"\n')
    monkeypatch.chdir(tmp_path / "here")
    assert load().log.level == "debug"
    monkeypatch.setenv("CLAIMWIRE_CONFIG", str(tmp_path / "variable" / "config.toml"))
    assert load().log.level == "warning"
    assert load(tmp_path / "named" / "config.toml").log.level == "error"


def test_the_environment_wins_key_by_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, '[log]\nlevel = "error"\nformat = "json"\n[schedule]\npickup_seconds = 60\n')
    monkeypatch.setenv("CLAIMWIRE__LOG__LEVEL", "debug")
    monkeypatch.setenv("CLAIMWIRE__SCHEDULE__PICKUP_SECONDS", "7")
    monkeypatch.setenv("CLAIMWIRE__DATABASE__URL", "postgresql://claimwire@localhost/claimwire")
    settings = load(file)
    assert (settings.log.level, settings.log.format) == ("debug", "json")
    assert settings.schedule.pickup_seconds == 7
    assert settings.database.url == "postgresql://claimwire@localhost/claimwire"


@pytest.mark.parametrize(("table", "key"), [(table, key) for table, model in TABLES.items() for key in model.model_fields])
def test_every_key_can_come_from_the_environment(table: str, key: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {"url": "postgresql://h/d", "folder": "/f", "intake_folder": "/i", "level": "warning", "format": "json"}
    given = values.get(key, "77")
    monkeypatch.setenv(name_variable(table, key), given)
    assert str(getattr(getattr(load(), table), key)) == given


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLAIMWIRE__SERVE__INTAKE_FOLDER", "")
    monkeypatch.setenv("CLAIMWIRE__DATA__FOLDER", "")
    assert load().serve.intake_folder is None
    assert load().data.folder == tmp_path / "data"


def test_every_problem_is_said_at_once_under_the_name_it_was_given_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(
        tmp_path,
        '[databse]\nurl = "x"\n[database]\nurl = "mysql://h/d"\n[data]\nfolder = ""\n'
        '[schedule]\nscrub_seconds = "3"\nintake_seconds = 5\n[log]\nlevel = "loud"\nlvel = "info"\n',
    )
    monkeypatch.setenv("CLAIMWIRE__SCHEDULE__INTAKE_SECONDS", "7s")
    monkeypatch.setenv("CLAIMWIRE__SCHEDUL__INTAKE_SECONDS", "7")
    monkeypatch.setenv("CLAIMWIRE__LOG", '{"level": "debug"}')
    said = [line.removeprefix(f"{file}: ") for line in refuse(file)]
    assert said[0] == "databse: unknown key; did you mean database?"
    assert "CLAIMWIRE__SCHEDUL__INTAKE_SECONDS: unknown setting; did you mean CLAIMWIRE__SCHEDULE__INTAKE_SECONDS?" in said
    assert "log.lvel: unknown key; did you mean level?" in said
    for start in (
        "CLAIMWIRE__LOG: unknown setting",
        "database.url: should be text (sqlite:///FILE or postgresql://",
        "data.folder: should be text (the folder for the archive",
        "schedule.scrub_seconds: should be a whole number, 1 to 86400",
        "CLAIMWIRE__SCHEDULE__INTAKE_SECONDS: should be a whole number, 1 to 86400",
        "log.level: should be debug or info or warning or error",
    ):
        assert any(line.startswith(start) for line in said), start
    assert len(said) == 9


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite://", "claimwire.db", "mysql://h/d", "", "postgresql://"])
def test_a_database_that_cannot_serve_is_refused(tmp_path: Path, url: str) -> None:
    (line,) = refuse(write(tmp_path, f'[database]\nurl = "{url}"\n'))
    assert "database.url: should be" in line


def test_a_named_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refuse(tmp_path / "nowhere.toml") == [f"{tmp_path}/nowhere.toml: cannot be read: No such file or directory"]


def test_a_file_that_is_no_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    assert refuse(write(tmp_path, "[log]\nlevel =\n")) == [
        f"{tmp_path}/config.toml: is not TOML: Invalid value (at line 2, column 8)"
    ]


@pytest.mark.parametrize("key", ["_env_file = '/etc/passwd'", "_secrets_dir = '/'", "model_config = 1", "[log.deep]\nx = 1"])
def test_no_key_reaches_the_library_below(tmp_path: Path, key: str) -> None:
    (line,) = refuse(write(tmp_path, key))
    assert "unknown key" in line


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://claimwire:s3c:r@t@db/claimwire", "postgresql://claimwire:***@db/claimwire"),
        (
            "postgresql://db/claimwire?user=u&password=s3cret&sslmode=require",
            "postgresql://db/claimwire?user=u&password=***&sslmode=require",
        ),
        ("postgresql://claimwire@db:5433/claimwire", "postgresql://claimwire@db:5433/claimwire"),
        ("sqlite:////srv/claimwire.db", "sqlite:////srv/claimwire.db"),
    ],
)
def test_a_database_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert hide_password(url) == shown


def test_settings_never_print_the_password(tmp_path: Path) -> None:
    settings = load(write(tmp_path, '[database]\nurl = "postgresql://claimwire:s3cret@db/claimwire"\n'))
    assert settings.database.url == "postgresql://claimwire:s3cret@db/claimwire"
    assert "s3cret" not in f"{settings!r} {settings} {settings.database!r} {settings.database}"


def test_a_refused_url_is_not_repeated(tmp_path: Path) -> None:
    file = write(tmp_path, '[database]\nurl = "mysql://claimwire:s3cret@db/claimwire"\n')
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_the_example_loads_and_is_what_holds_without_it(tmp_path: Path) -> None:
    copy = write(tmp_path, EXAMPLE.read_text(encoding="utf-8"))
    with_it = load(copy)
    copy.unlink()
    assert with_it == load()


def test_the_example_has_every_key_and_a_comment_for_each() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    content = tomllib.loads(text)
    assert {table: set(keys) for table, keys in content.items()} == {
        table: set(model.model_fields) for table, model in TABLES.items()
    }
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if " = " in line and not line.startswith("#"):
            assert "#" in line or lines[number - 1].startswith("#"), line


def test_settings_cannot_be_changed_after_they_are_read() -> None:
    settings = load()
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, next(iter(Settings.model_fields)), None)
