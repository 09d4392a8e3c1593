"""The small values everything here is made of: JSON objects, snowflake ids, timestamps.

Knows nothing of the rest of the fake.
"""

import time
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
JsonBody = Json | list[Json] | None  # what a request may carry; None for nothing

DISCORD_EPOCH_MS = 1_420_070_400_000  # Discord docs, Reference, Snowflakes


def listed(holder: Json, key: str) -> list[Json]:
    """Return the list of objects under a key; empty where it is absent or null."""
    found: list[Json] | None = holder.get(key)
    return found or []


class Snowflakes:
    """Hands out ids as Discord does: creation time in the upper bits, never twice, always rising."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, *, new_millisecond: bool = False) -> int:
        """Return the next id.

        Args:
            new_millisecond: Give it a time no earlier id has; guilds made at once would else share a shard.
        """
        stamp = (int(time.time() * 1000) - DISCORD_EPOCH_MS) << 22
        self._last = max(stamp, self._last + (1 << 22 if new_millisecond else 1))
        return self._last


def timestamp(snowflake: int) -> str:
    """Return the creation time held in an id, as Discord writes times."""
    moment = datetime.fromtimestamp(((snowflake >> 22) + DISCORD_EPOCH_MS) / 1000, UTC)
    return moment.isoformat(timespec="microseconds")


def now() -> str:
    """Return the present as Discord writes times."""
    return datetime.now(UTC).isoformat(timespec="microseconds")
