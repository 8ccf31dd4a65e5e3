"""One segment against its definition and its place: a compiled pattern says whether, and only if not, why not."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations
from operator import itemgetter

import msgspec

from edi.dictionary import SEGMENTS, Element, Segment
from edi.findings import Finding
from edi.segments import Delimiters
from edi.spec import SegmentSpec
from edi.values import find_date

Matcher = Callable[[str], object]

MESSAGES = {
    "1": "required and missing",
    "2": "required beside what is given, and missing",
    "3": "one more element than the segment has",
    "4": "too short",
    "5": "too long",
    "6": "holds a character that may not stand there",
    "7": "not a code that may stand here",
    "8": "no date",
    "9": "no time of day",
    "10": "excluded by another element that is given",
    "12": "repeated too often",
    "13": "has too many components",
    "I10": "not used here",
}
"""What each code of IK403 means, said of one element."""

_DAY = r"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)(?:0[1-9]|[12]\d|30)|02(?:0[1-9]|1\d|2[0-8]))"
_DATE_8 = rf"(?:19|20)\d\d{_DAY}"
_DATE_6 = rf"\d\d{_DAY}"
_TIME = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d\d{0,2})?", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)
_DECIMAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_CLOCK = r"(?:[01]\d|2[0-3])[0-5]\d"
_PERIODS = {
    "D6": re.compile(r"(\d{6})", re.ASCII),
    "D8": re.compile(r"(\d{8})", re.ASCII),
    "RD8": re.compile(r"(\d{8})-(\d{8})", re.ASCII),
    "DT": re.compile(rf"(\d{{8}}){_CLOCK}", re.ASCII),
    "TM": re.compile(_CLOCK, re.ASCII),
}
"""What element 1251 looks like for each format of element 1250 that is looked at; the groups are dates."""
_CODES_SHOWN_MAX = 40
_PERIOD_HINT = "the format before it says what it should be"


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with one element: where in it, the code of IK403, the value, and what would be right."""

    element: int
    code: str
    value: str = ""
    component: int = 0
    repeat: int = 0
    hint: str = ""


