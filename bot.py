"""The composition root and the command line: the only file that knows every part.

`python bot.py` is the bot, gateway and worker in one; `python bot.py --help` tells the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import secrets
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final

import discord
import structlog

from arguments import parse
from checkup import exit_code, report, run_checks
from cogs.access import Doors
from cogs.bot import VideoBot
from cogs.courier import DiscordCourier
from cogs.desk import Desk
from configured import catalog_of, discord_route, limits_of, rules_of
from jobs.engine import Engine
from jobs.errors import StoreUnavailable
from jobs.learning import PollPlans
from jobs.library import LibraryService
from jobs.polling import PollRules
from jobs.ports import FetchFile
from jobs.service import JobService
from jobs.tools import Rules, Tools
from lifetime import STEP_GRACE, live, told_to_stop, unless_stopped
from locales import Texts
from logbook import open_logbook
from media.cdn import open_cdn
from media.folder import open_video_folder
from media.intake import AttachmentIntake
from minimax.client import MiniMaxClient
from minimax.session import open_sessions
from settings import EX_CONFIG, LogLevel, Settings, SettingsError, load_settings
from storage.alone import AlreadyRunning, claim_database
from storage.errors import UnusableDatabase
from storage.schema import migrate
from storage.store import SqlJobStore, open_store
from web.app import create_app
from web.health import Health, examine
from web.server import PortUnusable, serving
from web.watch import WatchPages

if TYPE_CHECKING:
    from jobs.ports import Clock

log = structlog.get_logger("bot")

EX_USAGE: Final = 64
"""The exit code of a command line that makes no sense (sysexits.h)."""

EX_TEMPFAIL: Final = 75
"""The exit code of a start that may succeed later (sysexits.h)."""

THIS_MACHINE: Final = "127.0.0.1"
"""Where figures can be had: nowhere else."""


class WallClock:
    """The machine's clock."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What `assemble` has put together."""

    bot: VideoBot
    engine: Engine
    service: JobService
    store: SqlJobStore
    rules: Rules
    texts: Texts
    watched: Callable[[str], Path | None]


@asynccontextmanager
async def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    polling: PollRules | None = None,
    public_url: str | None = None,
    attachments: Callable[[discord.Client], FetchFile] | None = None,
) -> AsyncGenerator[Parts]:
    """Opens every part and closes it at the end, in the right order.

    Args:
        settings: What the operator has set.
        clock: The time; the machine's by default.
        random: For ids and jitter; the system's by default.
        polling: How often the provider is asked; the demo asks more often.
        public_url: Where the world reaches our web server; None where nobody listens.
        attachments: What brings people's files, given the bot; by default Discord's own hosts are asked.

    Raises:
        UnusableDatabase: An operator must act on the database.
        StoreUnavailable: The database does not answer now.
        AlreadyRunning: Another worker has this SQLite database.
        SettingsError: Settings contradict the catalog, or the data folder cannot be written.
    """
    clock = clock or WallClock()
    random = random or SystemRandom()
    rules = rules_of(settings, polling=polling, public_url=public_url)
    catalog = catalog_of(settings)
    texts = Texts.load()
    async with AsyncExitStack() as stack:
        database_url = settings.database_url.get_secret_value()
        alone = stack.enter_context(claim_database(database_url))
        store = await stack.enter_async_context(open_store(database_url))
        if alone:
            await store.release_claims()
        try:
            folder = open_video_folder(settings.data_dir, alone=alone, now=clock.now())
            shop = await stack.enter_async_context(folder)
        except OSError as error:
            told = f"The data folder {settings.data_dir.absolute()} cannot be written ({error.strerror})"
            if error.errno == errno.ENOSPC:  # somebody will make room: no reason never to start again
                raise StoreUnavailable(f"{told}.") from error
            raise SettingsError((f"{told}: mend DATA_DIR.",)) from error
        sessions = await stack.enter_async_context(open_sessions(settings.minimax_proxy))
        provider = MiniMaxClient(
            sessions, base_url=settings.minimax_base_url, api_key=settings.minimax_api_key, clock=clock
        )
        awake = asyncio.Event()
        service = JobService(
            store=store,
            catalog=catalog,
            limits=limits_of(settings),
            clock=clock,
            random=random,
            wake=awake.set,
        )

        async def fetch_file(url: str, path: Path, *, limit: int) -> None:
            # Opened below: what fetches may need the bot, and the bot needs its desk.
            await fetch(url, path, limit=limit)

        desk = Desk(
            service=service,
            library=LibraryService(store=store, library=store.library, clock=clock),
            choices=catalog,
            texts=texts,
            doors=Doors(guild_ids=frozenset(settings.allowed_guild_ids), owner_ids=frozenset(settings.owner_ids)),
            fetch_file=fetch_file,
            folder=shop.root,
            unpublish=shop.unpublish,
            upload_limit=rules.upload_limit,
            files_kept_days=settings.job_give_up_days,
        )
        proxy, connector = discord_route(settings.discord_proxy)
        bot = VideoBot(
            desk=desk,
            memory=store,
            dev_guild_id=settings.dev_guild_id,
            user_installs=settings.allow_user_installs,
            proxy=proxy,
            connector=connector,
        )
        proxy, connector = discord_route(settings.discord_proxy)  # a connector goes with its session
        cdn = await stack.enter_async_context(open_cdn(proxy=proxy, connector=connector))
        fetch = attachments(bot) if attachments else cdn
        courier = DiscordCourier(bot, texts, clock=clock, owner_ids=settings.owner_ids)
        tools = Tools(
            store=store,
            library=store.library,
            provider=provider,
            catalog=catalog,
            courier=courier,
            shop=shop,
            intake=AttachmentIntake(fetch, folder=shop.root),
            plans=PollPlans(store, rules.polling, clock),
            clock=clock,
            random=random,
            rules=rules,
        )
        engine = Engine(tools, owner=worker_name(), awake=awake, grace=STEP_GRACE)
        yield Parts(
            bot=bot,
            engine=engine,
            service=service,
            store=store,
            rules=rules,
            texts=texts,
            watched=shop.watched,
        )


