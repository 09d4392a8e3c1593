"""Whether the bot is well: its loop goes round, its database answers, Discord is there. Asks, and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jobs.engine import Engine
from jobs.errors import StoreUnavailable
from jobs.ports import JobStore

PATIENCE: Final = 2.0
"""Seconds the database may take to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What was found.

    Args:
        engine: Whether the loop looks for due jobs.
        database: Whether the database answers.
        gateway: Whether Discord is connected.
    """

    engine: bool
    database: bool
    gateway: bool

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return self.engine and self.database and self.gateway


async def examine(engine: Engine, store: JobStore, connected: Callable[[], bool]) -> Health:
    """Looks at everything once.

    Args:
        engine: The loop.
        store: The database.
        connected: Tells whether Discord's gateway is open.
    """
    return Health(engine=engine.alive, database=await _answers(store), gateway=connected())


async def _answers(store: JobStore) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await store.next_due()
    except (StoreUnavailable, TimeoutError):
        return False
    return True
