"""What `bot.py check` looks at: settings, data folder, database, Discord token, MiniMax key, pages; all free of charge.

Part of the command line: it may know every part, changes nothing, and words what it finds for the operator.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, cast

import aiohttp
import aiohttp_socks
import discord
from aiohttp import web
from pydantic import SecretStr

from configured import catalog_of
from jobs.errors import StoreUnavailable
from jobs.ports import Clock
from locales import Texts
from minimax.client import KeyVerdict, MiniMaxClient
from minimax.session import FAULTS, open_sessions
from settings import TO_RUN, Settings, SettingsError
from storage.errors import UnusableDatabase
from storage.schema import due_migrations
from web.server import PortUnusable, serving
from web.watch import SIGNATURE, WATCH_PATH, WatchPages

DISCORD_API: Final = "https://discord.com/api/v10"
"""Discord docs, API Reference, Base URL."""

SCOPES: Final = ("bot", "applications.commands")

PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
"""The least that posting a video takes; the history is read to find a post that a crash left unrecorded."""

_TIMEOUT: Final = aiohttp.ClientTimeout(total=20, connect=10)  # seconds
_USER_AGENT: Final = "DiscordBot (hailuo-discord-bot, check)"  # Discord docs, API Reference, User Agent


class Level(StrEnum):
    """How bad a finding is; a problem keeps the bot from doing its work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Args:
        level: How bad it is.
        text: What was found, one plain sentence.
        remedy: What to do about it, one plain sentence; empty where nothing is to be done.
    """

    level: Level
    text: str
    remedy: str = ""


async def run_checks(settings: Settings, *, clock: Clock, discord_api: str = DISCORD_API) -> tuple[Finding, ...]:
    """Looks at everything a start needs; pays nothing, writes nothing that stays.

    Args:
        settings: Readable, but perhaps incomplete: what is missing becomes a finding.
        clock: Needed by the provider's client.
        discord_api: Where Discord's API is.
    """
    parts = await asyncio.gather(
        asyncio.to_thread(_check_settings, settings),
        asyncio.to_thread(_check_data_dir, settings.data_dir),
        _check_database(settings.database_url),
        _check_discord(settings, discord_api),
        _check_minimax(settings, clock),
        _check_pages(settings),
    )
    return tuple(finding for part in parts for finding in part)


def exit_code(findings: Iterable[Finding]) -> int:
    """1 if there is a problem, else 0."""
    return int(any(finding.level is Level.PROBLEM for finding in findings))


def report(findings: Iterable[Finding]) -> str:
    """The findings as text for a terminal."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.level:<8} {finding.text}")
        if finding.remedy:
            lines.append(f"{'':<8} {finding.remedy}")
    return "\n".join(lines)


