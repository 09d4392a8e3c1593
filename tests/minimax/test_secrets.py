"""The key is in no log, no representation and no exception, whatever goes wrong and whoever repeats it."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from jobs.errors import ProviderError
from jobs.model import Task, VideoRequest
from jobs.ports import VideoLink
from minimax.client import MiniMaxClient
from minimax.session import open_sessions
from tests.minimax.conftest import KEY, QUICK, ClientFor, StoppedClock
from tests.minimax.test_download import film
from tests.minimax.wire import Peer, Reply, answer, free_port, raw, reset, says

SPOKEN = "fake-password"  # what a proxy is told


@pytest.mark.parametrize(
    "reply",
    [
        says(2049, f"invalid api key: {KEY}"),
        says(1000, status=f"unknown key {KEY}"),
        answer(f"<html>you sent Bearer {KEY}</html>".encode(), status=401),
        answer(f"you sent Bearer {KEY}".encode(), kind="text/plain"),
        raw(f"HTTP/1.1 200 OK\r\nContent-Length: {KEY}\r\n\r\n".encode()),
        reset,
    ],
    ids=["in the message", "in the status", "in a page", "in a text", "in a broken header", "reset"],
)
async def test_the_key_shows_nowhere_when_a_call_fails(client_for: ClientFor, wish: VideoRequest, reply: Reply) -> None:
    shown: list[object] = []
    with capture_logs() as logs:
        async with Peer([reply]) as peer:
            client = client_for(peer.url)
            task = Task(task_id="1", base_url=peer.url)
            for call in (client.create(wish), client.query(task), client.locate(task, "1")):
                with pytest.raises(ProviderError) as failure:
                    await call
                error = failure.value
                shown += [error, error.text, repr(error)]
            shown.append(await client.check_key())

    assert KEY not in repr(shown)
    assert KEY not in repr(logs)


async def test_the_key_shows_nowhere_in_a_traceback_of_a_fault_of_the_wire(
    client_for: ClientFor, wish: VideoRequest
) -> None:
    with pytest.raises(ProviderError) as failure:
        await client_for(f"http://127.0.0.1:{free_port()}").create(wish)

    assert KEY not in "".join(traceback.format_exception(failure.value))


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_neither_key_nor_password_shows_when_the_proxy_is_dead(wish: VideoRequest, scheme: str) -> None:
    proxy = SecretStr(f"{scheme}://name:{SPOKEN}@127.0.0.1:{free_port()}")
    with capture_logs() as logs:
        async with open_sessions(proxy, timeouts=QUICK) as sessions:
            client = MiniMaxClient(
                sessions, base_url="https://api.example", api_key=SecretStr(KEY), clock=StoppedClock()
            )
            with pytest.raises(ProviderError) as failure:
                await client.create(wish)
            shown = "".join(traceback.format_exception(failure.value)) + repr(logs) + repr(client) + repr(sessions)

    assert SPOKEN not in shown
    assert KEY not in shown


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_the_password_of_a_proxy_that_refuses_goes_into_no_log_and_no_table(
    wish: VideoRequest, status: int
) -> None:
    with capture_logs() as logs:
        async with Peer([answer(status=status)]) as peer:
            proxy = SecretStr(peer.url.replace("//", f"//name:{SPOKEN}@"))
            async with open_sessions(proxy, timeouts=QUICK) as sessions:
                client = MiniMaxClient(
                    sessions, base_url="https://api.example", api_key=SecretStr(KEY), clock=StoppedClock()
                )
                with pytest.raises(ProviderError, match=str(status)) as failure:
                    await client.create(wish)
                shown = f"{failure.value} {failure.value.text} {await client.check_key()} {logs}"

    assert SPOKEN not in shown


async def test_the_log_has_the_trace_id_and_neither_key_nor_signed_link(
    client_for: ClientFor, tmp_path: Path, wish: VideoRequest
) -> None:
    ok = {"status_code": 0, "status_msg": "success"}
    with capture_logs() as logs:
        async with Peer([film()]) as store:
            link = store.url + "/v.mp4?Signature=fake-signature"
            replies = [
                answer({"task_id": "1069", "base_resp": ok}, Trace_Id="trace-1"),
                answer({"file": {"download_url": link}, "base_resp": ok}, Trace_Id="trace-2"),
            ]
            async with Peer(replies) as peer:
                client = client_for(peer.url)
                task = await client.create(wish)
                await client.download(await client.locate(task, "7"), tmp_path / "v.mp4", limit=10**6)

    assert [(entry["event"], entry.get("call"), entry.get("trace_id")) for entry in logs] == [
        ("provider answered", "create", "trace-1"),
        ("provider answered", "locate", "trace-2"),
        ("video downloaded", None, None),
    ]
    assert logs[0]["task_id"] == "1069"
    assert KEY not in repr(logs)
    assert "fake-signature" not in repr(logs)


async def test_the_client_shows_its_host_and_no_key(client_for: ClientFor) -> None:
    assert repr(client_for("https://api.example")) == "MiniMaxClient(base_url='https://api.example')"


async def test_a_failed_download_shows_no_signed_link(client_for: ClientFor, tmp_path: Path) -> None:
    link = VideoLink(url=f"http://127.0.0.1:{free_port()}/v.mp4?Signature=fake-signature")
    with pytest.raises(ProviderError) as failure:
        await client_for("https://api.example").download(link, tmp_path / "v.mp4", limit=10**6)

    assert "fake-signature" not in "".join(traceback.format_exception(failure.value))
