"""Takes in what came: one transaction set, one database transaction; a broken set is set aside, its neighbours go on."""

from gateway.pipeline.ingest.files import run

__all__ = ["run"]
