"""Migrations from nothing make the tables that the code describes, on both databases, however many start them."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, MetaData, Table, inspect, select

from edi.claims import Party
from gateway.db.claims import encode
from gateway.db.engine import open_database, reading, writing
from gateway.db.migrations import config, find_differences, is_current, is_other_default, upgrade
from gateway.db.tables import metadata
from gateway.db.triggers import WRITTEN_ONCE
from gateway.domain.duplicates import digest_patient
from tests.conftest import DATABASES
from tests.gateway.domain.samples import make_claim, make_subscriber
from tests.support.postgres import Server
from tests.support.racing import run_at_once, upgrade_database
from tests.support.rows import NOON, claim_row


@pytest.fixture(params=DATABASES)
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """A database without any table."""
    if request.param == "sqlite":
        return open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    server: Server = request.getfixturevalue("postgresql_server")
    return open_database(server.empty_database())


def test_migrations_from_empty_are_the_metadata(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    with reading(empty_engine) as connection:
        assert find_differences(connection) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_a_difference_would_be_seen(empty_engine: Engine) -> None:
    """The comparison above is worth something: a column more and an index less are both named."""
    upgrade(empty_engine)
    with writing(empty_engine) as connection:
        connection.exec_driver_sql("ALTER TABLE file ADD COLUMN invented TEXT")
        connection.exec_driver_sql("DROP INDEX ix_batch_state")
    with reading(empty_engine) as connection:
        assert {difference[0] for difference in find_differences(connection)} == {"remove_column", "add_index"}


@pytest.mark.parametrize(("present", "wanted"), [("('')", "A1"), ("'0'", "1"), (None, "0"), ("'0'", None)])
def test_another_default_is_left_to_alembic_to_name(present: str | None, wanted: str | None) -> None:
    assert is_other_default(None, None, None, present, None, wanted) is None


def test_every_table_of_history_is_protected(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if empty_engine.dialect.name == "postgresql":
        query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
    with reading(empty_engine) as connection:
        assert set(connection.exec_driver_sql(query).scalars()) == set(WRITTEN_ONCE)


def test_a_database_is_current_once_upgraded(empty_engine: Engine) -> None:
    assert not is_current(empty_engine)
    upgrade(empty_engine)
    assert is_current(empty_engine)
    upgrade(empty_engine)
    assert is_current(empty_engine)


def test_a_database_of_a_later_program_is_not_current(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    with writing(empty_engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from the future'")
    assert not is_current(empty_engine)


def test_two_who_upgrade_at_once_upgrade_once(empty_engine: Engine) -> None:
    run_at_once(upgrade_database, empty_engine, 2)
    assert is_current(empty_engine)


def test_downgrading_leaves_nothing(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    with writing(empty_engine) as connection:
        command.downgrade(config(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_foreign_keys_hold_after_an_upgrade(empty_engine: Engine) -> None:
    """They are off while SQLite's tables are rebuilt, and on again for whoever gets the connection next."""
    upgrade(empty_engine)
    if empty_engine.dialect.name == "sqlite":
        with reading(empty_engine) as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    with reading(empty_engine) as connection:
        assert inspect(connection).get_foreign_keys("entry")[0]["referred_table"] == "journal"


CHILD = Party(role="QC", is_person=True, last_name="TESTCASE", first_name="ÉLDER", birth_date=date(2015, 2, 20), gender="F")
PATIENTS = {
    "A1": make_claim(),
    "A2": make_claim(lines=(), charge_cents=1),
    "B1": make_claim(subscriber=make_subscriber(id="XQB000000018", last_name="Straße")),
    "C1": make_claim(patient=CHILD, relationship="19"),
    "D1": make_claim(subscriber=Party(role="IL", last_name="NOBODY")),
}


OF_EACH = 201


def fill_old_claims(connection: Connection) -> None:
    """Claims as the gateway kept them before: each with a digest of its services, and all of them corrected since."""
    known = MetaData()
    file, claim, version = (Table(name, known, autoload_with=connection) for name in ("file", "claim", "claim_version"))
    told = {"direction": "intake", "partner": "", "name": "old.jsonl", "sha256": "0" * 64, "size_bytes": 1, "state": "archived"}
    connection.execute(file.insert().values(id=1, received_at=NOON, **told))
    rows: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for pcn, document in [each for each in PATIENTS.items() for _ in range(OF_EACH)]:
        claim_id = len(rows) + 1
        row = {key: value for key, value in claim_row(f"{pcn} {claim_id}", 1).items() if key in claim.c}
        rows.append({**row, "id": claim_id, "service_digest": "services", "state": "sent", "attempt": 1, "version": 2})
        for number, each in enumerate((make_claim(subscriber=make_subscriber(id="WRONG")), document), 1):
            versions.append({"claim_id": claim_id, "version": number, "document": encode(each), "created_at": NOON})
    connection.execute(claim.insert(), rows)
    connection.execute(version.insert(), versions)


def test_claims_that_are_there_get_the_digest_of_their_patient_as_they_read_today(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0002")
    with writing(empty_engine) as connection:
        fill_old_claims(connection)
    upgrade(empty_engine)
    claim = metadata.tables["claim"]
    with reading(empty_engine) as connection:
        found = connection.execute(select(claim.c.patient_digest).order_by(claim.c.id)).scalars().all()
    assert found == [digest_patient(document) for document in PATIENTS.values() for _ in range(OF_EACH)]
    assert len(set(found)) == 4
