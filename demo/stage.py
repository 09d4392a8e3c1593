"""`python bot.py demo`: the real bot on a make-believe Discord, with a make-believe MiniMax behind it.

Sets the stage and clears it. Knows simcord, the simulator and the settings; the bot's parts are handed in, assembled as
for a real start. The engine runs beside the bot in real time: simcord would wait for it to settle if the bot owned it.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

import discord
import simcord
from discord.ext import commands
from pydantic import SecretStr

from demo.attachments import ClientFetch
from demo.page import keep_time, open_browser, serve_page
from demo.prologue import FRIEND, Pace, play
from demo.simulator.faults import TRIGGERS
from demo.simulator.server import running
from demo.simulator.service import Simulator
from demo.terminal import COMMAND, order
from jobs.engine import Engine
from jobs.model import ENDS, OPEN
from jobs.polling import PollRules
from jobs.ports import FetchFile, JobStore
from lifetime import told_to_stop
from logbook import open_logbook
from settings import LogFormat, LogLevel, Settings

SERVER: Final = "Video Studio"
CHANNEL: Final = "videos"
TOPIC: Final = "Type /video create and say what you would like to see"
MEMBER: Final = "you"
BOT: Final = "Video Bot"
SHOWCASE: Final = "showcase"
SHOWCASE_TOPIC: Final = "The best of what was made here: press Share below a video"

VIDEOS: Final = Path("demo-videos")
"""Where `--prompt` saves the video, below the current folder."""

SIMULATED_POLLING: Final = PollRules(first=1.5, apart=0.5)
"""How often a simulator is asked that takes seconds where the service takes minutes."""

_AT_ONCE: Final = 10
_PER_MINUTE: Final = 60
_JOBS_LISTED: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the person at the command line wants.

    Args:
        prompt: Order this video and end, without a browser; None serves the page.
        real: Use the real provider with the operator's key.
        port: Of the page; 0 is any free one.
        seconds: About how long a make-believe video takes.
        open_browser: Show the page in a browser where there is one.
        empty: Begin without the videos that the page otherwise opens with.
    """

    prompt: str | None = None
    real: bool = False
    port: int = 0
    seconds: float = 4.0
    open_browser: bool = True
    empty: bool = False

    @property
    def seeded(self) -> bool:
        """Whether there are finished videos to begin with: never where they would cost money, or nobody looks at them."""
        return self.prompt is None and not self.real and not self.empty


class Parts(Protocol):
    """What the composition root puts together, as far as the demo needs it."""

    @property
    def bot(self) -> commands.AutoShardedBot:
        """The bot, not logged in."""
        ...

    @property
    def engine(self) -> Engine:
        """What makes the jobs go on; not running."""
        ...

    @property
    def store(self) -> JobStore:
        """Where the jobs are."""
        ...


class Assemble(Protocol):
    """The composition root's own way of opening every part."""

    def __call__(
        self,
        settings: Settings,
        *,
        polling: PollRules | None = None,
        attachments: Callable[[discord.Client], FetchFile] | None = None,
    ) -> AbstractAsyncContextManager[Parts]:
        """Opens the parts; leaving the block closes them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running bot with somebody to use it."""

    parts: Parts
    env: simcord.Env
    channel: simcord.ChannelHandle
    member: simcord.MemberActor


async def perform(settings: Settings, options: DemoOptions, *, assemble: Assemble) -> int:
    """Runs the demo until it has shown what was asked for, or somebody ends it.

    Args:
        settings: The operator's; of a make-believe MiniMax and of all places and limits the demo has its own.
        options: What is wanted.
        assemble: Opens the bot's parts.

    Returns:
        The exit code: 0, or 1 where a prompt did not become a video or the port is taken, 130 for an interrupted order.
    """
    # Whoever tries the bot wants to see the bot, not its log, unless a level was asked for.
    level = settings.log_level if "log_level" in settings.model_fields_set else LogLevel.ERROR
    open_logbook(level, as_json=settings.log_format is LogFormat.JSON)
    with told_to_stop() as stop:
        async with _set_stage(settings, options, assemble) as stage:
            if options.prompt is None:
                code = await _until(stop, stage, _show_page(stage, settings, options), stopped=0)
            else:
                ordering = order(
                    stage.env, stage.channel, stage.member, options.prompt, ended=lambda: _ended(stage), folder=VIDEOS
                )
                code = await _until(stop, stage, ordering, stopped=130)
            if options.real:
                await _name_unfinished(stage)
    return code


