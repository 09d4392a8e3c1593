"""The web application: the address the provider pushes to, `/health`, and the pages of videos.

Knows aiohttp and the job service.

A push is only a hint to ask: whatever it says, nothing is believed before the provider confirms it to our own key. The
last part of the address is a secret of one job (256 random bits, looked up by an index: answer times tell nothing that
would help to guess it), so the address is never logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Final

import structlog
from aiohttp import web

from jobs.service import JobService

from .answers import in_few_words, short
from .health import Health
from .pushes import Challenge, read_push
from .watch import WatchPages

CALLBACK_PATH: Final = "/callback"
LARGEST_PUSH: Final = 64 * 1024
"""Bytes; a real push has a few hundred."""

READ_WITHIN: Final = 5.0

log = structlog.get_logger(__name__)


def create_app(
    service: JobService,
    health: Callable[[], Awaitable[Health]],
    *,
    pages: WatchPages | None = None,
    read_within: float = READ_WITHIN,
) -> web.Application:
    """The application.

    Args:
        service: Takes pushes.
        health: Looks whether all is well.
        pages: Show published videos; None where the world cannot reach them.
        read_within: Seconds a body may take to arrive.
    """

    async def take_push(request: web.Request) -> web.Response:
        key = request.match_info["key"]
        async with asyncio.timeout(read_within):
            content = await request.read()
        push = read_push(content)
        if push is None:
            # The same answer for every address: what is no push must not tell which ones exist.
            return short(400, "no push")
        if isinstance(push, Challenge):
            # MiniMax docs, callback_url: the same value within 3 seconds, maybe before the create has its answer. The
            # key is known by then: the job is committed before anything is sent.
            known = await service.expects_pushes(key)
            return web.json_response({"challenge": push.value}) if known else short(404, "unknown")
        if not await service.pushed(key, task_id=push.task_id, ended=push.ended):
            return short(404, "unknown")
        log.info("push taken", task=push.task_id, ended=push.ended)
        return short(200, "success")

    async def tell_health(_: web.Request) -> web.Response:
        found = await health()
        return web.json_response(asdict(found), status=200 if found.well else 503)

    app = web.Application(client_max_size=LARGEST_PUSH, middlewares=[in_few_words])
    app.router.add_post(f"{CALLBACK_PATH}/{{key:[A-Za-z0-9_-]+}}", take_push)
    app.router.add_get("/health", tell_health)
    if pages is not None:
        pages.add_to(app)
    return app
