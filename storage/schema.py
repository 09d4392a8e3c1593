"""Whether the tables are the ones this version works with, and making them so.

Knows the revisions by name; Alembic itself is imported only when a migration is due, because starting must be quick.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import BUSY_TIMEOUT, Database, Lock, parse_url
from .errors import UnusableDatabase

REVISIONS: Final = ("0001", "0002")
"""Every revision under `migrations/versions/`, oldest first."""

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


async def due_migrations(url: str) -> tuple[str, ...]:
    """The revisions a database still lacks; empty when its schema is current. Writes nothing.

    Args:
        url: The database; an SQLite file that does not exist lacks all of them, and is not made.

    Raises:
        UnusableDatabase: The URL is of no use, or a newer version of this program has migrated the database.
        StoreUnavailable: The database cannot be used now.
    """
    parsed = parse_url(url)
    if _is_new_file(parsed):
        return REVISIONS
    database = Database(parsed)
    try:
        async with database.read() as connection:
            return await _missing(connection)
    finally:
        await database.close()


async def migrate(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> tuple[str, ...]:
    """Brings the schema up to date, all or nothing; of several processes that start at once, one does it.

    Args:
        url: The database; an SQLite file and its folder are made where they do not exist.
        busy_timeout: Seconds to wait for SQLite's write lock while another process has it.

    Returns:
        The revisions that were applied; empty when nothing was due.

    Raises:
        UnusableDatabase: The URL is of no use, or a newer version of this program has migrated the database.
        StoreUnavailable: The database cannot be used now.
    """
    database = Database(parse_url(url), busy_timeout=busy_timeout, migrating=True)
    try:
        async with database.read() as connection:
            if not await _missing(connection):
                return ()
        async with database.write(Lock.MIGRATE) as connection:
            # Read again under the lock: another process may have been first.
            missing = await _missing(connection)
            if missing:
                await connection.run_sync(_upgrade)
            if missing and database.is_sqlite:
                await _check_foreign_keys(connection)
            return missing
    finally:
        await database.close()


def _is_new_file(url: URL) -> bool:
    if url.get_backend_name() != "sqlite":
        return False
    path = Path(url.database or "")
    try:
        return not path.exists()
    except OSError as error:  # a folder on the way may not be looked into
        raise UnusableDatabase(
            f"The database {path} cannot be opened ({error.strerror}): mend DATABASE_URL or DATA_DIR."
        ) from error


async def _missing(connection: AsyncConnection) -> tuple[str, ...]:
    # Asked for first: on PostgreSQL a failing SELECT would end the transaction.
    known = await connection.run_sync(lambda sync: inspect(sync).has_table("alembic_version"))
    current = await connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    if current is None:
        return REVISIONS
    if current not in REVISIONS:
        raise UnusableDatabase(
            f"The database is at revision {current}, which this version does not know: use the newer version again."
        )
    return REVISIONS[REVISIONS.index(current) + 1 :]


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - only when a migration is due
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    command.upgrade(config, REVISIONS[-1])


async def _check_foreign_keys(connection: AsyncConnection) -> None:
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise UnusableDatabase(f"The migration was undone: table {broken[0]} refers to rows that do not exist.")
