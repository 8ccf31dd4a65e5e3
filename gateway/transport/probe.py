"""A talk with a partner that finds out what its server allows, in a scratch folder that is gone afterwards."""

import secrets
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from gateway.errors import PermanentError, TransientError
from gateway.transport.connecting import connect
from gateway.transport.link import Link
from gateway.transport.probe_grounds import Denied, Ground, stand_on
from payers.partner import Partner

Outcome = Literal["yes", "no", "not tried"]
NO_FILE = "there is no file to try it with"
CONTENT = b"A test file of claimwire: it holds no claims. Please ignore it, and delete it if it is still here tomorrow.\n"


class Shown(msgspec.Struct, frozen=True):
    """What a server showed before anybody logged in, and whether the profile trusts its key."""

    fingerprint: str
    key_type: str
    cipher: str
    mac: str
    version: str
    trusted: bool


class Trial(msgspec.Struct, frozen=True):
    """One thing asked of the server. `said` is its answer, or what was seen of it."""

    name: str
    outcome: Outcome
    said: str = ""


class Probe(msgspec.Struct, frozen=True):
    """What came of it: every trial by its name, in order; why it ended early, if it did; and what could not be cleaned away."""

    trials: tuple[Trial, ...]
    broke_off: str = ""
    left_behind: tuple[str, ...] = ()

    def find(self, name: str) -> Trial:
        """The trial of this name."""
        return next(trial for trial in self.trials if trial.name == name)


# In the order in which they are tried; the profile's keys are derived from them by these names.
FILE_TRIALS = (
    "make a folder",
    "write a file",
    "leave it there",
    "tell its size",
    "read it back",
    "list it",
    "plain rename",
    "posix-rename",
    "refuse a plain rename over a file",
    "refuse a posix-rename over a file",
    "chmod",
    "remove it",
    "remove the folder",
)
LIST_PICKUP = "list the pickup folder"
LIST_MOVE_TO = "list the folder answers are moved to"
TAKE_AWAY = "take a file out of the pickup folder"
_CONNECTIONS_MAX = 20


def name_archive_trial(folder: str) -> str:
    """What listing an archive folder of the profile is called."""
    return f"list the archive folder {folder}"


class _NotTriedError(Exception):
    """It could not be tried, or not without harm; why."""


def show_host_key(partner: Partner) -> Shown:
    """Dial, look at the key and hang up: no name, no secret is sent. Raises TransientError or PermanentError."""
    sftp = partner.sftp
    assert sftp is not None, "a folder has no host key"
    link = Link(partner.id, sftp)
    try:
        link.open()
        greeting = link.greet()
    finally:
        link.close()
    return Shown(*greeting, trusted=greeting.fingerprint in sftp.host_keys)


def probe(partner: Partner, *, keep_going: bool) -> Probe:
    """Try everything once. Raises TransientError or PermanentError where there is no connection at all.

    `keep_going`: a server that hangs up on a request is dialled again for the rest.
    """
    probing = _Probing(partner)
    broke_off = probing.run()
    for _ in range(_CONNECTIONS_MAX if keep_going else 0):
        if not probing.is_unfinished():
            break
        try:
            broke_off = probing.run()
        except (TransientError, PermanentError) as error:
            broke_off = str(error)
            break
    unfinished = probing.is_unfinished()
    return Probe(probing.list_trials(), broke_off if unfinished else "", probing.list_left_behind())