@asynccontextmanager
async def _set_stage(settings: Settings, options: DemoOptions, assemble: Assemble) -> AsyncGenerator[Stage]:
    """Opens everything, with a database and a folder of its own; nothing of it is left afterwards."""
    pace = Pace(options.seconds)
    if not options.seeded:
        pace.slow_down()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="video-demo-", ignore_cleanup_errors=True))
        settings = _at_home(settings, Path(folder))
        if not options.real:
            key = SecretStr(secrets.token_hex(16))
            simulator = Simulator(keys={"demo": key}, plan=pace)
            url = await stack.enter_async_context(running(simulator))
            settings = _make_believe(settings, url, key)
        polling = None if options.real else SIMULATED_POLLING
        parts = await stack.enter_async_context(assemble(settings, polling=polling, attachments=ClientFetch))
        # What the bot fails at it logs itself; a test's verdict at the end is not wanted.
        env = await stack.enter_async_context(simcord.run(parts.bot, shard_count=1, check_errors=False))
        keep_time(env)
        if parts.bot.user is not None:
            await parts.bot.user.edit(username=BOT)
        guild = env.create_guild(SERVER)
        channel = guild.create_text_channel(CHANNEL, topic=TOPIC)
        member = guild.add_member(env.create_user(MEMBER))
        friend = guild.add_member(env.create_user(FRIEND))
        guild.create_text_channel(SHOWCASE, topic=SHOWCASE_TOPIC)
        await env.settle()
        stage = Stage(parts=parts, env=env, channel=channel, member=member)
        if options.seeded:
            people = {MEMBER: member, FRIEND: friend}
            with contextlib.suppress(TimeoutError):
                await play(env, channel, people, engine=parts.engine, over=lambda: _over(stage, friend.id))
            pace.slow_down()
        yield stage


def _at_home(settings: Settings, folder: Path) -> Settings:
    """The settings with a Discord and a database of the demo's own."""
    return settings.model_copy(
        update={
            "discord_proxy": None,
            "dev_guild_id": None,
            "owner_ids": (),
            "allowed_guild_ids": (),
            "data_dir": folder,
            "database_url": SecretStr(f"sqlite+aiosqlite:///{(folder / 'bot.db').as_posix()}"),
        }
    )


def _make_believe(settings: Settings, url: str, key: SecretStr) -> Settings:
    """The settings with a simulator for a provider, which costs nothing and need not be spared."""
    return settings.model_copy(
        update={
            "minimax_base_url": url,
            "minimax_api_key": key,
            "minimax_proxy": None,
            "minimax_submits_per_minute": _PER_MINUTE,
            "minimax_tasks_in_flight": _AT_ONCE,
            "user_videos_per_day": None,
            "user_videos_at_once": None,
            "guild_videos_at_once": None,
            "user_spend_per_month": None,
            "guild_spend_per_month": None,
            "total_spend_per_month": None,
        }
    )


async def _until(stop: asyncio.Event, stage: Stage, play: Coroutine[Any, Any, int], *, stopped: int) -> int:
    """Lets engine and play go on side by side until the play ends or somebody asks to stop.

    Returns:
        The play's exit code, or `stopped`.
    """
    engine = asyncio.create_task(stage.parts.engine.run(), name="engine")
    playing = asyncio.create_task(play, name="play")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({engine, playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            return playing.result()
        if engine.done():
            engine.result()
        return stopped
    finally:
        stopping.cancel()
        playing.cancel()
        await asyncio.gather(playing, stopping, return_exceptions=True)
        stage.parts.engine.stop()
        await asyncio.gather(engine, return_exceptions=True)


async def _show_page(stage: Stage, settings: Settings, options: DemoOptions) -> int:
    """Serves the channel until the page's own menu ends the session."""

    def welcome(url: str) -> None:
        print(_welcome(stage, url, options), flush=True)
        if options.open_browser:
            open_browser(url)

    try:
        await serve_page(
            stage.env,
            stage.channel,
            stage.member,
            port=options.port,
            timezone=settings.timezone.key,
            on_open=welcome,
        )
    except OSError as problem:
        print(f"The page cannot be served on port {options.port}: {problem.strerror}.")
        return 1
    return 0


def _welcome(stage: Stage, url: str, options: DemoOptions) -> str:
    """The address and what to try."""
    others = ", ".join(f"/{name}" for name in stage.member.available_commands(stage.channel) if name != COMMAND)
    lines = [
        f"{SERVER} is open. The address lets in whoever has all of it:",
        "",
        f"  {url}",
        "",
        f"Type /{COMMAND} into the message box, write a prompt, press Enter.",
    ]
    if options.real:
        lines += ["MiniMax makes the video: that costs money and takes some minutes.", f"There are also {others}."]
    else:
        width = max(len(trigger.words[0]) for trigger in TRIGGERS)
        lines += [
            f"A make-believe video is there about {options.seconds:g} seconds later. There are also {others}.",
            "",
            "A word in the prompt makes something go wrong:",
            *(f"  {trigger.words[0]:<{width}}  {trigger.effect}" for trigger in TRIGGERS),
        ]
    return "\n".join([*lines, "", "Ctrl-C ends it; nothing of it is kept."])


async def _ended(stage: Stage) -> bool:
    """Whether the member's newest job is over and its card says so; also when there is none."""
    return await _over(stage, stage.member.id)


async def _over(stage: Stage, *user_ids: int) -> bool:
    """Whether the newest jobs of the member and of these people are over and their cards say so."""
    store = stage.parts.store
    jobs = [job for user_id in {stage.member.id, *user_ids} for job in await store.jobs_of(user_id, limit=1)]
    return all(job.state in ENDS for job in jobs) and await store.next_card_due() is None


async def _name_unfinished(stage: Stage) -> None:
    """Names what was paid and goes with the stage, so that it can be asked for at the provider."""
    for job in await stage.parts.store.jobs_of(stage.member.id, states=OPEN, limit=_JOBS_LISTED):
        if job.task is not None:
            print(f"Still being made at MiniMax, and paid: task {job.task.task_id}.")
