"""Amounts, lengths and moments as people write them in their language; and what a request comes to in one line.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from babel.numbers import format_currency

from jobs.model import Api, Job, Mode, Money
from jobs.ports import Offer
from locales import Translate

from .camera import move_names
from .text import inert, shown

_FILES_SHOWN: Final = 3
_PARTS_SHOWN: Final = 3
"""The newest parts of a chain that are linked to, beside the first: a plain message has no room for many links."""

_NAME_SHOWN: Final = 30


def money(amount: Money, t: Translate) -> str:
    """The amount with its currency; up to four decimals where cents do not suffice, as with prices per video."""
    return format_currency(amount.amount, amount.currency, format="¤#,##0.00##", locale=t.locale, currency_digits=False)


def span(seconds: float, t: Translate) -> str:
    """A length of time in the two largest units that matter; the smaller one is left out where there is none of it."""
    whole = max(0, round(seconds))
    if whole < 60:  # noqa: PLR2004 - a minute
        return t("span.seconds", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return t("span.minutes" if rest else "span.whole_minutes", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    return t("span.hours" if minutes else "span.whole_hours", hours=hours, minutes=minutes)


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


def particulars(job: Job, t: Translate) -> Iterator[str]:
    """What a video continues, what it is made from and how, in a line each; then what was done to the files.

    Nothing is said of a video that is made from words alone, as the model does it by itself.
    """
    request = job.request
    if job.chain:
        yield chain(job.chain, t)
    facts = [made_from(job, t)] if request.mode is not Mode.TEXT else []
    if request.ratio is not None:
        facts.append(inert(request.ratio))
    if request.camera:
        facts.append(t("card.camera", moves=move_names(request.camera, t)))
    if request.api is Api.V2:
        # H3 always has sound, the others never (MiniMax docs, V2 create and T2V).
        facts.append(t("card.sound"))
    if not request.prompt_optimizer:
        facts.append(t("card.verbatim"))
    if facts:
        yield t("card.separator").join(facts)
    if job.notes:
        yield " ".join(t(f"note.{note}") for note in job.notes)


def chain(links: Sequence[str], t: Translate) -> str:
    """Which part of a chain a video is, with links to those before it.

    Args:
        links: To the messages of all parts before it, oldest first.
        t: The reader's language.
    """
    parts = [t("chain.part", number=number, url=url) for number, url in enumerate(links, start=1)]
    if len(parts) > _PARTS_SHOWN + 1:
        parts = [parts[0], "…", *parts[-_PARTS_SHOWN:]]
    return t("chain", number=len(links) + 1, parts=t("list.between").join(parts))


def made_from(job: Job, t: Translate) -> str:
    """What a video is made from, with the names of the first files."""
    names = [shown(one.filename, _NAME_SHOWN) for one in job.request.inputs]
    listed = t("list.between").join(names[:_FILES_SHOWN])
    if len(names) > _FILES_SHOWN:
        listed = f"{listed} {t.count('queue.more', len(names) - _FILES_SHOWN)}"
    return t("card.made_from", mode=t(f"mode.{job.request.mode}"), files=listed)
