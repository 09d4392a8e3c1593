"""What operators watch is what is in the rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.errors import Reason
from jobs.model import Charge, Failure, Gate, Job, JobState, Money, Posted, Task
from jobs.ports import Deliveries
from storage.store import SqlJobStore
from tests.factories import NOW, a_job

BOUNDS = (5.0, 30.0)
TASK = Task(task_id="17", base_url="http://127.0.0.1:1")


async def there_are(store: SqlJobStore, *jobs: Job, card_due_at: float = NOW + 3600) -> None:
    async with store.transaction() as transaction:
        for job in jobs:
            await transaction.insert(job, card_due_at=card_due_at)


def delivered(seconds: float) -> Job:
    return a_job(
        state=JobState.DONE, charge=Charge.SPENT, task=TASK, asks=3, rendered_at=NOW, finished_at=NOW + seconds
    )


async def test_of_nothing_there_is_nothing(store: SqlJobStore) -> None:
    figures = await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)

    assert (figures.jobs, figures.overdue, figures.money) == ({}, 0, {})
    assert (figures.tasks, figures.asks) == (0, 0)
    assert figures.deliveries == Deliveries(within={5.0: 0, 30.0: 0}, number=0, seconds=0.0)
    assert (figures.cards_late, figures.oldest_card, figures.gate) == (0, None, None)


async def test_jobs_are_told_apart_by_state_and_by_the_reason_of_their_end(store: SqlJobStore) -> None:
    failed = a_job(state=JobState.FAILED, failure=Failure(reason=Reason.MODERATED_INPUT))
    await there_are(
        store,
        a_job(state=JobState.QUEUED),
        a_job(state=JobState.QUEUED),
        failed,
        a_job(state=JobState.FAILED, failure=Failure(reason=Reason.TASK_LOST)),
    )

    assert (await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)).jobs == {
        (JobState.QUEUED, None): 2,
        (JobState.FAILED, Reason.MODERATED_INPUT): 1,
        (JobState.FAILED, Reason.TASK_LOST): 1,
    }


async def test_only_what_is_still_under_way_is_overdue(store: SqlJobStore) -> None:
    await there_are(
        store,
        a_job(state=JobState.RENDERING, overdue=True),
        a_job(state=JobState.RENDERING),
        replace(delivered(1), overdue=True),
    )

    assert (await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)).overdue == 1


async def test_money_is_told_apart_by_currency_and_by_what_became_of_it(store: SqlJobStore) -> None:
    await there_are(
        store,
        a_job(price=Money.of("0.28", "USD")),
        a_job(price=Money.of("0.56", "USD")),
        a_job(price=Money.of("2", "CNY"), charge=Charge.SPENT),
        a_job(price=Money.of("0.28", "USD"), charge=Charge.RELEASED),
    )

    assert (await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)).money == {
        ("USD", Charge.HELD): 840_000,
        ("CNY", Charge.SPENT): 2_000_000,
        ("USD", Charge.RELEASED): 280_000,
    }


async def test_tasks_and_questions_are_counted_over_all_jobs(store: SqlJobStore) -> None:
    await there_are(store, delivered(1), a_job(state=JobState.RENDERING, task=TASK, asks=2), a_job())

    figures = await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)

    assert (figures.tasks, figures.asks) == (2, 5)


async def test_deliveries_are_those_that_reached_somebody(store: SqlJobStore) -> None:
    never_arrived = a_job(state=JobState.UNDELIVERED, rendered_at=NOW, finished_at=NOW + 3)
    await there_are(store, *map(delivered, (1, 5, 20, 100)), never_arrived)

    assert (await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)).deliveries == Deliveries(
        within={5.0: 2, 30.0: 3}, number=4, seconds=126.0
    )


async def test_cards_are_late_from_the_moment_they_were_to_be_shown(store: SqlJobStore) -> None:
    await there_are(store, a_job(), card_due_at=NOW + 1)
    await there_are(store, a_job(), a_job(), card_due_at=NOW - 20)
    shown = a_job()
    await there_are(store, shown, card_due_at=NOW - 100)
    [due] = [due for due in await store.claim_cards(now=NOW, hold=60, limit=9) if due.job.id == shown.id]
    await store.card_shown(due.card, at=Posted(channel_id=1, message_id=2), now=NOW, again_at=NOW)

    figures = await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)

    assert (figures.cards_late, figures.oldest_card) == (2, NOW - 20)


@pytest.mark.parametrize("gate", [None, Gate(reason=Reason.THROTTLED, since=NOW, closed_until=NOW + 30)])
async def test_the_pause_is_told(store: SqlJobStore, gate: Gate | None) -> None:
    async with store.transaction() as transaction:
        await transaction.set_gate(gate)

    assert (await store.bookkeeper.figures(now=NOW, bounds=BOUNDS)).gate == gate
