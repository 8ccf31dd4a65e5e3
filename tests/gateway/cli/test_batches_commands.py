"""`claimwire batches settle` through the front door: one answer, a reason, and refused in plain words."""

import pytest

from tests.gateway.cli.conftest import Run


@pytest.mark.parametrize("options", [(), ("--arrived", "--lost")], ids=["neither", "both"])
def test_a_batch_is_settled_one_way_or_the_other(run: Run, options: tuple[str, ...]) -> None:
    ran = run("batches", "settle", "1", *options, "--reason", "asked")
    assert (ran.code, "either --arrived or --lost" in ran.err) == (2, True)


@pytest.mark.parametrize("option", ["--arrived", "--lost"])
def test_a_batch_that_is_not_there_is_refused(run: Run, option: str) -> None:
    ran = run("batches", "settle", "1", option, "--reason", "asked")
    assert (ran.code, "there is no batch 1" in ran.err) == (1, True)
    assert run("batches", "settle", "1", option).code == 2
