"""What happens in the rows when the clock is set back; two machines' clocks that differ a little are no such case."""

from __future__ import annotations

import pytest

from jobs.errors import Reason
from jobs.model import Card, Gate, JobState
from jobs.ports import JobStore
from storage.store import SqlJobStore
from tests.factories import NOW, a_job
from tests.storage.acts import GRACE, LEASE, claim_one, must_get, put, put_one

HOLD = 30.0
HOUR = 3600.0
EARLIER = NOW - HOUR
"""What the clock says once it has been set back from `NOW`."""


async def note(store: JobStore, now: float) -> float:
    return await store.note_time(now, lease=LEASE, hold=HOLD, grace=GRACE)


async def set_back(store: JobStore) -> None:
    await note(store, NOW)
    assert await note(store, EARLIER) == HOUR


@pytest.mark.parametrize("later", [0, 30, HOUR, 30 * 86400])
async def test_time_that_goes_on_changes_nothing(store: SqlJobStore, later: float) -> None:
    job = await put_one(store, due_at=NOW + 2 * HOUR)
    await note(store, NOW)
    assert await note(store, NOW + later) == 0
    assert await must_get(store, job) == job


async def test_the_first_time_ever_noted_changes_nothing(store: SqlJobStore) -> None:
    job = await put_one(store, due_at=NOW + HOUR)
    assert await note(store, EARLIER) == 0
    assert await must_get(store, job) == job


async def test_what_waits_is_due_once_the_clock_was_set_back(store: SqlJobStore) -> None:
    await put(store, a_job(due_at=NOW + 10), a_job(due_at=NOW - 10), a_job(due_at=EARLIER - 10))
    ended = await put_one(store, state=JobState.DONE, due_at=None)
    await set_back(store)

    assert len(await store.claim({JobState.RECEIVED}, owner="w", now=EARLIER, lease=LEASE, limit=9)) == 3
    assert await must_get(store, ended) == ended


async def test_it_is_made_due_only_once(store: SqlJobStore) -> None:
    job = await put_one(store, due_at=NOW)
    await set_back(store)
    held = await claim_one(store, now=EARLIER)
    waiting = held.later(EARLIER + 600)
    await store.save(waiting, now=EARLIER)

    assert await note(store, EARLIER + 30) == 0
    assert (await must_get(store, job)).due_at == EARLIER + 600


async def test_of_two_processes_on_one_machine_one_mends_it(store: SqlJobStore, other_store: SqlJobStore) -> None:
    await set_back(store)
    assert await note(other_store, EARLIER + 1) == 0


async def test_the_claim_of_a_worker_that_died_before_ends_as_soon_as_any(store: SqlJobStore) -> None:
    job = await put_one(store)
    await claim_one(store)
    await set_back(store)

    assert not await store.claim({job.state}, owner="w", now=EARLIER + LEASE - 1, lease=LEASE, limit=1)
    assert await store.claim({job.state}, owner="w", now=EARLIER + LEASE, lease=LEASE, limit=1)


async def test_a_worker_that_lives_keeps_its_claim(store: SqlJobStore) -> None:
    await put_one(store)
    held = await claim_one(store)
    await set_back(store)

    assert await store.renew(held, lease_until=EARLIER + LEASE)
    assert await store.save(held.to(JobState.QUEUED, now=EARLIER), now=EARLIER)


async def test_a_clock_that_is_behind_by_less_than_a_lease_is_another_machines(store: SqlJobStore) -> None:
    job = await put_one(store, due_at=NOW + 10)
    await note(store, NOW)
    for behind in (1.0, LEASE):
        assert await note(store, NOW - behind) == 0
    assert await must_get(store, job) == job
    # Nor do such clocks move the time by little and little.
    assert await note(store, NOW - LEASE - 1) == LEASE + 1


async def test_cards_are_due_but_for_those_somebody_may_be_about_to_place(store: SqlJobStore) -> None:
    placed, unplaced = a_job(), a_job()
    await put(store, placed, unplaced)
    await store.place_card(placed.id, channel_id=1, message_id=2, now=NOW)
    await store.card_later(Card(job_id=placed.id), due_at=NOW + 10)
    await set_back(store)

    due = await store.claim_cards(now=EARLIER, hold=HOLD, limit=9)
    assert [item.job.id for item in due] == [placed.id]
    due = await store.claim_cards(now=EARLIER + GRACE, hold=HOLD, limit=9)
    assert [item.job.id for item in due] == [unplaced.id]


async def test_a_card_is_held_no_longer_than_one_that_is_taken_now(store: SqlJobStore) -> None:
    await put_one(store)
    assert len(await store.claim_cards(now=NOW + GRACE, hold=HOLD, limit=1)) == 1
    await set_back(store)

    assert await store.claim_cards(now=EARLIER + HOLD - 1, hold=HOLD, limit=1) == []
    assert len(await store.claim_cards(now=EARLIER + HOLD, hold=HOLD, limit=1)) == 1


async def test_the_gate_may_be_tried_and_paid_calls_leave_the_minute_in_time(store: SqlJobStore) -> None:
    gate = Gate(reason=Reason.THROTTLED, since=NOW - 5, closed_until=NOW + 60)
    async with store.transaction() as tx:
        await tx.set_gate(gate)
        for ago in (50, 5):
            await tx.note_create(NOW - ago)
    assert await store.take_queries(9, per_minute=9, now=NOW) == 9
    await set_back(store)

    traffic = await store.traffic(since=EARLIER - 60)
    assert traffic.creates == (EARLIER - 50, EARLIER - 5)
    assert traffic.gate is not None
    assert traffic.gate.closed_until == EARLIER
    assert await store.take_queries(9, per_minute=9, now=EARLIER) == 0
    assert await store.take_queries(9, per_minute=9, now=EARLIER + 60) == 9
