"""The V2 calls as a customer sees them: shapes, errors, lists, cancelling, links and the money."""

from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from demo.simulator.orders import V2
from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from tests.demo import clips
from tests.demo.conftest import FILM, KEY, OTHER_KEY, STAGES, Customer, MakeSimulator, ManualClock
from tests.demo.pictures import data_url

RUNNING = STAGES.preparing + STAGES.queueing
DAY = 24 * 3600


def image() -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url()}, "role": "reference_image"}


def error_of(answer: tuple[int, Any]) -> tuple[int, str, str]:
    """HTTP status, type and message of a refusal, once its form has been checked."""
    status, body = answer
    assert body.keys() == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert body["request_id"]
    assert body["error"].keys() == {"type", "message", "http_code"}
    assert body["error"]["http_code"] == str(status)
    return status, body["error"]["type"], body["error"]["message"]


async def test_a_create_answers_with_the_id_alone(customer: Customer) -> None:
    status, answer = await customer.create_v2()

    assert (status, list(answer)) == (200, ["task_id"])
    assert type(answer["task_id"]) is str
    assert int(answer["task_id"]) > 2**53


async def test_a_task_has_exactly_the_documented_fields_in_each_status(
    customer: Customer, simulator: Simulator, clock: ManualClock
) -> None:
    task_id = await customer.task_v2()
    seen: list[Any] = []
    for seconds in (0, STAGES.preparing, STAGES.queueing, STAGES.processing):
        simulator.advance(seconds)
        seen.append(await customer.query_v2(task_id))

    begun = int(clock.now)
    waiting: dict[str, Any] = {
        "id": task_id,
        "model": "MiniMax-H3",
        "status": "queued",
        "created_at": begun,
        "updated_at": begun,
        "resolution": "768P",
        "duration": 5,
        "ratio": "16:9",
        "usage": {},
        "task_type": "generation",
        "modality": "video",
    }
    usage = {"total_seconds": 5, "input_seconds": 0, "output_seconds": 5, "input_image_count": 0}
    assert seen[0] == waiting
    assert seen[1] == {**waiting, "updated_at": begun + 10}
    assert seen[2] == {**waiting, "status": "running", "updated_at": begun + 30}
    assert seen[3] == {
        **waiting,
        "status": "succeeded",
        "updated_at": begun + 100,
        "usage": usage,
        "content": {"url": seen[3]["content"]["url"]},
    }


async def test_usage_counts_what_was_sent(customer: Customer, simulator: Simulator) -> None:
    film = clips.as_url(clips.video(3), "video/mp4")
    sound = clips.as_url(clips.audio(2), "audio/wav")
    task_id = await customer.task_v2(
        image(),
        image(),
        {"type": "video_url", "video_url": {"url": film}, "role": "reference_video"},
        {"type": "audio_url", "audio_url": {"url": sound}, "role": "reference_audio"},
    )
    simulator.advance(STAGES.total)

    task = await customer.query_v2(task_id)
    assert task["usage"] == {
        "total_seconds": 8,
        "input_seconds": 3,
        "output_seconds": 5,
        "input_image_count": 2,
        "input_audio_seconds": 2,
    }
    assert task["ratio"] == "adaptive"
    assert simulator.ledger.paid_creates()[0].price == 8 * Decimal("0.50")


@pytest.mark.parametrize(
    ("code", "message"), [(1026, "input new_sensitive"), (1027, "output new_sensitive"), (0, "task failed")]
)
async def test_a_failed_task_names_its_code_as_text(
    code: int, message: str, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"task=fail:{code}")
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)

    task = await customer.query_v2(task_id)
    assert (task["status"], task["error"]) == ("failed", {"code": str(code), "message": message})
    assert "content" not in task
    assert task["usage"] == {}


async def test_the_film_comes_as_an_attachment_from_another_host_without_a_key(
    customer: Customer, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)
    url = (await customer.query_v2(task_id))["content"]["url"]

    assert not url.startswith(customer.url)
    async with http.get(url) as response:
        assert (response.status, response.content_type, response.content_length) == (200, "video/mp4", len(FILM))
        assert response.headers["Content-Disposition"] == "attachment"
        assert await response.read() == FILM


async def test_a_link_dies_and_asking_again_gives_a_new_one(
    customer: Customer, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)
    old = (await customer.query_v2(task_id))["content"]["url"]
    simulator.advance(3600)
    new = (await customer.query_v2(task_id))["content"]["url"]

    async with http.get(old) as response:
        assert response.status == 403
    async with http.get(new) as response:
        assert response.status == 200


