"""How the application answers: the challenge, what is too much or too slow, its health, and what it never says."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
from collections.abc import AsyncGenerator
from dataclasses import replace

import aiohttp
import pytest
from structlog.testing import capture_logs

from jobs.errors import StoreUnavailable
from jobs.model import JobState
from tests.jobs.world import World
from tests.web.conftest import READ_WITHIN, WELL, Door
from web.app import LARGEST_PUSH, create_app
from web.health import Health, examine
from web.server import PortUnusable, serving

# --- the challenge -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["3f9c", "", "汉字 \u2028", 123456789012345678901])
async def test_the_challenge_is_repeated_and_changes_nothing(door: Door, world: World, value: object) -> None:
    job = await world.ask()

    assert await door.push(job, {"challenge": value}) == (200, {"challenge": value})
    assert await world.now(job) == job


async def test_the_challenge_is_answered_before_the_create_has_its_answer(door: Door, world: World) -> None:
    world.provider.hold_create = asyncio.Event()
    job = await world.ask()
    submitting = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    assert (await world.now(job)).state is JobState.SUBMITTING

    assert await door.push(job, {"challenge": "3f9c"}) == (200, {"challenge": "3f9c"})

    world.provider.hold_create.set()
    await submitting


async def test_the_challenge_is_answered_while_somebody_else_writes(door: Door, world: World) -> None:
    job = await world.ask()
    async with world.store.transaction():
        assert (await door.push(job, {"challenge": "3f9c"}))[0] == 200


async def test_nobody_elses_challenge_is_repeated(door: Door) -> None:
    assert await door.push("guess", {"challenge": "3f9c"}) == (404, {"status": "unknown"})


# --- too much, too slow, out of place ------------------------------------------------------------------------------


async def test_the_largest_push_is_read_and_a_larger_one_is_not(door: Door, world: World) -> None:
    job = await world.ask()
    body = json.dumps({"challenge": "x", "padding": ""}).encode()
    fits = body[:-2] + b"x" * (LARGEST_PUSH - len(body)) + body[-2:]

    assert (await door.push(job, fits))[0] == 200
    assert await door.push(job, fits + b" ") == (413, {"status": "request entity too large"})
    assert await world.now(job) == job


async def test_a_compressed_body_is_not_unpacked(door: Door, world: World) -> None:
    job = await world.ask()
    bomb = gzip.compress(b'{"challenge": "x"}' + b" " * 10_000_000)
    assert len(bomb) < LARGEST_PUSH

    assert await door.push(job, bomb, headers={"Content-Encoding": "gzip"}) == (400, {"status": "no push"})


async def test_a_body_that_does_not_come_is_not_waited_for(door: Door, world: World) -> None:
    job = await world.ask()

    async def dawdle() -> AsyncGenerator[bytes]:
        yield b'{"challenge":'
        await asyncio.sleep(50 * READ_WITHIN)

    assert await door.push(job, dawdle()) == (408, {"status": "too slow"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/callback/guess", 405),
        ("POST", "/callback/", 404),
        ("POST", "/callback/a/b", 404),
        ("POST", "/callback/%00", 404),
        ("POST", "/callback/..%2Fhealth", 404),
        ("POST", "/health", 405),
        ("GET", "/", 404),
    ],
)
async def test_other_doors_are_closed(door: Door, method: str, path: str, status: int) -> None:
    assert (await door.ask(method, path))[0] == status


async def test_while_the_database_is_away_the_provider_is_asked_to_come_again(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("database is locked")

    monkeypatch.setattr(world.store, "pushed", away)

    assert await door.push("any", {"task_id": "1", "status": "success"}) == (503, {"status": "later"})


# --- secrets -------------------------------------------------------------------------------------------------------


async def test_no_address_is_ever_logged_whatever_comes_to_it(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of ours")

    job = await world.ask()
    key = job.callback_key
    assert key
    news = {"task_id": "1", "status": "success"}
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "aiosqlite")  # as in the logbook: its lines hold whole rows
    with capture_logs() as lines:
        await door.push(job, news)
        await door.push(job, {"challenge": "x"})
        await door.push(job, b"no JSON")
        await door.push(job, b"x" * (LARGEST_PUSH + 1))
        await door.ask("GET", f"/callback/{key}")
        await _say(door, f"POST /callback/{key}\x00 HTTP/1.1\r\nHost: a\r\n\r\n")
        await _say(door, f"POST /callback/{key} HTTP/9.x\r\n\r\n")
        await _say(door, f"POST /callback/{key} HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
        monkeypatch.setattr(world.store, "pushed", broken)
        assert (await door.push(job, news))[0] == 500

    assert {line["event"] for line in lines} >= {"push taken", "web request broke"}
    assert key not in caplog.text + repr(lines)


async def _say(door: Door, request: str) -> None:
    """Sends raw bytes and reads until the server hangs up."""
    host, port = door.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())
    await reader.read()
    writer.close()
    await writer.wait_closed()


# --- health --------------------------------------------------------------------------------------------------------


async def test_health_is_200_when_all_is_well_and_503_when_anything_is_not(door: Door) -> None:
    assert await door.ask("GET", "/health") == (200, {"engine": True, "database": True, "gateway": True})
    for part in ("engine", "database", "gateway"):
        door.health = replace(WELL, **{part: False})
        status, found = await door.ask("GET", "/health")
        assert (status, found[part]) == (503, False)


async def test_the_engine_is_well_while_its_loop_goes_round(world: World) -> None:
    async def engine_is_well() -> bool:
        return (await examine(world.engine, world.store, lambda: True)).engine

    assert not await engine_is_well()
    running = asyncio.create_task(world.engine.run())
    await asyncio.sleep(0)
    assert await engine_is_well()

    world.clock.time += 600
    assert not await engine_is_well()
    world.clock.time -= 600

    world.engine.stop()
    await running
    assert not await engine_is_well()


async def test_a_database_that_does_not_answer_is_said_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> None:
        raise StoreUnavailable("database is locked")

    monkeypatch.setattr(world.store, "next_due", away)

    assert await examine(world.engine, world.store, lambda: False) == Health(
        engine=False, database=False, gateway=False
    )


# --- the port ------------------------------------------------------------------------------------------------------


async def test_a_port_that_is_taken_is_said_in_one_sentence(world: World) -> None:
    async def health() -> Health:
        return WELL

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(PortUnusable) as caught:
            async with serving(create_app(world.service, health), host="127.0.0.1", port=port):
                pass

    assert str(caught.value) == (
        f"Port {port} of 127.0.0.1 cannot be used (Address already in use): mend WEB_PORT or WEB_HOST."
    )


async def test_a_port_that_is_taken_is_blamed_on_the_setting_it_comes_from(world: World) -> None:
    async def health() -> Health:
        return WELL

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with pytest.raises(PortUnusable, match=r": mend METRICS_PORT\.$"):
            async with serving(create_app(world.service, health), host="127.0.0.1", port=port, set_by="METRICS_PORT"):
                pass


async def test_an_address_that_is_not_this_machines_is_said_in_one_sentence(world: World) -> None:
    async def health() -> Health:
        return WELL

    with pytest.raises(PortUnusable, match=r"^Port 1 of 192\.0\.2\.1 cannot be used \(.+\): mend WEB_PORT"):
        async with serving(create_app(world.service, health), host="192.0.2.1", port=1):
            pass


async def test_stopping_does_not_wait_for_idle_connections(world: World) -> None:
    async def health() -> Health:
        return WELL

    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        async with serving(create_app(world.service, health), host="127.0.0.1", port=0) as port:
            async with session.get(f"http://127.0.0.1:{port}/health") as response:
                assert response.status == 200
            began = loop.time()
        assert loop.time() - began < 1
