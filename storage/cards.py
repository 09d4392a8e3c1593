"""When a status card is to be shown, and who is showing it. Statements only; the same for both databases.

A card is due when the job has changed since it was shown. Whoever shows it holds it for a while; a change meanwhile
makes it due again without letting a second one in, so that a card is never posted twice.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Update, case, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from jobs.model import ENDS, Card, Job, JobState, Posted

from .tables import cards
from .turns import places


def first(job: Job, *, due_at: float) -> dict[str, Any]:
    """The row of a new job's card."""
    return {
        "job_id": job.id,
        "version": 0,
        "edited_at": 0.0,
        "lost": False,
        "due_at": due_at,
        "rank": _rank(job),
    }


def changed(job: Job, *, now: float) -> Update:
    """The job has visibly changed."""
    return update(cards).where(cards.c.job_id == job.id).values(_touched(now) | {"rank": _rank(job)})


def moved(*, now: float, shown: int) -> Update:
    """Queued jobs have moved: cards that show another place than theirs, or none within the first `shown`, are due."""
    found = places()
    place = case((found.c.place <= shown, found.c.place))
    # One that is due and not being shown just now will show the truth anyway.
    may_be_stale = cards.c.due_at.is_(None) | cards.c.held_until.is_not(None)
    # Locked in one order, so that two who do this at once cannot block one another on PostgreSQL.
    stale = (
        select(cards.c.job_id)
        .join(found, found.c.id == cards.c.job_id)
        .where(found.c.state == JobState.QUEUED, place.is_distinct_from(cards.c.place_shown))
        .where(_CAN_BE_SHOWN, may_be_stale)
        .order_by(cards.c.job_id)
        .with_for_update(of=cards)
        .cte("stale")
    )
    return update(cards).where(cards.c.job_id.in_(select(stale.c.job_id))).values(_touched(now))


def place(job_id: str, at: Posted, *, now: float) -> Update:
    """The card is on Discord as it was when the job was made; due at once if the job has changed since."""
    return (
        update(cards)
        .where(cards.c.job_id == job_id)
        .values(
            channel_id=at.channel_id,
            message_id=at.message_id,
            edited_at=now,
            due_at=case((_CAN_BE_SHOWN & (cards.c.version > 0), now)),
        )
    )


def claim(*, now: float, hold: float, limit: int) -> ReturningUpdate[Any]:
    """Takes due cards nobody holds: ended jobs first, then the oldest due. The rows come back in no order."""
    due = (
        select(cards.c.job_id)
        .where(cards.c.due_at <= now, or_(cards.c.held_until.is_(None), cards.c.held_until <= now))
        .order_by(cards.c.rank, cards.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return update(cards).where(cards.c.job_id.in_(select(due.c.job_id))).values(held_until=now + hold).returning(cards)


def shown(card: Card, at: Posted, *, now: float, again_at: float, place: int | None, tick_at: float | None) -> Update:
    """The card showed `card.version` and this place in the queue; due again if the job has changed since, or at the tick."""
    changed = cards.c.version > card.version
    return (
        update(cards)
        .where(cards.c.job_id == card.job_id)
        .values(
            channel_id=at.channel_id,
            message_id=at.message_id,
            edited_at=now,
            place_shown=place,
            held_until=None,
            due_at=case((_CAN_BE_SHOWN, case((changed, again_at), else_=tick_at))),
            rank=case((changed, cards.c.rank), else_=_TICK if tick_at is not None else cards.c.rank),
        )
    )


def later(card: Card, *, due_at: float) -> Update:
    """It could not be shown now; a change meanwhile may be the end of the job, which does not wait."""
    unchanged = cards.c.version == card.version
    return (
        update(cards)
        .where(cards.c.job_id == card.job_id, _CAN_BE_SHOWN)
        .values(due_at=case((unchanged, due_at), else_=cards.c.due_at), held_until=None)
    )


def lose(job_id: str) -> Update:
    """It is gone for good."""
    return update(cards).where(cards.c.job_id == job_id).values(lost=True, due_at=None, held_until=None)


def renew(job_id: str, *, now: float) -> Update:
    """What the card shows is not known, or it can be changed once more: due at once, whoever is showing it just now."""
    fresh = {"version": cards.c.version + 1, "lost": False, "edited_at": 0.0, "due_at": now}
    return update(cards).where(cards.c.job_id == job_id).values(fresh)


def release_all() -> Update:
    """Nobody is showing any card."""
    return update(cards).where(cards.c.held_until.is_not(None)).values(held_until=None)


def hasten(*, now: float, hold: float, grace: float) -> tuple[Update, Update]:
    """Makes waiting cards due now, unless somebody may be about to place them, and lets none be held for longer than now."""
    waits = cards.c.due_at.is_not(None)
    due_at = case((cards.c.message_id.is_(None), now + grace), else_=now)
    return (
        update(cards).where(waits, cards.c.due_at > due_at).values(due_at=due_at),
        update(cards).where(waits, cards.c.held_until > now + hold).values(held_until=now + hold),
    )


@cache
def next_due() -> Select[Any]:
    """When the next card is due and not held. Built once: the engine asks before and after every step."""
    free_at = case((cards.c.held_until > cards.c.due_at, cards.c.held_until), else_=cards.c.due_at)
    return select(func.min(free_at)).where(cards.c.due_at.is_not(None))


_CAN_BE_SHOWN: Final[ColumnElement[bool]] = cards.c.lost.is_(False)


_TICK: Final = 2
"""The rank of a card whose estimate has moved on, and nothing else."""


def _rank(job: Job) -> int:
    return 0 if job.state in ENDS else 1


def _touched(now: float) -> dict[str, Any]:
    """A card that waits keeps its turn; one that nobody has placed yet also keeps its time.

    Its answer may be on the way to Discord: showing it before would post a second card.
    """
    waits = cards.c.due_at.is_not(None) & (cards.c.message_id.is_(None) | (cards.c.due_at <= now))
    return {
        "version": cards.c.version + 1,
        "due_at": case((_CAN_BE_SHOWN, case((waits, cards.c.due_at), else_=now))),
    }