def invite_link(application_id: int) -> str:
    """Where a server's administrator adds the bot, with the least permissions."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=SCOPES)


# --- this machine ------------------------------------------------------------------------------------------------


def _check_settings(settings: Settings) -> list[Finding]:
    findings = [
        Finding(level=Level.PROBLEM, text=f"{name} is not set.", remedy="Put it into .env or the environment.")
        for name in settings.missing(TO_RUN)
    ]
    findings += [Finding(level=Level.WARNING, text=sentence) for sentence in settings.warnings()]
    try:
        catalog_of(settings)
    except SettingsError as error:
        findings.append(Finding(level=Level.PROBLEM, text=str(error)))
    return findings or [Finding(level=Level.OK, text="The settings are complete.")]


def _check_data_dir(data_dir: Path) -> list[Finding]:
    place = data_dir.absolute()
    if not os.path.exists(place):  # noqa: PTH110 - a path's own method raises where a folder may not be looked into
        nearest = next(parent for parent in place.parents if os.path.exists(parent))  # noqa: PTH110 - likewise
        if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
            return [Finding(level=Level.OK, text=f"The data folder {place} will be made at the first start.")]
        return [_unwritable(place, f"{nearest} does not let us")]
    try:
        with tempfile.TemporaryFile(dir=place):
            return [Finding(level=Level.OK, text=f"The data folder {place} can be written.")]
    except OSError as error:
        return [_unwritable(place, error.strerror or type(error).__name__)]


def _unwritable(place: Path, why: str) -> Finding:
    return Finding(
        level=Level.PROBLEM,
        text=f"The data folder {place} cannot be written: {why}.",
        remedy="Give it to the user the bot runs as, or name another folder in DATA_DIR.",
    )


async def _check_database(url: SecretStr) -> list[Finding]:
    try:
        due = await due_migrations(url.get_secret_value())
    except UnusableDatabase as error:
        return [Finding(level=Level.PROBLEM, text=str(error))]
    except StoreUnavailable as error:
        remedy = "Look at DATABASE_URL, and whether the database runs and lets us in."
        words = str(error)
        return [Finding(level=Level.PROBLEM, text=f"{words[:1].upper()}{words[1:]}.", remedy=remedy)]
    if due:
        remedy = "The next start does that by itself, and so does `python bot.py migrate`."
        return [Finding(level=Level.OK, text="The database is to be made or brought up to date.", remedy=remedy)]
    return [Finding(level=Level.OK, text="The database can be read and its schema is current.")]


# --- Discord -----------------------------------------------------------------------------------------------------


async def _check_discord(settings: Settings, api: str) -> list[Finding]:
    token = settings.discord_token.get_secret_value()
    if not token:
        return []
    proxy = settings.discord_proxy.get_secret_value() if settings.discord_proxy else None
    socks = proxy is not None and proxy.startswith("socks5:")
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp_socks.ProxyConnector.from_url(proxy) if proxy and socks else None,
            proxy=None if socks else proxy,
            timeout=_TIMEOUT,
            headers={"Authorization": f"Bot {token}", "User-Agent": _USER_AGENT},
            trust_env=False,
        ) as session:
            user = await _get(session, f"{api}/users/@me")
            application = await _get(session, f"{api}/applications/@me")
    except aiohttp.ClientHttpProxyError as error:
        return [_unreachable_discord(f"HTTP {error.status}", proxy)]
    except aiohttp.ClientResponseError as error:
        return [_discord_refusal(error.status)]
    except FAULTS as error:
        return [_unreachable_discord(type(error).__name__, proxy)]
    return list(_discord_findings(user, application))


async def _get(session: aiohttp.ClientSession, url: str) -> Mapping[str, Any]:
    # A redirect would carry the token elsewhere.
    async with session.get(url, allow_redirects=False, raise_for_status=True) as response:
        content = await response.json(content_type=None) if response.status == 200 else None  # noqa: PLR2004 - OK
    if not isinstance(content, dict) or not str(cast("dict[str, Any]", content).get("id", "")).isdigit():
        raise aiohttp.ClientPayloadError("not an answer of Discord's")
    return cast("dict[str, Any]", content)


def _unreachable_discord(why: str, proxy: str | None) -> Finding:
    """`why` in our words: the fault's own may hold the proxy's password."""
    way = "through DISCORD_PROXY" if proxy else "from here"
    return Finding(
        level=Level.PROBLEM,
        text=f"Discord cannot be reached {way} ({why}).",
        remedy="Look at the network, and at DISCORD_PROXY if Discord can only be reached through a proxy.",
    )


def _discord_refusal(status: int) -> Finding:
    if status in {401, 403}:
        return Finding(
            level=Level.PROBLEM,
            text="Discord does not accept DISCORD_TOKEN.",
            remedy="Reset the token at discord.com/developers (your application, Bot) and put the new one in its place.",
        )
    return Finding(
        level=Level.PROBLEM,
        text=f"Discord answers with HTTP {status} instead of saying who the token belongs to.",
        remedy="Try again in a few minutes; if it lasts, look at what stands between this machine and Discord.",
    )


def _discord_findings(user: Mapping[str, Any], application: Mapping[str, Any]) -> Iterable[Finding]:
    name = str(user.get("username", "?"))
    yield Finding(level=Level.OK, text=f"DISCORD_TOKEN works: it belongs to {name}.")
    if application.get("bot_require_code_grant"):
        yield Finding(
            level=Level.PROBLEM,
            text="The application demands an OAuth2 code grant, with which nobody can add the bot by a link.",
            remedy="Switch `Requires OAuth2 Code Grant` off at discord.com/developers (your application, Bot).",
        )
    link = invite_link(int(application["id"]))
    yield Finding(level=Level.OK, text="This link adds the bot to a server:", remedy=link)


# --- MiniMax -----------------------------------------------------------------------------------------------------

_KEY_FINDINGS: Final[Mapping[KeyVerdict, Finding]] = {
    KeyVerdict.OK: Finding(level=Level.OK, text="MINIMAX_API_KEY works on {host}."),
    KeyVerdict.BAD_KEY: Finding(
        level=Level.PROBLEM,
        text="{host} does not accept MINIMAX_API_KEY: {text}.",
        remedy=(
            "A key works only on the platform that made it: set MINIMAX_BASE_URL to https://api.minimaxi.com (mainland) "
            "or https://api.minimax.io (global), or make a new key there."
        ),
    ),
    KeyVerdict.NO_CREDIT: Finding(
        level=Level.PROBLEM,
        text="{host} accepts MINIMAX_API_KEY, but there is nothing left to pay with: {text}.",
        remedy="Top up the account, or wait for the plan's next window.",
    ),
    KeyVerdict.UNREACHABLE: Finding(
        level=Level.PROBLEM,
        text="{host} cannot be asked about MINIMAX_API_KEY: {text}.",
        remedy="Look at MINIMAX_BASE_URL, at the network, and at MINIMAX_PROXY if you set one; or try again later.",
    ),
}


async def _check_minimax(settings: Settings, clock: Clock) -> list[Finding]:
    if not settings.minimax_api_key.get_secret_value():
        return []
    base_url = settings.minimax_base_url
    async with open_sessions(settings.minimax_proxy) as sessions:
        client = MiniMaxClient(sessions, base_url=base_url, api_key=settings.minimax_api_key, clock=clock)
        check = await client.check_key()
    finding = _KEY_FINDINGS[check.verdict]
    text = finding.text.format(host=base_url, text=check.text.rstrip("."))
    return [Finding(level=finding.level, text=text, remedy=finding.remedy)]


# --- pages of videos ---------------------------------------------------------------------------------------------

_NO_PAGES: Final = Finding(
    level=Level.OK,
    text="There are no share pages: a video too large for its channel goes out as MiniMax's link, which ends within hours.",
    remedy="WEB_PORT and PUBLIC_URL give such videos pages of your own, for a month: docs/operators.md shows how.",
)


async def _check_pages(settings: Settings) -> list[Finding]:
    if settings.public_url is None:
        return [_NO_PAGES]
    address = f"{settings.public_url}{WATCH_PATH}/"
    try:
        async with (
            _pages_served(settings),
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as session,
            session.get(address) as response,
        ):
            ours = SIGNATURE in await response.text(errors="replace")
            status = response.status
    except FAULTS as error:
        return [
            Finding(
                level=Level.WARNING,
                text=f"Share pages cannot be seen from this machine: {address} cannot be reached ({type(error).__name__}).",
                remedy="Open that address elsewhere: a page must say that there is no video. If none does, look at "
                "PUBLIC_URL, at its certificate, and at the reverse proxy.",
            )
        ]
    if ours:
        return [Finding(level=Level.OK, text=f"Share pages work: {address} leads to the bot.")]
    return [
        Finding(
            level=Level.WARNING,
            text=f"Share pages do not work: {address} does not lead to the bot, but is answered with HTTP {status}.",
            remedy=f"Let the reverse proxy pass {WATCH_PATH}/ on to port {settings.web_port}: docs/operators.md shows how.",
        )
    ]


@contextlib.asynccontextmanager
async def _pages_served(settings: Settings) -> AsyncGenerator[None]:
    """The pages on the bot's port meanwhile, without a video; where the port is taken, the bot may be there itself."""
    app = web.Application()
    WatchPages(lambda _: None, base=f"{settings.public_url}{WATCH_PATH}/", texts=Texts.load()).add_to(app)
    async with contextlib.AsyncExitStack() as stack:
        if settings.web_port is not None:
            with contextlib.suppress(PortUnusable):
                await stack.enter_async_context(serving(app, host=settings.web_host, port=settings.web_port))
        yield
