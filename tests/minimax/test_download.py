"""Downloads over real sockets: whole and checked, or not there at all; never with the key, never whole in memory."""

from __future__ import annotations

import asyncio
import tracemalloc
from pathlib import Path

import pytest

from jobs.errors import BrokenDownload, ProviderError, Reason, Refused, Transient
from jobs.ports import VideoLink
from tests.minimax.conftest import ClientFor
from tests.minimax.wire import Peer, Reply, answer, free_port, hang_up, raw, reset, silence, then

MIB = 1024 * 1024
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 64


def film(content: bytes = FILM, *, kind: str = "video/mp4", promised: int | None = None) -> Reply:
    length = len(content) if promised is None else promised
    return raw(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode() + content)


def unmeasured(content: bytes = FILM) -> Reply:
    return then(raw(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + content), hang_up)


def chunked(*pieces: bytes, whole: bool = True) -> Reply:
    body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n" * whole
    return raw(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n" + body)


async def download(
    client_for: ClientFor, peer: Peer, path: Path, *, limit: int = MIB, size: int | None = None, tail: str = "/v.mp4"
) -> int:
    link = VideoLink(url=peer.url + tail, size=size)
    return await client_for("http://api.example").download(link, path, limit=limit)


@pytest.mark.parametrize("kind", ["video/mp4", "video/quicktime", "application/octet-stream", "binary/octet-stream"])
async def test_the_very_bytes_arrive(client_for: ClientFor, tmp_path: Path, kind: str) -> None:
    async with Peer([film(kind=kind)]) as peer:
        size = await download(client_for, peer, tmp_path / "v.mp4")

    assert size == len(FILM)
    assert (tmp_path / "v.mp4").read_bytes() == FILM
    assert list(tmp_path.iterdir()) == [tmp_path / "v.mp4"]


@pytest.mark.parametrize("reply", [chunked(FILM[:5], FILM[5:7000], FILM[7000:]), unmeasured()])
async def test_a_file_whose_length_is_not_told_arrives_too(client_for: ClientFor, tmp_path: Path, reply: Reply) -> None:
    async with Peer([reply]) as peer:
        await download(client_for, peer, tmp_path / "v.mp4", size=len(FILM))

    assert (tmp_path / "v.mp4").read_bytes() == FILM


async def test_the_key_stays_at_home_also_across_redirects(client_for: ClientFor, tmp_path: Path) -> None:
    async with Peer([film()]) as store, Peer([answer(b"", status=302, Location=store.url + "/there.mp4")]) as first:
        await download(client_for, first, tmp_path / "v.mp4")

    for received in (*first.requests, *store.requests):
        assert received.headers.keys() == {"host", "accept", "accept-encoding", "user-agent"}
    assert store.requests[0].target == "/there.mp4"


@pytest.mark.parametrize("tail", ["/a%2Fb/v.mp4?Signature=x%2By%2F%3D&e=1", "/v.mp4?a=b+c&d=%7E&empty"])
async def test_a_signed_link_goes_out_byte_for_byte(client_for: ClientFor, tmp_path: Path, tail: str) -> None:
    async with Peer([film()]) as peer:
        await download(client_for, peer, tmp_path / "v.mp4", tail=tail)

    assert peer.requests[0].target == tail


async def test_a_link_with_chinese_letters_is_encoded(client_for: ClientFor, tmp_path: Path) -> None:
    async with Peer([film()]) as peer:
        await download(client_for, peer, tmp_path / "v.mp4", tail="/猫 1.mp4")

    assert peer.requests[0].target == "/%E7%8C%AB%201.mp4"


@pytest.mark.parametrize(
    ("reply", "size"),
    [
        (answer(b"<Error>expired</Error>", status=403, kind="application/xml"), None),
        (answer(b"", status=404), None),
        (answer(b"", status=410), None),
        (then(film(FILM[:9000], promised=len(FILM)), hang_up), None),
        (then(film(FILM[:9000], promised=len(FILM)), reset), None),
        (then(chunked(FILM[:9000], whole=False), hang_up), None),
        (unmeasured(FILM[:9000]), len(FILM)),
        (film(b""), None),
        (film(FILM[:7]), None),
        (film(b"<html>sorry, this is no video</html>"), None),
        (answer({"error": "expired"}), None),
        (answer(b"<html>sorry</html>", kind="text/html"), None),
        (answer(FILM, kind="video/mp4", Content_Encoding="gzip"), None),
        (answer(b"", status=302, Location="ftp://127.0.0.1/v.mp4"), None),
        (answer(b"", status=302, Location="/v.mp4"), None),
    ],
    ids=[
        "expired",
        "not found",
        "gone",
        "short, closed",
        "short, reset",
        "short, in chunks",
        "short of what the API said",
        "empty",
        "stub",
        "not an MP4",
        "JSON",
        "HTML",
        "compressed",
        "redirect off the web",
        "redirect in a circle",
    ],
)
async def test_what_is_not_the_whole_video_asks_for_a_new_link_and_leaves_nothing(
    client_for: ClientFor, tmp_path: Path, reply: Reply, size: int | None
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(BrokenDownload):
            await download(client_for, peer, tmp_path / "v.mp4", size=size)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "reply",
    [
        silence,
        reset,
        hang_up,
        answer(b"", status=500),
        answer(b"", status=206),
        answer(b"", status=503),
        then(film(FILM[:9000], promised=len(FILM)), silence),
    ],
    ids=["silence", "reset", "closed", "500", "206", "503", "stalled"],
)
async def test_a_fault_on_the_way_is_passing_and_leaves_nothing(
    client_for: ClientFor, tmp_path: Path, reply: Reply
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(Transient) as failure:
            await download(client_for, peer, tmp_path / "v.mp4")

    assert not isinstance(failure.value, BrokenDownload)
    assert list(tmp_path.iterdir()) == []


async def test_an_unreachable_host_is_a_passing_fault(client_for: ClientFor, tmp_path: Path) -> None:
    with pytest.raises(Transient):
        await client_for("http://api.example").download(
            VideoLink(url=f"http://127.0.0.1:{free_port()}/v.mp4"), tmp_path / "v.mp4", limit=MIB
        )


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/v.mp4", "v.mp4", "http://", "http://[::1"])
async def test_only_links_of_the_web_are_followed(client_for: ClientFor, tmp_path: Path, url: str) -> None:
    with pytest.raises(BrokenDownload):
        await client_for("http://api.example").download(VideoLink(url=url), tmp_path / "v.mp4", limit=MIB)


async def test_a_video_over_the_limit_is_refused_before_a_byte_of_it_is_read(
    client_for: ClientFor, tmp_path: Path
) -> None:
    async with Peer([then(film(b"", promised=MIB + 1), silence)]) as peer:
        with pytest.raises(Refused) as refusal:
            await download(client_for, peer, tmp_path / "v.mp4")

    assert refusal.value.reason is Reason.VIDEO_TOO_LARGE
    assert list(tmp_path.iterdir()) == []


async def test_a_video_of_unknown_length_is_refused_as_soon_as_it_exceeds_the_limit(
    client_for: ClientFor, tmp_path: Path
) -> None:
    endless = then(chunked(FILM, whole=False), *[raw(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")] * 40, silence)
    async with Peer([endless]) as peer:
        with pytest.raises(Refused) as refusal:
            await download(client_for, peer, tmp_path / "v.mp4")

    assert refusal.value.reason is Reason.VIDEO_TOO_LARGE
    assert list(tmp_path.iterdir()) == []


async def test_a_video_exactly_at_the_limit_is_taken(client_for: ClientFor, tmp_path: Path) -> None:
    async with Peer([film()]) as peer:
        assert await download(client_for, peer, tmp_path / "v.mp4", limit=len(FILM)) == len(FILM)


async def test_a_disk_that_does_not_take_the_file_is_a_passing_fault_that_says_so(
    client_for: ClientFor, tmp_path: Path
) -> None:
    async with Peer([film()]) as peer:
        with pytest.raises(Transient, match="cannot be written: No such file or directory") as failure:
            await download(client_for, peer, tmp_path / "gone" / "v.mp4")

    assert not isinstance(failure.value, BrokenDownload)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
async def test_a_full_disk_is_a_passing_fault_that_says_so(client_for: ClientFor, tmp_path: Path) -> None:
    (tmp_path / "v.mp4.part").symlink_to("/dev/full")
    async with Peer([film()]) as peer:
        with pytest.raises(Transient, match="No space left on device"):
            await download(client_for, peer, tmp_path / "v.mp4")

    assert list(tmp_path.iterdir()) == []


async def test_a_download_that_is_given_up_leaves_nothing(client_for: ClientFor, tmp_path: Path) -> None:
    async with Peer([then(film(FILM, promised=10 * MIB), silence)]) as peer:
        running = asyncio.create_task(download(client_for, peer, tmp_path / "v.mp4", limit=20 * MIB))
        while not list(tmp_path.iterdir()):  # noqa: ASYNC110 - the file is the only sign
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    assert list(tmp_path.iterdir()) == []


async def test_memory_does_not_grow_with_the_video(client_for: ClientFor, tmp_path: Path) -> None:
    block = b"\x00" * MIB
    head = film(FILM[:12], promised=12 + 25 * MIB)

    async with Peer([then(head, *[raw(block)] * 25)]) as peer:
        tracemalloc.start()
        try:
            size = await download(client_for, peer, tmp_path / "v.mp4", limit=50 * MIB)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert size == 12 + 25 * MIB
    assert peak < 6 * MIB


async def test_a_file_from_an_earlier_try_is_replaced(client_for: ClientFor, tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"old")
    (tmp_path / "v.mp4.part").write_bytes(b"older" * 10_000)
    async with Peer([film()]) as peer:
        await download(client_for, peer, tmp_path / "v.mp4")

    assert (tmp_path / "v.mp4").read_bytes() == FILM


async def test_every_fault_is_one_the_heart_knows(client_for: ClientFor, tmp_path: Path) -> None:
    async with Peer([then(raw(b"\x00\xff garbage \r\n\r\n"), hang_up)]) as peer:
        with pytest.raises(ProviderError):
            await download(client_for, peer, tmp_path / "v.mp4")
