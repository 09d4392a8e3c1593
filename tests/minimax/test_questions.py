"""Query and locate over real sockets: spellings, ids, and what makes us ask again."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.errors import Misconfigured, OutOfCredit, ProviderError, Reason, Refused, Throttled, Transient
from jobs.model import Failure, Task
from jobs.ports import TaskReport, TaskState, VideoLink
from tests.minimax.conftest import KEY, ClientFor, StoppedClock
from tests.minimax.wire import Peer, Reply, answer, free_port, hang_up, raw, reset, says, silence


def task_on(peer: Peer) -> Task:
    return Task(task_id="176843862716480", base_url=peer.url)


async def report_of(client_for: ClientFor, reply: Reply) -> TaskReport:
    async with Peer([reply]) as peer:
        return await client_for(peer.url).query(task_on(peer))


async def test_a_question_names_the_task_and_carries_the_key(client_for: ClientFor) -> None:
    async with Peer([says(0, status="Processing")]) as peer:
        await client_for(peer.url).query(task_on(peer))

    (asked,) = peer.requests
    assert (asked.method, asked.target) == ("GET", "/v1/query/video_generation?task_id=176843862716480")
    assert asked.headers["authorization"] == f"Bearer {KEY}"


async def test_a_task_is_asked_for_on_the_host_it_was_made_on(client_for: ClientFor) -> None:
    async with Peer([says(0, status="Processing")]) as old, Peer([says(1004)]) as new:
        await client_for(new.url).query(task_on(old))

    assert (len(old.requests), len(new.requests)) == (1, 0)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Preparing", TaskState.WAITING),
        ("Queueing", TaskState.WAITING),
        ("queued", TaskState.WAITING),
        ("Processing", TaskState.RUNNING),
        ("processing", TaskState.RUNNING),
        ("running", TaskState.RUNNING),
        ("Success", TaskState.SUCCEEDED),
        ("success", TaskState.SUCCEEDED),
        ("succeeded", TaskState.SUCCEEDED),
        ("Fail", TaskState.FAILED),
        ("FAIL", TaskState.FAILED),
        ("Failed", TaskState.FAILED),
        ("failed", TaskState.FAILED),
        ("cancelled", TaskState.FAILED),
        ("expired", TaskState.FAILED),
        ("Unknown", TaskState.UNKNOWN),
        ("Throttling", TaskState.UNKNOWN),
    ],
)
async def test_each_spelling_of_a_status_has_one_meaning(client_for: ClientFor, status: str, state: TaskState) -> None:
    report = await report_of(client_for, says(0, status=status))

    assert (report.state, report.raw_status) == (state, status)
    assert (report.failure is not None) == (state is TaskState.FAILED)


@pytest.mark.parametrize(
    ("file_id", "expected"),
    [("176844028768320", "176844028768320"), (176844028768320999, "176844028768320999"), ("", None), (None, None)],
)
async def test_a_file_is_named_by_a_string_whatever_it_came_as(
    client_for: ClientFor, file_id: Any, expected: str | None
) -> None:
    report = await report_of(client_for, says(0, status="Success", file_id=file_id))

    assert report == TaskReport(state=TaskState.SUCCEEDED, raw_status="Success", file_id=expected)


async def test_success_without_a_file_id_is_success_all_the_same(client_for: ClientFor) -> None:
    report = await report_of(client_for, says(0, status="Success"))

    assert report == TaskReport(state=TaskState.SUCCEEDED, raw_status="Success")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1026, Reason.MODERATED_INPUT),
        (1027, Reason.MODERATED_OUTPUT),
        (0, Reason.PROVIDER_FAILED),
        (1002, Reason.PROVIDER_FAILED),
        (4711, Reason.PROVIDER_FAILED),
    ],
)
@pytest.mark.parametrize("status", ["Fail", "Failed"])
async def test_a_failed_task_is_the_end_of_it_with_the_reason_the_code_gives(
    client_for: ClientFor, status: str, code: int, reason: Reason
) -> None:
    report = await report_of(client_for, says(code, "why", status=status, file_id=""))

    assert report.state is TaskState.FAILED
    assert report.failure == Failure(reason=reason, code=code, detail="why")


async def test_a_failed_task_whose_code_no_table_could_hold_is_failed_without_a_code(client_for: ClientFor) -> None:
    report = await report_of(client_for, says(10**20, "why", status="Fail"))

    assert report.failure == Failure(reason=Reason.PROVIDER_FAILED, code=None, detail="why")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (says(1002), Throttled),
        (says(1041, status=""), Throttled),
        (says(1004), Misconfigured),
        (says(2049, status="unknown"), Misconfigured),
        (says(1008), OutOfCredit),
        (says(1000), Transient),
        (says(4711), Transient),
        (says(2013, status="Processing"), Transient),
        (says(0), Transient),
        (says(0, status=""), Transient),
        (answer(b"<html>bad gateway</html>", status=502), Transient),
        (answer({"status": "failed", "message": "upstream"}, status=502), Transient),
        (answer(b"<html>no</html>", status=401), Misconfigured),
        (answer(b"<html>busy</html>", status=429), Throttled),
        (answer(b"", status=302, Location="http://127.0.0.1:9/"), Transient),
        (answer(b"not JSON"), Transient),
        (silence, Transient),
        (reset, Transient),
        (hang_up, Transient),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), Transient),
    ],
)
async def test_a_question_that_fails_is_no_end_of_a_task(
    client_for: ClientFor, reply: Reply, expected: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as failure:
        await report_of(client_for, reply)

    assert type(failure.value) is expected


async def test_an_unreachable_host_is_asked_again(client_for: ClientFor) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Transient):
        await client_for(url).query(Task(task_id="1", base_url=url))


@pytest.mark.parametrize("status", ["", "unknown"])
async def test_a_task_the_provider_does_not_know_is_lost(client_for: ClientFor, status: str) -> None:
    with pytest.raises(Refused) as refusal:
        await report_of(client_for, says(2013, "invalid params", status=status))

    assert (refusal.value.reason, refusal.value.code) == (Reason.TASK_LOST, 2013)


async def test_a_question_lost_on_a_connection_that_died_in_the_pool_is_asked_on_a_fresh_one(
    client_for: ClientFor,
) -> None:
    async with Peer([says(0, status="Processing"), reset, says(0, status="Success")]) as peer:
        client = client_for(peer.url)
        await client.query(task_on(peer))
        report = await client.query(task_on(peer))

    assert report.state is TaskState.SUCCEEDED
    assert [received.connection for received in peer.requests] == [1, 1, 2]


async def test_a_link_is_located_and_lives_an_hour(client_for: ClientFor, clock: StoppedClock) -> None:
    file = {"file_id": 176844028768320, "bytes": 2048576, "download_url": "https://cdn.example/v.mp4?sig=a%2Fb"}
    async with Peer([says(0, file=file)]) as peer:
        link = await client_for(peer.url).locate(task_on(peer), "176844028768320")

    assert peer.requests[0].target == "/v1/files/retrieve?file_id=176844028768320"
    assert link == VideoLink(url="https://cdn.example/v.mp4?sig=a%2Fb", expires_at=clock.at + 3600, size=2048576)


@pytest.mark.parametrize("size", [0, None, "many"])
async def test_a_size_that_says_nothing_is_not_believed(client_for: ClientFor, size: Any) -> None:
    async with Peer([says(0, file={"bytes": size, "download_url": "https://cdn.example/v.mp4"})]) as peer:
        link = await client_for(peer.url).locate(task_on(peer), "1")

    assert link.size is None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (says(0, file={"file_id": 1}), Transient),
        (says(0, file={"download_url": ""}), Transient),
        (says(0, file={"download_url": 7}), Transient),
        (says(0, file=[]), Transient),
        (says(0), Transient),
        (says(1000), Transient),
        (says(1002), Throttled),
        (says(1004), Misconfigured),
        (says(2013), Refused),
        (answer(b"<html>", status=504), Transient),
        (silence, Transient),
        (reset, Transient),
    ],
)
async def test_without_a_link_the_answer_says_what_to_do(
    client_for: ClientFor, reply: Reply, expected: type[ProviderError]
) -> None:
    async with Peer([reply]) as peer:
        with pytest.raises(ProviderError) as failure:
            await client_for(peer.url).locate(task_on(peer), "1")

    assert type(failure.value) is expected
    if isinstance(failure.value, Refused):
        assert failure.value.reason is Reason.FILE_LOST
