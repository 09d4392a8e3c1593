"""Holds: a request stands where the test wants it, the test knows, and it goes on when released."""

import asyncio

import pytest

from demo.simulator.holds import Holds
from demo.simulator.service import Simulator
from tests.demo.conftest import FILM, STAGES, Customer


async def test_a_create_held_before_it_is_taken_is_paid_only_after_its_release(
    customer: Customer, simulator: Simulator
) -> None:
    hold = simulator.holds.place("create")
    create = asyncio.create_task(customer.create())
    await hold.reached()

    assert simulator.ledger.paid_creates() == []
    hold.release()
    assert (await create)["task_id"] == simulator.ledger.paid_creates()[0].task_id


async def test_a_create_held_after_it_was_taken_is_paid_already(customer: Customer, simulator: Simulator) -> None:
    hold = simulator.holds.place("accepted")
    create = asyncio.create_task(customer.create())
    await hold.reached()

    assert len(simulator.ledger.paid_creates()) == 1
    assert not create.done()
    hold.release()
    assert (await create)["base_resp"]["status_code"] == 0


async def test_a_customer_who_dies_while_held_has_paid_and_nobody_else_is_disturbed(
    customer: Customer, simulator: Simulator
) -> None:
    hold = simulator.holds.place("accepted")
    create = asyncio.create_task(customer.create(prompt="lost"))
    await hold.reached()
    create.cancel()
    with pytest.raises(asyncio.CancelledError):
        await create
    hold.release()

    assert len(simulator.ledger.paid_creates("lost")) == 1
    assert (await customer.create())["base_resp"]["status_code"] == 0


async def test_only_the_request_that_was_meant_is_held(customer: Customer, simulator: Simulator) -> None:
    hold = simulator.holds.place("create", nth=2, prompt="fox")
    await customer.create(prompt="fox one")
    await customer.create(prompt="bear")
    second = asyncio.create_task(customer.create(prompt="fox two"))
    await hold.reached()

    await customer.create(prompt="fox three")
    assert not second.done()
    hold.release()
    await second


@pytest.mark.parametrize("point", ["query", "retrieve", "account"])
async def test_other_calls_can_be_held_too(point: str, customer: Customer, simulator: Simulator) -> None:
    task_id = (await customer.create())["task_id"]
    simulator.advance(STAGES.total)
    task = simulator.task(task_id)
    assert task is not None
    hold = simulator.holds.place(point)
    calls = {
        "query": customer.query(task_id),
        "retrieve": customer.retrieve(task.file_id),
        "account": customer.get("/account/query_balance"),
    }
    call = asyncio.create_task(calls.pop(point))
    for unused in calls.values():
        unused.close()
    await hold.reached()

    assert not call.done()
    hold.release()
    assert (await call)["base_resp"]["status_code"] == 0


@pytest.mark.parametrize("byte", [1, 100_000, len(FILM) - 1])
async def test_a_download_stands_after_exactly_so_many_bytes(
    byte: int, customer: Customer, simulator: Simulator
) -> None:
    link = await customer.finished_link(simulator)
    hold = simulator.holds.place("download", byte=byte)

    async with customer.http.get(link) as response:
        assert response.content_length == len(FILM)
        assert await response.content.readexactly(byte) == FILM[:byte]
        await hold.reached()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(response.content.readexactly(1), 0.02)
        hold.release()
        assert await response.content.read() == FILM[byte:]


async def test_a_download_can_be_held_before_its_first_byte(customer: Customer, simulator: Simulator) -> None:
    link = await customer.finished_link(simulator)
    hold = simulator.holds.place("download")
    download = asyncio.create_task(customer.http.get(link).__aenter__())
    await hold.reached()

    assert not download.done()
    hold.release()
    async with await download as response:
        assert await response.read() == FILM


@pytest.mark.parametrize(
    ("point", "nth", "byte"), [("task", 1, None), ("nowhere", 1, None), ("create", 0, None), ("create", 1, 5)]
)
def test_a_hold_that_could_never_be_reached_is_refused(point: str, nth: int, byte: int | None) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        Holds().place(point, nth=nth, byte=byte)
