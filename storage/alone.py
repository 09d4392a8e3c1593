"""One worker to a SQLite database: a lock that goes with its process, however that ends.

Two workers would not pay twice (claims and fences see to that), but each would take the other for dead after a crash.
The lock is SQLite's own, on an empty file beside the database, so it works wherever the database itself does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from .database import parse_url
from .errors import UnusableDatabase


class AlreadyRunning(Exception):
    """Another worker has this database; the message is one sentence for the operator."""


@contextmanager
def claim_database(url: str) -> Generator[bool]:
    """Holds the database for this process as long as the block runs.

    Args:
        url: The database's URL. Several workers may share a PostgreSQL database.

    Yields:
        Whether no other worker can be at work on it.

    Raises:
        AlreadyRunning: Another process holds it.
        UnusableDatabase: The URL is of no use, or nothing can be written beside the database.
    """
    location = parse_url(url)
    if location.get_backend_name() != "sqlite":
        yield False
        return
    path = Path(location.database or "")
    with closing(_lock_beside(path)):
        yield True


def _lock_beside(path: Path) -> sqlite3.Connection:
    """The connection that holds the lock until it is closed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None)
    except (OSError, sqlite3.OperationalError) as error:
        raise _unusable(path, error) from error
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise _unusable(path, error) from error
        raise AlreadyRunning(
            f"Another bot process is already at work on {path}: stop it first, or give this one another DATA_DIR."
        ) from error
    return lock


def _unusable(path: Path, error: Exception) -> UnusableDatabase:
    return UnusableDatabase(
        f"Nothing can be written beside the database {path} ({error}): mend DATABASE_URL or DATA_DIR."
    )
