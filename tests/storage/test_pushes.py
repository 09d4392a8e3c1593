"""What a push from the provider changes in the store: when its job is due, or a hint at a lost task, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.model import JobState
from storage.store import SqlJobStore
from tests.factories import NOW, a_task
from tests.storage.acts import claim_one, must_get, put_one


async def test_a_push_makes_its_job_due_at_once(store: SqlJobStore) -> None:
    job = await put_one(
        store, state=JobState.RENDERING, task=a_task(), callback_key="s3cret", due_at=NOW + 60, asked_at=NOW - 10
    )
    assert job.task is not None
    pushed = await store.pushed("s3cret", task_id=job.task.task_id, wake=True, now=NOW)

    assert pushed == replace(job, pushed_at=NOW, due_at=NOW)


async def test_a_push_about_another_task_than_the_jobs_own_changes_nothing(store: SqlJobStore) -> None:
    job = await put_one(
        store, state=JobState.RENDERING, task=a_task(task_id="76"), callback_key="s3cret", due_at=NOW + 60
    )

    assert await store.pushed("s3cret", task_id="77", wake=True, now=NOW) == job


async def test_an_address_is_known_by_its_key_alone(store: SqlJobStore) -> None:
    await put_one(store, callback_key="s3cret")
    await put_one(store)

    assert await store.has_callback("s3cret")
    assert not await store.has_callback("guess")


async def test_a_forged_push_changes_nothing(store: SqlJobStore) -> None:
    job = await put_one(store, state=JobState.RENDERING, callback_key="s3cret", due_at=NOW + 60)

    assert await store.pushed("guess", task_id="77", wake=True, now=NOW) is None
    assert await store.get(job.id) == job


async def test_pushes_never_make_a_job_asked_about_more_often_than_every_three_seconds(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.RENDERING, callback_key="s3cret", due_at=NOW + 60, asked_at=NOW - 1)
    pushed = await store.pushed("s3cret", task_id=None, wake=True, now=NOW)

    assert pushed is not None
    assert pushed.due_at == NOW + 2


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.QUEUED, JobState.POSTING])
async def test_a_late_push_moves_no_job_that_is_not_rendering(store: SqlJobStore, state: JobState) -> None:
    job = await put_one(store, state=state, task=a_task(), callback_key="s3cret", due_at=NOW + 60)
    pushed = await store.pushed("s3cret", task_id=None, wake=True, now=NOW)

    assert pushed == replace(job, pushed_at=NOW)


async def test_a_push_to_a_job_whose_task_is_lost_leaves_a_hint_and_a_wrong_one_does_not_keep_the_right_one_out(
    store: SqlJobStore,
) -> None:
    await put_one(store, state=JobState.UNCERTAIN, callback_key="s3cret", due_at=NOW + 60)
    await store.pushed("s3cret", task_id="77", wake=True, now=NOW)
    pushed = await store.pushed("s3cret", task_id="78", wake=True, now=NOW + 1)

    assert pushed is not None
    assert (pushed.hinted_task_id, pushed.due_at) == ("78", NOW)
    unnamed = await store.pushed("s3cret", task_id=None, wake=True, now=NOW + 2)
    assert unnamed is not None
    assert unnamed.hinted_task_id == "78"


@pytest.mark.parametrize("state", [JobState.RECEIVED, JobState.QUEUED, JobState.CANCELLED, JobState.FAILED])
async def test_a_job_that_can_have_no_task_takes_no_hint(store: SqlJobStore, state: JobState) -> None:
    await put_one(store, state=state, callback_key="s3cret", due_at=NOW + 60)
    pushed = await store.pushed("s3cret", task_id="77", wake=True, now=NOW)

    assert pushed is not None
    assert (pushed.hinted_task_id, pushed.due_at) == (None, NOW + 60)


async def test_a_push_while_a_lost_task_is_being_looked_for_is_not_lost(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.UNCERTAIN, callback_key="s3cret", due_at=NOW)
    looking = await claim_one(store, JobState.UNCERTAIN)
    await store.pushed("s3cret", task_id="77", wake=True, now=NOW + 1)
    await store.save(looking.later(NOW + 3600), now=NOW + 2)

    looking = await claim_one(store, JobState.UNCERTAIN, now=NOW + 2)
    assert looking.hinted_task_id == "77"
    await store.save(looking.later(NOW + 3600), now=NOW + 3)
    assert (await must_get(store, looking)).due_at == NOW + 3600


async def test_a_push_while_the_provider_is_being_asked_is_not_lost(store: SqlJobStore) -> None:
    job = await put_one(store, state=JobState.RENDERING, callback_key="s3cret", asked_at=NOW - 60)
    held = await claim_one(store, JobState.RENDERING)
    await store.pushed("s3cret", task_id=None, wake=True, now=NOW + 1)
    await store.save(replace(held, asked_at=NOW, due_at=NOW + 60), now=NOW + 2)

    assert (await must_get(store, job)).due_at == NOW + 3


async def test_a_push_that_only_tells_of_progress_makes_nothing_due(store: SqlJobStore) -> None:
    job = await put_one(store, state=JobState.RENDERING, task=a_task(), callback_key="s3cret", due_at=NOW + 60)
    pushed = await store.pushed("s3cret", task_id=None, wake=False, now=NOW)

    assert pushed == replace(job, pushed_at=NOW)
