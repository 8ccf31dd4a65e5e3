"""The sandbox's SFTP server with a partner's bad habits, each switched on by name."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, SupportsIndex

import paramiko
from paramiko.sftp import SFTP_FAILURE, SFTP_OK, SFTP_OP_UNSUPPORTED, SFTP_PERMISSION_DENIED

from gateway.sandbox.sftp_server import Gate, JailedFolder, OpenFile, SftpServer


@dataclass
class Lies:
    """What the server does wrong. The default is an honest server.

    `refuse_rename`, `refuse_rename_over`: the two ways of renaming answer "failure" (over: "unsupported").
    `refuse_writing`: every write is denied after the open succeeded. `refuse_last_write`: only writes past this offset.
    `forget_writes`: writes are answered OK and dropped. `change_bytes`: a byte of each write is stored as another.
    `take_on_close`, `take_on_rename`: the file moves to folder `taken` as soon as it is closed or renamed, the rename
    answered OK. `take_and_refuse_rename`: moved away, but the rename is answered "failure".
    `add_to_size`: how much every size is overstated. `hide_size`: no size is told. `short_reads`: bytes a read gives at most.
    `extra_names`: names put into every listing. `before_rename`: something that happens just before a rename.
    `forget_rename`: a rename is answered OK and not done. `refuse_stat`, `refuse_chmod`, `refuse_mkdir`: answered "denied".
    `refuse_create_only`: opening a file that must not exist yet is unsupported. `overwrite_on_rename`: the plain rename
    replaces. `before_open`: something that happens just before a file is opened to be written, with its path.
    `hang_up_on_chmod`: all connections end when a mode is to be set. `refuse_reading`: opening to read is denied.
    `before_stat`: something that happens just before a path is looked at. `endless_listing`: every READDIR is answered with
    names. `endless_files`: every read is answered with bytes.
    """

    refuse_rename: bool = False
    refuse_rename_over: bool = False
    refuse_writing: bool = False
    refuse_last_write: int | None = None
    forget_writes: bool = False
    change_bytes: bool = False
    take_on_close: bool = False
    take_on_rename: bool = False
    take_and_refuse_rename: bool = False
    add_to_size: int = 0
    hide_size: bool = False
    short_reads: int | None = None
    extra_names: tuple[bytes, ...] = ()
    before_rename: Callable[[], None] | None = None
    forget_rename: bool = False
    refuse_stat: bool = False
    refuse_chmod: bool = False
    refuse_mkdir: bool = False
    refuse_create_only: bool = False
    overwrite_on_rename: bool = False
    before_open: Callable[[str], None] | None = None
    hang_up_on_chmod: bool = False
    refuse_reading: bool = False
    before_stat: Callable[[], None] | None = None
    endless_listing: bool = False
    endless_files: bool = False


@dataclass
class Seen:
    """What reached the server."""

    log_ins: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)


class LyingServer(SftpServer):
    """An SFTP server that lies as told, and remembers who logged in and what was opened."""

    def __init__(self, folder: Path, *, host_key: Path, users: dict[str, str], lies: Lies | None = None) -> None:
        super().__init__(folder, host_key=host_key, users=users)
        self.root = folder
        self.lies = lies or Lies()
        self.seen = Seen()

    def make_gate(self) -> Gate:
        return _RememberingGate(self._users, self.seen)

    def make_folder_view(self, gate: paramiko.ServerInterface) -> JailedFolder:
        return _LyingFolder(gate, self)

    def hang_up(self) -> None:
        """End every connection there is."""
        for connection in self._connections:
            connection.close()


class _RememberingGate(Gate):
    def __init__(self, users: dict[str, str], seen: Seen) -> None:
        super().__init__(users)
        self._seen = seen

    def get_allowed_auths(self, username: str) -> str:
        self._seen.log_ins.append(username)
        return super().get_allowed_auths(username)

    def check_auth_password(self, username: str, password: str) -> int:
        self._seen.log_ins.append(username)
        return super().check_auth_password(username, password)

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._seen.log_ins.append(username)
        return super().check_auth_publickey(username, key)


class _LyingFile(OpenFile):
    def __init__(self, honest: OpenFile, place: Path, lies: Lies) -> None:
        super().__init__(honest.descriptor, 0)
        self._place = place
        self._lies = lies
        self._written = False

    def read(self, offset: int, length: int) -> bytes | int:
        if self._lies.endless_files:
            return bytes(length)
        return super().read(offset, min(length, self._lies.short_reads or length))

    def write(self, offset: int, data: bytes) -> int:  # type: ignore[override]
        self._written = True
        if self._lies.refuse_writing:
            return SFTP_PERMISSION_DENIED
        if self._lies.refuse_last_write is not None and offset >= self._lies.refuse_last_write:
            return SFTP_FAILURE
        if self._lies.forget_writes:
            return SFTP_OK
        if self._lies.change_bytes:
            data = bytes((data[0] ^ 1,)) + data[1:]
        return super().write(offset, data)

    def close(self) -> None:
        super().close()
        if self._lies.take_on_close and self._written and self._place.exists():
            _take(self._place)


class _LyingFolder(JailedFolder):
    def __init__(self, gate: paramiko.ServerInterface, server: LyingServer) -> None:
        super().__init__(gate, server.root.resolve())
        self._lies = server.lies
        self._seen = server.seen
        self._hang_up = server.hang_up

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        self._seen.opened.append(path)
        if self._lies.before_open is not None and flags & os.O_CREAT:
            self._lies.before_open(path)
        if self._lies.refuse_reading and not flags & os.O_CREAT:
            return SFTP_PERMISSION_DENIED
        if self._lies.refuse_create_only and flags & os.O_EXCL:
            return SFTP_OP_UNSUPPORTED
        opened = super().open(path, flags, attr)
        return _LyingFile(opened, self.find_path(path), self._lies) if isinstance(opened, OpenFile) else opened

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        if self._lies.before_stat is not None:
            self._lies.before_stat()
        if self._lies.refuse_stat:
            return SFTP_PERMISSION_DENIED
        found = super().stat(path)
        return self._lie_about_size(found) if isinstance(found, paramiko.SFTPAttributes) else found

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        found = super().list_folder(path)
        if isinstance(found, int):
            return found
        for name in self._lies.extra_names:
            extra = paramiko.SFTPAttributes()
            extra.filename = name  # type: ignore[assignment]
            extra.st_mode = 0o100644
            found.append(extra)
        return _Endless(found) if self._lies.endless_listing else found

    def rename(self, oldpath: str, newpath: str) -> int:
        if self._lies.before_rename is not None:
            self._lies.before_rename()
        if self._lies.take_and_refuse_rename:
            if self.find_path(oldpath).exists():
                _take(self.find_path(oldpath))
            return SFTP_FAILURE
        if self._lies.refuse_rename:
            return SFTP_FAILURE
        if self._lies.forget_rename:
            return SFTP_OK
        if self._lies.overwrite_on_rename:
            return super().posix_rename(oldpath, newpath)
        answer = super().rename(oldpath, newpath)
        if self._lies.take_on_rename:
            _take(self.find_path(newpath))
        return answer

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if self._lies.refuse_rename_over or self._lies.take_and_refuse_rename:
            return SFTP_OP_UNSUPPORTED
        return super().posix_rename(oldpath, newpath)

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return SFTP_PERMISSION_DENIED if self._lies.refuse_mkdir else super().mkdir(path, attr)

    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        if self._lies.hang_up_on_chmod:
            self._hang_up()
        return SFTP_PERMISSION_DENIED if self._lies.refuse_chmod else super().chattr(path, attr)

    def _lie_about_size(self, found: paramiko.SFTPAttributes) -> paramiko.SFTPAttributes:
        if found.st_size is not None:
            found.st_size = None if self._lies.hide_size else found.st_size + self._lies.add_to_size
        return found


class _Endless(list[paramiko.SFTPAttributes]):
    """Entries that come again and again."""

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        if isinstance(index, slice) and index.start:
            return self
        return super().__getitem__(index)


def _take(place: Path) -> None:
    taken = place.parent.parent / "taken"
    taken.mkdir(exist_ok=True)
    place.rename(taken / place.name)