@pytest.mark.parametrize("header", [None, "", "Bearer ", KEY, "Bearer strange-key"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2/video_generation"),
        ("GET", "/v2/query/video_generation/1"),
        ("GET", "/v2/query/video_generation"),
        ("DELETE", "/v2/video_generation/1"),
    ],
)
async def test_a_call_without_a_known_key_is_401(
    method: str, path: str, header: str | None, url: str, http: aiohttp.ClientSession
) -> None:
    headers = {} if header is None else {"Authorization": header}
    async with http.request(method, url + path, headers=headers, json={}) as response:
        status, kind, message = error_of((response.status, await response.json()))

    assert (status, kind) == (401, "authorized_error")
    assert message.endswith("(1004)")


async def test_a_broken_rule_is_400_and_2013_and_takes_nothing(customer: Customer, simulator: Simulator) -> None:
    status, kind, message = error_of(await customer.create_v2(duration=16))

    assert (status, kind) == (400, "bad_request_error")
    assert message == "invalid params, duration of model MiniMax-H3 must be 4 to 15 (2013)"
    assert simulator.ledger.paid_creates() == []


async def test_a_body_that_is_no_json_is_400(url: str, http: aiohttp.ClientSession, customer: Customer) -> None:
    async with http.post(f"{url}/v2/video_generation", data=b"{", headers=customer.headers) as response:
        assert error_of((response.status, await response.json()))[:2] == (400, "bad_request_error")


async def test_a_body_of_more_than_64_megabytes_is_400(customer: Customer) -> None:
    status, _, message = error_of(await customer.create_v2(filler="x" * 64_000_000))

    assert (status, message) == (400, "invalid params, the body is larger than 64MB (2013)")


async def test_an_unknown_task_is_500_record_not_found(customer: Customer, simulator: Simulator) -> None:
    old = await customer.task_v2()
    of_v1 = (await customer.create())["task_id"]
    simulator.advance(7 * DAY)
    of_a_neighbour = await Customer(customer.url, customer.http, OTHER_KEY).task_v2()

    for task_id in ("1", "fox", old, of_v1, of_a_neighbour):
        for method, path in (("GET", "/v2/query"), ("DELETE", "/v2")):
            answer = await customer.call(method, f"{path}/video_generation/{task_id}")
            assert error_of(answer) == (500, "server_error", "record not found (1000)")


async def test_v1_does_not_know_the_tasks_and_films_of_v2(customer: Customer, simulator: Simulator) -> None:
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)
    task = simulator.task(task_id)
    assert task is not None

    assert task.order.api == V2
    assert (await customer.query(task_id))["base_resp"]["status_code"] == 2013
    assert (await customer.retrieve(task.file_id))["base_resp"]["status_code"] == 2013


async def test_the_list_has_the_newest_first_in_pages(customer: Customer, simulator: Simulator) -> None:
    ids: list[str] = []
    for number in range(25):
        simulator.advance(1)
        ids.append(await customer.task_v2(prompt=f"fox {number}"))
    pages = [await customer.list_v2(query) for query in ("", "page_num=2", "page_num=2&page_size=10", "page_num=9")]

    assert [page["total"] for page in pages] == [25] * 4
    newest = ids[::-1]
    listed = [[task["id"] for task in page["items"]] for page in pages]
    assert listed == [newest[:20], newest[20:], newest[10:20], []]
    assert pages[1]["items"][0] == await customer.query_v2(newest[20])


