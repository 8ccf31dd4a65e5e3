"""Named places where a test may make something go wrong: nothing happens unless CLAIMWIRE_CRASHPOINT names one.

`CLAIMWIRE_CRASHPOINT=delivery.mid_write` kills the process there as kill -9 does; `delivery.mid_write:enospc` lets another of
the faults below happen there, once. The file that CLAIMWIRE_CRASHPOINT_FILE names, where it does, is there once it happened.
"""

import errno
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

FILE_VARIABLE = "CLAIMWIRE_CRASHPOINT_FILE"
SIGNAL_SECONDS_MAX = 10


class Mishap(Exception):
    """What a bug of ours would raise at such a place."""


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _raise_mishap() -> None:
    raise Mishap("a bug at a crash point")


def _fail_reading() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def _fill_disk() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _break_link() -> None:
    """Let whoever watches for the file break the link to the partner, and go on once it is taken away."""
    give_up = time.monotonic() + SIGNAL_SECONDS_MAX
    while Path(os.environ[FILE_VARIABLE]).exists() and time.monotonic() < give_up:
        time.sleep(0.005)


FAULTS: MappingProxyType[str, Callable[[], None]] = MappingProxyType(
    {
        "kill": _kill,
        "exception": _raise_mishap,
        "eio": _fail_reading,
        "enospc": _fill_disk,
        "reset": _break_link,
        "silent": _break_link,
    }
)
"""What can happen at a place, by name; `reset` and `silent` differ in what the one who watches does to the link."""

_armed: list[str] = [os.environ.get("CLAIMWIRE_CRASHPOINT", "")]


def arm(place: str) -> None:
    """Let a fault happen at a place from now on, as the environment would have: `name` or `name:fault`."""
    _armed[0] = place


def crashpoint(name: str) -> None:
    """Let happen here what was asked for; nothing where nothing was."""
    place, _, fault = _armed[0].partition(":")
    if name == place:
        _armed[0] = ""
        if FILE_VARIABLE in os.environ:
            Path(os.environ[FILE_VARIABLE]).touch()
        FAULTS[fault or "kill"]()
