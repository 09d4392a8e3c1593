"""What pushes do to jobs: hurry them along, name lost tasks, and nothing else, whoever sends them."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from jobs.engine import LEASE
from jobs.errors import Reason, Uncertain
from jobs.model import Draft, Failure, Job, JobState, Task
from jobs.ports import TaskReport, TaskState
from tests.factories import NOW, an_origin
from tests.jobs.doubles import HOST, RENDER_SECONDS
from tests.jobs.world import World
from tests.web.conftest import PUBLIC, Door

V2 = "MiniMax-H3"
OVERNIGHT = 12 * 3600.0


async def a_rendering_job(world: World) -> Job:
    job = await world.ask()
    await world.pass_time(0)
    return await world.now(job)


async def a_lost_job(world: World) -> tuple[Job, str]:
    """A job whose task was made and paid, but whose answer never came; and the id of that task."""
    world.provider.create_faults = [Uncertain("read timeout")]
    world.provider.paid_all_the_same = True
    job = await world.ask()
    await world.pass_time(0)
    lost = await world.now(job)
    assert (lost.state, lost.task) == (JobState.UNCERTAIN, None)
    return lost, world.provider.ledger[-1].task_id


async def test_each_create_carries_an_address_of_its_own(world: World) -> None:
    jobs = [await a_rendering_job(world) for _ in range(2)]

    assert [paid.callback_url for paid in world.provider.ledger] == [
        f"{PUBLIC}/callback/{job.callback_key}" for job in jobs
    ]
    assert len({job.callback_key for job in jobs}) == len(jobs)


# --- a push hurries its job along ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["success", "Success", "SUCCEEDED", " succeeded ", "a word of next year"])
async def test_a_push_of_the_end_gets_the_video_posted_without_waiting(door: Door, world: World, status: str) -> None:
    job = await a_rendering_job(world)
    await door.tell(job, "processing")
    await world.pass_time(RENDER_SECONDS + 0.5)
    assert world.channel.messages == []

    await door.tell(job, status)
    await world.pass_time(0)

    assert (await world.now(job)).state is JobState.DONE
    assert [message.job_id for message in world.channel.messages] == [job.id]
    assert world.clock.time == NOW + RENDER_SECONDS + 0.5
    assert world.provider.ledger[0].asks == [NOW + 10, NOW + RENDER_SECONDS + 0.5]


async def test_pushes_teach_how_long_videos_take_to_the_second(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    await world.pass_time(30)
    world.clock.time = NOW + RENDER_SECONDS + 0.5
    await door.tell(job, "success")
    await world.pass_time(0)

    wish = job.request
    (bounds,) = await world.store.render_times(wish.model, wish.resolution, wish.duration, limit=9)
    assert bounds == (RENDER_SECONDS + 0.5, RENDER_SECONDS + 0.5)


async def test_a_push_of_either_api_is_understood(door: Door, world: World) -> None:
    job = await world.service.submit(Draft(prompt="a cat on the moon", model=V2), an_origin())
    await world.pass_time(0)
    task_id = world.provider.ledger[0].task_id
    assert (await door.push(job, {"task": {"id": task_id, "status": "running"}}))[0] == 200
    await world.pass_time(RENDER_SECONDS + 0.5)

    assert (await door.push(job, {"task": {"id": int(task_id), "status": "succeeded", "content": {}}}))[0] == 200
    await world.pass_time(0)

    assert (await world.now(job)).state is JobState.DONE


async def test_a_push_of_failure_is_told_in_the_words_of_the_providers_own_answer(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    failure = Failure(reason=Reason.MODERATED_INPUT, code=1026)
    world.provider.query_answers = [TaskReport(state=TaskState.FAILED, raw_status="Fail", failure=failure)]
    await world.pass_time(4)

    await door.tell(job, "failed")
    await world.pass_time(0)

    failed = await world.now(job)
    assert (failed.state, failed.failure) == (JobState.FAILED, failure)
    assert world.provider.ledger[0].asks == [NOW + 4]


async def test_news_of_progress_makes_nothing_due(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    for status in ("preparing", "Queueing", "queued", "processing", "RUNNING"):
        await door.tell(job, status)
    await world.pass_time(9)

    assert world.provider.ledger[0].asks == []


async def test_a_last_push_that_is_lost_only_delays(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    await door.tell(job, "processing")
    await world.pass_time(2 * RENDER_SECONDS)

    assert (await world.now(job)).state is JobState.DONE


async def test_without_any_push_polling_finds_the_end_as_ever(world: World) -> None:
    job = await a_rendering_job(world)
    await world.pass_time(RENDER_SECONDS + 10)

    assert (await world.now(job)).state is JobState.DONE


async def test_a_push_just_after_a_question_wakes_the_engine_for_the_next_one(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    await door.tell(job, "processing")
    await world.pass_time(11)
    assert world.provider.ledger[0].asks == [NOW + 10]

    world.awake.clear()
    await door.tell(job, "success")
    assert world.awake.is_set()
    assert await world.engine.due_in() == 2


async def test_a_push_while_the_provider_is_being_asked_is_not_lost(
    door: Door, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await a_rendering_job(world)
    await door.tell(job, "processing")
    reached, answer = asyncio.Event(), asyncio.Event()
    query = world.provider.query

    async def slow(task: Task) -> TaskReport:
        report = await query(task)
        reached.set()
        await answer.wait()
        return report

    monkeypatch.setattr(world.provider, "query", slow)
    world.clock.time = NOW + RENDER_SECONDS - 0.5
    asking = asyncio.create_task(world.engine.run_due())
    await reached.wait()
    world.clock.time += 1
    await door.tell(job, "success")
    answer.set()
    await asking
    assert (await world.now(job)).state is JobState.RENDERING

    await world.pass_time(3)
    assert (await world.now(job)).state is JobState.DONE


# --- a push names a lost task --------------------------------------------------------------------------------------


async def test_a_push_to_an_uncertain_job_names_its_lost_task_and_the_video_arrives(door: Door, world: World) -> None:
    job, task_id = await a_lost_job(world)
    await door.push(job, {"task_id": task_id, "status": "processing"})
    await world.pass_time(0)
    going = await world.now(job)
    assert (going.state, going.task, going.failure) == (JobState.RENDERING, Task(task_id=task_id, base_url=HOST), None)

    # Nobody pushes its end: whoever was pushed to once is asked after it less often.
    await world.pass_time(max(RENDER_SECONDS, world.tools.rules.polling.pushed_apart) + 10)
    assert (await world.now(job)).state is JobState.DONE
    assert len(world.provider.creates) == len(world.provider.ledger) == 1


async def test_a_push_that_came_before_the_answer_was_lost_saves_the_job_from_being_uncertain(
    door: Door, world: World
) -> None:
    world.provider.create_faults = [Uncertain("connection reset")]
    world.provider.paid_all_the_same = True
    world.provider.hold_create = asyncio.Event()
    job = await world.ask()
    submitting = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    await door.push(job, {"task_id": world.provider.ledger[0].task_id, "status": "processing"})
    world.provider.hold_create.set()
    await submitting

    assert (await world.now(job)).state is JobState.RENDERING
    assert JobState.UNCERTAIN not in [state for state, _ in world.channel.cards.get(job.id, [])]
    assert len(world.provider.creates) == 1


async def test_a_push_to_a_job_whose_worker_died_in_the_paid_call_is_taken_up_by_the_next(
    door: Door, world: World
) -> None:
    world.provider.hold_create = asyncio.Event()
    job = await world.ask()
    dying = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await door.push(job, {"task_id": world.provider.ledger[0].task_id, "status": "processing"})

    world.clock.time += LEASE + 1
    await world.another_worker().run_due()

    assert (await world.now(job)).state is JobState.RENDERING
    assert len(world.provider.creates) == 1


async def test_a_forged_id_is_not_believed_and_does_not_keep_the_true_one_out(door: Door, world: World) -> None:
    job, task_id = await a_lost_job(world)
    await door.push(job, {"task_id": "4711", "status": "success"})
    await world.pass_time(0)
    still = await world.now(job)
    assert (still.state, still.task) == (JobState.UNCERTAIN, None)

    await door.push(job, {"task_id": task_id, "status": "success"})
    await world.pass_time(0)
    found = await world.now(job)
    assert found.task is not None
    assert found.task.task_id == task_id


async def test_a_pushed_id_of_which_the_provider_says_nothing_that_we_know_is_not_taken_up(
    door: Door, world: World
) -> None:
    job, task_id = await a_lost_job(world)
    world.provider.query_answers = [TaskReport(state=TaskState.UNKNOWN, raw_status="Unknown")]
    await door.push(job, {"task_id": task_id, "status": "success"})
    await world.pass_time(0)

    still = await world.now(job)
    assert (still.state, still.task) == (JobState.UNCERTAIN, None)


async def test_the_id_of_another_jobs_task_is_not_taken_up(door: Door, world: World) -> None:
    other = await a_rendering_job(world)
    job, _ = await a_lost_job(world)
    assert other.task is not None
    await door.push(job, {"task_id": other.task.task_id, "status": "success"})
    await world.pass_time(RENDER_SECONDS + 10)

    assert (await world.now(job)).state is JobState.UNCERTAIN
    assert [message.job_id for message in world.channel.messages] == [other.id]


async def test_a_forged_id_does_not_keep_a_lost_task_from_being_found_in_the_list(door: Door, world: World) -> None:
    world.provider.create_faults = [Uncertain("connection reset")]
    world.provider.paid_all_the_same = True
    world.provider.hold_create = asyncio.Event()
    job = await world.service.submit(Draft(prompt="a cat on the moon", model=V2), an_origin())
    submitting = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    await door.push(job, {"task": {"id": "4711", "status": "succeeded"}})
    world.provider.hold_create.set()
    await submitting

    found = await world.now(job)
    assert found.task is not None
    assert found.task.task_id == world.provider.ledger[0].task_id


# --- and nothing else ----------------------------------------------------------------------------------------------


async def test_a_push_to_an_address_that_is_nobodys_changes_nothing(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    assert job.task is not None
    body = {"task_id": job.task.task_id, "status": "success"}

    for guess in ("guess", "A" * 43, f"{job.callback_key}A", (job.callback_key or "")[:-1], job.id):
        assert await door.push(guess, body) == (404, {"status": "unknown"})
    assert await world.now(job) == job


async def test_a_push_about_another_task_changes_nothing(door: Door, world: World) -> None:
    job = await a_rendering_job(world)

    assert (await door.push(job, {"task_id": "4711", "status": "success"}))[0] == 200
    assert await world.now(job) == job


async def test_repeated_and_late_pushes_change_nothing(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    await world.pass_time(RENDER_SECONDS + 0.5)
    for _ in range(5):
        await door.tell(job, "success")
    await world.pass_time(0)
    assert (await world.now(job)).state is JobState.DONE
    asks = len(world.provider.ledger[0].asks)

    for _ in range(5):
        await door.tell(job, "success")
        await door.tell(job, "failed")
    await world.pass_time(OVERNIGHT)

    assert (await world.now(job)).state is JobState.DONE
    assert len(world.provider.ledger[0].asks) == asks
    assert len(world.channel.messages) == len(world.provider.creates) == 1


async def test_a_push_cannot_hurry_the_asking_beyond_every_three_seconds(door: Door, world: World) -> None:
    job = await a_rendering_job(world)
    for _ in range(40):
        await door.tell(job, "success")
        await world.pass_time(0.5)

    asks = world.provider.ledger[0].asks
    assert all(later - earlier >= 3 for earlier, later in pairwise(asks))


TOO_DEEP = b'{"task_id":' + b"[" * 30_000
BROKEN: dict[str, Any] = {
    "nothing": b"",
    "no JSON": b"task_id=1&status=success",
    "half a JSON": b'{"task_id": "1", "status": "succ',
    "not UTF-8": b'{"task_id": "\xff", "status": "success"}',
    "too deep": TOO_DEEP,
    "a number of 5,000 digits": b'{"task_id": ' + b"1" * 5000 + b', "status": "success"}',
    "compressed": b"\x1f\x8b\x08\x00",
    "a list": [{"task_id": "1", "status": "success"}],
    "a word": "success",
    "an empty object": {},
    "no status": {"task_id": "1"},
    "an empty status": {"task_id": "1", "status": " "},
    "a status that is a number": {"task_id": "1", "status": 2},
    "no id": {"status": "success"},
    "an empty id": {"task_id": "", "status": "success"},
    "an id that is a truth": {"task_id": True, "status": "success"},
    "an id that is a list": {"task_id": ["1"], "status": "success"},
    "an endless id": {"task_id": "1" * 65, "status": "success"},
    "a task that is a word": {"task": "1", "status": "success"},
    "a task without an id": {"task": {"status": "succeeded"}},
    "a challenge that is an object": {"challenge": {"a": 1}},
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_no_push_is_refused_shortly_and_changes_nothing(door: Door, world: World, what: str) -> None:
    job = await a_rendering_job(world)

    assert await door.push(job, BROKEN[what]) == (400, {"status": "no push"})
    assert await door.push("guess", BROKEN[what]) == (400, {"status": "no push"})
    assert await world.now(job) == job
