"""Amounts, lengths and moments as people write them in their language; and what a request comes to in one line.

Pure.
"""

from __future__ import annotations

from babel.numbers import format_currency

from jobs.model import Job, Money
from jobs.ports import Offer
from locales import Translate

from .text import inert


def money(amount: Money, t: Translate) -> str:
    """The amount with its currency; up to four decimals where cents do not suffice, as with prices per video."""
    return format_currency(amount.amount, amount.currency, format="¤#,##0.00##", locale=t.locale, currency_digits=False)


def span(seconds: float, t: Translate) -> str:
    """A length of time in the two largest units that matter."""
    whole = max(0, round(seconds))
    if whole < 60:  # noqa: PLR2004 - a minute
        return t("span.seconds", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return t("span.minutes", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    return t("span.hours", hours=hours, minutes=minutes)


def ago_or_in(at: float) -> str:
    """A moment that each client words as "2 minutes ago" and keeps true by itself.

    Args:
        at: Epoch seconds.
    """
    return f"<t:{int(at)}:R>"


def moment(at: float) -> str:
    """A moment as date and time in each reader's own zone.

    Args:
        at: Epoch seconds.
    """
    return f"<t:{int(at)}:f>"


def settings(offer: Offer | Job, t: Translate) -> str:
    """Model, size, length and price in one line."""
    request = offer.request
    return t(
        "settings",
        model=inert(request.model),
        resolution=inert(request.resolution),
        seconds=request.duration,
        price=money(offer.price, t),
    )
