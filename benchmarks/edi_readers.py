"""What the speed table measures: each reads or writes a whole file of 835 or 837P and returns how many claims it saw."""

import io
import logging
from collections.abc import Callable
from itertools import chain

import oxedi
import pyx12.error_handler
import pyx12.params
import pyx12.x12context
import pyx12.x12n_document

from benchmarks.corpus_files import cut
from edi import tree
from edi.catalogue import find_transaction
from edi.claims import Claim
from edi.interchange import Reader, TransactionSet
from edi.parts import Transaction
from edi.remittances import ClaimPayment
from edi.segments import Delimiters

CLAIM_TAGS = ("CLP", "CLM")
CLAIM_DOCUMENTS = (ClaimPayment, Claim)
Read = Callable[[bytes], int]


def split(data: bytes) -> int:
    """The least any reader does: every segment split into its elements, nothing looked at, nothing kept."""
    claims = 0
    for segment in data.decode("latin-1").split("~\n"):
        elements = segment.split("*")
        claims += elements[0] in CLAIM_TAGS
    return claims


def walk_oxedi(data: bytes) -> int:
    """oxedi: parse, then every segment and its elements as Python objects."""
    document = oxedi.parse(data).document
    claims = 0
    for index in range(len(document)):
        segment = document[index]
        elements = segment.elements
        claims += segment.id == b"CLP" and bool(elements)
    return claims


def parse_oxedi(data: bytes) -> int:
    """oxedi: parse alone; its tables and diagnostics stay in Rust."""
    return oxedi.parse(data).count_claims()


def read_pyx12_context(data: bytes) -> int:
    """pyx12: loop nodes by its map, not typed."""
    source = pyx12.x12context.X12ContextReader(
        pyx12.params.params(), pyx12.error_handler.errh_null(), io.StringIO(data.decode("latin-1"))
    )
    loops = ("2100", "2300")
    return sum(node.id in loops for node in source.iter_segments("2100" if b"*HP*" in data[:200] else "2300"))


def validate_pyx12(data: bytes) -> int:
    """pyx12: its validation of the whole file; it names no claims, so they are counted in the text."""
    logging.disable(logging.CRITICAL)
    try:
        pyx12.x12n_document.x12n_document(pyx12.params.params(), io.StringIO(data.decode("latin-1")), None, None)
    finally:
        logging.disable(logging.NOTSET)
    return sum(data.count(f"\n{tag}*".encode()) for tag in CLAIM_TAGS)


def read_runs(data: bytes) -> int:
    """Ours, envelope only: segments as strings, counts and control numbers checked."""
    return sum(segment.startswith(CLAIM_TAGS) for tset in Reader(cut(data)) for run in tset.runs() for segment in run)


def read_tree(data: bytes) -> int:
    """Ours, without documents: loops, every segment and element checked."""
    claims = 0
    for tset in Reader(cut(data)):
        for unit, _ in tree.read(get_transaction(tset).spec, tset):
            claims += bool(unit.segments) and unit.segments[0][0] in CLAIM_TAGS
        assert not tset.findings
    return claims


def read_documents(data: bytes) -> int:
    """Ours: frozen typed documents, every element checked."""
    claims = 0
    for tset in Reader(cut(data)):
        claims += sum(isinstance(part.document, CLAIM_DOCUMENTS) for part in get_transaction(tset).read_parts(tset))
        assert not tset.findings
    return claims


def get_transaction(tset: TransactionSet) -> Transaction:
    """The transaction of a set of these measurements, which the catalogue knows."""
    transaction = find_transaction(tset)
    assert transaction is not None, tset.version
    return transaction


def prepare_writing(data: bytes) -> Read:
    """A function that writes the documents of this file to segments again, set by set; its argument is only measured."""
    sets = []
    for tset in Reader(cut(data)):
        transaction = get_transaction(tset)
        documents = [part.document for part in transaction.read_parts(tset) if part.document is not None]
        sets.append((transaction, tset.st_control_number, tset.version, documents))

    def write(_: bytes) -> int:
        written = chain.from_iterable(
            transaction.write_parts(documents, st_control_number=number, version=version, delimiters=Delimiters())
            for transaction, number, version, documents in sets
        )
        return sum(segment.startswith(CLAIM_TAGS) for segment in written)

    return write
