"""The check of Discord: the token, the application, and the way there, which may be through a proxy."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from checkup import report
from tests.checkup.surroundings import APPLICATION, USER, FakeDiscord, check, problems
from tests.minimax.wire import Peer, answer, free_port


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


@pytest.mark.parametrize("status", [403, 407])
async def test_a_proxy_that_refuses_is_not_blamed_on_the_token(
    status: int, values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    discord_api.url = "https://discord.invalid/api/v10"
    async with Peer([answer(status=status)]) as proxy:
        values["discord_proxy"] = proxy.url.replace("//", "//someone:hunter2@")
        findings = await check(values, discord_api)

    assert problems(findings) == [f"Discord cannot be reached through DISCORD_PROXY (HTTP {status})."]
    assert "hunter2" not in report(findings)
