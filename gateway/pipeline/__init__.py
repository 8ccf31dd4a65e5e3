"""The way a claim goes by itself: intake, scrub, batching, delivery, pickup, ingest, posting, followup."""
