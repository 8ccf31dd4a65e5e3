"""A wire in memory: the folders of one partner, with faults that happen when the test says so."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from gateway.errors import PermanentError
from gateway.transport import RemoteFile, Transport
from payers.profile import Partner


class Killed(BaseException):
    """The process dies here, as from kill -9: nothing of ours may catch it."""


class Wire:
    """One partner's server. `before` and `after` name the call that fails, and how: once, in the order given.

    What fails `before` had no effect; what fails `after` had its effect, and only its answer was lost.
    """

    def __init__(self) -> None:
        self.folders: dict[str, dict[str, bytes]] = {}
        self.parts: dict[tuple[str, str], bytes] = {}
        self.times: dict[tuple[str, str], int] = {}
        self.unreadable: set[str] = set()
        self.before: dict[str, list[BaseException]] = {}
        self.after: dict[str, list[BaseException]] = {}
        self.calls: list[tuple[str, str]] = []

    def put(self, folder: str, name: str, content: bytes, modified_at: int = 1_772_400_000) -> None:
        """The partner writes a file."""
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
        return RemoteFile(name, len(self.parts[folder, name]), 0) if (folder, name) in self.parts else None

    def upload_part(self, folder: str, name: str, content: bytes) -> None:
        self._fail(self.before, "upload_part", name)
        if name in self.folders.get(folder, {}):
            raise PermanentError("a file has that name already")
        self.parts[folder, name] = content
        self._fail(self.after, "upload_part", name)

    def publish(self, folder: str, name: str) -> None:
        self._fail(self.before, "publish", name)
        if name in self.folders.get(folder, {}):
            raise PermanentError("a file has that name already")
        self.put(folder, name, self.parts.pop((folder, name)))
        self.calls.append(("published", name))
        self._fail(self.after, "publish", name)

    def remove(self, folder: str, name: str) -> None:
        self._fail(self.before, "remove", name)
        self.folders[folder].pop(name, None)
        self.calls.append(("removed", name))
        self._fail(self.after, "remove", name)

    def _describe(self, folder: str, name: str) -> RemoteFile:
        size = len(self.folders[folder][name])
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
        return nullcontext(self[partner.id])