class SegmentRule:
    """What may stand in one place, ready for segments with one set of delimiters."""

    def __init__(self, place: SegmentSpec, definition: Segment | None, delimiters: Delimiters) -> None:
        self.place = place
        self.definition = definition
        self.delimiters = delimiters
        self.qualifier = place.qualifier
        self.codes = dict(place.elements)
        self.component_codes = {(element, component): codes for element, component, codes in place.components}
        self.letters = _allowed_letters(delimiters)
        self.match: Matcher = re.compile(self._pattern(), re.ASCII).fullmatch

    def explain(self, elements: Sequence[str]) -> list[Fault]:
        """Everything wrong with a segment (tag first); nothing where only the pattern was stricter than the guide."""
        if self.definition is None:
            return [
                Fault(index, "6", value)
                for index, value in enumerate(elements[1:], 1)
                if not re.fullmatch(f"[{self.letters}{self._separators()}]*", value)
            ]
        faults: list[Fault] = []
        known = self.definition.elements
        values = [*elements[1:], *[""] * (len(known) - len(elements) + 1)]
        for index, (definition, value) in enumerate(zip(known, values, strict=False), 1):
            faults.extend(self._explain_element(index, definition, value))
        surplus = next((index for index, value in enumerate(values[len(known) :], len(known) + 1) if value), 0)
        if surplus:
            faults.append(Fault(surplus, "3", values[surplus - 1]))
        faults.extend(self._explain_formats(values))
        faults.extend(broken_notes(self.definition.notes, values))
        return faults

    def find_unwritable(self, elements: Sequence[str]) -> Fault | None:
        """The first element that holds a delimiter it must not hold, or a character that cannot be sent."""
        known = self.definition.elements if self.definition else ()
        for index, value in enumerate(elements[1:], 1):
            definition = known[index - 1] if index <= len(known) else None
            allowed = self.letters
            if definition is None or definition.components:
                allowed += re.escape(self.delimiters.component)
            if definition is None or definition.repeat > 1:
                allowed += re.escape(self.delimiters.repetition)
            if not re.fullmatch(f"[{allowed}]*", value):
                return Fault(index, "6", value)
        return None

    def _is_required(self, index: int, definition: Element) -> bool:
        return definition.required or index == self.qualifier or index in self.place.required

    def _separators(self) -> str:
        return re.escape(self.delimiters.component + self.delimiters.repetition)

    def _pattern(self) -> str:
        """The whole segment, elements nested so that trailing ones may be left off.

        Possessive throughout: what one part took it never gives back, so that no segment takes more than one pass.
        """
        separator = re.escape(self.delimiters.element)
        tag = re.escape(self.place.tag)
        if self.definition is None:
            return f"{tag}[{self.letters}{separator}{self._separators()}]*"
        known = self.definition.elements
        tail, must = f"{separator}*", False
        for index in range(len(known), 0, -1):
            codes = self.codes.get(index)
            required = self._is_required(index, known[index - 1])
            body = self._element_pattern(index, known[index - 1], codes)
            lead = self._date_lookahead(index, separator)
            own = f"{separator}{lead}{body}{tail}" if required else f"{separator}{lead}(?:{body})?+{tail}"
            must = must or required
            tail = own if must else f"(?:{own})?+"
        return tag + tail

    def plain_pattern(self) -> str:
        """The segment with its terminator where nothing about it needs a second look; "" where that cannot be said of any.

        Like the whole pattern, but no relational note is in doubt: of the elements a note joins, either all that are
        reached are given or the segment ends before them.
        """
        if self.definition is None:
            return ""
        known, ends, firm = self.definition.elements, *_plain_ends(self.place.tag)
        separator, tail, must = re.escape(self.delimiters.element), "", False
        for index in range(max(ends, default=0), 0, -1):
            required = self._is_required(index, known[index - 1])
            body = self._element_pattern(index, known[index - 1], self.codes.get(index))
            lead = self._date_lookahead(index, separator)
            given = required or index in firm
            own = f"{separator}{lead}{body}{tail}" if given else f"{separator}{lead}(?:{body})?+{tail}"
            must = must or required
            tail = own if must or index - 1 not in ends else f"(?:{own})?+"
        return re.escape(self.place.tag) + tail + re.escape(self.delimiters.segment) if ends else ""

    def _element_pattern(self, index: int, definition: Element, codes: tuple[str, ...] | None) -> str:
        if codes == ("",):
            return ""
        one = self._composite_pattern(index, definition) if definition.components else self._simple_pattern(definition, codes)
        if definition.repeat == 1 or not self.delimiters.repetition:
            return one
        return f"{one}(?:{re.escape(self.delimiters.repetition)}{one}){{0,{definition.repeat - 1}}}+"

    def _composite_pattern(self, index: int, definition: Element) -> str:
        separator = re.escape(self.delimiters.component)
        tail, must = "", False
        for number in range(len(definition.components), 0, -1):
            component = definition.components[number - 1]
            codes = self._component_codes(index, number)
            body = "" if codes == ("",) else self._simple_pattern(component, codes)
            lead = separator if number > 1 else ""
            required = self._is_component_required(index, number, component)
            own = f"{lead}{body}{tail}" if required else f"{lead}(?:{body})?+{tail}"
            must = must or required
            tail = own if must else f"(?:{own})?+"
        return self._composite_guards(index, definition) + tail

    def _composite_guards(self, index: int, definition: Element) -> str:
        """Lookaheads for what one component demands of another; none for components that are not used here."""
        used = [number for number in range(1, len(definition.components) + 1) if self._component_codes(index, number) != ("",)]
        separator = re.escape(self.delimiters.component)
        inside = f"[^{re.escape(self._marks())}]"
        given = {number: f"(?:{inside}*+{separator}){{{number - 1}}}+{inside}" for number in used}
        guards = ""
        for note in definition.notes:
            first, second = _indices(note)
            if first in given and second in given:
                excluded = f"(?!(?={given[first]}){given[second]})"
                paired = f"(?!(?={given[first]})(?!{given[second]}))(?!(?={given[second]})(?!{given[first]}))"
                guards += excluded if note[0] == "E" else paired
        for number in used:
            if number + 1 in given and _is_dated(definition.components, number):
                guards += f"(?!(?:{inside}*+{separator}){{{number - 1}}}+{self._wrong_period(separator, f'(?!{inside})')})"
        return guards

    def _marks(self) -> str:
        marks = self.delimiters
        return marks.element + marks.component + marks.repetition + marks.segment

    def _component_codes(self, index: int, number: int) -> tuple[str, ...] | None:
        return self.codes.get(index) if number == 1 else self.component_codes.get((index, number))

    def _is_component_required(self, index: int, number: int, component: Element) -> bool:
        return component.required or (index, number) in self.place.required_components

    def _simple_pattern(self, definition: Element, codes: tuple[str, ...] | None) -> str:
        if codes:
            # Longest first: a possessive group does not come back for "T2" after "T".
            return "(?:" + "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True)) + ")"
        low, high = max(definition.min, 1), definition.max
        if definition.type == "R":
            # Narrower than the rule: what does not fit is looked at again by _explain_value.
            return rf"-?(?:\d{{1,{high - 4}}}+\.?+\d{{0,4}}+|\.\d{{1,4}}+)" if high > 6 else rf"-?\d{{1,{high}}}+"
        if definition.type.startswith("N"):
            return rf"-?\d{{{low},{high}}}+"
        if definition.type == "DT":
            return _DATE_8 if low == 8 else _DATE_6 if high == 6 else f"(?:{_DATE_8}|{_DATE_6})"
        if definition.type == "TM":
            seconds = rf"(?:[0-5]\d\d{{0,{min(high, 8) - 6}}})?" if high > 5 else ""
            return rf"(?:[01]\d|2[0-3])[0-5]\d{seconds}"
        return f"[{self.letters}]{{{low},{high}}}+"

    def _date_lookahead(self, index: int, separator: str) -> str:
        """Element 1250 says what form element 1251 after it has."""
        if not self.definition or not _is_dated(self.definition.elements, index):
            return ""
        return f"(?!{self._wrong_period(separator, f'(?:{separator}|{re.escape(self.delimiters.segment)}|$)')})"

    def _wrong_period(self, separator: str, end: str) -> str:
        """A format and a value after it that is not of that format."""
        forms = {"D8": _DATE_8, "RD8": f"{_DATE_8}-{_DATE_8}", "DT": _DATE_8 + _CLOCK, "TM": _CLOCK}
        wrong = (f"{name}{separator}(?!{form}{end})" for name, form in forms.items())
        return f"(?:{'|'.join(wrong)})"

    def _explain_formats(self, values: Sequence[str]) -> Iterator[Fault]:
        assert self.definition is not None
        for index in range(1, len(self.definition.elements)):
            if _is_dated(self.definition.elements, index) and values[index]:
                code = _find_period_fault(values[index - 1], values[index])
                if code:
                    yield Fault(index + 1, code, values[index], hint=_PERIOD_HINT)

    def _explain_element(self, index: int, definition: Element, value: str) -> Iterator[Fault]:
        codes = self.codes.get(index)
        if not value:
            if self._is_required(index, definition):
                yield Fault(index, "1")
            return
        if codes == ("",):
            yield Fault(index, "I10", value)
            return
        repetition = self.delimiters.repetition
        repeats = value.split(repetition) if repetition else [value]
        if len(repeats) > definition.repeat:
            yield Fault(index, "12", value)
            repeats = repeats[:1]
        for number, repeat in enumerate(repeats, 1):
            yield from self._explain_repeat(index, number if definition.repeat > 1 else 0, definition, repeat)

    def _explain_repeat(self, index: int, repeat: int, definition: Element, value: str) -> Iterator[Fault]:
        codes = self.codes.get(index)
        parts = value.split(self.delimiters.component)
        components = definition.components
        if len(parts) > max(len(components), 1) and any(parts[max(len(components), 1) :]):
            yield Fault(index, "13", value, repeat=repeat)
            return
        if not components:
            fault = self._explain_value(definition, value, codes)
            if fault:
                yield Fault(index, fault[0], value, repeat=repeat, hint=fault[1])
            return
        faults = list(self._explain_components(index, definition, parts))
        if len(parts) == 1 and len(faults) > 1 and faults[0].component == 1:
            # One value where several belong: it is its own punctuation that is wrong, not each component.
            hint = f"its components are separated by {self.delimiters.component!r} here"
            faults = [msgspec.structs.replace(faults[0], hint=hint)]
        yield from (msgspec.structs.replace(fault, repeat=repeat) for fault in faults)

    def _explain_components(self, index: int, definition: Element, parts: Sequence[str]) -> Iterator[Fault]:
        values = [*parts, *[""] * (len(definition.components) - len(parts))]
        for number, (component, part) in enumerate(zip(definition.components, values, strict=False), 1):
            codes = self._component_codes(index, number)
            if not part:
                if self._is_component_required(index, number, component):
                    yield Fault(index, "1", component=number)
            elif codes == ("",):
                yield Fault(index, "I10", part, number)
            else:
                fault = self._explain_value(component, part, codes)
                if fault:
                    yield Fault(index, fault[0], part, number, hint=fault[1])
            if _is_dated(definition.components, number) and values[number]:
                code = _find_period_fault(part, values[number])
                if code:
                    yield Fault(index, code, values[number], number + 1, hint=_PERIOD_HINT)
        for broken in broken_notes(definition.notes, values):
            yield Fault(index, broken.code, component=broken.element)

    def _explain_value(self, definition: Element, value: str, codes: tuple[str, ...] | None) -> tuple[str, str] | None:
        """The code and the hint for one value of one simple element; None where it is right."""
        kind = definition.type
        if kind == "B":
            return None
        if not re.fullmatch(f"[{self.letters}]*", value):
            return "6", ""
        digits = len(value)
        if kind[0] in "RN":
            digits -= value.startswith("-") + (kind == "R" and "." in value)
        if digits < definition.min:
            return "4", f"at least {definition.min} characters"
        if digits > definition.max:
            return "5", f"at most {definition.max} characters"
        if codes and value not in codes:
            return "7", list_codes(codes)
        if (kind == "R" and not _DECIMAL.fullmatch(value)) or (kind[0] == "N" and not _WHOLE.fullmatch(value)):
            return "6", "a number"
        if kind == "DT" and find_date(value) is None:
            return "8", ""
        return ("9", "") if kind == "TM" and not _TIME.fullmatch(value) else None


