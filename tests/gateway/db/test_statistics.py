"""PostgreSQL knows how large its tables are once much was added; what it cannot count keeps nobody from their work."""

from pathlib import Path

from sqlalchemy import Engine, text

from gateway.db.engine import is_sqlite, open_database, reading, writing
from gateway.db.statistics import count_anew
from tests.support.rows import receive_claims


def test_after_counting_the_planner_knows_how_many_claims_there_are(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        receive_claims(connection, [f"CLM{number}" for number in range(120)])
    count_anew(fresh_engine)
    if is_sqlite(fresh_engine):
        return
    with reading(fresh_engine) as connection:
        assert connection.execute(text("SELECT reltuples FROM pg_class WHERE relname = 'claim'")).scalar_one() == 120


def test_a_database_that_is_away_is_not_counted_and_nothing_is_raised(tmp_path: Path) -> None:
    count_anew(open_database(f"postgresql://claimwire@/claimwire?host={tmp_path}"))
