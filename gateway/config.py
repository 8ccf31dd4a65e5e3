"""Settings: config.toml, and the environment over it. Read once at start; refused as a whole with every problem named."""

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from payers.errors import ConfigError
from payers.fields import Strict
from payers.strict import Problem, explain_unknown_key, list_problems, parse_toml

CONFIG_VARIABLE = "CLAIMWIRE_CONFIG"
PREFIX = "CLAIMWIRE__"
DEFAULT_FILE = Path("config.toml")

_SQLITE = re.compile(r"sqlite(\+pysqlite)?:///(?P<path>[^?]+)(?P<options>\?.*)?")
_POSTGRESQL = re.compile(r"postgresql(\+psycopg2)?://.+")


def _read_folder(value: object) -> object:
    """An empty text is no folder: it would mean the current one."""
    return Path(value).expanduser() if isinstance(value, Path) or (isinstance(value, str) and value.strip()) else value


def _read_optional_folder(value: object) -> object:
    return None if value == "" else _read_folder(value)


def _check_url(url: str) -> str:
    found = _SQLITE.fullmatch(url)
    if not (_POSTGRESQL.fullmatch(url) or (found and found["path"] != ":memory:")):
        raise ValueError("not a database we can use")
    return url


Folder = Annotated[Path, BeforeValidator(_read_folder)]
Seconds = Annotated[int, Field(ge=1, le=86400)]


class Database(Strict):
    """Where the claims are kept."""

    url: Annotated[str, AfterValidator(_check_url)] = Field(
        default="sqlite:///claimwire.db",
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
        examples=["postgresql://claimwire@localhost/claimwire"],
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("url", hide_password(self.url))]


class Data(Strict):
    """Where files are kept: every byte that came or went."""

    folder: Folder = Field(default=Path("data"), description="the folder for the archive", examples=["data"])

    @property
    def archive(self) -> Path:
        """The raw bytes of every file that came or went."""
        return self.folder / "archive"


class Payers(Strict):
    """Where the profiles are."""

    folder: Folder = Field(
        default=Path("payers"), description="the folder of payer profiles, with partners/ in it", examples=["payers"]
    )


class Serve(Strict):
    """What the daemon watches."""

    intake_folder: Annotated[Path | None, BeforeValidator(_read_optional_folder)] = Field(
        default=None, description="a folder whose claim files are taken in by themselves; empty for none", examples=["intake"]
    )


class Schedule(Strict):
    """How often the daemon looks for work, stage by stage, in seconds."""

    intake_seconds: Seconds = Field(default=15, description="look into serve.intake_folder")
    scrub_seconds: Seconds = Field(default=10, description="check claims that came in")
    batching_seconds: Seconds = Field(default=300, description="put ready claims into files: longer means fewer, larger files")
    delivery_seconds: Seconds = Field(default=30, description="upload files that wait")
    pickup_seconds: Seconds = Field(
        default=300, description="look for answers at the partners; some lock accounts that look too often"
    )
    ingest_seconds: Seconds = Field(default=15, description="read answers that were picked up")
    posting_seconds: Seconds = Field(default=15, description="post remittances that were read")
    followup_seconds: Seconds = Field(default=900, description="look for deadlines that passed")


class Log(Strict):
    """What the log says and how. It goes to stderr, and never holds a patient's data."""

    level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="the least that is logged")
    format: Literal["console", "json"] = Field(default="console", description="for people, or one JSON object a line")


class Settings(BaseSettings):
    """All settings; folders absolute. `load` is the way to get them."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, strict=True, protected_namespaces=()
    )

    database: Database = Database()
    data: Data = Data()
    payers: Payers = Payers()
    serve: Serve = Serve()
    schedule: Schedule = Schedule()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over the file, and nothing else: no .env, no secrets folder."""
        return _Environment(settings_cls), init_settings


class _Environment(EnvSettingsSource):
    """CLAIMWIRE__TABLE__KEY variables of keys that exist, and of no other: those are told by name.

    An empty variable is one that is not set.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self.env_vars = {name.lower(): value for name, value in _list_variables().items() if value and _find_location(name)}


def load(path: Path | None = None) -> Settings:
    """The settings of `path`, or of CLAIMWIRE_CONFIG, or of ./config.toml where it exists, or the defaults.

    Relative folders and SQLite files are relative to the file's folder. Raises ConfigError with every problem.
    """
    file = _find_file(path)
    name = "environment" if file is None else str(file)
    content = {} if file is None else parse_toml(_read(file), name)
    problems = [*_list_unknown_tables(content), *_list_unknown_variables()]
    try:
        settings = Settings(**{table: content[table] for table in TABLES if table in content})
    except ValidationError as error:
        # The cause is cut: pydantic's own text shows values, and one of them may be a password in the wrong place.
        raise ConfigError(name, (*problems, *map(_name_source, list_problems(error, Settings)))) from None
    if problems:
        raise ConfigError(name, tuple(problems))
    return _resolve(settings, Path.cwd() if file is None else file.absolute().parent)


def hide_password(url: str) -> str:
    """A database URL as it may be shown."""
    shown = re.sub(r"(://[^:/@]*):.*@", r"\1:***@", url)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", shown)


def name_variable(table: str, key: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{table}__{key}".upper()


def _find_file(path: Path | None) -> Path | None:
    if path is None and os.environ.get(CONFIG_VARIABLE):
        path = Path(os.environ[CONFIG_VARIABLE])
    if path is not None:
        return path.expanduser()
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(str(file), (("", f"cannot be read: {error.strerror}"),)) from error


def _list_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}


def _find_location(variable: str) -> tuple[str, str] | None:
    table, _, key = variable[len(PREFIX) :].lower().partition("__")
    return (table, key) if key in _list_fields(table) else None


def _list_fields(table: str) -> Mapping[str, Any]:
    return TABLES[table].model_fields if table in TABLES else {}


def _list_unknown_tables(content: Mapping[str, Any]) -> list[Problem]:
    return [(table, explain_unknown_key(table, list(TABLES))) for table in content if table not in TABLES]


def _list_unknown_variables() -> list[Problem]:
    known = [name_variable(table, key) for table, model in TABLES.items() for key in model.model_fields]
    unknown = [name for name in sorted(_list_variables()) if _find_location(name) is None]
    return [(name, _explain_unknown_variable(name, known)) for name in unknown]


def _explain_unknown_variable(name: str, known: list[str]) -> str:
    close = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
    return f"unknown setting; did you mean {close[0]}?" if close else "unknown setting; config.example.toml names all there are"


def _name_source(problem: Problem) -> Problem:
    """A problem under the name by which its value was given: the variable where the environment said it."""
    key, text = problem
    variable = next((name for name in _list_variables() if ".".join(_find_location(name) or ()) == key), None)
    return (variable or key, text)


def _resolve(settings: Settings, base: Path) -> Settings:
    watched = settings.serve.intake_folder
    return settings.model_copy(
        update={
            "database": Database(url=_resolve_url(settings.database.url, base)),
            "data": Data(folder=base / settings.data.folder),
            "payers": Payers(folder=base / settings.payers.folder),
            "serve": Serve(intake_folder=None if watched is None else base / watched),
        }
    )


def _resolve_url(url: str, base: Path) -> str:
    found = _SQLITE.fullmatch(url)
    if found is None:
        return url
    return f"sqlite:///{base / Path(found['path']).expanduser()}{found['options'] or ''}"


TABLES = {name: cast(type[BaseModel], field.annotation) for name, field in Settings.model_fields.items()}
"""Each table of the file with its model."""
