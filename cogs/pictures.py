"""The pictures that a message shows, wherever they are in it. Pure.

Only links of Discord's own are taken: to uploaded files, or to its copies of pictures that lie elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import discord

from jobs.model import MediaSource, Role

from .recognise import media_in, name_in
from .uploads import HIDDEN, kind_of, source_of

_NAMELESS: Final = "picture"


def pictures_in(message: discord.Message) -> tuple[MediaSource, ...]:
    """Every picture in a message, forwarded ones too, each once, as the first frame of a video.

    Args:
        message: As Discord sends it with an interaction: its links are fresh.
    """
    found = (one for part in (message, *message.message_snapshots) for one in _shown(part))
    return tuple({one.url: one for one in found if one.url}.values())


def _shown(message: discord.Message | discord.MessageSnapshot) -> Iterator[MediaSource]:
    for attachment in message.attachments:
        if kind_of(attachment.content_type, attachment.filename) == "image":
            yield source_of(attachment, Role.FIRST_FRAME)
    for embed in message.embeds:
        for picture in (embed.image, embed.thumbnail):
            name = name_in(picture.url or "")
            # Discord has a picture of it, whatever it is called where it lies.
            named = kind_of(None, name) == "image"
            yield _linked(picture.proxy_url or "", name if named else _NAMELESS, None, spoiler=False)
    for media, url, spoiler in media_in(message.components):
        name = name_in(media.url)
        if kind_of(media.content_type, name) == "image":
            yield _linked(url, name, media.content_type, spoiler=spoiler)


def _linked(url: str, name: str, media_type: str | None, *, spoiler: bool) -> MediaSource:
    """A picture of which Discord tells neither name nor size."""
    return MediaSource(
        role=Role.FIRST_FRAME,
        url=url,
        filename=name,
        size=0,
        media_type=media_type,
        spoiler=spoiler or name.startswith(HIDDEN),
    )
