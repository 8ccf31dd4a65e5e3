"""What is odd and loses nothing is still told: a file nobody asked for, a set that miscounts itself, money that waits."""

from gateway.desk.claim_view import view_claim
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment
from tests.support.worlds import World, make_claims

FOLDER = "answers"


def test_files_that_fit_no_pattern_are_told_and_left(world: World) -> None:
    """A partner that renames its remittances must not cost the money in silence."""
    world.wire.put(FOLDER, "remit.era", b"ISA")
    world.wire.put(FOLDER, "notes.txt", b"hello")
    world.run("pickup")
    assert [row["name"] for row in world.rows("file")] == []
    assert len(world.sentences("unexpected_file")) == 1
    assert "2 files" in world.sentences("unexpected_file")[0]

    for name in ("remit.era", "notes.txt"):
        del world.wire.folders[FOLDER][name]
    world.run("pickup")
    assert world.sentences("unexpected_file") == []
    assert world.broken() == []


def test_the_case_of_a_name_does_not_matter(world: World) -> None:
    world.wire.put(FOLDER, "A.TA1", b"first")
    assert world.run("pickup") == {"pickup": 1}


def test_a_remittance_that_miscounts_its_segments_is_posted_and_told(world: World) -> None:
    """SE01 lies, the amounts do not: the money is posted, and a person may ask what is missing."""
    world.send(*make_claims("A1"))
    line = make_paid_line(12000, 10000, adjust("CO 45", 2000), line_control_number="L1")
    content = world.pay(make_payment(line, patient_control_number="A1"))
    start = content.index(b"SE*")
    end = content.index(b"*", start + 3)
    world.hear(content[:start] + b"SE*917" + content[end:])
    assert world.states() == {"A1": "paid"}
    assert any("917" in sentence or "SE01" in sentence for sentence in world.sentences("anomaly"))
    assert world.broken() == []


def test_money_in_suspense_is_shown_apart_from_money_paid(world: World) -> None:
    world.send(*make_claims("A1"))
    line = make_paid_line(12000, 10000, adjust("CO 45", 2000), line_control_number="L1")
    world.hear(world.pay(make_payment(line, patient_control_number="A1", status="25")))
    money = view_claim(world.context, "A1").money
    assert (money.billed_cents, money.paid_cents, money.suspended_cents, money.open_cents) == (12000, 0, 10000, 12000)


def test_a_test_remittance_is_no_money_in_production(world: World) -> None:
    """ISA15 T where the profile says P, or the other way round: set aside and told, nothing posted."""
    world.send(*make_claims("A1"))
    line = make_paid_line(12000, 10000, adjust("CO 45", 2000), line_control_number="L1")
    content = world.pay(make_payment(line, patient_control_number="A1"))
    world.hear(content.replace(b"*0*T*:", b"*0*P*:", 1))
    assert world.states() == {"A1": "sent"}
    assert world.balances().get("cash_clearing", 0) == 0
    assert "ISA15" in world.sentences("unreadable_file")[0]
    assert world.broken() == []
