"""Our findings beside pyx12's, for every public sample file that both read, with each difference explained.

python benchmarks/compare_pyx12.py [--only PATH]

pyx12 reads each file in a process of its own with a time limit, since it raises untyped errors and may hang. It knows one name
of each guide; versions that mean the same guide here are given to it under that name. What it never looks at, balances and check
digits, is left out. Exit code 1 where a difference is unexplained in pyx12_explained.toml, or an explanation is stale.
"""

import argparse
import io
import json
import logging
import multiprocessing
import re
import sys
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import pyx12.params
import pyx12.x12n_document

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus_files import judge, list_files
from benchmarks.explanations import Difference, Judgement, explain, read_explanations

EXPLAINED = Path(__file__).with_name("pyx12_explained.toml")
SECONDS_MAX = 20.0
SAME_GUIDE = (
    (rb"005010X222(A2)?(?=[^A-Z0-9])", b"005010X222A1"),
    (rb"005010X223(A1|A3)?(?=[^A-Z0-9])", b"005010X223A2"),
    (rb"005010X221(?=[^A-Z0-9])", b"005010X221A1"),
    (rb"005010X231A1(?=[^A-Z0-9])", b"005010X231"),
)
KNOWN_THERE = re.compile(rb"005010X(222A1|223A2|221A1|214|231)(?=[^A-Z0-9])")
SAME_WORDS = {
    "segment HL1 HL": "element 7 HL01",
    "segment HL2 HL": "element 7 HL02",
}
"""What pyx12 says of an element in a code of its own for the segment."""
SAME_CODE = {
    ("segment", "I6"): "3",
    ("segment", "I7"): "3",
    ("segment", "I8"): "3",
    ("segment", "I4"): "2",
    ("element", "I10"): "10",
    ("element", "I6"): "7",
    ("element", "I9"): "1",
}
"""Codes of ours that say more exactly, of the guide, what pyx12 says in the codes of the standard."""


class Opinion(NamedTuple):
    """What pyx12 says of a file: its errors in our words, or that it broke and how."""

    is_valid: bool
    errors: tuple[str, ...]
    broke: str = ""


def ask(data: bytes) -> Opinion:
    """pyx12's opinion of one file, from a process of its own that is ended after its time."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(data, sender))
    process.start()
    sender.close()
    answer: dict[str, Any]
    try:
        answer = receiver.recv() if receiver.poll(SECONDS_MAX) else {"broke": f"no answer in {SECONDS_MAX:.0f} s"}
    except EOFError:
        answer = {"broke": "ended without an answer"}
    process.kill()
    process.join()
    if "broke" in answer:
        return Opinion(is_valid=False, errors=(), broke=answer["broke"])
    return Opinion(answer["is_valid"], tuple(_list_errors(answer["errors"])))


def _answer(data: bytes, sender: Connection) -> None:
    logging.disable(logging.CRITICAL)
    for version, known in SAME_GUIDE:
        data = re.sub(version, known, data)
    errors = io.StringIO()
    try:
        source = io.StringIO(data.decode("latin-1"))
        is_valid = pyx12.x12n_document.x12n_document(pyx12.params.params(), source, None, None, fd_json=errors)
        sender.send({"is_valid": bool(is_valid), "errors": json.loads(errors.getvalue() or "{}")})
    except Exception as error:  # noqa: BLE001 -- whatever pyx12 raises is its answer
        sender.send({"broke": type(error).__name__})


def _list_errors(document: dict[str, Any]) -> Iterator[str]:
    """Its errors in our form: `segment 3 N3`, `element 1 STC02`, `set 4`."""
    for interchange in document.get("interchanges", []):
        yield from (f"interchange {error['err_cde']}" for error in interchange["errors"])
        for group in interchange["groups"]:
            yield from (f"group {error['err_cde']}" for error in group["errors"])
            for transaction in group["transactions"]:
                yield from (f"set {error['err_cde']}" for error in transaction["errors"])
                for segment in transaction["segments"]:
                    yield from _list_segment_errors(segment)


def _list_segment_errors(segment: dict[str, Any]) -> Iterator[str]:
    tag = segment["seg_id"]
    for error in segment["errors"]:
        words = f"segment {error['err_cde']} {tag}"
        yield SAME_WORDS.get(words, words)
    for element in segment["elements"]:
        place = f"{tag}{element['ele_pos'] or 0:02}" + (f"-{element['subele_pos']}" if element["subele_pos"] else "")
        yield from (f"element {error['err_cde']} {place}" for error in element["errors"])


def put_plainly(finding: str) -> str:
    """One of our findings without its loop, in the codes that pyx12 uses."""
    level, code, *place = finding.split()
    code = SAME_CODE.get((level, code), code)
    if level in ("interchange", "group", "set"):
        return f"{level} {code}"
    return " ".join((level, code, *(part.rpartition("/")[2] for part in place)))


def compare(data: bytes) -> tuple[list[str], Opinion]:
    """Our findings in plain form, and pyx12's opinion."""
    ours = [put_plainly(finding) for finding in judge(data).findings if not finding.startswith("balance")]
    return ours, ask(data)


def differ(ours: list[str], theirs: Opinion) -> Iterator[str]:
    """`+ finding` of ours alone, `- finding` of pyx12 alone; which of several equal ones in a file is not asked."""
    if theirs.broke:
        yield f"- broke: {theirs.broke}"
        return
    yield from (f"+ {one}" for one in dict.fromkeys(ours) if one not in theirs.errors)
    yield from (f"- {one}" for one in dict.fromkeys(theirs.errors) if one not in ours)
    if bool(ours) == theirs.is_valid:
        yield f"verdict: we find {'faults' if ours else 'none'}, pyx12 {'none' if theirs.is_valid else 'faults'}"


def list_comparable() -> Iterator[tuple[str, bytes]]:
    """The files whose every group follows a guide that pyx12 has a map of and that is read here."""
    for file in list_files():
        data = file.read()
        plain = data
        for version, known in SAME_GUIDE:
            plain = re.sub(version, known, plain)
        verdict = judge(data)
        if verdict.sets and not verdict.refused and KNOWN_THERE.search(plain) and "TA1" not in verdict.sets:
            yield file.path, data


def tell(judgement: Judgement) -> None:
    """Every difference with who is right and why, the same reason once."""
    for explanation in dict.fromkeys(explanation for _, explanation in judgement.explained):
        covered = [difference for difference, by in judgement.explained if by is explanation]
        whats = ", ".join(dict.fromkeys(one.what for one in covered))
        print(f"{explanation.right} right, {len({one.file for one in covered})} files: {whats}\n    {explanation.why}")
    for line in judgement.list_failures():
        print(line)


def main() -> int:
    """Print both verdicts of each file and every difference; 1 where one is unexplained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="a part of the path of the files to compare")
    only: str = parser.parse_args().only
    differences: list[Difference] = []
    words: Counter[str] = Counter()
    print(f"{'file':<96}{'ours':>6}{'pyx12':>7}  agreement")
    for path, data in list_comparable():
        if only not in path:
            continue
        ours, theirs = compare(data)
        found = list(differ(ours, theirs))
        differences += [Difference(path, what) for what in found]
        word = "agree" if not found else f"{len(found)} differences"
        words["agree" if not found else "differ"] += 1
        print(f"{path:<96}{len(ours):>6}{theirs.broke or len(theirs.errors):>7}  {word}")
    print(", ".join(f"{count} {word}" for word, count in words.items()))
    judgement = explain(differences, read_explanations(EXPLAINED))
    tell(judgement)
    return 0 if judgement.is_sound or only else 1


if __name__ == "__main__":
    sys.exit(main())
