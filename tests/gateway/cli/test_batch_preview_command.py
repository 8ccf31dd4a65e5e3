"""`claimwire batches preview` through the front door: a table for people, one JSON document for programs."""

import json

from tests.gateway.cli.conftest import Run


def test_nothing_ready_is_said_and_is_an_empty_document(run: Run) -> None:
    ran = run("batches", "preview")
    assert (ran.code, "Nothing is ready to go." in ran.out, "Nothing stays behind." in ran.out) == (0, True, True)
    assert json.loads(run("batches", "preview", "--json").out) == {"files": [], "staying": []}


def test_a_partner_that_is_not_there_is_refused(run: Run) -> None:
    ran = run("batches", "preview", "--partner", "nowhere")
    assert (ran.code, "no partner nowhere" in ran.err) == (1, True)
