"""Generated documents of every transaction: those of real files, varied leaf by leaf within what their fields may hold."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import msgspec
from hypothesis import strategies as st

from benchmarks.corpus_files import list_files
from edi.catalogue import find_transaction
from edi.claims import Claim, Document
from edi.findings import EdiError
from edi.interchange import GroupHeader, InterchangeHeader, Reader, write_interchange
from edi.parts import Transaction
from edi.remittances import ClaimPayment
from edi.segments import Delimiters

SEED_SEGMENTS_MAX = 150
SEEDS_MAX = 12
CHANGES_MAX = 8
FREE_TEXT = frozenset(
    (
        *("last_name", "first_name", "middle_name", "name", "line1", "line2", "city", "description", "trace_number"),
        *("patient_control_number", "payer_claim_number", "group_name", "group_number", "originator_id"),
    )
)
"""Strings that may hold any text: no reader asks what is in them."""
REPEATED = (Claim, ClaimPayment)
"""Documents that may come any number of times in a set, side by side."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz0123456789-'&é"
PUNCTUATION = '!"#$%()*+,/:;<=>?@[\\]^_`{|}~\x1c\x1d\x1e\x1f'
"""What a file may be punctuated with here: not what numbers and names are made of."""
Path = tuple[str | int, ...]


class Seed(NamedTuple):
    """The documents of one set of a real file, in their order, and the version it is of."""

    name: str
    version: str
    documents: tuple[Document, ...]
    is_clean: bool = True

    def __repr__(self) -> str:
        return f"{self.name} of {len(self.documents)} documents"


@cache
def list_seeds(transaction: str) -> tuple[Seed, ...]:
    """Small sets of the public corpus without a finding, for one transaction; where there is none, those with wrong elements."""
    found: list[Seed] = []
    for file in list_files():
        try:
            found += [seed for seed in _read_seeds(file.read()) if seed.name == transaction]
        except EdiError:
            continue
    found = [seed for seed in found if seed.is_clean] or found
    unique = {msgspec.json.encode(seed.documents): seed for seed in found}
    return tuple(sorted(unique.values(), key=lambda seed: -len(msgspec.json.encode(seed.documents)))[:SEEDS_MAX])


def _read_seeds(data: bytes) -> Iterator[Seed]:
    for tset in Reader([data]):
        transaction = find_transaction(tset)
        if transaction is None:
            continue
        parts = list(transaction.read_parts(tset))
        documents = tuple(part.document for part in parts if part.document is not None)
        levels = {finding.level for finding in tset.findings}
        is_sound = not levels & {"set", "segment"}
        if is_sound and len(documents) == len(parts) and tset.segment_count <= SEED_SEGMENTS_MAX:
            yield Seed(transaction.name, tset.version, documents, is_clean="element" not in levels)


PLACING = frozenset(("position", "adjustment_counts"))


