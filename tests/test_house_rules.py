"""What no other tool checks: each rule says its reason and what to do instead, and shows a line that it must catch."""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from payers.profile import SAMPLES, load

ROOT = Path(__file__).parents[1]
SOURCE_FOLDERS = ("edi", "gateway", "payers", "schedules")
DATA_TABLES = ("edi/dictionary.py", "edi/codes/*", "gateway/db/migrations/versions/*")
PROMPTED = ("gateway/cli*", "gateway/demo*", "benchmarks/*")
TEXT_SUFFIXES = {".cfg", ".css", ".csv", ".html", ".ini", ".js", ".json", ".mako", ".md", ".py", ".sh", ".toml", ".txt", ".yml"}
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
STANDING = ("attempt", "due_at", "state")
Fault = tuple[int, str]


class Source(NamedTuple):
    """A module: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module


class Rule(NamedTuple):
    """A habit of this house: why, what to do instead, how to find a breach, where it does not hold, and a breach."""

    name: str
    why: str
    find: Callable[[Source], Iterable[Fault]]
    breach: str
    exempt: tuple[str, ...] = ()
    breach_path: str = "gateway/pipeline/invented.py"


def read_source(path: str, text: str) -> Source:
    """A module's text with its syntax tree."""
    return Source(path, text, ast.parse(text, path))


@cache
def list_sources() -> tuple[Source, ...]:
    """Every module of the product, its tests and its benchmarks."""
    folders = (*SOURCE_FOLDERS, "tests", "benchmarks")
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(read_source(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths)


def is_exempt(path: str, globs: tuple[str, ...]) -> bool:
    """Whether a rule leaves this file alone."""
    return any(fnmatch(path, glob) for glob in globs)


def dotted_name(node: ast.AST) -> str:
    """`datetime.datetime.now` for that expression; "" for what is no plain name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            inner = dotted_name(value)
            return f"{inner}.{attr}" if inner else attr
        case _:
            return ""


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, dotted_name(node.func)


def find_long_functions(source: Source) -> Iterator[Fault]:
    """Functions past the ceiling, docstring included, decorators not."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name} has {lines} lines"


def find_long_file(source: Source) -> Iterator[Fault]:
    """A file past the ceiling."""
    lines = source.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield lines, f"{lines} lines"


def find_clock_readings(source: Source) -> Iterator[Fault]:
    """Calls and references that ask the machine what time or day it is."""
    asked = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime|ctime))$")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and asked.search(dotted_name(node)):
            yield node.lineno, dotted_name(node)
        if isinstance(node, ast.ImportFrom) and node.module == "time" and any(name.name == "time" for name in node.names):
            yield node.lineno, "from time import time"


def find_dialect_imports(source: Source) -> Iterator[Fault]:
    """Imports from one database's own part of SQLAlchemy, and the statements that only it has."""
    for node in ast.walk(source.tree):
        modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        yield from ((getattr(node, "lineno", 1), module) for module in modules if module.startswith("sqlalchemy.dialects"))
        if isinstance(node, ast.Attribute) and node.attr.startswith("on_conflict_"):
            yield node.lineno, node.attr


def names_table(node: ast.AST, table: str) -> bool:
    """Whether an expression is this table, however it was imported."""
    return dotted_name(node).rpartition(".")[2] in {table, f"{table}_table"}


