from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from jobs.model import Job, JobState
from jobs.ports import JobStore
from storage.store import SqlJobStore
from tests.factories import NOW, a_job, an_origin
from tests.storage.acts import LEASE, claim_one, claimed, must_get, put, put_one

RECEIVED, QUEUED, RENDERING = JobState.RECEIVED, JobState.QUEUED, JobState.RENDERING


async def claim(
    store: JobStore, *states: JobState, now: float = NOW, limit: int = 10, owner: str = "worker", lease: float = LEASE
) -> list[Job]:
    return list(await store.claim(states, owner=owner, now=now, lease=lease, limit=limit))


async def test_a_due_job_is_claimed_with_the_next_fence(store: SqlJobStore) -> None:
    job = await put_one(store)
    assert await claim(store, RECEIVED) == [claimed(job)]
    assert await store.get(job.id) == claimed(job)


async def test_only_due_jobs_in_the_states_asked_for_are_claimed(store: SqlJobStore) -> None:
    due = a_job(state=RENDERING)
    await put(
        store, due, a_job(state=RENDERING, due_at=NOW + 1), a_job(state=QUEUED), a_job(state=RENDERING, due_at=None)
    )
    assert await claim(store, RENDERING) == [claimed(due)]


async def test_no_states_claim_nothing(store: SqlJobStore) -> None:
    await put_one(store)
    assert await claim(store) == []


async def test_a_held_job_is_not_claimed_again_until_its_lease_ends(store: SqlJobStore) -> None:
    job = await put_one(store)
    await claim(store, RECEIVED, lease=60)
    assert await claim(store, RECEIVED, now=NOW + 59) == []
    assert await claim(store, RECEIVED, now=NOW + 60) == [claimed(job, 2)]


async def test_the_earliest_due_comes_first(store: SqlJobStore) -> None:
    first, second, third = (a_job(state=RENDERING, due_at=NOW - ago) for ago in (30, 20, 10))
    await put(store, second, third, first)
    assert await claim(store, RENDERING, limit=2) == [claimed(first), claimed(second)]


async def test_among_the_queued_who_asked_first_comes_first_however_often_it_was_put_off(store: SqlJobStore) -> None:
    early = a_job(state=QUEUED, created_at=NOW - 100, due_at=NOW)
    late = a_job(state=QUEUED, created_at=NOW - 50, due_at=NOW - 50)
    await put(store, late, early)
    assert await claim(store, QUEUED, limit=1) == [claimed(early)]


async def test_of_two_made_at_the_same_time_the_earlier_interaction_comes_first(store: SqlJobStore) -> None:
    first, second = (a_job(state=QUEUED, origin=an_origin(interaction_id=i)) for i in (1, 2))
    await put(store, second, first)
    assert [job.id for job in await claim(store, QUEUED)] == [first.id, second.id]


async def test_many_workers_of_two_processes_claim_each_job_once(store: SqlJobStore, other_store: SqlJobStore) -> None:
    jobs = [a_job(state=RENDERING, due_at=NOW - i) for i in range(60)]
    await put(store, *jobs)

    async def work(number: int) -> list[str]:
        mine: list[str] = []
        while batch := await claim((store, other_store)[number % 2], RENDERING, limit=3, owner=f"worker {number}"):
            mine += [job.id for job in batch]
            assert {job.fence for job in batch} == {1}
        return mine

    shares = await asyncio.gather(*(work(number) for number in range(12)))
    taken = Counter(job_id for share in shares for job_id in share)
    assert taken == Counter(job.id for job in jobs)


async def test_a_late_writer_with_the_old_fence_changes_nothing(store: SqlJobStore) -> None:
    await put_one(store, state=RENDERING)
    old = await claim_one(store, RENDERING)
    new = await claim_one(store, RENDERING, now=NOW + LEASE)
    before = await store.claim_cards(now=NOW + 1000, hold=0, limit=1)

    assert not await store.save(old.to(JobState.FETCHING, now=NOW), now=NOW)
    assert not await store.renew(old, lease_until=NOW + 10_000)
    async with store.transaction() as tx:
        assert not await tx.save(old.to(JobState.FETCHING, now=NOW), now=NOW)

    assert await store.get(old.id) == new
    assert await store.claim_cards(now=NOW + 2000, hold=0, limit=1) == before
    assert await store.save(new.later(NOW + 99), now=NOW + LEASE)


