"""`claimwire db`: the database's tables."""

from pathlib import Path

import typer

from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import State, state_of
from gateway.config import hide_password
from gateway.db.engine import Engine, is_sqlite, open_database
from gateway.db.schema import SchemaStatus, bring_up_to_date, read_status

app = typer.Typer(help="The database: its tables, and whether they are those of this version.", no_args_is_help=True)


@app.command("upgrade")
def upgrade(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Bring the database to the tables of this version, from nothing or an older one; what is in it stays. Safe to run twice."""
    state = state_of(ctx)
    engine = _open(state)
    try:
        before = read_status(engine)
        after = bring_up_to_date(engine)
    finally:
        engine.dispose()
    if as_json:
        show_json(_row(state, after))
    else:
        done = "is up to date already" if before.is_current else f"is up to date now, from revision {before.present or 'none'}"
        say(f"{hide_password(state.settings.database.url)} {done} (revision {after.present}).")


@app.command("status")
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Say whether the database has the tables of this version; exit 1 if it has not."""
    state = state_of(ctx)
    engine = _open(state)
    try:
        found = read_status(engine)
    finally:
        engine.dispose()
    if as_json:
        show_json(_row(state, found))
    else:
        verdict = "up to date" if found.is_current else "not up to date: run claimwire db upgrade"
        say(f"{hide_password(state.settings.database.url)}: revision {found.present or 'none'} of {found.wanted}, {verdict}.")
    if not found.is_current:
        raise typer.Exit(1)


def _open(state: State) -> Engine:
    engine = open_database(state.settings.database.url)
    if is_sqlite(engine) and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    return engine


def _row(state: State, found: SchemaStatus) -> dict[str, object]:
    url = hide_password(state.settings.database.url)
    return {"url": url, "present": found.present, "wanted": found.wanted, "is_current": found.is_current}
