"""Where bots meet: one provider for all, and for each bot a Discord of its own with people who type commands.

The provider and the bots are processes of their own; Discord lives in this one. Everything ends with the block that
opened it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from aiohttp import ClientSession

from benchmarks.history import fill
from benchmarks.meter import Meter
from benchmarks.provider import Plan, prompt, scene_in
from jobs.model import Job
from tests.minimax.wire import free_port
from tests.wire.fake_discord import Channel, Contract, FakeDiscord, Interaction, User
from tests.wire.fake_discord.values import DISCORD_EPOCH_MS
from tests.wire.process import ROOT, BotProcess, Program

TAKES_50_MIB: Final = 2
"""The boost tier whose servers take files of 50 MiB (Discord docs, Guild premium tier)."""

CHANNELS: Final = 10
PEOPLE: Final = 30
_LOOK_EVERY: Final = 0.1
_ASK_EVERY: Final = 0.5
_UNLIMITED: Final = "1000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A bot to be measured.

    Attributes:
        name: Also names its key at the provider.
        program: Below the project's root.
        arguments: Its command line.
        env: Its settings.
        listens: Whether the provider can push to it.
    """

    name: str
    program: str
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    listens: bool = False

    @property
    def key(self) -> str:
        """Its key at the provider."""
        return f"obviously-fake-key-{self.name}"


# The key's own limits are not what is measured: they would make both bots equally slow.
OURS: Final = Side(
    name="ours",
    program="bot.py",
    arguments=("run",),
    env={
        "MINIMAX_SUBMITS_PER_MINUTE": _UNLIMITED,
        "MINIMAX_TASKS_IN_FLIGHT": _UNLIMITED,
        "MINIMAX_QUERIES_PER_MINUTE": _UNLIMITED,
        "DEFAULT_RESOLUTION": "768P",
    },
)
EXPERIENCED: Final = replace(OURS, name="experienced")
"""The same, once it has learned how long videos take."""

PUSHED: Final = replace(OURS, name="pushed", listens=True)
"""The same, with a web server that the provider pushes to."""

STRAIGHTFORWARD: Final = Side(name="straightforward", program="benchmarks/straightforward.py")
SIDES: Final = (OURS, EXPERIENCED, PUSHED, STRAIGHTFORWARD)


class Provider:
    """The running provider, and its books.

    Args:
        url: Its API host.
        plan: What it was started with.
        session: To read its books with.
    """

    def __init__(self, url: str, plan: Plan, session: ClientSession) -> None:
        self.url = url
        self.plan = plan
        self._session = session

    async def creates(self, side: Side) -> list[dict[str, Any]]:
        """The paid creates of one bot."""
        entries = (await self._read("ledger"))["creates"]
        return [entry for entry in entries if entry["key_name"] == side.name]

    async def finished_at(self, side: Side) -> dict[int, float]:
        """When each scene of one bot succeeded, or will, in epoch seconds."""
        return {
            scene: entry["created_at"] + self.plan.seconds(entry["prompt"])
            for entry in await self.creates(side)
            if (scene := scene_in(entry["prompt"])) is not None
        }

    async def requests(self) -> list[dict[str, Any]]:
        """Every request to it so far, oldest first."""
        return (await self._read("requests"))["requests"]

    async def paid(self, side: Side, count: int, *, within: float) -> None:
        """Waits until one bot has made so many tasks.

        Args:
            side: Which bot.
            count: How many.
            within: Seconds.
        """
        async with asyncio.timeout(within):
            while len(await self.creates(side)) < count:  # noqa: ASYNC110 - its books are read over HTTP
                await asyncio.sleep(_ASK_EVERY)

    async def queries(self, side: Side, scenes: range) -> int:
        """How often one bot has asked how the tasks of these scenes stand."""
        asked = Counter(request["query"].get("task_id") for request in await self.requests())
        entries = await self.creates(side)
        return sum(asked[entry["task_id"]] for entry in entries if scene_in(entry["prompt"]) in scenes)

    async def _read(self, book: str) -> dict[str, Any]:
        async with self._session.get(f"{self.url}/_simulator/{book}") as response:
            return await response.json()


