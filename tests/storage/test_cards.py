from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from jobs.model import Card, Job, JobState, Posted
from jobs.ports import DueCard, JobStore
from storage.store import SqlJobStore
from tests.factories import NOW, a_job, a_task
from tests.storage.acts import GRACE, claim_one, must_get, put, put_one

LONG_AFTER = NOW + 10_000
AGAIN = NOW + 10
HERE = Posted(channel_id=400_000_000_000_000_001, message_id=500_000_000_000_000_001)


async def due(store: JobStore, *, now: float = LONG_AFTER, hold: float = 0, limit: int = 10) -> list[DueCard]:
    return list(await store.claim_cards(now=now, hold=hold, limit=limit))


async def place(store: JobStore, job: Job, *, now: float = NOW) -> None:
    await store.place_card(job.id, channel_id=HERE.channel_id, message_id=HERE.message_id, now=now)


async def a_placed_job(store: JobStore, state: JobState = JobState.RECEIVED) -> Job:
    job = await put_one(store, state=state)
    await place(store, job)
    return job


async def change(store: JobStore, job: Job, *, now: float = NOW) -> Job:
    """Something visible happens to the job."""
    current = await must_get(store, job)
    assert await store.save(current, now=now)
    return current


async def test_a_new_jobs_card_waits_for_the_answer_that_may_place_it(store: SqlJobStore) -> None:
    job = await put_one(store)
    assert await store.next_card_due() == NOW + GRACE
    assert await due(store, now=NOW + GRACE - 1) == []
    assert await due(store, now=NOW + GRACE) == [DueCard(job=job, card=Card(job_id=job.id))]


async def test_a_change_does_not_post_a_card_while_the_answer_is_still_on_its_way(store: SqlJobStore) -> None:
    job = await put_one(store)
    await change(store, job, now=NOW + 1)
    assert await due(store, now=NOW + GRACE - 1) == []
    (found,) = await due(store, now=NOW + GRACE)
    assert found.card == Card(job_id=job.id, version=1)


