"""The message that carries a finished video, or the link where the file is too large. Pure."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import ui

from jobs.model import Job, JobState
from locales import Translate

from .card import COLOURS
from .figures import moment, particulars, settings, span
from .text import one_line, quoted, slug

PROMPT_SHOWN: Final = 1000
"""Characters of the prompt beside the video; escaped they stay well below Discord's 4000 for all text."""

LINK_PROMPT_SHOWN: Final = 200
"""A plain message holds 2000 characters, and the link itself may need most of them."""

_ALT_TEXT: Final = 1024
"""Characters an alt text may have (Discord docs, Message attachments)."""


def file_name(job: Job) -> str:
    """A few words of the prompt and the job's id: the name by which a post is found again after a crash."""
    return f"{slug(job.request.prompt)}.{job.id}.mp4"


def file_ending(job_id: str) -> str:
    """What the name of the job's file always ends in, whatever the prompt."""
    return f".{job_id}.mp4"


def alt_text(job: Job, t: Translate) -> str:
    """What a screen reader says of the video."""
    around = len(t("result.alt", prompt=""))
    return t("result.alt", prompt=one_line(job.request.prompt, _ALT_TEXT - around))


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
    container.add_item(ui.MediaGallery(discord.MediaGalleryItem(video, description=alt_text(job, t))))
    container.add_item(ui.TextDisplay(quoted(job.request.prompt, PROMPT_SHOWN)))
    container.add_item(ui.TextDisplay(small))
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(t("result.ready", user=f"<@{job.origin.user_id}>")))
    view.add_item(container)
    return view


def link_text(job: Job, t: Translate) -> str:
    """The message where the file itself is too large: plain content, so that Discord unfurls the address.

    The job's id is in it for the same reason as in the file's name.
    """
    lines = [
        t("result.link", user=f"<@{job.origin.user_id}>"),
        quoted(job.request.prompt, LINK_PROMPT_SHOWN),
        job.link or "",
    ]
    if job.link_expires_at is not None:
        lines.append(t("result.link_until", when=moment(job.link_expires_at)))
    lines += [f"-# {line}" for line in particulars(job, t)]
    lines.append(f"-# {settings(job, t)} · {job.id}")
    return "\n".join(lines)
