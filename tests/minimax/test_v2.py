"""V2 over real sockets: create and query, its errors, which are real HTTP ones, and the links it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from jobs.errors import (
    Misconfigured,
    NotSent,
    OutOfCredit,
    ProviderError,
    Reason,
    Refused,
    Throttled,
    Transient,
    Uncertain,
)
from jobs.model import Failure, VideoRequest
from jobs.ports import TaskReport, TaskState, VideoLink
from minimax.errors import CODES
from tests.minimax.conftest import KEY, ClientFor
from tests.minimax.test_download import film
from tests.minimax.test_errors import TABLE
from tests.minimax.v2_words import TASK_ID, on, refuses, tells
from tests.minimax.wire import Peer, Reply, answer, free_port, hang_up, reset, silence

LINK = "https://videos.example/output.mp4?Signature=fake-signature"
STATUS_OF = {1002: 429, 1004: 401, 1008: 402, 1026: 422, 1000: 500, 2013: 400}


# --- create ------------------------------------------------------------------------------------------------------


async def test_a_task_belongs_to_the_interface_it_was_made_with(client_for: ClientFor, h3_wish: VideoRequest) -> None:
    async with Peer([answer({"task_id": TASK_ID})]) as peer:
        task = await client_for(peer.url).create(h3_wish, callback_url="https://bot.example/x")

    (sent,) = peer.requests
    assert task == on(peer)
    assert (sent.method, sent.target) == ("POST", "/v2/video_generation")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(sent.body)["callback_url"] == "https://bot.example/x"


@pytest.mark.parametrize("code", [*CODES, 4711])
async def test_each_code_in_a_message_has_its_class_on_create_and_on_query(
    client_for: ClientFor, h3_wish: VideoRequest, code: int
) -> None:
    expected = TABLE.get(code, ((Refused, Reason.INVALID_REQUEST), (Transient, None)))
    async with Peer([refuses(STATUS_OF.get(code, 400), code)]) as peer:
        for call, (kind, reason) in zip(
            (client_for(peer.url).create(h3_wish), client_for(peer.url).query(on(peer))), expected, strict=True
        ):
            with pytest.raises(kind) as failure:
                await call

            assert type(failure.value) is kind
            assert failure.value.code == code
            assert not isinstance(failure.value, Refused) or failure.value.reason is reason


@pytest.mark.parametrize(
    ("reply", "on_create", "on_query"),
    [
        (refuses(400, kind="bad_request_error"), Refused, Refused),
        (refuses(401, kind="authorized_error"), Misconfigured, Misconfigured),
        (refuses(402, kind="insufficient_balance_error"), OutOfCredit, OutOfCredit),
        (refuses(422, kind="unprocessable_entity_error"), Refused, Refused),
        (refuses(429, kind="rate_limit_error"), Throttled, Throttled),
        (refuses(500, kind="server_error"), Uncertain, Transient),
        (refuses(529, kind="overloaded_error"), Uncertain, Transient),
        (refuses(418, kind="teapot_error"), Refused, Transient),
    ],
)
async def test_an_error_without_a_code_is_told_by_its_type_and_status(
    client_for: ClientFor,
    h3_wish: VideoRequest,
    reply: Reply,
    on_create: type[ProviderError],
    on_query: type[ProviderError],
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(on_create) as create:
            await client_for(peer.url).create(h3_wish)
        with pytest.raises(on_query) as query:
            await client_for(peer.url).query(on(peer))

    assert (type(create.value), type(query.value)) == (on_create, on_query)
    assert create.value.text == query.value.text == "no"


@pytest.mark.parametrize("reply", [silence, reset, hang_up, answer({}), answer(b"<html>", status=502)])
async def test_an_answer_that_leaves_doubt_is_uncertain(
    client_for: ClientFor, h3_wish: VideoRequest, reply: Reply
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(Uncertain):
            await client_for(peer.url).create(h3_wish)

    assert len(peer.requests) == 1


async def test_a_refused_connection_was_not_sent(client_for: ClientFor, h3_wish: VideoRequest) -> None:
    with pytest.raises(NotSent):
        await client_for(f"http://127.0.0.1:{free_port()}").create(h3_wish)


# --- query and locate --------------------------------------------------------------------------------------------


async def report_of(client_for: ClientFor, reply: Reply) -> TaskReport:
    async with Peer([reply]) as peer:
        report = await client_for(peer.url).query(on(peer))
    assert peer.requests[0].target == f"/v2/query/video_generation/{TASK_ID}"
    return report


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("queued", TaskState.WAITING),
        ("running", TaskState.RUNNING),
        ("Running", TaskState.RUNNING),
        ("throttling", TaskState.UNKNOWN),
    ],
)
async def test_a_status_is_understood(client_for: ClientFor, status: str, state: TaskState) -> None:
    assert await report_of(client_for, tells(status)) == TaskReport(state=state, raw_status=status)


async def test_a_finished_task_is_its_own_file(client_for: ClientFor) -> None:
    report = await report_of(client_for, tells("succeeded", content={"url": LINK}))

    assert report == TaskReport(state=TaskState.SUCCEEDED, raw_status="succeeded", file_id=TASK_ID)


@pytest.mark.parametrize("content", [None, {}, {"url": ""}, {"url": 7}, []])
async def test_a_finished_task_without_a_link_has_no_file_yet(client_for: ClientFor, content: Any) -> None:
    report = await report_of(client_for, tells("succeeded", content=content))

    assert report == TaskReport(state=TaskState.SUCCEEDED, raw_status="succeeded")


@pytest.mark.parametrize(
    ("status", "error", "failure"),
    [
        (
            "failed",
            {"code": "1026", "message": "input"},
            Failure(reason=Reason.MODERATED_INPUT, code=1026, detail="input"),
        ),
        (
            "failed",
            {"code": "1027", "message": "out"},
            Failure(reason=Reason.MODERATED_OUTPUT, code=1027, detail="out"),
        ),
        ("failed", {"code": 1000, "message": ""}, Failure(reason=Reason.PROVIDER_FAILED, code=1000)),
        ("failed", {"code": "E7"}, Failure(reason=Reason.PROVIDER_FAILED)),
        ("failed", None, Failure(reason=Reason.PROVIDER_FAILED)),
        ("expired", None, Failure(reason=Reason.PROVIDER_FAILED)),
        ("cancelled", None, Failure(reason=Reason.PROVIDER_FAILED)),
    ],
)
async def test_a_failed_task_says_why(client_for: ClientFor, status: str, error: Any, failure: Failure) -> None:
    report = await report_of(client_for, tells(status, error=error))

    assert report == TaskReport(state=TaskState.FAILED, raw_status=status, failure=failure)


@pytest.mark.parametrize(
    ("reply", "lost"),
    [
        (refuses(500, 1000, "server_error", "record not found"), True),
        (refuses(500, None, "server_error", "Record not found"), True),
        (refuses(400, 2013, text="invalid params, invalid task_id"), True),
        (refuses(500, 1000, "server_error", "unknown error"), False),
        (answer({"task": {}}), False),
        (answer({}), False),
        (tells("succeeded", id="7"), False),
    ],
)
async def test_an_unknown_task_is_lost_however_it_is_said_and_a_server_fault_is_not(
    client_for: ClientFor, reply: Reply, *, lost: bool
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(Refused if lost else Transient) as failure:
            await client_for(peer.url).query(on(peer))

    assert not isinstance(failure.value, Refused) or failure.value.reason is Reason.TASK_LOST


@pytest.mark.parametrize("task_id", ["..", "../../v1/files", "1/2", "1?x=1", "", "1 2", "％"])
async def test_an_id_that_would_lead_elsewhere_is_not_asked_for(client_for: ClientFor, task_id: str) -> None:
    async with Peer([tells("queued")]) as peer:
        client = client_for(peer.url)
        for call in (client.query(on(peer, task_id)), client.cancel(on(peer, task_id))):
            with pytest.raises(Refused):
                await call

    assert peer.requests == []


async def test_a_link_is_renewed_by_asking_again(client_for: ClientFor) -> None:
    async with Peer([tells("succeeded", content={"url": f"{LINK}{turn}"}) for turn in (1, 2)]) as peer:
        links = [await client_for(peer.url).locate(on(peer), TASK_ID) for _ in range(2)]

    assert links == [VideoLink(url=f"{LINK}1"), VideoLink(url=f"{LINK}2")]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refuses(500, 1000, "server_error", "record not found"), Refused),
        (tells("succeeded"), Transient),
        (refuses(429, 1002), Throttled),
    ],
)
async def test_a_link_that_cannot_be_had(client_for: ClientFor, reply: Reply, kind: type[ProviderError]) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(kind) as failure:
            await client_for(peer.url).locate(on(peer), TASK_ID)

    assert not isinstance(failure.value, Refused) or failure.value.reason is Reason.FILE_LOST


async def test_neither_the_key_nor_a_signed_link_is_logged(
    client_for: ClientFor, h3_wish: VideoRequest, tmp_path: Path
) -> None:
    with capture_logs() as logs:
        async with Peer([film()]) as store:
            link = f"{store.url}/v.mp4?Signature=fake-signature"
            done = tells("succeeded", content={"url": link})
            listed = answer({"items": [], "total": 0})
            async with Peer([answer({"task_id": TASK_ID}), done, done, listed, refuses(401, 1004, text=KEY)]) as peer:
                client = client_for(peer.url)
                task = await client.create(h3_wish)
                await client.query(task)
                await client.download(await client.locate(task, TASK_ID), tmp_path / "v.mp4", limit=10**6)
                await client.lost(h3_wish, since=0, until=1)
                with pytest.raises(Misconfigured) as failure:
                    await client.query(task)

    assert [(entry["event"], entry.get("task_id"), entry.get("provider_status")) for entry in logs[:3]] == [
        ("provider answered", TASK_ID, None),
        ("provider answered", TASK_ID, "succeeded"),
        ("provider answered", TASK_ID, "succeeded"),
    ]
    assert logs[-1]["trace_id"] == "0217"
    for shown in (repr(logs), str(failure.value), repr(failure.value)):
        assert KEY not in shown
        assert "fake-signature" not in shown