@cache
def find_note_probes(tag: str) -> dict[int, Callable[[Sequence[str]], tuple[str, ...]]]:
    """For each number of elements (tag counted) that could break a relational note: elements which, all given, break none."""
    return {length: itemgetter(needs[0], *needs) if needs else _in_doubt for length, needs in _note_needs(tag).items()}


def _in_doubt(_: Sequence[str]) -> tuple[str, ...]:
    return ("",)


@cache
def _note_needs(tag: str) -> dict[int, tuple[int, ...]]:
    """The same as the indices of those elements; () where even all that are reached, given, would break one."""
    definition = SEGMENTS.get(tag)
    if definition is None or not definition.notes:
        return {}
    always = {index for index, element in enumerate(definition.elements, 1) if element.required}
    needs: dict[int, tuple[int, ...]] = {}
    for length in range(1, len(definition.elements) + 2):
        notes = [note for note in definition.notes if _can_break(note, range(1, length), always)]
        if notes:
            needed = _least_needed(notes, length)
            if needed != set():
                needs[length] = tuple(sorted(needed or ()))
    return needs


def _least_needed(notes: Sequence[str], length: int) -> set[int] | None:
    """As few of the elements as must be given for all the notes to hold whatever the others are; None where none suffice."""
    reached = {note: [index for index in _indices(note) if index < length] for note in notes}
    needed = {index for indices in reached.values() for index in indices}
    if broken_notes(notes, _given(needed, length)):
        return None
    for index in sorted(needed, reverse=True):
        rest = needed - {index}
        free = {note: [one for one in indices if one not in rest] for note, indices in reached.items() if index in indices}
        if not any(
            broken_notes([note], _given(rest.union(others), length))
            for note, indices in free.items()
            for count in range(len(indices) + 1)
            for others in combinations(indices, count)
        ):
            needed = rest
    return needed


