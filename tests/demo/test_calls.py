"""The calls as a customer sees them: shapes, ids, keys, links, limits and what is written down."""

from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from random import Random

import aiohttp
import pytest

from demo.simulator.rules import read_order
from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from demo.simulator.tasks import StagePlan
from tests.demo.conftest import FILM, KEY, OTHER_KEY, STAGES, Customer, MakeSimulator, ManualClock

SUCCESS = {"status_code": 0, "status_msg": "success"}


async def test_task_ids_are_text_and_file_ids_text_in_the_query_but_a_number_in_the_retrieve(
    customer: Customer, simulator: Simulator
) -> None:
    task_id = (await customer.create())["task_id"]
    simulator.advance(STAGES.total)
    query = await customer.query(task_id)
    file = (await customer.retrieve(query["file_id"]))["file"]

    assert (type(task_id), type(query["task_id"]), type(query["file_id"]), type(file["file_id"])) == (
        str,
        str,
        str,
        int,
    )
    assert file["file_id"] == int(query["file_id"])
    assert len(task_id) == len(query["file_id"]) == 18
    assert int(task_id) > 2**53


async def test_every_answer_to_the_documented_loop_has_exactly_the_documented_fields(
    customer: Customer, simulator: Simulator, clock: ManualClock
) -> None:
    create = await customer.create()
    early = await customer.query(create["task_id"])
    simulator.advance(STAGES.total)
    late = await customer.query(create["task_id"])
    file = await customer.retrieve(late["file_id"])

    task_id, file_id = create["task_id"], late["file_id"]
    assert create == {"task_id": task_id, "base_resp": SUCCESS}
    assert early == {"task_id": task_id, "status": "Preparing", "file_id": "", "base_resp": SUCCESS}
    assert late == {
        "task_id": task_id,
        "status": "Success",
        "file_id": file_id,
        "video_width": 1366,
        "video_height": 768,
        "base_resp": SUCCESS,
    }
    assert file == {
        "file": {
            "file_id": int(file_id),
            "bytes": len(FILM),
            "created_at": int(clock.now + STAGES.total),
            "filename": "output.mp4",
            "purpose": "video_generation",
            "download_url": file["file"]["download_url"],
        },
        "base_resp": SUCCESS,
    }


