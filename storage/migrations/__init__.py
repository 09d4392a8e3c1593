"""Alembic's folder; `storage.schema` runs it."""
