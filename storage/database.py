"""One database, by its URL: how it is opened, how a transaction begins, and which faults pass by themselves.

Knows SQLAlchemy, SQLite and PostgreSQL; not what is kept there.
"""

from __future__ import annotations

import asyncio
import math
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from jobs.errors import StoreUnavailable

from .errors import UnusableDatabase
from .precedence import Precedence

BUSY_TIMEOUT: Final = 5.0
"""Seconds a transaction waits for a lock that another process has."""

OLDEST_SQLITE: Final = (3, 35, 0)
"""The first with RETURNING (SQLite release log, 3.35.0)."""

_SLICE: Final = 0.25
"""Seconds that SQLite itself waits for its lock at a time: nothing can end that wait, and a stop must not take long."""

_READERS: Final = 4
_POSTGRES_CONNECTIONS: Final = 10
_QUEUE_TIMEOUT: Final = 30.0
_TOO_SLOW: Final = "the database is too slow: every connection was in use for too long"
_FROZEN_AFTER: Final = 60.0
"""Seconds after which PostgreSQL ends the transaction of a process that holds locks and does nothing."""

_PASSING_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_DAMAGED_SQLITE: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PASSING_POSTGRES: Final = frozenset({"08", "28", "3D", "40", "53", "55", "57", "58"})
"""Classes of SQLSTATE (PostgreSQL manual, appendix A): connection, log-in, no such database, rolled back for another's
sake, out of resources, locked, stopped by an operator, system error. Any other is a bug of ours."""


class Lock(IntEnum):
    """What only one transaction at a time may do on PostgreSQL; on SQLite every write transaction is alone anyway."""

    MIGRATE = 4_801_001
    CREATE = 4_801_002
    COUNT_CALLS = 4_801_003
    REMEMBER = 4_801_004


def parse_url(text: str) -> URL:
    """The URL of a database this bot can use.

    Raises:
        UnusableDatabase: It is none, or of another kind.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    except ValueError:  # it may quote what stands where the port should be: half a password
        raise UnusableDatabase("The port in DATABASE_URL must be a number.") from None
    if url is None or url.drivername not in {"sqlite+aiosqlite", "postgresql+asyncpg"}:
        raise UnusableDatabase("DATABASE_URL must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://.")
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise UnusableDatabase("DATABASE_URL names no file: jobs in memory would be lost with the process.")
    return url


def check_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Holds the SQLite that Python was built with against what we need.

    Raises:
        UnusableDatabase: It is too old.
    """
    if version < OLDEST_SQLITE:
        found, needed = (".".join(map(str, v)) for v in (version, OLDEST_SQLITE))
        raise UnusableDatabase(f"This Python has SQLite {found}, and {needed} or newer is needed: use a newer Python.")