def worker_name() -> str:
    """This process's name on its claims."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


async def run(settings: Settings) -> None:
    """The bot, until SIGTERM or Ctrl-C; whatever is under way then goes on at the next start.

    Raises:
        discord.LoginFailure: Discord refuses the token, at once or later.
        discord.ConnectionClosed: Discord ended the connection for good.
        PortUnusable: A port cannot be listened on.
    """
    with told_to_stop() as stop:
        async with AsyncExitStack() as stack:
            # A database server that does not answer is waited for a minute, which nobody waits who wants to stop.
            opening = stack.enter_async_context(assemble(settings, public_url=settings.public_url))
            parts = await unless_stopped(opening, stop)
            if parts is not None:
                await stack.enter_async_context(_servers(settings, parts))
                await live(parts.bot, parts.engine, token=settings.discord_token.get_secret_value(), stop=stop)
    log.info("stopped")


@asynccontextmanager
async def _servers(settings: Settings, parts: Parts) -> AsyncGenerator[None]:
    """Listens before anything is submitted: MiniMax may want its challenge answered before the create is."""

    def connected() -> bool:
        shards = parts.bot.shards.values()
        return bool(shards) and not any(shard.is_closed() for shard in shards)

    async def health() -> Health:
        return await examine(parts.engine, parts.store, connected)

    async with AsyncExitStack() as stack:
        if settings.web_port is not None:
            base = parts.rules.watch_base
            pages = WatchPages(parts.watched, base=base, texts=parts.texts) if base else None
            app = create_app(parts.service, health, pages=pages)
            await stack.enter_async_context(serving(app, host=settings.web_host, port=settings.web_port))
        if settings.metrics_port is not None:
            from web.metrics import create_metrics_app  # noqa: PLC0415 - a start without it need not wait for its library

            app = create_metrics_app(parts.store.bookkeeper, health, WallClock())
            listening = serving(app, host=THIS_MACHINE, port=settings.metrics_port, set_by="METRICS_PORT")
            await stack.enter_async_context(listening)
        yield


# --- the command line --------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: The command line; the process's own by default.

    Returns:
        The exit code: 0 for success, 78 where settings are wrong, 75 where trying later may help.
    """
    options = parse(arguments)
    try:
        return _COMMANDS[options.command](options)
    except (SettingsError, UnusableDatabase, AlreadyRunning, PortUnusable) as error:
        return _complain(error, EX_CONFIG)
    except StoreUnavailable as error:
        return _complain(error, EX_TEMPFAIL)
    except discord.LoginFailure:
        return _complain("DISCORD_TOKEN is refused by Discord: copy the bot's token again from its page.", EX_CONFIG)
    except discord.ConnectionClosed as error:
        return _complain(f"Discord ended the connection for good (code {error.code}): start again.", EX_TEMPFAIL)
    except KeyboardInterrupt:
        return 130


def _complain(problem: object, code: int) -> int:
    print(problem, file=sys.stderr)
    return code


def _run(_: argparse.Namespace) -> int:
    settings = load_settings()
    open_logbook(settings.log_level, as_json=settings.log_format == "json")
    for sentence in settings.warnings():
        log.warning(sentence)
    asyncio.run(run(settings))
    return 0


def _demo(options: argparse.Namespace) -> int:
    try:
        from demo.stage import DemoOptions, perform  # noqa: PLC0415 - needs what only requirements-dev.lock installs
    except ImportError as error:
        return _complain(f"The demo needs what requirements-dev.lock installs ({error.name} is missing).", EX_CONFIG)
    settings = load_settings(needs=("MINIMAX_API_KEY",) if options.real else ())
    wishes = DemoOptions(
        prompt=options.prompt,
        real=options.real,
        port=options.port,
        seconds=options.seconds,
        open_browser=not options.no_browser,
        empty=options.empty,
    )
    return asyncio.run(perform(settings, wishes, assemble=assemble))


def _simulate(options: argparse.Namespace) -> int:
    try:
        from demo.simulator.server import serve  # noqa: PLC0415 - as above
    except ImportError as error:
        return _complain(
            f"The simulator needs what requirements-dev.lock installs ({error.name} is missing).", EX_CONFIG
        )
    try:
        asyncio.run(
            serve(
                port=options.port,
                key=options.key,
                seconds=options.seconds,
                seed=options.seed,
                faults=options.fault,
                authority_file=options.certificate,
                on_ready=lambda url: print(url, flush=True),
            )
        )
    except (ValueError, OSError) as error:
        return _complain(error, EX_USAGE)
    return 0


def _check(_: argparse.Namespace) -> int:
    settings = load_settings(needs=())
    # The report says what was found; the log is for whoever asks for it.
    level = settings.log_level if "log_level" in settings.model_fields_set else LogLevel.ERROR
    open_logbook(level, as_json=settings.log_format == "json")
    findings = asyncio.run(run_checks(settings, clock=WallClock()))
    print(report(findings))
    return exit_code(findings)


def _migrate(_: argparse.Namespace) -> int:
    settings = load_settings(needs=())
    applied = asyncio.run(migrate(settings.database_url.get_secret_value()))
    print(f"The database is up to date now: {', '.join(applied)}." if applied else "The database is up to date.")
    return 0


_COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "run": _run,
    "demo": _demo,
    "simulate": _simulate,
    "check": _check,
    "migrate": _migrate,
}


if __name__ == "__main__":
    sys.exit(main())
