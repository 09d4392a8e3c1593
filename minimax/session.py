"""The HTTP sessions the client speaks through: timeouts, proxies, and the proof of whether a request went out.

Knows aiohttp, and nothing of MiniMax's calls. No session holds a key, a cookie, or anything of the environment.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import aiohttp
import aiohttp_socks
from pydantic import SecretStr
from yarl import URL

_SOCKS_PORT: Final = 1080  # the registered one, where the address names none

FAULTS: Final[tuple[type[Exception], ...]] = (
    aiohttp.ClientError,
    OSError,  # includes TimeoutError
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)
"""Everything a session raises when the wire fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds after which the wire counts as broken.

    Args:
        connect: To reach the host, proxy and TLS included.
        create_read: Silence while the paid call is being answered; generous, for its answer is worth money.
        create_total: The whole paid call.
        ask_read: Silence while a question is being answered.
        ask_total: A whole question.
        download_read: Silence within a download, which has no total: videos are large and lines are slow.
    """

    connect: float = 15.0
    create_read: float = 90.0
    create_total: float = 120.0
    ask_read: float = 20.0
    ask_total: float = 40.0
    download_read: float = 30.0


class Attempt:
    """Whether one request may have left this machine: true until proven otherwise.

    aiohttp reports when it starts and when it has ended the making of a connection (names, proxy and TLS included), and
    nothing of the request is written in between. So a fault in between means that it never left.
    """

    def __init__(self) -> None:
        self.may_have_left = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """One session per kind of traffic.

    Args:
        paid: For the paid call alone. Each request has a fresh connection: one that lay in a pool may be dead without
            our knowing, and a paid call lost on it would be uncertain for nothing.
        api: For questions; connections are kept and used again.
        downloads: For other hosts, which never see the key.
    """

    paid: aiohttp.ClientSession
    api: aiohttp.ClientSession
    downloads: aiohttp.ClientSession


@asynccontextmanager
async def open_sessions(
    proxy: SecretStr | None = None, *, timeouts: Timeouts | None = None
) -> AsyncGenerator[Sessions]:
    """Opens the sessions, and closes them at the end.

    Args:
        proxy: `http://[name:password@]host[:port]` or `socks5://[name:password@]host[:port]` for all traffic, downloads
            included; None for none. Variables of the environment are never looked at.
        timeouts: Seconds to wait; the defaults where left out.

    Yields:
        The sessions.

    Raises:
        ValueError: The proxy is of another kind; one plain sentence that does not repeat its password.
    """
    limits = timeouts or Timeouts()
    through = _parse_proxy(proxy)
    async with AsyncExitStack() as stack:

        async def session(*, read: float, total: float | None, fresh: bool = False, **options: Any) -> Any:
            return await stack.enter_async_context(
                aiohttp.ClientSession(
                    connector=_connector(through, fresh=fresh),
                    proxy=through if through is not None and through.scheme == "http" else None,
                    timeout=aiohttp.ClientTimeout(
                        total=total, connect=limits.connect, sock_connect=limits.connect, sock_read=read
                    ),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    trust_env=False,
                    **options,
                )
            )

        yield Sessions(
            paid=await session(
                read=limits.create_read, total=limits.create_total, fresh=True, trace_configs=[_attempt_trace()]
            ),
            api=await session(read=limits.ask_read, total=limits.ask_total),
            downloads=await session(read=limits.download_read, total=None),
        )


def _parse_proxy(proxy: SecretStr | None) -> URL | None:
    if proxy is None:
        return None
    sentence = "MINIMAX_PROXY must begin with http:// or socks5://, followed by a host and, where needed, a port."
    try:
        url = URL(proxy.get_secret_value())
    except ValueError:
        # The cause would repeat the address, and with it perhaps a password.
        raise ValueError(sentence) from None
    if url.scheme not in {"http", "socks5"} or not url.host:
        raise ValueError(sentence)
    return url


def _connector(proxy: URL | None, *, fresh: bool) -> aiohttp.TCPConnector:
    if proxy is None or proxy.scheme == "http":
        return aiohttp.TCPConnector(force_close=fresh)
    return aiohttp_socks.ProxyConnector(
        host=proxy.host or "",
        port=proxy.port or _SOCKS_PORT,
        username=proxy.user,
        password=proxy.password,
        force_close=fresh,
    )


def _attempt_trace() -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()

    async def connecting(_session: object, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx.may_have_left = False

    async def connected(_session: object, context: SimpleNamespace, _params: object) -> None:
        context.trace_request_ctx.may_have_left = True

    trace.on_connection_create_start.append(connecting)
    trace.on_connection_create_end.append(connected)
    return trace
