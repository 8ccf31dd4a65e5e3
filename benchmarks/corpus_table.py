"""What we say of every public sample file beside what its index says, with each disagreement explained.

python benchmarks/corpus_table.py [--markdown OUT] [--json]

Exit code 1 where a disagreement has no explanation in corpus_explained.toml, or an explanation no disagreement.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus_files import CorpusFile, Verdict, judge, list_files
from benchmarks.explanations import Difference, Explanation, Judgement, explain, read_explanations

EXPLAINED = Path(__file__).with_name("corpus_explained.toml")

ENVELOPE_DEMANDS = (
    (r"\bSE01=", "set 4 SE"),
    (r"\bSE02 ", "set 3 SE"),
    (r"\bSE missing", "set 2 SE"),
    (r"\bduplicate ST02", "set 23 ST"),
    (r"\bGE01=", "group 5 GE01"),
    (r"\bGE02!=GS06", "group 4 GE02"),
    (r"\bGE missing", "group 3 GE"),
    (r"\bIEA01=", "interchange 021 IEA01"),
    (r"\bIEA02!=ISA13", "interchange 001 IEA02"),
    (r"\bIEA missing", "interchange 023 IEA"),
    (r"\bISA length", "interchange 0* ISA*"),
)
"""What the index says of an envelope, and the finding that says the same."""
CONTENT_DEMANDS = (
    (r"\bdup HL01", "element * *HL01"),
    (r"\bHL02 parent missing", "element * *HL02"),
    (r"\bHL04=1 no child", "element * *HL04"),
    (r"\bNPI check-digit fails", "balance npi *"),
    (r"\bCLM02=lines (?!(\d+)/\1\b)", "balance claim_charge *"),
    (r"\bclaim balance (?!(\d+)/\1\b)", "balance claim*"),
    (r"\bsvc (?!(\d+)/\1\b)", "balance line*"),
    (r"\bBPR balance (?!(\d+)/\1\b)", "balance remittance*"),
    (r"\bISA16 is .* but body composites use", "element * *"),
)
"""The same of what stands inside the sets; it can be asked for only where a set is read."""


class Row(NamedTuple):
    """A file, our verdict, and every point on which the two differ."""

    file: CorpusFile
    verdict: Verdict
    differences: tuple[Difference, ...]


def compare(file: CorpusFile) -> Row:
    """Our verdict on a file, and how it differs from the index."""
    verdict = judge(file.read())
    return Row(file, verdict, tuple(Difference(file.path, what) for what in _differ(file, verdict)))


def _differ(file: CorpusFile, verdict: Verdict) -> Iterator[str]:
    """`+ finding` that the index does not tell, `- finding` that it demands, `expected` for what the file's own project says."""
    told = f"{file.envelope_errors}; {file.notes}"
    demands = ENVELOPE_DEMANDS + (CONTENT_DEMANDS if verdict.sets else ())
    demanded = [pattern for words, pattern in demands if re.search(words, told)]
    for pattern in demanded:
        if not any(fnmatchcase(finding, pattern) for finding in verdict.findings):
            yield f"- {pattern}"
    for finding in dict.fromkeys(verdict.findings):
        if not any(fnmatchcase(finding, pattern) for pattern in demanded):
            yield f"+ {finding}"
    if verdict.not_x12_at is not None:
        yield f"+ {verdict.word}"
    if file.expected and not verdict.refused:
        yield f"expected {' + '.join(_count(verdict.findings)) or 'nothing found'}"


def _count(findings: Iterable[str]) -> list[str]:
    return [f"{finding} ×{count}" if count > 1 else finding for finding, count in Counter(findings).items()]


def describe_sets(verdict: Verdict) -> str:
    """`837P ×2, refused: …`."""
    refused = [f"refused: {message}" for message in _count(verdict.refused)]
    return ", ".join([*_count(verdict.sets), *refused])


def describe_index(file: CorpusFile) -> str:
    """What the index says of a file, in one line."""
    parts = ["clean" if file.clean else "not clean", file.envelope_errors, file.expected and f"expected: {file.expected}"]
    return "; ".join(part for part in parts if part)


def draw(rows: list[Row], judgement: Judgement) -> Iterator[str]:
    """The table as Markdown, then every disagreement with who is right and why."""
    yield "| file | sets | verdict | findings | the index says | agreement |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        cells = (
            row.file.path,
            describe_sets(row.verdict),
            row.verdict.word,
            "; ".join(_count(row.verdict.findings)),
            describe_index(row.file),
            _agree(row, judgement),
        )
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""
    for number, (explanation, differences) in enumerate(_group(judgement).items(), 1):
        files = list(dict.fromkeys(one.file for one in differences))
        whats = list(dict.fromkeys(one.what for one in differences if not one.what.startswith("expected")))
        yield f"{number}. **{explanation.right} right** ({len(files)} files): {explanation.why}"
        yield f"   - files: {', '.join(files)}"
        if whats:
            yield f"   - differences: {'; '.join(whats)}"


def _group(judgement: Judgement) -> dict[Explanation, list[Difference]]:
    grouped: dict[Explanation, list[Difference]] = {}
    for difference, explanation in judgement.explained:
        grouped.setdefault(explanation, []).append(difference)
    return grouped


def _agree(row: Row, judgement: Judgement) -> str:
    if not row.differences:
        return "yes"
    if any(difference in judgement.unexplained for difference in row.differences):
        return "NO"
    numbers = {explanation: number for number, explanation in enumerate(_group(judgement), 1)}
    used = {numbers[by] for difference, by in judgement.explained if difference in row.differences}
    return "explained: " + ", ".join(map(str, sorted(used)))


def build_document(rows: list[Row], judgement: Judgement) -> dict[str, object]:
    """The table for a program."""
    why = dict(judgement.explained)
    return {
        "files": [
            {
                "file": row.file.path,
                "sets": row.verdict.sets,
                "refused": row.verdict.refused,
                "verdict": row.verdict.word,
                "findings": row.verdict.findings,
                "index": {"clean": row.file.clean, "envelope_errors": row.file.envelope_errors, "expected": row.file.expected},
                "differences": [
                    {
                        "what": one.what,
                        "right": why[one].right if one in why else None,
                        "why": why[one].why if one in why else None,
                    }
                    for one in row.differences
                ],
            }
            for row in rows
        ],
        "unexplained": [one._asdict() for one in judgement.unexplained],
        "stale": judgement.stale,
    }


def main() -> int:
    """Print the table; 1 where something is unexplained or stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--markdown", type=Path, help="write the table and the explanations to this file")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of the table")
    chosen = parser.parse_args()
    rows = [compare(file) for file in list_files()]
    judgement = explain((one for row in rows for one in row.differences), read_explanations(EXPLAINED))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(draw(rows, judgement)) + "\n", encoding="utf-8")
    if chosen.json:
        print(json.dumps(build_document(rows, judgement), indent=1))
        return 0 if judgement.is_sound else 1
    for row in rows:
        print(f"{row.file.path:<96}{row.verdict.word:<24}{len(row.verdict.findings):>6}  {_agree(row, judgement)}")
    words = Counter(row.verdict.word.partition(" at")[0] for row in rows)
    print(", ".join(f"{count} {word}" for word, count in sorted(words.items())), f"of {len(rows)} files")
    for line in judgement.list_failures():
        print(line)
    return 0 if judgement.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
