"""Every switch on V2: the same words, met as V2 speaks."""

import aiohttp
import pytest

from demo.simulator.faults import TRIGGERS, Trigger
from demo.simulator.server import running
from demo.simulator.service import Simulator
from tests.demo.conftest import FILM, STAGES, Customer, MakeSimulator
from tests.demo.test_faults import LOST
from tests.demo.test_v2_calls import error_of

# MiniMax docs, V2 create; codes that the page does not show stand with their kin.
CODES = {
    400: (2013, 1042, 2061),
    401: (1004, 2049, 2038),
    402: (1008,),
    422: (1026, 1027),
    429: (1002, 1028, 1030, 1039, 1041, 2045, 2056),
    500: (1000, 1001, 1013, 1024, 1033, 9999),
}


@pytest.fixture
async def finished(customer: Customer, simulator: Simulator) -> str:
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)
    return task_id


@pytest.mark.parametrize(("status", "code"), [(status, code) for status, codes in CODES.items() for code in codes])
async def test_a_create_can_be_refused_with_any_code_as_an_http_error(
    status: int, code: int, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"create=code:{code}")

    refused = error_of(await customer.create_v2())
    assert refused[0] == status
    assert refused[2].endswith(f" ({code})")
    assert simulator.ledger.paid_creates() == []
    assert (await customer.create_v2())[0] == 200


@pytest.mark.parametrize("how", ["reset", "drop"])
async def test_a_lost_create_was_paid_and_can_be_found_in_the_list(
    how: str, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"accepted={how}")

    with pytest.raises(LOST):
        await customer.create_v2(prompt="lost")
    (entry,) = simulator.ledger.paid_creates("lost")
    listed = await customer.list_v2()
    assert [task["id"] for task in listed["items"]] == [entry.task_id]


@pytest.mark.parametrize("how", ["reset", "drop"])
async def test_a_create_can_be_cut_before_it_was_taken(how: str, customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add(f"create={how}")

    with pytest.raises(LOST):
        await customer.create_v2()
    assert simulator.ledger.paid_creates() == []
    assert (await customer.list_v2())["total"] == 0


@pytest.mark.parametrize("point", ["create", "accepted", "query", "list", "delete"])
async def test_any_call_can_be_met_by_an_overload_a_gateway_or_nonsense(
    point: str, customer: Customer, simulator: Simulator, finished: str
) -> None:
    method, path = {
        "create": ("POST", "/v2/video_generation"),
        "accepted": ("POST", "/v2/video_generation"),
        "query": ("GET", f"/v2/query/video_generation/{finished}"),
        "list": ("GET", "/v2/query/video_generation"),
        "delete": ("DELETE", f"/v2/video_generation/{finished}"),
    }[point]
    content = [{"type": "text", "text": "a bear"}]
    order = {"model": "MiniMax-H3", "content": content, "resolution": "768P", "duration": 5, "ratio": "1:1"}
    body = order if method == "POST" else None
    simulator.faults.add(f"{point}=overloaded", f"{point}=http:502", f"{point}=text")

    overloaded = error_of(await customer.call(method, path, body))
    assert overloaded[:2] == (529, "overloaded_error")
    assert "(" not in overloaded[2]
    seen: list[tuple[int, str]] = []
    for _ in range(2):
        async with customer.http.request(method, customer.url + path, json=body, headers=customer.headers) as response:
            seen.append((response.status, response.content_type))
    assert seen == [(502, "text/html"), (200, "text/plain")]
    assert (await customer.call(method, path, body))[0] == 200


async def test_bodies_can_come_slowly_and_yet_whole(make_simulator: MakeSimulator, http: aiohttp.ClientSession) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    simulator = make_simulator(sleep=sleep)
    async with running(simulator) as url:
        simulator.faults.add("accepted=slow:20", "query=slow:20", "list=slow:20")
        customer = Customer(url, http)
        task_id = await customer.task_v2()
        assert (await customer.query_v2(task_id))["status"] == "queued"
        assert (await customer.list_v2())["total"] == 1

    assert sum(waits) == pytest.approx(60, rel=0.2)


async def test_a_task_object_can_be_bent_once(customer: Customer, simulator: Simulator, finished: str) -> None:
    simulator.faults.add("query=status:expired", "query=lower", "query=no-file-id", "query=number-id")

    bent = [await customer.query_v2(finished) for _ in range(4)]
    honest = await customer.query_v2(finished)
    assert [task["status"] for task in bent] == ["expired", *["succeeded"] * 3]
    assert [("content" in task) for task in bent] == [True, True, False, True]
    assert [task["id"] for task in bent] == [finished, finished, finished, int(finished)]
    assert (honest["id"], "content" in honest) == (finished, True)


async def test_a_failure_can_be_spelled_otherwise_and_a_create_be_without_its_id(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add("task=fail:0", "query=spell:expired", "accepted=no-task-id,skip=1")
    task_id = await customer.task_v2()
    assert await customer.create_v2() == (200, {"task_id": ""})
    simulator.advance(STAGES.total)

    assert (await customer.query_v2(task_id))["status"] == "expired"
    assert (await customer.query_v2(task_id))["status"] == "failed"


async def test_stages_can_be_made_longer_for_one_prompt(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("task=delay:queueing:1000,prompt=fox")
    fox, bear = await customer.task_v2(prompt="a fox"), await customer.task_v2(prompt="a bear")
    simulator.advance(STAGES.total)

    assert [(await customer.query_v2(task))["status"] for task in (fox, bear)] == ["queued", "succeeded"]


@pytest.mark.parametrize("switch", ["expired", "truncate:1000", "type:text/html", "http:502"])
async def test_a_download_can_go_wrong_once(
    switch: str, customer: Customer, simulator: Simulator, finished: str
) -> None:
    url = (await customer.query_v2(finished))["content"]["url"]
    simulator.faults.add(f"download={switch}")

    async def whole() -> bool:
        async with customer.http.get(url) as response:
            try:
                return (response.status, response.content_type) == (200, "video/mp4") and await response.read() == FILM
            except aiohttp.ClientPayloadError:
                return False

    assert [await whole() for _ in range(2)] == [False, True]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.words[0])
async def test_each_trigger_word_in_a_prompt_throws_its_switch(
    trigger: Trigger, customer: Customer, simulator: Simulator
) -> None:
    prompt, fault = f"a fox {trigger.words[1]} in the snow", trigger.fault
    if fault.point == "accepted":
        with pytest.raises(LOST):
            await customer.create_v2(prompt=prompt)
        return
    if fault.point == "create":
        assert error_of(await customer.create_v2(prompt=prompt))[:2] == (422, "unprocessable_entity_error")
        return
    task_id = await customer.task_v2(prompt=prompt)
    simulator.advance(STAGES.total)
    task = await customer.query_v2(task_id)
    if fault.action == "fail":
        assert (task["status"], task["error"]["code"]) == ("failed", fault.argument)
    elif fault.action == "delay":
        assert task["status"] == "running"
    else:
        with pytest.raises(aiohttp.ClientPayloadError):
            async with customer.http.get(task["content"]["url"]) as response:
                await response.read()
