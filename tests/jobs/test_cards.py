"""The card of a job: shown when something changes and not too often, and never in the way of the video."""

import pytest

from jobs.cards import GAP
from jobs.errors import DeliveryDelayed, Reason, Refused, Undeliverable
from jobs.model import Draft, JobState
from tests.factories import an_origin
from tests.jobs.world import World, delivered_once


async def test_a_card_is_edited_only_on_change_and_at_most_every_ten_seconds_until_the_end(world: World) -> None:
    job = await world.ask()
    await world.engine.run_due()
    assert job.id not in world.channel.cards
    await world.pass_time(59)
    shown = world.channel.cards[job.id]
    assert [state for state, _ in shown] == [JobState.RENDERING] * len(shown)
    assert 2 <= len(shown) <= 59 / 10
    # Each edit shows something new: the estimate has moved on.
    tenths = [view.tenths for _, view in shown if view.tenths is not None]
    assert len(tenths) == len(shown)
    assert tenths == sorted(set(tenths))

    await world.pass_time(30)
    assert world.channel.card_of(job) is JobState.DONE


async def test_the_end_of_a_job_is_shown_at_once_even_if_its_card_was_just_put_off(world: World) -> None:
    job = await world.ask()
    world.provider.create_faults = [Refused(Reason.MODERATED_INPUT, "no", code=1026)]
    await world.engine.run_due()

    assert world.channel.card_of(job) is JobState.FAILED


async def test_a_job_whose_acknowledgement_died_gets_a_card_in_the_channel(world: World) -> None:
    job = await world.service.submit(Draft(prompt="a cat"), an_origin())
    await world.pass_time(10)
    assert job.id not in world.channel.cards
    await world.pass_time(10)
    assert len(world.channel.cards[job.id]) == 1


@pytest.mark.parametrize("fault", [DeliveryDelayed("429", status=429), DeliveryDelayed("reset")])
async def test_a_card_that_could_not_be_shown_is_shown_later(world: World, fault: DeliveryDelayed) -> None:
    job = await world.ask()
    world.channel.card_faults = [fault] * 3
    await world.pass_time(200)

    assert world.channel.card_of(job) is JobState.DONE


async def test_a_deleted_card_is_never_tried_again_and_the_job_goes_on_without_it(world: World) -> None:
    job = await world.ask()
    world.channel.card_faults = [Undeliverable("unknown message", status=404, code=10008)]
    await world.pass_time(90)

    assert job.id not in world.channel.cards
    assert await delivered_once(world, job)


async def test_a_card_knows_its_place_in_the_queue_and_when_to_expect_the_video(world: World) -> None:
    jobs = [await world.ask(f"cat number {number}") for number in range(5)]
    await world.pass_time(GAP + 2)

    positions = [world.channel.cards[job.id][-1][1].position for job in jobs]
    assert positions == [None, None, None, 1, 2]
    assert world.channel.cards[jobs[0].id][-1][1].expected_end is not None
