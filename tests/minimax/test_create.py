"""The paid call over real sockets: it is sent at most once, and each fault is told apart by whether it cost money."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from jobs.errors import (
    Misconfigured,
    NotSent,
    OutOfCredit,
    ProviderError,
    Reason,
    Refused,
    Throttled,
    Uncertain,
)
from jobs.model import Task, VideoRequest
from minimax.v1 import create_body
from tests.minimax.conftest import KEY, ClientFor
from tests.minimax.wire import Peer, Reply, answer, free_port, hang_up, raw, reset, says, silence, then

TRUNCATED = raw(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"task_id": "1')


async def test_a_create_sends_what_the_documentation_shows(client_for: ClientFor, wish: VideoRequest) -> None:
    async with Peer([says(0, task_id="106916112212032")]) as peer:
        task = await client_for(peer.url).create(wish)

    (sent,) = peer.requests
    assert task == Task(task_id="106916112212032", base_url=peer.url)
    assert (sent.method, sent.target) == ("POST", "/v1/video_generation")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.body) == {
        "model": "MiniMax-Hailuo-02",
        "prompt": "a cat on a beach",
        "prompt_optimizer": True,
        "duration": 6,
        "resolution": "768P",
        "aigc_watermark": False,
    }


def test_the_01_series_is_not_sent_the_size_it_would_refuse(wish: VideoRequest) -> None:
    body = create_body(replace(wish, model="T2V-01", resolution="720P"))

    assert body.keys() == {"model", "prompt", "prompt_optimizer", "aigc_watermark"}


@pytest.mark.parametrize("given", ["424010985738629001", 424010985738629001, " 424010985738629001 "])
async def test_an_id_is_kept_as_a_string_to_the_last_digit(
    client_for: ClientFor, wish: VideoRequest, given: Any
) -> None:
    async with Peer([says(0, task_id=given)]) as peer:
        assert (await client_for(peer.url).create(wish)).task_id == "424010985738629001"


@pytest.mark.parametrize(
    "reply",
    [
        answer({"task_id": "1069"}),
        says(1000, task_id="1069"),
        says(4711, task_id="1069"),
        answer({"task_id": "1069", "base_resp": {"status_code": 0}}, status=500),
    ],
    ids=["no base_resp", "server fault", "unlisted code", "HTTP 500"],
)
async def test_a_task_that_is_named_is_followed_whatever_else_is_said(
    client_for: ClientFor, wish: VideoRequest, reply: Reply
) -> None:
    async with Peer([reply]) as peer:
        assert (await client_for(peer.url).create(wish)).task_id == "1069"


@pytest.mark.parametrize(
    ("reply", "expected", "code"),
    [
        (says(1002), Throttled, 1002),
        (says(1004), Misconfigured, 1004),
        (says(1008), OutOfCredit, 1008),
        (says(2049, task_id=""), Misconfigured, 2049),
        (says(1026, task_id="1069"), Refused, 1026),
        (says(4711), Refused, 4711),
        (answer({"base_resp": {"status_code": "1002", "status_msg": "rate limit"}}), Throttled, 1002),
        (answer(b"<html>busy</html>", status=429), Throttled, 429),
        (answer(b"<html>no</html>", status=401), Misconfigured, 401),
        (answer(b"<html>no</html>", status=403), Misconfigured, 403),
        (answer(b"", status=302, Location="http://127.0.0.1:9/"), Misconfigured, 302),
        (answer({"base_resp": {"status_code": 2013, "status_msg": "invalid"}}, status=400), Refused, 2013),
    ],
)
async def test_a_refusal_says_that_nothing_was_made(
    client_for: ClientFor, wish: VideoRequest, reply: Reply, expected: type[ProviderError], code: int
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(expected) as refusal:
            await client_for(peer.url).create(wish)

    assert type(refusal.value) is expected
    assert refusal.value.code == code
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        silence,
        reset,
        hang_up,
        TRUNCATED,
        then(TRUNCATED, reset),
        then(TRUNCATED, hang_up),
        raw(b"HTTP/1.1 200 OK\r\nContent-Len"),
        then(raw(b"\x15\x03\x01 not HTTP at all \r\n\r\n"), hang_up),
        answer(b"<html>bad gateway</html>", status=502),
        answer(b"", status=500),
        answer(b"", status=529),
        answer(b"", status=303, Location="/elsewhere"),
        answer(b""),
        answer(b"not JSON"),
        answer(b"[" * 100_000),
        answer(b"[1]"),
        answer(b" " * 2_000_000),
        answer({}),
        says(0),
        says(0, task_id=""),
        says(0, task_id=True),
        says(1000),
        says(1001, task_id=""),
        says(1013),
        says(1024),
        says(1033),
    ],
)
async def test_an_answer_that_leaves_doubt_is_uncertain_and_nothing_is_sent_twice(
    client_for: ClientFor, wish: VideoRequest, reply: Reply
) -> None:
    async with Peer([reply, says(0, task_id="a second paid task")]) as peer:
        with pytest.raises(Uncertain):
            await client_for(peer.url).create(wish)

    assert len(peer.requests) == 1


async def test_a_refused_connection_was_not_sent(client_for: ClientFor, wish: VideoRequest) -> None:
    with pytest.raises(NotSent):
        await client_for(f"http://127.0.0.1:{free_port()}").create(wish)


async def test_a_failed_tls_handshake_was_not_sent(client_for: ClientFor, wish: VideoRequest) -> None:
    async with Peer([answer()]) as peer:
        with pytest.raises(NotSent):
            await client_for(peer.url.replace("http:", "https:")).create(wish)

    assert peer.requests == []


async def test_each_create_has_a_fresh_connection_so_that_none_is_lost_on_a_dead_one(
    client_for: ClientFor, wish: VideoRequest
) -> None:
    async with Peer([says(0, task_id="1"), says(0, task_id="2"), reset]) as peer:
        client = client_for(peer.url)
        await client.create(wish)
        await client.create(wish)
        with pytest.raises(Uncertain):
            await client.create(wish)

    assert [received.connection for received in peer.requests] == [1, 2, 3]


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("999999", 3600.0), ("soon", None), ("-1", None)])
async def test_the_pause_a_gateway_asks_for_is_kept_within_an_hour(
    client_for: ClientFor, wish: VideoRequest, header: str, seconds: float | None
) -> None:
    async with Peer([answer(b"", status=429, Retry_After=header)]) as peer:
        with pytest.raises(Throttled) as refusal:
            await client_for(peer.url).create(wish)

    assert refusal.value.retry_after == seconds


async def test_a_refused_model_is_told_apart_from_a_refused_prompt(client_for: ClientFor, wish: VideoRequest) -> None:
    async with Peer(
        [says(2061, "your current token plan not support model"), says(1026, "input new_sensitive")]
    ) as peer:
        client = client_for(peer.url)
        with pytest.raises(Refused) as model:
            await client.create(wish)
        with pytest.raises(Refused) as prompt:
            await client.create(wish)

    assert (model.value.reason, prompt.value.reason) == (Reason.MODEL_UNAVAILABLE, Reason.MODERATED_INPUT)
    assert prompt.value.text == "input new_sensitive"
