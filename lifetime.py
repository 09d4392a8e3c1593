"""One run of the bot from logging in to stopping in time, with engine and gateway side by side.

Part of the command line, beside `bot.py`: knows the bot and the engine; of the parts, only the demo may import it.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine, Generator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import discord
import structlog

from cogs.bot import VideoBot
from cogs.faults import WIRE_FAULTS
from jobs.engine import Engine
from jobs.errors import told

STEP_GRACE: Final = 7.0
"""Seconds that steps may take to finish after SIGTERM; with what follows, the process ends within 10."""

LAST_WRITES: Final = 0.5
"""Seconds more in which steps that were broken off may write down what has happened, should the database be locked."""

BROKEN_OFF: Final = 0.5
"""Seconds until whoever was broken off and still holds on is broken off again: each may try once more to write."""

CLOSE_GRACE: Final = 2.0
_TOKEN_REFUSED: Final = 4004
"""Discord docs, Gateway Close Event Codes."""

LOGIN_PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between tries to reach Discord at start; the last one repeats."""

log = structlog.get_logger("bot")

_Result = TypeVar("_Result")


@contextmanager
def told_to_stop() -> Generator[asyncio.Event]:
    """An event that SIGTERM and Ctrl-C set; for the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    caught: list[signal.Signals] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no such handlers: there Ctrl-C cancels the whole, and the next start carries on all the same.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
            caught.append(number)
    try:
        yield stop
    finally:
        for number in caught:
            loop.remove_signal_handler(number)


async def unless_stopped(work: Coroutine[Any, Any, _Result], stop: asyncio.Event) -> _Result | None:
    """Does something that may hang on others for minutes, until it is done or somebody asks to stop.

    Args:
        work: What is to be done; cancelled where it takes too long. Its errors are passed on.
        stop: Set by whoever wants it to end.

    Returns:
        What came of it; None where somebody asked to stop first.
    """
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)


async def live(bot: VideoBot, engine: Engine, *, token: str, stop: asyncio.Event) -> None:
    """Logs in and works until somebody asks to stop, or a part of it ends.

    Args:
        bot: Not logged in; closed at the end.
        engine: Not running.
        token: Of the bot.
        stop: Set by whoever wants it to end.

    Raises:
        discord.LoginFailure: Discord refuses the token, at once or later.
        discord.ConnectionClosed: Discord ended the connection, and a new one cannot be had by connecting again.
    """
    try:
        if await _log_in(bot, token, stop):
            await _work(bot, engine, stop)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(bot.close(), CLOSE_GRACE)


async def _log_in(bot: VideoBot, token: str, stop: asyncio.Event) -> bool:
    """Logs in, however long Discord is out of reach; False if asked to stop first."""
    tries = 0
    while not stop.is_set():
        try:
            await unless_stopped(bot.login(token), stop)
        except discord.LoginFailure:
            raise
        except (discord.HTTPException, *WIRE_FAULTS) as error:
            pause = LOGIN_PAUSES[min(tries, len(LOGIN_PAUSES) - 1)]
            log.warning("Discord is out of reach", error=told(error), again_in=pause)
            tries += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        else:
            return not stop.is_set()
    return False


async def _work(bot: VideoBot, engine: Engine, stop: asyncio.Event) -> None:
    """Engine and gateway side by side, until one of them ends or somebody asks to stop."""
    working = asyncio.create_task(engine.run(), name="engine")
    gateway = asyncio.create_task(_connect(bot), name="gateway")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    done, _ = await asyncio.wait({working, gateway, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping", why=", ".join(sorted(task.get_name() for task in done)))
    engine.stop()
    stopping.cancel()
    await _end_of(working)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(bot.close(), CLOSE_GRACE)
    gateway.cancel()
    await asyncio.gather(gateway, stopping, return_exceptions=True)
    if working in done:
        working.result()
    if gateway in done:
        gateway.result()


async def _connect(bot: VideoBot) -> None:
    try:
        await bot.connect()
    except discord.ConnectionClosed as error:
        if error.code == _TOKEN_REFUSED:
            raise discord.LoginFailure from error
        raise


async def _end_of(working: asyncio.Task[None]) -> None:
    """Waits for the engine as long as a stop may take; what it could not write by then, the next start finds undone."""
    _, late = await asyncio.wait({working}, timeout=STEP_GRACE + LAST_WRITES)
    while late:
        working.cancel()
        _, late = await asyncio.wait({working}, timeout=BROKEN_OFF)
