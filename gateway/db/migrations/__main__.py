"""`python -m gateway.db.migrations "what changes"` writes the migration from the last revision to the tables of today."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from gateway.db.engine import open_database, writing
from gateway.db.migrations import config, upgrade


def write_revision(message: str) -> Path:
    """Write the next migration into `versions/`: what an empty database lacks after those there are. Format and read it."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/empty.sqlite")
        upgrade(engine)
        with writing(engine) as connection:
            number = len(list(ScriptDirectory.from_config(config()).walk_revisions())) + 1
            script = command.revision(config(connection), message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()
    assert script is not None
    assert not isinstance(script, list)
    return _without_boilerplate(Path(script.path))


def _without_boilerplate(script: Path) -> Path:
    lines = script.read_text().splitlines(keepends=True)
    script.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")))
    return script


if __name__ == "__main__":
    sys.stdout.write(f"{write_revision(sys.argv[1])}\n")
