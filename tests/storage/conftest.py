from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.store import SqlJobStore, open_store

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
NEEDS_POSTGRES = (
    []
    if POSTGRES_URL
    else [pytest.mark.skip(reason="TEST_POSTGRES_URL is not set: run under scripts/with_postgres.sh")]
)


async def _empty_postgres(worker_id: str) -> str:
    """An empty database; tests that run side by side have one for each worker."""
    name = f"tests_{worker_id}"
    server = create_async_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        if not await connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": name}):
            await connection.execute(text(f"CREATE DATABASE {name}"))
    await server.dispose()
    url = make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=NEEDS_POSTGRES)])
async def url(request: pytest.FixtureRequest, sqlite_url: str, worker_id: str) -> str:
    """An empty database of either kind."""
    return sqlite_url if request.param == "sqlite" else await _empty_postgres(worker_id)


@pytest.fixture
def sqlite_url(quick_path: Path) -> str:
    """A database file that does not exist yet."""
    return f"sqlite+aiosqlite:///{quick_path}/bot.db"


@pytest.fixture(params=[pytest.param("postgresql", marks=NEEDS_POSTGRES)])
async def postgres_url(worker_id: str) -> str:
    """An empty PostgreSQL database."""
    return await _empty_postgres(worker_id)


@pytest.fixture
async def store(url: str) -> AsyncGenerator[SqlJobStore]:
    async with open_store(url) as opened:
        yield opened


@pytest.fixture
async def other_store(url: str, store: SqlJobStore) -> AsyncGenerator[SqlJobStore]:
    """The same database as another process has it: with connections of its own."""
    del store
    async with open_store(url) as opened:
        yield opened