def find_written_table(node: ast.AST, table: str) -> ast.Call | None:
    """The insert, update or delete of this table at the root of a chained call, or None."""
    while isinstance(node, ast.Call):
        verb = dotted_name(node.func).rpartition(".")[2]
        targets = [*node.args[:2], *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
        writes = verb in {"insert", "update", "delete", "insert_many", "insert_returning_ids"}
        if writes and any(names_table(target, table) for target in targets):
            return node
        if not isinstance(node.func, ast.Attribute):
            return None
        node = node.func.value
    return None


def find_standing_writes(source: Source) -> Iterator[Fault]:
    """Writes to the cached fold of a claim, or to its facts."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in STANDING:
            yield from [(node.lineno, f"{dotted_name(node)} =")] if "claim" in dotted_name(node.value) else []
        if not isinstance(node, ast.Call):
            continue
        if find_written_table(node, "event") is node:
            yield node.lineno, "writes event"
        written = find_written_table(node, "claim")
        if written is node and dotted_name(node.func).rpartition(".")[2] != "update":
            yield node.lineno, "inserts or deletes claim rows"
        if written is not None and written is not node:
            keys = {keyword.arg for keyword in node.keywords}
            keys |= {str(key.value) for part in node.args for key in getattr(part, "keys", ()) if isinstance(key, ast.Constant)}
            yield from (
                (node.lineno, f"update(claim) sets {key}") for key in sorted(keys & {"state", "due_at", "attempt"}, key=str)
            )


def find_prints(source: Source) -> Iterator[Fault]:
    """Calls of print."""
    return ((node.lineno, "print") for node, name in calls(source.tree) if name == "print")


def find_float_money(source: Source) -> Iterator[Fault]:
    """float(…) in a statement about money, and true division of cents."""
    money = re.compile(r"cents|amount|charge|paid|balance|money|dollar", re.IGNORECASE)
    for statement in ast.walk(source.tree):
        if not isinstance(statement, ast.stmt) or isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parts = [part for part in ast.iter_child_nodes(statement) if not isinstance(part, ast.stmt)]
        for node in (node for part in parts for node in ast.walk(part)):
            if isinstance(node, ast.Call) and dotted_name(node.func) == "float" and money.search(ast.unparse(statement)):
                yield node.lineno, "float(…)"
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and "cents" in ast.unparse(node.left):
                yield node.lineno, f"{ast.unparse(node)}"


def find_shapeless_module(source: Source) -> Iterator[Fault]:
    """A module or package whose name says nothing about what is in it."""
    for part in Path(source.path).with_suffix("").parts:
        if part.removeprefix("test_") in {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "misc"}:
            yield 1, part


def find_leftovers(source: Source) -> Iterator[Fault]:
    """Promises in comments, and code that says that it is not there."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and re.search(r"\b(TODO|FIXME|XXX|HACK)\b", token.string):
            yield token.start[0], token.string
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and node.id in {"NotImplementedError", "NotImplemented"}:
            yield node.lineno, node.id


def find_skips(source: Source) -> Iterator[Fault]:
    """Tests that may pass by not running."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and re.search(
            r"^pytest\.(mark\.)?(skip|skipif|xfail|importorskip)$", dotted_name(node)
        ):
            yield node.lineno, dotted_name(node)


def names_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every identifier, and every string that looks like one (a column, a key)."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(found := getattr(node, field, None), str):
                yield line, found
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_]+", node.value):
            yield line, node.value


def find_ambiguous_number(source: Source) -> Iterator[Fault]:
    """The abbreviation that means two numbers."""
    return ((line, name) for line, name in names_of(source.tree) if "ICN" in name.upper().split("_"))


RULES = (
    Rule(
        "short functions",
        f"A function past {FUNCTION_LINES_MAX} lines cannot be read at once: give its steps names, or make its cases a table.",
        find_long_functions,
        "def post():\n" + "    step()\n" * FUNCTION_LINES_MAX,
        exempt=("gateway/db/migrations/versions/*",),
    ),
    Rule(
        "short files",
        f"A file past {FILE_LINES_MAX} lines holds two subjects: split it by the noun that half of it is about.",
        find_long_file,
        "pass\n" * (FILE_LINES_MAX + 1),
        exempt=DATA_TABLES,
    ),
    Rule(
        "one clock",
        "Deadlines must be testable and the demo lives weeks in seconds: take a gateway.clock.Clock and ask it.",
        find_clock_readings,
        "from datetime import datetime\ndef age(): return datetime.now()\n",
        exempt=("gateway/clock.py", "benchmarks/*"),
    ),
    Rule(
        "one database language",
        "What one database alone knows makes the other's tests untrue: write it in Core, or in gateway/db/engine.py.",
        find_dialect_imports,
        "from sqlalchemy.dialects.postgresql import insert\n",
        exempt=("gateway/db/engine.py",),
    ),
    Rule(
        "one writer of history",
        "A claim's standing is the fold of its facts: call gateway.db.ledger.record with a fact instead.",
        find_standing_writes,
        "connection.execute(update(tables.claim).where(tables.claim.c.id == 1).values(state='paid'))\n",
        exempt=("gateway/db/ledger.py", "gateway/db/migrations/*", "tests/*"),
    ),
    Rule(
        "no print",
        "stdout belongs to the command line and --json must stay alone on it: return values, or log an allowed key.",
        find_prints,
        "print(1)\n",
        exempt=PROMPTED,
    ),
    Rule(
        "money is integer cents",
        "A float loses cents silently: stay in ints, use // and %, and edi.values at the edges.",
        find_float_money,
        "shown = paid_cents / 100\n",
    ),
    Rule(
        "modules are nouns of the field",
        "A module without a subject attracts everything: name it for what it holds, or move the function to its only user.",
        find_shapeless_module,
        "pass\n",
        breach_path="gateway/pipeline/utils.py",
    ),
    Rule(
        "no leftovers",
        "A promise in a comment is kept by nobody: do it now, open an issue, or delete the line.",
        find_leftovers,
        "step()  # TODO later\n",
    ),
    Rule(
        "every test runs",
        "A skipped test is a promise nobody checks: make it run (a fixture, a fake, an install step) or delete it.",
        find_skips,
        "import pytest\n@pytest.mark.skip\ndef test_post(): ...\n",
    ),
    Rule(
        "no ambiguous control number",
        "The abbreviation means two numbers: write payer_claim_number or isa_control_number.",
        find_ambiguous_number,
        "claim_icn = 1\n",
    ),
)


def test_there_is_something_to_check() -> None:
    """Every folder of the product is found, so that no rule holds by finding nothing."""
    found = {source.path.partition("/")[0] for source in list_sources()}
    assert found >= {*SOURCE_FOLDERS, "tests"}
    assert len(list_sources()) > 30


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_house_rule_holds(rule: Rule) -> None:
    """No file of the project breaks the rule."""
    checked = [source for source in list_sources() if not is_exempt(source.path, rule.exempt)]
    faults = [f"{source.path}:{line}: {what}" for source in checked for line, what in rule.find(source)]
    assert not faults, "\n".join([rule.why, *faults])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_house_rule_notices_a_breach(rule: Rule) -> None:
    """Each rule catches the breach that it shows: a rule that finds nothing anywhere is no rule."""
    assert not is_exempt(rule.breach_path, rule.exempt)
    assert list(rule.find(read_source(rule.breach_path, rule.breach)))


@pytest.mark.parametrize(
    "breach",
    [
        "insert_many(connection, tables.claim, rows)",
        "connection.execute(claim.update().where(claim.c.id == 1).values({'due_at': None}))",
        "connection.execute(insert(event).values(kind='paid'))",
        "connection.execute(delete(tables.event))",
        "claim_row.state = 'paid'",
    ],
)
def test_every_way_to_write_a_standing_is_noticed(breach: str) -> None:
    assert list(find_standing_writes(read_source("gateway/desk/invented.py", breach)))


@pytest.mark.parametrize(
    "harmless",
    [
        "connection.execute(update(batch).values(state='sent'))",
        "connection.execute(update(claim).values(payer_claim_number='X1'))",
        "rows = select(claim.c.state).where(claim.c.state == 'held')",
        "insert_many(connection, tables.work_item, rows)",
    ],
)
def test_other_writes_are_left_alone(harmless: str) -> None:
    assert not list(find_standing_writes(read_source("gateway/desk/invented.py", harmless)))


def find_undescribed_commands(command: Any, name: str, manual: str) -> Iterator[str]:
    """Commands without help, and commands that no page names, each with what is missing; typer keeps their type private."""
    if not (command.help or "").strip():
        yield f"{name}: has no help"
    if name not in manual:
        yield f"{name}: is named on no page"
    for key, inner in getattr(command, "commands", {}).items():
        yield from find_undescribed_commands(inner, f"{name} {key}", manual)


def test_a_command_without_help_or_page_is_noticed() -> None:
    app = typer.Typer(help="Claims over the wire.")
    app.command("send", help="Send what is ready.")(lambda: None)
    app.command("quiet")(lambda: None)
    found = list(find_undescribed_commands(typer.main.get_command(app), "claimwire", "claimwire send"))
    assert found == ["claimwire quiet: has no help", "claimwire quiet: is named on no page"]


def read_manual() -> str:
    """The README and every page of docs/."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def find_unknown_commands(command: Any, manual: str) -> Iterator[str]:
    """Commands that a page names between backticks and the command line does not know."""
    for words in re.findall(r"`claimwire((?: [a-z]+)+)", manual):
        here = command
        for word in words.split():
            inner = getattr(here, "commands", {})
            if inner and word not in inner:
                yield f"claimwire{words}"
                break
            here = inner.get(word)


def test_a_page_that_names_no_command_is_noticed() -> None:
    app = typer.Typer()
    app.command("send")(lambda: None)
    app.command("list")(lambda: None)
    manual = "`claimwire send file` `claimwire fly` `claimwire list`"
    assert list(find_unknown_commands(typer.main.get_command(app), manual)) == ["claimwire fly"]


def test_commands_and_pages_agree() -> None:
    """An operator finds every command in --help and on a page: write its docstring, and its line in docs/operating.md."""
    if find_spec("gateway.cli"):  # the rule holds from the day the command line is there
        command = typer.main.get_command(import_module("gateway.cli").app)
        assert not list(find_undescribed_commands(command, "claimwire", read_manual()))
        assert not list(find_unknown_commands(command, read_manual()))


def test_every_payer_file_loads() -> None:
    """The samples are what a newcomer copies: they load strictly, all of them."""
    files = sorted(path.stem for path in SAMPLES.glob("*.toml"))
    profiles = load(SAMPLES)
    assert files
    assert sorted(profiles.payers) == files
    assert sorted(profiles.partners) == sorted(path.stem for path in SAMPLES.glob("partners/*.toml"))


def list_texts() -> list[Path]:
    """Every text file of the project, code or not, outside what is built or cached."""
    folders = (*SOURCE_FOLDERS, "tests", "benchmarks", "docs", ".ci")
    inside = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()]
    top = [path for path in ROOT.iterdir() if path.is_file()]
    return [path for path in (*inside, *top) if path.suffix in TEXT_SUFFIXES or path.name in {"Makefile", "run"}]


