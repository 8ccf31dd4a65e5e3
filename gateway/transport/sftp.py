"""A trading partner over SFTP: its host key checked before we say who we are, every step timed, no file left in half."""

import hashlib
import logging
import re
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from queue import Empty, SimpleQueue
from typing import NoReturn

import paramiko

from gateway.crashpoint import crashpoint
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import RemoteFile
from gateway.transport.failures import FAILURES, describe, find_kind, is_link_lost
from gateway.transport.secrets import Secret, read_secret
from gateway.transport.sftp_session import SPAN_BYTES, Attributes, Entry, MalformedReply, SftpSession, Status, StatusError
from payers.partner import Partner, Sftp

# What the library still offers and nobody should take: CBC, 3DES, and MACs over MD5 and SHA-1.
WEAK_ALGORITHMS = {
    "ciphers": ("3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"),
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96"),
}
# Letters, digits and a few signs: no path, no control character, nothing a shell or a spreadsheet takes as its own at the start.
SAFE_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.,()+@#=~ -]{0,198}[A-Za-z0-9_)~-])?")
_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)

# The library logs what goes wrong on its own threads; without any handler Python would put that on stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Credentials:
    """What we log in with, read before anything is dialled. At least one of the two is there."""

    def __init__(self, sftp: Sftp) -> None:
        self.password = read_secret(sftp.password) if sftp.password else None
        self.key = _load_key(sftp.key_file) if sftp.key_file else None
        if self.password is None and self.key is None:
            raise PermanentError("the profile's [sftp] names neither a password nor a key_file; it should name one")


@contextmanager
def connect(partner: Partner) -> Iterator["SftpTransport"]:
    """A connection to the partner of this profile, closed at the end whatever happens.

    Raises PermanentError (secret, host key, log-in) or TransientError (network); before the host key has proved itself one of
    the profile's fingerprints, neither user name nor secret nor file has been sent.
    """
    sftp = partner.sftp
    assert sftp is not None, "who has a folder instead is not dialled"
    credentials = Credentials(sftp)
    link = Link(partner.id, sftp)
    try:
        link.open()
        link.check_host_key(sftp.host_keys)
        link.log_in(sftp.username, credentials)
        yield SftpTransport(link, link.open_session(), upload_suffix=partner.upload.suffix)
    finally:
        link.close()


