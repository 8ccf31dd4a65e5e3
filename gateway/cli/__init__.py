"""The command line: claimwire. Exit 0 done, 1 something needs a person, 2 wrong usage or configuration."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import (
    batches,
    claims,
    codes,
    database,
    demo,
    edi,
    edits,
    files,
    payers,
    remits,
    running,
    sandbox,
    verifying,
    work,
)
from gateway.cli.output import warn
from gateway.cli.state import State
from gateway.errors import ConfigError, PermanentError, Refused, TransientError

app = typer.Typer(
    name="claimwire",
    help="EDI clearinghouse gateway and claim tracker: claims out over SFTP, acknowledgments and payments back, nothing lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.add_typer(claims.app, name="claims")
app.add_typer(work.app, name="work")
app.add_typer(batches.app, name="batches")
app.add_typer(files.app, name="files")
app.add_typer(remits.app, name="remits")
app.add_typer(payers.app, name="payers")
app.add_typer(edi.app, name="edi")
app.add_typer(edits.app, name="edits")
app.add_typer(codes.app, name="codes")
app.add_typer(database.app, name="db")
app.add_typer(sandbox.app, name="sandbox")
app.command("run")(running.run)
app.command("serve")(running.serve)
app.command("verify")(verifying.verify)
app.command("demo")(demo.demo)

DONE, NEEDS_PERSON, WRONG = 0, 1, 2
CONFIG_HELP = "Settings file; default ./config.toml where there is one. Every key also by environment: see config.example.toml."


@app.callback()
def root(
    ctx: typer.Context,
    config: Annotated[Path | None, typer.Option(envvar="CLAIMWIRE_CONFIG", help=CONFIG_HELP)] = None,
) -> None:
    """Keep the options that every command shares."""
    ctx.obj = State(config)


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except ConfigError as error:
        warn(f"claimwire: configuration\n{error}")
        sys.exit(WRONG)
    except Refused as error:
        warn(f"claimwire: refused: {error}")
        sys.exit(NEEDS_PERSON)
    except (TransientError, PermanentError) as error:
        warn(f"claimwire: {error}")
        sys.exit(NEEDS_PERSON)
