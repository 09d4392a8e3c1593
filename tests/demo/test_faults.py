"""Every switch: what the customer meets when it is thrown, and that the next request is met honestly again."""

import errno
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from demo.simulator.faults import ACTIONS, POINTS, TRIGGERS, Fault, Switchboard, parse_fault
from demo.simulator.server import running
from demo.simulator.service import Simulator
from tests.demo.conftest import FILM, STAGES, Customer, MakeSimulator

LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@pytest.fixture
async def finished(customer: Customer, simulator: Simulator) -> str:
    """The id of a task whose film is ready."""
    task_id: str = (await customer.create())["task_id"]
    simulator.advance(STAGES.total)
    return task_id


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1004, 1008, 1024, 1026, 1033, 1039, 1041, 2013, 2045, 2049, 2056, 2061, 9999]
)
async def test_a_create_can_be_refused_with_any_code_and_takes_nothing(
    code: int, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"create=code:{code}")

    refused = await customer.create()
    assert (refused["task_id"], refused["base_resp"]["status_code"]) == ("", code)
    assert refused["base_resp"]["status_msg"]
    assert simulator.ledger.paid_creates() == []
    assert (await customer.create())["base_resp"]["status_code"] == 0


async def test_a_burst_of_refusals_ends_after_its_number(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("create=code:1002,times=3,skip=1")

    codes = [(await customer.create())["base_resp"]["status_code"] for _ in range(6)]

    assert codes == [0, 1002, 1002, 1002, 0, 0]


@pytest.mark.parametrize("how", ["reset", "drop"])
async def test_a_create_can_be_cut_before_it_was_taken(how: str, customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add(f"create={how}")

    with pytest.raises(LOST):
        await customer.create()
    assert simulator.ledger.paid_creates() == []


@pytest.mark.parametrize("how", ["reset", "drop"])
async def test_a_create_can_be_taken_and_paid_and_its_answer_lost(
    how: str, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"accepted={how}")

    with pytest.raises(LOST):
        await customer.create()
    (entry,) = simulator.ledger.paid_creates()
    assert (await customer.query(entry.task_id))["status"] == "Preparing"


async def test_a_reset_is_seen_as_a_reset(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("create=reset")

    with pytest.raises(aiohttp.ClientOSError) as caught:
        await customer.create()
    assert caught.value.errno == errno.ECONNRESET


@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("point", ["create", "accepted", "query", "retrieve", "download", "account"])
async def test_any_call_can_be_answered_by_a_gateway_in_html(
    point: str, status: int, customer: Customer, simulator: Simulator, finished: str
) -> None:
    file_id = (await customer.query(finished))["file_id"]
    link = (await customer.retrieve(file_id))["file"]["download_url"]
    simulator.faults.add(f"{point}=http:{status}")

    method, url = call(point, customer.url, finished, file_id, link)
    body = {"model": "MiniMax-Hailuo-02", "prompt": "a bear"} if method == "POST" else None
    async with customer.http.request(method, url, json=body, headers=customer.headers) as response:
        assert (response.status, response.content_type) == (status, "text/html")
        assert "<html>" in await response.text()
    assert len(simulator.ledger.paid_creates("a bear")) == (point == "accepted")


@pytest.mark.parametrize("point", ["create", "accepted", "query", "retrieve", "account"])
async def test_any_call_can_be_answered_by_something_that_is_no_json(
    point: str, customer: Customer, simulator: Simulator, finished: str
) -> None:
    file_id = (await customer.query(finished))["file_id"]
    simulator.faults.add(f"{point}=text")

    method, url = call(point, customer.url, finished, file_id, "")
    body = {"model": "MiniMax-Hailuo-02", "prompt": "a bear"} if method == "POST" else None
    async with customer.http.request(method, url, json=body, headers=customer.headers) as response:
        assert (response.status, response.content_type) == (200, "text/plain")


def call(point: str, url: str, task_id: str, file_id: str, link: str) -> tuple[str, str]:
    return {
        "create": ("POST", f"{url}/v1/video_generation"),
        "accepted": ("POST", f"{url}/v1/video_generation"),
        "query": ("GET", f"{url}/v1/query/video_generation?task_id={task_id}"),
        "retrieve": ("GET", f"{url}/v1/files/retrieve?file_id={file_id}"),
        "download": ("GET", link),
        "account": ("GET", f"{url}/account/query_balance"),
    }[point]


async def test_a_taken_create_can_be_answered_with_an_ambiguous_code_or_without_an_id(
    customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add("accepted=code:1033", "accepted=no-task-id")

    first, second = await customer.create(), await customer.create()

    assert first["base_resp"]["status_code"] == 1033
    assert second == {"task_id": "", "base_resp": {"status_code": 0, "status_msg": "success"}}
    assert len(simulator.ledger.paid_creates()) == 2


@pytest.mark.parametrize(("code", "seconds"), [(1026, STAGES.preparing), (1027, STAGES.total), (0, STAGES.total)])
async def test_a_task_can_fail_with_its_reason_when_the_real_one_would(
    code: int, seconds: float, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"task=fail:{code}")

    task_id = (await customer.create())["task_id"]
    simulator.advance(seconds - 1)
    assert (await customer.query(task_id))["status"] in ("Preparing", "Processing")
    simulator.advance(1)
    answer = await customer.query(task_id)
    assert (answer["status"], answer["file_id"], answer["base_resp"]["status_code"]) == ("Fail", "", code)


@pytest.mark.parametrize(
    ("stage", "seconds_before", "status"),
    [("preparing", 0, "Preparing"), ("queueing", STAGES.preparing, "Queueing"), ("processing", 30, "Processing")],
)
async def test_each_stage_can_be_made_longer(
    stage: str, seconds_before: float, status: str, customer: Customer, simulator: Simulator
) -> None:
    simulator.faults.add(f"task=delay:{stage}:1000")

    task_id = (await customer.create())["task_id"]
    simulator.advance(seconds_before + 1000)
    assert (await customer.query(task_id))["status"] == status
    simulator.advance(STAGES.total)
    assert (await customer.query(task_id))["status"] == "Success"


async def test_a_delay_and_a_failure_can_lie_on_one_task(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("task=delay:processing:50", "task=fail:1027")

    task_id = (await customer.create())["task_id"]
    simulator.advance(STAGES.total + 49)
    assert (await customer.query(task_id))["status"] == "Processing"
    simulator.advance(1)
    assert (await customer.query(task_id))["status"] == "Fail"


BENT_QUERIES: Mapping[str, Mapping[str, Any]] = {
    "status:Unknown": {"status": "Unknown"},
    "lower": {"status": "success"},
    "no-file-id": {"status": "Success", "file_id": ""},
    "code:1001": {"base_resp": {"status_code": 1001, "status_msg": "request timeout"}},
}


@pytest.mark.parametrize("action", BENT_QUERIES)
async def test_a_query_can_be_bent_once(action: str, customer: Customer, simulator: Simulator, finished: str) -> None:
    honest = await customer.query(finished)
    simulator.faults.add(f"query={action}")

    bent = await customer.query(finished)

    assert {field: bent[field] for field in BENT_QUERIES[action]} == BENT_QUERIES[action]
    assert await customer.query(finished) == honest


async def test_a_file_id_can_come_in_the_other_type(customer: Customer, simulator: Simulator, finished: str) -> None:
    file_id = (await customer.query(finished))["file_id"]
    simulator.faults.add("query=number-id", "retrieve=string-id")

    assert (await customer.query(finished))["file_id"] == int(file_id)
    assert (await customer.retrieve(file_id))["file"]["file_id"] == file_id


async def test_a_success_without_its_file_waits_for_the_success(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("query=no-file-id,times=2")
    task_id = (await customer.create())["task_id"]

    assert (await customer.query(task_id))["status"] == "Preparing"
    simulator.advance(STAGES.total)
    files = [(await customer.query(task_id))["file_id"] for _ in range(3)]
    assert [bool(file_id) for file_id in files] == [False, False, True]


async def test_a_failure_can_be_spelled_otherwise(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("task=fail:0", "query=spell:Failed,times=always")
    task_id = (await customer.create())["task_id"]

    assert (await customer.query(task_id))["status"] == "Preparing"
    simulator.advance(STAGES.total)
    assert (await customer.query(task_id))["status"] == "Failed"


async def test_a_retrieve_can_come_without_its_link(customer: Customer, simulator: Simulator, finished: str) -> None:
    file_id = (await customer.query(finished))["file_id"]
    simulator.faults.add("retrieve=no-url,times=2")

    answers = [await customer.retrieve(file_id) for _ in range(3)]

    assert ["download_url" in answer["file"] for answer in answers] == [False, False, True]
    assert all(answer["base_resp"]["status_code"] == 0 for answer in answers)


async def test_a_download_can_have_expired_early(customer: Customer, simulator: Simulator) -> None:
    link = await customer.finished_link(simulator)
    simulator.faults.add("download=expired")

    async with customer.http.get(link) as response:
        assert response.status == 403
    async with customer.http.get(link) as response:
        assert await response.read() == FILM


async def test_a_download_can_break_off_after_some_bytes_of_the_promised_length(
    customer: Customer, simulator: Simulator
) -> None:
    link = await customer.finished_link(simulator)
    simulator.faults.add("download=truncate:100000")

    async with customer.http.get(link) as response:
        assert response.content_length == len(FILM)
        received = await response.content.readexactly(100_000)
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()
    assert received == FILM[:100_000]


async def test_a_download_can_come_as_another_type(customer: Customer, simulator: Simulator) -> None:
    link = await customer.finished_link(simulator)
    simulator.faults.add("download=type:text/html")

    async with customer.http.get(link) as response:
        assert response.content_type == "text/html"


async def test_bodies_can_come_slowly_and_yet_whole(make_simulator: MakeSimulator, http: aiohttp.ClientSession) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    simulator = make_simulator(sleep=sleep)
    async with running(simulator) as url:
        customer = Customer(url, http)
        link = await customer.finished_link(simulator)
        simulator.faults.add("accepted=slow:20", "download=slow:40")
        created = await customer.create()
        of_create = sum(waits)
        async with http.get(link) as response:
            film = await response.read()

    assert created["base_resp"]["status_code"] == 0
    assert film == FILM
    assert of_create == pytest.approx(20, rel=0.2)
    assert sum(waits) - of_create == pytest.approx(40)


async def test_a_fault_can_be_meant_for_one_prompt_only(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("create=code:1008,prompt=bear", "task=fail:0,prompt=fox")

    fox, bear = await customer.create(prompt="a fox"), await customer.create(prompt="a bear")
    simulator.advance(STAGES.total)

    assert bear["base_resp"]["status_code"] == 1008
    assert (await customer.query(fox["task_id"]))["status"] == "Fail"


@pytest.mark.parametrize("trigger", TRIGGERS, ids=lambda trigger: trigger.words[0])
@pytest.mark.parametrize("language", [0, 1])
async def test_each_trigger_word_in_a_prompt_throws_its_switch(
    trigger: Any, language: int, customer: Customer, simulator: Simulator
) -> None:
    prompt = f"a fox {trigger.words[language]} in the snow"
    fault = trigger.fault
    if fault.point == "accepted":
        with pytest.raises(LOST):
            await customer.create(prompt=prompt)
        return
    created = await customer.create(prompt=prompt)
    if fault.point == "create":
        assert created["base_resp"]["status_code"] == int(fault.argument)
        return
    simulator.advance(STAGES.total)
    answer = await customer.query(created["task_id"])
    if fault.action == "fail":
        assert (answer["status"], answer["base_resp"]["status_code"]) == ("Fail", int(fault.argument))
    elif fault.action == "delay":
        assert answer["status"] == "Processing"
    else:
        link = (await customer.retrieve(answer["file_id"]))["file"]["download_url"]
        with pytest.raises(aiohttp.ClientPayloadError):
            async with customer.http.get(link) as response:
                await response.read()
        async with customer.http.get(link) as response:
            assert await response.read() == FILM


def test_a_switch_reads_as_it_is_written() -> None:
    assert parse_fault("query=http:502,times=always,skip=2,prompt=fox") == Fault(
        "query", "http", "502", times=None, skip=2, prompt="fox"
    )


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "create",
        "create=",
        "nowhere=reset",
        "create=vanish",
        "create=expired",
        "download=code:1002",
        "create=code:many",
        "create=reset:now",
        "task=delay:napping:3",
        "task=delay:queueing:-1",
        "push=late:-1",
        "push=skip",
        "challenge=late:1",
        "query=status",
        "create=reset,times=0",
        "create=reset,times=often",
        "create=reset,skip=-1",
        "create=reset,colour=red",
    ],
)
def test_a_senseless_switch_is_refused_in_one_sentence_and_sets_nothing(spec: str) -> None:
    switches = Switchboard()

    with pytest.raises(ValueError, match=r"^fault "):
        switches.add("create=reset", spec)
    assert switches.pending() == []


def test_a_place_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"nonsense is not one of accepted, .*, create, "):
        parse_fault("nonsense=reset")


def test_every_action_can_strike_somewhere_and_tells_how_it_is_written() -> None:
    assert all(action.points and action.points <= set(POINTS) for action in ACTIONS.values())
    assert all(action.help.startswith(name) for name, action in ACTIONS.items())
