"""The job store on SQLite and PostgreSQL; start here with `open_store`.

Knows the statements and the database; implements `jobs.ports.JobStore`. Every method is one transaction of its own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import Executable, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from jobs.model import ENDS, Card, InputFile, Job, JobState, Posted, Task, VideoRequest
from jobs.ports import DueCard, Traffic

from . import cards, claim, counts
from .bookkeeper import SqlBookkeeper
from .database import BUSY_TIMEOUT, Database, Lock, parse_url
from .library import SqlLibrary
from .rows import card_of, input_of, input_values, job_of
from .schema import migrate
from .tables import inputs, jobs, known_facts, provider_calls
from .transaction import SqlJobTransaction, read_traffic
from .turns import place_of

_MINUTE: Final = 60.0
_LATEST_TIME: Final = "latest time"


@asynccontextmanager
async def open_store(url: str, *, busy_timeout: float = BUSY_TIMEOUT) -> AsyncGenerator[SqlJobStore]:
    """The store behind this URL, its schema brought up to date first; closed on leaving.

    Args:
        url: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`.
        busy_timeout: Seconds to wait for a lock that another process has.

    Raises:
        UnusableDatabase: An operator must act; the message is one sentence.
        StoreUnavailable: The database cannot be used now.
    """
    await migrate(url, busy_timeout=busy_timeout)
    database = Database(parse_url(url), busy_timeout=busy_timeout)
    try:
        yield SqlJobStore(database)
    finally:
        await database.close()


class SqlJobStore:
    """Implements `jobs.ports.JobStore`; what each method promises is said there.

    Every method raises `StoreUnavailable` while the database is locked, full or out of reach.

    Args:
        database: Open, with the current schema.

    Attributes:
        library: What people come back to, in the same database.
        bookkeeper: What operators watch, counted in the same database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.library = SqlLibrary(database)
        self.bookkeeper = SqlBookkeeper(database)

    @asynccontextmanager
    async def transaction(self, *, urgent: bool = False) -> AsyncGenerator[SqlJobTransaction]:
        """A write transaction; leaving it normally commits, an exception rolls back."""
        # Under the lock, so that two who check a limit cannot both find the last place free.
        async with self._database.write(Lock.CREATE, urgent=urgent) as connection:
            yield SqlJobTransaction(connection)

    async def claim(
        self, states: Collection[JobState], *, owner: str, now: float, lease: float, limit: int
    ) -> Sequence[Job]:
        """Takes up to `limit` due jobs in these states whose lease is empty or expired."""
        statement = claim.claim(states, owner=owner, now=now, lease=lease, limit=limit)
        async with self._database.write() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return sorted((job_of(row) for row in rows), key=lambda job: job.origin.interaction_id)

    async def release_claims(self) -> int:
        """Gives back every claim; returns how many there were."""
        async with self._database.write() as connection:
            await connection.execute(cards.release_all())
            return len((await connection.scalars(claim.release_all())).all())

    async def renew(self, job: Job, *, lease_until: float) -> bool:
        """Keeps a claim alive; False means it was lost."""
        async with self._database.write() as connection:
            return await connection.scalar(claim.renew(job, lease_until=lease_until)) is not None

    async def save(self, job: Job, *, now: float, release: bool = True, card: bool = True) -> bool:
        """Writes the job if the fence still holds; False means the claim was lost."""
        async with self._database.write() as connection:
            if await connection.scalar(claim.save(job, release=release)) is None:
                return False
            if card:
                await connection.execute(cards.changed(job, now=now))
            return True

    async def put_inputs(self, job_id: str, files: Sequence[InputFile]) -> None:
        """Keeps the files a job is made from, in order, instead of any kept before."""
        async with self._database.write() as connection:
            await connection.execute(delete(inputs).where(inputs.c.job_id == job_id))
            if files:
                await connection.execute(insert(inputs), input_values(job_id, files))

    async def inputs_of(self, job_id: str) -> Sequence[InputFile]:
        """The files a job is made from, in order; empty if none are kept (any more)."""
        query = select(inputs).where(inputs.c.job_id == job_id).order_by(inputs.c.position)
        async with self._database.read() as connection:
            return [input_of(row) for row in (await connection.execute(query)).mappings()]

    async def drop_inputs(self, *, ended_before: float) -> int:
        """Forgets the files of jobs that ended before the given time; returns how many files there were."""
        ended = select(jobs.c.id).where(jobs.c.state.in_(ENDS), jobs.c.finished_at < ended_before)
        dropped = delete(inputs).where(inputs.c.job_id.in_(ended)).returning(inputs.c.position)
        async with self._database.write() as connection:
            return len((await connection.scalars(dropped)).all())

    async def known_tasks(self, task_ids: Collection[str]) -> frozenset[str]:
        """Which of the provider's task ids belong to jobs of ours."""
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(select(jobs.c.task_id).where(jobs.c.task_id.in_(task_ids))))

    async def next_due(self) -> Mapping[JobState, float]:
        """When the next job in each state is claimable; states in which nothing waits are left out."""
        async with self._database.read() as connection:
            return {JobState(state): at for state, at in await connection.execute(claim.next_due())}

    async def found(self, job_id: str, task: Task, *, now: float) -> bool:
        """The lost task of a job in `uncertain`, or about to be, turned up; False if the job is in neither state."""
        async with self._database.write() as connection:
            transaction = SqlJobTransaction(connection)
            job = await transaction.get(job_id)
            if job is None or job.state not in {JobState.SUBMITTING, JobState.UNCERTAIN}:
                return False
            await transaction.seize(job.to(JobState.RENDERING, now=now, task=task, failure=None), now=now)
            return True

    async def get(self, job_id: str) -> Job | None:
        """The job, if there is one."""
        found = await self._look_for_jobs(select(jobs).where(jobs.c.id == job_id))
        return found[0] if found else None

    async def traffic(self, *, since: float) -> Traffic:
        """What is under way with the provider's key."""
        async with self._database.read() as connection:
            return await read_traffic(connection, since=since)

    async def take_queries(self, wanted: int, *, per_minute: int, now: float) -> int:
        """Reserves up to `wanted` questions to the provider; returns how many were granted."""
        calls = provider_calls
        since = now - _MINUTE
        async with self._database.write(Lock.COUNT_CALLS) as connection:
            # Entries from the future too: a clock that was set back must not stop the asking.
            useless = (calls.c.kind == counts.QUERY) & ((calls.c.at <= since) | (calls.c.at > now + _MINUTE))
            await connection.execute(delete(calls).where(useless))
            used = await connection.scalar(counts.queries(since=since, until=now))
            granted = max(0, min(wanted, per_minute - (used or 0)))
            if granted:
                await connection.execute(insert(calls).values(kind=counts.QUERY, at=now, amount=granted))
            return granted

    async def jobs_of(
        self, user_id: int, *, states: Collection[JobState] | None = None, limit: int = 25
    ) -> Sequence[Job]:
        """A person's jobs, newest first."""
        return await self._look_for_jobs(counts.jobs_of(user_id, states=states, limit=limit))

    async def queue_position(self, job_id: str) -> int | None:
        """1 for the next to be submitted; None if it does not wait (any more)."""
        return await self._look(place_of(job_id))

    async def count_open(self, guild_id: int | None = None) -> int:
        """Jobs under way, in one server or everywhere; those past their deadline no longer count."""
        return await self._look(counts.under_way(guild_id))

    async def render_times(
        self, model: str, resolution: str, duration: int, *, limit: int
    ) -> Sequence[tuple[float, float]]:
        """How long the newest jobs of this kind took to render: two bounds in seconds for each, newest first."""
        async with self._database.read() as connection:
            rows = await connection.execute(counts.render_times(model, resolution, duration, limit=limit))
            return [(row["at_least"], row["at_most"]) for row in rows.mappings()]

    async def pushed(self, key: str, *, task_id: str | None, wake: bool, now: float) -> Job | None:
        """The provider pushed to the address with this key: see `jobs.ports.JobStore.pushed`."""
        async with self._database.write() as connection:
            row = (await connection.execute(claim.pushed(key, task_id=task_id, wake=wake, now=now))).mappings().first()
            return None if row is None else job_of(row)

    async def has_callback(self, key: str) -> bool:
        """Whether a job of ours has this key."""
        return await self._look(counts.with_callback(key))

    async def in_doubt(self, request: VideoRequest, *, since: float) -> int:
        """Jobs of this model, size and length whose create has no answer, sent since then."""
        return await self._look(counts.in_doubt(request, since=since))

    async def place_card(self, job_id: str, *, channel_id: int, message_id: int, now: float) -> None:
        """The card is on Discord: remember where."""
        await self._write(cards.place(job_id, Posted(channel_id=channel_id, message_id=message_id), now=now))

    async def claim_cards(self, *, now: float, hold: float, limit: int) -> Sequence[DueCard]:
        """Takes cards due to be shown, ended jobs first; they come back after `hold` seconds unless settled."""
        async with self._database.write() as connection:
            rows = (await connection.execute(cards.claim(now=now, hold=hold, limit=limit))).mappings().all()
            ids = [row["job_id"] for row in rows]
            found = (await connection.execute(select(jobs).where(jobs.c.id.in_(ids)))).mappings().all()
        by_id = {row["id"]: job_of(row) for row in found}
        in_turn = sorted(rows, key=lambda row: (row["rank"], row["due_at"]))
        return [DueCard(job=by_id[row["job_id"]], card=card_of(row)) for row in in_turn]

    async def card_shown(
        self,
        card: Card,
        *,
        at: Posted,
        now: float,
        again_at: float,
        place: int | None = None,
        tick_at: float | None = None,
    ) -> None:
        """The card showed `card.version`; due again at `again_at` if the job changed meanwhile, else at the tick."""
        await self._write(cards.shown(card, at, now=now, again_at=again_at, place=place, tick_at=tick_at))

    async def card_later(self, card: Card, *, due_at: float) -> None:
        """The card could not be shown, or not yet; try again then, or at once if the job has changed meanwhile."""
        await self._write(cards.later(card, due_at=due_at))

    async def card_lost(self, job_id: str) -> None:
        """Somebody deleted the card, or its place: it is not tried again unless it is renewed."""
        await self._write(cards.lose(job_id))

    async def refresh_queue_cards(self, *, now: float, shown: int) -> None:
        """The queue has moved: cards that show another place than their job's become due."""
        await self._write(cards.moved(now=now, shown=shown))

    async def next_card_due(self) -> float | None:
        """When the next card is due; None when all show the truth."""
        return await self._look(cards.next_due())

    async def note_time(self, now: float, *, lease: float, hold: float, grace: float) -> float:
        """Notes the time; what a clock that was ahead of this one has put off is due now: see `jobs.ports.JobStore`."""
        async with self._database.write(Lock.REMEMBER) as connection:
            latest = await connection.scalar(_fact(_LATEST_TIME))
            behind = 0.0 if latest is None else float(latest) - now
            if 0 < behind <= lease:
                return 0.0
            if behind > 0:
                for statement in (
                    *claim.hasten(now=now, lease=lease),
                    *cards.hasten(now=now, hold=hold, grace=grace),
                    *counts.hasten(now=now, by=behind),
                ):
                    await connection.execute(statement)
            await _keep_fact(connection, _LATEST_TIME, repr(now))
            return max(behind, 0.0)

    async def recall(self, key: str) -> str | None:
        """A small fact kept between starts."""
        return await self._look(_fact(key))

    async def remember(self, key: str, value: str) -> None:
        """Keeps a small fact."""
        async with self._database.write(Lock.REMEMBER) as connection:
            await _keep_fact(connection, key, value)

    async def _look(self, query: Executable) -> Any:
        async with self._database.read() as connection:
            return await connection.scalar(query)

    async def _look_for_jobs(self, query: Executable) -> list[Job]:
        async with self._database.read() as connection:
            return [job_of(row) for row in (await connection.execute(query)).mappings()]

    async def _write(self, statement: Executable) -> None:
        async with self._database.write() as connection:
            await connection.execute(statement)


def _fact(key: str) -> Select[Any]:
    return select(known_facts.c.value).where(known_facts.c.key == key)


async def _keep_fact(connection: AsyncConnection, key: str, value: str) -> None:
    known = update(known_facts).where(known_facts.c.key == key).values(value=value)
    if await connection.scalar(known.returning(known_facts.c.key)) is None:
        await connection.execute(insert(known_facts).values(key=key, value=value))
