"""Places of a spec that several guides declare alike: a name, a reference, a date; what they do not use is said as well."""

from edi.spec import R, S, SegmentSpec, seg

Codes = str | tuple[str, ...]
Places = tuple[int | str, ...]


def codes(text: str) -> tuple[str, ...]:
    """Codes written one after the other with blanks between."""
    return tuple(text.split())


def name(
    *roles: str,
    kinds: Codes = ("1", "2"),
    usage: str = R,
    required: Places = (8, 9),
    unused: Places = (6, 10),
    **narrowed: Codes,
) -> SegmentSpec:
    """NM1, mostly as what opens a loop, without a prefix and mostly without what stands behind the identifier."""
    return seg("NM1", usage, 1, e1=roles, e2=kinds, required=required, unused=(*unused, 11, 12), codes=narrowed)


def reference(*qualifiers: str, usage: str = S, repeat: int = 1, unused: Places = (3, 4)) -> SegmentSpec:
    """REF with a value, and mostly without a description and further numbers."""
    return seg("REF", usage, repeat, e1=qualifiers, required=(2,), unused=unused)


def period(*qualifiers: str, usage: str = S, repeat: int = 1) -> SegmentSpec:
    """DTP as a day or a span of days."""
    return seg("DTP", usage, repeat, e1=qualifiers, e2=("D8", "RD8"))


def contact(*numbers: str, usage: str = S, repeat: int = 1, required: Places = (3, 4)) -> SegmentSpec:
    """PER with numbers of these kinds; the second and third may be an extension too."""
    more = (*numbers, "EX")
    return seg("PER", usage, repeat, e1="IC", e3=numbers, e5=more, e7=more, required=required, unused=(9,))


def birth(usage: str) -> SegmentSpec:
    """DMG with a date of birth and perhaps a gender."""
    return seg("DMG", usage, e1="D8", e3=("F", "M", "U"), required=(2,), unused=tuple(range(4, 12)))
