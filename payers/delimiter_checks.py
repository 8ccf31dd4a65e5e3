"""Which characters a partner's files may be punctuated with."""

from collections.abc import Iterator

from payers.partner import DelimiterSet
from payers.strict import Problem

_STAND_IN_VALUES = frozenset(".-+,'\" ")
"""Amounts, dates, telephone numbers, ids and names hold these."""
_CONTROL_CHARACTERS = frozenset("\t\r\n\x1c\x1d\x1e\x1f")
"""Those among the control characters that X12 files are punctuated with."""
_LINE_ENDS = frozenset("\r\n")
_FOLLOWS = {"\n": "", "\r": "lf"}
"""What may follow a segment's end that is itself a line end, so that there is one line end and no other one."""


def check_delimiters(given: DelimiterSet) -> Iterator[Problem]:
    """The four characters, each for itself and among each other, and what follows a segment."""
    characters = {key: getattr(given, key) for key in ("element", "component", "repetition", "segment")}
    for key, character in characters.items():
        if not _can_delimit(character):
            yield (
                f"delimiters.{key}",
                "should be a sign that no amount, date, number or name holds, such as * ~ : ^ | or > : no letter, digit, blank "
                "or control character, and none of . - + , ' and the double quote",
            )
        elif character in _LINE_ENDS and key != "segment":
            yield f"delimiters.{key}", "should not be a line end, which only a segment may end with"
    if len(given.characters) < len(characters):
        yield "delimiters", "should differ from one another"
    if given.segment in _LINE_ENDS and given.line_end not in ("", _FOLLOWS[given.segment]):
        yield "delimiters.line_end", f'should be "" where segment is a line end itself; it is "{given.line_end}"'


def _can_delimit(character: str) -> bool:
    if character in _CONTROL_CHARACTERS:
        return True
    return character.isascii() and character.isprintable() and not character.isalnum() and character not in _STAND_IN_VALUES
