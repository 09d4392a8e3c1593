"""Points at which a test stops a request, knows that it is there, does its worst, and lets it go on.

Meant for crash tests: hold the request, kill the bot, release, look at the ledger.
"""

import asyncio
from dataclasses import dataclass, field

from demo.simulator.faults import POINTS, TASK


@dataclass(eq=False)
class Hold:
    """One request that is stopped when it comes.

    Attributes:
        point: The call, one of `faults.POINTS` except `task`. `create` stops before the task is taken, `accepted` after.
        nth: Which of the fitting requests, counted from 1 since the hold was placed.
        prompt: Only requests about a task whose prompt holds this text count.
        byte: Only for `download`: stop after so many bytes of the body were sent; None stops before the first.
    """

    point: str
    nth: int = 1
    prompt: str = ""
    byte: int | None = None
    _seen: int = field(default=0, init=False)
    _reached: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _released: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def reached(self) -> None:
        """Wait until the request stands here."""
        await self._reached.wait()

    def release(self) -> None:
        """Let the request go on, now or when it comes."""
        self._released.set()

    async def stop(self) -> None:
        """Stand here until released (called by the request)."""
        self._reached.set()
        await self._released.wait()

    def counts(self, point: str, prompt: str) -> bool:
        """Count a request; True if it is the one to stop."""
        if self.point != point or self.prompt not in prompt:
            return False
        self._seen += 1
        return self._seen == self.nth


@dataclass
class Holds:
    """All holds of one simulator, by number."""

    _placed: dict[int, Hold] = field(default_factory=dict[int, Hold])

    def place(self, point: str, *, nth: int = 1, prompt: str = "", byte: int | None = None) -> Hold:
        """Stop a coming request.

        Args:
            point: See `Hold`.
            nth: See `Hold`.
            prompt: See `Hold`.
            byte: See `Hold`.

        Raises:
            ValueError: There is no such point.
        """
        if point not in POINTS or point == TASK or nth < 1 or (byte is not None and (byte < 0 or point != "download")):
            raise ValueError(f"cannot hold {point} number {nth} at byte {byte}")
        hold = Hold(point, nth, prompt, byte)
        self._placed[len(self._placed) + 1] = hold
        return hold

    def number(self, hold: Hold) -> int:
        """The number under which the control path knows a hold."""
        return next(number for number, placed in self._placed.items() if placed is hold)

    def get(self, number: int) -> Hold | None:
        """The hold of that number, if there is one."""
        return self._placed.get(number)

    def due(self, point: str, prompt: str) -> list[Hold]:
        """The holds that this request must stop at, the earliest byte first; counts the request."""
        counted = [hold for hold in self._placed.values() if hold.counts(point, prompt)]
        return sorted(counted, key=lambda hold: hold.byte or 0)

    async def pass_by(self, point: str, prompt: str) -> None:
        """Go on at once, or when released if the request is one to stop."""
        for hold in self.due(point, prompt):
            await hold.stop()

    def release_all(self) -> None:
        """Let everything go on, so that a server can end."""
        for hold in self._placed.values():
            hold.release()
