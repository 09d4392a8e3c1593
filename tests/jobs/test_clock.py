"""A clock that is set back, while the bot runs or while it does not: nothing waits for the same hour once more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from jobs.admission import OPERATOR_PAUSE, WINDOW, Rates
from jobs.cards import GAP
from jobs.engine import LEASE, NOTE_TIME_EVERY, Engine
from jobs.errors import DeliveryDelayed, Misconfigured, Throttled, Transient
from jobs.making import CARD_GRACE
from jobs.model import Draft, JobState
from jobs.polling import FLOOR, LEARN_AT, PollRules
from jobs.tools import Rules
from tests.factories import an_origin
from tests.jobs.doubles import RENDER_SECONDS, Died, SetClock
from tests.jobs.world import World, delivered_once, with_rules

HOUR = 3600.0


def nothing(_: World) -> None:
    """All goes well."""


def throttled(world: World) -> None:
    world.provider.create_faults = [Throttled("rate limit", code=1002)] * 3


def out_of_order(world: World) -> None:
    world.provider.query_answers = [None, Misconfigured("login fail", code=1004)]


def hard_to_ask(world: World) -> None:
    world.provider.query_answers = [None, *[Transient("server error", code=1033)] * 4]


def hard_to_download(world: World) -> None:
    world.provider.download_faults = [Transient("broken off")] * 3


def hard_to_post(world: World) -> None:
    world.channel.post_faults = [DeliveryDelayed("server error", status=500)] * 3


@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "while it does not"])
@pytest.mark.parametrize("trouble", [nothing, throttled, out_of_order, hard_to_ask, hard_to_download, hard_to_post])
@pytest.mark.parametrize("after", [3, 25, 62])
async def test_the_video_is_there_no_later_than_with_a_true_clock(
    world: World, trouble: Callable[[World], None], after: float, restarted: bool
) -> None:
    trouble(world)
    job = await world.ask()
    await world.pass_time(after)
    world.set_clock_back(HOUR)
    patience = RENDER_SECONDS + 60 + (OPERATOR_PAUSE if trouble is out_of_order else 0)
    await world.pass_time(patience, engine=world.another_worker() if restarted else None)

    assert await delivered_once(world, job)
    assert world.channel.card_of(job) is JobState.DONE


async def set_back_during_the_next_question(world: World, engine: Engine | None = None) -> None:
    """A second later the question is asked, and before its answer the clock is set back, and that is noticed."""

    async def set_back() -> None:
        world.set_clock_back(HOUR)
        await world.another_worker().run_due()

    world.provider.while_asked = [set_back]
    world.clock.time += 1
    await (engine or world.engine).run_due()
    assert world.provider.while_asked == []


@pytest.mark.parametrize("trouble", [out_of_order, nothing])
async def test_a_question_during_which_it_happens_makes_nothing_wait_for_it(
    world: World, trouble: Callable[[World], None]
) -> None:
    trouble(world)
    job = await world.ask()
    await world.pass_time(19)
    await set_back_during_the_next_question(world)
    await world.pass_time(RENDER_SECONDS + OPERATOR_PAUSE)

    assert await delivered_once(world, job)


async def test_what_a_worker_held_that_died_before_is_taken_up_by_the_next_within_a_lease(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [Died()]
    with pytest.raises(Died):
        await world.pass_time(30)
    world.set_clock_back(HOUR)
    await world.pass_time(max(LEASE, RENDER_SECONDS), engine=world.another_worker())

    assert await delivered_once(world, job)


async def test_a_push_after_such_a_question_is_heard_at_once(world: World) -> None:
    engine = with_rules(world, Rules(polling=PollRules(first=50, apart=600)))
    job = await world.ask()
    await world.pass_time(49, engine=engine)
    await set_back_during_the_next_question(world, engine)
    world.clock.time += 20
    assert job.callback_key is not None
    assert await world.service.pushed(job.callback_key, task_id=None, ended=True)
    await engine.run_due()

    assert await delivered_once(world, job)


async def test_what_was_submitted_before_leaves_the_minute_of_the_rate_in_time(world: World) -> None:
    engine = with_rules(world, Rules(rates=Rates(submits_per_minute=1, tasks_in_flight=9)))
    await world.ask()
    await world.pass_time(10, engine=engine)
    world.set_clock_back(HOUR)
    second = await world.ask()
    await world.pass_time(WINDOW + NOTE_TIME_EVERY, engine=engine)

    assert (await world.now(second)).state is JobState.RENDERING


async def test_cards_go_on_as_before(world: World) -> None:
    job = await world.ask()
    await world.pass_time(25)
    shown = len(world.channel.cards[job.id])
    world.set_clock_back(HOUR)
    await world.pass_time(2 * GAP + 1)

    edits = world.channel.cards[job.id][shown:]
    assert edits
    expected = edits[-1][1].expected_end
    assert expected is not None
    assert expected <= world.clock.time + 120  # what such a video usually takes


async def test_a_card_that_its_answer_may_be_about_to_place_is_not_posted_a_second_time(world: World) -> None:
    job = await world.service.submit(Draft(prompt="a cat on the moon"), an_origin())
    await world.engine.run_due()
    world.set_clock_back(HOUR)
    await world.pass_time(CARD_GRACE - 1)
    assert job.id not in world.channel.cards
    await world.pass_time(2)
    assert len(world.channel.cards[job.id]) == 1


async def test_videos_of_that_time_teach_nothing_about_how_long_such_videos_take(world: World) -> None:
    for _ in range(LEARN_AT):
        await world.ask()
        await world.pass_time(30)
        world.set_clock_back(HOUR)
        await world.pass_time(RENDER_SECONDS)

    assert await world.store.render_times("MiniMax-Hailuo-02", "768P", 6, limit=99) == []


async def test_two_machines_whose_clocks_differ_a_little_do_no_work_twice(world: World) -> None:
    behind = SetClock()
    slow = Engine(replace(world.tools, clock=behind), owner="behind")
    jobs = [await world.ask(user_id=number) for number in range(3)]
    for _ in range(100):
        world.clock.time += 1
        behind.time = world.clock.time - 8
        await asyncio.gather(world.engine.run_due(), slow.run_due())

    assert [(await world.now(job)).state for job in jobs] == [JobState.DONE] * 3
    assert len(world.provider.ledger) == len(world.channel.messages) == 3
    for paid in world.provider.ledger:
        pauses = [later - earlier for earlier, later in pairwise(paid.asks)]
        assert min(pauses) >= FLOOR
