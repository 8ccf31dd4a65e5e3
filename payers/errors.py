"""The error every configuration file is refused with."""

from collections.abc import Sequence
from typing import Self


class ConfigError(Exception):
    """A configuration file is wrong: which file, which key, and what it should be. One line a problem."""

    def __init__(self, file: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("\n".join(f"{file}: {key}: {expected}" if key else f"{file}: {expected}" for key, expected in problems))
        self.file = file
        self.problems = problems

    @classmethod
    def join(cls, errors: Sequence[Self]) -> Self:
        """One error that says all of several files; `file` is the first one's, each line names its own."""
        joined = cls(errors[0].file, tuple(problem for error in errors for problem in error.problems))
        joined.args = ("\n".join(str(error) for error in errors),)
        return joined
