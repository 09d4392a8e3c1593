"""The bot is ended at every point of a job and started again: delivered once and paid once, or uncertain and said so."""

import asyncio
from pathlib import Path

import pytest

from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import FilmMaker
from tests.wire.conftest import Outcomes
from tests.wire.crash_points import POINTS, RENDERING, Point, Stop, let_go
from tests.wire.fake_discord import MIB, Contract
from tests.wire.studio import HASTE, Order, Studio, open_studio

# Independent jobs share a process where they can: each batch has one held card and two held transfers at most.
BATCHES = [[point for point in POINTS if not point.alone][first::4] for first in range(4)]
ALONE = [[point] for point in POINTS if point.alone]


@pytest.fixture
def film_maker() -> FilmMaker:
    """Films large enough to be ended in the middle of."""
    return padded(tiny_film, 6 * MIB)


async def brought_to(points: list[Point], studio: Studio) -> tuple[dict[Point, Order], dict[Point, list[Stop]]]:
    """Start the bot, and bring one order to each point."""
    # Discord has forgotten every nonce when the bot is back: adopting what is there must do without.
    studio.discord.board.nonce_window = 0
    stops = {
        point: [place(studio, point.where) for place in ([point.at, RENDERING] if point.rendering else [point.at])]
        for point in points
    }
    # discord.py sends one message after the other to each channel: a held one would keep the others back.
    places = {point: studio.another_place() for point in points}
    await studio.bot.start_ready()
    orders = {point: await studio.order(point.where, place=places[point]) for point in points}
    for point, held in stops.items():
        for stop in held:
            await stop.reached(orders[point])
    return orders, stops


async def started_again(orders: dict[Point, Order], studio: Studio) -> None:
    """Start the bot again, wait for the end of every order, and stop it."""
    waiting = [(order, RENDERING(studio, order.prompt)) for point, order in orders.items() if point.rendering]
    await studio.bot.start_ready()
    for order, video in waiting:
        await order.says("### Rendering")
        video.release()
    for order in orders.values():
        await order.over()
    await studio.stop()


def kept_the_promise(order: Order, point: Point) -> str:
    """Hold an order that has ended to what its point promises, and return that in words."""
    assert order.word == point.ends
    if point.ends == "Done":
        order.is_delivered_once()
    else:
        assert order.results == []
        assert "may have been charged" in order.card.text
        assert [button["label"] for button in order.card.buttons] == ["Try again"]
    assert (order.paid, len(order.uploads)) == (point.paid, point.uploads)
    return order.outcome


@pytest.mark.parametrize(
    "points", [*BATCHES, *ALONE], ids=lambda points: points[0].where + " and others" * (len(points) > 1)
)
async def test_killed_there_and_started_again_it_keeps_the_promise(
    points: list[Point], studio: Studio, outcomes: Outcomes, subtests: pytest.Subtests
) -> None:
    orders, stops = await brought_to(points, studio)
    await studio.bot.sigkill()
    let_go(stops)
    await started_again(orders, studio)

    for point, order in orders.items():
        with subtests.test(point.where):
            outcomes("killed", point.where, kept_the_promise(order, point))


async def test_asked_to_stop_there_it_ends_in_time_and_keeps_the_promise(
    contract: Contract, tmp_path: Path, film_maker: FilmMaker, outcomes: Outcomes, subtests: pytest.Subtests
) -> None:
    async def run(number: int, points: list[Point]) -> dict[Point, Order]:
        folder = tmp_path / str(number)
        folder.mkdir()
        async with open_studio(contract, folder, film_maker=film_maker, env=HASTE) as studio:
            orders, stops = await brought_to(points, studio)
            await studio.stop()
            let_go(stops)
            await started_again(orders, studio)
        return orders

    # Side by side: nothing that is held ends by itself, so each takes all the seconds that a stop may take.
    batches = await asyncio.gather(*(run(number, points) for number, points in enumerate(BATCHES)))

    for point, order in (pair for orders in batches for pair in orders.items()):
        with subtests.test(point.where):
            outcomes("SIGTERM", point.where, kept_the_promise(order, point))
