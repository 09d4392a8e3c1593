"""The paid call: made once, never repeated when its outcome is unknown."""

import asyncio

import pytest

from jobs.admission import Rates
from jobs.engine import LEASE, Engine
from jobs.errors import (
    BotError,
    Misconfigured,
    NotSent,
    OutOfCredit,
    Reason,
    Refused,
    StoreUnavailable,
    Throttled,
    Uncertain,
)
from jobs.model import Charge, JobState, Task
from jobs.tools import Rules
from tests.factories import NOW
from tests.jobs.world import World, delivered_once, with_rules

DAY = 86400.0


async def test_one_command_is_one_paid_create_and_one_post(world: World) -> None:
    job = await world.ask()
    await world.pass_time(90)

    done = await world.now(job)
    assert (done.state, done.charge) == (JobState.DONE, Charge.SPENT)
    assert [paid.request for paid in world.provider.ledger] == [job.request]
    assert [message.job_id for message in world.channel.messages] == [job.id]
    assert done.posted == world.channel.messages[0].posted
    assert world.channel.card_of(job) is JobState.DONE


async def test_a_lost_answer_is_never_repeated_and_its_price_stays_held_for_a_week_then_counts_as_spent(
    world: World,
) -> None:
    world.provider.create_faults = [Uncertain("read timeout")]
    world.provider.paid_all_the_same = True
    job = await world.ask()
    await world.pass_time(3600)

    lost = await world.now(job)
    assert (lost.state, lost.charge) == (JobState.UNCERTAIN, Charge.HELD)
    assert lost.failure is not None
    assert lost.failure.reason is Reason.ANSWER_LOST
    assert len(world.provider.creates) == 1
    assert world.channel.card_of(job) is JobState.UNCERTAIN

    await world.pass_time(7 * DAY)
    assert (await world.now(job)).charge is Charge.SPENT
    assert len(world.provider.creates) == 1
    assert world.channel.messages == []


async def test_a_bug_between_us_and_the_wire_counts_as_a_lost_answer(world: World) -> None:
    world.provider.create_faults = [RuntimeError("a bug of ours")]
    job = await world.ask()
    await world.engine.run_due()
    assert (await world.now(job)).state is JobState.UNCERTAIN  # at once, not when somebody misses the worker

    await world.pass_time(600)
    assert (await world.now(job)).state is JobState.UNCERTAIN
    assert len(world.provider.creates) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (NotSent("connection refused"), Reason.PROVIDER_DOWN),
        (Throttled("rate limit", code=1002), Reason.THROTTLED),
        (Misconfigured("invalid api key", code=2049), Reason.MISCONFIGURED),
        (OutOfCredit("insufficient balance", code=1008), Reason.OUT_OF_CREDIT),
    ],
)
async def test_a_call_that_surely_made_nothing_waits_in_the_queue_says_why_and_goes_on_by_itself(
    world: World, fault: BotError, reason: Reason
) -> None:
    world.provider.create_faults = [fault, fault]
    job = await world.ask()
    await world.engine.run_due()

    waiting = await world.now(job)
    assert (waiting.state, waiting.waiting_for, waiting.charge) == (JobState.QUEUED, reason, Charge.HELD)

    await world.pass_time(900)
    assert (await world.now(job)).state is JobState.DONE
    assert len(world.provider.ledger) == 1
    assert len(world.provider.creates) == 3


@pytest.mark.parametrize("reason", [Reason.MODERATED_INPUT, Reason.INVALID_REQUEST, Reason.MODEL_UNAVAILABLE])
async def test_a_refused_request_fails_at_once_and_its_price_is_given_back(world: World, reason: Reason) -> None:
    world.provider.create_faults = [Refused(reason, "refused", code=1026, text="input new_sensitive")]
    job = await world.ask()
    await world.engine.run_due()

    failed = await world.now(job)
    assert (failed.state, failed.charge) == (JobState.FAILED, Charge.RELEASED)
    assert failed.failure is not None
    assert (failed.failure.reason, failed.failure.code, failed.failure.detail) == (reason, 1026, "input new_sensitive")


async def test_while_the_credit_is_used_up_one_job_tries_every_five_minutes_and_the_owners_hear_of_it_once(
    world: World,
) -> None:
    # Three go out before the first answer is there: as many as may be in flight.
    world.provider.create_faults = [OutOfCredit("insufficient balance", code=1008)] * 6
    jobs = [await world.ask() for _ in range(5)]
    await world.pass_time(1000)

    assert world.provider.creates == [NOW, NOW, NOW, NOW + 300, NOW + 600, NOW + 900]
    assert [gate.reason for gate in world.channel.alerts] == [Reason.OUT_OF_CREDIT]
    assert {(await world.now(job)).state for job in jobs} == {JobState.QUEUED}

    await world.pass_time(900)
    assert {(await world.now(job)).state for job in jobs} == {JobState.DONE}
    assert len(world.provider.ledger) == 5


async def test_no_more_creates_in_a_minute_and_no_more_tasks_in_flight_than_the_key_allows(world: World) -> None:
    engine = with_rules(world, Rules(rates=Rates(submits_per_minute=5, tasks_in_flight=3)))
    jobs = [await world.ask(f"cat number {number}") for number in range(8)]
    for _ in range(40):
        states = [(await world.now(job)).state for job in jobs]
        assert states.count(JobState.RENDERING) <= 3
        await world.pass_time(5, engine=engine)

    assert len(world.provider.ledger) == 8
    for at in world.provider.creates:
        assert sum(at - 60 < other <= at for other in world.provider.creates) <= 5


