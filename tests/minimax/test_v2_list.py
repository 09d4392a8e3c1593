"""V2 over real sockets: the task of a lost answer is found in the list, and one that waits is cancelled for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.errors import (
    Misconfigured,
    ProviderError,
    Throttled,
    Transient,
)
from jobs.model import Task, VideoRequest
from tests.minimax.conftest import ClientFor
from tests.minimax.v2_words import TASK_ID, on, refuses, tells
from tests.minimax.wire import Peer, Reply, answer, reset

# --- the lost answer ---------------------------------------------------------------------------------------------

NOON = 1785125529


def listed(*tasks: dict[str, Any]) -> Reply:
    usual = {"model": "MiniMax-H3", "status": "queued", "resolution": "768P", "duration": 5, "ratio": "16:9"}
    return answer({"items": [usual | task for task in tasks], "total": len(tasks)})


async def found(client_for: ClientFor, h3_wish: VideoRequest, *replies: Reply) -> list[str]:
    async with Peer([*replies]) as peer:
        tasks = await client_for(peer.url).lost(h3_wish, since=NOON - 5.5, until=NOON + 180.5)
    assert all(task == on(peer, task.task_id) for task in tasks)
    return [task.task_id for task in tasks]


async def test_a_lost_task_is_looked_for_among_those_of_the_model(client_for: ClientFor, h3_wish: VideoRequest) -> None:
    async with Peer([listed()]) as peer:
        await client_for(peer.url).lost(h3_wish, since=0, until=1)

    assert peer.requests[0].target == "/v2/query/video_generation?page_num=1&page_size=20&filter.model=MiniMax-H3"


async def test_what_was_made_then_and_for_the_same_may_be_the_lost_task(
    client_for: ClientFor, h3_wish: VideoRequest
) -> None:
    tasks = [
        {"id": "1", "created_at": NOON + 181},  # too late
        {"id": "2", "created_at": NOON + 180, "status": "failed"},
        {"id": "3", "created_at": NOON, "resolution": "2K"},
        {"id": "4", "created_at": NOON, "duration": 6},
        {"id": "5", "created_at": NOON, "ratio": "9:16"},
        {"id": "6", "created_at": NOON, "ratio": ""},
        {"id": 7, "created_at": NOON - 5, "duration": "5"},
        {"created_at": NOON},
        {"id": "9", "created_at": NOON - 6},  # too early
        {"id": "10", "created_at": NOON},
    ]

    assert await found(client_for, h3_wish, listed(*tasks)) == ["2", "6", "7"]


async def test_every_page_is_looked_through_until_the_tasks_are_too_old(
    client_for: ClientFor, h3_wish: VideoRequest
) -> None:
    first = listed(
        *({"id": str(number), "created_at": NOON, "duration": 9} for number in range(19)),
        {"id": "19", "created_at": NOON},
    )
    second = listed({"id": "19", "created_at": NOON}, {"id": "20", "created_at": NOON})

    assert await found(client_for, h3_wish, first, second) == ["19", "20"]


async def test_a_list_without_an_end_is_not_believed(client_for: ClientFor, h3_wish: VideoRequest) -> None:
    page = listed(*({"id": str(number), "created_at": NOON} for number in range(20)))

    with pytest.raises(Transient):
        await found(client_for, h3_wish, page)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refuses(401, 1004), Misconfigured),
        (refuses(429, 1002), Throttled),
        (refuses(400, 2013), Transient),
        (refuses(500, 1000), Transient),
        (answer(b"<html>", status=502), Transient),
        (reset, Transient),
    ],
)
async def test_a_list_that_cannot_be_had_says_nothing_about_the_task(
    client_for: ClientFor, h3_wish: VideoRequest, reply: Reply, kind: type[ProviderError]
) -> None:
    with pytest.raises(kind):
        await found(client_for, h3_wish, reply)


@pytest.mark.parametrize("body", [{"items": None}, {"items": {}}, {"items": ["x", 7]}, {"total": 0}])
async def test_a_list_of_nonsense_is_empty(client_for: ClientFor, h3_wish: VideoRequest, body: Any) -> None:
    assert await found(client_for, h3_wish, answer(body)) == []


# --- cancel ------------------------------------------------------------------------------------------------------


def deleted(action: str) -> Reply:
    return answer({"task_id": TASK_ID, "action": action, "status": action})


async def test_a_waiting_task_is_cancelled(client_for: ClientFor) -> None:
    async with Peer([tells("queued"), deleted("cancelled")]) as peer:
        assert await client_for(peer.url).cancel(on(peer)) is True

    assert [(sent.method, sent.target) for sent in peer.requests] == [
        ("GET", f"/v2/query/video_generation/{TASK_ID}"),
        ("DELETE", f"/v2/video_generation/{TASK_ID}"),
    ]


@pytest.mark.parametrize("status", ["running", "succeeded", "failed", "expired", "throttling"])
async def test_nothing_that_is_under_way_or_over_is_deleted(client_for: ClientFor, status: str) -> None:
    async with Peer([tells(status), deleted("deleted")]) as peer:
        assert await client_for(peer.url).cancel(on(peer)) is False

    assert [sent.method for sent in peer.requests] == ["GET"]


async def test_a_task_cancelled_by_an_earlier_try_is_cancelled(client_for: ClientFor) -> None:
    async with Peer([tells("cancelled")]) as peer:
        assert await client_for(peer.url).cancel(on(peer)) is True

    assert [sent.method for sent in peer.requests] == ["GET"]


@pytest.mark.parametrize("reply", [refuses(400, 2013, text="task is running"), deleted("deleted")])
async def test_a_task_that_began_in_the_meantime_is_not_cancelled(client_for: ClientFor, reply: Reply) -> None:
    async with Peer([tells("queued"), reply, tells("running")]) as peer:
        assert await client_for(peer.url).cancel(on(peer)) is False


async def test_a_cancel_that_was_refused_because_it_had_already_worked_has_worked(client_for: ClientFor) -> None:
    async with Peer([tells("queued"), reset, refuses(400, 2013, text="cancelled"), tells("cancelled")]) as peer:
        assert await client_for(peer.url).cancel(on(peer)) is True

    assert [sent.method for sent in peer.requests] == ["GET", "DELETE", "DELETE", "GET"]


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ([refuses(500, 1000)], Transient),
        ([tells("queued"), refuses(500, 1000)], Transient),
        ([tells("queued"), reset], Transient),
        ([tells("queued"), refuses(429, 1002)], Throttled),
        ([tells("queued"), refuses(401, 1004)], Misconfigured),
    ],
)
async def test_a_cancel_that_fails_can_be_tried_again(
    client_for: ClientFor, replies: list[Reply], kind: type[ProviderError]
) -> None:
    async with Peer(replies) as peer:
        with pytest.raises(kind):
            await client_for(peer.url).cancel(on(peer))


async def test_v1_has_neither_a_list_nor_a_cancel(client_for: ClientFor) -> None:
    async with Peer([tells("queued")]) as peer:
        client = client_for(peer.url)
        task = Task(task_id=TASK_ID, base_url=peer.url)
        old = VideoRequest(prompt="a cat", model="MiniMax-Hailuo-02", resolution="768P", duration=6)

        assert await client.lost(old, since=0, until=1) == ()
        assert await client.cancel(task) is False

    assert peer.requests == []
