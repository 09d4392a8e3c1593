"""Who uses the one writing connection next: whoever has a person waiting, then whoever came first.

Knows asyncio only.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Precedence:
    """Lets one in at a time.

    Under a burst of commands the engine has more to write than the disk takes at once: without this each answer would
    wait for all of it, and the work on a video can wait a moment better than a person can.
    """

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self, *, urgent: bool, within: float) -> AsyncGenerator[None]:
        """Waits for one's turn, and holds it.

        Args:
            urgent: Whether a person waits for what is done in it.
            within: Seconds to wait.

        Raises:
            TimeoutError: It did not come.
        """
        async with asyncio.timeout(within):
            await self._wait(self._urgent if urgent else self._others)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, line: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        called = asyncio.get_running_loop().create_future()
        line.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.cancelled():
                line.remove(called)
            else:
                self._pass_on()  # called in the very moment of being cancelled
            raise

    def _pass_on(self) -> None:
        for line in (self._urgent, self._others):
            while line:
                called = line.popleft()
                if not called.done():
                    called.set_result(None)
                    return
        self._taken = False
