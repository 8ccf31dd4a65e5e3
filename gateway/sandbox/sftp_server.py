"""The sandbox partner's SFTP server: real SSH on a folder of this machine, and no way out of that folder."""

import errno
import hmac
import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import paramiko
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_OK

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

_WEAK_ALGORITHMS = {
    "ciphers": ("3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"),
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96"),
}
_READ_BYTES_MAX = 256 * 1024


class SftpServer:
    """Serves `folder` over SFTP until stopped; what it holds is on the disk, so it may be stopped and started at will.

    `users` maps a user name to a password, or to an OpenSSH public key line ("ssh-ed25519 AAAA…") that admits its owner
    without one. The host key is made in the file `host_key` (0600) if that is absent. `port` 0 takes a free one.
    """

    def __init__(self, folder: Path, *, host_key: Path, users: Mapping[str, str], host: str = "127.0.0.1", port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._key = load_host_key(host_key)
        self._users = dict(users)
        self._address = (host, port)
        self._listener: socket.socket | None = None
        self._connections: set[paramiko.Transport] = set()
        self._accepting: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._listener is not None, "start() comes first"
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def fingerprint(self) -> str:
        """The host key as a profile pins it: "SHA256:…"."""
        return self._key.fingerprint

    def start(self) -> None:
        """Listen, and serve every connection on threads of its own. Raises OSError where the port is taken."""
        self._listener = socket.create_server(self._address, backlog=50)
        self._accepting = threading.Thread(target=self._accept, args=(self._listener,), name="sandbox sftp", daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """Hang up on everyone and stop listening; returns when no thread of its own serves any more."""
        if self._listener is None:
            return
        # Closing alone does not wake a thread that waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._accepting is not None:
            self._accepting.join()
        for connection in self._connections:
            connection.close()
            connection.join()
        self._connections.clear()
        self._listener = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def make_gate(self) -> "Gate":
        """What decides who may come in on one connection."""
        return Gate(self._users)

    def make_folder_view(self, gate: paramiko.ServerInterface) -> "JailedFolder":
        """What one connection sees and may do; a server that misbehaves on purpose gives another."""
        return JailedFolder(gate, self._folder)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            self._connections = {connection for connection in self._connections if connection.is_alive()}
            self._serve(sock)

    def _serve(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = paramiko.Transport(sock, disabled_algorithms=_WEAK_ALGORITHMS)
        connection.add_server_key(self._key)
        connection.set_subsystem_handler("sftp", paramiko.SFTPServer, self.make_folder_view)
        self._connections.add(connection)
        # With an event it does not wait for the handshake, so a silent client holds up nobody else.
        connection.start_server(event=threading.Event(), server=self.make_gate())


def load_host_key(path: Path) -> paramiko.Ed25519Key:
    """The Ed25519 key of this file; made first, readable by its owner alone, where there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
    return paramiko.Ed25519Key(filename=str(path))


class Gate(paramiko.ServerInterface):
    """Who may come in, and for SFTP only."""

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        known = self._users.get(username, "")
        fits = hmac.compare_digest(known.encode(), password.encode())
        return AUTH_SUCCESSFUL if fits and known and not _is_public_key(known) else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        known = self._users.get(username, "")
        fits = _is_public_key(known) and known.split()[:2] == [key.get_name(), key.get_base64()]
        return AUTH_SUCCESSFUL if fits else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


def _is_public_key(text: str) -> bool:
    return text.startswith(("ssh-ed25519 ", "ecdsa-sha2-", "ssh-rsa "))


class OpenFile(paramiko.SFTPHandle):
    """A file a client has open; read and written by position, so no request disturbs another."""

    def __init__(self, descriptor: int, flags: int) -> None:
        super().__init__(flags)
        self.descriptor = descriptor
        self._is_open = True

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self.descriptor)

    def read(self, offset: int, length: int) -> bytes | int:
        try:
            return os.pread(self.descriptor, min(length, _READ_BYTES_MAX), offset)
        except OSError as error:
            return _to_status(error)

    def write(self, offset: int, data: "Buffer") -> int:
        try:
            view = memoryview(data)
            while view:
                written = os.pwrite(self.descriptor, view, offset)
                offset += written
                view = view[written:]
        except OSError as error:
            return _to_status(error)
        return SFTP_OK

    def stat(self) -> paramiko.SFTPAttributes | int:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.descriptor))

    def chattr(self, attr: paramiko.SFTPAttributes) -> int:
        return SFTP_OK


class JailedFolder(paramiko.SFTPServerInterface):
    """What a client may do under `root`. Paths are taken as from "/", and nothing is reached through a symbolic link."""

    def __init__(self, gate: paramiko.ServerInterface, root: Path) -> None:
        super().__init__(gate)
        self.root = root

    def find_path(self, path: str) -> Path:
        """The place on the disk. Raises PermissionError where it, or a link on the way to it, lies outside the root."""
        place = self.root / os.path.normpath("/" + path).lstrip("/")
        if not place.resolve().is_relative_to(self.root):
            raise PermissionError(errno.EACCES, "outside the served folder")
        return place

    def canonicalize(self, path: str) -> str:
        return os.path.normpath("/" + path).replace("//", "/")

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            with os.scandir(os.fsencode(self.find_path(path))) as entries:
                return [attributes for entry in entries if (attributes := _describe_entry(entry)) is not None]
        except OSError as error:
            return _to_status(error)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.lstat(self.find_path(path)))
        except OSError as error:
            return _to_status(error)

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        return self.stat(path)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            return OpenFile(os.open(self.find_path(path), flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600), flags)
        except OSError as error:
            return _to_status(error)

    def remove(self, path: str) -> int:
        return self._do(lambda: self.find_path(path).unlink())

    def rename(self, oldpath: str, newpath: str) -> int:
        return self._do(lambda: _rename_new(self.find_path(oldpath), self.find_path(newpath)))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        return self._do(lambda: os.replace(self.find_path(oldpath), self.find_path(newpath)))  # noqa: PTH105 - its twin returns a path

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._do(lambda: self.find_path(path).mkdir(0o700))

    def rmdir(self, path: str) -> int:
        return self._do(lambda: self.find_path(path).rmdir())

    def chattr(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        """Times and modes that a client would set are taken and not kept: the folder belongs to the partner."""
        return SFTP_OK

    def _do(self, act: Callable[[], None]) -> int:
        try:
            act()
        except OSError as error:
            return _to_status(error)
        return SFTP_OK


def _rename_new(old: Path, new: Path) -> None:
    """Rename that refuses an existing name, in one step for a file: a link is made or it is not."""
    if old.is_dir():
        if os.path.lexists(new):
            raise FileExistsError(errno.EEXIST, "exists")
        old.rename(new)
        return
    os.link(old, new, follow_symlinks=False)
    old.unlink()


def _describe_entry(entry: os.DirEntry[bytes]) -> paramiko.SFTPAttributes | None:
    """An entry for a listing, its name as the bytes on the disk; None where it went away meanwhile."""
    try:
        attributes = paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None
    # The library's type says str; its packing takes bytes, and a name on the disk need not be UTF-8.
    attributes.filename = entry.name  # type: ignore[assignment]
    return attributes


def _to_status(error: OSError) -> int:
    return paramiko.SFTPServer.convert_errno(error.errno or 0)
