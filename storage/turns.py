"""Whose turn it is: the order in which the queue is served. Statements only; the same for both databases.

Servers take turns; within a server its people do; each person's jobs go in the order of asking. Who has jobs in flight
has had as many turns already. Between servers that have had equally many, the person goes first who has had fewer.
Taking the first job moves nobody else, so a place in this order is a promise as long as nobody comes or is done.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, case, func, select

from jobs.model import JobState

from .tables import jobs

WAITING: Final = (JobState.RECEIVED, JobState.QUEUED)
IN_FLIGHT: Final = (JobState.SUBMITTING, JobState.RENDERING)


@cache
def turns() -> FromClause:
    """Each unfinished job up to `rendering` with its turns, counted from 1; see `in_turn`."""
    queue = (
        select(
            jobs.c.id,
            jobs.c.state,
            jobs.c.user_id,
            # Direct messages are a server of one's own.
            func.coalesce(jobs.c.guild_id, -jobs.c.user_id).label("house"),
            # Those in flight are counted first: their turns are over.
            case((jobs.c.state.in_(WAITING), 1), else_=0).label("waits"),
            jobs.c.created_at,
            jobs.c.interaction_id,
            jobs.c.due_at,
            jobs.c.lease_until,
        )
        .where(jobs.c.state.in_(WAITING + IN_FLIGHT), jobs.c.due_at.is_not(None), jobs.c.overdue.is_(False))
        .subquery("queue")
    )
    own = _numbered(queue, "own_turn", within=("house", "user_id"), by=())
    house = _numbered(own, "house_turn", within=("house",), by=("own_turn",))
    return _numbered(house, "user_turn", within=("user_id",), by=("house_turn",))


def in_turn(turns: FromClause) -> tuple[ColumnElement[Any], ...]:
    """What to sort waiting jobs by."""
    return tuple(turns.c[name] for name in ("house_turn", "user_turn", "created_at", "interaction_id"))


@cache
def places() -> FromClause:
    """The place of each job that waits to be submitted: 1 for the next."""
    found = turns()
    place = func.row_number().over(order_by=in_turn(found)).label("place")
    return select(found.c.id, found.c.state, place).where(found.c.waits == 1).subquery("places")


def place_of(job_id: str) -> Select[Any]:
    """The job's place; no row if it does not wait."""
    found = places()
    return select(found.c.place).where(found.c.id == job_id)


def _numbered(rows: FromClause, name: str, *, within: tuple[str, ...], by: tuple[str, ...]) -> FromClause:
    """The rows with their number within a group, those in flight before those that wait."""
    order = [rows.c[column] for column in ("waits", *by, "created_at", "interaction_id")]
    number = func.row_number().over(partition_by=[rows.c[column] for column in within], order_by=order)
    return select(rows, number.label(name)).subquery(name)
