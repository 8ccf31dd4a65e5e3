"""The tables, by family."""

from gateway.db.tables.acknowledgments import acknowledgment
from gateway.db.tables.batches import batch, batch_set, control_number, due_run, partner_link
from gateway.db.tables.claims import claim, claim_version, event, submission
from gateway.db.tables.codes import code_list, listed_code
from gateway.db.tables.files import file, inbound_interchange, inbound_set, remote_copy, remote_step, sighting
from gateway.db.tables.metadata import metadata
from gateway.db.tables.money import entry, journal
from gateway.db.tables.remittances import claim_payment, provider_adjustment, remittance
from gateway.db.tables.work import work_item

__all__ = [
    "acknowledgment",
    "batch",
    "batch_set",
    "claim",
    "claim_payment",
    "claim_version",
    "code_list",
    "control_number",
    "due_run",
    "entry",
    "event",
    "file",
    "inbound_interchange",
    "inbound_set",
    "journal",
    "listed_code",
    "metadata",
    "partner_link",
    "provider_adjustment",
    "remittance",
    "remote_copy",
    "remote_step",
    "sighting",
    "submission",
    "work_item",
]
