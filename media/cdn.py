"""Brings a person's file from Discord to a path of ours; the only module of media that knows HTTP.

The address comes with the interaction, so it is held against a list: this must never become a way to make the bot's
machine ask for something in its own network.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp
import aiohttp_socks
from yarl import URL

from jobs.errors import BadInput, Reason, Transient, told

ORIGINS: Final = frozenset(
    {
        "https://cdn.discordapp.com",
        "https://media.discordapp.net",
        "https://images-ext-1.discordapp.net",
        "https://images-ext-2.discordapp.net",
    }
)
"""Where Discord keeps attachments, and its own copies of pictures that messages link to (Discord docs, Attachment and
Embed Image objects: `url` and `proxy_url`). Where such a picture really lies, nobody asks."""

_BLOCK: Final = 1024 * 1024  # per write: a thread per network chunk would cost more than the writing

_BUSY: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})

_FAULTS: Final = (
    aiohttp.ClientError,
    OSError,  # includes TimeoutError
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds after which a download counts as broken.

    Args:
        connect: To reach Discord, proxy and TLS included.
        read: Silence within the download.
        total: The whole of it: about 50 MB over a slow line.
    """

    connect: float = 15.0
    read: float = 20.0
    total: float = 180.0


class DiscordCdn:
    """Downloads from Discord and from nowhere else; implements `jobs.ports.FetchFile`.

    Args:
        session: Without a key or a cookie.
        origins: Scheme, host and port of what may be asked.
    """

    def __init__(self, session: aiohttp.ClientSession, *, origins: Collection[str] = ORIGINS) -> None:
        self._session = session
        self._origins = origins

    async def __call__(self, url: str, path: Path, *, limit: int) -> None:
        """Streams a file to `path`: see `jobs.ports.FetchFile`."""
        address = self._checked(url)
        try:
            # Not followed: a redirect could lead anywhere, and Discord's files have none.
            async with self._session.get(address, allow_redirects=False) as response:
                _check_status(response)
                await _save(response, path, limit)
        except _FAULTS as error:
            raise Transient(f"attachment: {told(error)}") from error

    def _checked(self, url: str) -> URL:
        # Links are signed: an address that is already well-formed goes out byte for byte.
        well_formed = url.isascii() and url.isprintable() and " " not in url
        try:
            address = URL(url, encoded=well_formed)
            origin = str(address.origin())
        except ValueError as error:
            raise BadInput(Reason.INPUT_GONE, "the link is no address") from error
        if origin not in self._origins or address.user is not None:
            raise BadInput(Reason.INPUT_GONE, f"the link does not lead to Discord but to {origin}")
        return address


@asynccontextmanager
async def open_cdn(
    *,
    proxy: str | None = None,
    connector: aiohttp.BaseConnector | None = None,
    origins: Collection[str] | None = None,
    patience: Patience | None = None,
) -> AsyncGenerator[DiscordCdn]:
    """Opens the session for attachments, and closes it at the end.

    Args:
        proxy: An `http://` proxy, or None; variables of the environment are never looked at.
        connector: For a proxy of another kind.
        origins: What may be asked; Discord's by default.
        patience: Seconds to wait; the defaults where left out.
    """
    wait = patience or Patience()
    async with aiohttp.ClientSession(
        connector=connector,
        proxy=proxy,
        timeout=aiohttp.ClientTimeout(
            total=wait.total, connect=wait.connect, sock_connect=wait.connect, sock_read=wait.read
        ),
        headers={"Accept-Encoding": "identity"},  # a packed answer could unpack to anything
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    ) as session:
        yield DiscordCdn(session, origins=ORIGINS if origins is None else origins)


def _check_status(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status == HTTPStatus.OK:
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _BUSY:
        raise Transient(f"attachment: HTTP {status}", code=status)
    raise BadInput(Reason.INPUT_GONE, f"the link answers HTTP {status}")


async def _save(response: aiohttp.ClientResponse, path: Path, limit: int) -> None:
    if (response.content_length or 0) > limit:
        raise _too_large(limit)
    received = 0
    block = bytearray()
    with path.open("wb") as file:
        async for chunk in response.content.iter_any():
            received += len(chunk)
            if received > limit:
                raise _too_large(limit)
            block += chunk
            if len(block) >= _BLOCK:
                await asyncio.to_thread(file.write, block)
                block = bytearray()
        await asyncio.to_thread(file.write, block)


def _too_large(limit: int) -> BadInput:
    return BadInput(Reason.INPUT_TOO_LARGE, f"more than {limit} bytes")
