"""How much people may make and spend: the operator's limits, held against what the store counted. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from .errors import Limit, LimitReached
from .model import MICROS, Money
from .ports import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The operator's limits; None means none.

    Args:
        user_videos_per_day: Videos one person may ask for in a calendar day.
        user_videos_at_once: Videos one person may have under way.
        guild_videos_at_once: Videos one server may have under way.
        user_spend_per_month: What one person may spend in a calendar month, in the catalog's currency.
        guild_spend_per_month: What one server may spend.
        total_spend_per_month: What everybody together may spend.
        timezone: Where days and months begin.
    """

    user_videos_per_day: int | None = None
    user_videos_at_once: int | None = None
    guild_videos_at_once: int | None = None
    user_spend_per_month: Decimal | None = None
    guild_spend_per_month: Decimal | None = None
    total_spend_per_month: Decimal | None = None
    timezone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Periods:
    """The calendar day and month that a moment lies in, as epoch seconds."""

    day_from: float
    day_to: float
    month_from: float
    month_to: float


def periods(now: float, timezone: tzinfo) -> Periods:
    """The day and month around `now` (epoch seconds), as the operator's calendar has them."""
    day = datetime.fromtimestamp(now, timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    month = day.replace(day=1)
    # 32 days on from the first is always in the next month; noon keeps clear of daylight-saving shifts.
    next_day = (day.replace(hour=12) + timedelta(days=1)).replace(hour=0)
    next_month = (month + timedelta(days=32)).replace(day=1)
    return Periods(day.timestamp(), next_day.timestamp(), month.timestamp(), next_month.timestamp())


def hold_against(limits: Limits, usage: Usage, price: Money, period: Periods, *, in_guild: bool) -> None:
    """Refuses a new job that would break a limit.

    Args:
        limits: The operator's limits.
        usage: What is used so far, counted in the same transaction.
        price: What the new job costs.
        period: The day and month that `usage` was counted in.
        in_guild: Whether it is asked for in a server; the server's limits do not apply elsewhere.

    Raises:
        LimitReached: Names the first limit that is in the way, the soonest to be free again first.
    """
    at_once = (
        (Limit.USER_VIDEOS_AT_ONCE, usage.user_open, limits.user_videos_at_once, True),
        (Limit.GUILD_VIDEOS_AT_ONCE, usage.guild_open, limits.guild_videos_at_once, in_guild),
    )
    for limit, used, allowed, applies in at_once:
        if applies and allowed and used >= allowed:
            raise LimitReached(limit)
    if limits.user_videos_per_day and usage.user_today >= limits.user_videos_per_day:
        raise LimitReached(Limit.USER_VIDEOS_PER_DAY, resets_at=period.day_to)
    budgets = (
        (Limit.USER_SPEND_PER_MONTH, usage.user_month_micros, limits.user_spend_per_month, True),
        (Limit.GUILD_SPEND_PER_MONTH, usage.guild_month_micros, limits.guild_spend_per_month, in_guild),
        (Limit.TOTAL_SPEND_PER_MONTH, usage.total_month_micros, limits.total_spend_per_month, True),
    )
    for limit, spent, budget, applies in budgets:
        if applies and budget and spent + price.micros > budget * MICROS:
            raise LimitReached(limit, resets_at=period.month_to)
