from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import Limit, LimitReached
from jobs.limits import Limits, hold_against, periods
from jobs.model import Money
from jobs.ports import Usage

NOTHING = Usage(
    user_today=0, user_open=0, guild_open=0, user_month_micros=0, guild_month_micros=0, total_month_micros=0
)
PRICE = Money.of("0.49", "USD")
NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC).timestamp()
DAY = periods(NOW, UTC)


def refused(limits: Limits, usage: Usage, *, in_guild: bool = True) -> LimitReached:
    with pytest.raises(LimitReached) as caught:
        hold_against(limits, usage, PRICE, DAY, in_guild=in_guild)
    return caught.value


def test_without_limits_everything_goes() -> None:
    busy = Usage(
        user_today=999,
        user_open=99,
        guild_open=99,
        user_month_micros=10**12,
        guild_month_micros=10**12,
        total_month_micros=10**12,
    )
    hold_against(Limits(), busy, PRICE, DAY, in_guild=True)
    hold_against(Limits(user_videos_per_day=0, total_spend_per_month=Decimal(0)), busy, PRICE, DAY, in_guild=True)


@pytest.mark.parametrize(
    ("limits", "last_allowed", "first_refused", "limit", "resets_at"),
    [
        (Limits(user_videos_per_day=3), {"user_today": 2}, {"user_today": 3}, Limit.USER_VIDEOS_PER_DAY, DAY.day_to),
        (Limits(user_videos_at_once=2), {"user_open": 1}, {"user_open": 2}, Limit.USER_VIDEOS_AT_ONCE, None),
        (Limits(guild_videos_at_once=5), {"guild_open": 4}, {"guild_open": 5}, Limit.GUILD_VIDEOS_AT_ONCE, None),
        (
            Limits(user_spend_per_month=Decimal("1.00")),
            {"user_month_micros": 510_000},
            {"user_month_micros": 510_001},
            Limit.USER_SPEND_PER_MONTH,
            DAY.month_to,
        ),
        (
            Limits(guild_spend_per_month=Decimal(10)),
            {"guild_month_micros": 9_510_000},
            {"guild_month_micros": 9_510_001},
            Limit.GUILD_SPEND_PER_MONTH,
            DAY.month_to,
        ),
        (
            Limits(total_spend_per_month=Decimal(100)),
            {"total_month_micros": 99_510_000},
            {"total_month_micros": 99_510_001},
            Limit.TOTAL_SPEND_PER_MONTH,
            DAY.month_to,
        ),
    ],
)
def test_each_limit_refuses_the_first_video_beyond_it_and_says_when_it_is_free_again(
    limits: Limits, last_allowed: dict[str, int], first_refused: dict[str, int], limit: Limit, resets_at: float | None
) -> None:
    hold_against(limits, replace(NOTHING, **last_allowed), PRICE, DAY, in_guild=True)

    error = refused(limits, replace(NOTHING, **first_refused))
    assert (error.limit, error.resets_at) == (limit, resets_at)


def test_the_servers_limits_do_not_apply_in_direct_messages() -> None:
    usage = replace(NOTHING, guild_open=9, guild_month_micros=10**9)
    limits = Limits(guild_videos_at_once=1, guild_spend_per_month=Decimal(1))
    hold_against(limits, usage, PRICE, DAY, in_guild=False)


def test_days_and_months_begin_where_the_operator_lives() -> None:
    shanghai = periods(NOW, ZoneInfo("Asia/Shanghai"))
    assert datetime.fromtimestamp(shanghai.day_from, UTC).isoformat() == "2026-11-22T16:00:00+00:00"
    assert datetime.fromtimestamp(shanghai.month_to, UTC).isoformat() == "2026-11-30T16:00:00+00:00"


@given(
    now=st.floats(min_value=0, max_value=4e9),
    zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_now_lies_within_its_day_and_its_day_within_its_month(now: float, zone: str) -> None:
    period = periods(now, ZoneInfo(zone))

    assert period.month_from <= period.day_from <= now < period.day_to <= period.month_to
    assert 22 * 3600 <= period.day_to - period.day_from <= 26 * 3600
    assert 27 * 86400 <= period.month_to - period.month_from <= 32 * 86400
