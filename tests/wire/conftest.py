"""Fixtures of the wire tier: a fake Discord with one server, one channel, one person; and the product in its studio.

``studio`` has a Discord of its own, a simulated provider and the bot as a process, not started yet. What a module wants
otherwise it overrides: ``film_maker``, ``bot_env``. Whatever ``outcomes`` was told is printed after the run.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from demo.simulator.film_makers import tiny_film
from demo.simulator.films import FilmMaker
from tests.wire.fake_discord import Channel, Contract, FakeDiscord, Guild, User
from tests.wire.process import BotProcess
from tests.wire.studio import HASTE, Studio, open_studio

Serve = Callable[[web.Application], Awaitable[str]]
Outcomes = Callable[[str, str, str], None]
OUTCOME = "outcome"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.wire)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (report for category in ("passed", "failed") for report in terminalreporter.getreports(category))
    told = [tuple(value) for report in reports for name, value in report.user_properties if name == OUTCOME]
    rows = list(dict.fromkeys(told))  # a failed subtest repeats what its test has told so far
    if not rows:
        return
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    terminalreporter.section("what became of a job when the bot ended")
    for how, where, outcome in rows:
        terminalreporter.write_line(f"{how:{first}}  {where:{second}}  {outcome}")


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
async def sample(discord: FakeDiscord, channel: Channel, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """The small bot by which the fake is proven, running."""
    assert channel.id in discord.world.channels  # it exists before the bot is told of its guilds
    process = BotProcess(discord, tmp_path, program="tests/wire/sample_bot.py", arguments=())
    await process.start_ready()
    yield process
    await process.stop()
    print(process.log)  # noqa: T201 - pytest shows it where a test failed


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
def film_maker() -> FilmMaker:
    """Makes the provider's films: real ones of some 10 kB."""
    return tiny_film


@pytest.fixture
def bot_env() -> dict[str, str]:
    """What the bot's environment has beside the addresses; the product's own settings but for the pace."""
    return HASTE


@pytest.fixture
async def studio(
    contract: Contract, tmp_path: Path, film_maker: FilmMaker, bot_env: dict[str, str]
) -> AsyncIterator[Studio]:
    """The product between a Discord and a provider of its own; not started yet."""
    async with open_studio(contract, tmp_path, film_maker=film_maker, env=bot_env) as opened:
        yield opened


@pytest.fixture
def outcomes(record_property: Callable[[str, object], None]) -> Outcomes:
    """Put a row into the table after the run: how the bot ended, where the job stood, what became of it."""
    return lambda how, where, outcome: record_property(OUTCOME, (how, where, outcome))
