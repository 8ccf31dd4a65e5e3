"""A set that holds all a guide has: every loop and segment once, every element that is used with a value it may have."""

from collections.abc import Iterator

from edi.dictionary import SEGMENTS, Element
from edi.headers import FUNCTIONAL_IDS
from edi.spec import LoopSpec, SegmentSpec, TransactionSpec

PERIODS = {"D8": "20240229", "RD8": "20240201-20240229", "DT": "202402292359", "TM": "2359"}


def full_set(spec: TransactionSpec, component: str = ":") -> list[str]:
    """The raw segments ST to SE, elements separated by '*', levels numbered and counted as they must be."""
    writer = _Writer(spec.version, component)
    segments = list(writer.write_loop(spec.body, ""))
    return [*segments[:-1], f"SE*{len(segments)}*0001"]


def group_header(start: str) -> str:
    """A GS in which a set that begins with this ST may stand."""
    _, code, _, version = start.split("*")
    return f"GS*{FUNCTIONAL_IDS[code]}*INVENTEDPAYER*INVENTEDCLINIC*20260105*0800*7*X*{version}~\n"


class _Writer:
    def __init__(self, version: str, component: str) -> None:
        self.version = version
        self.component = component
        self.levels = 0

    def write_loop(self, loop: LoopSpec, parent: str) -> Iterator[str]:
        number = parent
        for item in loop.items:
            if isinstance(item, LoopSpec):
                yield from self.write_loop(item, number)
            elif item.tag == "HL":
                self.levels += 1
                number = str(self.levels)
                has_children = any(isinstance(inner, LoopSpec) and inner.trigger.tag == "HL" for inner in loop.items)
                yield f"HL*{number}*{parent}*{dict(item.elements)[3][0]}*{int(has_children)}"
            elif item.tag == "ST":
                yield f"ST*{dict(item.elements)[1][0]}*0001*{self.version}"
            else:
                yield self.write_segment(item)

    def write_segment(self, place: SegmentSpec) -> str:
        definition = SEGMENTS[place.tag]
        codes = {(index, 0): values for index, values in place.elements}
        codes |= {(index, number): values for index, number, values in place.components}
        texts: list[str] = []
        for index, element in enumerate(definition.elements, 1):
            parts = [
                self.value(part, codes.get((index, number if number > 1 else 0)))
                for number, part in enumerate(element.components or (element,), 1)
            ]
            _fit(element.components, parts, element.notes)
            texts.append(self.component.join(parts).rstrip(self.component))
            if codes.get((index, 0)) == ("",):
                texts[-1] = ""
        _fit(definition.elements, texts, definition.notes)
        return "*".join((place.tag, *texts)).rstrip("*")

    def value(self, element: Element, codes: tuple[str, ...] | None) -> str:
        if codes is not None:
            return codes[0]
        if element.type in ("DT", "TM"):
            return "20240229" if element.type == "DT" else "2359"
        if element.type in ("R", "N0", "N2"):
            return "1".ljust(element.min, "0")
        return "D8" if element.number == "1250" else "X" * element.min


def _fit(elements: tuple[Element, ...], texts: list[str], notes: tuple[str, ...]) -> None:
    """Dates after the format before them; of two that exclude each other the first."""
    for at in range(1, len(elements)):
        if elements[at].number == "1251" and elements[at - 1].number == "1250" and texts[at]:
            texts[at] = PERIODS.get(texts[at - 1], "")
    for note in notes:
        first, *others = (int(note[start : start + 2]) - 1 for start in range(1, len(note), 2))
        if note[0] == "E" and texts[first]:
            for other in others:
                texts[other] = ""
