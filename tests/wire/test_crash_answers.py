"""As the crash matrix, where results go by token or by direct message: one video, paid once, and no secret told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.simulator.film_makers import padded, tiny_film
from tests.wire.conftest import Outcomes
from tests.wire.crash_points import ANSWER_POINTS, PRIVATE_POINTS, RENDERING, Point, let_go
from tests.wire.fake_discord import MIB, Contract
from tests.wire.studio import HASTE, Order, Studio, open_studio

FILMS = padded(tiny_film, 6 * MIB)  # large enough to be ended in the middle of
ENV = {**HASTE, "ALLOW_USER_INSTALLS": "true"}
BATCHES = 2  # processes among which the points are dealt out


async def as_a_guest(studio: Studio, prompt: str) -> Order:
    """Ask where the bot is no member."""
    return await studio.order(prompt, place=studio.strange_place(), person=studio.discord.world.add_user("grace"))


async def in_private(studio: Studio, prompt: str) -> Order:
    """Ask for what only the asker may see; each has a mailbox of their own, so that none is held up by another."""
    grace = studio.discord.world.add_user("grace")
    return await studio.order(prompt, place=studio.another_place(), person=grace, private=True)


async def killed_there(
    points: Sequence[Point], ask: Callable[[Studio, str], Awaitable[Order]], studio: Studio
) -> dict[Point, Order]:
    """Bring one order to each point, kill the bot, start it again, and wait for the end of every order."""
    studio.discord.board.nonce_window = 0
    stops = {point: [point.at(studio, point.where)] for point in points}
    for point in points:
        if point.rendering:
            stops[point].append(RENDERING(studio, point.where))
    await studio.bot.start_ready()
    orders = {point: await ask(studio, point.where) for point in points}
    for point, held in stops.items():
        for stop in held:
            await stop.reached(orders[point])
    await studio.bot.sigkill()
    let_go(stops)
    await studio.bot.start_ready()
    for point, order in orders.items():
        await order.comes_to(point.ends.lower(), within=30)
        if order.cards:
            await order.ended(point.ends)
    await studio.stop()
    return orders


def the_answer_keeps_the_promise(order: Order, point: Point) -> None:
    """The video stands in place of its card, or, where nobody was ever answered, in the asker's mail; they are pinged."""
    [result] = order.results
    pings = [user for message in order.interaction.followups for user in message.pinged]

    assert order.file.sha256 == order.film_sha256
    assert order.paid == 1
    if order.interaction.original is None:
        assert result.channel.recipient is order.interaction.user
        assert order.place.messages == {}
        return
    order.is_answered_once()
    assert len(order.uploads) == point.uploads
    assert len(pings) <= 1


def the_secret_is_kept(order: Order, point: Point) -> None:
    """The video is in the asker's mail, and nobody else has ever seen anything."""
    asker = order.interaction.user

    assert [message for message in order.place.messages.values() if message.seen_by is not asker] == []
    assert [result.channel.recipient for result in order.results] == [asker] * (point.ends == "Done")
    assert order.paid == 1
    if order.results:
        assert order.file.sha256 == order.film_sha256
        assert len(order.uploads) == point.uploads
    if order.interaction.original is not None:
        [card] = order.cards
        assert card.text.startswith(f"### {point.ends}")


@dataclass(frozen=True)
class Way:
    """How videos reach people.

    Attributes:
        name: In words.
        points: Where the bot is ended on it.
        ask: Asks for a video with a prompt.
        kept: Holds an order that has ended to what was promised.
    """

    name: str
    points: tuple[Point, ...]
    ask: Callable[[Studio, str], Awaitable[Order]]
    kept: Callable[[Order, Point], None]


WAYS = (
    Way("killed, as a guest", ANSWER_POINTS, as_a_guest, the_answer_keeps_the_promise),
    Way("killed, in private", PRIVATE_POINTS, in_private, the_secret_is_kept),
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_killed_there_and_started_again_it_keeps_the_promise(
    way: Way, contract: Contract, tmp_path: Path, outcomes: Outcomes, subtests: pytest.Subtests
) -> None:
    async def run(number: int) -> dict[Point, Order]:
        folder = tmp_path / str(number)
        folder.mkdir()
        async with open_studio(contract, folder, film_maker=FILMS, env=ENV) as studio:
            return await killed_there(way.points[number::BATCHES], way.ask, studio)

    batches = await asyncio.gather(*map(run, range(BATCHES)))

    for point, order in (pair for orders in batches for pair in orders.items()):
        with subtests.test(point.where):
            way.kept(order, point)
            outcomes(way.name, point.where, order.outcome)
