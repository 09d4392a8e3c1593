"""Who writes next: people first, then whoever came first; and nobody is forgotten, however waiting ends."""

from __future__ import annotations

import asyncio

import pytest

from storage.precedence import Precedence

NEVER = 60.0


class Line:
    """People and workers at the door, and the order in which they came in."""

    def __init__(self) -> None:
        self.door = Precedence()
        self.came_in: list[str] = []
        self.leave = asyncio.Event()

    def send(self, name: str, *, urgent: bool = False, within: float = NEVER) -> asyncio.Task[None]:
        async def visit() -> None:
            async with self.door.turn(urgent=urgent, within=within):
                self.came_in.append(name)
                await self.leave.wait()

        return asyncio.create_task(visit())


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_whoever_has_a_person_waiting_goes_first_and_else_whoever_came_first() -> None:
    line = Line()
    tasks = [line.send("first"), line.send("work"), line.send("more work")]
    tasks += [line.send("ada", urgent=True), line.send("bob", urgent=True)]
    await settle()
    assert line.came_in == ["first"]

    line.leave.set()
    await asyncio.gather(*tasks)
    assert line.came_in == ["first", "ada", "bob", "work", "more work"]


async def test_a_failure_inside_lets_the_next_one_in() -> None:
    door = Precedence()
    with pytest.raises(ValueError, match="inside"):
        async with door.turn(urgent=False, within=NEVER):
            raise ValueError("inside")

    async with asyncio.timeout(1), door.turn(urgent=False, within=NEVER):
        pass


async def test_whoever_stops_waiting_is_passed_over() -> None:
    line = Line()
    first, gone, last = (line.send(name) for name in ("first", "gone", "last"))
    await settle()
    gone.cancel()
    await settle()
    line.leave.set()
    await asyncio.gather(first, last)

    assert gone.cancelled()
    assert line.came_in == ["first", "last"]


async def test_whoever_is_cancelled_in_the_moment_of_being_called_calls_the_next() -> None:
    line = Line()
    first, gone, last = (line.send(name) for name in ("first", "gone", "last"))
    await settle()
    line.leave.set()
    await asyncio.sleep(0)  # The first one has left and called, and nobody has moved yet.
    gone.cancel()
    async with asyncio.timeout(1):
        await asyncio.gather(first, last)

    assert gone.cancelled()
    assert line.came_in == ["first", "last"]


async def test_waiting_ends_when_the_turn_does_not_come() -> None:
    line = Line()
    first = line.send("first")
    await settle()
    with pytest.raises(TimeoutError):
        await line.send("late", within=0)

    line.leave.set()
    await first
    await line.send("next")
    assert line.came_in == ["first", "next"]
