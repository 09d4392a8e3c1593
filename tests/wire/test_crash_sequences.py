"""Ends of the bot that no single point tells: several in a row, one during recovery, one during a start, a stop in time."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass

import pytest

from cogs.courier import LOOK_BACK
from demo.simulator import faults
from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import FilmMaker
from jobs.model import JobState
from tests.wire.conftest import Outcomes
from tests.wire.crash_points import RENDERING, Place, discord, looking_back, provider, unwritten
from tests.wire.fake_discord import MIB, Call, Moment
from tests.wire.studio import Order, Studio

PROMPT = "a whale among clouds"
ACCEPTED = provider(faults.ACCEPTED)
RETRIEVE = provider(faults.RETRIEVE)
HALF_A_DOWNLOAD = provider(faults.DOWNLOAD, byte=2 * MIB)
HALF_AN_UPLOAD = discord(Call.CREATE_MESSAGE, Moment.UPLOADING, says=".mp4", after_bytes=2 * MIB)
POSTED = discord(Call.CREATE_MESSAGE, Moment.AFTER_EFFECT, says=".mp4")
SAYING_UNCERTAIN = discord(Call.EDIT_MESSAGE, Moment.BEFORE_EFFECT, says="### Uncertain")
SAYING_DONE = discord(Call.EDIT_MESSAGE, Moment.BEFORE_EFFECT, says="### Done")
ABOUT_TO_LOOK = looking_back(Moment.BEFORE_EFFECT)
LOOKED = looking_back(Moment.AFTER_EFFECT)


@pytest.fixture
def film_maker() -> FilmMaker:
    """Films large enough to be ended in the middle of."""
    return padded(tiny_film, 6 * MIB)


@dataclass(frozen=True)
class Chain:
    """Where the bot is killed one time after the other, seen from one order.

    Attributes:
        where: In words.
        places: The points, each before the next start.
        ends: How the order ends.
        uploads: How often its video is sent to Discord in all.
    """

    where: str
    places: tuple[Place, ...]
    ends: str = "Done"
    uploads: int = 1


# Each of the two shares a process: one held card and four held transfers at most.
CHAINS = [
    [
        Chain("query, retrieve", (RENDERING, RETRIEVE)),
        Chain("half a download, three times", (HALF_A_DOWNLOAD,) * 3),
        Chain("half an upload, then posted", (HALF_AN_UPLOAD, POSTED), uploads=2),
        Chain("posted, then about to look for it", (POSTED, ABOUT_TO_LOOK)),
        Chain("create accepted, about to say so", (ACCEPTED, SAYING_UNCERTAIN), ends="Uncertain", uploads=0),
    ],
    [
        Chain("half an upload, half a download", (HALF_AN_UPLOAD, HALF_A_DOWNLOAD), uploads=2),
        Chain("posted, then having seen it", (POSTED, LOOKED)),
        Chain("posted, seen, about to say so", (POSTED, LOOKED, SAYING_DONE)),
        Chain("half an upload, then having seen nothing", (HALF_AN_UPLOAD, LOOKED), uploads=2),
    ],
]


@pytest.mark.parametrize("chains", CHAINS, ids=lambda chains: f"{chains[0].where} and others")
async def test_killed_again_and_again_it_keeps_the_promise(
    chains: list[Chain], studio: Studio, outcomes: Outcomes, subtests: pytest.Subtests
) -> None:
    studio.discord.board.nonce_window = 0
    channels = {chain: studio.another_place() for chain in chains}
    orders: dict[Chain, Order] = {}
    for number in range(max(len(chain.places) for chain in chains)):
        stops = {chain: chain.places[number](studio, chain.where) for chain in chains if chain.places[number:]}
        await studio.bot.start_ready()
        orders = orders or {chain: await studio.order(chain.where, place=channels[chain]) for chain in chains}
        for chain, stop in stops.items():
            await stop.reached(orders[chain])
        await studio.bot.sigkill()
        for stop in stops.values():
            stop.drop()
    await studio.bot.start_ready()
    for order in orders.values():
        await order.over()
    await studio.stop()

    for chain, order in orders.items():
        with subtests.test(chain.where):
            assert order.word == chain.ends
            if chain.ends == "Done":
                order.is_delivered_once()
            assert (order.paid, len(order.uploads), len(order.results)) == (1, chain.uploads, min(chain.uploads, 1))
            outcomes(f"killed {len(chain.places)} ×", chain.where, order.outcome)


async def test_killed_while_it_starts_it_carries_on_at_the_next_start(studio: Studio, outcomes: Outcomes) -> None:
    studio.discord.board.nonce_window = 0
    stop = POSTED(studio, PROMPT)
    await studio.bot.start_ready()
    order = await studio.order(PROMPT)
    await stop.reached(order)
    await studio.bot.sigkill()
    stop.drop()
    for call in (Call.CURRENT_USER, Call.GATEWAY_BOT):
        starting = studio.discord.faults.hold(call)
        await studio.bot.start()
        await starting.reached()
        await studio.bot.sigkill()
        starting.drop()

    await studio.bot.start_ready()
    await order.delivered()

    outcomes("killed 3 ×", "posted, then starting, twice", order.outcome)


async def just_received(studio: Studio) -> tuple[Order, sqlite3.Connection]:
    """Type commands until one is caught before the engine has touched it; those that were too quick go their way."""
    for attempt in range(20):
        looking = asyncio.create_task(
            asyncio.to_thread(studio.database.lock_with_a_job_in, JobState.RECEIVED, within=10)
        )
        order = await studio.order(f"{PROMPT} {attempt:02}")
        if (lock := await looking) is not None:
            return order, lock
    raise AssertionError("no job was ever seen as received")


async def test_killed_with_a_job_just_received_it_is_not_lost(studio: Studio, outcomes: Outcomes) -> None:
    await studio.bot.start_ready()
    order, lock = await just_received(studio)
    with closing(lock):
        assert order.state == JobState.RECEIVED
        await studio.bot.sigkill()

    video = RENDERING(studio, order.prompt)
    await studio.bot.start_ready()
    await order.says("### Rendering")
    video.release()
    await order.delivered()

    outcomes("killed", "received", order.outcome)


async def test_a_post_that_discord_finishes_after_a_restart_has_looked_is_not_repeated(studio: Studio) -> None:
    hold = discord(Call.CREATE_MESSAGE, Moment.BEFORE_EFFECT, says=".mp4")
    first = hold(studio, PROMPT)
    await studio.bot.start_ready()
    order = await studio.order(PROMPT)
    await first.reached(order)
    await studio.bot.sigkill()
    second = hold(studio, PROMPT)
    await studio.bot.start_ready()
    await second.reached(order)  # it has looked, and seen nothing

    first.release()
    await studio.discord.until(lambda: order.results, what="the post of a bot that is dead")
    second.release()
    await order.delivered()

    assert len(order.uploads) == 2


async def test_a_post_that_lies_deeper_than_is_read_by_the_next_start_is_found_from_its_own_time(
    studio: Studio,
) -> None:
    posted = POSTED(studio, PROMPT)
    await studio.bot.start_ready()
    order = await studio.order(PROMPT)
    await posted.reached(order)
    await studio.bot.sigkill()
    for number in range(LOOK_BACK + 1):
        studio.discord.say(order.place, studio.person, f"chatter {number}")

    await studio.bot.start_ready()
    await order.delivered()

    assert len(order.uploads) == 1


async def test_asked_to_stop_it_finishes_what_ends_in_time(studio: Studio, outcomes: Outcomes) -> None:
    points = {"create accepted": ACCEPTED, "half a download": HALF_A_DOWNLOAD, "posted": POSTED}
    stops = {where: place(studio, where) for where, place in points.items()}
    await studio.bot.start_ready()
    orders = {where: await studio.order(where) for where in points}
    for where, stop in stops.items():
        await stop.reached(orders[where])

    studio.bot.sigterm()
    await studio.bot.printed("stopping")
    for stop in stops.values():
        stop.release()
    assert await studio.bot.exited(within=5) == 0
    await studio.bot.start_ready()
    for order in orders.values():
        await order.delivered()

    assert [len(order.uploads) for order in orders.values()] == [1, 1, 1]
    for where, order in orders.items():
        outcomes("SIGTERM, ends in time", where, order.outcome)


async def test_asked_to_stop_while_the_database_is_locked_it_writes_down_what_was_paid(
    studio: Studio, outcomes: Outcomes
) -> None:
    stop = unwritten(faults.ACCEPTED, "task made")(studio, PROMPT)
    await studio.bot.start_ready()
    order = await studio.order(PROMPT)
    await stop.reached(order)

    studio.bot.sigterm()
    await studio.bot.printed("stopping")
    stop.release()
    assert await studio.bot.exited(within=10) == 0
    await studio.bot.start_ready()
    await order.delivered()

    outcomes("SIGTERM, ends in time", "create answered, not written", order.outcome)