def _given(indices: set[int], length: int) -> list[str]:
    return ["x" if index in indices else "" for index in range(1, length)]


@cache
def _plain_ends(tag: str) -> tuple[frozenset[int], frozenset[int]]:
    """After which elements a segment may end without a second look at its notes, and which must be given where reached."""
    needs = _note_needs(tag)
    ends: set[int] = set()
    firm: set[int] = set()
    passed = 0
    for index in range(len(SEGMENTS[tag].elements) + 1):
        needed = needs.get(index + 1)
        if needed == ():
            continue
        new = set(needed or ())
        if any(one <= passed and one not in firm for one in new):
            break
        ends.add(index)
        firm |= new
        passed = index
    return frozenset(ends), frozenset(firm)


def broken_notes(notes: Sequence[str], values: Sequence[str]) -> list[Fault]:
    """The faults by relational notes such as "P0304"; `values` are the elements without the tag."""
    return [fault for note in notes for fault in _break_note(note, values)]


def list_codes(codes: Sequence[str]) -> str:
    """What would be right in place of a wrong code; a list too long to read is told by its length."""
    return "one of " + ", ".join(codes) if len(codes) <= _CODES_SHOWN_MAX else f"one of {len(codes)} codes"


def find_wrong_qualifier(key_index: int, elements: Sequence[str], component: str, codes: Sequence[str]) -> Fault:
    """The fault of a segment whose qualifier (negative: component 1 of that element) is none of those that may stand here."""
    index = abs(key_index)
    value = elements[index] if index < len(elements) else ""
    hint = list_codes(codes)
    if key_index < 0 and component not in value:
        hint += f", and its components are separated by {component!r} here"
    if key_index < 0:
        value = value.partition(component)[0]
    return Fault(index, "7" if value else "1", value, int(key_index < 0), hint=hint)


