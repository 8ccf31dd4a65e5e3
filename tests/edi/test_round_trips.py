"""read(write(x)) = x for generated documents of every transaction, under any legal delimiters."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edi.catalogue import TRANSACTIONS
from edi.parts import Transaction
from tests.support.documents import (
    document_sets,
    legal_delimiters,
    list_differences,
    list_seeds,
    read_file,
    without_positions,
    write_file,
)

EXAMPLES = int(os.environ.get("CLAIMWIRE_EXAMPLES", "25"))
"""Generated sets of each transaction; set it to some thousands for a long run, which then is another each time."""

LASTING = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CLAIMWIRE_EXAMPLES" not in os.environ,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda transaction: transaction.name)
def test_there_are_documents_to_vary(transaction: Transaction) -> None:
    """Every transaction of the catalogue has a sound set in the corpus, with a document of each of its kinds or most."""
    seen = {type(document) for seed in list_seeds(transaction.name) for document in seed.documents}
    assert seen
    assert seen <= set(transaction.documents)


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda transaction: transaction.name)
@LASTING
@given(data=st.data())
def test_what_is_written_is_read_again(transaction: Transaction, data: st.DataObject) -> None:
    """Each document comes back equal but for its position, whatever punctuates the file."""
    seed = data.draw(document_sets(transaction.name))
    delimiters = data.draw(legal_delimiters(seed.documents))
    back = read_file(write_file(transaction, seed, delimiters))
    differences = list_differences(without_positions(back), without_positions(seed.documents))
    assert differences == []
