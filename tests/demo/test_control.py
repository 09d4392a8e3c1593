"""The simulator as a process of its own: its entry, and the control path by which a test steers it from outside."""

import asyncio
from typing import Any

import aiohttp
import pytest

from demo.simulator.film_makers import tiny_film
from demo.simulator.server import serve
from demo.simulator.service import Simulator, film_order
from tests.demo.conftest import FILM, KEY, STAGES, Customer


class Remote:
    """Speaks to the control path."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        async with self.http.request(method, f"{self.url}/_simulator{path}", json=body) as response:
            if response.status != 200:
                return response.status, await response.text()
            return await response.json()


@pytest.fixture
def remote(url: str, http: aiohttp.ClientSession) -> Remote:
    return Remote(url, http)


async def test_switches_can_be_set_seen_and_taken_back(remote: Remote, customer: Customer) -> None:
    set_ = await remote.call("POST", "/faults", {"faults": ["create=code:1002,times=2", "query=http:502"]})
    assert [fault["action"] for fault in set_["faults"]] == ["code", "http"]

    assert (await customer.create())["base_resp"]["status_code"] == 1002
    assert await remote.call("DELETE", "/faults") == {"faults": []}
    assert (await customer.create())["base_resp"]["status_code"] == 0


async def test_the_ledger_tells_what_was_paid_and_which_bytes_the_film_has(
    remote: Remote, customer: Customer, simulator: Simulator
) -> None:
    task_id = (await customer.create(prompt="狐狸", resolution="1080P"))["task_id"]
    task = simulator.task(task_id)
    assert task is not None
    film = await simulator.films.get(film_order(task.order))

    (entry,) = (await remote.call("GET", "/ledger"))["creates"]
    assert (entry["task_id"], entry["prompt"], entry["price"], entry["key_name"]) == (
        task_id,
        "狐狸",
        "3.50",
        "customer",
    )
    assert entry["film"] == {"bytes": len(FILM), "sha256": film.sha256}


async def test_the_requests_are_told_without_the_key_and_without_those_to_the_control_path(
    remote: Remote, customer: Customer
) -> None:
    await customer.create()
    told = await remote.call("GET", "/requests")

    assert [(request["method"], request["path"], request["authorized"]) for request in told["requests"]] == [
        ("POST", "/v1/video_generation", True)
    ]
    assert KEY not in str(told)


async def test_time_can_be_let_pass(remote: Remote, customer: Customer) -> None:
    task_id = (await customer.create())["task_id"]
    await remote.call("POST", "/clock", {"advance": STAGES.total})

    assert (await customer.query(task_id))["status"] == "Success"


async def test_a_request_can_be_held_awaited_and_released_from_outside(remote: Remote, customer: Customer) -> None:
    number = (await remote.call("POST", "/holds", {"point": "accepted"}))["hold"]
    assert await remote.call("GET", f"/holds/{number}") == {"reached": False}

    create = asyncio.create_task(customer.create())
    assert await remote.call("GET", f"/holds/{number}?wait=5") == {"reached": True}
    assert not create.done()
    await remote.call("POST", f"/holds/{number}/release")
    assert (await create)["base_resp"]["status_code"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/faults", {"faults": ["create=vanish"]}, 400),
        ("POST", "/faults", ["create=reset"], 400),
        ("POST", "/clock", {}, 400),
        ("POST", "/clock", {"advance": "soon"}, 400),
        ("POST", "/holds", {"point": "nowhere"}, 400),
        ("POST", "/holds", {"place": "create"}, 400),
        ("GET", "/holds/7", None, 404),
    ],
)
async def test_senseless_orders_are_refused_with_a_sentence(
    method: str, path: str, body: Any, status: int, remote: Remote
) -> None:
    code, sentence = await remote.call(method, path, body)

    assert code == status
    assert len(sentence.split()) > 2


async def test_a_senseless_wait_or_body_is_refused_with_a_sentence(remote: Remote) -> None:
    await remote.call("POST", "/holds", {"point": "query"})

    assert await remote.call("GET", "/holds/1?wait=soon") == (400, "wait is a number of seconds")
    async with remote.http.post(f"{remote.url}/_simulator/clock", data=b"{") as response:
        assert (response.status, await response.text()) == (400, "the body is not JSON")


async def test_the_control_path_tells_what_can_be_switched(remote: Remote) -> None:
    about = await remote.call("GET", "")

    assert about["faults"]["truncate"]["at"] == ["download"]
    assert {"accepted", "create", "query"} < set(about["faults"]["code"]["at"])
    assert any("#withhold" in words for words in about["prompt_words"])


async def test_a_simulator_by_itself_takes_exactly_its_key_and_ends_when_cancelled(http: aiohttp.ClientSession) -> None:
    ready: asyncio.Queue[str] = asyncio.Queue()
    server = asyncio.create_task(
        serve(
            port=0,
            key="only-key",
            seconds=0,
            seed=1,
            faults=["create=code:1002"],
            film_maker=tiny_film,
            on_ready=ready.put_nowait,
        )
    )
    url = await ready.get()
    customer = Customer(url, http, key="only-key")

    assert (await Customer(url, http, key="only-key2").create())["base_resp"]["status_code"] == 1002
    assert (await Customer(url, http, key="only-key2").create())["base_resp"]["status_code"] == 1004
    task_id = (await customer.create())["task_id"]
    file_id = (await customer.query(task_id))["file_id"]
    file = (await customer.retrieve(file_id))["file"]
    async with http.get(file["download_url"]) as response:
        assert len(await response.read()) == file["bytes"]
    server.cancel()
    with pytest.raises(asyncio.CancelledError):
        await server
    with pytest.raises(aiohttp.ClientConnectorError):
        await customer.query(task_id)


async def test_a_server_ends_at_once_though_a_request_is_held(http: aiohttp.ClientSession) -> None:
    ready: asyncio.Queue[str] = asyncio.Queue()
    server = asyncio.create_task(serve(port=0, key=KEY, seconds=60, film_maker=tiny_film, on_ready=ready.put_nowait))
    url = await ready.get()
    await Remote(url, http).call("POST", "/holds", {"point": "query"})
    query = asyncio.create_task(Customer(url, http).query("1"))
    assert (await Remote(url, http).call("GET", "/holds/1?wait=5"))["reached"]

    server.cancel()
    async with asyncio.timeout(3):
        with pytest.raises(asyncio.CancelledError):
            await server
        await asyncio.gather(query, return_exceptions=True)


async def test_a_senseless_switch_or_a_taken_port_ends_the_start(url: str) -> None:
    def never(_: str) -> None:
        raise AssertionError

    with pytest.raises(ValueError, match=r"^fault create=vanish"):
        await serve(port=0, key=KEY, seconds=1, faults=["create=vanish"], on_ready=never)
    with pytest.raises(OSError, match="address already in use"):
        await serve(port=int(url.rpartition(":")[2]), key=KEY, seconds=1, on_ready=never)