class Link:
    """One SSH connection and the clock on it: a step that takes longer than the profile's timeout loses the connection."""

    def __init__(self, name: str, sftp: Sftp) -> None:
        self._name = name
        self._host = sftp.host
        self._port = sftp.port
        self._seconds = sftp.timeout_seconds
        self._ssh: paramiko.Transport | None = None
        self._timed_out = False
        self._lost = False

    def open(self) -> None:
        """Dial and agree on keys and ciphers; nothing of ours is said yet."""
        with self.step("connecting"):
            sock = _dial(self._host, self._port, self._seconds)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ssh = paramiko.Transport(sock, disabled_algorithms=WEAK_ALGORITHMS)
            if self._timed_out:
                raise TimeoutError("the time was over before there was a connection to close")
            # The step's clock is the one that counts; the library's own must not be the shorter.
            self._ssh.banner_timeout = self._ssh.handshake_timeout = self._ssh.auth_timeout = self._seconds + 5
            with _unreadable_is_malformed():
                self._ssh.start_client(timeout=self._seconds + 5)

    def check_host_key(self, expected: tuple[str, ...]) -> None:
        """Raises PermanentError with both fingerprints where the server shows a key the profile does not name."""
        key = self._open_ssh().get_remote_server_key()
        if key.fingerprint not in expected:
            self.close()
            raise PermanentError(
                f"{self._name}: {self._host} port {self._port} showed host key {key.fingerprint} ({key.get_name()}); "
                f"the profile expects {' or '.join(expected)}. Nothing was sent. Ask the partner, by another way than this "
                "connection, whether the key was changed; only then put the new fingerprint into host_keys"
            )

    def log_in(self, username: str, credentials: Credentials) -> None:
        """Show the key, then the password where there is no key or the server asks for more."""
        with self.step("logging in"):
            try:
                with _unreadable_is_malformed():
                    self._authenticate(username, credentials)
            except paramiko.AuthenticationException as error:
                # The library calls a link that broke during the log-in a failed log-in too.
                if not self._open_ssh().is_active():
                    raise ConnectionError("the connection was closed during the log-in") from error
                raise

    def open_session(self) -> SftpSession:
        """Start SFTP on the connection."""
        with self.step("starting SFTP"):
            channel = self._open_ssh().open_session(timeout=self._seconds)
            channel.settimeout(self._seconds)
            channel.invoke_subsystem("sftp")
            return SftpSession(channel)

    @contextmanager
    def step(self, doing: str) -> Iterator[None]:
        """Something that must be over within the timeout. Failures below come out as TransientError or PermanentError."""
        if self._lost:
            raise TransientError(f"{self._name}: {doing}: the connection was given up before")
        clock = threading.Timer(self._seconds, self._run_out)
        clock.daemon = True
        clock.start()
        try:
            yield
        except FAILURES as error:
            self._raise_translated(error, doing)
        finally:
            clock.cancel()

    def close(self) -> None:
        """Hang up; safe to repeat, never waits for the partner."""
        self._lost = True
        if self._ssh is not None:
            self._ssh.close()

    def _authenticate(self, username: str, credentials: Credentials) -> None:
        ssh = self._open_ssh()
        if credentials.key is not None:
            asks_more = ssh.auth_publickey(username, credentials.key)
            if not asks_more:
                return
            if credentials.password is None:
                raise paramiko.AuthenticationException("the key was taken, but the server asks for a password too")
        assert credentials.password is not None, "checked when the credentials were read"
        if ssh.auth_password(username, credentials.password.reveal()):
            raise paramiko.AuthenticationException("the password was taken, but the server asks for more")

    def _open_ssh(self) -> paramiko.Transport:
        assert self._ssh is not None, "open() comes first"
        return self._ssh

    def _run_out(self) -> None:
        self._timed_out = True
        self.close()

    def _raise_translated(self, error: Exception, doing: str) -> NoReturn:
        if is_link_lost(error):
            self.close()
        # Our own watch and the channel's limit end at the same moment; either may be the first to say so.
        if self._timed_out or (isinstance(error, TimeoutError) and error.errno is None):
            raise TransientError(f"{self._name}: {doing}: no answer within {self._seconds} s") from error
        kind = find_kind(error)
        if kind is None:
            raise error
        raise kind(f"{self._name}: {doing}: {describe(error)}") from error


