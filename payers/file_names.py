"""File names: the form of those that we give, and how long the others are shown."""

import re

# Letters, digits and a few signs: no path, nothing that a shell or a spreadsheet behind the server takes as its own at the start.
_OURS = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.,()+@#=~ -]{0,198}[A-Za-z0-9_)~-])?")
OURS_MAY_HOLD = (
    "ASCII letters, digits, blanks and .,()+@#=~_-, at most 200 of them, a letter, digit or _ first, and last one of these or )~-"
)
"""The form of the names that we give, as a clause."""
THEIRS_MAY_HOLD = "printable ASCII without / and \\, at most 255 characters, no blank at either end"
"""The form of the names that partners give and we ask for, as a clause."""
SHOWN_MAX = 60
_KEPT_BEHIND = 19


def is_for_us_to_give(name: str) -> bool:
    """Whether a file of ours may be called so: any server takes it, and whatever the partner reads it with."""
    return _OURS.fullmatch(name) is not None


def shorten(name: str) -> str:
    """A name as it stands in a sentence or a list: a long one by its beginning and its end."""
    if len(name) <= SHOWN_MAX:
        return name
    return f"{name[: SHOWN_MAX - _KEPT_BEHIND - 1]}…{name[-_KEPT_BEHIND:]}"
