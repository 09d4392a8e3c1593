from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import product

from jobs.errors import Reason
from jobs.model import Charge, Gate, JobState, Money
from jobs.ports import JobStore, JobTransaction, Traffic, Usage
from storage.store import SqlJobStore
from tests.factories import NOW, a_job, an_origin
from tests.storage.acts import put, put_one, undone

DAY, MONTH = NOW - 3_600, NOW - 100_000
ME = an_origin().user_id
HERE = an_origin().guild_id
PRICE = Money(250_000, "USD")
NOTHING = Usage(
    user_today=0, user_open=0, guild_open=0, user_month_micros=0, guild_month_micros=0, total_month_micros=0
)


async def used(tx: JobTransaction, *, guild_id: int | None = HERE, currency: str = "USD") -> Usage:
    return await tx.usage(user_id=ME, guild_id=guild_id, day_from=DAY, month_from=MONTH, currency=currency)


async def usage(store: JobStore, *, guild_id: int | None = HERE, currency: str = "USD") -> Usage:
    async with store.transaction() as tx:
        return await used(tx, guild_id=guild_id, currency=currency)


async def test_nothing_is_used_at_first(store: SqlJobStore) -> None:
    assert await usage(store) == NOTHING


async def test_what_counts_as_used_follows_from_state_and_charge(store: SqlJobStore) -> None:
    ends = {JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.UNCERTAIN, JobState.UNDELIVERED}
    for state, charge in product(JobState, Charge):
        never_made = state is JobState.CANCELLED or (state is JobState.FAILED and charge is Charge.RELEASED)
        money = 0 if charge is Charge.RELEASED else PRICE.micros
        async with undone(store) as tx:
            await tx.insert(a_job(state=state, charge=charge, price=PRICE), card_due_at=NOW)
            assert await used(tx) == Usage(
                user_today=0 if never_made else 1,
                user_open=0 if state in ends else 1,
                guild_open=0 if state in ends else 1,
                user_month_micros=money,
                guild_month_micros=money,
                total_month_micros=money,
            ), (state, charge)


async def test_each_count_has_its_own_person_server_period_and_currency(store: SqlJobStore) -> None:
    assert HERE is not None
    await put(
        store,
        a_job(price=PRICE),
        a_job(price=PRICE, origin=an_origin(guild_id=HERE + 1)),
        a_job(price=PRICE, origin=an_origin(user_id=ME + 1)),
        a_job(price=PRICE, origin=an_origin(user_id=ME + 1, guild_id=None)),
        a_job(price=PRICE, created_at=DAY - 1),
        a_job(price=PRICE, created_at=MONTH - 1),
        a_job(price=replace(PRICE, currency="CNY")),
    )
    assert await usage(store) == Usage(
        user_today=3,
        user_open=5,
        guild_open=5,
        user_month_micros=3 * PRICE.micros,
        guild_month_micros=3 * PRICE.micros,
        total_month_micros=5 * PRICE.micros,
    )
    assert (await usage(store, currency="CNY")).total_month_micros == PRICE.micros


async def test_direct_messages_share_no_server_limit(store: SqlJobStore) -> None:
    await put_one(store, origin=an_origin(guild_id=None))
    in_private = await usage(store, guild_id=None)
    assert (in_private.guild_open, in_private.guild_month_micros) == (0, 0)
    assert in_private.user_open == 1


async def test_an_overdue_job_is_no_longer_under_way(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.RENDERING, overdue=True)
    mine = await usage(store)
    assert (mine.user_today, mine.user_open, mine.guild_open) == (1, 0, 0)
    assert await store.count_open() == 0


async def test_jobs_under_way_are_counted_by_server_and_everywhere(store: SqlJobStore) -> None:
    assert HERE is not None
    await put(store, a_job(), a_job(state=JobState.DONE), a_job(origin=an_origin(guild_id=HERE + 1)))
    assert await store.count_open(HERE) == 1
    assert await store.count_open() == 2


async def test_many_at_once_in_two_processes_never_exceed_a_limit(store: SqlJobStore, other_store: SqlJobStore) -> None:
    limit = 3

    async def ask(number: int) -> bool:
        async with (store, other_store)[number % 2].transaction() as tx:
            before = await used(tx)
            await asyncio.sleep(0)
            if before.user_open >= limit:
                return False
            await tx.insert(a_job(), card_due_at=NOW)
            return True

    assert sum(await asyncio.gather(*(ask(number) for number in range(24)))) == limit
    assert (await usage(store)).user_open == limit


async def test_the_traffic_of_the_key_is_counted_from_the_rows(store: SqlJobStore, other_store: SqlJobStore) -> None:
    assert await store.traffic(since=0) == Traffic(creates=(), in_flight=0, gate=None)
    gate = Gate(reason=Reason.THROTTLED, since=NOW, closed_until=NOW + 9, attempt=2, detail="1002 rate limit")
    await put(store, *(a_job(state=state) for state in JobState), a_job(state=JobState.RENDERING, overdue=True))
    async with store.transaction() as tx:
        for at in (NOW - 10, NOW - 60, NOW - 59):
            await tx.note_create(at)
        await tx.set_gate(gate)
        inside = await tx.traffic(since=NOW - 60)

    assert inside == Traffic(creates=(NOW - 59, NOW - 10), in_flight=2, gate=gate)
    assert await other_store.traffic(since=NOW - 60) == inside


async def test_the_gate_is_moved_and_opened(store: SqlJobStore) -> None:
    gate = Gate(reason=Reason.OUT_OF_CREDIT, since=NOW, closed_until=NOW + 300)
    for wanted in (gate, replace(gate, closed_until=NOW + 600, attempt=1), None):
        async with store.transaction() as tx:
            await tx.set_gate(wanted)
        assert (await store.traffic(since=0)).gate == wanted


async def test_creates_of_long_ago_are_forgotten(store: SqlJobStore) -> None:
    async with store.transaction() as tx:
        await tx.note_create(NOW - 86_400)
        await tx.note_create(NOW)
    assert (await store.traffic(since=0)).creates == (NOW,)


async def test_questions_are_granted_up_to_the_rate_and_again_a_minute_later(store: SqlJobStore) -> None:
    async def take(wanted: int, now: float) -> int:
        return await store.take_queries(wanted, per_minute=10, now=now)

    assert [await take(4, NOW), await take(4, NOW + 30), await take(4, NOW + 40), await take(1, NOW + 59)] == [
        4,
        4,
        2,
        0,
    ]
    assert await take(9, NOW + 60) == 4
    assert await take(0, NOW + 60) == 0


async def test_a_clock_that_was_set_back_does_not_stop_the_asking(store: SqlJobStore) -> None:
    assert await store.take_queries(10, per_minute=10, now=NOW + 3_600) == 10
    assert await store.take_queries(10, per_minute=10, now=NOW) == 10


async def test_asking_does_not_use_up_the_rate_of_creating(store: SqlJobStore) -> None:
    await store.take_queries(10, per_minute=10, now=NOW)
    assert (await store.traffic(since=0)).creates == ()


async def test_two_processes_share_the_rate_of_questions(store: SqlJobStore, other_store: SqlJobStore) -> None:
    grants = await asyncio.gather(*(each.take_queries(3, per_minute=20, now=NOW) for each in (store, other_store) * 10))
    assert sum(grants) == 20
