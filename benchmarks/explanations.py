"""Why two verdicts on a file differ and who is right: kept as data, checked to be complete and not stale."""

import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

RIGHT = ("ours", "theirs", "both", "neither")


class Difference(NamedTuple):
    """One thing on which we and the other differ in one file: `+ finding` is ours alone, `- finding` theirs alone."""

    file: str
    what: str


class Explanation(NamedTuple):
    """Who is right about these differences in these files, and why. Both are lists of shell patterns."""

    files: tuple[str, ...]
    differences: tuple[str, ...]
    right: str
    why: str

    def covers(self, difference: Difference) -> bool:
        return any(fnmatchcase(difference.file, pattern) for pattern in self.files) and any(
            fnmatchcase(difference.what, _literal(pattern)) for pattern in self.differences
        )


def _literal(pattern: str) -> str:
    """Only `*` means anything in what differs; brackets stand for themselves."""
    return pattern.replace("[", "[[]")


class Judgement(NamedTuple):
    """Every difference with its explanation, those without one, and what in the explanations explains nothing."""

    explained: tuple[tuple[Difference, Explanation], ...]
    unexplained: tuple[Difference, ...]
    stale: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        return not self.unexplained and not self.stale

    def list_failures(self) -> Iterator[str]:
        """A line for each difference without an explanation, and for what explains nothing."""
        yield from (f"unexplained: {one.file}: {one.what}" for one in self.unexplained)
        yield from (f"stale: {line}" for line in self.stale)


def read_explanations(path: Path) -> list[Explanation]:
    """The `[[explanation]]` tables of a file; raises ValueError where one says less or more than it should."""
    found = []
    for number, table in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("explanation", []), 1):
        if set(table) != {"files", "differences", "right", "why"} or table["right"] not in RIGHT or not table["why"]:
            raise ValueError(f"{path.name}: explanation {number} needs files, differences, right ({', '.join(RIGHT)}) and why")
        found.append(Explanation(tuple(table["files"]), tuple(table["differences"]), table["right"], table["why"]))
    return found


def explain(differences: Iterable[Difference], explanations: list[Explanation]) -> Judgement:
    """Each difference with the first explanation that covers it."""
    explained: list[tuple[Difference, Explanation]] = []
    unexplained: list[Difference] = []
    for difference in differences:
        explanation = next((one for one in explanations if one.covers(difference)), None)
        if explanation is None:
            unexplained.append(difference)
        else:
            explained.append((difference, explanation))
    return Judgement(tuple(explained), tuple(unexplained), tuple(_find_stale(explained, explanations)))


def _find_stale(explained: list[tuple[Difference, Explanation]], explanations: list[Explanation]) -> Iterator[str]:
    for number, explanation in enumerate(explanations, 1):
        used = [difference for difference, by in explained if by is explanation]
        for pattern in explanation.files:
            if not any(fnmatchcase(one.file, pattern) for one in used):
                yield f"explanation {number} explains nothing in {pattern}"
        for pattern in explanation.differences:
            if not any(fnmatchcase(one.what, _literal(pattern)) for one in used):
                yield f"explanation {number} explains no {pattern}"