async def test_the_list_can_be_narrowed_down(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("task=fail:0,prompt=failing")
    failing = await customer.task_v2(prompt="failing")
    done = await customer.task_v2(prompt="done")
    simulator.advance(STAGES.total)
    waiting = await customer.task_v2(model="MiniMax-H3-Max")

    async def ids(query: str) -> list[str]:
        return [task["id"] for task in (await customer.list_v2(query))["items"]]

    assert await ids("filter.status=queued") == [waiting]
    assert await ids("filter.status=succeeded") == [done]
    assert await ids("filter.status=failed&filter.model=MiniMax-H3") == [failing]
    assert await ids("filter.model=MiniMax-H3-Max") == [waiting]
    assert await ids(f"filter.task_ids={done}&filter.task_ids={waiting}&filter.task_ids=1") == [waiting, done]
    assert await ids("filter.task_type=generation&filter.status=") == [waiting, done, failing]
    assert await ids("filter.task_type=regeneration") == []


async def test_the_list_holds_the_accounts_own_tasks_of_seven_days_by_v2(
    customer: Customer, simulator: Simulator
) -> None:
    await customer.task_v2(prompt="old")
    simulator.advance(7 * DAY)
    await Customer(customer.url, customer.http, OTHER_KEY).task_v2()
    await customer.create()
    own = await customer.task_v2()

    listed = await customer.list_v2()
    assert ([task["id"] for task in listed["items"]], listed["total"]) == ([own], 1)


@pytest.mark.parametrize(
    "query",
    ["page_num=0", "page_num=x", "page_size=0", "page_size=101", "filter.status=Success", "filter.task_type=film"],
)
async def test_a_senseless_list_is_refused(query: str, customer: Customer) -> None:
    await customer.task_v2()

    answer = await customer.call("GET", f"/v2/query/video_generation?{query}")
    assert error_of(answer)[:2] == (400, "bad_request_error")


async def test_a_waiting_task_can_be_cancelled_free_of_charge(customer: Customer, simulator: Simulator) -> None:
    task_id = await customer.task_v2()
    assert len(simulator.ledger.paid_creates()) == 1
    simulator.advance(RUNNING - 1)

    answer = await customer.delete_v2(task_id)

    assert answer == (200, {"task_id": task_id, "action": "cancelled", "status": "cancelled"})
    assert simulator.ledger.paid_creates() == []
    simulator.advance(STAGES.total)
    task = await customer.query_v2(task_id)
    assert task["status"] == "cancelled"
    assert "content" not in task
    assert [task["id"] for task in (await customer.list_v2("filter.status=cancelled"))["items"]] == [task_id]


async def test_a_cancelled_task_frees_its_place_and_its_money(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    simulator = make_simulator(limits=Limits(in_flight=1, balance=Decimal("3.00")))
    async with running(simulator) as url:
        customer = Customer(url, http)
        task_id = await customer.task_v2()
        refused = error_of(await customer.create_v2())
        await customer.delete_v2(task_id)
        status, _ = await customer.create_v2()

    assert (refused[0], refused[2]) == (429, "conn limit (1041)")
    assert status == 200


@pytest.mark.parametrize("fault", [None, "task=fail:1027"])
async def test_an_ended_task_can_be_deleted_and_stays_paid(
    fault: str | None, customer: Customer, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    simulator.faults.add(*([fault] if fault else []))
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)
    task = await customer.query_v2(task_id)

    answer = await customer.delete_v2(task_id)

    assert answer == (200, {"task_id": task_id, "action": "deleted", "status": "deleted"})
    assert error_of(await customer.delete_v2(task_id))[0] == 500
    assert (await customer.list_v2())["total"] == 0
    assert len(simulator.ledger.paid_creates()) == 1
    if fault is None:
        async with http.get(task["content"]["url"]) as response:
            assert response.status == 403


async def test_a_running_or_cancelled_task_can_be_neither_cancelled_nor_deleted(
    customer: Customer, simulator: Simulator
) -> None:
    cancelled = await customer.task_v2()
    await customer.delete_v2(cancelled)
    busy = await customer.task_v2()
    simulator.advance(RUNNING)

    for task_id in (busy, cancelled):
        assert error_of(await customer.delete_v2(task_id))[:2] == (400, "bad_request_error")
    assert (await customer.query_v2(busy))["status"] == "running"
    assert len(simulator.ledger.paid_creates()) == 1


async def test_limits_of_the_account_are_real_http_errors(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    simulator = make_simulator(limits=Limits(creates_per_minute=2, balance=Decimal("4.00")))
    async with running(simulator) as url:
        customer = Customer(url, http)
        await customer.task_v2()
        poor = error_of(await customer.create_v2())
        await customer.task_v2(duration=4, model="MiniMax-H3-Lite", resolution="480P")
        busy = error_of(await customer.create_v2())

    assert poor == (402, "insufficient_balance_error", "insufficient balance (1008)")
    assert busy == (429, "rate_limit_error", "rate limit exceeded(RPM) (1002)")


async def test_the_ledger_and_the_request_log_hold_v2_as_well(customer: Customer, simulator: Simulator) -> None:
    task_id = await customer.task_v2(image(), prompt="a fox")
    for _ in range(2):
        await customer.query_v2(task_id)

    (entry,) = simulator.ledger.paid_creates("a fox")
    assert (entry.task_id, entry.model, entry.mode, entry.resolution) == (task_id, "MiniMax-H3", "ref", "768P")
    assert (entry.duration, entry.price) == (5, Decimal("2.50"))
    assert len(simulator.requests.queries(task_id)) == 2
