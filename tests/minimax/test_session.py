"""The way out: proxies of both kinds, nothing from the environment, and proof of what never left."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from jobs.errors import NotSent, Transient, Uncertain
from jobs.model import Task, VideoRequest
from jobs.ports import VideoLink
from minimax.client import MiniMaxClient
from minimax.session import open_sessions
from tests.minimax.conftest import KEY, QUICK, StoppedClock
from tests.minimax.test_download import FILM, film
from tests.minimax.wire import Peer, Reply, answer, free_port, reset, says, serving, silence

SPOKEN = "fake-password"  # what a proxy is told


@asynccontextmanager
async def client_through(proxy: str | None, base_url: str) -> AsyncGenerator[MiniMaxClient]:
    async with open_sessions(None if proxy is None else SecretStr(proxy), timeouts=QUICK) as sessions:
        yield MiniMaxClient(sessions, base_url=base_url, api_key=SecretStr(KEY), clock=StoppedClock())


@dataclass
class Socks:
    """A SOCKS5 proxy (RFC 1928, name and password after RFC 1929) that brings everybody to one port of loopback.

    Attributes:
        reply: What it answers to the wish to connect; 0 is success.
        asked_for: The hosts it was asked for.
        logins: The names and passwords it was told.
    """

    target: int
    reply: int = 0
    asked_for: list[bytes] = field(default_factory=list[bytes])
    logins: list[bytes] = field(default_factory=list[bytes])

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._greet(reader, writer)
        if self.reply == 0:
            await self._relay(reader, writer)

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        offered = await reader.readexactly(methods)
        method = 2 if 2 in offered else 0
        writer.write(bytes([5, method]))
        if method == 2:
            _, length = await reader.readexactly(2)
            name = await reader.readexactly(length)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            self.logins.append(name + b":" + password)
            writer.write(b"\x01\x00")
        *_, kind = await reader.readexactly(4)
        length = 4 if kind == 1 else (await reader.readexactly(1))[0]
        self.asked_for.append(await reader.readexactly(length))
        await reader.readexactly(2)
        writer.write(bytes([5, self.reply, 0, 1, 127, 0, 0, 1, 0, 0]))
        await writer.drain()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                sink.write(data)
                await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, there_writer), pump(there_reader, writer), return_exceptions=True)


@asynccontextmanager
async def socks(target: int, *, reply: int = 0) -> AsyncGenerator[tuple[Socks, str]]:
    proxy = Socks(target, reply)
    async with serving(proxy.converse) as port:
        yield proxy, f"127.0.0.1:{port}"


async def test_an_http_proxy_carries_the_api_and_the_downloads(tmp_path: Path, wish: VideoRequest) -> None:
    replies = [says(0, task_id="1"), says(0, status="Processing"), film()]
    async with Peer(replies) as proxy:
        address = proxy.url.replace("//", f"//name:{SPOKEN}@")
        async with client_through(address, "http://api.example") as client:
            task = await client.create(wish)
            await client.query(task)
            await client.download(VideoLink(url="http://cdn.example/v.mp4"), tmp_path / "v.mp4", limit=10**6)

    login = "Basic " + base64.b64encode(f"name:{SPOKEN}".encode()).decode()
    assert [received.target for received in proxy.requests] == [
        "http://api.example/v1/video_generation",
        "http://api.example/v1/query/video_generation?task_id=1",
        "http://cdn.example/v.mp4",
    ]
    assert [received.headers["proxy-authorization"] for received in proxy.requests] == [login] * 3
    assert "authorization" not in proxy.requests[2].headers


async def test_a_socks_proxy_carries_them_too_and_looks_up_the_names(tmp_path: Path, wish: VideoRequest) -> None:
    async with (
        Peer([says(0, task_id="1"), film()]) as peer,
        socks(peer.port) as (proxy, address),
        client_through(f"socks5://name:{SPOKEN}@{address}", "http://api.example") as client,
    ):
        assert (await client.create(wish)).task_id == "1"
        await client.download(VideoLink(url="http://cdn.example/v.mp4"), tmp_path / "v.mp4", limit=10**6)

    assert proxy.asked_for == [b"api.example", b"cdn.example"]
    assert proxy.logins == [f"name:{SPOKEN}".encode()] * 2
    assert (tmp_path / "v.mp4").read_bytes() == FILM


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_behind_a_dead_proxy_nothing_was_sent(wish: VideoRequest, scheme: str) -> None:
    async with client_through(f"{scheme}://127.0.0.1:{free_port()}", "http://api.example") as client:
        with pytest.raises(NotSent):
            await client.create(wish)
        with pytest.raises(Transient):
            await client.query(Task(task_id="1", base_url="http://api.example"))


async def test_what_a_socks_proxy_does_not_connect_was_not_sent(wish: VideoRequest) -> None:
    async with socks(0, reply=5) as (_, address), client_through(f"socks5://{address}", "http://api.example") as client:
        with pytest.raises(NotSent):
            await client.create(wish)


@pytest.mark.parametrize("reply", [answer(b"", status=502), answer(b"", status=407), silence, reset])
async def test_what_an_http_proxy_does_not_connect_was_not_sent(wish: VideoRequest, reply: Reply) -> None:
    async with Peer([reply]) as proxy, client_through(proxy.url, "https://api.example") as client:
        with pytest.raises(NotSent):
            await client.create(wish)

    (asked,) = proxy.requests
    assert (asked.method, asked.target) == ("CONNECT", "api.example:443")
    assert KEY not in str(asked)


async def test_a_connection_that_takes_too_long_was_not_sent(wish: VideoRequest) -> None:
    async def never(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with serving(never) as port, client_through(f"socks5://127.0.0.1:{port}", "http://api.example") as client:
        with pytest.raises(NotSent):
            await client.create(wish)


async def test_what_went_out_through_a_proxy_and_was_not_answered_is_uncertain(wish: VideoRequest) -> None:
    async with (
        Peer([reset]) as peer,
        socks(peer.port) as (_, address),
        client_through(f"socks5://{address}", "http://api.example") as client,
    ):
        with pytest.raises(Uncertain):
            await client.create(wish)

    assert len(peer.requests) == 1


async def test_proxies_and_logins_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wish: VideoRequest
) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, dead)
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    async with Peer([says(0, task_id="1")]) as peer, client_through(None, peer.url) as client:
        await client.create(wish)

    assert peer.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "proxy",
    [
        f"https://name:{SPOKEN}@proxy.example:1",
        f"socks4://name:{SPOKEN}@proxy.example:1",
        f"name:{SPOKEN}@proxy.example:1",
        f"http://name:{SPOKEN}@:1",
        f"http://name:{SPOKEN}@[::1:1",
        f"http://name:{SPOKEN}@proxy.example:many",
        "proxy.example:1",
        "",
    ],
)
async def test_another_kind_of_proxy_ends_in_one_sentence_without_its_password(proxy: str) -> None:
    with pytest.raises(ValueError, match="MINIMAX_PROXY must begin with http:// or socks5://") as refusal:
        async with open_sessions(SecretStr(proxy)):
            pass

    assert SPOKEN not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    "base_url",
    ["", "api.minimaxi.com", "ftp://api.minimaxi.com", "https://", "https://x/?a=b", "http://x:many", "http://a:b@x"],
)
async def test_an_address_that_is_none_ends_in_one_sentence(base_url: str) -> None:
    with pytest.raises(ValueError, match="MINIMAX_BASE_URL must be an address"):
        async with client_through(None, base_url):
            pass


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel"])
async def test_a_key_that_cannot_be_sent_ends_in_one_sentence_that_does_not_show_it(key: str) -> None:
    async with open_sessions() as sessions:
        with pytest.raises(ValueError, match="MINIMAX_API_KEY must be one word") as refusal:
            MiniMaxClient(sessions, base_url="http://x", api_key=SecretStr(key), clock=StoppedClock())

    assert not key or key not in str(refusal.value)
