"""What sharing a video looks like: the choice of a channel, privately, and the copy that is posted there. Pure."""

from __future__ import annotations

import re
from typing import Any, Final, Self

import discord
from discord import ui

from jobs.model import Job, JobState
from locales import Translate

from .card import COLOURS
from .figures import settings
from .pages import page
from .result import PROMPT_SHOWN, alt_text
from .text import quoted, slug

CHANNEL_KINDS: Final = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
)
"""Where messages can be posted; a forum takes them in its threads only."""

_PROMPT_SHOWN: Final = 200


class ChannelChoice(ui.DynamicItem[ui.ChannelSelect[Any]], template=r"video:shareto:(?P<job>[A-Za-z0-9_-]{1,25})"):
    """The menu of channels a video can be shared to.

    Args:
        job_id: The job.
        placeholder: What stands in it before anything is chosen.
    """

    def __init__(self, job_id: str, placeholder: str | None = None) -> None:
        super().__init__(
            ui.ChannelSelect(
                custom_id=f"video:shareto:{job_id}", channel_types=list(CHANNEL_KINDS), placeholder=placeholder
            )
        )
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The menu that was used, from its id alone."""
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hands the choice to the bot, which knows the service and words what goes wrong."""
        await interaction.client.share_to(interaction, self.job_id, self.item.values[0])


def choose_channel(job: Job, t: Translate, *, problem: str | None = None) -> ui.LayoutView:
    """The private question where to share a video to.

    Args:
        job: The finished job.
        t: The reader's language.
        problem: Why the last choice came to nothing.
    """
    row = ui.ActionRow[Any](ChannelChoice(job.id, t("share.placeholder")))
    view = page(f"### {t('share.title')}\n{quoted(job.request.prompt, _PROMPT_SHOWN)}", problem or t("share.about"))
    view.add_item(row)
    return view


def shared_name(job: Job) -> str:
    """The name of a copy: no search for results takes it for one."""
    return f"{slug(job.request.prompt)}.shared.mp4"


def render_shared(job: Job, video: discord.File, t: Translate, *, original: str) -> ui.LayoutView:
    """The copy of a video in another channel.

    Args:
        job: The finished job.
        video: The file; it must be sent along with the view.
        t: The language of the place.
        original: The link to the message with the result.
    """
    shown = discord.MediaGalleryItem(video, description=alt_text(job, t), spoiler=job.veiled)
    credit = t("share.credit", user=f"<@{job.origin.user_id}>")
    container = ui.Container[Any](accent_colour=COLOURS[JobState.DONE])
    container.add_item(ui.MediaGallery(shown))
    container.add_item(ui.TextDisplay(quoted(job.request.prompt, PROMPT_SHOWN)))
    container.add_item(ui.TextDisplay(f"-# {credit}\n-# {settings(job, t)}"))
    container.add_item(ui.ActionRow(ui.Button[Any](label=t("share.original"), url=original)))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