@asynccontextmanager
async def open_provider(*, shortest: float, longest: float, film_bytes: int) -> AsyncGenerator[Provider]:
    """Starts the provider; arguments as in `Plan`."""
    keys = {side.name: side.key for side in SIDES}
    plan = Plan(keys=keys, shortest=shortest, longest=longest, film_bytes=film_bytes)
    arguments = ["-m", "benchmarks.provider", plan.as_argument()]
    with TemporaryDirectory(prefix="bench-") as folder:
        program = Program(arguments, env={"PYTHONPATH": str(ROOT)}, folder=Path(folder), name="provider")
        try:
            await program.start()
            url = (await program.printed(r"serving (http\S+)\n"))[1]
            async with ClientSession() as session:
                yield Provider(url, plan, session)
        finally:
            await program.stop()


class Contestant:
    """One bot, started, with its own Discord.

    Args:
        discord: Where it works.
        process: The bot.
        channels: Where commands are typed.
        people: Who types them.
    """

    def __init__(self, discord: FakeDiscord, process: BotProcess, channels: list[Channel], people: list[User]) -> None:
        self.discord = discord
        self.process = process
        self.posted_at: dict[int, float] = {}
        self._channels = channels
        self._people = people

    def meter(self) -> Meter:
        """Looks at the process."""
        return Meter(self.process.pid)

    async def ask(self, scene: int) -> Interaction:
        """Somebody types `/video create`; returns without waiting for the answer."""
        channel, person = self._channels[scene % len(self._channels)], self._people[scene % len(self._people)]
        return await self.discord.slash(channel, person, "video create", prompt=prompt(scene))

    async def ask_steadily(self, count: int, *, over: float, first: int = 0) -> list[Interaction]:
        """Types so many scenes from `first` on, evenly over so many seconds."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        interactions: list[Interaction] = []
        for scene in range(first, first + count):
            await asyncio.sleep(start + (scene - first) * over / count - loop.time())
            interactions.append(await self.ask(scene))
        return interactions

    async def posted(self, count: int, *, within: float) -> None:
        """Waits until so many videos stand in the channels. Their files are thrown away as they come.

        Args:
            count: How many.
            within: Seconds.

        Raises:
            AssertionError: They did not come; the bot's log is in the text.
        """
        try:
            async with asyncio.timeout(within):
                while self._take_in() < count:  # noqa: ASYNC110 - the time of a post is in its id, however late we look
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            raise AssertionError(f"{len(self.posted_at)} of {count} videos came:\n{self._story()}") from None

    def _take_in(self) -> int:
        for channel in self._channels:
            for message in channel.messages.values():
                scene = scene_in(message.text) if message.files else None
                if scene is None or scene in self.posted_at:
                    continue
                self.posted_at[scene] = ((message.id >> 22) + DISCORD_EPOCH_MS) / 1000
                for file in message.files:
                    file.path.unlink()
        return len(self.posted_at)

    def _story(self) -> str:
        return "\n".join([*self.discord.violations, *self.process.log.splitlines()[-40:]])


@asynccontextmanager
async def open_discord(*, ack_deadline: float = 60.0) -> AsyncGenerator[tuple[FakeDiscord, Path]]:
    """A Discord in this process, and a folder for whoever works there.

    Args:
        ack_deadline: Seconds a bot has for its first answer; long, so that late ones are measured and not cut off.
    """
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "cdn").mkdir()
        async with FakeDiscord(Contract.load(), folder / "cdn", ack_deadline=ack_deadline) as discord:
            yield discord, folder


@asynccontextmanager
async def enter(side: Side, provider: Provider, *, history: Sequence[Job] = ()) -> AsyncGenerator[Contestant]:
    """Starts a bot and waits until it takes commands.

    Args:
        side: Which.
        provider: Where its videos come from.
        history: What is in its database before it starts.
    """
    async with open_discord() as (discord, folder):
        guild = discord.world.add_guild("Studio", premium_tier=TAKES_50_MIB)
        channels = [discord.world.add_channel(guild, f"videos-{number}") for number in range(CHANNELS)]
        people = [discord.world.add_user(f"person-{number}") for number in range(PEOPLE)]
        if history:
            await fill(folder / "data" / "bot.db", history)
        env = {"MINIMAX_BASE_URL": provider.url, "MINIMAX_API_KEY": side.key, **side.env}
        if side.listens:
            port = free_port()
            env |= {"WEB_PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"}
        process = BotProcess(discord, folder, program=side.program, arguments=side.arguments, env=env)
        try:
            await process.start_ready()
            yield Contestant(discord, process, channels, people)
        finally:
            await process.stop()
