"""The private pages: what is under way, and what the bot can do. Pure."""

from __future__ import annotations

from typing import Any, Final, Protocol

import discord
from discord import ui

from jobs.model import Job
from jobs.ports import Standing
from jobs.service import QueueView
from locales import Translate

from .card import title
from .figures import ago_or_in
from .text import shown

LISTED: Final = 10
"""Jobs listed; more would not fit one screen."""

_PROMPT_SHOWN: Final = 80
_CALM: Final = discord.Colour(0x5B8DEF)
_TOPICS: Final = ("create", "reference", "models", "queue", "show", "cancel")


class Links(Protocol):
    """How commands are mentioned."""

    def video(self, name: str, t: Translate) -> str:
        """A mention of `/video <name>`."""
        ...


def render_queue(found: QueueView, t: Translate, links: Links) -> ui.LayoutView:
    """One's own jobs under way, and how busy the server and the bot are.

    Args:
        found: The jobs and the counts.
        t: The reader's language.
        links: How commands are mentioned.
    """
    lines = [_line(job, standing, t) for job, standing in found.own[:LISTED]]
    if len(found.own) > LISTED:
        lines.append(t.count("queue.more", len(found.own) - LISTED))
    if not lines:
        lines.append(t("queue.empty", create=links.video("create", t)))
    busy = t.count("queue.total", found.total_open)
    if found.guild_open:
        busy = t("card.separator").join((t.count("queue.here", found.guild_open), busy))
    return page(f"### {t('queue.title')}", "\n".join(lines), f"-# {busy}")


def render_help(t: Translate, links: Links) -> ui.LayoutView:
    """What the bot does, with a link to each command.

    Args:
        t: The reader's language.
        links: How commands are mentioned.
    """
    topics = "\n".join(t(f"help.{topic}", **{topic: links.video(topic, t)}) for topic in _TOPICS)
    return page(f"### {t('help.title')}\n{t('help.about')}", topics, f"{t('help.cost')}\n{t('help.restart')}")


def _line(job: Job, standing: Standing, t: Translate) -> str:
    facts = [f"**{title(job, t)}**"]
    if standing.position is not None:
        facts.append(t("card.next") if standing.position <= 1 else t("card.position", position=standing.position))
    if standing.expected_end is not None:
        facts.append(t("card.expected", when=ago_or_in(standing.expected_end)))
    return f"{t('card.separator').join(facts)}\n> {shown(job.request.prompt, _PROMPT_SHOWN)}"


def page(*paragraphs: str, ruled: bool = False) -> ui.LayoutView:
    """A calm page of text.

    Args:
        *paragraphs: From top to bottom, in markdown.
        ruled: Whether there is a line between them.
    """
    container = ui.Container[Any](accent_colour=_CALM)
    for number, paragraph in enumerate(paragraphs):
        if ruled and number:
            container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay(paragraph))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