def find_leaves(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every leaf of a document that may be varied, with the way to it."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            if name not in ("carried", "position"):
                yield from find_leaves(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        if value and isinstance(value[0], msgspec.Struct):
            yield path, value
        for index, inner in enumerate(value):
            yield from find_leaves(inner, (*path, index))
    elif _find_domain(path, value) is not None:
        yield path, value


def _find_domain(path: Path, value: object) -> st.SearchStrategy[Any] | None:
    """What else may stand where this value stands; None where nothing else may."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if isinstance(value, bool) or value is None or value == "":
        return None
    if isinstance(value, int):
        return st.integers(-(10**12), 10**12) if name.endswith("_cents") else None
    if isinstance(value, Decimal):
        return st.decimals(0, 99_999, places=3)
    if type(value) is date:
        return st.dates(date(1900, 1, 1), date(2099, 12, 31))
    if isinstance(value, str) and name in FREE_TEXT:
        return st.text(LETTERS, min_size=1, max_size=20).filter(lambda text: text == text.strip())
    return None


def replace_at(value: Any, path: Path, new: object) -> Any:
    """The same document with another value at the end of this way."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return msgspec.structs.replace(value, **{step: replace_at(getattr(value, step), rest, new)})
    return (*value[:step], replace_at(value[step], rest, new), *value[step + 1 :])


def _replace_shared(documents: tuple[Document, ...], path: Path, new: object) -> tuple[Document, ...]:
    """The documents with another value there, and in whatever document tells of the same party: it stands once in the file."""
    changed: tuple[Document, ...] = replace_at(documents, path, new)
    if len(path) < 3 or not isinstance(path[0], int) or not isinstance(path[1], str):
        return changed
    old, whole = getattr(documents[path[0]], path[1]), getattr(changed[path[0]], path[1])
    if not isinstance(old, msgspec.Struct):
        return changed

    def share(one: Document) -> Document:
        same = {name: whole for name in one.__struct_fields__ if getattr(one, name) == old}
        return msgspec.structs.replace(one, **same) if same else one

    return tuple(share(one) for one in changed)


@st.composite
def document_sets(draw: st.DrawFn, transaction: str) -> Seed:
    """A seed with up to eight leaves changed, and with members of its lists gone or doubled."""
    seeds = list_seeds(transaction)
    seed = seeds[draw(st.integers(0, len(seeds) - 1))]
    documents: tuple[Document, ...] = seed.documents
    for _ in range(draw(st.integers(0, CHANGES_MAX))):
        leaves = list(find_leaves(documents))
        if not leaves:
            break
        path, value = leaves[draw(st.integers(0, len(leaves) - 1))]
        if isinstance(value, tuple):
            new: object = _draw_list(draw, path, value)
        else:
            domain = _find_domain(path, value)
            assert domain is not None
            new = draw(domain)
        documents = _replace_shared(documents, path, new)
    return seed._replace(documents=documents)


def _draw_list(draw: st.DrawFn, path: Path, value: tuple[Any, ...]) -> tuple[Any, ...]:
    """One member gone, or doubled where it stands; of the documents of a set, only a claim."""
    index = draw(st.integers(0, len(value) - 1))
    if not path and not isinstance(value[index], REPEATED):
        return value
    if draw(st.booleans()) and (len(value) > 1 or path):
        return (*value[:index], *value[index + 1 :])
    return (*value[: index + 1], *value[index:])


@st.composite
def legal_delimiters(draw: st.DrawFn, documents: Sequence[Document]) -> Delimiters:
    """Any four punctuation marks or control characters that no value of these documents holds; line ends end segments too."""
    texts = "".join(_find_texts(documents))
    free = [mark for mark in PUNCTUATION if mark not in texts]
    marks = draw(st.lists(st.sampled_from(free), min_size=4, max_size=4, unique=True))
    segment = draw(st.sampled_from((marks[3], marks[3], "\n")))
    return Delimiters(element=marks[0], component=marks[1], repetition=marks[2], segment=segment)


def _find_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, msgspec.Struct):
        yield from (text for name in value.__struct_fields__ for text in _find_texts(getattr(value, name)))
    elif isinstance(value, list | tuple):
        yield from (text for inner in value for text in _find_texts(inner))


def write_file(transaction: Transaction, seed: Seed, delimiters: Delimiters) -> bytes:
    """The bytes of one interchange that holds the set."""
    header = InterchangeHeader(
        sender_qualifier="ZZ", sender_id="INVENTEDCLINIC", receiver_qualifier="ZZ", receiver_id="INVENTEDPAYER",
        date=date(2026, 1, 5), time="0800", isa_control_number=905, delimiters=delimiters,
    )  # fmt: skip
    group = GroupHeader(
        functional_id=transaction.spec.functional_id, application_sender="A", application_receiver="B",
        date=date(2026, 1, 5), time="0800", gs_control_number=1, version=seed.version,
    )  # fmt: skip
    segments = list(
        transaction.write_parts(seed.documents, st_control_number="0001", version=seed.version, delimiters=delimiters)
    )
    return b"".join(write_interchange(header, [(group, [segments])]))


def read_file(data: bytes) -> tuple[Document | None, ...]:
    """The documents of the first set of a file."""
    tset = next(iter(Reader([data])))
    transaction = find_transaction(tset)
    assert transaction is not None
    return tuple(part.document for part in transaction.read_parts(tset))


def without_positions(value: object) -> Any:
    """Documents as plain values, but for where they stood and how many shared a segment: they stand as they are written."""
    if isinstance(value, msgspec.Struct):
        return {name: without_positions(getattr(value, name)) for name in value.__struct_fields__ if name not in PLACING}
    return [without_positions(inner) for inner in value] if isinstance(value, tuple) else value


def list_differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two plain values differ, the first ten places: for people who must find out why."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys())
        return [line for key in keys for line in list_differences(one.get(key), other.get(key), f"{path}.{key}")][:10]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for index, (left, right) in pairs for line in list_differences(left, right, f"{path}[{index}]")][:10]
    return [] if one == other else [f"{path}: {one!r:.200} is not {other!r:.200}"]
