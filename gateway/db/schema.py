"""Which revision a database has and which this program wants, and bringing it there."""

import msgspec
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.db.engine import Engine, reading
from gateway.db.failures import named_failures
from gateway.db.migrations import config, upgrade


class SchemaStatus(msgspec.Struct, frozen=True):
    """The revision a database has ('' for none) and the one this program wants."""

    present: str
    wanted: str

    @property
    def is_current(self) -> bool:
        """Whether they are the same."""
        return self.present == self.wanted


def read_status(engine: Engine) -> SchemaStatus:
    """Where the database stands. Raises TransientError where it does not answer."""
    with reading(engine) as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    wanted = ScriptDirectory.from_config(config()).get_heads()
    return SchemaStatus(present=", ".join(sorted(present)), wanted=", ".join(sorted(wanted)))


def bring_up_to_date(engine: Engine) -> SchemaStatus:
    """Run the migrations that are missing. Raises as `reading` does."""
    with named_failures():
        upgrade(engine)
    return read_status(engine)
