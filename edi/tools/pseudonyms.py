"""Values replaced by others of the same form: the same value always by the same, two different ones never by one.

A keyed permutation of all values of one form (a Feistel network over letters and digits): letters stay letters, upper and lower
case as they are, digits stay digits, everything else stays where it is. Whoever has the key can undo it.
"""

import hashlib
from datetime import date, timedelta

from edi.values import find_date, format_date

_ROUNDS = 8
_CACHE_MAX = 200_000
_SHIFT_WEEKS_MAX = 104


class Pseudonyms:
    """The replacements under one key; dates all move by one number of whole weeks, so that order and intervals hold."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(key).digest()
        self._known: dict[str, str] = {}
        self.shift = timedelta(weeks=-1 - self._number("shift", 2) % _SHIFT_WEEKS_MAX)

    def replace(self, value: str) -> str:
        """A value of the same length and form; one of zeros alone means none and stays."""
        found = self._known.get(value)
        if found is None:
            found = self._replace(value)
            if len(self._known) < _CACHE_MAX:
                self._known[value] = found
        return found

    def shift_date(self, value: str) -> str:
        """CCYYMMDD or YYMMDD moved by the shift; what is no date becomes another of the same form that is none."""
        found = find_date(value)
        if found is not None:
            moved = _format_like(found + self.shift, value) if found.year > 1 + _SHIFT_WEEKS_MAX // 52 else value
            return moved if find_date(moved) == found + self.shift else value
        if len(value) not in (6, 8) or not (value.isascii() and value.isdecimal()):
            return self.replace(value)
        return self._replace_no_date(value)

    def _replace_no_date(self, value: str) -> str:
        """Digits of a day that does not exist: the year moves, and a year that has such a day is passed over."""
        width = len(value) - 4
        for back in range(1, 10):
            other = f"{(int(value[:width]) - back) % 10**width:0{width}}{value[width:]}"
            if find_date(other) is None:
                return other
        return value

    def _replace(self, value: str) -> str:
        places = [place for place, letter in enumerate(value) if letter.isalnum()]
        if not value.strip("0 ") or not places:
            return value
        radices = [10 if value[place].isdigit() else 26 for place in places]
        digits = [_rank(value[place]) for place in places]
        form = "".join("9" if radix == 10 else "A" for radix in radices)
        letters = list(value)
        for place, digit, radix in zip(places, self._permute(digits, radices, form), radices, strict=True):
            letter = str(digit) if radix == 10 else chr(ord("A") + digit)
            letters[place] = letter.lower() if value[place].islower() else letter
        return "".join(letters)

    def _permute(self, digits: list[int], radices: list[int], form: str) -> list[int]:
        if len(digits) == 1:
            # Never itself: an initial that stayed would be one.
            return [(digits[0] + 1 + self._number(form, 8) % (radices[0] - 1)) % radices[0]]
        half = len(digits) // 2
        left, left_size = _to_number(digits[:half], radices[:half])
        right, right_size = _to_number(digits[half:], radices[half:])
        for turn in range(_ROUNDS):
            if turn % 2:
                right = (right + self._number(f"{form}{turn}.{left}", right_size.bit_length() // 8 + 9)) % right_size
            else:
                left = (left + self._number(f"{form}{turn}.{right}", left_size.bit_length() // 8 + 9)) % left_size
        return _to_digits(left, radices[:half]) + _to_digits(right, radices[half:])

    def _number(self, text: str, size: int) -> int:
        return int.from_bytes(hashlib.shake_256(self._key + text.encode()).digest(size), "big")


def _rank(letter: str) -> int:
    """0 to 9 of a digit, 0 to 25 of a letter; letters beyond A to Z have the rank of some other."""
    if letter.isdigit():
        return int(letter) if letter.isdecimal() else 0
    upper = letter.upper()
    return ord(upper) - ord("A") if "A" <= upper <= "Z" and len(upper) == 1 else ord(letter) % 26


def _to_number(digits: list[int], radices: list[int]) -> tuple[int, int]:
    number, size = 0, 1
    for digit, radix in zip(digits, radices, strict=True):
        number = number * radix + digit
        size *= radix
    return number, size


def _to_digits(number: int, radices: list[int]) -> list[int]:
    digits: list[int] = []
    for radix in reversed(radices):
        number, digit = divmod(number, radix)
        digits.append(digit)
    return digits[::-1]


def _format_like(day: date, value: str) -> str:
    return format_date(day)[-len(value) :]
