"""The message that carries a finished video, or the link where the file is too large. Pure."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from jobs.model import Delivery, Job, JobState
from locales import Translate

from .buttons import Action, JobButton, button_row
from .card import COLOURS
from .figures import moment, particulars, settings, span
from .text import isolated, one_line, quoted, slug

PROMPT_SHOWN: Final = 1000
"""Characters of the prompt beside the video; escaped they stay well below Discord's 4000 for all text."""

LINK_PROMPT_SHOWN: Final = 200
"""A plain message holds 2000 characters, and the link itself may need most of them."""

LINK_ACTIONS: Final = (Action.AGAIN, Action.EDIT, Action.FAVOURITE, Action.DELETE)

_CONTENT: Final = 2000
"""Characters of plain content (Discord docs, Create Message)."""

_ALT_TEXT: Final = 1024
"""Characters an alt text may have (Discord docs, Message attachments)."""

_ISOLATED: Final = 2
"""Characters that a direction of its own may add to a text."""


def file_name(job: Job) -> str:
    """A few words of the prompt and the job's id: the name by which a post is found again after a crash."""
    return f"{slug(job.request.prompt)}.{job.id}.mp4"


def file_ending(job_id: str) -> str:
    """What the name of the job's file always ends in, whatever the prompt."""
    return f".{job_id}.mp4"


def alt_text(job: Job, t: Translate) -> str:
    """What a screen reader says of the video."""
    around = len(t("result.alt", prompt="")) + _ISOLATED
    return t("result.alt", prompt=isolated(one_line(job.request.prompt, _ALT_TEXT - around)))


def render_result(job: Job, video: discord.File, t: Translate, *, now: float) -> ui.LayoutView:
    """The new message in the channel.

    Args:
        job: The finished job.
        video: The file; it must be sent along with the view.
        t: The language of the place.
        now: Epoch seconds; the time taken is counted to here.
    """
    summary = t("result.small", settings=settings(job, t), span=span(now - job.created_at, t))
    small = "\n".join(f"-# {line}" for line in (summary, *particulars(job, t)))
    container = ui.Container[Any](accent_colour=COLOURS[JobState.DONE])
    shown = discord.MediaGalleryItem(video, description=alt_text(job, t), spoiler=job.veiled)
    container.add_item(ui.MediaGallery(shown))
    container.add_item(ui.TextDisplay(quoted(job.request.prompt, PROMPT_SHOWN)))
    container.add_item(ui.TextDisplay(small))
    for actions in offered(job):
        container.add_item(button_row(actions, job.id, t))
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(t("result.ready", user=f"<@{job.origin.user_id}>")))
    view.add_item(container)
    return view


def offered(job: Job) -> tuple[tuple[Action, ...], ...]:
    """What can be done with a finished video, row by row."""
    keeping = (Action.FAVOURITE, Action.SHARE, Action.DELETE) if may_share(job) else (Action.FAVOURITE, Action.DELETE)
    return (Action.AGAIN, Action.EDIT, Action.EXTEND), keeping


def may_share(job: Job) -> bool:
    """Whether it can be shown elsewhere: a video that everybody in a channel of a server saw, and that we can read there."""
    return job.delivery is Delivery.CHANNEL and job.origin.guild_id is not None and not job.as_link


def link_buttons(job: Job, t: Translate) -> ui.View:
    """What goes under a link. The file is not on Discord, so it can be neither continued nor shared from there.

    Args:
        job: The finished job.
        t: The language of the place.
    """
    view = ui.View(timeout=None)
    for action in LINK_ACTIONS:
        view.add_item(JobButton(action, job.id, t))
    return view


def render_link(job: Job, t: Translate) -> ui.LayoutView:
    """The same link where it takes the place of a card: a message of components stays one, and holds no plain content.

    Args:
        job: The finished job.
        t: The language of the place.
    """
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(link_text(job, t)))
    view.add_item(button_row(LINK_ACTIONS, job.id, t))
    return view


def link_text(job: Job, t: Translate) -> str:
    """The message where the file itself is too large: plain content, so that Discord unfurls the address.

    The job's id is in it for the same reason as in the file's name. Where the address leaves no room, the rest gives way.
    """
    ready = t("result.link", user=f"<@{job.origin.user_id}>")
    prompt = quoted(job.request.prompt, LINK_PROMPT_SHOWN)
    # Without blanks beside the address the veil would become part of it.
    link = f"|| {job.link} ||" if job.veiled else job.link or ""
    until = () if job.link_expires_at is None else (t("result.link_until", when=moment(job.link_expires_at)),)
    made = f"-# {settings(job, t)} · {job.id}"
    most = (ready, prompt, link, *until, *(f"-# {line}" for line in particulars(job, t)), made)
    least = (ready, link, f"-# {job.id}")
    texts = ("\n".join(lines) for lines in (most, (ready, prompt, link, *until, made), (ready, link, *until, made)))
    return next((text for text in texts if len(text) <= _CONTENT), "\n".join(least))
