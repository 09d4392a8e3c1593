from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from checkup import PERMISSIONS, Finding, Level, exit_code, invite_link, report, run_checks
from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from locales import Texts
from settings import Settings
from storage.schema import migrate
from web.server import serving
from web.watch import WatchPages

TOKEN = "obviously-fake-token"
KEY = "obviously-fake-key"
USER = {"id": "200", "username": "Reel"}
APPLICATION = {"id": "100", "name": "Reel", "bot_require_code_grant": False}
INVITE = "https://discord.com/oauth2/authorize?client_id=100&scope=bot+applications.commands&permissions=274878024704"


class Noon:
    def now(self) -> float:
        return 43_200.0


class FakeDiscord:
    """The two calls of the check, over HTTP."""

    def __init__(self) -> None:
        self.user: Mapping[str, Any] = USER
        self.application: Mapping[str, Any] = APPLICATION
        self.status: int | None = None
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        if self.status is not None:
            return web.json_response({"message": "no", "code": 0}, status=self.status, headers={"Location": "/"})
        if request.headers["Authorization"] != f"Bot {TOKEN}":
            return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)
        return web.json_response(self.user if request.path.endswith("users/@me") else self.application)


@pytest.fixture
async def discord_api() -> AsyncIterator[FakeDiscord]:
    fake = FakeDiscord()
    app = web.Application()
    app.router.add_get("/api/v10/users/@me", fake.answer)
    app.router.add_get("/api/v10/applications/@me", fake.answer)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/api/v10"))
        yield fake


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(keys={"check": SecretStr(KEY)})


@pytest.fixture
async def minimax_url(simulator: Simulator) -> AsyncIterator[str]:
    async with running(simulator) as url:
        yield url


@pytest.fixture
def values(tmp_path: Path, minimax_url: str) -> dict[str, Any]:
    """The settings of an operator who has done everything right."""
    return {
        "discord_token": TOKEN,
        "minimax_api_key": KEY,
        "minimax_base_url": minimax_url,
        "data_dir": tmp_path / "data",
        "total_spend_per_month": "100",
    }


async def check(values: Mapping[str, Any], discord_api: FakeDiscord) -> tuple[Finding, ...]:
    return await run_checks(Settings(**values), clock=Noon(), discord_api=discord_api.url)


def problems(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.text for finding in findings if finding.level is Level.PROBLEM]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


# --- all is well ---------------------------------------------------------------------------------------------------


async def test_where_all_is_well_it_says_so_and_prints_the_invite_link(
    values: dict[str, Any], discord_api: FakeDiscord, minimax_url: str
) -> None:
    findings = await check(values, discord_api)

    assert exit_code(findings) == 0
    assert [finding.text for finding in findings] == [
        "The settings are complete.",
        f"The data folder {values['data_dir']} will be made at the first start.",
        "The database is to be made or brought up to date.",
        "DISCORD_TOKEN works: it belongs to Reel.",
        "This link adds the bot to a server:",
        f"MINIMAX_API_KEY works on {minimax_url}.",
        "There are no share pages: a video too large for its channel goes out as MiniMax's link, which ends within hours.",
    ]
    assert INVITE in report(findings)


async def test_it_pays_nothing_and_leaves_nothing_behind(
    values: dict[str, Any], discord_api: FakeDiscord, simulator: Simulator, tmp_path: Path
) -> None:
    await check(values, discord_api)

    assert list(simulator.ledger.paid_creates()) == []
    assert list(tmp_path.iterdir()) == []


