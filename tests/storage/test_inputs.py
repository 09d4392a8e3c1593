"""The files that jobs were asked for with: kept in order, copied for a retry, and forgotten in time."""

from __future__ import annotations

from jobs.model import InputFile, JobState, Note, Role
from storage.store import SqlJobStore
from tests.factories import NOW
from tests.storage.acts import put_one

PICTURE = InputFile(role=Role.FIRST_FRAME, media_type="image/png", data=b"\x89PNG\0", notes=(Note.PICTURE_PADDED,))
SOUND = InputFile(role=Role.REFERENCE_AUDIO, media_type="audio/mpeg", data=b"ID3")


async def test_a_jobs_files_are_kept_in_order_and_given_again_replace_the_old(store: SqlJobStore) -> None:
    job = await put_one(store)
    assert await store.inputs_of(job.id) == []
    await store.put_inputs(job.id, [SOUND])
    await store.put_inputs(job.id, [PICTURE, SOUND])

    assert await store.inputs_of(job.id) == [PICTURE, SOUND]


async def test_a_retry_gets_the_files_of_the_job_it_repeats(store: SqlJobStore) -> None:
    first, second = await put_one(store), await put_one(store)
    await store.put_inputs(first.id, [PICTURE, SOUND])
    async with store.transaction() as tx:
        assert await tx.copy_inputs(first.id, second.id) == 2

    assert await store.inputs_of(second.id) == await store.inputs_of(first.id) == [PICTURE, SOUND]


async def test_the_files_of_jobs_that_ended_long_ago_are_forgotten(store: SqlJobStore) -> None:
    under_way = await put_one(store, state=JobState.RENDERING)
    old = await put_one(store, state=JobState.DONE, finished_at=NOW - 10)
    new = await put_one(store, state=JobState.DONE, finished_at=NOW)
    for job in (under_way, old, new):
        await store.put_inputs(job.id, [PICTURE])

    assert await store.drop_inputs(ended_before=NOW - 5) == 1
    assert [len(await store.inputs_of(job.id)) for job in (under_way, old, new)] == [1, 0, 1]