class SftpTransport:
    """The Transport protocol over SFTP; see gateway.transport for what each call promises."""

    def __init__(self, link: Link, session: SftpSession, *, upload_suffix: str) -> None:
        self._link = link
        self._session = session
        self._suffix = upload_suffix

    def list(self, folder: str) -> Iterator[RemoteFile]:
        batches = self._session.list_folder(_to_path(folder))
        while True:
            with self._link.step(f"listing {folder}"):
                batch = next(batches, None)
            if batch is None:
                return
            yield from (_to_remote_file(entry) for entry in batch if _is_plain_file(entry))

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        path = _to_path(folder, name)
        doing = f"fetching {name}"
        with self._link.step(doing):
            expected = self._stat(path)
            if expected is None:
                raise TransientError(f"{doing}: it is no longer there")
            handle = self._session.open_to_read(path)
        received = 0
        while True:
            with self._link.step(doing):
                chunk = self._session.read(handle, received, _next_length(received, expected.size_bytes))
            if not chunk:
                break
            received += len(chunk)
            yield chunk
        with self._link.step(doing):
            self._session.close(handle)
        if expected.size_bytes not in (None, received):
            raise TransientError(f"{doing}: {received} bytes came, {expected.size_bytes} were announced")
        crashpoint("pickup.bytes_read")

    def find(self, folder: str, name: str) -> RemoteFile | None:
        path = _to_path(folder, name)
        with self._link.step(f"looking for {name}"):
            found = self._stat(path)
        return None if found is None else RemoteFile(name, found.size_bytes, found.modified_at)

    def find_part(self, folder: str, name: str) -> RemoteFile | None:
        return self.find(folder, name + self._suffix)

    def upload_part(self, folder: str, name: str, content: bytes) -> None:
        if not self._suffix:
            raise PermanentError(
                "the profile's upload.suffix is empty; without a temporary name a broken upload would stand as a file"
            )
        final = _to_path(folder, name)
        part = _to_path(folder, name + self._suffix)
        self._refuse_existing(final, name)
        self._write(part, content, name)
        self._compare(part, content, name)

    def publish(self, folder: str, name: str) -> None:
        self._rename(_to_path(folder, name + self._suffix), _to_path(folder, name), name)

    def remove(self, folder: str, name: str) -> None:
        path = _to_path(folder, name)
        with self._link.step(f"removing {name}"):
            try:
                self._session.remove(path)
            except StatusError as error:
                if error.code != Status.NO_SUCH_FILE:
                    raise

    def _stat(self, path: bytes) -> Attributes | None:
        try:
            return self._session.stat(path)
        except StatusError as error:
            if error.code == Status.NO_SUCH_FILE:
                return None
            raise

    def _refuse_existing(self, final: bytes, name: str) -> None:
        with self._link.step(f"looking for {name}"):
            found = self._stat(final)
        if found is not None:
            raise PermanentError(
                f"uploading {name}: a file of that name is already there ({found.size_bytes} bytes); it was not touched"
            )

    def _write(self, part: bytes, content: bytes, name: str) -> None:
        """The temporary file, written from nothing; a leftover of an earlier crash is replaced."""
        doing = f"uploading {name}"
        with self._link.step(doing):
            handle = self._session.open_to_write(part)
        crashpoint("delivery.part_opened")
        half = len(content) // 2
        self._write_spans(handle, content, slice(0, half), doing)
        crashpoint("delivery.mid_write")
        self._write_spans(handle, content, slice(half, len(content)), doing)
        with self._link.step(doing):
            self._session.close(handle)
        crashpoint("delivery.closed")

    def _write_spans(self, handle: bytes, content: bytes, part: slice, doing: str) -> None:
        for start in range(part.start, part.stop, SPAN_BYTES):
            with self._link.step(doing):
                self._session.write(handle, start, content[start : min(start + SPAN_BYTES, part.stop)])

    def _compare(self, part: bytes, content: bytes, name: str) -> None:
        """Size and bytes of the temporary file as the server has them. Raises UnknownOutcome where it was taken away already."""
        doing = f"reading back {name}"
        with self._link.step(doing):
            stored = self._stat(part)
            if stored is None:
                raise UnknownOutcome(f"{doing}: the temporary file is gone before we renamed it; the partner may have taken it")
            if stored.size_bytes not in (None, len(content)):
                raise TransientError(f"{doing}: the server holds {stored.size_bytes} bytes of {len(content)}")
            handle = self._session.open_to_read(part)
        digest = hashlib.sha256()
        received = 0
        while received <= len(content):
            with self._link.step(doing):
                chunk = self._session.read(handle, received, _next_length(received, len(content)))
            if not chunk:
                break
            digest.update(chunk)
            received += len(chunk)
        with self._link.step(doing):
            self._session.close(handle)
        if digest.digest() != hashlib.sha256(content).digest():
            raise TransientError(f"{doing}: the server holds other bytes than were sent")

    def _rename(self, part: bytes, final: bytes, name: str) -> None:
        """The plain rename first, since it cannot replace a file; OpenSSH's only where the server refuses that one."""
        refusal: StatusError | None = None
        for over in (False, True):
            self._refuse_existing(final, name)
            refusal = self._try_rename(part, final, name, over=over)
            if refusal is None:
                return
        with self._link.step(f"renaming {name}"):
            left = self._stat(part)
        if left is None:
            raise UnknownOutcome(f"renaming {name}: {refusal}, yet the temporary file is gone; the partner may have taken it")
        raise PermanentError(f"renaming {name}: {refusal}; the partner does not have it, only its temporary file")

    def _try_rename(self, part: bytes, final: bytes, name: str, *, over: bool) -> StatusError | None:
        """None where it was done, the server's refusal where it was not; UnknownOutcome where no answer came."""
        rename = self._session.rename_over if over else self._session.rename
        try:
            with self._link.step(f"renaming {name}"):
                try:
                    rename(part, final)
                except StatusError as refusal:
                    return refusal
        except TransientError as error:
            raise UnknownOutcome(f"{error}; the rename was sent, its answer never came") from error
        return None


