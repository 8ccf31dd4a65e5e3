"""One batch as a person looks at it: its envelope, its sets, what became of its claims, and what was said about it."""

from datetime import datetime

import msgspec

from gateway.db import acknowledgments as ack_rows
from gateway.db import batches as batch_rows
from gateway.db import files as file_rows
from gateway.db import listings
from gateway.db.engine import reading
from gateway.errors import Refused
from gateway.pipeline.context import Context


class BatchSet(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction set: ST02, BHT03, and how much is in it."""

    st_control_number: str
    reference: str
    segment_count: int
    claim_count: int
    charge_cents: int


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an acknowledgment says of the batch or one of its sets; `position` counts segments from ST = 1."""

    kind: str
    verdict: str
    codes: str
    reference: str
    file_id: int
    position: int


class BatchView(msgspec.Struct, frozen=True, kw_only=True):
    """One batch. sender and receiver are ISA05:06 and ISA07:08; `claim_states` counts its claims by their state now."""

    id: int
    partner: str
    state: str
    sender: str
    receiver: str
    usage: str
    isa_control_number: int
    gs_control_number: int
    remote_name: str
    claim_count: int
    charge_cents: int
    created_at: datetime
    cutoff_at: datetime | None
    sending_at: datetime | None
    sent_at: datetime | None
    next_try_at: datetime | None
    tries: int
    error: str
    file_id: int
    sha256: str
    size_bytes: int
    sets: tuple[BatchSet, ...]
    claim_states: dict[str, int]
    acknowledgments: tuple[Said, ...]
    same_file: tuple[int, ...]
    """The other batches that lie in its file and move with it."""


_OF_ROW = tuple(
    name
    for name in BatchView.__struct_fields__
    if name not in {"claim_count", "sha256", "size_bytes", "sets", "claim_states", "acknowledgments", "same_file"}
)


def view_batch(context: Context, batch_id: int) -> BatchView:
    """The batch with this id. Raises Refused where there is none."""
    with reading(context.engine) as connection:
        row = batch_rows.get_batch(connection, batch_id)
        if row is None:
            raise Refused(f"there is no batch {batch_id}; `batches list` shows them")
        file = file_rows.get_file(connection, row["file_id"])
        assert file is not None, "a batch has its file"
        sets = batch_rows.sets_of(connection, batch_id)
        said = ack_rows.list_of_batch(connection, batch_id)
        together = batch_rows.list_of_file(connection, row["file_id"])
        return BatchView(
            **{name: row[name] for name in _OF_ROW},
            claim_count=sum(one["claim_count"] for one in sets),
            sha256=file["sha256"],
            size_bytes=file["size_bytes"],
            sets=tuple(BatchSet(**{name: one[name] for name in BatchSet.__struct_fields__}) for one in sets),
            same_file=tuple(each["id"] for each in together if each["id"] != batch_id),
            claim_states=listings.batch_claim_states(connection, batch_id),
            acknowledgments=tuple(Said(**{name: one[name] for name in Said.__struct_fields__}) for one in said),
        )
