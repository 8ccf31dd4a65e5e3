"""Brings files to their partners exactly once: intent committed, uploaded and compared, published, result committed.

The unit is the file: the batches in it move together. What a crash or a cut line leaves in between is settled by looking at
the server, never by sending again blindly:

- queued, sending: nobody can have taken it, so the upload may begin again;
- publishing, unknown: the final name is looked for, then the partner's archive folders; what cannot be decided waits for a TA1
  or 999, and a person is told.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from gateway.crashpoint import crashpoint
from gateway.db import batches as batch_rows
from gateway.db import files as file_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.settling import settle_batch
from gateway.db.work import raise_items
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.pipeline.arrival import note_sent
from gateway.pipeline.context import Context
from gateway.pipeline.delivery_work import (
    failing_transfer,
    refused_batch,
    stopped_batch,
    tell_missed_cutoffs,
    tell_unknown_partners,
    unknown_delivery,
)
from gateway.pipeline.each_partner import TurnOver, for_each_partner
from gateway.pipeline.leaving import list_stopped
from gateway.pipeline.links import LinkClosed, find_pause, open_link
from gateway.transport import RemoteFile, Standing, Transport
from gateway.transport.causes import is_lost_link
from payers.profile import Partner

_LOOK_AGAIN = timedelta(minutes=15)
_BEGUN = (BatchState.SENDING, BatchState.PUBLISHING, BatchState.UNKNOWN)
COMPARED_MAX = 50
"""So many files of the right size in an archive folder are read, at one look, to find ours under another name."""


def run(context: Context) -> int:
    """Deliver what waits for each partner; how many files were settled. A partner that fails, or is silent, delays no other."""
    tell_missed_cutoffs(context)
    tell_unknown_partners(context)
    with reading(context.engine) as connection:
        waiting = batch_rows.partners_to_deliver(connection, _until(context))
    return for_each_partner(context, "delivery", _deliver_to, only=waiting)


def _until(context: Context) -> datetime | None:
    """Up to when a postponed batch's time has come; None: a person wants all of them now."""
    return None if context.at_once else context.clock.now()


def _deliver_to(context: Context, partner: Partner) -> int:
    with reading(context.engine) as connection:
        waiting = batch_rows.list_to_deliver(connection, partner.id, _until(context))
    files = [list(batches) for _, batches in groupby(waiting, key=lambda batch: batch["file_id"])]
    if not files:
        return 0
    done = 0
    try:
        with open_link(context, partner) as wire:
            crashpoint("delivery.connected")
            for batches in files:
                done += _deliver(_Delivery(context, partner, wire, batches))
                context.progress("files delivered", done, len(files))
    except (LinkClosed, TurnOver):
        return done
    except (TransientError, PermanentError) as error:
        with writing(context.engine) as connection:
            batch_rows.note_unreached(connection, partner.id, str(error))
    return done


def _deliver(delivery: "_Delivery") -> int:
    """One file; 1 if it is on the server, or given to a person. What concerns it alone keeps none of the others waiting."""
    try:
        delivery.settle()
    except UnknownOutcome:
        raise
    except (TransientError, PermanentError) as error:
        if is_lost_link(error):
            raise
        delivery.postpone(error)
        return 0
    return 1