async def test_a_renewed_claim_holds_longer(store: SqlJobStore) -> None:
    await put_one(store)
    job = await claim_one(store)
    assert await store.renew(job, lease_until=NOW + 500)
    assert await claim(store, RECEIVED, now=NOW + 499) == []
    assert await claim(store, RECEIVED, now=NOW + 500) == [claimed(job)]


async def test_saving_gives_the_claim_back(store: SqlJobStore) -> None:
    await put_one(store)
    job = await claim_one(store)
    assert await store.save(job.later(NOW + 1), now=NOW)
    assert await claim(store, RECEIVED, now=NOW + 1) == [claimed(job.later(NOW + 1))]


async def test_a_renewal_that_comes_too_late_does_not_take_back_what_was_given(store: SqlJobStore) -> None:
    await put_one(store)
    job = await claim_one(store)
    await store.save(job.later(NOW + 1), now=NOW)

    assert not await store.renew(job, lease_until=NOW + 500)
    assert await claim(store, RECEIVED, now=NOW + 1) == [claimed(job.later(NOW + 1))]


@pytest.mark.parametrize("inside_a_transaction", [False, True])
async def test_saving_midway_keeps_the_claim_and_its_fence(store: SqlJobStore, inside_a_transaction: bool) -> None:
    await put_one(store, state=QUEUED)
    job = (await claim_one(store, QUEUED)).to(JobState.SUBMITTING, now=NOW)
    if inside_a_transaction:
        async with store.transaction() as tx:
            assert await tx.save(job, now=NOW)
    else:
        assert await store.save(job, now=NOW, release=False)
    assert await claim(store, JobState.SUBMITTING) == []
    assert await store.save(job.to(JobState.UNCERTAIN, now=NOW), now=NOW)


async def test_a_job_may_end_its_claim_without_being_due_again(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.POSTING)
    job = await claim_one(store, JobState.POSTING)
    assert await store.save(job.to(JobState.DONE, now=NOW), now=NOW)
    assert await claim(store, *JobState, now=NOW + 10**9) == []
    assert await store.next_due() == {}


async def test_seizing_writes_over_a_claim_and_ends_it(store: SqlJobStore) -> None:
    await put_one(store, state=QUEUED)
    worker = await claim_one(store, QUEUED)
    async with store.transaction() as tx:
        job = await tx.get(worker.id)
        assert job is not None
        await tx.seize(job.to(JobState.CANCELLED, now=NOW), now=NOW)

    assert not await store.save(worker.to(JobState.SUBMITTING, now=NOW), now=NOW)
    assert (await must_get(store, worker)).state is JobState.CANCELLED


async def test_a_seized_job_can_be_claimed_at_once(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.UNDELIVERED, due_at=None)
    job = a_job(state=JobState.UNDELIVERED)
    await put(store, job)
    await claim_one(store, JobState.UNDELIVERED)
    async with store.transaction() as tx:
        await tx.seize(job.to(JobState.FETCHING, now=NOW), now=NOW)
    assert [found.id for found in await claim(store, JobState.FETCHING)] == [job.id]


async def test_the_next_due_time_is_when_a_job_can_be_claimed(store: SqlJobStore) -> None:
    assert await store.next_due() == {}
    await put(store, a_job(due_at=NOW + 1), a_job(due_at=NOW))
    await put(store, a_job(state=RENDERING, due_at=NOW + 5), a_job(state=RENDERING, due_at=None))
    assert await store.next_due() == {RECEIVED: NOW, RENDERING: NOW + 5}

    await claim(store, RECEIVED, now=NOW + 1, lease=3)
    assert await store.next_due() == {RECEIVED: NOW + 4, RENDERING: NOW + 5}


async def test_a_job_due_after_its_lease_is_next_at_its_due_time(store: SqlJobStore) -> None:
    await put_one(store)
    job = await claim_one(store)
    await store.save(job.later(NOW + 500), now=NOW, release=False)
    assert await store.next_due() == {RECEIVED: NOW + 500}


async def test_a_start_that_is_alone_takes_back_what_dead_workers_held(store: SqlJobStore) -> None:
    held = await put_one(store)
    await claim(store, RECEIVED)
    assert await claim(store, RECEIVED, owner="next") == []

    assert await store.release_claims() == 1
    assert await claim(store, RECEIVED, owner="next") == [claimed(held, 2)]
