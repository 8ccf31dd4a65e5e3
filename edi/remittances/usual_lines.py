"""Service lines as most payers write them, all of a claim in one go: whoever reads a million of them reads these."""

import re
from collections.abc import Callable

from edi.segments import Delimiters

FindLines = Callable[[str, int, int], list[tuple[str, ...]]]
"""The lines of a text from where the first begins to where the last ends, each as the texts of its parts."""

_SCALES = (100, 10, 1)


def compile_usual_lines(delimiters: Delimiters) -> FindLines:
    """Finds 2110s of at most SVC01 to 05, DTM, two CAS of one reason each, REF*6R and AMT*B6, in this order.

    Their elements are not looked at: they must have been found to be as the guide has them. The parts are SVC01; whole and
    fraction of SVC02, and of SVC03; SVC04, SVC05; all DTM; of each CAS what comes before its amount, whole and fraction; REF02;
    whole and fraction of the AMT. The last part is a segment that is in none of these lines; then the others are "".
    """
    element, end = re.escape(delimiters.element), re.escape(delimiters.segment)
    rest = f"[^{element}{end}]*+"
    text, amount = f"{element}({rest})", f"{element}(-?[0-9]*+)\\.?+([0-9]{{0,2}}+)"
    adjustment = f"(?:(CAS{element}{rest}{element}{rest}){amount}{end})?+"
    line = (
        f"SVC{text}{amount}{amount}(?:{text}(?:{text})?+)?+{end}((?:DTM[^{end}]*+{end})*+)"
        f"{adjustment}{adjustment}(?:REF{element}6R{text}{end})?+(?:AMT{element}B6{amount}{end})?+"
    )
    return re.compile(f"{line}|([^{end}]*+{end})").findall


def join_cents(whole: str, fraction: str) -> int:
    """The cents of an amount whose digits before and after the point stand apart; at most two after it."""
    return int(whole + fraction) * _SCALES[len(fraction)]
