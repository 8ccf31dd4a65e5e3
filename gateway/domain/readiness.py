"""When a file in a partner's pickup folder is ready to be fetched: it stands still, and then it proves to be whole."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from payers.file_names import THEIRS_MAY_HOLD


class SightingState(StrEnum):
    """Why a file that lies there is not kept yet. The value is what is stored."""

    ARRIVING = "arriving"
    EMPTY = "empty"
    BROKEN_OFF = "broken_off"
    REFUSED = "refused"
    OURS = "ours"
    TAKEN = "taken"
    UNSAFE = "unsafe"


WHY: dict[SightingState, str] = {
    SightingState.ARRIVING: "it is still being written",
    SightingState.EMPTY: "there is nothing in it",
    SightingState.BROKEN_OFF: "it is not whole",
    SightingState.REFUSED: "it could not be fetched",
    SightingState.OURS: "it is a file of claims that we sent",
    SightingState.UNSAFE: f"its name cannot be asked for: it should be {THEIRS_MAY_HOLD}",
    SightingState.TAKEN: "a person said to take it as it is; the next pickup does",
}
"""What each state means, as a clause."""


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """One name at the last look that changed anything. Size and time are the server's own words, None where it has none.

    `still_polls` counts the looks in a row that found size and time as they are, and is not counted on once it is enough.
    `id` is the row's, 0 where there is none yet.
    """

    name: str
    size_bytes: int | None
    modified_at: int | None
    still_polls: int
    first_seen_at: datetime
    state: SightingState = SightingState.ARRIVING
    error: str = ""
    id: int = 0

    @property
    def is_told(self) -> bool:
        """Whether the server says enough for a change to be seen in a listing."""
        return self.size_bytes is not None and self.modified_at is not None


class Shown(msgspec.Struct, frozen=True, gc=False):
    """What a listing shows of a name: size in bytes and the server's own time, None where it does not say."""

    name: str
    size_bytes: int | None
    modified_at: int | None

    @property
    def is_told(self) -> bool:
        """Whether the server says enough for another copy under the name to be told from this one."""
        return self.size_bytes is not None and self.modified_at is not None


def judge(known: Sighting | None, shown: Shown, *, ready_after_polls: int, now: datetime) -> Sighting:
    """What is to be remembered of a name after a look: `known` itself where nothing is new.

    The server's time is compared with what it said before, never with our clock: how wrong its own is plays no part.
    """
    if known is None:
        return _begin(shown, first_seen_at=now)
    # A name that could not be asked for and now can is another matter than it was, whatever its size.
    if (known.size_bytes, known.modified_at) != (shown.size_bytes, shown.modified_at) or known.state == SightingState.UNSAFE:
        return msgspec.structs.replace(_begin(shown, first_seen_at=known.first_seen_at), id=known.id)
    if known.still_polls >= ready_after_polls:
        return known
    return msgspec.structs.replace(known, still_polls=known.still_polls + 1)


def is_wanted(sighting: Sighting, *, ready_after_polls: int) -> bool:
    """Whether it is to be fetched now.

    What proved empty, broken off or ours is fetched again only once size or time changed, which makes it `arriving` anew; at
    every look where the server tells too little for that to be seen.
    """
    if sighting.state == SightingState.TAKEN:
        return True
    if sighting.size_bytes == 0 or sighting.still_polls < ready_after_polls:
        return False
    return sighting.state in (SightingState.ARRIVING, SightingState.REFUSED) or not sighting.is_told


def is_overdue(sighting: Sighting, *, patience_hours: int, now: datetime) -> bool:
    """Whether a person is to know: it has been there for so long without being kept, or is a file that we sent."""
    if sighting.state == SightingState.OURS:
        return True
    return sighting.state != SightingState.TAKEN and now - sighting.first_seen_at >= timedelta(hours=patience_hours)


def _begin(shown: Shown, *, first_seen_at: datetime) -> Sighting:
    state = SightingState.EMPTY if shown.size_bytes == 0 else SightingState.ARRIVING
    return Sighting(shown.name, shown.size_bytes, shown.modified_at, still_polls=1, first_seen_at=first_seen_at, state=state)


def is_changed(before: Shown, after: Shown) -> bool:
    """Whether a copy is another than it was, as far as the server told both times.

    False says that it is the same only where both are told (`Shown.is_told`); else nothing but its bytes can say so.
    """
    return any(
        was is not None and now is not None and was != now
        for was, now in ((before.size_bytes, after.size_bytes), (before.modified_at, after.modified_at))
    )