async def test_a_placed_card_shows_the_truth_until_the_job_changes(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    assert await store.next_card_due() is None
    assert await due(store) == []

    await change(store, job, now=NOW + 5)

    assert await store.next_card_due() == NOW + 5
    (found,) = await due(store, now=NOW + 5)
    assert found.card == Card(
        job_id=job.id, channel_id=HERE.channel_id, message_id=HERE.message_id, version=1, edited_at=NOW
    )


async def test_a_card_placed_after_the_job_changed_is_due_at_once(store: SqlJobStore) -> None:
    job = await put_one(store)
    await change(store, job, now=NOW + 1)
    await place(store, job, now=NOW + 2)
    assert await store.next_card_due() == NOW + 2


async def test_the_job_beside_a_due_card_is_the_job_as_it_stands(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    claimed = await claim_one(store)
    assert await store.save(claimed.to(JobState.QUEUED, now=NOW), now=NOW)
    (found,) = await due(store)
    assert found.job == await must_get(store, job)
    assert found.job.state is JobState.QUEUED


async def test_a_change_that_is_not_visible_leaves_the_card_alone(store: SqlJobStore) -> None:
    await a_placed_job(store)
    job = await claim_one(store)
    assert await store.save(job.later(NOW + 9), now=NOW, card=False)
    assert await due(store) == []


async def test_a_write_that_came_too_late_leaves_the_card_alone(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await claim_one(store)
    assert not await store.save(job, now=NOW)
    assert await due(store) == []


async def by_saving(store: JobStore, job: Job) -> None:
    async with store.transaction() as tx:
        assert await tx.save(job, now=NOW)


async def by_seizing(store: JobStore, job: Job) -> None:
    async with store.transaction() as tx:
        await tx.seize(job, now=NOW)


async def by_finding_its_task(store: JobStore, job: Job) -> None:
    assert await store.found(job.id, a_task(), now=NOW)


@pytest.mark.parametrize("alter", [change, by_saving, by_seizing, by_finding_its_task])
async def test_every_way_of_changing_a_job_counts_as_one_version(
    store: SqlJobStore, alter: Callable[[JobStore, Job], Awaitable[object]]
) -> None:
    job = await a_placed_job(store, JobState.UNCERTAIN)
    await alter(store, job)
    (found,) = await due(store)
    assert found.card.version == 1


async def test_a_claimed_card_is_not_claimed_again_until_the_hold_ends(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await change(store, job)
    assert len(await due(store, now=NOW, hold=60)) == 1
    assert await store.next_card_due() == NOW + 60
    assert await due(store, now=NOW + 59) == []
    assert len(await due(store, now=NOW + 60)) == 1


async def test_a_change_while_the_card_is_being_shown_lets_no_second_one_in(store: SqlJobStore) -> None:
    job = await put_one(store)
    assert len(await due(store, now=NOW + GRACE, hold=60)) == 1
    await change(store, job, now=NOW + GRACE + 1)
    assert await due(store, now=NOW + GRACE + 2) == []


async def test_a_shown_card_is_settled_when_nothing_changed_meanwhile(store: SqlJobStore) -> None:
    job = await put_one(store)
    (item,) = await due(store, now=NOW + GRACE, hold=60)
    await store.card_shown(item.card, at=HERE, now=NOW + GRACE, again_at=AGAIN)
    assert await store.next_card_due() is None

    await change(store, job, now=NOW + 40)
    (found,) = await due(store, now=NOW + 40)
    assert found.card == Card(
        job_id=job.id, channel_id=HERE.channel_id, message_id=HERE.message_id, version=1, edited_at=NOW + GRACE
    )


async def test_a_card_that_showed_an_old_version_is_due_again_at_the_time_given(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await change(store, job)
    (item,) = await due(store, now=NOW, hold=60)
    await change(store, job, now=NOW + 1)
    await store.card_shown(item.card, at=HERE, now=NOW + 2, again_at=NOW + 12)
    assert await store.next_card_due() == NOW + 12
    (found,) = await due(store, now=NOW + 12)
    assert found.card.version == item.card.version + 1


async def test_a_card_put_off_comes_back_at_the_time_given(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await change(store, job)
    (item,) = await due(store, now=NOW, hold=60)
    await store.card_later(item.card, due_at=NOW + 5)
    assert await store.next_card_due() == NOW + 5
    assert await due(store, now=NOW + 4) == []
    assert len(await due(store, now=NOW + 5)) == 1


async def test_a_card_put_off_comes_back_at_once_if_its_job_has_changed_meanwhile(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await change(store, job)
    (item,) = await due(store, now=NOW, hold=60)
    await change(store, job)
    await store.card_later(item.card, due_at=NOW + 10)

    assert len(await due(store, now=NOW + 1)) == 1


async def test_a_lost_card_never_comes_due_again(store: SqlJobStore) -> None:
    job = await a_placed_job(store, JobState.QUEUED)
    await change(store, job)
    (item,) = await due(store, now=NOW, hold=60)
    await store.card_lost(job.id)

    await change(store, job)
    await store.refresh_queue_cards(now=NOW, shown=20)
    await store.card_later(item.card, due_at=NOW)
    await store.card_shown(item.card, at=HERE, now=NOW, again_at=NOW)
    await place(store, job)

    assert await store.next_card_due() is None
    assert await due(store) == []


async def test_the_cards_of_ended_jobs_go_first_then_the_oldest_due(store: SqlJobStore) -> None:
    waiting = [await a_placed_job(store, JobState.RENDERING) for _ in range(2)]
    ended = await a_placed_job(store, JobState.POSTING)
    await change(store, waiting[1], now=NOW + 1)
    await change(store, waiting[0], now=NOW + 2)
    assert await store.save(ended.to(JobState.DONE, now=NOW + 3), now=NOW + 3)

    assert [found.job.id for found in await due(store)] == [ended.id, waiting[1].id, waiting[0].id]
    assert [found.job.id for found in await due(store, limit=1)] == [ended.id]


async def test_a_job_that_goes_on_after_its_end_waits_its_turn_again(store: SqlJobStore) -> None:
    first = await a_placed_job(store, JobState.RENDERING)
    revived = await a_placed_job(store, JobState.UNDELIVERED)
    await change(store, first, now=NOW + 1)
    async with store.transaction() as tx:
        await tx.seize(revived.to(JobState.FETCHING, now=NOW + 2), now=NOW + 2)
    assert [found.job.id for found in await due(store)] == [first.id, revived.id]


async def test_changes_do_not_push_a_waiting_card_back_in_its_turn(store: SqlJobStore) -> None:
    patient, late = [await a_placed_job(store, JobState.RENDERING) for _ in range(2)]
    await change(store, patient, now=NOW + 1)
    await change(store, late, now=NOW + 2)
    await change(store, patient, now=NOW + 3)
    assert [found.job.id for found in await due(store)] == [patient.id, late.id]


async def show(store: JobStore, item: DueCard, *, place: int | None, now: float = NOW) -> None:
    await store.card_shown(item.card, at=HERE, now=now, again_at=now, place=place)


async def test_when_the_queue_moves_the_cards_that_show_another_place_become_due(store: SqlJobStore) -> None:
    right, wrong, none = [await a_placed_job(store, JobState.QUEUED) for _ in range(3)]
    await a_placed_job(store, JobState.RENDERING)
    for job, place in ((right, 1), (wrong, 3)):
        await change(store, job)
        (item,) = await due(store, hold=60)
        await show(store, item, place=place)
    await store.refresh_queue_cards(now=NOW + 5, shown=20)

    assert await store.next_card_due() == NOW + 5
    assert {found.job.id for found in await due(store)} == {wrong.id, none.id}


async def test_cards_far_back_in_the_queue_show_no_place_and_are_left_alone(store: SqlJobStore) -> None:
    jobs = [await a_placed_job(store, JobState.QUEUED) for _ in range(6)]
    await store.refresh_queue_cards(now=NOW, shown=4)

    assert {found.job.id for found in await due(store)} == {job.id for job in jobs[:4]}


async def test_a_card_that_falls_far_back_is_due_to_say_so(store: SqlJobStore) -> None:
    job = await a_placed_job(store, JobState.QUEUED)
    await change(store, job)
    (item,) = await due(store, hold=60)
    await show(store, item, place=1)
    earlier = [await put_one(store, state=JobState.QUEUED, created_at=NOW - 9, due_at=NOW) for _ in range(4)]
    await store.refresh_queue_cards(now=NOW + 5, shown=4)
    assert job.id in {found.job.id for found in await due(store, now=NOW + 5)}

    (item,) = [found for found in await due(store, hold=60) if found.job.id == job.id]
    await show(store, item, place=None)
    await store.refresh_queue_cards(now=NOW + 6, shown=4)
    assert {found.job.id for found in await due(store)}.isdisjoint({job.id, *(one.id for one in earlier)})


async def test_a_queue_move_while_a_card_is_being_shown_is_not_forgotten(store: SqlJobStore) -> None:
    await a_placed_job(store, JobState.QUEUED)
    await store.refresh_queue_cards(now=NOW, shown=20)
    (item,) = await due(store, now=NOW, hold=60)
    await store.refresh_queue_cards(now=NOW + 1, shown=20)
    await store.card_shown(item.card, at=HERE, now=NOW + 2, again_at=NOW + 12, place=1)
    assert await store.next_card_due() == NOW + 12


# --- ticks -------------------------------------------------------------------------------------------------------


async def a_ticking_card(store: JobStore, *, tick_at: float, state: JobState = JobState.RENDERING) -> Job:
    """The card of a job of which nothing is new but how long it has taken."""
    job = await a_placed_job(store, state)
    await change(store, job, now=NOW - 1)
    (item,) = await due(store, now=NOW - 1, hold=60)
    await store.card_shown(item.card, at=HERE, now=NOW, again_at=NOW, tick_at=tick_at)
    return job


async def test_a_card_whose_estimate_moves_on_is_due_then_and_not_before(store: SqlJobStore) -> None:
    job = await a_ticking_card(store, tick_at=NOW + 12)

    assert await store.next_card_due() == NOW + 12
    assert await due(store, now=NOW + 11) == []
    (found,) = await due(store, now=NOW + 12)
    assert (found.job.id, found.card.version) == (job.id, 1)


async def test_estimates_are_shown_after_every_card_with_news_however_long_they_have_been_due(
    store: SqlJobStore,
) -> None:
    first, second = [await a_ticking_card(store, tick_at=NOW + at) for at in (1, 2)]
    changed = await a_placed_job(store, JobState.RENDERING)
    await change(store, changed, now=NOW + 500)
    ended = await a_placed_job(store, JobState.POSTING)
    assert await store.save(ended.to(JobState.DONE, now=NOW + 501), now=NOW + 501)

    found = [item.job.id for item in await due(store)]
    assert found == [ended.id, changed.id, first.id, second.id]
    assert [item.job.id for item in await due(store, limit=2)] == [ended.id, changed.id]


@pytest.mark.parametrize("tick_at", [NOW + 1, NOW + 300])
async def test_a_change_does_not_wait_for_the_tick_nor_behind_others(store: SqlJobStore, tick_at: float) -> None:
    job = await a_ticking_card(store, tick_at=tick_at)
    other = await a_ticking_card(store, tick_at=NOW + 2)
    await change(store, job, now=NOW + 5)

    assert [item.job.id for item in await due(store, now=NOW + 5)] == [job.id, other.id]


async def test_a_change_while_an_estimate_is_being_shown_is_shown_next_before_other_estimates(
    store: SqlJobStore,
) -> None:
    job = await a_ticking_card(store, tick_at=NOW + 1)
    (item,) = await due(store, now=NOW + 1, hold=60)
    await change(store, job, now=NOW + 2)
    await store.card_shown(item.card, at=HERE, now=NOW + 3, again_at=NOW + 13, tick_at=NOW + 40)
    await a_ticking_card(store, tick_at=NOW + 2)

    assert (await due(store, now=NOW + 13))[0].job.id == job.id


async def test_the_end_of_a_job_ends_its_ticking(store: SqlJobStore) -> None:
    job = await a_ticking_card(store, tick_at=NOW + 12, state=JobState.POSTING)
    assert await store.save((await must_get(store, job)).to(JobState.DONE, now=NOW + 1), now=NOW + 1)
    (item,) = await due(store, now=NOW + 1, hold=60)
    await store.card_shown(item.card, at=HERE, now=NOW + 1, again_at=NOW + 1)

    assert await store.next_card_due() is None


async def test_a_renewed_card_is_shown_at_once_even_if_it_was_lost(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await store.card_lost(job.id)
    async with store.transaction() as tx:
        await tx.renew_card(job.id, now=NOW + 5)
    (found,) = await due(store, now=NOW + 5)

    assert (found.card.lost, found.card.edited_at) == (False, 0.0)


async def test_a_card_renewed_while_it_is_being_shown_is_shown_once_more(store: SqlJobStore) -> None:
    job = await a_placed_job(store)
    await change(store, job)
    (held,) = await due(store, hold=60)
    async with store.transaction() as tx:
        await tx.renew_card(job.id, now=LONG_AFTER)
    assert await due(store) == []
    await store.card_shown(held.card, at=HERE, now=LONG_AFTER, again_at=LONG_AFTER)

    assert [one.job.id for one in await due(store)] == [job.id]


async def test_a_lost_card_does_not_tick(store: SqlJobStore) -> None:
    job = await a_ticking_card(store, tick_at=NOW + 1)
    (item,) = await due(store, now=NOW + 1, hold=60)
    await store.card_lost(job.id)
    await store.card_shown(item.card, at=HERE, now=NOW + 2, again_at=NOW + 2, tick_at=NOW + 3)

    assert await store.next_card_due() is None
    assert await due(store) == []


async def test_two_processes_show_each_card_once(store: SqlJobStore, other_store: SqlJobStore) -> None:
    jobs = [a_job() for _ in range(30)]
    await put(store, *jobs, card_due_at=NOW)

    async def show(number: int) -> list[str]:
        mine: list[str] = []
        while batch := await due((store, other_store)[number % 2], now=NOW, hold=60, limit=4):
            mine += [item.job.id for item in batch]
        return mine

    shares = await asyncio.gather(*(show(number) for number in range(8)))
    assert sorted(job_id for share in shares for job_id in share) == sorted(job.id for job in jobs)


async def test_queue_moves_of_two_processes_do_not_block_one_another(
    store: SqlJobStore, other_store: SqlJobStore
) -> None:
    for _ in range(40):
        await a_placed_job(store, JobState.QUEUED)
    held = await due(store, now=NOW, hold=60)
    assert held == []
    stores = (store, other_store) * 5
    await asyncio.gather(*(each.refresh_queue_cards(now=NOW, shown=30) for each in stores))
    assert len(await due(store, limit=40)) == 30
