"""The provider pushes to the real bot: videos come at once, lost tasks are found, and nothing else can be done with it.

At the product's own pace, where the first question comes after ten seconds: what is quicker, a push has done.
"""

import asyncio
import socket
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import pytest

from demo.simulator import faults
from tests.wire.studio import Order, Studio

FIRST_QUESTION = 10.0


@pytest.fixture
def port() -> int:
    """A port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture
def url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def bot_env(port: int, url: str) -> dict[str, str]:
    return {"TOTAL_SPEND_PER_MONTH": "100", "WEB_PORT": str(port), "PUBLIC_URL": url}


def told(order: Order) -> list[tuple[str, str, int | None]]:
    """What the provider sent about an order, and what it was answered."""
    [paid] = order.studio.simulator.ledger.paid_creates(order.prompt)
    pushes = order.studio.simulator.callbacks.pushes(paid.task_id)
    return [(push.kind, push.status, push.http_status) for push in pushes]


def questions(order: Order) -> int:
    [paid] = order.studio.simulator.ledger.paid_creates(order.prompt)
    return len(order.studio.simulator.requests.queries(paid.task_id))


async def until(look: Callable[[], bool]) -> None:
    """Wait for what neither Discord nor the bot tells."""
    async with asyncio.timeout(5):
        while not look():  # noqa: ASYNC110 - books and tables are only looked at
            await asyncio.sleep(0.02)


async def delivered(order: Order, *, within: float) -> None:
    """Wait for its good end, whatever its card said before: a lost task that is found was uncertain for a moment."""
    await order.studio.discord.until(lambda: order.word == "Done", within=within, what=f"the video of {order.prompt!r}")
    order.is_delivered_once()


async def delivered_at_once(order: Order) -> None:
    """Wait for its good end, which comes long before anything would have been asked without a push."""
    await delivered(order, within=FIRST_QUESTION - 2)


async def test_with_pushes_the_video_is_there_at_once_and_one_question_is_enough(studio: Studio) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a fox that does not wait")
    await delivered_at_once(order)

    kinds = told(order)
    assert kinds[0] == ("challenge", "", 200)
    assert kinds[-1] == ("update", "success", 200)
    assert {answer for _, _, answer in kinds} == {200}
    assert questions(order) == 1
    await studio.stop()


async def test_a_push_finds_the_task_whose_answer_was_lost(studio: Studio) -> None:
    studio.simulator.faults.add("accepted=reset", "task=delay:processing:1")
    await studio.bot.start_ready()
    order = await studio.order("a fox that was lost")
    await delivered_at_once(order)

    assert order.creates == 1
    await studio.stop()


async def test_a_bot_that_was_killed_in_the_paid_call_finds_its_task_by_the_next_push(studio: Studio) -> None:
    studio.simulator.faults.add("task=delay:processing:8")
    hold = studio.simulator.holds.place(faults.ACCEPTED)
    await studio.bot.start_ready()
    order = await studio.order("a fox that survives")
    await hold.reached()
    await until(lambda: bool(studio.simulator.callbacks.pushes(kind="challenge")))
    await studio.bot.sigkill()
    hold.release()
    await studio.bot.start_ready()
    await delivered(order, within=30)

    assert order.creates == 1
    await studio.stop()


async def test_repeated_late_and_disordered_pushes_end_no_other_way(studio: Studio) -> None:
    for switch in ("repeat:5", "late:3", "disorder"):
        studio.simulator.faults.add(f"push={switch},times=always,prompt=a fox and {switch.partition(':')[0]}")
    await studio.bot.start_ready()
    orders = [await studio.order(f"a fox and {word}") for word in ("repeat", "late", "disorder")]
    for order in orders:
        await order.delivered(within=20)
        assert (order.creates, len(order.uploads)) == (1, 1)
        assert questions(order) <= 3
    await studio.stop()


@pytest.mark.parametrize("switch", ["challenge=lost", "push=lost,times=always"])
async def test_where_no_push_comes_the_end_is_found_all_the_same(studio: Studio, switch: str) -> None:
    studio.simulator.faults.add(switch)
    await studio.bot.start_ready()
    order = await studio.order("a fox nobody speaks of")
    await order.delivered(within=FIRST_QUESTION + 10)
    await studio.stop()


async def test_strangers_get_nowhere_and_the_bot_says_that_it_is_well(studio: Studio, url: str) -> None:
    studio.simulator.faults.add("task=delay:processing:4")
    await studio.bot.start_ready()
    order = await studio.order("a fox behind a door")
    await until(lambda: order.state == "rendering")
    task_id = studio.simulator.ledger.paid_creates(order.prompt)[0].task_id
    key = studio.database.look("SELECT callback_key FROM jobs WHERE id = ?", order.job_id)

    async with aiohttp.ClientSession() as session:

        async def send(path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
            async with session.post(f"{url}{path}", json=body) as response:
                return response.status, await response.json()

        async with session.get(f"{url}/health") as response:
            assert (response.status, await response.json()) == (
                200,
                {"engine": True, "database": True, "gateway": True},
            )
        news = {"task_id": task_id, "status": "success"}
        assert await send("/callback/guess", news) == (404, {"status": "unknown"})
        assert await send("/callback/guess", {"challenge": "x"}) == (404, {"status": "unknown"})
        assert await send(f"/callback/{key}", {"task_id": "4711", "status": "success"}) == (200, {"status": "success"})
        assert questions(order) == 0
        # Whoever knows the address can make us ask, and no more.
        assert await send(f"/callback/{key}", news) == (200, {"status": "success"})
        await until(lambda: questions(order) == 1)
    await order.delivered(within=FIRST_QUESTION + 10)
    await studio.stop()
    assert key not in studio.bot.log


async def test_a_port_that_is_taken_ends_the_start_in_one_sentence(studio: Studio, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        await studio.bot.start()
        assert await studio.bot.exited() == 78

    last = studio.bot.log.strip().splitlines()[-1]
    assert last == f"Port {port} of 127.0.0.1 cannot be used (Address already in use): mend WEB_PORT or WEB_HOST."
    assert "Traceback" not in studio.bot.log
    assert not studio.discord.gateway.identifies
