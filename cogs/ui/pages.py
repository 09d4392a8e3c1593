"""The private pages: what is under way, what the bot can do, and what it keeps. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

import discord
from discord import ui

from jobs.model import Job, JobState
from jobs.ports import Standing
from jobs.service import QueueView
from locales import Translate

from .bar import bar
from .card import cost, may_cancel, outlook, title
from .text import shown
from .turning import PageButton, Turn

LISTED: Final = 10
"""Jobs listed; more would not fit one screen, nor Discord's 40 components."""

_PROMPT_SHOWN: Final = 80
_CALM: Final = discord.Colour(0x5B8DEF)
_TOPICS: Final = (
    "create",
    "compose",
    "reference",
    "models",
    "queue",
    "history",
    "show",
    "cancel",
    "privacy",
)


class Links(Protocol):
    """How commands are mentioned."""

    def video(self, name: str, t: Translate) -> str:
        """A mention of `/video <name>`."""
        ...


def render_queue(found: QueueView, t: Translate, links: Links, *, cancelled: Job | None = None) -> ui.LayoutView:
    """One's own jobs under way, each with *Cancel* where that can still be done, and how busy it is.

    Args:
        found: The jobs and the counts.
        t: The reader's language.
        links: How commands are mentioned.
        cancelled: The job that was just taken back on this page; it stays there to say so.
    """
    listed = list(found.own)
    if cancelled is not None:
        listed = sorted([*listed, (cancelled, Standing())], key=lambda entry: entry[0].created_at)
    parts = [_queued(job, standing, t) for job, standing in listed[:LISTED]]
    if len(listed) > LISTED:
        parts.append(t.count("queue.more", len(listed) - LISTED))
    if not found.own:
        parts.append(t("queue.empty", create=links.video("create", t)))
    busy = t.count("queue.total", found.total_open)
    if found.guild_open:
        busy = t("card.separator").join((t.count("queue.here", found.guild_open), busy))
    return page(f"### {t('queue.title')}", *parts, f"-# {busy}")


def _queued(job: Job, standing: Standing, t: Translate) -> str | ui.Item[Any]:
    facts = [f"**{title(job, t)}**", *outlook(job, standing, t)]
    if job.state is JobState.CANCELLED:
        facts.append(cost(job, t))
    if standing.tenths is not None and job.waiting_for is None:
        facts.insert(1, bar(standing.tenths))
    text = f"{t('card.separator').join(facts)}\n> {shown(job.request.prompt, _PROMPT_SHOWN)}"
    if job.cancel_asked:
        return f"{text}\n-# {t('card.cancel_asked')}"
    if not may_cancel(job):
        return text
    way: ui.Item[Any] = PageButton(Turn.UNQUEUE, job.id, t("button.cancel"))
    return ui.Section[Any](text, accessory=way)


def render_help(t: Translate, links: Links) -> ui.LayoutView:
    """What the bot does, with a link to each command.

    Args:
        t: The reader's language.
        links: How commands are mentioned.
    """
    topics = [t(f"help.{topic}", **{topic: links.video(topic, t)}) for topic in _TOPICS]
    topics.append(t("help.menus", animate=t("menu.animate"), go_on=t("menu.continue")))
    small = "\n".join(f"-# {line}" for line in (t("help.cost"), t("help.restart")))
    return page(f"### {t('help.title')}\n{t('help.about')}", "\n".join(topics), small)


def render_privacy(t: Translate, *, noted: bool, days: int) -> ui.LayoutView:
    """What is kept and for how long, who makes the videos, and the one thing to choose.

    Args:
        t: The reader's language.
        noted: Whether this person is told directly, too, when a video of theirs is ready.
        days: How long people's files are kept after the video has ended.
    """
    kept = (t("privacy.requests"), t.count("privacy.files", days), t("privacy.drafts"), t("privacy.videos"))
    wish, label = ("off", "button.note_off") if noted else ("on", "button.note_on")
    return page(
        f"### {t('privacy.title')}\n{t('privacy.maker')}",
        "\n".join(f"- {sentence}" for sentence in kept),
        t("privacy.noted" if noted else "privacy.not_noted"),
        ui.ActionRow[Any](PageButton(Turn.NOTE, wish, t(label))),
        ruled=True,
    )


def page(*parts: str | ui.Item[Any], ruled: bool = False) -> ui.LayoutView:
    """A calm page.

    Args:
        *parts: From top to bottom: paragraphs in markdown, or whole components.
        ruled: Whether there is a line between them; buttons go with what is above them.
    """
    container = ui.Container[Any](accent_colour=_CALM)
    for item in _with_rules(parts) if ruled else parts:
        container.add_item(ui.TextDisplay(item) if isinstance(item, str) else item)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view


def _with_rules(parts: Sequence[str | ui.Item[Any]]) -> Iterator[str | ui.Item[Any]]:
    for number, part in enumerate(parts):
        if number and not isinstance(part, ui.ActionRow):
            yield ui.Separator()
        yield part
