"""Number series: control numbers, references and PCNs that are never handed out twice."""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.db.tables import control_number


def draw(connection: Connection, series: str, count: int = 1) -> int:
    """The first of `count` consecutive numbers of `series`; a new series begins at 1.

    They are ours when the caller's transaction commits. Until then nobody else can draw from this series.
    """
    assert count >= 1, "at least one number is drawn"
    last = _advance(connection, series, count)
    if last is None:
        _begin(connection, series)
        last = _advance(connection, series, count)
    assert last is not None, "the series was just begun"
    return last - count + 1


def peek(connection: Connection, series: str) -> int:
    """The number that would be drawn next, for whoever only looks: somebody else may draw it first."""
    last = connection.execute(select(control_number.c.last).where(control_number.c.series == series)).scalar_one_or_none()
    return (last or 0) + 1


def _advance(connection: Connection, series: str, count: int) -> int | None:
    advance = (
        update(control_number)
        .where(control_number.c.series == series)
        .values(last=control_number.c.last + count)
        .returning(control_number.c.last)
    )
    return connection.execute(advance).scalar_one_or_none()


def _begin(connection: Connection, series: str) -> None:
    """Create the series, unless another transaction did so a moment ago: then the insert waits for it and fails."""
    try:
        with connection.begin_nested():
            connection.execute(insert(control_number).values(series=series, last=0))
    except IntegrityError:
        return


def raise_to(connection: Connection, series: str, number: int) -> None:
    """Never hand out `number` of `series`, nor any before it: somebody else has used it."""
    advance = update(control_number).where(control_number.c.series == series, control_number.c.last < number)
    if connection.execute(advance.values(last=number)).rowcount == 0:
        _begin(connection, series)
        connection.execute(advance.values(last=number))
