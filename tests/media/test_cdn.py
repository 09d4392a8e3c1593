"""Attachments over real sockets: from Discord's hosts and from nowhere else, bounded in size and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jobs.errors import BadInput, Reason, Transient
from media.cdn import ORIGINS, DiscordCdn, Patience, open_cdn
from tests.minimax.wire import Peer, Reply, answer, free_port, hang_up, raw, reset, silence, then

FILE = bytes(range(256)) * 64
LIMIT = 1024 * 1024
SHORT = Patience(connect=0.3, read=0.3, total=0.8)


def chunked(content: bytes = FILE) -> Reply:
    body = f"{len(content):x}\r\n".encode() + content + b"\r\n0\r\n\r\n"
    return raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


@asynccontextmanager
async def cdn_at(
    *origins: str, patience: Patience | None = None, proxy: str | None = None
) -> AsyncGenerator[DiscordCdn]:
    async with open_cdn(origins=frozenset(origins), patience=patience, proxy=proxy) as cdn:
        yield cdn


async def fetch(replies: list[Reply], path: Path, *, limit: int = LIMIT, tail: str = "/a.png") -> Peer:
    async with Peer(replies) as peer, cdn_at(peer.url, patience=SHORT) as cdn:
        await cdn(peer.url + tail, path, limit=limit)
    return peer


@pytest.mark.parametrize("reply", [answer(FILE, kind="image/png"), chunked()])
async def test_the_very_bytes_arrive_whether_or_not_their_number_is_told(tmp_path: Path, reply: Reply) -> None:
    await fetch([reply], tmp_path / "file")

    assert (tmp_path / "file").read_bytes() == FILE


async def test_only_discords_own_hosts_are_asked_unless_told_otherwise(tmp_path: Path) -> None:
    assert {
        "https://cdn.discordapp.com",
        "https://media.discordapp.net",
        "https://images-ext-1.discordapp.net",
        "https://images-ext-2.discordapp.net",
    } == ORIGINS
    async with Peer([answer(FILE)]) as peer, open_cdn() as cdn:
        with pytest.raises(BadInput) as caught:
            await cdn(peer.url + "/a.png", tmp_path / "file", limit=LIMIT)

    assert (caught.value.reason, peer.requests) == (Reason.INPUT_GONE, [])


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.discordapp.com/attachments/1/2/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://cdn.discordapp.com@127.0.0.1/a.png",
        "https://somebody@cdn.discordapp.com/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://169.254.169.254/latest/meta-data/",
        "https://discordapp.com/a.png",
        "https://images-ext-3.discordapp.net/external/a/https/example.org/a.png",
        "https://images-ext-1.discordapp.net.evil.example/external/a/https/example.org/a.png",
        "http://images-ext-1.discordapp.net/external/a/https/example.org/a.png",
        "file:///etc/passwd",
        "//cdn.discordapp.com/a.png",
        "/a.png",
        "https://",
        "https://[",
        "",
    ],
)
async def test_an_address_that_is_not_discords_is_never_asked(tmp_path: Path, url: str) -> None:
    async with open_cdn() as cdn:
        with pytest.raises(BadInput) as caught:
            await cdn(url, tmp_path / "file", limit=LIMIT)

    assert caught.value.reason is Reason.INPUT_GONE


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_wherever_it_leads(tmp_path: Path, status: int) -> None:
    async with Peer([answer(b"secret")]) as inside:
        with pytest.raises(BadInput) as caught:
            await fetch([answer(b"", status=status, Location=inside.url + "/metadata")], tmp_path / "file")

    assert (caught.value.reason, inside.requests) == (Reason.INPUT_GONE, [])


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 415])
async def test_a_dead_link_means_that_the_file_is_gone(tmp_path: Path, status: int) -> None:
    with pytest.raises(BadInput) as caught:
        await fetch([answer(b"", status=status)], tmp_path / "file")

    assert caught.value.reason is Reason.INPUT_GONE


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_busy_discord_is_a_passing_fault(tmp_path: Path, status: int) -> None:
    with pytest.raises(Transient) as caught:
        await fetch([answer(b"", status=status)], tmp_path / "file")

    assert caught.value.code == status


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(reset, id="reset"),
        pytest.param(hang_up, id="closed"),
        pytest.param(silence, id="silence before the answer"),
        pytest.param(then(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), hang_up), id="cut short"),
        pytest.param(then(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), silence), id="stalled"),
        pytest.param(then(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), reset), id="reset midway"),
        pytest.param(raw(b"220 mail.example ESMTP\r\n\r\n"), id="not HTTP"),
    ],
)
async def test_a_broken_line_is_a_passing_fault(tmp_path: Path, reply: Reply) -> None:
    with pytest.raises(Transient):
        await fetch([reply], tmp_path / "file")


async def test_a_host_that_is_out_of_reach_is_a_passing_fault(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with cdn_at(url) as cdn:
        with pytest.raises(Transient):
            await cdn(url + "/a.png", tmp_path / "file", limit=LIMIT)


async def test_a_file_that_drips_in_for_ever_is_given_up(tmp_path: Path) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    with pytest.raises(Transient):
        await fetch([drip], tmp_path / "file")


@pytest.mark.parametrize("reply", [answer(FILE), chunked()])
async def test_no_more_than_the_limit_is_ever_written(tmp_path: Path, reply: Reply) -> None:
    with pytest.raises(BadInput) as caught:
        await fetch([reply], tmp_path / "file", limit=1000)

    assert caught.value.reason is Reason.INPUT_TOO_LARGE
    assert not (tmp_path / "file").exists() or (tmp_path / "file").stat().st_size <= 1000


async def test_a_packed_answer_is_not_unpacked(tmp_path: Path) -> None:
    peer = await fetch([answer(b"packed", Content_Encoding="gzip")], tmp_path / "file")

    assert peer.requests[0].headers["accept-encoding"] == "identity"
    assert (tmp_path / "file").read_bytes() == b"packed"


async def test_a_full_disk_is_a_passing_fault(tmp_path: Path) -> None:
    with pytest.raises(Transient):
        await fetch([answer(FILE)], tmp_path / "no such folder" / "file")


async def test_a_signed_link_goes_out_byte_for_byte_and_nothing_else_with_it(tmp_path: Path) -> None:
    tail = "/attachments/1/2/a%2Fb.png?ex=65&is=66&hm=a%2Bb%3D&"

    peer = await fetch([answer(FILE)], tmp_path / "file", tail=tail)

    assert peer.requests[0].target == tail
    assert peer.requests[0].headers.keys() <= {"host", "accept", "accept-encoding", "user-agent"}


async def test_the_operators_proxy_is_used_and_none_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    far_away = "http://cdn.discordapp.example"
    async with Peer([answer(FILE)]) as proxy, cdn_at(far_away, proxy=proxy.url) as cdn:
        await cdn(far_away + "/a.png", tmp_path / "file", limit=LIMIT)

    assert proxy.requests[0].target == far_away + "/a.png"
    await fetch([answer(FILE)], tmp_path / "file")
