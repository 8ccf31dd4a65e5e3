"""A wire in memory: the folders of one partner, with faults that happen when the test says so."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from gateway.errors import PermanentError
from gateway.transport import RemoteFile, Standing, Transport
from payers.partner import Quirks, Upload
from payers.profile import Partner


class Killed(BaseException):
    """The process dies here, as from kill -9: nothing of ours may catch it."""


class Wire:
    """One partner's server. `before` and `after` name the call that fails, and how: once, in the order given.

    What fails `before` had no effect; what fails `after` had its effect, and only its answer was lost. `half` names "publish"
    alone, in the modes that write the final name: half of the file is there; `unmarked`: all of it, without its marker.
    A partner's profile sets `upload` and `quirks` when it connects.
    """

    def __init__(self) -> None:
        self.upload = Upload(folder="upload")
        self.quirks = Quirks()
        self.folders: dict[str, dict[str, bytes]] = {}
        self.parts: dict[tuple[str, str], bytes] = {}
        self.times: dict[tuple[str, str], int | None] = {}
        self.tells_sizes = True
        self.unreadable: set[str] = set()
        self.before: dict[str, list[BaseException]] = {}
        self.half: dict[str, list[BaseException]] = {}
        self.unmarked: dict[str, list[BaseException]] = {}
        self.after: dict[str, list[BaseException]] = {}
        self.calls: list[tuple[str, str]] = []

    def put(self, folder: str, name: str, content: bytes, modified_at: int | None = 1_772_400_000) -> None:
        """The partner writes a file; the server tells its time, unless that is None."""
        self.folders.setdefault(folder, {})[name] = content
        self.times[folder, name] = modified_at

    def published(self) -> list[str]:
        """Every name that was ever given to a file of ours, in order: twice if twice."""
        return [name for call, name in self.calls if call == "published"]

    def list(self, folder: str) -> Iterator[RemoteFile]:
        self._fail(self.before, "list", folder)
        return iter([self._describe(folder, name) for name in sorted(self.folders.get(folder, {}))])

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        self._fail(self.before, f"fetch {name}", name)
        content = self.folders[folder][name]
        half = len(content) // 2
        yield content[:half]
        self._fail(self.after, f"fetch {name}", name)
        yield content[half:]

    def find(self, folder: str, name: str) -> RemoteFile | None:
        self._fail(self.before, "find", name)
        return self._describe(folder, name) if name in self.folders.get(folder, {}) else None

    def find_part(self, folder: str, name: str) -> RemoteFile | None:
        self._fail(self.before, "find_part", name)
        marker = name + self.upload.marker_suffix
        if self.upload.mode == "marker" and marker in self.folders.get(folder, {}):
            return self._describe(folder, marker)
        return RemoteFile(name, len(self.parts[folder, name]), 0) if (folder, name) in self.parts else None

    def look(self, folder: str, name: str, content: bytes) -> Standing:
        self._fail(self.before, "look", name)
        found = self.folders.get(folder, {}).get(name)
        mode, beside = self.upload.mode, self.find_part(folder, name) is not None
        if found is None and mode == "rename" and beside:
            return Standing.UPLOADED if self.parts[folder, name] == content else Standing.UNFINISHED
        if found is None:
            return Standing.ABSENT
        if not content.startswith(found):
            return Standing.OTHER
        if mode == "marker" and not beside:
            return Standing.UNFINISHED
        if found != content:
            return Standing.UNFINISHED if mode == "direct" else Standing.OTHER
        return Standing.PUBLISHED

    def upload_part(self, folder: str, name: str, content: bytes) -> None:
        self._fail(self.before, "upload_part", name)
        self._refuse_foreign(folder, name, content)
        if self.upload.mode == "rename":
            self.parts[folder, name] = content
        self._fail(self.after, "upload_part", name)

    def publish(self, folder: str, name: str, content: bytes) -> None:
        self._fail(self.before, "publish", name)
        self._refuse_foreign(folder, name, content)
        if self.upload.mode == "rename":
            content = self.parts.pop((folder, name))
        else:
            self.put(folder, name, content[: len(content) // 2])
            self._fail(self.half, "publish", name)
        self.put(folder, name, content)
        if self.upload.mode == "marker":
            self._fail(self.unmarked, "publish", name)
            self.put(folder, name + self.upload.marker_suffix, b"")
        self.calls.append(("published", name))
        self._fail(self.after, "publish", name)

    def move(self, folder: str, name: str, to_folder: str) -> None:
        self._fail(self.before, "move", name)
        taken = self.folders.setdefault(to_folder, {})
        if name not in self.folders.get(folder, {}):
            if name not in taken:
                raise PermanentError("it is in neither folder")
            return
        free = next(each for each in (name, *(f"{name}.{number}" for number in range(2, 100))) if each not in taken)
        self.put(to_folder, free, self.folders[folder].pop(name), self.times[folder, name])
        self.calls.append(("moved", name))
        self._fail(self.after, "move", name)

    def remove(self, folder: str, name: str) -> None:
        self._fail(self.before, "remove", name)
        self.folders[folder].pop(name, None)
        self.calls.append(("removed", name))
        self._fail(self.after, "remove", name)

    def _refuse_foreign(self, folder: str, name: str, content: bytes) -> None:
        there = self.folders.get(folder, {}).get(name)
        if there is not None and (self.upload.mode == "rename" or not content.startswith(there)):
            raise PermanentError("a file has that name already")

    def _describe(self, folder: str, name: str) -> RemoteFile:
        size = len(self.folders[folder][name]) if self.tells_sizes else None
        return RemoteFile(name, size, self.times[folder, name], name not in self.unreadable)

    def _fail(self, faults: dict[str, Any], call: str, name: str) -> None:
        if faults is self.before:
            self.calls.append((call, name))
        if faults.get(call):
            raise faults[call].pop(0)


class Wires:
    """Connects to the wire of each partner; `refused` says of which partner no connection comes about, and why."""

    def __init__(self) -> None:
        self.by_partner: dict[str, Wire] = {}
        self.refused: dict[str, Exception] = {}

    def __getitem__(self, partner: str) -> Wire:
        return self.by_partner.setdefault(partner, Wire())

    def connect(self, partner: Partner) -> AbstractContextManager[Transport]:
        if partner.id in self.refused:
            raise self.refused[partner.id]
        wire = self[partner.id]
        wire.upload, wire.quirks = partner.upload, partner.quirks
        return nullcontext(wire)