class Database:
    """The connections: on SQLite one that writes and a few that read, on PostgreSQL one pool.

    All writes of this process queue for the one writing connection, those that a person waits for first, instead of polling
    for SQLite's lock.

    Args:
        url: From `parse_url`.
        busy_timeout: Seconds to wait for a lock that another process has.
        migrating: Whether the schema is to be changed: SQLite then checks foreign keys at the end only, because a
            table is rebuilt by dropping the old one; PostgreSQL waits for another's migration however long it takes.

    Raises:
        UnusableDatabase: SQLite is too old, its file cannot be opened, the driver is not installed, or it does not take
            an option in the URL.
    """

    def __init__(self, url: URL, *, busy_timeout: float = BUSY_TIMEOUT, migrating: bool = False) -> None:
        self.is_sqlite = url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            check_sqlite()
            self._writer = _sqlite(url, "BEGIN IMMEDIATE", 1, busy_timeout=busy_timeout, foreign_keys=not migrating)
            self._reader = _sqlite(url, "BEGIN", _READERS, busy_timeout=busy_timeout, foreign_keys=True)
            self._precedence = Precedence()
        else:
            self._writer = self._reader = _postgres(url, lock_timeout=0.0 if migrating else busy_timeout)
            self._precedence = None

    async def close(self) -> None:
        """Closes every connection."""
        await self._writer.dispose()
        await self._reader.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[AsyncConnection]:
        """One consistent look; takes no lock.

        Raises:
            StoreUnavailable: The database cannot be used now.
        """
        async with _transaction(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def write(self, lock: Lock | None = None, *, urgent: bool = False) -> AsyncGenerator[AsyncConnection]:
        """One write transaction: committed on a normal exit, rolled back on an exception.

        Args:
            lock: What to do alone on PostgreSQL; None where the rows' own locks are enough.
            urgent: Whether a person waits for it: on SQLite it then goes before what nobody waits for.

        Raises:
            StoreUnavailable: The database cannot be used now.
        """
        async with AsyncExitStack() as stack:
            if self._precedence is not None:
                try:
                    await stack.enter_async_context(self._precedence.turn(urgent=urgent, within=_QUEUE_TIMEOUT))
                except TimeoutError as error:
                    raise StoreUnavailable(_TOO_SLOW) from error
            connection = await stack.enter_async_context(_transaction(self._writer))
            if lock is not None and not self.is_sqlite:
                await connection.execute(select(func.pg_advisory_xact_lock(int(lock))))
            yield connection


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    with _classified():
        async with AsyncExitStack() as stack:
            try:
                with _options_taken():
                    connection = await stack.enter_async_context(engine.begin())
            except OSError as error:  # asyncpg's own, before there is a connection
                raise StoreUnavailable(f"the database cannot be reached: {error}") from error
            yield connection


@contextmanager
def _options_taken() -> Generator[None]:
    """Around whatever reads the options in a URL, which PostgreSQL's driver refuses by Python's plainest errors."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise _wrong_option(error) from error
    except InterfaceError as error:
        if isinstance(error.orig and error.orig.__cause__, ValueError):
            raise _wrong_option(error.orig) from error
        raise


def _wrong_option(why: object) -> UnusableDatabase:
    return UnusableDatabase(
        f"The database's driver does not take what stands behind the question mark in DATABASE_URL ({why}): leave it out, "
        "or look it up in asyncpg's manual (TLS is ssl=require there)."
    )


@contextmanager
def _classified() -> Generator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(_TOO_SLOW) from error
    except DBAPIError as error:
        if _is_passing(error):
            raise StoreUnavailable(f"the database cannot be used now: {error.orig}") from error
        if _sqlite_code(error) in _DAMAGED_SQLITE:
            raise UnusableDatabase(
                f"The database cannot be read ({error.orig}): go back to a copy, or name another in DATABASE_URL."
            ) from error
        raise


def _is_passing(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    if (sqlite_code := _sqlite_code(error)) is not None:
        return sqlite_code in _PASSING_SQLITE
    sqlstate: str | None = getattr(error.orig, "sqlstate", None)
    return sqlstate is not None and sqlstate[:2] in _PASSING_POSTGRES


def _sqlite_code(error: DBAPIError) -> int | None:
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the low byte is the primary code


def _sqlite(url: URL, begin: str, connections: int, *, busy_timeout: float, foreign_keys: bool) -> AsyncEngine:
    _make_file(Path(url.database or ""))
    engine = create_async_engine(
        url,
        # The driver would begin late and commit on its own around DDL: we say BEGIN ourselves.
        connect_args={"isolation_level": None, "timeout": busy_timeout},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_QUEUE_TIMEOUT,
    )

    def configure(connection: Any, record: ConnectionPoolEntry) -> None:
        del record
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
            cursor.execute("PRAGMA synchronous = FULL")
            _switch_to_wal(cursor)
            cursor.execute(f"PRAGMA busy_timeout = {min(_SLICE, busy_timeout) * 1000:.0f}")
            cursor.close()
            # SQLite's own knows ASCII only; people search in every language.
            connection.create_function("lower", 1, _lower, deterministic=True)
        except BaseException:
            connection.close()  # the pool does not know it yet, and its thread would stay
            raise

    def begin_transaction(connection: Connection) -> None:
        for left in reversed(range(max(1, math.ceil(busy_timeout / _SLICE)))):
            try:
                connection.exec_driver_sql(begin)
            except OperationalError as error:
                if not left or _sqlite_code(error) != sqlite3.SQLITE_BUSY:
                    raise
            else:
                return

    def roll_back(connection: Any, record: ConnectionPoolEntry, exception: BaseException | None) -> None:
        # A transaction that was cancelled in the middle: closing the connection does not end it as long as anything
        # still holds one of its cursors (SQLite docs, sqlite3_close_v2), and nobody else could write until then.
        del record, exception
        with suppress(sqlite3.Error, asyncio.CancelledError):  # cancelled again: the first one is on its way up
            connection.rollback()

    event.listen(engine.sync_engine, "connect", configure)
    event.listen(engine.sync_engine, "invalidate", roll_back)
    event.listen(engine.sync_engine, "begin", begin_transaction)
    return engine


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _make_file(path: Path) -> None:
    # Tried here first: the driver's thread would end noisily if the program gave up at once.
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sqlite3.connect(path).close()
    except (OSError, sqlite3.OperationalError) as error:
        raise UnusableDatabase(
            f"The database {path} cannot be opened ({error}): mend DATABASE_URL or DATA_DIR."
        ) from error


def _switch_to_wal(cursor: Any) -> None:
    cursor.execute("PRAGMA journal_mode = WAL")
    (mode,) = cursor.fetchone()
    if mode != "wal":
        raise UnusableDatabase("SQLite cannot use a write-ahead log there: put the database on a local disk.")


def _postgres(url: URL, *, lock_timeout: float) -> AsyncEngine:
    settings = {  # milliseconds; PostgreSQL manual, Client Connection Defaults
        "lock_timeout": f"{lock_timeout * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{_FROZEN_AFTER * 1000:.0f}",
    }
    try:
        with _options_taken():
            return create_async_engine(
                url,
                connect_args={"server_settings": settings},
                pool_size=_POSTGRES_CONNECTIONS,
                max_overflow=0,
                pool_timeout=_QUEUE_TIMEOUT,
                pool_pre_ping=True,
            )
    except ModuleNotFoundError as error:
        raise UnusableDatabase("PostgreSQL needs one more package: pip install asyncpg.") from error
