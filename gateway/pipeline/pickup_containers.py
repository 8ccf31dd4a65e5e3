"""Zip and gzip files that partners send: every file in one is kept as a file of its own, or the whole is left as it came."""

import tempfile
from typing import BinaryIO, cast

import msgspec

from gateway.pipeline.unpacking import InputRefused, Limits, open_packed
from gateway.transport.archive import Archive, Stored

LIMITS = Limits(
    member_bytes_max=200 * 1024**2, total_bytes_max=200 * 1024**2, members_max=1000, ratio_max=100, free_bytes=1024**2
)
"""How much a partner's delivery may become. An archive within an archive is refused whatever its size."""

_IN_MEMORY_BYTES = 16 * 1024 * 1024
_NAME_LENGTH_MAX = 255


class Member(msgspec.Struct, frozen=True):
    """One file of a container: its name, `container!member`, and where its bytes are kept."""

    name: str
    stored: Stored


class Unpacked(msgspec.Struct, frozen=True):
    """What was in a container of this name; or why it may not, or cannot, be unpacked, and then no members."""

    name: str
    members: tuple[Member, ...] = ()
    refusal: str = ""


def unpack(archive: Archive, container: Stored, name: str, limits: Limits = LIMITS) -> Unpacked:
    """Put the files in a kept container into the archive, too; of a container that is refused, none count."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
        for chunk in archive.open(container.sha256):
            file.write(chunk)
        try:
            return Unpacked(name, tuple(_store_members(archive, cast(BinaryIO, file), name, limits)))
        except InputRefused as refusal:
            return Unpacked(name, refusal=_plain(refusal.what))


def _store_members(archive: Archive, file: BinaryIO, name: str, limits: Limits) -> list[Member]:
    members = []
    for packed in open_packed(name, file, limits):
        own = packed.name.removeprefix(f"{name}:") if packed.name != name else name.rsplit(".", 1)[0]
        members.append(Member(_plain(f"{name}!{own}")[:_NAME_LENGTH_MAX], archive.store(packed.chunks())))
    return members


def _plain(text: str) -> str:
    """What others named, fit to be kept and shown."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in text)