def make_finding(fault: Fault, tag: str, position: int, loop: str, definition: Segment | None) -> Finding:
    """The finding that reports one fault, in a message without the value."""
    name = f"{tag}{fault.element:02}" + (f"-{fault.component}" if fault.component else "")
    message = f"{name} is {MESSAGES[fault.code]}" if fault.code not in ("6", "13") else f"{name} {MESSAGES[fault.code]}"
    known = definition.elements if definition else ()
    element = known[fault.element - 1] if fault.element <= len(known) else None
    if element and fault.component and fault.component <= len(element.components):
        element = element.components[fault.component - 1]
    return Finding(
        code=fault.code,
        level="element",
        message=f"{message}: {fault.hint}" if fault.hint else message,
        segment=tag,
        position=position,
        loop=loop,
        element=fault.element,
        component=fault.component,
        repeat=fault.repeat,
        value=fault.value[:99],
        name=element.number if element else "",
    )


def _find_period_fault(form: str, text: str) -> str:
    """The code of what is wrong with a date or time of this format; "" where nothing is, or the format is not looked at."""
    if form not in _PERIODS:
        return ""
    match = _PERIODS[form].fullmatch(text)
    if match is None or any(find_date(day) is None for day in match.groups()):
        return "9" if form == "TM" else "8"
    return ""


def _is_dated(elements: Sequence[Element], index: int) -> bool:
    return index < len(elements) and elements[index - 1].number == "1250" and elements[index].number == "1251"


@cache
def _allowed_letters(delimiters: Delimiters) -> str:
    """The inside of a character class: what one byte can hold, without control characters and delimiters, as ranges."""
    held = {delimiters.element, delimiters.component, delimiters.repetition, delimiters.segment}
    ranges: list[list[int]] = []
    for code in (*range(0x20, 0x7F), *range(0xA0, 0x100)):
        if chr(code) in held:
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\x{first:02x}-\\x{last:02x}" for first, last in ranges)


@cache
def _indices(note: str) -> tuple[int, ...]:
    return tuple(int(note[start : start + 2]) for start in range(1, len(note), 2))


def _can_break(note: str, given: range, always: set[int]) -> bool:
    indices = _indices(note)
    if note[0] == "R":
        return not always.intersection(indices)
    if note[0] == "C" and always >= set(indices[1:]):
        return False
    if note[0] == "L" and always.intersection(indices[1:]):
        return False
    return indices[0] in given if note[0] in "CL" else any(index in given for index in indices)


def _break_note(note: str, values: Sequence[str]) -> list[Fault]:
    kind, indices = note[0], _indices(note)
    missing = [index for index in indices if index > len(values) or not values[index - 1]]
    if kind == "E":
        return [Fault(indices[-1], "10")] if len(missing) < len(indices) - 1 else []
    if kind == "R":
        return [Fault(indices[0], "2")] if len(missing) == len(indices) else []
    if kind == "P":
        return [Fault(index, "2") for index in missing] if 0 < len(missing) < len(indices) else []
    if indices[0] in missing:
        return []
    if kind == "C":
        return [Fault(index, "2") for index in missing]
    return [Fault(indices[1], "2")] if len(missing) == len(indices) - 1 else []
