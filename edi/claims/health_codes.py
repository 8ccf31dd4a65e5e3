"""The codes of HI: diagnoses, procedures, occurrences, values, conditions … between composites and the fields of a claim."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from edi.claims import Claim
from edi.claims.details import ClaimProcedure, ClaimValue, Diagnosis, Occurrence, OccurrenceSpan
from edi.claims.loop_fields import Segments, day_of, trimmed
from edi.punctuation import compose, join
from edi.values import format_cents, format_date, format_date_range, parse_cents

DIAGNOSIS_QUALIFIERS = frozenset(("ABK", "BK", "ABF", "BF"))
PRINCIPAL_QUALIFIERS = frozenset(("ABK", "BK"))
PRINCIPAL_PROCEDURES = frozenset(("BBR", "BR", "CAH"))

_CODES_PER_HI = 12
_FIELDS = {
    **dict.fromkeys(("ABK", "BK", "ABF", "BF"), "diagnoses"),
    **dict.fromkeys(("ABJ", "BJ"), "admitting_diagnosis"),
    **dict.fromkeys(("APR", "PR"), "visit_reasons"),
    **dict.fromkeys(("ABN", "BN"), "external_causes"),
    **dict.fromkeys(("BBR", "BR", "CAH", "BBQ", "BQ", "BP", "BO"), "procedures"),
    "DR": "diagnosis_group",
    "BI": "occurrence_spans",
    "BH": "occurrences",
    "BE": "values",
    "BG": "conditions",
    "TC": "treatments",
}
_SINGLE = frozenset(("admitting_diagnosis", "diagnosis_group"))
_READ: dict[str, Callable[[list[str]], Any]] = {}


def read_codes(segments: Segments, component: str) -> tuple[dict[str, Any], Segments]:
    """The fields of a claim that HI segments give, and the segments that hold what no field can."""
    fields: dict[str, Any] = {}
    unread: Segments = []
    for segment in segments:
        found = _read_segment(segment, component)
        if found is None or any(field in _SINGLE and (field in fields or len(codes) > 1) for field, codes in found.items()):
            unread.append(segment)
            continue
        for field, codes in found.items():
            fields[field] = codes[0] if field in _SINGLE else (*fields.get(field, ()), *codes)
    return fields, unread


def _read_segment(segment: list[str], component: str) -> dict[str, list[Any]] | None:
    found: dict[str, list[Any]] = {}
    for element in trimmed(segment[1:]):
        parts = element.split(component)
        field = _FIELDS.get(parts[0])
        code = _READ[field](parts) if field and len(parts) > 1 and parts[1] else None
        if field is None or code is None:
            return None
        found.setdefault(field, []).append(code)
    return found


def _read_diagnosis(parts: list[str]) -> Diagnosis | None:
    if len(parts) == 2:
        return Diagnosis(parts[0], parts[1])
    return Diagnosis(parts[0], parts[1], parts[8]) if len(parts) == 9 and not any(parts[2:8]) else None


def _read_procedure(parts: list[str]) -> ClaimProcedure | None:
    if len(parts) == 2:
        return ClaimProcedure(qualifier=parts[0], code=parts[1])
    day = day_of(parts[3], parts[2]) if len(parts) == 4 else None
    return ClaimProcedure(qualifier=parts[0], code=parts[1], performed_on=day) if day else None


def _read_occurrence(parts: list[str]) -> Occurrence | None:
    day = day_of(parts[3], parts[2]) if len(parts) == 4 else None
    return Occurrence(code=parts[1], day=day) if day else None


def _read_span(parts: list[str]) -> OccurrenceSpan | None:
    if len(parts) != 4 or parts[2] != "RD8":
        return None
    first, _, last = parts[3].partition("-")
    days = day_of(first), day_of(last)
    return OccurrenceSpan(code=parts[1], first=days[0], last=days[1]) if days[0] and days[1] else None


def _read_value(parts: list[str]) -> ClaimValue | None:
    if len(parts) != 5 or parts[2] or parts[3]:
        return None
    try:
        cents = parse_cents(parts[4])
    except ValueError:
        return None
    return None if cents is None else ClaimValue(code=parts[1], amount_cents=cents)


def _read_code(parts: list[str]) -> str | None:
    return parts[1] if len(parts) == 2 else None


_READ.update(
    diagnoses=_read_diagnosis,
    admitting_diagnosis=_read_diagnosis,
    visit_reasons=_read_diagnosis,
    external_causes=_read_diagnosis,
    procedures=_read_procedure,
    diagnosis_group=_read_code,
    occurrence_spans=_read_span,
    occurrences=_read_occurrence,
    values=_read_value,
    conditions=_read_code,
    treatments=_read_code,
)

_get_further_codes = attrgetter(*sorted(set(_FIELDS.values()) - {"diagnoses"}))


def write_codes(claim: Claim) -> Iterator[str]:
    """The HI segments of a claim in the order of its guide; in an 837I the principal codes stand in segments of their own."""
    if claim.guide != "837I" and not any(_get_further_codes(claim)):
        yield from _segments([_diagnosis(one) for one in claim.diagnoses])
        return
    if claim.guide != "837I":
        yield from _segments([_diagnosis(one) for one in claim.diagnoses])
    else:
        yield from _segments([_diagnosis(one) for one in claim.diagnoses if one.qualifier in PRINCIPAL_QUALIFIERS])
    if claim.admitting_diagnosis:
        yield join("HI", _diagnosis(claim.admitting_diagnosis))
    yield from _segments([_diagnosis(one) for one in claim.visit_reasons])
    yield from _segments([_diagnosis(one) for one in claim.external_causes])
    if claim.diagnosis_group:
        yield join("HI", compose("DR", claim.diagnosis_group))
    if claim.guide == "837I":
        yield from _segments([_diagnosis(one) for one in claim.diagnoses if one.qualifier not in PRINCIPAL_QUALIFIERS])
    if claim.procedures:
        yield from _segments([_procedure(one) for one in claim.procedures if one.qualifier in PRINCIPAL_PROCEDURES])
        yield from _segments([_procedure(one) for one in claim.procedures if one.qualifier not in PRINCIPAL_PROCEDURES])
    yield from _segments(
        [compose("BI", one.code, "RD8", format_date_range(one.first, one.last)) for one in claim.occurrence_spans]
    )
    yield from _segments([compose("BH", one.code, "D8", format_date(one.day)) for one in claim.occurrences])
    yield from _segments([compose("BE", one.code, "", "", format_cents(one.amount_cents)) for one in claim.values])
    yield from _segments([compose("BG", code) for code in claim.conditions])
    yield from _segments([compose("TC", code) for code in claim.treatments])


def _segments(codes: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(codes), _CODES_PER_HI):
        yield join("HI", *codes[start : start + _CODES_PER_HI])


def _diagnosis(one: Diagnosis) -> str:
    if one.present_on_admission:
        return compose(one.qualifier, one.code, *[""] * 6, one.present_on_admission)
    return compose(one.qualifier, one.code)


def _procedure(one: ClaimProcedure) -> str:
    if one.performed_on:
        return compose(one.qualifier, one.code, "D8", format_date(one.performed_on))
    return compose(one.qualifier, one.code)
