"""The language X12: bytes into documents and findings, and back. Pure: standard library and msgspec only."""
