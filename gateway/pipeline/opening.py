"""Opens a gateway by its settings: database, profiles, archive, and the way to the wire."""

from gateway.clock import Clock, SystemClock
from gateway.config import Settings
from gateway.db.engine import Engine, is_file_missing, open_database
from gateway.db.migrations import is_current
from gateway.errors import ConfigError
from gateway.pipeline.context import Context, Progress, silent
from gateway.transport.archive import Archive
from gateway.transport.connecting import connect
from payers import profile


def open_context(settings: Settings, *, clock: Clock | None = None, progress: Progress = silent) -> Context:
    """A gateway ready to work. Raises ConfigError where a profile is wrong or the database lacks migrations."""
    return _open(settings, profile.load(settings.payers.folder), clock or SystemClock(), progress)


def open_desk(settings: Settings, *, clock: Clock, progress: Progress = silent) -> tuple[Context, list[ConfigError]]:
    """A gateway to look into and to decide in, without the profiles that are wrong, and what is wrong with them.

    Raises ConfigError where there are no profiles at all or the database lacks migrations.
    """
    profiles, refused = profile.load_good(settings.payers.folder)
    return _open(settings, profiles, clock, progress), refused


def find_database(settings: Settings) -> Engine | None:
    """The database by which a gateway at work counts its connections; None where there is none yet, so that none is at work."""
    return None if is_file_missing(settings.database.url) else open_database(settings.database.url)


def _open(settings: Settings, profiles: profile.Profiles, clock: Clock, progress: Progress) -> Context:
    engine = open_database(settings.database.url)
    if not is_current(engine):
        raise ConfigError("database", (("url", "it has not the tables of this version yet; run: claimwire db upgrade"),))
    return Context(
        engine=engine,
        profiles=profiles,
        archive=Archive(settings.data.archive),
        clock=clock,
        connect=connect,
        progress=progress,
    )
