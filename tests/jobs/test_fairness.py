"""The queue as people live it: fair, and true on every card that shows a place in it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from jobs.admission import Rates
from jobs.model import Draft, Job, JobState
from jobs.standing import PLACES_SHOWN
from jobs.tools import Rules
from tests.factories import an_origin
from tests.jobs.world import World, with_rules

ANNA, BEN, CLEO = 1, 2, 3
HERE, THERE = 10, 20


async def ask(world: World, who: int, where: int, times: int = 1) -> list[Job]:
    jobs: list[Job] = []
    for _ in range(times):
        jobs.append(await world.ask(f"user {who} in {where}", user_id=who, guild_id=where))
        world.clock.time += 0.01
    return jobs


async def test_a_newcomer_is_served_between_the_many_of_another(world: World) -> None:
    await ask(world, ANNA, HERE, times=3)
    await world.pass_time(1)
    await ask(world, ANNA, HERE, times=6)
    await ask(world, BEN, HERE)
    await ask(world, CLEO, THERE, times=2)
    await world.pass_time(500)

    served = [paid.request.prompt for paid in world.provider.ledger]
    # Three go out at once, in whatever order.
    assert [sorted(served[first : first + 3]) for first in (3, 6, 9)] == [
        ["user 1 in 10", "user 2 in 10", "user 3 in 20"],
        ["user 1 in 10", "user 1 in 10", "user 3 in 20"],
        ["user 1 in 10", "user 1 in 10", "user 1 in 10"],
    ]


@pytest.mark.parametrize("people", [1, 7])
async def test_every_card_shows_the_true_place_whoever_comes_and_goes(world: World, people: int) -> None:
    jobs: list[Job] = []
    for number in range(26):
        jobs += await ask(world, ANNA + number % people, HERE + number % 3)
    for look in range(7):
        await world.pass_time(15)
        for job in jobs:
            fresh = await world.now(job)
            if fresh.state is not JobState.QUEUED:
                continue
            state, view = world.channel.cards[job.id][-1]
            place = await world.store.queue_position(job.id)
            assert state is JobState.QUEUED
            assert view.position is not None
            assert place is not None
            assert view.position == place or min(view.position, place) > PLACES_SHOWN, (look, view.position, place)
        if look == 3:
            jobs += await ask(world, BEN, THERE, times=4)


async def test_a_card_far_back_in_the_queue_is_not_edited_whenever_the_queue_moves(world: World) -> None:
    engine = with_rules(world, Rules(rates=Rates(submits_per_minute=8, tasks_in_flight=100)))
    jobs = await ask(world, ANNA, HERE, times=40)
    await world.pass_time(20, engine=engine)
    assert await world.store.queue_position(jobs[-1].id) == 32
    shown = len(world.channel.cards[jobs[-1].id])
    await world.pass_time(50, engine=engine)

    assert await world.store.queue_position(jobs[-1].id) == 24
    assert len(world.channel.cards[jobs[-1].id]) == shown


async def test_when_somebody_takes_a_job_back_the_cards_behind_it_move_up(world: World) -> None:
    jobs = await ask(world, ANNA, HERE, times=6)
    await world.pass_time(20)
    assert [view.position for _, view in (world.channel.cards[job.id][-1] for job in jobs[3:])] == [1, 2, 3]

    await world.service.cancel(jobs[3].id, user_id=ANNA)
    await world.pass_time(11)
    assert [view.position for _, view in (world.channel.cards[job.id][-1] for job in jobs[4:])] == [1, 2]


async def test_a_card_that_falls_behind_newcomers_says_so(world: World) -> None:
    jobs = await ask(world, ANNA, HERE, times=PLACES_SHOWN + 2)
    await world.pass_time(20)
    assert world.channel.cards[jobs[-1].id][-1][1].position == PLACES_SHOWN - 1

    for newcomer in range(100, 104):
        await ask(world, newcomer, newcomer)
    await world.pass_time(12)

    assert world.channel.cards[jobs[-1].id][-1][1].position == PLACES_SHOWN + 3


async def test_nobody_waits_for_all_that_the_engine_has_to_write(world: World) -> None:
    written: list[str] = []

    def watched(name: str, work: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.create_task(work)
        task.add_done_callback(lambda _: written.append(name))
        return task

    async with world.store.transaction():
        tasks = [watched("work", world.store.remember(f"fact {number}", "known")) for number in range(3)]
        await asyncio.sleep(0)  # They are waiting already when somebody asks.
        tasks.append(watched("command", world.service.submit(Draft(prompt="a fox"), an_origin())))
        await asyncio.sleep(0)
        tasks.append(watched("choice", world.library.set_note(1, wanted=True)))
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)

    assert written == ["command", "choice", "work", "work", "work"]
