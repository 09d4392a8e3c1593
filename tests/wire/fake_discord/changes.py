"""How a test waits for the fake: everything that happens is announced here, and a wait looks again after each.

Knows nothing of what changed. No polling, so waits end the moment the awaited thing is true.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Announces that something happened, and lets tests wait until a condition holds."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def announce(self) -> None:
        """Let everyone who waits look again."""
        for event in self._waiting:
            event.set()

    async def until(self, look: Callable[[], T], *, within: float = 10.0, what: str = "the expected change") -> T:
        """Wait until ``look`` returns something true, and return that.

        Args:
            look: A cheap question about the fake's state.
            within: Seconds to wait.
            what: What is awaited, for the failure's text.

        Raises:
            AssertionError: It did not come true in time.
        """
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(within):
                while not (found := look()):
                    await event.wait()
                    event.clear()
        except TimeoutError:
            raise AssertionError(f"{what} did not happen within {within:g} s") from None
        finally:
            self._waiting.discard(event)
        return found
