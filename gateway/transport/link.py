"""The SSH connection under SFTP: dialled, its host key checked before we say who we are, every step of it timed."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from queue import Empty, SimpleQueue
from time import monotonic
from typing import NamedTuple, NoReturn

import paramiko

from gateway.errors import PermanentError, TransientError
from gateway.transport.failures import FAILURES, describe, find_kind, is_link_lost
from gateway.transport.secrets import Secret, is_reference, name_place, read_secret, read_secret_text
from gateway.transport.sftp_session import MalformedReply, SftpSession
from payers.partner import Sftp

# What the library still offers and nobody should take: CBC, 3DES, and MACs over MD5 and SHA-1.
WEAK_ALGORITHMS = {
    "ciphers": ("3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"),
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96"),
}
_KEY_CLASSES = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)

BYTES_A_SECOND_MIN = 1024
"""What comes more slowly, all the time it takes taken together, is given up: a peer that hands out a byte for each step keeps
every step's time, and would hold us for ever."""
STEPS_OF_GRACE = 4
"""So many steps' time is not counted: opening a file may take long, and a small file is soon through."""

# The library logs what goes wrong on its own threads; without any handler Python would put that on stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class Credentials:
    """What we log in with, read before anything is dialled. At least one of the two is there."""

    def __init__(self, sftp: Sftp) -> None:
        self.password = read_secret(sftp.password) if sftp.password else None
        self.key = _load_key(sftp.key_file) if sftp.key_file else None
        if self.password is None and self.key is None:
            raise PermanentError("the profile's [sftp] names neither a password nor a key_file; it should name one")


class Greeting(NamedTuple):
    """What a server shows before anybody has logged in."""

    fingerprint: str
    key_type: str
    cipher: str
    mac: str
    version: str


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

    @property
    def is_lost(self) -> bool:
        """Whether nothing more can be asked, or learnt, on this connection."""
        return self._lost

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

    def greet(self) -> Greeting:
        """What the server showed of itself; open() comes first."""
        ssh = self._open_ssh()
        key = ssh.get_remote_server_key()
        version = ascii(ssh.remote_version)[1:-1][:100]
        agreed = vars(ssh)
        return Greeting(key.fingerprint, key.get_name(), str(agreed["remote_cipher"]), str(agreed["remote_mac"]), version)

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

    def demand_pace(self, doing: str, *, since: float, received_bytes: int) -> None:
        """Something that is still going on since `since` (monotonic seconds): raises TransientError where it is too slow."""
        seconds = monotonic() - since
        if seconds > STEPS_OF_GRACE * self._seconds + received_bytes / BYTES_A_SECOND_MIN:
            self.close()
            cause = TimeoutError(f"{received_bytes} bytes in {seconds:.0f} s")
            raise TransientError(f"{self._name}: {doing}: given up as too slow after {cause}") from cause

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
    """An OpenSSH private key by reference, or by a plain path. Raises PermanentError without any of its text."""
    reference = reference if is_reference(reference) else f"file:{reference}"
    text, place = read_secret_text(reference), name_place(reference)
    for key_class in _KEY_CLASSES:
        key = _parse_key(key_class, text, place)
        if key is not None:
            return key
    raise PermanentError(
        f"key_file {place} holds no private key we can read; it should be an Ed25519, ECDSA or RSA key of ssh-keygen"
    )


def _parse_key(key_class: type[paramiko.PKey], text: Secret, place: str) -> paramiko.PKey | None:
    try:
        return key_class.from_private_key(StringIO(text.reveal() + "\n"))
    except paramiko.PasswordRequiredException:
        raise PermanentError(
            f"key_file {place} is locked by a passphrase; it should be a key without one, readable by us alone"
        ) from None
    except (paramiko.SSHException, ValueError, IndexError):
        return None
