from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from storage.store import SqlJobStore, open_store

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
NEEDS_POSTGRES = (
    []
    if POSTGRES_URL
    else [pytest.mark.skip(reason="TEST_POSTGRES_URL is not set: run under scripts/with_postgres.sh")]
)


async def _emptied(url: str) -> str:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=NEEDS_POSTGRES)])
async def url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """An empty database of either kind."""
    return sqlite_url if request.param == "sqlite" else await _emptied(POSTGRES_URL)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path}/bot.db"


@pytest.fixture(params=[pytest.param("postgresql", marks=NEEDS_POSTGRES)])
async def postgres_url() -> str:
    """An empty PostgreSQL database."""
    return await _emptied(POSTGRES_URL)


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
