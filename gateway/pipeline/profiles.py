"""The profiles of a gateway that goes on running: read again when a file changed, and never worse than they last were."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from threading import Lock

from structlog import get_logger

from gateway.db.engine import writing
from gateway.db.work import WorkItem, close_items, list_causes, raise_items
from gateway.domain.work import WorkKind
from gateway.errors import ConfigError
from gateway.pipeline.context import Context
from payers import profile

_log = get_logger(__name__)

Stamp = tuple[tuple[str, int, int, int], ...]
"""Name, size, time of change in nanoseconds and inode of every profile file."""


class ProfileKeeper:
    """Holds the profiles of a folder for as long as the process lives. Several threads may ask at once."""

    def __init__(self, folder: Path, profiles: profile.Profiles) -> None:
        self._folder = folder
        self._profiles = profiles
        self._stamp: Stamp | None = None
        self._lock = Lock()

    def refresh(self, context: Context) -> Context:
        """The context with the profiles as the files are now; a file that is wrong counts as it last was, and becomes work."""
        with self._lock:
            stamp = read_stamp(self._folder)
            if stamp != self._stamp:
                # What the disk refused is tried again at the next look: when it heals, no file changes.
                self._stamp = stamp if self._reload(context) else None
            return replace(context, profiles=self._profiles)

    def _reload(self, context: Context) -> bool:
        """Whether every file could be read, right or wrong."""
        found, refused = profile.reload(self._folder, self._profiles)
        _note_refused(context, self._folder, refused)
        if refused:
            _log.warning("profiles.refused", count=len(refused))
        if found != self._profiles:
            self._profiles = found
            _log.info("profiles.reloaded", count=len(found.partners) + len(found.payers))
        return not any(isinstance(error.__cause__, OSError) for error in refused)


def read_stamp(folder: Path) -> Stamp:
    """By what a change of the profiles is seen: nothing is opened. A file that goes away meanwhile is not there."""
    return tuple(stamp for each in (folder, folder / "partners") for stamp in _list_stamps(each))


def _list_stamps(folder: Path) -> list[tuple[str, int, int, int]]:
    try:
        return [stamp for file in profile.find_files(folder) if (stamp := _stamp_of(file))]
    except OSError:
        return []


def _stamp_of(file: Path) -> tuple[str, int, int, int] | None:
    try:
        known = file.stat()
    except OSError:
        return None
    return str(file), known.st_size, known.st_mtime_ns, known.st_ino


def _note_refused(context: Context, folder: Path, refused: list[ConfigError]) -> None:
    """A work item for each file that is wrong; those of files that are right again are closed."""
    now = context.clock.now()
    problems: dict[str, list[str]] = defaultdict(list)
    for error in refused:
        problems[_name_in(folder, error.file)] += [f"{key}: {expected}" if key else expected for key, expected in error.problems]
    items = [_item(name, said) for name, said in sorted(problems.items())]
    with writing(context.engine) as connection:
        raise_items(connection, items, now)
        over = sorted(list_causes(connection, WorkKind.BROKEN_PROFILE) - {item.cause for item in items})
        close_items(connection, WorkKind.BROKEN_PROFILE, over, reason="the profile is right again, or gone", now=now)


def _name_in(folder: Path, file: str) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path != folder and path.is_relative_to(folder) else path.name


def _item(name: str, problems: list[str]) -> WorkItem:
    sentence = f"{name} is wrong: {'; '.join(problems)}. Until it is mended, what it said when it was last right is in force."
    return WorkItem(kind=WorkKind.BROKEN_PROFILE, cause=f"profile:{name}", sentence=sentence)