async def test_the_queue_is_served_in_the_order_of_asking(world: World) -> None:
    for number in range(6):
        await world.ask(f"cat number {number}")
        world.clock.time += 0.001
    await world.pass_time(400)

    assert [paid.request.prompt for paid in world.provider.ledger] == [f"cat number {number}" for number in range(6)]


async def test_a_worker_that_died_in_the_paid_call_leaves_an_uncertain_job(world: World) -> None:
    job = await world.ask()
    world.provider.hold_create = asyncio.Event()
    dying = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert (await world.now(job)).state is JobState.SUBMITTING

    world.provider.hold_create = None
    world.clock.time += LEASE + 1
    await world.another_worker().run_due()

    assert (await world.now(job)).state is JobState.UNCERTAIN
    assert len(world.provider.creates) == 1


async def test_an_answer_that_comes_after_the_job_was_called_uncertain_is_taken_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, refusals = world.store.found, [StoreUnavailable("database is locked")]

    async def locked(job_id: str, task: Task, *, now: float) -> bool:
        if refusals:
            raise refusals.pop()
        return await found(job_id, task, now=now)

    monkeypatch.setattr(world.store, "found", locked)
    job = await world.ask()
    world.provider.hold_create = asyncio.Event()
    slow = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    world.clock.time += LEASE + 1
    await world.another_worker().run_due()
    assert (await world.now(job)).state is JobState.UNCERTAIN

    world.provider.hold_create.set()
    await slow
    await world.pass_time(90)

    assert (await world.now(job)).state is JobState.DONE
    assert len(world.provider.creates) == 1


async def test_an_answer_that_comes_while_another_worker_looks_for_the_task_is_taken_up(world: World) -> None:
    job = await world.ask()
    world.provider.hold_create = asyncio.Event()
    slow = asyncio.create_task(world.engine.run_due())
    await world.provider.create_reached.wait()
    world.clock.time += LEASE + 1
    (taken,) = await world.store.claim({JobState.SUBMITTING}, owner="other", now=world.clock.time, lease=LEASE, limit=1)
    world.provider.hold_create.set()
    await slow

    # What the other worker has to say comes too late.
    assert not await world.store.save(taken.to(JobState.UNCERTAIN, now=world.clock.time), now=world.clock.time)
    await world.pass_time(90)
    assert await delivered_once(world, job)


async def test_the_task_id_is_written_down_however_long_the_database_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = 3
    save = world.store.save

    async def locked(job: object, **options: object) -> bool:
        nonlocal refusals
        if getattr(job, "state", None) is JobState.RENDERING and refusals:
            refusals -= 1
            raise StoreUnavailable("database is locked")
        return await save(job, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store, "save", locked)
    job = await world.ask()
    await world.engine.run_due()

    kept = await world.now(job)
    assert (kept.state, refusals) == (JobState.RENDERING, 0)
    assert kept.task is not None
    assert kept.task.task_id == world.provider.ledger[0].task_id


async def test_a_cancelled_job_is_never_paid_even_if_a_worker_has_just_taken_it(world: World) -> None:
    job = await world.ask()
    await world.tools.store.claim({JobState.RECEIVED}, owner="slow", now=world.clock.time, lease=LEASE, limit=1)
    claimed = await world.now(job)
    cancelled = await world.service.cancel(job.id, user_id=job.origin.user_id)
    assert cancelled.charge is Charge.RELEASED

    queued = claimed.to(JobState.QUEUED, now=world.clock.time)
    assert not await world.store.save(queued, now=world.clock.time)
    await world.pass_time(120)

    assert (await world.now(job)).state is JobState.CANCELLED
    assert world.provider.creates == []
    assert world.channel.card_of(job) is JobState.CANCELLED


async def test_what_waited_too_long_without_being_paid_is_given_up_and_given_back(world: World) -> None:
    world.provider.create_faults = [OutOfCredit("insufficient balance", code=1008)] * 100
    engine = with_rules(world, Rules(give_up=2 * 3600))
    job = await world.ask()
    await world.pass_time(2 * 3600, engine=engine)
    assert (await world.now(job)).state is JobState.QUEUED
    await world.pass_time(600, engine=engine)

    gone = await world.now(job)
    assert (gone.state, gone.charge) == (JobState.FAILED, Charge.RELEASED)
    assert gone.failure is not None
    assert gone.failure.reason is Reason.GAVE_UP


async def test_stopping_gives_the_claim_back_and_the_next_start_goes_on_at_once(world: World) -> None:
    world.provider.hold_create = asyncio.Event()
    engine = Engine(world.tools, owner="stopping", awake=world.awake, grace=0.05)
    running = asyncio.create_task(engine.run())
    job = await world.ask()
    await world.provider.create_reached.wait()
    engine.stop()
    await running
    assert (await world.now(job)).state is JobState.SUBMITTING

    await world.another_worker().run_due()
    assert (await world.now(job)).state is JobState.UNCERTAIN