def test_no_machine_paths() -> None:
    """A path of one machine is false on every other: write it from the repository's root, or take it as a setting."""
    machine = re.compile("/" + "(?:work/(?:main|shared|[.])|root/|home/[a-z]|Users/)")
    texts = list_texts()
    assert len(texts) > 40
    faults = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if machine.search(line)
    ]
    assert not faults, "\n".join(["A path of one machine is false on every other: write it from the root.", *faults])


def test_links_between_pages_lead_somewhere() -> None:
    """A link to a page that is not there is worse than none: write the page or drop the link."""
    pages = [page for page in list_texts() if page.suffix == ".md"]
    links = [
        (page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 4
    dead = [f"{page.relative_to(ROOT)}: {link}" for page, link in links if not (page.parent / link).exists()]
    assert not dead, dead


def list_imported_packages() -> Iterator[tuple[str, str]]:
    """Each import of the product by its first name, with where it stands."""
    for source in list_sources():
        for node in ast.walk(source.tree) if source.path.startswith(SOURCE_FOLDERS) else ():
            modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            yield from ((module.partition(".")[0], source.path) for module in modules)


def test_every_import_is_a_declared_dependency() -> None:
    """What is installed by accident goes by accident: name it in pyproject.toml, with its reason, or do without it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[~<>=!\[]", line)[0].lower() for line in project["dependencies"]}
    distributions = packages_distributions()
    known = {*sys.stdlib_module_names, *SOURCE_FOLDERS, "_typeshed"}
    imported = {(package, path) for package, path in list_imported_packages() if package not in known}
    assert {package for package, _ in imported} >= {"msgspec", "sqlalchemy"}
    strays = {(package, path) for package, path in imported if not declared & set(map(str.lower, distributions.get(package, ())))}
    assert not strays, strays
