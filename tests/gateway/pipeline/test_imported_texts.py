"""Official texts that an operator imported are what work items, timelines and remittances tell; our next steps stay."""

from datetime import date

from edi.transactions.t277ca import Status, StatusInformation
from edi.transactions.t835 import ProviderAdjustment
from gateway.db import code_lists
from gateway.db.engine import writing
from gateway.desk.claim_view import view_claim
from gateway.desk.remittance_view import RemittanceView, view_remittance
from gateway.domain.code_files import ListedCode
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment
from tests.support.worlds import World, make_claim, say


def put(world: World, name: str, code: str, text: str) -> None:
    with writing(world.engine) as connection:
        codes = [ListedCode(code, text, None, None, 1)]
        code_lists.replace_list(
            connection, name, codes, file_name="list.csv", sha256="0" * 64, imported_by="ada", now=world.clock.now()
        )


def deny(world: World) -> RemittanceView:
    """The remittance that denied A1 as filed too late, and paid interest."""
    line = make_paid_line(12000, 0, adjust("CO 29", 12000), line_control_number="L1")
    interest = ProviderAdjustment(provider_id="1999999984", fiscal_date=date(2026, 12, 31), reason="L6", amount_cents=-500)
    payment = make_payment(line, patient_control_number="A1", status="4")
    world.send(make_claim("A1"))
    world.hear(world.pay(payment, adjustments=[interest]))
    (row,) = world.rows("remittance")
    return view_remittance(world.context, row["id"])


def test_ours_are_told_where_nothing_was_imported(world: World) -> None:
    remittance = deny(world)
    assert "filed too late" in world.sentences("denied")[0]
    assert [one.status_text for one in remittance.payments] == ["denied"]
    assert [one.reason_text for one in remittance.provider_adjustments] == ["interest owed by the payer"]


def test_the_imported_reason_is_told_in_the_work_item_and_on_the_claim(world: World) -> None:
    put(world, "CARC", "29", "Invented official text")
    put(world, "PLB", "L6", "Invented interest")
    remittance = deny(world)
    sentence = world.sentences("denied")[0]
    assert ("CO 29: Invented official text" in sentence, "Appeal with the 277CA" in sentence) == (True, True)
    assert "CO 29 Invented official text" in view_claim(world.context, "A1").timeline[-1].text
    assert [one.reason_text for one in remittance.provider_adjustments] == ["Invented interest"]


def test_an_imported_status_is_told_in_the_rejection(world: World) -> None:
    put(world, "status", "562", "Invented identifier")
    wrong = Status(category="A7", code="562", entity="85")
    world.send(make_claim("A1"))
    world.hear(world.ack_999("A"))
    world.hear(world.ack_277ca("PR", say("A1", statuses=(StatusInformation(statuses=(wrong,), action="U"),))))
    assert "Invented identifier" in world.sentences("rejected")[0]
