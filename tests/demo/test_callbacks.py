"""Callbacks: the challenge, then each change, in the words of its API; what goes wrong; the clock and the real time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from demo.simulator.callbacks import statuses
from demo.simulator.orders import Order
from demo.simulator.server import running
from demo.simulator.service import Simulator
from demo.simulator.tasks import Stages
from tests.demo.conftest import FILM, STAGES, Customer, MakeSimulator, ManualClock

ALL_OF_V1, ALL_OF_V2 = ["processing", "success"], ["queued", "running", "succeeded"]


@dataclass
class Receiver:
    """A customer's web server: what it got, and how it answers."""

    url: str = ""
    got: list[Any] = field(default_factory=list[Any])
    echo: bool = True
    status: int = 200
    silent: bool = False
    came: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.got.append(body)
        self.came.set()
        if self.silent:
            await self.ended.wait()
        if "challenge" in body and self.echo:
            return web.json_response({"challenge": body["challenge"]})
        return web.json_response({"status": "success"}, status=self.status)

    @property
    def updates(self) -> list[Any]:
        return [body for body in self.got if "challenge" not in body]

    @property
    def told(self) -> list[str]:
        return [(body.get("task") or body)["status"] for body in self.updates]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/push/{key}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/push/secret"
    yield receiver
    receiver.ended.set()
    await runner.cleanup()


def quick(_: Order, __: Random) -> Stages:
    return Stages(0.01, 0.01, 0.02)


async def pass_time(simulator: Simulator) -> None:
    """The whole life of a task, stage by stage, all pushes delivered."""
    await simulator.callbacks.deliver_due()
    for seconds in (STAGES.preparing, STAGES.queueing, STAGES.processing):
        simulator.advance(seconds)
        await simulator.callbacks.deliver_due()


