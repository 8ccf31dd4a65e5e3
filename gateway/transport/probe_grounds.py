"""The single requests a probe makes of a partner, over SFTP and in a folder: each is done, or denied with the answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from gateway.errors import PermanentError
from gateway.transport import Transport, limits
from gateway.transport.local_folder import LocalFolderTransport
from gateway.transport.sftp import SftpTransport
from gateway.transport.sftp_session import SPAN_BYTES, Status, StatusError

Answer = TypeVar("Answer")


class Denied(Exception):
    """The partner said no, of which path; `is_gone` where it said that there is no such file."""

    def __init__(self, answer: str, *, is_gone: bool = False) -> None:
        super().__init__(answer)
        self.is_gone = is_gone


class Ground(Protocol):
    """What can be asked of a partner, path by path. Every call may raise Denied, TransientError and PermanentError."""

    def make_folder(self, path: str) -> None: ...

    def write(self, path: str, content: bytes) -> None: ...

    def get_size(self, path: str) -> int | None: ...

    def read(self, path: str) -> bytes: ...

    def list_names(self, folder: str) -> list[str]: ...

    def rename(self, old: str, new: str) -> None: ...

    def rename_over(self, old: str, new: str) -> None: ...

    def set_permissions(self, path: str, permissions: int) -> None: ...

    def remove(self, path: str) -> None: ...

    def remove_folder(self, path: str) -> None: ...


def stand_on(transport: Transport, root: str) -> Ground:
    """The ground under a connection; `root` is the folder of a partner that has no server."""
    if isinstance(transport, SftpTransport):
        return SftpGround(transport)
    assert isinstance(transport, LocalFolderTransport), "there are two kinds"
    return FolderGround(transport, Path(root))


class SftpGround:
    """Over SFTP, by the server's status codes."""

    def __init__(self, transport: SftpTransport) -> None:
        self._transport = transport
        self._session = transport.session

    def make_folder(self, path: str) -> None:
        self._ask(path, lambda: self._session.make_folder(path.encode()))

    def write(self, path: str, content: bytes) -> None:
        handle = self._ask(path, lambda: self._session.open_to_write(path.encode()))
        self._ask(path, lambda: self._session.write(handle, 0, content))
        self._ask(path, lambda: self._session.close(handle))

    def get_size(self, path: str) -> int | None:
        return self._ask(path, lambda: self._session.stat(path.encode())).size_bytes

    def read(self, path: str) -> bytes:
        handle = self._ask(path, lambda: self._session.open_to_read(path.encode()))
        content = self._ask(path, lambda: self._session.read(handle, 0, SPAN_BYTES))
        self._ask(path, lambda: self._session.close(handle))
        return content

    def list_names(self, folder: str) -> list[str]:
        batches = self._session.list_folder(folder.encode(), entries_max=limits.NAMES_MAX)
        names: list[str] = []
        received = 0
        while (batch := self._ask(folder, lambda: next(batches, None))) is not None:
            received += max(1, len(batch))
            names += [entry.name.decode(errors="replace") for entry in batch]
        if received > limits.NAMES_MAX:
            raise Denied(str(limits.refuse_names("listing it")))
        return [name for name in names if name not in (".", "..")]

    def rename(self, old: str, new: str) -> None:
        self._ask(new, lambda: self._session.rename(old.encode(), new.encode()))

    def rename_over(self, old: str, new: str) -> None:
        self._ask(new, lambda: self._session.rename_over(old.encode(), new.encode()))

    def set_permissions(self, path: str, permissions: int) -> None:
        self._ask(path, lambda: self._session.set_permissions(path.encode(), permissions))

    def remove(self, path: str) -> None:
        self._ask(path, lambda: self._session.remove(path.encode()))

    def remove_folder(self, path: str) -> None:
        self._ask(path, lambda: self._session.remove_folder(path.encode()))

    def _ask(self, path: str, request: Callable[[], Answer]) -> Answer:
        with self._transport.link.step("probing"):
            try:
                return request()
            except StatusError as error:
                raise Denied(f"{path}: {error}", is_gone=error.code == Status.NO_SUCH_FILE) from error


class FolderGround:
    """In a folder of this machine, by the system's errors."""

    def __init__(self, transport: LocalFolderTransport, root: Path) -> None:
        self._transport = transport
        self._root = root

    def make_folder(self, path: str) -> None:
        _try(path, self._place(path).mkdir)

    def write(self, path: str, content: bytes) -> None:
        _try(path, lambda: self._place(path).write_bytes(content))

    def get_size(self, path: str) -> int | None:
        return _try(path, lambda: self._place(path).stat().st_size)

    def read(self, path: str) -> bytes:
        return _try(path, self._place(path).read_bytes)

    def list_names(self, folder: str) -> list[str]:
        try:
            return [file.name for file in self._transport.list(folder)]
        except PermanentError as error:
            raise Denied(str(error)) from error

    def rename(self, old: str, new: str) -> None:
        """As the transport does it: never over a file."""
        _try(new, lambda: self._place(new).hardlink_to(self._place(old)))
        _try(old, self._place(old).unlink)

    def rename_over(self, old: str, new: str) -> None:
        _try(new, lambda: self._place(old).replace(self._place(new)))

    def set_permissions(self, path: str, permissions: int) -> None:
        _try(path, lambda: self._place(path).chmod(permissions))

    def remove(self, path: str) -> None:
        _try(path, self._place(path).unlink)

    def remove_folder(self, path: str) -> None:
        _try(path, self._place(path).rmdir)

    def _place(self, path: str) -> Path:
        place = self._root / path
        if not place.resolve().is_relative_to(self._root.resolve()):
            raise PermanentError(f"{path!a} leads out of the profile's local.root")
        return place


def _try(path: str, act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    except OSError as error:
        raise Denied(f"{path}: {error.strerror}", is_gone=isinstance(error, FileNotFoundError)) from error
