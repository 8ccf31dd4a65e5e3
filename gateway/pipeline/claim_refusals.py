"""What is said of a file of claims beside its claims: what is kept out of it, and what is odd in it."""

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, or a part of a file, that cannot be taken in: where it is, what is wrong, what would be right.

    `claims` is how many claims it keeps out: 0 for a further reason of the same one, and for what is no claim.
    """

    position: str
    message: str
    claims: int = 1


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in a file that loses no claim."""

    position: str
    message: str
