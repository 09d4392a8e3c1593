"""The write transaction that callers compose: read, check, write, all of it or nothing.

Knows the statements; implements `jobs.ports.JobTransaction`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from jobs.model import Derived, Gate, Job
from jobs.ports import Traffic, Usage

from . import cards, claim, counts
from .rows import all_values, gate_of, job_of
from .tables import cards as cards_table
from .tables import gate as gate_table
from .tables import inputs, jobs, provider_calls

_REMEMBER_CREATES: Final = 3600.0
"""Seconds a paid create stays counted; every rate looks back less."""


async def read_traffic(connection: AsyncConnection, *, since: float) -> Traffic:
    """What is under way with the provider's key; creates counted after the given time (epoch seconds)."""
    creates = await connection.scalars(counts.creates(since))
    in_flight = await connection.scalar(counts.in_flight())
    gate = (await connection.execute(counts.the_gate())).mappings().first()
    return Traffic(
        creates=tuple(creates),
        in_flight=in_flight or 0,
        gate=None if gate is None else gate_of(gate),
    )


class SqlJobTransaction:
    """Implements `jobs.ports.JobTransaction`.

    Args:
        connection: In its transaction.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, job_id: str) -> Job | None:
        """The job, if there is one; nobody else writes it until the transaction ends."""
        query = select(jobs).where(jobs.c.id == job_id).with_for_update()
        row = (await self._connection.execute(query)).mappings().first()
        return None if row is None else job_of(row)

    async def by_interaction(self, interaction_id: int) -> Job | None:
        """The job made for this interaction, if there is one."""
        query = select(jobs).where(jobs.c.interaction_id == interaction_id)
        row = (await self._connection.execute(query)).mappings().first()
        return None if row is None else job_of(row)

    async def derived_from(self, job_id: str, kind: Derived) -> Job | None:
        """The newest job that came from the given one in this way, if there is one."""
        newest = (jobs.c.created_at.desc(), jobs.c.interaction_id.desc())
        query = select(jobs).where(jobs.c.source_id == job_id, jobs.c.derived == kind).order_by(*newest).limit(1)
        row = (await self._connection.execute(query)).mappings().first()
        return None if row is None else job_of(row)

    async def copy_inputs(self, from_job: str, to_job: str) -> int:
        """Gives a job the files of another; returns how many there were."""
        kept = [column for column in inputs.c if column.name != "job_id"]
        theirs = select(literal(to_job), *kept).where(inputs.c.job_id == from_job)
        names = ["job_id", *(column.name for column in kept)]
        copied = insert(inputs).from_select(names, theirs).returning(inputs.c.position)
        return len((await self._connection.scalars(copied)).all())

    async def usage(
        self, *, user_id: int, guild_id: int | None, day_from: float, month_from: float, currency: str
    ) -> Usage:
        """What this user and server have used; money in `currency` only."""
        asked = {"user_id": user_id, "day_from": day_from, "month_from": month_from, "currency": currency}
        if guild_id is not None:
            asked["guild_id"] = guild_id
        query = counts.usage(in_guild=guild_id is not None)
        row = (await self._connection.execute(query, asked)).mappings().one()
        # PostgreSQL sums 64-bit integers as numeric.
        return Usage(**{name: int(value) for name, value in row.items()})

    async def insert(self, job: Job, *, card_due_at: float) -> None:
        """Adds a new job with its card."""
        # Values beside the statement, not in it: building one with fifty columns costs more than carrying it out.
        await self._connection.execute(insert(jobs), all_values(job))
        await self._connection.execute(insert(cards_table), cards.first(job, due_at=card_due_at))

    async def save(self, job: Job, *, now: float) -> bool:
        """Writes the job if nobody claimed it since it was read; its card becomes due."""
        if await self._connection.scalar(claim.save(job, release=False)) is None:
            return False
        await self._connection.execute(cards.changed(job, now=now))
        return True

    async def seize(self, job: Job, *, now: float) -> None:
        """Writes the job whoever holds it; its card becomes due."""
        await self._connection.execute(claim.seize(job))
        await self._connection.execute(cards.changed(job, now=now))

    async def renew_card(self, job_id: str, *, now: float) -> None:
        """The job's card is shown anew at once, even one that was lost."""
        await self._connection.execute(cards.renew(job_id, now=now))

    async def traffic(self, *, since: float) -> Traffic:
        """What is under way with the provider's key."""
        return await read_traffic(self._connection, since=since)

    async def note_create(self, at: float) -> None:
        """Counts one paid create against the rate of the key, and forgets those that no longer matter."""
        calls = provider_calls
        old = (calls.c.kind == counts.CREATE) & (calls.c.at < at - _REMEMBER_CREATES)
        await self._connection.execute(delete(calls).where(old))
        await self._connection.execute(insert(calls).values(kind=counts.CREATE, at=at, amount=1))

    async def set_gate(self, gate: Gate | None) -> None:
        """Closes, moves or opens (None) the gate."""
        await self._connection.execute(delete(gate_table))
        if gate is not None:
            await self._connection.execute(insert(gate_table).values(id=1, **asdict(gate)))