@contextmanager
def _unreadable_is_malformed() -> Iterator[None]:
    """What the SSH library stumbles over in the server's words (text that is no UTF-8, a number that is no key)."""
    try:
        yield
    except ValueError as error:
        raise MalformedReply(f"the server's words cannot be read: {type(error).__name__}") from error


def _dial(host: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection within `seconds`, looking up the name included, which no timeout of a socket covers."""
    answers: SimpleQueue[socket.socket | OSError] = SimpleQueue()
    given_up = threading.Event()

    def dial() -> None:
        try:
            sock = socket.create_connection((host, port), timeout=seconds)
        except OSError as error:
            answers.put(error)
            return
        if given_up.is_set():
            sock.close()
        answers.put(sock)

    threading.Thread(target=dial, name=f"dial {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        given_up.set()
        raise TimeoutError(f"no connection to {host} port {port} within {seconds} s") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _load_key(reference: str) -> paramiko.PKey:
    """An OpenSSH private key by reference (`env:`, `file:`, or a plain path). Raises PermanentError without any of its text."""
    text = read_secret(reference if reference.startswith(("env:", "file:")) else f"file:{reference}")
    for key_class in _KEY_CLASSES:
        key = _parse_key(key_class, text, reference)
        if key is not None:
            return key
    raise PermanentError(
        f"key_file {reference} holds no private key we can read; it should be an Ed25519, ECDSA or RSA key of ssh-keygen"
    )


def _parse_key(key_class: type[paramiko.PKey], text: Secret, reference: str) -> paramiko.PKey | None:
    try:
        return key_class.from_private_key(StringIO(text.reveal() + "\n"))
    except paramiko.PasswordRequiredException:
        raise PermanentError(
            f"key_file {reference} is locked by a passphrase; it should be a key without one, readable by us alone"
        ) from None
    except (paramiko.SSHException, ValueError, IndexError):
        return None


def _to_path(folder: str, name: str | None = None) -> bytes:
    """The path as the server reads it. Raises PermanentError for a name we would not trust ourselves to touch."""
    if name is None:
        return (folder or ".").encode()
    if not SAFE_NAME.fullmatch(name):
        raise PermanentError(f"{name!a} is no name we fetch, write or remove: see SAFE_NAME")
    return f"{folder.rstrip('/')}/{name}".encode() if folder else name.encode()


def _to_remote_file(entry: Entry) -> RemoteFile:
    name = entry.name.decode("ascii", "backslashreplace")
    readable = SAFE_NAME.fullmatch(name) is not None and name.encode() == entry.name
    shown = name if readable else ascii(name)[1:-1].replace("\\\\", "\\")
    return RemoteFile(shown, entry.attributes.size_bytes, entry.attributes.modified_at, readable)


def _is_plain_file(entry: Entry) -> bool:
    """By the mode, and by the line as `ls -l` shows it where the server sends no kind in the mode."""
    kind = stat.S_IFMT(entry.attributes.permissions or 0)
    if kind:
        return kind == stat.S_IFREG
    return entry.name not in (b".", b"..") and entry.line[:1] not in (b"d", b"l")


def _next_length(received: int, size_bytes: int | None) -> int:
    """How much to ask for next: what is left, and at the announced end one byte more, which must not come."""
    if size_bytes is None or received > size_bytes:
        return SPAN_BYTES
    return min(SPAN_BYTES, max(1, size_bytes - received))
