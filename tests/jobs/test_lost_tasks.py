"""A lost answer to a paid call where the provider keeps a list (V2), and cancelling there."""

import asyncio
from collections.abc import Collection

import pytest

from jobs.errors import TooLate, Transient, Uncertain
from jobs.model import Charge, Draft, Job, JobState, Posted, Task
from jobs.submitting import look_again
from tests.factories import an_origin
from tests.jobs.doubles import HOST, QUEUED_SECONDS, RENDER_SECONDS
from tests.jobs.world import World

V1, V2 = "MiniMax-Hailuo-02", "MiniMax-H3"
WEEK = 7 * 86400.0


async def ask(world: World, prompt: str = "a cat on the moon", model: str = V2) -> Job:
    origin = an_origin()
    job = await world.service.submit(Draft(prompt=prompt, model=model), origin)
    await world.service.card_placed(job.id, Posted(channel_id=origin.channel_id, message_id=origin.interaction_id))
    return job


async def submit_side_by_side(world: World, count: int) -> None:
    """All creates are under way before the first of them has its answer."""
    world.provider.hold_create = asyncio.Event()
    submitting = asyncio.create_task(world.engine.run_due())
    while len(world.provider.creates) < count:  # noqa: ASYNC110 - the double counts them, and tells nobody
        await asyncio.sleep(0)
    world.provider.hold_create.set()
    await submitting


def lose_answers(world: World, count: int) -> None:
    world.provider.create_faults = [Uncertain("connection reset")] * count
    world.provider.paid_all_the_same = True


# --- the list ------------------------------------------------------------------------------------------------------


async def test_a_lost_answer_is_looked_up_in_the_list_before_the_job_is_called_uncertain(world: World) -> None:
    lose_answers(world, 1)
    job = await ask(world)
    await world.pass_time(RENDER_SECONDS + 20)

    assert (await world.now(job)).state is JobState.DONE
    assert JobState.UNCERTAIN not in [state for state, _ in world.channel.cards.get(job.id, [])]
    assert len(world.provider.creates) == 1


async def test_a_lost_answer_to_a_create_that_made_nothing_stays_uncertain(world: World) -> None:
    world.provider.create_faults = [Uncertain("connection reset")]
    job = await ask(world)
    await world.pass_time(3600)

    assert (await world.now(job)).state is JobState.UNCERTAIN
    assert len(world.provider.creates) == 1


async def test_a_list_that_is_out_of_reach_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = world.provider.lost

    async def away(*_: object, **__: object) -> list[Task]:
        raise Transient("bad gateway")

    monkeypatch.setattr(world.provider, "lost", away)
    lose_answers(world, 1)
    job = await ask(world)
    await world.pass_time(30)
    assert (await world.now(job)).state is JobState.UNCERTAIN

    monkeypatch.setattr(world.provider, "lost", listed)
    await world.pass_time(60 + RENDER_SECONDS)
    assert (await world.now(job)).state is JobState.DONE


async def test_two_alike_in_doubt_are_not_told_apart_by_guessing(world: World) -> None:
    lose_answers(world, 2)
    jobs = [await ask(world, "a cat"), await ask(world, "a dog")]
    await submit_side_by_side(world, 2)
    await world.pass_time(WEEK + 60)

    assert [(await world.now(job)).state for job in jobs] == [JobState.UNCERTAIN] * 2
    assert [(await world.now(job)).charge for job in jobs] == [Charge.SPENT] * 2
    assert len(world.provider.creates) == 2
    assert world.channel.messages == []


async def test_while_another_alike_waits_for_its_answer_its_task_is_not_taken_for_the_lost_one(world: World) -> None:
    lose_answers(world, 1)
    jobs = [await ask(world, "a cat"), await ask(world, "a dog")]
    await submit_side_by_side(world, 2)
    await world.pass_time(60 + RENDER_SECONDS + 20)

    tasks = [(await world.now(job)).task for job in jobs]
    made = {paid.request.prompt: paid.task_id for paid in world.provider.ledger}
    assert [task and task.task_id for task in tasks] == [made["a cat"], made["a dog"]]
    assert {message.job_id for message in world.channel.messages} == {job.id for job in jobs}


