"""The queue is fair, and the place it tells is the place in which it serves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.model import Job, JobState
from jobs.ports import JobStore
from storage.store import SqlJobStore
from tests.factories import NOW, a_job, a_task, an_origin
from tests.storage.acts import LEASE, put, put_one

QUEUED, RECEIVED, SUBMITTING, RENDERING = (
    JobState.QUEUED,
    JobState.RECEIVED,
    JobState.SUBMITTING,
    JobState.RENDERING,
)
ANNA, BEN, CLEO = 1, 2, 3
HERE, THERE = 10, 20
LAW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass(frozen=True)
class Asked:
    """Somebody asked for a video some time ago."""

    user: int
    guild: int | None
    state: JobState = QUEUED

    def job(self, age: int) -> Job:
        at = NOW - age
        task = a_task() if self.state is RENDERING else None
        origin = an_origin(user_id=self.user, guild_id=self.guild)
        return a_job(origin=origin, state=self.state, created_at=at, due_at=at, task=task)


async def fill(store: JobStore, asked: Sequence[Asked]) -> list[Job]:
    """Jobs in the order of asking."""
    jobs = [one.job(len(asked) - number) for number, one in enumerate(asked)]
    await put(store, *jobs)
    return jobs


async def serve(store: JobStore, limit: int = 1) -> list[Job]:
    """Takes the next jobs into flight."""
    claimed = await store.claim({QUEUED}, owner="worker", now=NOW, lease=LEASE, limit=limit)
    for job in claimed:
        assert await store.save(job.to(SUBMITTING, now=NOW), now=NOW)
    return list(claimed)


async def serve_all(store: JobStore) -> list[str]:
    """Takes one job after the other, and tells in which order."""
    order: list[str] = []
    while served := await serve(store):
        order += [job.id for job in served]
    return order


async def clear(store: JobStore, jobs: Sequence[Job]) -> None:
    """Ends all jobs, so that the next example begins with an empty queue."""
    async with store.transaction() as tx:
        for job in jobs:
            await tx.seize(replace(job, state=JobState.DONE, due_at=None), now=NOW)


async def places(store: JobStore, jobs: Sequence[Job]) -> list[int | None]:
    return [await store.queue_position(job.id) for job in jobs]


# --- in words ------------------------------------------------------------------------------------------------------


async def test_nobody_with_one_job_waits_behind_a_hundred_of_anothers(store: SqlJobStore) -> None:
    jobs = await fill(store, [Asked(ANNA, HERE)] * 100 + [Asked(BEN, HERE), Asked(CLEO, THERE)])

    assert await places(store, [jobs[0], *jobs[-2:]]) == [1, 3, 2]


async def test_who_has_jobs_in_flight_has_had_as_many_turns(store: SqlJobStore) -> None:
    flying = [Asked(ANNA, HERE, RENDERING), Asked(ANNA, HERE, SUBMITTING)]
    *_, annas, bens = await fill(store, [*flying, Asked(ANNA, HERE), Asked(BEN, HERE)])

    assert await places(store, [bens, annas]) == [1, 2]


async def test_a_task_past_its_deadline_is_no_turn(store: SqlJobStore) -> None:
    first, second = await fill(store, [Asked(ANNA, HERE), Asked(BEN, HERE)])
    late = Asked(ANNA, HERE, RENDERING).job(9)
    await put(store, replace(late, overdue=True))

    assert await places(store, [first, second]) == [1, 2]


async def test_servers_take_turns_however_many_people_ask_there(store: SqlJobStore) -> None:
    here = [Asked(user, HERE) for user in range(1, 5)]
    there = [Asked(9, THERE)] * 2
    jobs = await fill(store, [*here, *there])

    assert await places(store, jobs) == [1, 3, 5, 6, 2, 4]


async def test_between_servers_that_are_even_the_person_who_has_had_fewer_turns_goes_first(store: SqlJobStore) -> None:
    everywhere = [Asked(ANNA, guild) for guild in range(100, 150)]
    *annas, bens = await fill(store, [*everywhere, Asked(BEN, HERE)])

    assert await places(store, [annas[0], bens, annas[1]]) == [1, 2, 3]


async def test_direct_messages_are_a_server_of_ones_own(store: SqlJobStore) -> None:
    jobs = await fill(store, [Asked(ANNA, None), Asked(ANNA, None), Asked(BEN, None)])

    assert await places(store, jobs) == [1, 3, 2]


async def test_a_job_that_was_put_off_or_is_held_keeps_its_place(store: SqlJobStore) -> None:
    first, second, third = await fill(store, [Asked(user, HERE) for user in (ANNA, BEN, CLEO)])
    (held,) = await store.claim({QUEUED}, owner="worker", now=NOW, lease=LEASE, limit=1)
    assert held.id == first.id
    async with store.transaction() as tx:
        await tx.seize(second.later(NOW + 500), now=NOW)

    assert await places(store, [first, second, third]) == [1, 2, 3]
    assert [job.id for job in await serve(store)] == [third.id]


async def test_a_job_whose_files_are_still_being_taken_in_has_a_place_but_is_not_submitted(store: SqlJobStore) -> None:
    received, queued = await fill(store, [Asked(ANNA, HERE, RECEIVED), Asked(BEN, HERE)])

    assert await places(store, [received, queued]) == [1, 2]
    assert await serve_all(store) == [queued.id]


@pytest.mark.parametrize("state", [SUBMITTING, RENDERING, JobState.DONE, JobState.CANCELLED])
async def test_a_job_that_does_not_wait_has_no_place(store: SqlJobStore, state: JobState) -> None:
    job = await put_one(store, state=state)

    assert await store.queue_position(job.id) is None
    assert await store.queue_position("nobody's") is None


# --- as laws -------------------------------------------------------------------------------------------------------

ASKED = st.builds(
    Asked,
    user=st.integers(1, 4),
    guild=st.sampled_from([None, HERE, THERE, 30]),
    state=st.sampled_from([QUEUED] * 6 + [SUBMITTING, RENDERING]),
)
CROWD = st.lists(ASKED, min_size=1, max_size=14)


def taking_turns(jobs: Sequence[Job]) -> list[str]:
    """The order by the rule itself: each time, the server that has had the fewest turns, and in it the person."""

    def house(job: Job) -> int:
        return job.origin.guild_id or -job.origin.user_id

    had: Counter[object] = Counter()

    def take(job: Job) -> None:
        user = job.origin.user_id
        had.update([("house", house(job)), ("user", user), ("user in house", house(job), user)])

    def asked(job: Job) -> tuple[float, int]:
        return job.created_at, job.origin.interaction_id

    for job in jobs:
        if job.state is not QUEUED:
            take(job)
    waiting, order = [job for job in jobs if job.state is QUEUED], list[str]()
    while waiting:
        heads = {
            house(job): min(
                (one for one in waiting if house(one) == house(job)),
                key=lambda one: (had["user in house", house(one), one.origin.user_id], *asked(one)),
            )
            for job in waiting
        }
        following = min(
            heads.values(), key=lambda one: (had["house", house(one)], had["user", one.origin.user_id], *asked(one))
        )
        take(following)
        waiting.remove(following)
        order.append(following.id)
    return order


@LAW
@given(crowd=CROWD)
async def test_the_places_told_are_those_in_which_the_queue_is_served(store: SqlJobStore, crowd: list[Asked]) -> None:
    jobs = await fill(store, crowd)
    told = {job.id: place for job in jobs if (place := await store.queue_position(job.id)) is not None}
    order = await serve_all(store)
    await clear(store, jobs)

    assert order == sorted(told, key=lambda job_id: told[job_id]) == taking_turns(jobs)
    assert sorted(told.values()) == list(range(1, len(told) + 1))


@LAW
@given(crowd=CROWD, limit=st.integers(1, 8))
async def test_taking_several_at_once_takes_the_same_ones(store: SqlJobStore, crowd: list[Asked], limit: int) -> None:
    jobs = await fill(store, crowd)
    served = await serve(store, limit)
    await clear(store, jobs)

    assert {job.id for job in served} == set(taking_turns(jobs)[:limit])


@LAW
@given(crowd=CROWD, guild=st.sampled_from([HERE, THERE]))
async def test_a_newcomer_waits_for_one_job_of_each_in_the_server_and_one_of_each_server_for_each_of_those(
    store: SqlJobStore, crowd: list[Asked], guild: int
) -> None:
    *others, mine = await fill(store, [*crowd, Asked(99, guild)])
    order = taking_turns([*others, mine])
    place = await store.queue_position(mine.id)
    await clear(store, [*others, mine])

    assert place == order.index(mine.id) + 1
    ahead = [job for job in others if job.id in order[: order.index(mine.id)]]
    in_my_server = Counter(job.origin.user_id for job in ahead if job.origin.guild_id == guild)
    assert max(in_my_server.values(), default=0) <= 1
    turn = 1 + in_my_server.total() + sum(job.origin.guild_id == guild and job.state is not QUEUED for job in others)
    elsewhere = Counter(job.origin.guild_id or -job.origin.user_id for job in ahead if job.origin.guild_id != guild)
    assert max(elsewhere.values(), default=0) <= turn
