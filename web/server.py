"""Serves the application on a port of this machine, and stops quickly."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web

STOP_WITHIN: Final = 1.0
"""Seconds that requests under way get when the server stops."""

KEPT_ALIVE: Final = 15.0
"""Seconds an idle connection stays open."""

log = structlog.get_logger(__name__)


class PortUnusable(Exception):
    """The port cannot be listened on; the message is one sentence for the operator."""


@asynccontextmanager
async def serving(
    app: web.Application, *, host: str, port: int, set_by: str = "WEB_PORT or WEB_HOST"
) -> AsyncGenerator[int]:
    """Serves as long as the block runs.

    Args:
        app: What to serve.
        host: The address of this machine to listen on.
        port: 0 is any free one.
        set_by: What an operator sets them by.

    Yields:
        The port.

    Raises:
        PortUnusable: It is taken, or not ours to have.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        # aiohttp quotes a malformed request in what it logs, and the address is a secret. What breaks in the
        # application itself is logged there.
        logger=logging.Logger("unheard", level=logging.CRITICAL),  # noqa: LOG001 - one that is not registered
        auto_decompress=False,  # nobody sends compressed pushes, and a few bytes could become very many
        keepalive_timeout=KEPT_ALIVE,
        shutdown_timeout=STOP_WITHIN,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            # asyncio words it at length; a name that is not known has a negative number of its own.
            why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise PortUnusable(f"Port {port} of {host} cannot be used ({why}): mend {set_by}.") from error
        opened: int = runner.addresses[0][1]
        log.info("web server listens", host=host, port=opened)
        yield opened
    finally:
        await runner.cleanup()
