"""The check of the share pages: whether the public address leads to the bot."""

from __future__ import annotations

import socket
from typing import Any

from aiohttp import web

from checkup import Finding, Level, exit_code
from locales import Texts
from tests.checkup.surroundings import FakeDiscord, check
from tests.minimax.wire import free_port
from web.server import serving
from web.watch import WatchPages


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
