"""The only SQLAlchemy: engine, tables, the ledger of facts, named queries, migrations."""