class _Probing:
    """Where the talk stands; it can be taken up again over another connection."""

    def __init__(self, partner: Partner) -> None:
        self._partner = partner
        self._ground: Ground
        self._folder = partner.upload.folder
        self._scratch = f"{partner.upload.folder}/claimwire-test-{secrets.token_hex(4)}"
        self._has_folder = False
        self._current = ""
        self._used: list[str] = []
        self._done: dict[str, Trial] = {}
        self._refused: list[str] = []
        self._is_clean = False
        self._asks = self._list_asks()

    def run(self) -> str:
        """Whatever has not been tried yet, over one connection; why it was broken off, or "".

        What was being asked when the link broke is not asked again.
        """
        with connect(self._partner) as transport:
            self._ground = stand_on(transport, self._partner.local.root if self._partner.local else "")
            asking = ""
            try:
                self._find_current()
                for asking, ask in self._asks.items():
                    if asking not in self._done:
                        self._try(asking, ask)
                self._clean_up()
            except (TransientError, PermanentError) as error:
                self._done.setdefault(asking or FILE_TRIALS[0], Trial(asking, "no", f"the connection ended: {error}"))
                return str(error)
        return ""

    def is_unfinished(self) -> bool:
        """Whether something was not tried, or not cleaned away, that another connection could do."""
        return len(self._done) < len(self._asks) or not self._is_clean

    def list_left_behind(self) -> tuple[str, ...]:
        """Paths of ours that may still be there."""
        if self._is_clean:
            return tuple(self._refused)
        return (*self._refused, *self._used, *([self._scratch] if self._has_folder else []))

    def list_trials(self) -> tuple[Trial, ...]:
        return tuple(self._done.get(name, Trial(name, "not tried")) for name in self._asks)

    def _find_current(self) -> None:
        """Where the scratch file is: the last connection may have ended before it said whether it was renamed."""
        if self._current:
            self._current = next((path for path in reversed(self._used) if self._is_listed(path)), "")

    def _list_asks(self) -> dict[str, Callable[[], str]]:
        asks = (
            self._make_folder, self._write, self._stay, self._tell_size, self._read_back, self._list_it, self._rename_plainly,
            self._rename_posix, self._refuse_plain, self._refuse_posix, self._chmod, self._remove, self._remove_folder,
        )  # fmt: skip
        upload, pickup = self._partner.upload, self._partner.pickup
        listed = {"list the upload folder": upload.folder, LIST_PICKUP: pickup.folder}
        if pickup.move_to:
            listed[LIST_MOVE_TO] = pickup.move_to
        listed |= {name_archive_trial(folder): folder for folder in upload.archive_folders}
        taking = {} if pickup.after == "leave" else {TAKE_AWAY: self._take_away}
        return {**dict(zip(FILE_TRIALS, asks, strict=True)), **{name: self._counting(listed[name]) for name in listed}, **taking}

    def _try(self, name: str, ask: Callable[[], str]) -> None:
        if self._is_pointless(name):
            self._done[name] = Trial(name, "not tried", NO_FILE)
            return
        try:
            self._done[name] = Trial(name, "yes", ask())
        except Denied as error:
            self._done[name] = Trial(name, "no", str(error))
        except _NotTriedError as error:
            self._done[name] = Trial(name, "not tried", str(error))

    def _is_pointless(self, name: str) -> bool:
        if name not in FILE_TRIALS or name in ("make a folder", "write a file"):
            return False
        return not self._has_folder if name == "remove the folder" else not self._current

    def _make_folder(self) -> str:
        self._ground.make_folder(self._scratch)
        self._has_folder = True
        return ""

    def _name(self, which: str) -> str:
        """A path for a scratch file; outside a scratch folder it ends as our unfinished uploads do, which a partner lets lie."""
        path = f"{self._scratch}/{which}.txt" if self._has_folder else f"{self._scratch}-{which}.txt{self._partner.upload.suffix}"
        if path not in self._used:
            self._used.append(path)
        return path

    def _write(self) -> str:
        path = self._name("1")
        self._ground.write(path, CONTENT)
        self._current = path
        return ""

    def _stay(self) -> str:
        """A server may take a file away at once; then there is nothing more to try."""
        try:
            self._ground.get_size(self._current)
        except Denied as error:
            if error.is_gone and not self._is_listed(self._current):
                self._current = ""
                raise Denied("it was gone as soon as it was written") from error
        return ""

    def _is_listed(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        try:
            return name in self._ground.list_names(folder)
        except Denied:
            return False

    def _tell_size(self) -> str:
        size = self._ground.get_size(self._current)
        if size != len(CONTENT):
            raise Denied("it tells no size" if size is None else f"it says {size} bytes, {len(CONTENT)} were written")
        return ""

    def _read_back(self) -> str:
        if self._ground.read(self._current) != CONTENT:
            raise Denied("it gives other bytes than were written")
        return ""

    def _list_it(self) -> str:
        folder, _, name = self._current.rpartition("/")
        if name not in self._ground.list_names(folder):
            raise Denied("the folder's listing does not show it")
        return ""

    def _rename_plainly(self) -> str:
        return self._rename(self._ground.rename, "2")

    def _rename_posix(self) -> str:
        return self._rename(self._ground.rename_over, "3")

    def _rename(self, rename: Callable[[str, str], None], which: str) -> str:
        target = self._name(which)
        rename(self._current, target)
        if self._is_listed(self._current) and not self._is_listed(target):
            raise Denied("it says yes and does nothing")
        self._current = target
        return ""

    def _refuse_plain(self) -> str:
        return self._refuse(self._ground.rename, "4")

    def _refuse_posix(self) -> str:
        return self._refuse(self._ground.rename_over, "5")

    def _refuse(self, rename: Callable[[str, str], None], which: str) -> str:
        other = self._name(which)
        self._ground.write(other, CONTENT)
        try:
            rename(self._current, other)
        except Denied as error:
            return str(error)
        self._current = other
        raise Denied("it replaces the file without a word")

    def _chmod(self) -> str:
        self._ground.set_permissions(self._current, 0o640)
        return ""

    def _remove(self) -> str:
        self._ground.remove(self._current)
        return ""

    def _remove_folder(self) -> str:
        self._remove_files()
        self._ground.remove_folder(self._scratch)
        self._has_folder = False
        return ""

    def _counting(self, folder: str) -> Callable[[], str]:
        return lambda: f"{len(self._ground.list_names(folder))} names"

    def _take_away(self) -> str:
        """As an answer is, once it is kept: deleted or moved."""
        pickup = self._partner.pickup
        name = f"{self._scratch.rpartition('/')[2]}-6.txt"
        path = self._put_for_pickup(name)
        if pickup.after == "delete":
            self._ground.remove(path)
            return ""
        target = f"{pickup.move_to}/{name}"
        self._used.append(target)
        ways = {"plain": self._ground.rename, "posix": self._ground.rename_over}
        try:
            ways.get(self._partner.quirks.rename, self._ground.rename)(path, target)
        except Denied:
            if self._partner.quirks.rename != "either":
                raise
            self._ground.rename_over(path, target)
        return ""

    def _put_for_pickup(self, name: str) -> str:
        """A scratch file where the answers lie, under a name that no gateway takes for one."""
        pickup = self._partner.pickup
        if any(fnmatchcase(name, pattern.lower()) for pattern in pickup.patterns):
            raise _NotTriedError("pickup.patterns takes any name, so a test file might be taken for an answer")
        path = f"{pickup.folder}/{name}"
        self._used.append(path)
        try:
            self._ground.write(path, CONTENT)
        except Denied as error:
            raise _NotTriedError(f"no test file may be put there ({error})") from error
        return path

    def _clean_up(self) -> None:
        """Whatever is still there is taken away; what cannot be is said."""
        self._remove_files()
        if self._has_folder:
            try:
                self._ground.remove_folder(self._scratch)
            except Denied:
                self._refused.append(self._scratch)
            self._has_folder = False
        self._is_clean = True

    def _remove_files(self) -> None:
        while self._used:
            path = self._used[-1]
            try:
                self._ground.remove(path)
            except Denied as error:
                # Some servers say "failure" of a file that is not there.
                if not error.is_gone and self._is_listed(path):
                    self._refused.append(path)
            self._used.pop()
