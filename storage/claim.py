"""Who works on a job: claims, leases, fences, and every write that must respect them.

Statements only; the same for SQLite and PostgreSQL. Success is read from RETURNING: SQLite's rowcount is -1 there.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, Update, and_, case, false, func, or_, select, true, update
from sqlalchemy.sql.dml import ReturningUpdate

from jobs.model import Job, JobState
from jobs.polling import FLOOR

from .rows import engine_values
from .tables import jobs
from .turns import in_turn, turns


def claim(states: Collection[JobState], *, owner: str, now: float, lease: float, limit: int) -> ReturningUpdate[Any]:
    """Takes due jobs nobody holds, in one statement; arguments as in `jobs.ports.JobStore.claim`.

    The rows come back in no order.
    """
    may_be_taken = _claimable(jobs, now)
    if JobState.QUEUED in states:
        # Only those whose turn it is: PostgreSQL locks no row that a window function has counted, so the turns are
        # looked at inside and the rows locked here. Two who claim at once see the same turns; one gets nothing.
        found = turns()
        first = select(found.c.id).where(found.c.state == JobState.QUEUED, _claimable(found, now))
        in_front = jobs.c.id.in_(first.order_by(*in_turn(found)).limit(limit))
        others = [state for state in states if state is not JobState.QUEUED]
        may_be_taken = and_(may_be_taken, or_(jobs.c.state.in_(others), in_front) if others else in_front)
    due = (
        select(jobs.c.id)
        .where(jobs.c.state.in_(states), may_be_taken)
        .order_by(jobs.c.due_at, jobs.c.interaction_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(jobs)
        .where(jobs.c.id.in_(select(due.c.id)))
        .values(lease_owner=owner, lease_until=now + lease, fence=jobs.c.fence + 1)
        .returning(jobs)
    )


@cache
def next_due() -> Select[Any, Any]:
    """When the next job in each state is due and not held. Built once: the engine asks before and after every step."""
    free_at = case((jobs.c.lease_until > jobs.c.due_at, jobs.c.lease_until), else_=jobs.c.due_at)
    return select(jobs.c.state, func.min(free_at)).where(jobs.c.due_at.is_not(None)).group_by(jobs.c.state)


def renew(job: Job, *, lease_until: float) -> ReturningUpdate[Any]:
    """Prolongs the lease, if the fence still holds and the claim was not given back meanwhile."""
    claimed = jobs.c.lease_until.is_not(None)
    return update(jobs).where(_held(job), claimed).values(lease_until=lease_until).returning(jobs.c.id)


def release_all() -> ReturningUpdate[Any]:
    """Gives every claim back."""
    return update(jobs).where(jobs.c.lease_until.is_not(None)).values(_RELEASED).returning(jobs.c.id)


def save(job: Job, *, release: bool) -> ReturningUpdate[Any]:
    """Writes the job, if the fence still holds."""
    values = engine_values(job) | (_RELEASED if release else {})
    # A push that came while the provider was being asked was left to us: its news may be newer than our answer.
    unheard = jobs.c.pushed_at.is_distinct_from(job.pushed_at)
    if job.state is JobState.RENDERING and job.asked_at is not None and job.due_at is not None:
        values["due_at"] = case((unheard, min(job.due_at, job.asked_at + FLOOR)), else_=job.due_at)
    if job.state is JobState.UNCERTAIN and job.due_at is not None:
        values["due_at"] = case((unheard, jobs.c.pushed_at), else_=job.due_at)
    return update(jobs).where(_held(job)).values(values).returning(jobs.c.id)


def seize(job: Job) -> ReturningUpdate[Any]:
    """Writes the job whoever holds it, and takes it from them."""
    return (
        update(jobs)
        .where(jobs.c.id == job.id)
        .values(engine_values(job) | _RELEASED | {"fence": jobs.c.fence + 1})
        .returning(jobs.c.id)
    )


def hasten(*, now: float, lease: float) -> tuple[Update, Update]:
    """Makes waiting jobs due now, and lets no claim hold for longer than one that is made now."""
    waits = jobs.c.due_at.is_not(None)
    return (
        update(jobs).where(waits, jobs.c.due_at > now).values(due_at=now),
        update(jobs).where(waits, jobs.c.lease_until > now + lease).values(lease_until=now + lease),
    )


def pushed(key: str, *, task_id: str | None, wake: bool, now: float) -> ReturningUpdate[Any]:
    """The provider pushed; arguments as in `jobs.ports.JobStore.pushed`."""
    free = or_(jobs.c.lease_until.is_(None), jobs.c.lease_until <= now)
    # Not where it was asked by a clock that has been set back since.
    asked_just_now = jobs.c.asked_at.between(now - FLOOR, now + FLOOR)
    soon = case((asked_just_now, jobs.c.asked_at + FLOOR), else_=now)
    wakeable = (JobState.UNCERTAIN, JobState.RENDERING) if wake else (JobState.UNCERTAIN,)
    # A push about another task than the job's own is none of the provider's.
    own = true() if task_id is None else or_(jobs.c.task_id.is_(None), jobs.c.task_id == task_id)
    waits = and_(own, jobs.c.state.in_(wakeable), free, jobs.c.due_at > soon)
    # The newest hint counts: a wrong one must not stand in the way of the right one.
    nameless = and_(jobs.c.task_id.is_(None), jobs.c.state.in_(_NAMELESS)) if task_id is not None else false()
    return (
        update(jobs)
        .where(jobs.c.callback_key == key)
        .values(
            pushed_at=case((own, now), else_=jobs.c.pushed_at),
            hinted_task_id=case((nameless, task_id), else_=jobs.c.hinted_task_id),
            due_at=case((waits, soon), else_=jobs.c.due_at),
        )
        .returning(jobs)
    )


_NAMELESS: Final = (JobState.SUBMITTING, JobState.UNCERTAIN)
"""The states in which a paid task may exist whose id nobody has told us."""

_RELEASED: Final[dict[str, Any]] = {"lease_owner": None, "lease_until": None}


def _claimable(rows: FromClause, now: float) -> ColumnElement[bool]:
    free = or_(rows.c.lease_until.is_(None), rows.c.lease_until <= now)
    return and_(rows.c.due_at <= now, free)


def _held(job: Job) -> ColumnElement[bool]:
    return and_(jobs.c.id == job.id, jobs.c.fence == job.fence)
