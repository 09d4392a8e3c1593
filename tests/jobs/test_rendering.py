"""From the task to the provider's success: what it answers in between only delays, ends the job, or is waited out."""

import pytest

from jobs.admission import Rates
from jobs.errors import Misconfigured, ProviderError, Reason, Refused, StoreUnavailable, Throttled, Transient
from jobs.model import Charge, Failure, Job, JobState
from jobs.ports import TaskReport, TaskState
from jobs.tools import Rules
from tests.jobs.world import World, delivered_once, with_rules

WITHOUT_FILE = TaskReport(state=TaskState.SUCCEEDED, raw_status="Success")


@pytest.mark.parametrize(
    "fault",
    [
        Transient("server error", code=1033),
        Throttled("rate limit", code=1002),
        Misconfigured("login fail", code=1004),
        Refused(Reason.TASK_LOST, "unknown task", code=2013),
    ],
)
async def test_a_fault_while_asking_only_delays(world: World, fault: ProviderError) -> None:
    job = await world.ask()
    world.provider.query_answers = [fault, fault, fault]
    await world.pass_time(1500)

    assert await delivered_once(world, job)


async def test_the_owners_hear_at_once_of_a_key_that_is_refused_while_videos_are_made(world: World) -> None:
    await world.ask()
    await world.engine.run_due()
    world.provider.query_answers = [Misconfigured("login fail", code=1004)] * 2
    await world.pass_time(20)

    assert [gate.reason for gate in world.channel.alerts] == [Reason.MISCONFIGURED]


async def test_an_answer_at_last_ends_the_excuse_on_the_card_and_the_growing_pauses(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [Misconfigured("login fail", code=1004)]
    await world.pass_time(20)
    waiting = await world.now(job)
    assert (waiting.waiting_for, waiting.attempt) == (Reason.MISCONFIGURED, 1)

    world.provider.query_answers = [TaskReport(state=TaskState.RUNNING, raw_status="Processing")]
    await world.pass_time(292)
    goes_on = await world.now(job)
    assert (goes_on.state, goes_on.waiting_for, goes_on.attempt) == (JobState.RENDERING, None, 0)


async def test_a_task_the_provider_has_forgotten_is_given_up_only_past_the_deadline(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [Refused(Reason.TASK_LOST, "unknown task", code=2013)] * 1000
    await world.pass_time(29 * 60)
    assert (await world.now(job)).state is JobState.RENDERING
    await world.pass_time(5 * 60)

    lost = await world.now(job)
    assert (lost.state, lost.charge) == (JobState.FAILED, Charge.SPENT)
    assert lost.failure is not None
    assert lost.failure.reason is Reason.TASK_LOST


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure(reason=Reason.MODERATED_OUTPUT, code=1027), Reason.MODERATED_OUTPUT),
        (Failure(reason=Reason.PROVIDER_FAILED, code=0), Reason.PROVIDER_FAILED),
        (None, Reason.PROVIDER_FAILED),
    ],
)
async def test_a_failed_task_ends_the_job_with_its_reason(
    world: World, failure: Failure | None, reason: Reason
) -> None:
    job = await world.ask()
    world.provider.query_answers = [TaskReport(state=TaskState.FAILED, raw_status="Fail", failure=failure)]
    await world.pass_time(15)

    failed = await world.now(job)
    assert (failed.state, failed.charge) == (JobState.FAILED, Charge.RELEASED)
    assert failed.failure is not None
    assert failed.failure.reason is reason
    assert world.channel.card_of(job) is JobState.FAILED


async def test_an_unlisted_status_is_asked_again(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [TaskReport(state=TaskState.UNKNOWN, raw_status="Pondering")]
    await world.pass_time(90)

    assert await delivered_once(world, job)


async def test_success_without_a_file_is_asked_again(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [WITHOUT_FILE] * 5
    await world.pass_time(120)

    assert await delivered_once(world, job)


async def test_success_that_never_names_a_file_fails_after_ten_minutes_and_says_it_was_paid(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [WITHOUT_FILE] * 1000
    await world.pass_time(700)

    failed = await world.now(job)
    assert (failed.state, failed.charge) == (JobState.FAILED, Charge.SPENT)
    assert failed.failure is not None
    assert failed.failure.reason is Reason.FILE_LOST


async def test_past_its_deadline_a_job_says_so_frees_its_place_and_still_arrives(world: World) -> None:
    job = await world.ask()
    world.provider.query_answers = [TaskReport(state=TaskState.RUNNING, raw_status="Processing")] * 200
    engine = with_rules(world, Rules(deadline=600))
    await world.pass_time(700, engine=engine)

    late = await world.now(job)
    assert (late.state, late.overdue) == (JobState.RENDERING, True)
    assert (await world.store.traffic(since=0)).in_flight == 0
    asked = late.asks
    await world.pass_time(3600, engine=engine)
    assert 0 < (await world.now(job)).asks - asked < 60

    world.provider.query_answers = []
    await world.pass_time(600, engine=engine)
    assert await delivered_once(world, job)


async def test_the_key_is_asked_no_more_often_than_it_allows(world: World) -> None:
    rates = Rates(submits_per_minute=100, tasks_in_flight=100, queries_per_minute=6)
    engine = with_rules(world, Rules(rates=rates))
    for number in range(4):
        await world.ask(f"cat number {number}")
    await world.pass_time(200, engine=engine)

    asks = sorted(at for paid in world.provider.ledger for at in paid.asks)
    for at in asks:
        assert sum(at - 60 < other <= at for other in asks) <= 6


async def test_a_step_that_breaks_while_the_database_is_locked_is_taken_again_once_its_claim_runs_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await world.ask()
    await world.pass_time(9)
    get = world.store.get

    async def locked(_: str) -> Job | None:
        raise StoreUnavailable("database is locked")

    world.provider.query_answers = [RuntimeError("a bug of ours")]
    monkeypatch.setattr(world.store, "get", locked)
    world.clock.time += 1
    await world.engine.run_due()
    monkeypatch.setattr(world.store, "get", get)
    await world.pass_time(90)

    assert await delivered_once(world, job)
