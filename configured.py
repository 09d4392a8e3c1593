"""What the operator's settings mean for each part: its rules, its limits, its catalog, its way to the network.

Part of the command line, beside `bot.py`: translates, opens nothing, and no part may import it.
"""

from __future__ import annotations

from typing import Final

import aiohttp
from aiohttp_socks import ProxyConnector
from pydantic import SecretStr

from jobs.admission import Rates
from jobs.limits import Limits
from jobs.polling import PollRules
from jobs.tools import Rules
from minimax.catalog import MiniMaxCatalog
from minimax.prices import parse_prices
from settings import Settings, SettingsError
from web.app import CALLBACK_PATH
from web.watch import WATCH_PATH

MIB: Final = 1024 * 1024


def rules_of(settings: Settings, *, polling: PollRules | None = None, public_url: str | None = None) -> Rules:
    """The operator's rules as steps keep them.

    Args:
        settings: What the operator has set.
        polling: How often the provider is asked, where that is not as usual.
        public_url: Where the world reaches the web server of this very process; None where there is none.
    """
    return Rules(
        rates=Rates(
            submits_per_minute=settings.minimax_submits_per_minute,
            tasks_in_flight=settings.minimax_tasks_in_flight,
            queries_per_minute=settings.minimax_queries_per_minute,
        ),
        polling=polling or PollRules(),
        deadline=settings.job_deadline_minutes * 60.0,
        give_up=settings.job_give_up_days * 86400.0,
        upload_limit=settings.upload_limit_mib * MIB,
        callback_base=public_url and f"{public_url}{CALLBACK_PATH}",
        watch_base=public_url and f"{public_url}{WATCH_PATH}/",
    )


def catalog_of(settings: Settings) -> MiniMaxCatalog:
    """What the operator offers.

    Raises:
        SettingsError: The settings ask for what no model makes.
    """
    try:
        return MiniMaxCatalog(
            enabled_models=settings.enabled_models,
            default_model=settings.default_model,
            default_resolution=settings.default_resolution,
            default_duration=settings.default_duration,
            currency=settings.currency,
            watermark=settings.aigc_watermark,
            prices=parse_prices(settings.minimax_prices),
        )
    except ValueError as error:
        raise SettingsError((str(error),)) from error


def limits_of(settings: Settings) -> Limits:
    """The operator's limits as the service holds jobs against them."""
    return Limits(
        user_videos_per_day=settings.user_videos_per_day,
        user_videos_at_once=settings.user_videos_at_once,
        guild_videos_at_once=settings.guild_videos_at_once,
        user_spend_per_month=settings.user_spend_per_month,
        guild_spend_per_month=settings.guild_spend_per_month,
        total_spend_per_month=settings.total_spend_per_month,
        timezone=settings.timezone,
    )


def discord_route(proxy: SecretStr | None) -> tuple[str | None, aiohttp.BaseConnector | None]:
    """How Discord is reached: an `http://` proxy that aiohttp speaks itself, or a connector for one it does not speak."""
    url = proxy.get_secret_value() if proxy else None
    if url is not None and url.startswith("socks5://"):
        return None, ProxyConnector.from_url(url, limit=0)
    return url, None
