"""What tests of the store do again and again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

from jobs.model import Job, JobState
from jobs.ports import JobStore, JobTransaction
from tests.factories import NOW, a_job

GRACE = 15.0
LEASE = 60.0


class UndoError(Exception):
    """Ends a transaction without a trace."""


@asynccontextmanager
async def undone(store: JobStore) -> AsyncGenerator[JobTransaction]:
    """A transaction that is always rolled back."""
    with suppress(UndoError):
        async with store.transaction() as tx:
            yield tx
            raise UndoError


async def put(store: JobStore, *jobs: Job, card_due_at: float = NOW + GRACE) -> None:
    async with store.transaction() as tx:
        for job in jobs:
            await tx.insert(job, card_due_at=card_due_at)


async def put_one(store: JobStore, **changes: Any) -> Job:
    job = a_job(**changes)
    await put(store, job)
    return job


async def claim_one(store: JobStore, state: JobState = JobState.RECEIVED, *, now: float = NOW) -> Job:
    (job,) = await store.claim({state}, owner="worker", now=now, lease=LEASE, limit=1)
    return job


async def must_get(store: JobStore, job: Job) -> Job:
    found = await store.get(job.id)
    assert found is not None
    return found


def claimed(job: Job, times: int = 1) -> Job:
    """The job as the store hands it out after so many claims."""
    return replace(job, fence=job.fence + times)
