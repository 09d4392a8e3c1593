"""What limits, rates and views are counted from. Statements only; the same for both databases."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Update, and_, bindparam, exists, func, literal, not_, select, update

from jobs.model import OPEN, Charge, JobState, VideoRequest

from .tables import gate, jobs, provider_calls
from .turns import IN_FLIGHT

CREATE: Final = "create"
QUERY: Final = "query"

_WITHOUT_ANSWER: Final = (JobState.SUBMITTING, JobState.UNCERTAIN)

_UNDER_WAY: Final[ColumnElement[bool]] = and_(jobs.c.state.in_(OPEN), jobs.c.overdue.is_(False))
_MADE: Final[ColumnElement[bool]] = and_(
    jobs.c.state != JobState.CANCELLED,
    not_(and_(jobs.c.state == JobState.FAILED, jobs.c.charge == Charge.RELEASED)),
)
_ON_THE_BILL: Final = jobs.c.charge.in_((Charge.HELD, Charge.SPENT))


@cache
def usage(*, in_guild: bool) -> Select[*tuple[Any, ...]]:
    """One row with the fields of `jobs.ports.Usage`; to be given the arguments of `JobTransaction.usage`.

    Built once: it is asked before every job, and building it costs more than carrying it out.
    """
    user = jobs.c.user_id == bindparam("user_id")
    guild = jobs.c.guild_id == bindparam("guild_id")
    of_month = and_(
        jobs.c.created_at >= bindparam("month_from"), jobs.c.currency == bindparam("currency"), _ON_THE_BILL
    )
    return select(
        _number(user, jobs.c.created_at >= bindparam("day_from"), _MADE).label("user_today"),
        _number(user, _UNDER_WAY).label("user_open"),
        (_number(guild, _UNDER_WAY) if in_guild else literal(0)).label("guild_open"),
        _money(user, of_month).label("user_month_micros"),
        (_money(guild, of_month) if in_guild else literal(0)).label("guild_month_micros"),
        _money(of_month).label("total_month_micros"),
    )


def creates(since: float) -> Select[Any]:
    """When paid creates were sent after the given time, oldest first."""
    calls = provider_calls
    return select(calls.c.at).where(calls.c.kind == CREATE, calls.c.at > since).order_by(calls.c.at)


def in_flight() -> Select[Any]:
    """How many jobs the provider works on."""
    return select(_number(jobs.c.state.in_(IN_FLIGHT), jobs.c.overdue.is_(False)))


def the_gate() -> Select[Any]:
    """The gate, where it is closed."""
    return select(gate)


def queries(*, since: float, until: float) -> Select[Any]:
    """How many questions were reserved in that time."""
    calls = provider_calls
    return select(func.coalesce(func.sum(calls.c.amount), 0)).where(
        calls.c.kind == QUERY, calls.c.at > since, calls.c.at <= until
    )


def hasten(*, now: float, by: float) -> tuple[Update, Update]:
    """Lets calls that were noted later than now have been made earlier, and the gate be tried now."""
    calls = provider_calls
    return (
        update(calls).where(calls.c.at > now).values(at=calls.c.at - by),
        update(gate).where(gate.c.closed_until > now).values(closed_until=now),
    )


def under_way(guild_id: int | None) -> Select[Any]:
    """How many jobs are under way, in one server or everywhere."""
    here = () if guild_id is None else (jobs.c.guild_id == guild_id,)
    return select(_number(_UNDER_WAY, *here))


def jobs_of(user_id: int, *, states: Collection[JobState] | None, limit: int) -> Select[Any]:
    """A person's jobs, newest first."""
    wanted = () if states is None else (jobs.c.state.in_(states),)
    newest = (jobs.c.created_at.desc(), jobs.c.interaction_id.desc())
    return select(jobs).where(jobs.c.user_id == user_id, *wanted).order_by(*newest).limit(limit)


def render_times(model: str, resolution: str, duration: int, *, limit: int) -> Select[Any, Any]:
    """Between how many seconds videos of this kind were finished, newest first; none during which the clock was set back."""
    return (
        select(
            (jobs.c.rendered_after - jobs.c.submitted_at).label("at_least"),
            (jobs.c.rendered_at - jobs.c.submitted_at).label("at_most"),
        )
        .where(
            jobs.c.model == model,
            jobs.c.resolution == resolution,
            jobs.c.duration == duration,
            jobs.c.rendered_at.is_not(None),
            jobs.c.submitted_at <= jobs.c.rendered_after,
            jobs.c.rendered_after <= jobs.c.rendered_at,
        )
        .order_by(jobs.c.submitted_at.desc())
        .limit(limit)
    )


def with_callback(key: str) -> Select[Any]:
    """Whether a job has this key."""
    return select(exists().where(jobs.c.callback_key == key))


def in_doubt(request: VideoRequest, *, since: float) -> Select[Any]:
    """How many jobs of this kind were sent since then and have no answer."""
    return select(
        _number(
            jobs.c.state.in_(_WITHOUT_ANSWER),
            jobs.c.model == request.model,
            jobs.c.resolution == request.resolution,
            jobs.c.duration == request.duration,
            jobs.c.submitted_at >= since,
        )
    )


def _number(*conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(jobs).where(*conditions).scalar_subquery()


def _money(*conditions: ColumnElement[bool]) -> Any:
    return select(func.coalesce(func.sum(jobs.c.price_micros), 0)).where(*conditions).scalar_subquery()