async def test_the_download_has_its_true_length_and_type_and_needs_no_key(
    customer: Customer, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    link = await customer.finished_link(simulator)

    async with http.get(link) as response:
        assert (response.status, response.content_type, response.content_length) == (200, "video/mp4", len(FILM))
        assert await response.read() == FILM


async def test_films_come_from_another_host_and_a_key_sent_there_is_noticed(
    customer: Customer, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    link = await customer.finished_link(simulator)
    async with http.get(link) as response:
        await response.read()
    async with http.get(link, headers=customer.headers) as response:
        await response.read()

    assert not link.startswith(customer.url)
    assert [request.authorized for request in simulator.requests.downloads()] == [False, True]


async def test_a_link_dies_after_an_hour_and_asking_again_gives_a_new_one(
    customer: Customer, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    task_id = (await customer.create())["task_id"]
    simulator.advance(STAGES.total)
    file_id = (await customer.query(task_id))["file_id"]
    old = (await customer.retrieve(file_id))["file"]["download_url"]
    simulator.advance(3600)
    new = (await customer.retrieve(file_id))["file"]["download_url"]

    async with http.get(old) as response:
        assert (response.status, response.content_type) == (403, "application/xml")
    async with http.get(new) as response:
        assert response.status == 200
    async with http.get(new.replace("/video/", "/video/0")) as response:
        assert response.status == 403


@pytest.mark.parametrize("header", [None, "", "Bearer ", f"Basic {KEY}", KEY])
async def test_a_call_without_a_bearer_key_is_answered_200_and_1004(
    header: str | None, url: str, http: aiohttp.ClientSession
) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in ("/v1/query/video_generation?task_id=1", "/v1/files/retrieve?file_id=1", "/account/query_balance"):
        async with http.get(url + path, headers=headers) as response:
            assert response.status == 200
            assert (await response.json())["base_resp"]["status_code"] == 1004


@pytest.mark.parametrize("code", [1004, 2049])
async def test_a_wrong_key_is_refused_with_the_code_of_the_region_and_takes_nothing(
    code: int, make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    simulator = make_simulator(wrong_key_code=code)
    async with running(simulator) as url:
        stranger = Customer(url, http, key="strange-key")
        answers = [await stranger.create(), await stranger.query("1"), await stranger.get("/v1/token_plan/remains")]

    assert [answer["base_resp"]["status_code"] for answer in answers] == [code] * 3
    assert simulator.ledger.paid_creates() == []


async def test_another_account_sees_neither_task_nor_film(customer: Customer, simulator: Simulator) -> None:
    neighbour = Customer(customer.url, customer.http, OTHER_KEY)
    task_id = (await customer.create())["task_id"]
    simulator.advance(STAGES.total)
    file_id = (await customer.query(task_id))["file_id"]

    assert (await neighbour.query(task_id))["base_resp"]["status_code"] == 2013
    assert (await neighbour.retrieve(file_id))["base_resp"]["status_code"] == 2013
    assert "file" not in await neighbour.retrieve(file_id)


async def test_unknown_and_missing_ids_are_2013(customer: Customer) -> None:
    answers = [
        await customer.query("123"),
        await customer.get("/v1/query/video_generation"),
        await customer.retrieve("123"),
        await customer.retrieve("fox"),
        await customer.get("/v1/files/retrieve"),
    ]

    assert [answer["base_resp"]["status_code"] for answer in answers] == [2013] * 5
    assert answers[0]["status"] == ""


async def test_a_film_cannot_be_had_before_its_task_succeeded(customer: Customer, simulator: Simulator) -> None:
    task_id = (await customer.create())["task_id"]
    task = simulator.task(task_id)
    assert task is not None

    assert (await customer.retrieve(task.file_id))["base_resp"]["status_code"] == 2013
    simulator.advance(STAGES.total)
    assert (await customer.retrieve(task.file_id))["base_resp"] == SUCCESS


async def test_a_body_that_is_no_json_is_2013(url: str, http: aiohttp.ClientSession, customer: Customer) -> None:
    async with http.post(f"{url}/v1/video_generation", data=b"{", headers=customer.headers) as response:
        assert (await response.json())["base_resp"]["status_code"] == 2013


async def test_every_answer_carries_a_trace_id_of_its_own(url: str, http: aiohttp.ClientSession) -> None:
    traces: list[str] = []
    for _ in range(2):
        async with http.get(f"{url}/account/query_balance") as response:
            traces.append(response.headers["Trace-Id"])

    assert len(set(traces)) == 2


async def test_the_balance_can_be_asked_for_free_and_shrinks_with_each_create(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    simulator = make_simulator(limits=Limits(balance=Decimal("5.00")))
    async with running(simulator) as url:
        customer = Customer(url, http)
        codes: list[int] = []
        left: list[str] = []
        for _ in range(3):
            left.append((await customer.get("/account/query_balance"))["available_amount"])
            codes.append((await customer.create(resolution="768P"))["base_resp"]["status_code"])
        free = await customer.get("/v1/token_plan/remains")

    assert left == ["5.00", "3.00", "1.00"]
    assert codes == [0, 0, 1008]
    assert free["base_resp"] == SUCCESS


async def test_creates_above_the_rate_are_1002_until_a_minute_has_passed(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    simulator = make_simulator(limits=Limits(creates_per_minute=2))
    async with running(simulator) as url:
        customer, neighbour = Customer(url, http), Customer(url, http, OTHER_KEY)
        answers = [await customer.create() for _ in range(3)]
        answers.append(await neighbour.create())
        simulator.advance(60)
        answers.append(await customer.create())

    assert [answer["base_resp"]["status_code"] for answer in answers] == [0, 0, 1002, 0, 0]
    assert answers[2]["base_resp"]["status_msg"] == "rate limit exceeded(RPM)"


async def test_creates_above_the_tasks_in_flight_are_1041_until_one_ends(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    simulator = make_simulator(limits=Limits(in_flight=1))
    async with running(simulator) as url:
        customer = Customer(url, http)
        codes = [(await customer.create())["base_resp"]["status_code"] for _ in range(2)]
        simulator.advance(STAGES.total)
        codes.append((await customer.create())["base_resp"]["status_code"])

    assert codes == [0, 1041, 0]


async def test_the_ledger_names_the_key_and_the_request_but_never_the_key_itself(
    customer: Customer, simulator: Simulator, clock: ManualClock
) -> None:
    task_id = (await customer.create(prompt="a fox", duration=10))["task_id"]
    await customer.create(prompt="a bear")

    (entry,) = simulator.ledger.paid_creates("a fox")
    assert (entry.task_id, entry.key_name, entry.model, entry.mode) == (task_id, "customer", "MiniMax-Hailuo-02", "t2v")
    assert (entry.resolution, entry.duration, entry.price, entry.currency) == ("768P", 10, Decimal("4.00"), "CNY")
    assert entry.prompt_sha256 == sha256(b"a fox").hexdigest()
    assert entry.created_at == clock.now
    assert len(simulator.ledger.paid_creates()) == 2
    assert KEY not in repr(simulator.ledger) + repr(simulator.requests)


async def test_the_request_log_counts_the_queries_of_each_task(customer: Customer, simulator: Simulator) -> None:
    first, second = [(await customer.create(prompt=prompt))["task_id"] for prompt in ("a fox", "a bear")]
    for task_id in (first, second, first):
        await customer.query(task_id)

    assert [len(simulator.requests.queries(task_id)) for task_id in (first, second)] == [2, 1]
    assert [request.body["prompt"] for request in simulator.requests.all("/v1/video_generation")] == ["a fox", "a bear"]


async def test_a_query_with_extra_headers_and_a_numeric_id_is_taken(
    customer: Customer, url: str, http: aiohttp.ClientSession
) -> None:
    task_id = (await customer.create())["task_id"]

    async with http.get(
        f"{url}/v1/query/video_generation",
        params={"task_id": int(task_id)},
        headers={**customer.headers, "MM-API-Source": "test"},
    ) as response:
        assert (await response.json())["status"] == "Preparing"


async def test_the_same_seed_gives_the_same_ids_and_another_seed_others(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession
) -> None:
    ids: list[str] = []
    for seed in (1, 1, 2):
        async with running(make_simulator(seed=seed)) as url:
            ids.append((await Customer(url, http).create())["task_id"])

    assert ids[0] == ids[1] != ids[2]


def test_a_stage_plan_keeps_its_shares_and_stays_within_its_spread() -> None:
    plan = StagePlan.taking(100, spread=0.2)
    order = read_order({"model": "MiniMax-Hailuo-02", "prompt": "a fox"})
    totals = [plan(order, Random(seed)).total for seed in range(50)]
    stages = plan(order, Random(1))

    assert all(80 <= total <= 120 for total in totals)
    assert any(before != after for before, after in pairwise(totals))
    assert stages.preparing / stages.total == pytest.approx(0.1)
    assert stages.queueing / stages.total == pytest.approx(0.2)


async def test_after_an_outage_the_service_still_knows_its_tasks(
    simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    async with running(simulator) as url:
        task_id = (await Customer(url, http).create())["task_id"]
        port = int(url.rpartition(":")[2])
    with pytest.raises(aiohttp.ClientConnectorError):
        await Customer(url, http).query(task_id)
    async with running(simulator, port=port) as same_url:
        simulator.advance(STAGES.total)
        answer = await Customer(same_url, http).query(task_id)

    assert same_url == url
    assert answer["status"] == "Success"
