"""Fixtures of the wire tier: a fake Discord with one server, one channel, one person; the bot as a process.

``bot`` is the product, not started yet. ``provider_url`` is the slot for the MiniMax simulator: a test module that
needs one overrides the fixture, for instance with ``serve(app)`` around the simulator's aiohttp application.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from tests.wire.fake_discord import Channel, Contract, FakeDiscord, Guild, User
from tests.wire.process import BotProcess

Serve = Callable[[web.Application], Awaitable[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.wire)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """Discord's OpenAPI document."""
    return Contract.load()


@pytest.fixture
async def discord(contract: Contract, tmp_path: Path) -> AsyncIterator[FakeDiscord]:
    """A fake Discord. At the end every request must have been one that Discord's document allows."""
    folder = tmp_path / "cdn"
    folder.mkdir()
    async with FakeDiscord(contract, folder) as fake:
        yield fake
    print("requests:", *fake.journal.lines(), sep="\n")  # noqa: T201 - pytest shows it where a test failed

    assert fake.violations == []


@pytest.fixture
def guild(discord: FakeDiscord) -> Guild:
    """A server where the bot is a member."""
    return discord.world.add_guild("Studio")


@pytest.fixture
def channel(discord: FakeDiscord, guild: Guild) -> Channel:
    """A text channel in it."""
    return discord.world.add_channel(guild, "videos")


@pytest.fixture
def person(discord: FakeDiscord) -> User:
    """Somebody who wants a video."""
    return discord.world.add_user("ada")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve any aiohttp application on a free loopback port: returns its base address."""
    async with AsyncExitStack() as stack:

        async def start(app: web.Application) -> str:
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield start


@pytest.fixture
def provider_url() -> str:
    """The provider's base address; nobody listens there until a module overrides this."""
    return "http://127.0.0.1:9"


@pytest.fixture
async def bot(discord: FakeDiscord, tmp_path: Path, provider_url: str) -> AsyncIterator[BotProcess]:
    """The product as its own process, not started yet."""
    env = {"MINIMAX_BASE_URL": provider_url, "MINIMAX_API_KEY": "obviously-fake-key", "LOG_LEVEL": "DEBUG"}
    process = BotProcess(discord, tmp_path, env=env)
    yield process
    await process.stop()
    print(process.log)  # noqa: T201 - as above
