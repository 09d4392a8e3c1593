"""What the check of a setup finds around it: a Discord that knows one token and one application, and a clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from checkup import Finding, Level, run_checks
from settings import Settings

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


async def check(values: Mapping[str, Any], discord_api: FakeDiscord) -> tuple[Finding, ...]:
    return await run_checks(Settings(**values), clock=Noon(), discord_api=discord_api.url)


def problems(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.text for finding in findings if finding.level is Level.PROBLEM]
