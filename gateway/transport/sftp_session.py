"""SFTP version 3 over one SSH channel: names are bytes, every status is looked at, every count is checked.

Spoken here because the SSH library's own client gives up a whole listing on one undecodable name, forgets the answers to
pipelined writes and to close, and believes whatever count a reply claims. Source: draft-ietf-secsh-filexfer-02.
"""

import struct
from collections import deque
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple, Protocol

PIECE_BYTES = 32 * 1024
SPAN_BYTES = 256 * 1024
PACKET_BYTES_MAX = 1024 * 1024
_FOLDER_READS_AHEAD = 8
_POSIX_RENAME = b"posix-rename@openssh.com"

_INIT, _VERSION = 1, 2
_OPEN, _CLOSE, _READ, _WRITE, _SETSTAT = 3, 4, 5, 6, 9
_OPENDIR, _READDIR, _REMOVE, _MKDIR, _RMDIR, _STAT, _RENAME, _EXTENDED = 11, 12, 13, 14, 15, 17, 18, 200
_STATUS, _HANDLE, _DATA, _NAME, _ATTRS = 101, 102, 103, 104, 105

_OPEN_READ = 0x01
_OPEN_WRITE_CREATE_TRUNCATE = 0x02 | 0x08 | 0x10
_OPEN_WRITE_CREATE_ONLY = 0x02 | 0x08 | 0x20
_HAS_PERMISSIONS = 0x4


class Status(IntEnum):
    """The answers a version 3 server can give."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    NO_CONNECTION = 6
    CONNECTION_LOST = 7
    OP_UNSUPPORTED = 8


class StatusError(Exception):
    """The server answered, and the answer was no. Its own words are not repeated: they may hold anything."""

    def __init__(self, code: int) -> None:
        self.code = code
        words = {status.value: status.name.lower().replace("_", " ") for status in Status}
        super().__init__(f"the server answered {code} ({words.get(code, 'unknown')})")


class MalformedReply(Exception):
    """What came is not an answer to what was asked."""


class ByteStream(Protocol):
    """What a session needs of an SSH channel."""

    def sendall(self, data: bytes) -> object: ...

    def recv(self, nbytes: int) -> bytes: ...


class Attributes(NamedTuple):
    """What a server says of a file; None where it does not say."""

    size_bytes: int | None
    permissions: int | None
    modified_at: int | None


class Entry(NamedTuple):
    """One name in a folder as the server sent it, and its line as `ls -l` would show it."""

    name: bytes
    line: bytes
    attributes: Attributes


class _Body:
    """Reads a reply's fields in order and never past its end."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._body):
            raise MalformedReply("a reply is shorter than it says")
        taken = self._body[self._at : end]
        self._at = end
        return taken

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        return self.take(self.number())

    def attributes(self) -> Attributes:
        flags = self.number()
        size = int.from_bytes(self.take(8), "big") if flags & 0x1 else None
        if flags & 0x2:
            self.take(8)
        permissions = self.number() if flags & 0x4 else None
        modified_at = None
        if flags & 0x8:
            self.take(4)
            modified_at = self.number()
        if flags & 0x80000000:
            for _ in range(self.number()):
                self.string()
                self.string()
        return Attributes(size, permissions, modified_at)


def read_names(body: bytes) -> list[Entry]:
    """The entries of a NAME reply. Raises MalformedReply where a length or a count lies."""
    reader = _Body(body)
    return [Entry(reader.string(), reader.string(), reader.attributes()) for _ in range(reader.number())]


def read_attributes(body: bytes) -> Attributes:
    """The one set of attributes of an ATTRS reply. Raises MalformedReply."""
    return _Body(body).attributes()


def _number(value: int) -> bytes:
    return struct.pack(">I", value)


def _offset(value: int) -> bytes:
    return struct.pack(">Q", value)


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


