"""The composition root and the command line: the only file that knows every part.

`python bot.py` is the bot, gateway and worker in one; `python bot.py --help` tells the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final

import aiohttp
import discord
import structlog
from aiohttp_socks import ProxyConnector
from pydantic import SecretStr

from checkup import exit_code, report, run_checks
from cogs.access import Doors
from cogs.bot import VideoBot
from cogs.courier import DiscordCourier
from cogs.desk import Desk
from cogs.faults import WIRE_FAULTS
from jobs.admission import Rates
from jobs.engine import Engine
from jobs.errors import StoreUnavailable
from jobs.learning import PollPlans
from jobs.library import LibraryService
from jobs.limits import Limits
from jobs.polling import PollRules
from jobs.service import JobService
from jobs.tools import Rules, Tools
from locales import Texts
from logbook import open_logbook
from media.cdn import open_cdn
from media.folder import open_video_folder
from media.intake import AttachmentIntake, Fetch
from minimax.catalog import MiniMaxCatalog
from minimax.client import MiniMaxClient
from minimax.prices import parse_prices
from minimax.session import open_sessions
from settings import EX_CONFIG, Settings, SettingsError, load_settings
from storage.alone import AlreadyRunning, claim_database
from storage.errors import UnusableDatabase
from storage.schema import migrate
from storage.store import open_store
from web.app import CALLBACK_PATH, create_app
from web.health import examine
from web.server import PortUnusable, serving

if TYPE_CHECKING:
    from jobs.ports import Clock, JobStore

log = structlog.get_logger("bot")

EX_USAGE: Final = 64
"""The exit code of a command line that makes no sense (sysexits.h)."""

EX_TEMPFAIL: Final = 75
"""The exit code of a start that may succeed later (sysexits.h)."""

MIB: Final = 1024 * 1024
STEP_GRACE: Final = 7.0
"""Seconds that steps may take to finish after SIGTERM; with what follows, the process ends within 10."""

CLOSE_GRACE: Final = 2.0
LOGIN_PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between tries to reach Discord at start; the last one repeats."""


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
    store: JobStore