async def test_no_finding_shows_a_secret(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    discord_api.status = 401
    values["minimax_proxy"] = f"http://someone:hunter2@127.0.0.1:{free_port()}"

    text = report(await check(values, discord_api))

    assert [secret for secret in (TOKEN, KEY, "hunter2") if secret in text] == []


def test_the_link_asks_for_the_least_that_posting_a_video_takes() -> None:
    granted = {name for name, value in PERMISSIONS if value}

    assert granted == {
        "read_messages",  # discord.py's name of "view channel"
        "send_messages",
        "send_messages_in_threads",
        "embed_links",
        "attach_files",
        "read_message_history",
    }
    assert invite_link(100) == INVITE


def test_a_report_puts_the_remedy_below_its_finding() -> None:
    finding = Finding(level=Level.PROBLEM, text="It is broken.", remedy="Mend it.")

    assert report([finding]) == "problem  It is broken.\n         Mend it."


@pytest.mark.parametrize(("level", "code"), [(Level.OK, 0), (Level.WARNING, 0), (Level.PROBLEM, 1)])
def test_only_a_problem_fails_the_check(level: Level, code: int) -> None:
    assert exit_code([Finding(level=Level.OK, text=""), Finding(level=level, text="")]) == code


# --- settings ------------------------------------------------------------------------------------------------------


async def test_missing_secrets_are_named_and_the_rest_is_looked_at_all_the_same(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    del values["discord_token"], values["minimax_api_key"]

    findings = await check(values, discord_api)

    assert problems(findings) == ["DISCORD_TOKEN is not set.", "MINIMAX_API_KEY is not set."]
    assert "The database is to be made or brought up to date." in [finding.text for finding in findings]


async def test_a_start_without_any_limit_is_warned_of(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    del values["total_spend_per_month"]

    findings = await check(values, discord_api)

    assert [finding.text for finding in findings if finding.level is Level.WARNING] == list(
        Settings(**values).warnings()
    )
    assert exit_code(findings) == 0


async def test_defaults_that_the_catalog_does_not_have_are_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["default_duration"] = 7

    (problem,) = problems(await check(values, discord_api))

    assert problem.startswith("DEFAULT_DURATION is 7")


async def test_a_price_of_something_that_is_not_made_is_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["minimax_prices"] = ("Sora:768P:6=1",)

    (problem,) = problems(await check(values, discord_api))

    assert problem.startswith("MINIMAX_PRICES names Sora")


# --- the data folder and the database ------------------------------------------------------------------------------


async def test_a_data_folder_that_is_a_file_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["database_url"] = f"sqlite+aiosqlite:///{values['data_dir'].with_name('bot.db').as_posix()}"
    values["data_dir"].write_text("not a folder", encoding="utf-8")

    assert problems(await check(values, discord_api)) == [
        f"The data folder {values['data_dir']} cannot be written: Not a directory."
    ]


async def test_a_data_folder_of_somebody_else_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["data_dir"].mkdir(mode=0o500)
    if os.access(values["data_dir"], os.W_OK):
        pytest.skip("this user may write anywhere")

    assert problems(await check(values, discord_api)) == [
        f"The data folder {values['data_dir']} cannot be written: Permission denied."
    ]


async def test_a_database_that_is_current_is_said_to_be(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["data_dir"].mkdir()
    await migrate(Settings(**values).database_url.get_secret_value())

    texts = [finding.text for finding in await check(values, discord_api)]

    assert "The database can be read and its schema is current." in texts
    assert f"The data folder {values['data_dir']} can be written." in texts


async def test_a_file_that_is_no_database_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["data_dir"].mkdir()
    (values["data_dir"] / "bot.db").write_bytes(b"something else entirely, and long enough" * 100)

    (problem,) = problems(await check(values, discord_api))

    assert problem.startswith("The database cannot be read (file is not a database)")


async def test_a_database_server_that_does_not_answer_is_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["database_url"] = f"postgresql+asyncpg://bot:hunter2@127.0.0.1:{free_port()}/bot"

    findings = await check(values, discord_api)

    (problem,) = problems(findings)
    assert problem.startswith("The database cannot be reached")
    assert "hunter2" not in report(findings)


# --- Discord -------------------------------------------------------------------------------------------------------


async def test_a_token_that_discord_refuses_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["discord_token"] = "another-fake-token"

    assert problems(await check(values, discord_api)) == ["Discord does not accept DISCORD_TOKEN."]


@pytest.mark.parametrize("status", [429, 500, 502])
async def test_a_discord_in_trouble_is_not_blamed_on_the_token(
    status: int, values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    discord_api.status = status

    assert problems(await check(values, discord_api)) == [
        f"Discord answers with HTTP {status} instead of saying who the token belongs to."
    ]


@pytest.mark.parametrize("status", [204, 302])
async def test_an_answer_that_is_not_discords_is_a_problem(
    status: int, values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    discord_api.status = status

    assert problems(await check(values, discord_api)) == ["Discord cannot be reached from here (ClientPayloadError)."]


async def test_a_discord_out_of_reach_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    discord_api.url = f"http://127.0.0.1:{free_port()}"

    assert problems(await check(values, discord_api)) == ["Discord cannot be reached from here (ClientConnectorError)."]


async def test_an_application_that_nobody_can_add_by_link_is_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    discord_api.application = APPLICATION | {"bot_require_code_grant": True}

    (problem,) = problems(await check(values, discord_api))

    assert "code grant" in problem


# --- MiniMax -------------------------------------------------------------------------------------------------------


async def test_a_key_that_the_provider_refuses_is_a_problem_and_the_two_platforms_are_named(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["minimax_api_key"] = "another-fake-key"

    findings = await check(values, discord_api)

    (finding,) = (finding for finding in findings if finding.level is Level.PROBLEM)
    assert "does not accept MINIMAX_API_KEY" in finding.text
    assert "https://api.minimaxi.com" in finding.remedy
    assert "https://api.minimax.io" in finding.remedy


async def test_a_provider_out_of_reach_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["minimax_base_url"] = f"http://127.0.0.1:{free_port()}"

    (problem,) = problems(await check(values, discord_api))

    assert "cannot be asked about MINIMAX_API_KEY" in problem


# --- pages of videos -----------------------------------------------------------------------------------------------


def about_pages(findings: tuple[Finding, ...]) -> Finding:
    (found,) = [finding for finding in findings if "hare pages" in finding.text]
    return found


async def test_pages_that_the_public_address_leads_to_are_said_to_work(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    port = free_port()
    values |= {"web_port": port, "public_url": f"http://127.0.0.1:{port}"}

    found = about_pages(await check(values, discord_api))

    assert found.level is Level.OK
    assert found.text == f"Share pages work: http://127.0.0.1:{port}/watch/ leads to the bot."
    socket.create_server(("127.0.0.1", port)).close()  # the port is the bot's again


async def test_pages_of_a_bot_that_runs_already_are_seen_too(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    app = web.Application()
    WatchPages(lambda _: None, base="", texts=Texts.load()).add_to(app)
    async with serving(app, host="127.0.0.1", port=0) as port:
        values |= {"web_port": port, "public_url": f"http://127.0.0.1:{port}"}
        found = about_pages(await check(values, discord_api))

    assert (found.level, found.text[:17]) == (Level.OK, "Share pages work:")


async def test_a_public_address_that_leads_elsewhere_is_warned_of(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    elsewhere = discord_api.url.removesuffix("/api/v10")
    values |= {"web_port": free_port(), "public_url": elsewhere}

    findings = await check(values, discord_api)

    found = about_pages(findings)
    assert found.level is Level.WARNING
    assert found.text == (
        f"Share pages do not work: {elsewhere}/watch/ does not lead to the bot, but is answered with HTTP 404."
    )
    assert str(values["web_port"]) in found.remedy
    assert exit_code(findings) == 0


async def test_a_public_address_out_of_reach_is_warned_of(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values |= {"web_port": free_port(), "public_url": f"http://127.0.0.1:{free_port()}"}

    found = about_pages(await check(values, discord_api))

    assert found.level is Level.WARNING
    assert "cannot be reached (ClientConnectorError)" in found.text


async def test_a_web_server_without_a_public_address_has_no_pages(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["web_port"] = free_port()

    assert about_pages(await check(values, discord_api)).text.startswith("There are no share pages")


# --- proxies -------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def http_proxy(seen: list[bytes]) -> AsyncGenerator[int]:
    """Answers for Discord itself: its host is known to nobody else."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head)
        body = json.dumps(USER if b"users/@me" in head else APPLICATION).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_discord_is_asked_through_its_own_proxy_and_the_provider_without_it(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    seen: list[bytes] = []
    discord_api.url = "http://discord.invalid/api/v10"
    async with http_proxy(seen) as port:
        values["discord_proxy"] = f"http://someone:hunter2@127.0.0.1:{port}"
        findings = await check(values, discord_api)

    assert problems(findings) == []
    assert [head.split(b" ")[1] for head in seen] == [
        b"http://discord.invalid/api/v10/users/@me",
        b"http://discord.invalid/api/v10/applications/@me",
    ]
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"someone:hunter2") in seen[0]


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_dead_proxy_is_named_and_its_password_is_not(
    scheme: str, values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["discord_proxy"] = f"{scheme}://someone:hunter2@127.0.0.1:{free_port()}"

    findings = await check(values, discord_api)

    (problem,) = problems(findings)
    assert problem.startswith("Discord cannot be reached through DISCORD_PROXY")
    assert "hunter2" not in report(findings)


# --- an account without money --------------------------------------------------------------------------------------


class TestEmptyAccount:
    @pytest.fixture
    def simulator(self) -> Simulator:
        return Simulator(keys={"check": SecretStr(KEY)}, limits=Limits(balance=Decimal(0)))

    async def test_is_a_problem(self, values: dict[str, Any], discord_api: FakeDiscord) -> None:
        (problem,) = problems(await check(values, discord_api))

        assert "nothing left to pay with" in problem
