"""Jobs and cards in SQLite or PostgreSQL: the adapter behind `jobs.ports.JobStore`.

Knows SQLAlchemy and `jobs`; nothing else of ours. Start with `storage.store.open_store`.
"""
