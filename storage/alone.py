"""One worker to a SQLite database: a lock that goes with its process, however that ends.

Two workers would not pay twice (claims and fences see to that), but each would take the other for dead after a crash.
Knows only the standard library: the lock is SQLite's own, on an empty file beside the database, so it works wherever
the database itself does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url


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
    """
    location = make_url(url)
    if location.get_backend_name() != "sqlite":
        yield False
        return
    if not location.database or location.database == ":memory:":
        yield True
        return
    path = Path(location.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise AlreadyRunning(
                f"Another bot process is already at work on {path}: stop it first, or give this one another DATA_DIR."
            ) from error
        yield True
