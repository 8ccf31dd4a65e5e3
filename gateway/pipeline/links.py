"""The one way to a partner: no more connections than it allows, and no knocking at a door that was closed a moment ago.

What failed is tried again later, and later each time; meanwhile the circuit is open and nobody connects. Once the profile's
patience is out a person is told, in one item for each partner, which closes by itself when the connection works again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from gateway.db import batches as batch_rows
from gateway.db import links
from gateway.db.engine import Engine, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.instants import tell_utc
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.transport import Transport
from gateway.transport.causes import is_lost_link, is_refused_log_in
from payers.profile import Partner

BACKOFF_MAX = timedelta(hours=1)
REFUSED_PAUSE = timedelta(hours=1)
LOG_IN_PAUSE = timedelta(hours=12)
"""Servers lock out who shows a wrong password too often: no more than three times in a day, whoever of us asks."""
TRY_MAX = timedelta(minutes=10)
"""So long one try at a failing connection keeps all others from trying; its outcome is written down before."""


class LinkClosed(TransientError):
    """There is no connection to be had now: the last one failed a moment ago, or all that the partner allows are in use."""


@contextmanager
def open_link(context: Context, partner: Partner) -> Iterator[Transport]:
    """A connection to a partner while the block runs. Raises LinkClosed where there is none to be had now.

    What connecting raises, and what loses the connection while the block runs, is counted, written down and raised again as it
    is: TransientError or PermanentError, of which nobody else need be told. A refusal that concerns one file leaves the
    connection whole: it is the caller's, who catches it inside the block to go on with the next file.
    """
    with connection_slot(context.engine, partner):
        _claim_try(context, partner)
        connected = False
        try:
            with context.connect(partner) as wire:
                connected = True
                yield wire
        except (TransientError, PermanentError) as error:
            if not connected or is_lost_link(error):
                _note_failure(context, partner, error)
            else:
                _note_success(context, partner)
            raise
        else:
            _note_success(context, partner)


def _claim_try(context: Context, partner: Partner) -> None:
    """Go on only where the connection works, or it is time to try again, or a person wants it now."""
    now = context.clock.now()
    with reading(context.engine) as connection:
        link = links.find_link(connection, partner.id)
    if link is None or link["failures"] == 0 or context.at_once:
        return
    with writing(context.engine) as connection:
        if not links.claim_try(connection, partner.id, now=now, until=now + TRY_MAX):
            link = links.lock_link(connection, partner.id)
            raise LinkClosed(f"{partner.id}: not tried before {tell_utc(link['next_try_at'])}, since it failed: {link['error']}")


@contextmanager
def connection_slot(engine: Engine, partner: Partner) -> Iterator[None]:
    """One of the connections that the partner allows us at one time, among all our processes; a folder allows any number.

    Raises LinkClosed where all of them are in use.
    """
    if partner.sftp is None:
        yield
        return
    count = partner.sftp.connections_max
    for number in range(1, count + 1):
        with exclusive(engine, f"link-{partner.id}-{number}") as ours:
            if ours:
                yield
                return
    raise LinkClosed(f"{partner.id}: all {count} connections the partner allows are in use")


def _note_success(context: Context, partner: Partner) -> None:
    now = context.clock.now()
    with writing(context.engine) as connection:
        if links.note_success(connection, partner.id, now):
            close_items(connection, WorkKind.TRANSFER_FAILING, [_cause(partner)], reason="the connection works again", now=now)


def _note_failure(context: Context, partner: Partner, error: TransientError | PermanentError) -> None:
    now = context.clock.now()
    lasting = isinstance(error, PermanentError)
    with writing(context.engine) as connection:
        failures = links.lock_link(connection, partner.id)["failures"] + 1
        links.note_failure(connection, partner.id, now=now, next_try_at=now + find_pause(error, failures), error=str(error))
        if lasting or failures >= partner.patience_tries:
            link = links.lock_link(connection, partner.id)
            waiting = batch_rows.waiting_cents(connection, partner.id)
            raise_items(connection, [_item(partner, link, waiting, lasting=lasting)], now)


def find_pause(error: TransientError | PermanentError, failures: int) -> timedelta:
    """How long to leave alone what failed so often in a row: a connection, or one file that a partner refuses."""
    if is_refused_log_in(error):
        return LOG_IN_PAUSE
    if isinstance(error, PermanentError):
        return REFUSED_PAUSE
    return min(timedelta(minutes=2 ** min(failures, 10)), BACKOFF_MAX)


def _item(partner: Partner, link: Row, waiting_cents: int, *, lasting: bool) -> WorkItem:
    times = "once" if link["failures"] == 1 else f"{link['failures']} times in a row"
    wrong = "Waiting will not mend this: see what it says, then have it tried at once" if lasting else "To try at once"
    sentence = (
        f"The connection to {partner.id} has failed {times} since {tell_utc(link['failing_since'])}: {link['error']}. It is "
        f"tried again by itself, next at {tell_utc(link['next_try_at'])}; claims and answers of this partner wait, and nothing "
        f"is lost. {wrong}: `claimwire run --now`. If it lasts, claims in files that are still queued can go by their payers' "
        "second routes once the profiles say so: `claimwire batches settle ID --lost` gives such a file up."
    )
    return WorkItem(
        kind=WorkKind.TRANSFER_FAILING, cause=_cause(partner), sentence=sentence, partner=partner.id, amount_cents=waiting_cents
    )


def _cause(partner: Partner) -> str:
    return f"link:{partner.id}"
