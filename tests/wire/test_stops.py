"""SIGTERM while the bot waits for somebody who never answers: it ends within ten seconds all the same, and well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from demo.simulator import faults
from tests.minimax.wire import serving
from tests.wire.crash_points import provider
from tests.wire.process import ROOT, Program
from tests.wire.studio import Studio

SETTINGS = {"DISCORD_TOKEN": "obviously-fake", "MINIMAX_API_KEY": "obviously-fake", "TOTAL_SPEND_PER_MONTH": "1"}


class Listener:
    """Takes connections, and never says a word."""

    def __init__(self) -> None:
        self.called = asyncio.Event()
        self.port = 0

    async def converse(self, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        self.called.set()
        await reader.read()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    silent = Listener()
    async with serving(silent.converse) as silent.port:
        yield silent


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("DISCORD_PROXY", "http://127.0.0.1:{port}"),
        ("DATABASE_URL", "postgresql+asyncpg://bot@127.0.0.1:{port}/bot"),
    ],
)
async def test_a_start_that_hangs_on_somebody_ends_when_asked_to(
    tmp_path: Path, listener: Listener, setting: str, value: str
) -> None:
    env = SETTINGS | {setting: value.format(port=listener.port)}
    program = Program([str(ROOT / "bot.py")], env=env, folder=tmp_path, name="bot")
    await program.start()
    try:
        async with asyncio.timeout(20):
            await listener.called.wait()
        program.sigterm()

        assert await program.exited(within=10) == 0
    finally:
        await program.stop()
    assert "Traceback" not in program.log


@pytest.mark.parametrize(
    ("close_code", "exit_code", "sentence"),
    [
        (4004, 78, "DISCORD_TOKEN is refused by Discord: copy the bot's token again from its page."),
        (4011, 75, "Discord ended the connection for good (code 4011): start again."),
    ],
)
async def test_a_connection_that_discord_ends_for_good_is_told_in_a_sentence(
    studio: Studio, close_code: int, exit_code: int, sentence: str
) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a film to be made after the next start")
    await order.comes_to("rendering")
    await studio.discord.gateway.close(close_code)

    assert await studio.bot.exited(within=10) == exit_code
    assert studio.bot.log.splitlines()[-1] == sentence
    await studio.bot.start_ready()
    await order.delivered()


async def test_a_database_that_stays_locked_keeps_nobody_from_stopping_and_what_it_took_along_is_told(
    studio: Studio,
) -> None:
    accepted = provider(faults.ACCEPTED)
    prompts = ["a first film paid for", "a second one", "a third one", "a fourth one"]
    stops = [accepted(studio, prompt) for prompt in prompts]
    await studio.bot.start_ready()
    orders = [await studio.order(prompt) for prompt in prompts]
    for stop, order in zip(stops, orders, strict=True):
        await stop.reached(order)

    with closing(studio.database.lock()):
        for stop in stops:
            stop.release()
        await studio.bot.printed("task made")
        await studio.stop()
    await studio.bot.start_ready()

    for order in orders:
        await order.ended("Uncertain", within=40)
        assert (order.creates, order.paid) == (1, 1)