async def test_a_task_that_was_made_late_is_not_taken_for_that_of_a_job_sent_after_it(world: World) -> None:
    world.provider.create_faults = [Uncertain("read timeout"), Uncertain("connection reset")]
    cat = await ask(world, "a cat")
    await world.pass_time(30)
    dog = await ask(world, "a dog")
    await world.pass_time(1)
    world.provider.take(cat.request)
    await world.pass_time(300)

    assert [(await world.now(job)).state for job in (cat, dog)] == [JobState.UNCERTAIN] * 2
    assert world.channel.messages == []


async def test_a_task_whose_own_job_gets_its_answer_just_then_is_not_taken_for_the_lost_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_answers(world, 2)
    cat, dog = await ask(world, "a cat"), await ask(world, "a dog")
    await submit_side_by_side(world, 2)
    [of_cat] = [paid for paid in world.provider.ledger if paid.request == cat.request]
    world.provider.ledger = [of_cat]
    known_tasks = world.store.known_tasks

    async def known_before_the_answer(task_ids: Collection[str]) -> frozenset[str]:
        known = await known_tasks(task_ids)
        assert await world.store.found(cat.id, Task(task_id=of_cat.task_id, base_url=HOST), now=world.clock.now())
        return known

    monkeypatch.setattr(world.store, "known_tasks", known_before_the_answer)
    looked = await look_again(await world.now(dog), world.tools)

    assert looked is not None
    assert (looked.state, looked.task) == (JobState.UNCERTAIN, None)


async def test_one_of_another_kind_in_doubt_does_not_stand_in_the_way(world: World) -> None:
    lose_answers(world, 2)
    on_v1, on_v2 = await ask(world, model=V1), await ask(world, model=V2)
    await world.pass_time(RENDER_SECONDS + 20)

    assert [(await world.now(job)).state for job in (on_v1, on_v2)] == [JobState.UNCERTAIN, JobState.DONE]


# --- cancelling ----------------------------------------------------------------------------------------------------


async def a_rendering_job(world: World, model: str = V2) -> Job:
    job = await ask(world, model=model)
    await world.engine.run_due()
    assert (await world.now(job)).state is JobState.RENDERING
    return job


async def test_a_task_that_the_provider_has_not_begun_is_cancelled_there_free_of_charge(world: World) -> None:
    job = await a_rendering_job(world)
    asked = await world.service.cancel(job.id, user_id=job.origin.user_id)
    assert (asked.state, asked.cancel_asked) == (JobState.RENDERING, True)
    await world.pass_time(0)

    cancelled = await world.now(job)
    assert (cancelled.state, cancelled.charge) == (JobState.CANCELLED, Charge.RELEASED)
    assert world.provider.ledger[0].cancelled
    assert world.channel.card_of(job) is JobState.CANCELLED


async def test_a_task_that_the_provider_has_begun_is_made_all_the_same(world: World) -> None:
    job = await a_rendering_job(world)
    await world.pass_time(QUEUED_SECONDS + 1)
    await world.service.cancel(job.id, user_id=job.origin.user_id)
    await world.pass_time(0)
    assert (await world.now(job)).cancel_asked is False

    await world.pass_time(RENDER_SECONDS)
    done = await world.now(job)
    assert (done.state, done.charge) == (JobState.DONE, Charge.SPENT)


async def test_a_cancel_that_did_not_get_through_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await a_rendering_job(world)
    cancel, tries = world.provider.cancel, list[Task]()

    async def breaks_once(task: Task) -> bool:
        tries.append(task)
        if len(tries) == 1:
            raise Transient("bad gateway")
        return await cancel(task)

    monkeypatch.setattr(world.provider, "cancel", breaks_once)
    await world.service.cancel(job.id, user_id=job.origin.user_id)
    await world.pass_time(QUEUED_SECONDS - 5)

    assert (await world.now(job)).state is JobState.CANCELLED
    assert len(tries) == 2


async def test_v1_cannot_cancel_what_was_submitted(world: World) -> None:
    job = await a_rendering_job(world, V1)

    with pytest.raises(TooLate):
        await world.service.cancel(job.id, user_id=job.origin.user_id)
    assert not (await world.now(job)).cancel_asked