class _Delivery:
    """One file on its way over one connection."""

    def __init__(self, context: Context, partner: Partner, wire: Transport, batches: Sequence[Row]) -> None:
        self.context = context
        self.partner = partner
        self.wire = wire
        self.batches = batches
        self.first = batches[0]
        self.file_id: int = self.first["file_id"]
        self.folder = partner.upload.folder
        self.name: str = self.first["remote_name"]
        self.content = b""
        self._may_be_there = self.first["state"] in (BatchState.PUBLISHING, BatchState.UNKNOWN)
        self._said_at: datetime | None = self.first["publishing_at"]

    def settle(self) -> None:
        """Bring the file as far as can be known."""
        with reading(self.context.engine) as connection:
            file = file_rows.get_file(connection, self.file_id)
        assert file is not None, "a batch has its file"
        # Read whole and compared with its SHA-256: what leaves is what was archived, or nothing.
        self.content = self.context.archive.read(file["sha256"])
        if self._may_be_there:
            self._look()
        else:
            self._send()

    def _send(self) -> None:
        if not self._begin((BatchState.QUEUED, BatchState.SENDING), BatchState.SENDING, sending_at=self.context.clock.now()):
            return
        crashpoint("delivery.intent_committed")
        standing = self.wire.look(self.folder, self.name, self.content)
        if standing is Standing.OTHER:
            self._fail("a file of this name with other content is on the server already")
        elif standing is Standing.UNPROVEN or (standing is Standing.ALIKE and not self._said_at):
            self._fail("a file of this name, whose content the server does not show, is there already")
        elif standing in (Standing.PUBLISHED, Standing.ALIKE) or (self.first["sending_at"] is not None and self._is_archived()):
            self._sent()
        elif standing is Standing.ABSENT:
            self._forget_last_word()
            self._upload()
        else:
            self._finish(standing)

    def _finish(self, standing: Standing) -> None:
        """Nobody took what is there. A temporary file whose renaming was ever asked for is not written again.

        The server may carry that out late, and would give the final name to whatever has been written by then.
        """
        if not self._said_at or self.partner.upload.mode != "rename":
            self._upload()
        elif standing is Standing.UPLOADED:
            self._give(self._publish)
        else:
            self._leave_unknown(
                "only its temporary file is on the server, not whole any more, and the server may still give it the final name. "
                "Have that removed"
            )

    def _upload(self) -> None:
        self._give(self._upload_part, self._publish)

    def _upload_part(self) -> bool:
        self.wire.upload_part(self.folder, self.name, self.content)
        return True

    def _publish(self) -> bool:
        """Whether it was published: somebody else may have settled the file, or something speaks against it by now."""
        now = self.context.clock.now()
        if not self._begin(_BEGUN, BatchState.PUBLISHING, publishing_at=now):
            return False
        crashpoint("delivery.publishing_committed")
        self.wire.publish(self.folder, self.name, self.content)
        return True

    def _give(self, *steps: Callable[[], bool]) -> None:
        try:
            done = all(step() for step in steps)
        except UnknownOutcome as error:
            lost = is_lost_link(error)
            self._leave_unknown(str(error), look_again_in=None if lost else _LOOK_AGAIN)
            if lost:
                raise
        except (TransientError, PermanentError):
            if not self._may_be_there:
                self._take_back()
            raise
        else:
            if done:
                crashpoint("delivery.renamed")
                self._sent()

    def _look(self) -> None:
        """The last word was said and its answer never came: the server knows."""
        standing = self.wire.look(self.folder, self.name, self.content)
        if standing is Standing.PUBLISHED or (self._said_at and self._is_ours_by_name(standing)):
            self._sent()
        elif standing is Standing.OTHER:
            self._fail("a file of this name with other content is on the server")
        elif standing in (Standing.UPLOADED, Standing.UNFINISHED):
            self._finish(standing)
        elif standing is Standing.ABSENT and (self._is_archived() or self._is_taken_at_once()):
            self._sent()
        elif standing is Standing.ABSENT:
            self._leave_unknown(self._say_absent())
        else:
            self._leave_unknown("a file of its name is on the server, which does not let us see whether it is whole")

    def _is_ours_by_name(self, standing: Standing) -> bool:
        """What the server lets nobody read has our name and size; or the name, which a rename alone gives to what is whole."""
        return standing is Standing.ALIKE or (standing is Standing.UNPROVEN and self.partner.upload.mode == "rename")

    def _is_taken_at_once(self) -> bool:
        """A renamed file is gone, and so is the temporary one, at a partner that takes what it sees at once.

        Only where the renaming was asked for: what went away before that was taken by somebody else, a cleaner or a scanner.
        """
        upload = self.partner.upload
        is_sure = self.partner.quirks.taken_at_once and upload.mode == "rename" and upload.confirm != "none"
        return is_sure and self._said_at is not None

    def _say_absent(self) -> str:
        beside = "neither the file nor its part is on the server" if self.partner.upload.mode == "rename" else "it is not there"
        folders = self.partner.upload.archive_folders
        looked = f", nor is it in {', '.join(folders)}" if folders else ""
        return f"{beside}{looked}: it may have been taken in already"

    def _is_archived(self) -> bool:
        """Whether our bytes lie where the partner keeps what it has taken in, under whatever name."""
        return any(self._is_kept_in(folder) for folder in self.partner.upload.archive_folders)

    def _is_kept_in(self, folder: str) -> bool:
        try:
            listed = list(self.wire.list(folder))
        except PermanentError:
            return False  # a folder we may not see proves nothing
        alike = [file for file in listed if file.readable and file.size_bytes in (None, len(self.content))]
        alike.sort(key=lambda file: (file.name != self.name, self.name not in file.name, -(file.modified_at or 0)))
        return any(self._is_ours(folder, file) for file in alike[:COMPARED_MAX])

    def _is_ours(self, folder: str, file: RemoteFile) -> bool:
        """By its bytes; where the profile says that the server shows none, by name and size."""
        if self.partner.upload.confirm != "content":
            return self.name in file.name and file.size_bytes == len(self.content)
        digest = hashlib.sha256()
        try:
            for chunk in self.wire.fetch(folder, file.name):
                digest.update(chunk)
        except PermanentError:
            return False
        return digest.digest() == hashlib.sha256(self.content).digest()

    def _sent(self) -> None:
        now = self.context.clock.now()
        with writing(self.context.engine) as connection:
            note_sent(connection, self.context, self.first, occurred_at=now)
        crashpoint("delivery.result_committed")

    def _leave_unknown(self, why: str, *, look_again_in: timedelta | None = _LOOK_AGAIN) -> None:
        """To be looked for again after a while; None: as soon as there is a connection."""
        now = self.context.clock.now()
        with writing(self.context.engine) as connection:
            again = now + look_again_in if look_again_in else None
            if batch_rows.move_file(
                connection, self.file_id, from_states=_BEGUN, to=BatchState.UNKNOWN, next_try_at=again, error=why
            ):
                raise_items(connection, [unknown_delivery(each, why) for each in self.batches], now)

    def _fail(self, why: str) -> None:
        now = self.context.clock.now()
        with writing(self.context.engine) as connection:
            if batch_rows.move_file(connection, self.file_id, from_states=_BEGUN, to=BatchState.FAILED, error=why):
                raise_items(connection, [refused_batch(each, why) for each in self.batches], now)
                self._settle(connection)

    def postpone(self, error: TransientError | PermanentError) -> None:
        """The partner refused this file, the connection is whole: again later, and later each time.

        A person is told once patience is out, or at once where waiting will not help.
        """
        now = self.context.clock.now()
        tries = self.first["tries"] + 1
        lasting = isinstance(error, PermanentError)
        next_try_at = now + find_pause(error, tries)
        with writing(self.context.engine) as connection:
            batch_rows.move_file(connection, self.file_id, from_states=(BatchState.SENDING,), to=BatchState.QUEUED)
            postponed = batch_rows.postpone(
                connection, self.file_id, from_states=UNDELIVERED, tries=tries, next_try_at=next_try_at, error=str(error)
            )
            if postponed and (lasting or tries >= self.partner.patience_tries):
                raise_items(connection, [failing_transfer(self.first, tries, error)], now)

    def _take_back(self) -> None:
        """The partner has no whole file by us and cannot come to have one: it may be sent from the start."""
        with writing(self.context.engine) as connection:
            if batch_rows.move_file(
                connection, self.file_id, from_states=_BEGUN, to=BatchState.QUEUED, publishing_at=self._said_at
            ):
                self._settle(connection)

    def _forget_last_word(self) -> None:
        """A person has it sent once more, and nothing of the first time is there: what was said then says nothing of this one."""
        if self._said_at:
            self._said_at = None
            with writing(self.context.engine) as connection:
                batch_rows.move_file(
                    connection, self.file_id, from_states=(BatchState.SENDING,), to=BatchState.SENDING, publishing_at=None
                )

    def _begin(self, from_states: Sequence[str], to: str, **columns: Any) -> bool:
        """Commit to a step, unless somebody else settled the file, or what was said of a claim in it speaks against sending it.

        That of an earlier attempt, say, proof came only now: then the file is stopped, and a person hears of it.
        """
        with writing(self.context.engine) as connection:
            if not batch_rows.move_file(connection, self.file_id, from_states=from_states, to=to, **columns):
                return False
            stopped = list_stopped(connection, [each["id"] for each in self.batches])
            if stopped:
                self._stop(connection, stopped)
            return not stopped

    def _stop(self, connection: Connection, pcns: Sequence[str]) -> None:
        error = f"stopped: {len(pcns)} of the claims in its file may not leave as they lie there"
        may_have_left = {"sending_at": self.first["sending_at"] if self._said_at else None, "publishing_at": self._said_at}
        batch_rows.move_file(
            connection, self.file_id, from_states=_BEGUN, to=BatchState.FAILED, next_try_at=None, error=error, **may_have_left
        )
        raise_items(connection, [stopped_batch(each, pcns) for each in self.batches], self.context.clock.now())
        self._settle(connection)

    def _settle(self, connection: Connection) -> None:
        now = self.context.clock.now()
        for each in self.batches:
            settle_batch(connection, each["id"], now)
