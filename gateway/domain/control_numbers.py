"""The numbers we give claims: patient control numbers and submission traces that survive what payers do to them."""

import re

ALPHABET = "0123456789BCDFGHJKLMNPQRSTVWXZ"
"""Digits and consonants: a number never reads as a word, and letters that look like digits (I, O) do not occur."""

CHECK_ALPHABET = ALPHABET + "Y"
"""31 symbols, a prime: a weighted sum over them notices every single wrong character and every exchange of two."""

PCN_PREFIX = "C"
TRACE_PREFIX = "T"
DIGITS = 8
NUMBER_MAX = len(ALPHABET) ** DIGITS - 1
KEPT_BY_PAYERS = 20

_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]")
_PLAIN = re.compile(r"[A-Z0-9]{1,17}")


def mint_pcn(number: int) -> str:
    """The patient control number (CLM01) for a number drawn once in the gateway's life: 10 characters, e.g. C00000017M.

    A letter, 8 base-30 digits and a check character: distinct numbers differ within the first 9 characters, so that
    payers that keep only 12 or 15 still return a distinct number. `number` runs from 0 to NUMBER_MAX.
    """
    return _mint(PCN_PREFIX, number)


def claim_trace(number: int) -> str:
    """The value of REF*D9 for one attempt, from a number drawn once: same form as a PCN, with a letter of its own."""
    return _mint(TRACE_PREFIX, number)


def is_minted_pcn(pcn: str) -> bool:
    """Whether this has the form of a number we mint and its check character holds."""
    body, check = pcn[:-1], pcn[-1:]
    well_formed = len(body) == 1 + DIGITS and body[0] == PCN_PREFIX and all(c in ALPHABET for c in body[1:])
    return well_formed and _check_character(body) == check


def normalise_pcn(pcn: str) -> str:
    """The form in which numbers of both sides are compared; '' where nothing is left (payers send 0 for "none given").

    Payers upper-case, drop punctuation, pad with zeros and keep 20 characters (005010X221A1, CLP01): undone alike here.
    """
    return _NOT_ALPHANUMERIC.sub("", pcn.upper()).lstrip("0")[:KEPT_BY_PAYERS]


def may_send_as_is(source_pcn: str) -> bool:
    """Whether a PMS's own number will come back as it was sent: A-Z and 0-9 only, at most 17, and not only zeros.

    A number that could one day be minted here is refused too. That no other claim has it is for the caller to see.
    """
    return bool(_PLAIN.fullmatch(source_pcn)) and bool(normalise_pcn(source_pcn)) and not is_minted_pcn(source_pcn)


def _mint(prefix: str, number: int) -> str:
    assert 0 <= number <= NUMBER_MAX, "the series is exhausted or was never drawn from"
    digits = []
    for _ in range(DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    body = prefix + "".join(reversed(digits))
    return body + _check_character(body)


def _check_character(body: str) -> str:
    total = sum(weight * CHECK_ALPHABET.index(character) for weight, character in enumerate(body, start=2))
    return CHECK_ALPHABET[total % len(CHECK_ALPHABET)]