async def test_v1_is_pushed_in_lower_case_once_the_challenge_was_sent_back(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    task_id = (await customer.create(callback_url=receiver.url))["task_id"]
    await pass_time(simulator)
    task = simulator.task(task_id)
    assert task is not None

    success = {"status_code": 0, "status_msg": "success"}
    challenge, *updates = receiver.got
    assert list(challenge) == ["challenge"]
    assert updates == [
        {"task_id": task_id, "status": "processing", "file_id": "", "base_resp": success},
        {"task_id": task_id, "status": "success", "file_id": str(task.file_id), "base_resp": success},
    ]


async def test_a_failure_on_v1_is_pushed_with_its_reason(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    simulator.faults.add("task=fail:1027")
    await customer.create(callback_url=receiver.url)
    await pass_time(simulator)

    assert receiver.told == ["processing", "failed"]
    assert receiver.updates[-1]["base_resp"]["status_code"] == 1027


async def test_v2_is_pushed_as_task_objects_with_a_link_that_works(
    customer: Customer, simulator: Simulator, receiver: Receiver, http: aiohttp.ClientSession
) -> None:
    task_id = await customer.task_v2(callback_url=receiver.url)
    await pass_time(simulator)

    assert receiver.told == ALL_OF_V2
    assert all(list(update) == ["task"] and update["task"]["id"] == task_id for update in receiver.updates)
    last = receiver.updates[-1]["task"]
    async with http.get(last["content"]["url"]) as response:
        assert await response.read() == FILM
    assert {**last, "content": None} == {**await customer.query_v2(task_id), "content": None}


async def test_a_cancelled_task_is_pushed_as_such(customer: Customer, simulator: Simulator, receiver: Receiver) -> None:
    task_id = await customer.task_v2(callback_url=receiver.url)
    await simulator.callbacks.deliver_due()
    await customer.delete_v2(task_id)
    await pass_time(simulator)

    assert receiver.told == ["queued", "cancelled"]


async def test_every_challenge_is_another(customer: Customer, simulator: Simulator, receiver: Receiver) -> None:
    for _ in range(2):
        await customer.create(callback_url=receiver.url)
    await simulator.callbacks.deliver_due()

    assert len({body["challenge"] for body in receiver.got}) == 2


async def test_without_its_challenge_back_a_task_has_no_pushes_and_goes_on_all_the_same(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    receiver.echo = False
    task_id = (await customer.create(callback_url=receiver.url))["task_id"]
    await pass_time(simulator)

    assert [list(body) for body in receiver.got] == [["challenge"]]
    assert (await customer.query(task_id))["status"] == "Success"


async def test_a_challenge_that_is_answered_too_late_counts_as_not_answered(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    receiver.silent = True
    simulator = make_simulator(challenge_seconds=0.05)
    async with running(simulator) as url:
        await Customer(url, http).create(callback_url=receiver.url)
        await pass_time(simulator)

    assert [(push.kind, push.http_status) for push in simulator.callbacks.pushes()] == [("challenge", None)]
    assert receiver.updates == []


async def test_what_is_answered_to_an_update_changes_nothing(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    receiver.status = 500
    await customer.create(callback_url=receiver.url)
    await pass_time(simulator)

    assert receiver.told == ALL_OF_V1
    assert [push.http_status for push in simulator.callbacks.pushes()] == [200, 500, 500]


@pytest.mark.parametrize("address", ["https://bot.example/push/7", "http://127.0.0.1:9/push/7", "http://nowhere/push"])
async def test_a_receiver_that_is_public_or_not_there_is_only_written_down(
    address: str, customer: Customer, simulator: Simulator
) -> None:
    task_id = (await customer.create(callback_url=address))["task_id"]
    await pass_time(simulator)

    (push,) = simulator.callbacks.pushes(task_id)
    assert (push.kind, push.url, push.http_status) == ("challenge", address, None)


@pytest.mark.parametrize(
    ("switches", "told"),
    [
        (["push=lost"], ["running", "succeeded"]),
        (["push=lost,times=always"], []),
        (["push=repeat:3,skip=1"], ["queued", "running", "running", "running", "succeeded"]),
        (["push=disorder,skip=1"], ["queued", "succeeded", "running"]),
        (["push=disorder,skip=2"], ALL_OF_V2),
        (["push=late:100,skip=1"], ["queued", "succeeded"]),
        (["challenge=skip"], ALL_OF_V2),
        (["challenge=lost"], []),
        (["push=lost,prompt=bear"], ALL_OF_V2),
    ],
)
async def test_pushes_can_get_lost_repeated_out_of_order_and_late(
    switches: list[str], told: list[str], customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    simulator.faults.add(*switches)
    task_id = await customer.task_v2(callback_url=receiver.url)
    await pass_time(simulator)

    assert receiver.told == told
    assert statuses(simulator.callbacks.pushes(task_id)) == told


async def test_a_late_push_comes_with_what_was_true_then(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    simulator.faults.add("push=late:100,skip=1")
    await customer.task_v2(callback_url=receiver.url)
    await pass_time(simulator)
    simulator.advance(100)
    await simulator.callbacks.deliver_due()

    assert receiver.told == ["queued", "succeeded", "running"]
    assert "content" not in receiver.updates[-1]["task"]


async def test_a_skipped_challenge_is_not_sent(customer: Customer, simulator: Simulator, receiver: Receiver) -> None:
    simulator.faults.add("challenge=skip")
    await customer.create(callback_url=receiver.url)
    await pass_time(simulator)

    assert len(receiver.got) == len(receiver.updates) == 2


async def test_a_lost_create_is_pushed_nevertheless(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    simulator.faults.add("accepted=drop")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await customer.create(callback_url=receiver.url)
    await pass_time(simulator)

    assert receiver.updates[0]["task_id"] == simulator.ledger.paid_creates()[0].task_id


async def test_a_push_can_be_held(customer: Customer, simulator: Simulator, receiver: Receiver) -> None:
    hold = simulator.holds.place("push")
    await customer.task_v2(callback_url=receiver.url)
    await hold.reached()

    assert receiver.updates == []
    hold.release()
    await simulator.callbacks.deliver_due()
    assert receiver.told == ["queued"]


async def test_nothing_is_due_before_its_time(customer: Customer, simulator: Simulator, receiver: Receiver) -> None:
    await customer.create(callback_url=receiver.url)
    simulator.advance(STAGES.preparing + STAGES.queueing - 1)
    await simulator.callbacks.deliver_due()
    assert receiver.updates == []
    simulator.advance(1)
    await simulator.callbacks.deliver_due()

    assert receiver.told == ["processing"]


async def test_in_real_time_pushes_come_by_themselves(
    make_simulator: MakeSimulator, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    loop = asyncio.get_running_loop()
    simulator = make_simulator(plan=quick, clock=loop.time)
    async with running(simulator) as url, asyncio.timeout(5):
        await Customer(url, http).task_v2(callback_url=receiver.url)
        while receiver.told != ALL_OF_V2:
            receiver.came.clear()
            await receiver.came.wait()

    assert len(receiver.got) == 4


async def test_time_that_is_let_pass_wakes_the_pushes(
    customer: Customer, simulator: Simulator, receiver: Receiver
) -> None:
    await customer.create(callback_url=receiver.url)
    simulator.advance(STAGES.total)
    async with asyncio.timeout(5):
        while receiver.told != ALL_OF_V1:
            receiver.came.clear()
            await receiver.came.wait()


async def test_what_fell_due_during_an_outage_is_pushed_after_it(
    simulator: Simulator, clock: ManualClock, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    async with running(simulator) as url:
        await Customer(url, http).create(callback_url=receiver.url)
        await simulator.callbacks.deliver_due()
    clock.now += STAGES.total
    assert receiver.updates == []
    async with running(simulator):
        await simulator.callbacks.deliver_due()

    assert receiver.told == ALL_OF_V1


async def test_a_server_ends_at_once_though_a_receiver_does_not_answer(
    simulator: Simulator, http: aiohttp.ClientSession, receiver: Receiver
) -> None:
    receiver.silent = True
    async with asyncio.timeout(2):
        async with running(simulator) as url:
            await Customer(url, http).create(callback_url=receiver.url)
            await receiver.came.wait()


async def test_the_control_path_tells_every_push(customer: Customer, simulator: Simulator, receiver: Receiver) -> None:
    task_id = (await customer.create(callback_url=receiver.url))["task_id"]
    await pass_time(simulator)

    async with customer.http.get(f"{customer.url}/_simulator/pushes") as response:
        told = (await response.json())["pushes"]
    assert [(push["task_id"], push["kind"], push["status"], push["http_status"]) for push in told] == [
        (task_id, "challenge", "", 200),
        (task_id, "update", "processing", 200),
        (task_id, "update", "success", 200),
    ]
