"""Edits on what stands twice in one claim; other claims for the same services are duplicate-claim's."""

from collections.abc import Hashable, Iterator

from edi.claims import Claim, ServiceLine
from gateway.domain.duplicates import REPEATED
from gateway.domain.edits.terms import WITHOUT_INSTITUTIONAL, Breach, Edit, EditContext


def _service(line: ServiceLine) -> Hashable:
    """What makes two lines one service; who rendered it, and which drug, tooth or part it was, tell them apart."""
    return (
        line.procedure, line.service_from, line.service_through, line.modifiers, line.place_of_service, line.description,
        tuple(drug.code for drug in line.drugs), line.teeth, line.oral_cavity,
        tuple((party.role, party.id) for party in line.providers),
    )  # fmt: skip


def _check_lines(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if len({line.procedure for line in claim.lines}) == len(claim.lines):
        return
    first: dict[Hashable, int] = {}
    for n, line in enumerate(claim.lines):
        earlier = first.setdefault(_service(line), n)
        if earlier != n and REPEATED.isdisjoint(line.modifiers):
            yield _tell_dental(n, line, earlier) if claim.guide == "837D" else _tell_professional(n, earlier)


def _tell_professional(n: int, earlier: int) -> Breach:
    return Breach(
        f"Line {n + 1} is the same service as line {earlier + 1}.",
        "Make them one line with the quantity of both; where it was really done twice, add modifier 76, 77, 91 or 59.",
        f"lines[{n}].procedure (2400 SV101-2)",
        n + 1,
    )


def _tell_dental(n: int, line: ServiceLine, earlier: int) -> Breach:
    """Dental claims tell services apart by their places; where none is named, as for pictures, the same may be done again."""
    has_place = bool(line.teeth or line.oral_cavity)
    return Breach(
        f"Line {n + 1} is the same service as line {earlier + 1}{', in the same place' if has_place else ''}.",
        "Make them one line with the quantity of both where it was done twice; else correct the place, or remove one.",
        f"lines[{n}].procedure (2400 SV301-2)",
        n + 1,
        "hold" if has_place else "warn",
    )


def _check_references(claim: Claim, context: EditContext) -> Iterator[Breach]:
    seen: set[tuple[str, str]] = set()
    for i, reference in enumerate(claim.references):
        key = reference.qualifier, reference.value
        if key in seen:
            yield Breach(
                f"The claim gives a reference {reference.qualifier} twice.",
                "Give it once.",
                f"references[{i}] (2300 REF*{reference.qualifier})",
            )
        seen.add(key)


def _check_dates(claim: Claim, context: EditContext) -> Iterator[Breach]:
    seen: set[str] = set()
    for i, (qualifier, _) in enumerate(claim.dates):
        if qualifier in seen and qualifier != "455":
            yield Breach(
                f"The claim gives a date {qualifier} twice.",
                "Keep the right one.",
                f"dates[{i}] (2300 DTP*{qualifier})",
            )
        seen.add(qualifier)


EDITS: tuple[Edit, ...] = (
    Edit(
        id="line-repeated",
        group="duplicates",
        severity="hold",
        what="No line is the same service as an earlier one: code, modifiers, dates, place, provider, tooth and drug.",
        why="The payer pays the first and denies the others, unless a modifier says that it was done again.",
        fix="Make them one line with the quantity of both, or add modifier 76, 77, 91 or 59 where it was really done twice. "
        "A dental line that names neither tooth nor area, as for pictures, is told and not held.",
        example="80053 on 2 November in line 1 and again in line 3.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_lines,
    ),
    Edit(
        id="reference-repeated",
        group="duplicates",
        severity="warn",
        what="No reference of the claim stands there twice.",
        why="The guide has place for one of most kinds.",
        fix="Give it once.",
        example="Two REF*G1 with one number.",
        find_breaches=_check_references,
    ),
    Edit(
        id="date-repeated",
        group="duplicates",
        severity="hold",
        what="The claim gives each kind of date once.",
        why="The guide has place for one; with two the payer takes either.",
        fix="Keep the right one.",
        example="Two DTP*431.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_dates,
    ),
)
"""The edits on what stands twice in a claim."""
