"""The error every configuration file is refused with."""


class ConfigError(Exception):
    """A configuration file is wrong: which file, which key, and what it should be. One line a problem."""

    def __init__(self, file: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__("\n".join(f"{file}: {key}: {expected}" if key else f"{file}: {expected}" for key, expected in problems))
        self.file = file
        self.problems = problems