class SftpSession:
    """The conversation. Raises StatusError, MalformedReply, EOFError, and whatever the stream raises.

    After anything but a StatusError the conversation is over: what the server will answer next is unknown.
    """

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._last_id = 0
        self._awaited: set[int] = set()
        self._replies: dict[int, tuple[int, bytes]] = {}
        self._send_packet(_INIT, _number(3))
        kind, _ = self._receive_packet()
        if kind != _VERSION:
            raise MalformedReply("the server did not greet as an SFTP server does")

    def stat(self, path: bytes) -> Attributes:
        """What the server says of a path, links followed."""
        return read_attributes(self._ask(_STAT, _string(path), expect=_ATTRS))

    def open_to_read(self, path: bytes) -> bytes:
        """A handle on an existing file."""
        return self._ask_handle(_OPEN, _string(path), _number(_OPEN_READ), _number(0))

    def open_to_write(self, path: bytes) -> bytes:
        """A handle on a file made empty, whether it was there or not."""
        return self._ask_handle(_OPEN, _string(path), _number(_OPEN_WRITE_CREATE_TRUNCATE), _number(0))

    def open_to_create(self, path: bytes) -> bytes:
        """A handle on a file that was not there before; refused where it was."""
        return self._ask_handle(_OPEN, _string(path), _number(_OPEN_WRITE_CREATE_ONLY), _number(0))

    def close(self, handle: bytes) -> None:
        """Give a handle back; a server may refuse here what it could not store."""
        self._ask(_CLOSE, _string(handle))

    def write(self, handle: bytes, offset: int, span: bytes) -> None:
        """Write at `offset`: pieces sent one behind the other, every answer read, the first refusal raised."""
        asked = []
        for start in range(0, len(span), PIECE_BYTES):
            piece = span[start : start + PIECE_BYTES]
            asked.append(self._send(_WRITE, _string(handle), _offset(offset + start), _string(piece)))
        replies = [self._await(request) for request in asked]
        for kind, body in replies:
            _check_answer(kind, body, expect=_STATUS)

    def read(self, handle: bytes, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`; fewer where the server gave fewer; none at the end of the file."""
        asked = []
        for start in range(0, length, PIECE_BYTES):
            size = min(PIECE_BYTES, length - start)
            asked.append((size, self._send(_READ, _string(handle), _offset(offset + start), _number(size))))
        replies = [(size, *self._await(request)) for size, request in asked]
        pieces = []
        for size, kind, body in replies:
            piece = _read_data(kind, body)
            if len(piece) > size:
                raise MalformedReply("the server sent more bytes than were asked for")
            pieces.append(piece)
            if len(piece) < size:
                break
        return b"".join(pieces)

    def list_folder(self, path: bytes, *, entries_max: int) -> Iterator[list[Entry]]:
        """A folder's entries as the server hands them out, a few requests ahead of the reader.

        It stops asking behind `entries_max`, an answer without entries counted as one, so more than that means there is more.
        """
        handle = self._ask_handle(_OPENDIR, _string(path))
        ahead = deque(self._send(_READDIR, _string(handle)) for _ in range(_FOLDER_READS_AHEAD))
        received = 0
        while received <= entries_max:
            kind, body = self._await(ahead.popleft())
            if _is_end(kind, body):
                break
            entries = read_names(_check_answer(kind, body, expect=_NAME))
            received += max(1, len(entries))
            yield entries
            ahead.append(self._send(_READDIR, _string(handle)))
        for request in ahead:
            self._await(request)
        self.close(handle)

    def remove(self, path: bytes) -> None:
        """Delete a file."""
        self._ask(_REMOVE, _string(path))

    def rename(self, old: bytes, new: bytes) -> None:
        """Rename as version 3 defines it: refused where `new` exists."""
        self._ask(_RENAME, _string(old), _string(new))

    def rename_over(self, old: bytes, new: bytes) -> None:
        """Rename by OpenSSH's extension, which replaces what is at `new` without a word: look first."""
        self._ask(_EXTENDED, _string(_POSIX_RENAME), _string(old), _string(new))

    def make_folder(self, path: bytes) -> None:
        """Make a folder; refused where something has that name."""
        self._ask(_MKDIR, _string(path), _number(0))

    def remove_folder(self, path: bytes) -> None:
        """Remove an empty folder."""
        self._ask(_RMDIR, _string(path))

    def set_permissions(self, path: bytes, permissions: int) -> None:
        """Set the mode bits of a path."""
        self._ask(_SETSTAT, _string(path), _number(_HAS_PERMISSIONS), _number(permissions))

    def _ask_handle(self, kind: int, *fields: bytes) -> bytes:
        return _Body(self._ask(kind, *fields, expect=_HANDLE)).string()

    def _ask(self, kind: int, *fields: bytes, expect: int = _STATUS) -> bytes:
        return _check_answer(*self._await(self._send(kind, *fields)), expect=expect)

    def _send(self, kind: int, *fields: bytes) -> int:
        self._last_id += 1
        self._awaited.add(self._last_id)
        self._send_packet(kind, _number(self._last_id), *fields)
        return self._last_id

    def _await(self, request: int) -> tuple[int, bytes]:
        """The answer to one request; answers to others that come before it are kept for them."""
        while request not in self._replies:
            kind, packet = self._receive_packet()
            answered = int.from_bytes(packet[:4], "big")
            if len(packet) < 4 or answered not in self._awaited:
                raise MalformedReply("the server answered what was not asked")
            self._awaited.remove(answered)
            self._replies[answered] = (kind, packet[4:])
        return self._replies.pop(request)

    def _send_packet(self, kind: int, *fields: bytes) -> None:
        packet = bytes((kind,)) + b"".join(fields)
        self._stream.sendall(_string(packet))

    def _receive_packet(self) -> tuple[int, bytes]:
        length = int.from_bytes(self._receive(4), "big")
        if not 1 <= length <= PACKET_BYTES_MAX:
            raise MalformedReply(f"the server announced a packet of {length} bytes")
        packet = self._receive(length)
        return packet[0], packet[1:]

    def _receive(self, count: int) -> bytes:
        pieces = []
        while count:
            piece = self._stream.recv(count)
            if not piece:
                raise EOFError("the server closed the channel")
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)


def _check_answer(kind: int, body: bytes, *, expect: int) -> bytes:
    """The body of the answer expected. Raises StatusError for any other status, MalformedReply for any other kind."""
    if kind == _STATUS:
        code = _Body(body).number()
        if code != Status.OK:
            raise StatusError(code)
    if kind != expect:
        raise MalformedReply(f"the server answered with a message of kind {kind}")
    return body


def _read_data(kind: int, body: bytes) -> bytes:
    if _is_end(kind, body):
        return b""
    return _Body(_check_answer(kind, body, expect=_DATA)).string()


def _is_end(kind: int, body: bytes) -> bool:
    return kind == _STATUS and _Body(body).number() == Status.EOF
