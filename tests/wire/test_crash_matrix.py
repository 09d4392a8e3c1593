"""The bot is ended at every point of a job and started again: delivered once and paid once, or uncertain and said so."""

import asyncio
from pathlib import Path

import pytest

from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import FilmMaker
from tests.wire.conftest import Outcomes
from tests.wire.crash_points import POINTS, RENDERING, Point, Stop
from tests.wire.fake_discord import MIB, Contract
from tests.wire.studio import HASTE, Order, Studio, open_studio

# A process asked to stop has ten seconds; each of these points would take them, so they share four processes.
BATCHES = [[point for point in POINTS if not point.alone][first::4] for first in range(4)]


@pytest.fixture
def film_maker() -> FilmMaker:
    """Films large enough to be ended in the middle of."""
    return padded(tiny_film, 6 * MIB)


@pytest.fixture
def studio(studio: Studio) -> Studio:
    """A Discord that has forgotten every nonce when the bot is back: adopting what is there must do without."""
    studio.discord.board.nonce_window = 0
    return studio


def put(point: Point, studio: Studio, prompt: str) -> list[Stop]:
    """Put a point's stops in the way of an order."""
    return [place(studio, prompt) for place in ([point.at, RENDERING] if point.rendering else [point.at])]


def let_go(point: Point, stops: list[Stop]) -> None:
    """Let what was held happen after the bot's end, or not."""
    for stop in stops:
        if point.late:
            stop.release()
        else:
            stop.drop()


async def started_again(orders: dict[Point, Order]) -> None:
    """Start the bot again, and wait for the end of every order."""
    [studio] = {order.studio for order in orders.values()}
    waiting = [(order, RENDERING(studio, order.prompt)) for point, order in orders.items() if point.rendering]
    await studio.bot.start_ready()
    for order, video in waiting:
        await order.says("### Rendering")
        video.release()
    for point, order in orders.items():
        await order.ended(point.ends)


def kept_the_promise(order: Order, point: Point) -> str:
    """Hold an order that has ended to what its point promises, and return that in words."""
    if point.ends == "Done":
        order.is_delivered_once()
    else:
        assert order.results == []
        assert "may have been charged" in order.card.text
        assert [button["label"] for button in order.card.buttons] == ["Try again"]
    assert (order.paid, len(order.uploads)) == (point.paid, point.uploads)
    return f"{order.word}, paid {order.paid} ×, posted {len(order.results)} ×"


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.where)
async def test_killed_there_and_started_again_it_keeps_the_promise(
    point: Point, studio: Studio, outcomes: Outcomes
) -> None:
    stops = put(point, studio, "a fox in the snow")
    await studio.bot.start_ready()
    order = await studio.order("a fox in the snow")
    for stop in stops:
        await stop.reached(order)

    await studio.bot.sigkill()
    let_go(point, stops)
    await started_again({point: order})
    await studio.stop()

    outcomes("killed", point.where, kept_the_promise(order, point))


async def all_reached(points: list[Point], studio: Studio) -> tuple[dict[Point, Order], dict[Point, list[Stop]]]:
    """Start the bot, and bring one order to each point."""
    stops = {point: put(point, studio, point.where) for point in points}
    # discord.py sends one message after the other to each channel: a held one would keep the others back.
    places = {point: studio.another_place() for point in points}
    await studio.bot.start_ready()
    orders = {point: await studio.order(point.where, place=places[point]) for point in points}
    for point, held in stops.items():
        for stop in held:
            await stop.reached(orders[point])
    return orders, stops


async def asked_to_stop(points: list[Point], studio: Studio) -> dict[Point, Order]:
    """Ask a bot to stop whose orders stand at these points, let go when it is gone, and start it again."""
    studio.discord.board.nonce_window = 0
    orders, stops = await all_reached(points, studio)
    await studio.stop()
    for point, held in stops.items():
        let_go(point, held)
    await started_again(orders)
    await studio.stop()
    return orders


async def test_asked_to_stop_anywhere_it_ends_in_time_and_keeps_the_promise(
    contract: Contract, tmp_path: Path, film_maker: FilmMaker, outcomes: Outcomes
) -> None:
    async def run(number: int, points: list[Point]) -> dict[Point, Order]:
        folder = tmp_path / str(number)
        folder.mkdir()
        async with open_studio(contract, folder, film_maker=film_maker, env=HASTE) as studio:
            return await asked_to_stop(points, studio)

    batches = await asyncio.gather(*(run(number, points) for number, points in enumerate(BATCHES)))

    for orders in batches:
        for point, order in orders.items():
            outcomes("SIGTERM", point.where, kept_the_promise(order, point))