@asynccontextmanager
async def assemble(
    settings: Settings,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    polling: PollRules | None = None,
    callback_base: str | None = None,
    attachments: Callable[[discord.Client], Fetch] | None = None,
) -> AsyncGenerator[Parts]:
    """Opens every part and closes it at the end, in the right order.

    Args:
        settings: What the operator has set.
        clock: The time; the machine's by default.
        random: For ids and jitter; the system's by default.
        polling: How often the provider is asked; the demo asks more often.
        callback_base: The address below which the provider may push; None where nobody listens.
        attachments: What brings people's files, given the bot; by default Discord's own hosts are asked.

    Raises:
        UnusableDatabase: An operator must act on the database.
        StoreUnavailable: The database does not answer now.
        AlreadyRunning: Another worker has this SQLite database.
        SettingsError: Settings contradict the catalog.
        OSError: The data folder cannot be written.
    """
    clock = clock or WallClock()
    random = random or SystemRandom()
    rules = Rules(
        rates=Rates(
            submits_per_minute=settings.minimax_submits_per_minute,
            tasks_in_flight=settings.minimax_tasks_in_flight,
            queries_per_minute=settings.minimax_queries_per_minute,
        ),
        polling=polling or PollRules(),
        deadline=settings.job_deadline_minutes * 60.0,
        give_up=settings.job_give_up_days * 86400.0,
        upload_limit=settings.upload_limit_mib * MIB,
        callback_base=callback_base,
    )
    catalog = catalog_of(settings)
    texts = Texts.load()
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database_url = settings.database_url.get_secret_value()
        alone = stack.enter_context(claim_database(database_url))
        store = await stack.enter_async_context(open_store(database_url))
        if alone:
            await store.release_claims()
        shop = await stack.enter_async_context(open_video_folder(settings.data_dir, alone=alone, now=clock.now()))
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
        desk = Desk(
            service=service,
            library=LibraryService(store=store, library=store.library, clock=clock),
            choices=catalog,
            texts=texts,
            doors=Doors(guild_ids=frozenset(settings.allowed_guild_ids), owner_ids=frozenset(settings.owner_ids)),
            upload_limit=rules.upload_limit,
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
        courier = DiscordCourier(bot, texts, clock=clock, owner_ids=settings.owner_ids)
        tools = Tools(
            store=store,
            library=store.library,
            provider=provider,
            catalog=catalog,
            courier=courier,
            shop=shop,
            intake=AttachmentIntake(attachments(bot) if attachments else cdn, folder=shop.root),
            plans=PollPlans(store, rules.polling, clock),
            clock=clock,
            random=random,
            rules=rules,
        )
        engine = Engine(tools, owner=worker_name(), awake=awake, grace=STEP_GRACE)
        yield Parts(bot=bot, engine=engine, service=service, store=store)


def catalog_of(settings: Settings) -> MiniMaxCatalog:
    """What the operator offers.

    Raises:
        SettingsError: The settings ask for what no model makes.
    """
    try:
        return MiniMaxCatalog(
            enabled_models=settings.enabled_models,
            default_model=settings.default_model,
            default_resolution=settings.default_resolution,
            default_duration=settings.default_duration,
            currency=settings.currency,
            watermark=settings.aigc_watermark,
            prices=parse_prices(settings.minimax_prices),
        )
    except ValueError as error:
        raise SettingsError((str(error),)) from error


def limits_of(settings: Settings) -> Limits:
    """The operator's limits as the service holds jobs against them."""
    return Limits(
        user_videos_per_day=settings.user_videos_per_day,
        user_videos_at_once=settings.user_videos_at_once,
        guild_videos_at_once=settings.guild_videos_at_once,
        user_spend_per_month=settings.user_spend_per_month,
        guild_spend_per_month=settings.guild_spend_per_month,
        total_spend_per_month=settings.total_spend_per_month,
        timezone=settings.timezone,
    )


def discord_route(proxy: SecretStr | None) -> tuple[str | None, aiohttp.BaseConnector | None]:
    """How discord.py reaches Discord: an `http://` proxy for it to use, or a connector for one it does not speak."""
    url = proxy.get_secret_value() if proxy else None
    if url is not None and url.startswith("socks5://"):
        return None, ProxyConnector.from_url(url, limit=0)
    return url, None


def worker_name() -> str:
    """This process's name on its claims."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(2)}"


async def run(settings: Settings) -> None:
    """The bot, until SIGTERM or Ctrl-C; whatever is under way then goes on at the next start.

    Raises:
        discord.LoginFailure: Discord refuses the token.
        PortUnusable: The web server's port cannot be listened on.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no such handlers: there Ctrl-C cancels the whole, and the next start carries on all the same.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    callback_base = settings.public_url and settings.public_url + CALLBACK_PATH
    async with assemble(settings, callback_base=callback_base) as parts, _web_server(settings, parts):
        try:
            if await _log_in(parts.bot, settings.discord_token.get_secret_value(), stop):
                await _serve(parts, stop)
        finally:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(parts.bot.close(), CLOSE_GRACE)
    log.info("stopped")


@asynccontextmanager
async def _web_server(settings: Settings, parts: Parts) -> AsyncGenerator[None]:
    """Listens before anything is submitted: MiniMax may want its challenge answered before the create is."""
    if settings.web_port is None:
        yield
        return

    def connected() -> bool:
        shards = parts.bot.shards.values()
        return bool(shards) and not any(shard.is_closed() for shard in shards)

    app = create_app(parts.service, lambda: examine(parts.engine, parts.store, connected))
    async with serving(app, host=settings.web_host, port=settings.web_port):
        yield


async def _log_in(bot: VideoBot, token: str, stop: asyncio.Event) -> bool:
    """Logs in, however long Discord is out of reach; False if asked to stop first."""
    tries = 0
    while not stop.is_set():
        try:
            await bot.login(token)
        except discord.LoginFailure:
            raise
        except (discord.HTTPException, *WIRE_FAULTS) as error:
            pause = LOGIN_PAUSES[min(tries, len(LOGIN_PAUSES) - 1)]
            log.warning("Discord is out of reach", error=f"{type(error).__name__}: {error}", again_in=pause)
            tries += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        else:
            return True
    return False


async def _serve(parts: Parts, stop: asyncio.Event) -> None:
    """Engine and gateway side by side, until one of them ends or somebody asks to stop."""
    engine = asyncio.create_task(parts.engine.run(), name="engine")
    gateway = asyncio.create_task(parts.bot.connect(), name="gateway")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    done, _ = await asyncio.wait({engine, gateway, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping", why=", ".join(sorted(task.get_name() for task in done)))
    parts.engine.stop()
    stopping.cancel()
    await asyncio.wait({engine})
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(parts.bot.close(), CLOSE_GRACE)
    gateway.cancel()
    await asyncio.gather(gateway, stopping, return_exceptions=True)
    if engine in done:
        engine.result()
    if gateway in done:
        gateway.result()


# --- the command line --------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: The command line; the process's own by default.

    Returns:
        The exit code: 0 for success, 78 where settings are wrong, 75 where trying later may help.
    """
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except SettingsError as error:
        return _complain(error, EX_CONFIG)
    except (UnusableDatabase, AlreadyRunning, PortUnusable) as error:
        return _complain(error, EX_CONFIG)
    except StoreUnavailable as error:
        return _complain(error, EX_TEMPFAIL)
    except discord.LoginFailure:
        return _complain("DISCORD_TOKEN is refused by Discord: copy the bot's token again from its page.", EX_CONFIG)
    except KeyboardInterrupt:
        return 130


def _complain(problem: object, code: int) -> int:
    print(problem, file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python bot.py",
        description="A Discord bot that makes videos with MiniMax (Hailuo).",
        epilog="Settings come from the environment and from the file .env; .env.example explains each of them.",
    )
    parser.set_defaults(command=_run)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    run_it = commands.add_parser("run", help="start the bot (the default)")
    run_it.set_defaults(command=_run)

    demo = commands.add_parser(
        "demo",
        help="try everything in a browser, without a token, a key or a network",
        description="Starts a make-believe Discord server with the real bot in it, and a make-believe MiniMax.",
    )
    demo.add_argument(
        "--prompt", metavar="TEXT", help="no browser: type this prompt, show what happens, save the video"
    )
    demo.add_argument(
        "--real", action="store_true", help="use the real MiniMax, with MINIMAX_API_KEY; this costs money"
    )
    demo.add_argument("--port", type=int, default=0, help="where to serve the page (default: any free port)")
    demo.add_argument("--seconds", type=float, default=4.0, help="how long a make-believe video takes (default: 4)")
    demo.add_argument("--no-browser", action="store_true", help="print the address, but open nothing")
    demo.add_argument("--empty", action="store_true", help="begin without the finished videos")
    demo.set_defaults(command=_demo)

    simulate = commands.add_parser(
        "simulate",
        help="start the make-believe MiniMax alone and print its address",
        description="Speaks MiniMax's HTTP API and makes real, playable videos; for developing against, free of charge.",
    )
    simulate.add_argument("--port", type=int, default=0, help="where to listen (default: any free port)")
    simulate.add_argument("--key", default="simulated-key", help="the only API key it takes")
    simulate.add_argument("--seconds", type=float, default=10.0, help="about how long a video takes (default: 10)")
    simulate.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SPEC",
        help="a fault to show, such as query=http:502,times=3; repeatable",
    )
    simulate.add_argument("--seed", type=int, default=None, help="makes its chances repeatable")
    simulate.add_argument(
        "--certificate",
        type=Path,
        default=None,
        metavar="FILE",
        help="speak HTTPS as well, and write the certificate that clients must trust to this file",
    )
    simulate.set_defaults(command=_simulate)

    check = commands.add_parser("check", help="say what is misconfigured, free of charge, and print the invite link")
    check.set_defaults(command=_check)

    migrate = commands.add_parser("migrate", help="bring the database up to date (a start does this by itself)")
    migrate.set_defaults(command=_migrate)
    return parser


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
    findings = asyncio.run(run_checks(load_settings(needs=()), clock=WallClock()))
    print(report(findings))
    return exit_code(findings)


def _migrate(_: argparse.Namespace) -> int:
    settings = load_settings(needs=())
    applied = asyncio.run(migrate(settings.database_url.get_secret_value()))
    print(f"The database is up to date now: {', '.join(applied)}." if applied else "The database is up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
