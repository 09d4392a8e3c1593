"""Telling by a message alone what is in it: a job's card, its result, or any video. Pure."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import discord

from jobs.model import MediaSource, Role

from .ui.card import card_mark
from .ui.result import file_ending
from .uploads import HIDDEN

_RESULT: Final = re.compile(r"\.(?P<job>[A-Za-z0-9_-]{1,25})\.mp4$")
"""How our files' names end; `file_ending` makes it."""


def is_card_of(message: discord.Message, job_id: str) -> bool:
    """Whether the message is the job's card, in whatever state it was shown last."""
    mark = card_mark(job_id)
    return any(part.id == mark for part in parts_of(message.components))


def carries_result_of(message: discord.Message, job_id: str) -> bool:
    """Whether the message holds the job's file, or the link to it."""
    return _names_job(_file_names(message), _texts(message.content, parts_of(message.components)), job_id)


def payload_carries_result_of(payload: Mapping[str, Any], job_id: str) -> bool:
    """As `carries_result_of`, by Discord's own description of the message (Discord docs, Message object).

    In a message of Components V2 the attachments are listed nowhere but in the components that show them.
    """
    parts = list(_raw_parts(payload.get("components", ())))
    names = [attachment["filename"] for attachment in payload.get("attachments", ())]
    names += [name_in(item["media"]["url"]) for part in parts for item in part.get("items", ())]
    texts = [payload.get("content", ""), *(part.get("content", "") for part in parts)]
    return _names_job(names, texts, job_id)


def result_job_id(message: discord.Message) -> str | None:
    """The job whose video the message holds, by the name of its file.

    Args:
        message: One of our own: anybody may give a file such a name.
    """
    found = (_RESULT.search(name) for name in _file_names(message))
    return next((match["job"] for match in found if match), None)


def video_in(message: discord.Message) -> Iterator[MediaSource]:
    """Every video in a message, ours or anybody's, forwarded ones too, each as one to be continued from its last frame.

    Args:
        message: As Discord sends it with an interaction: its links are fresh.
    """
    for part in (message, *message.message_snapshots):
        for attachment in part.attachments:
            yield from _video(
                attachment.url,
                attachment.filename,
                attachment.content_type,
                size=attachment.size,
                spoiler=attachment.is_spoiler(),
            )
        for media, url, spoiler in media_in(part.components):
            yield from _video(url, name_in(media.url), media.content_type, spoiler=spoiler)
        for embed in part.embeds:
            # Discord's own copy: nobody asks where a linked video really lies.
            if embed.type == "video" and embed.video.proxy_url:
                yield from _video(embed.video.proxy_url, name_in(embed.video.proxy_url), None)


def _video(
    url: str, name: str, media_type: str | None, *, size: int = 0, spoiler: bool = False
) -> Iterator[MediaSource]:
    media_type = media_type or mimetypes.guess_type(name)[0] or ""
    if media_type.startswith("video/"):
        yield MediaSource(
            role=Role.FIRST_FRAME,
            url=url,
            filename=name,
            size=size,
            media_type=media_type,
            last_frame=True,
            spoiler=spoiler or name.startswith(HIDDEN),
        )


def media_in(components: Iterable[Any]) -> Iterator[tuple[discord.UnfurledMediaItem, str, bool]]:
    """What components show, each with where Discord itself has it, and whether it is hidden.

    What was not uploaded lies anywhere (Discord docs, Unfurled Media Item, `attachment_id`): of that only Discord's own copy
    is taken, where there is one.
    """
    for part in parts_of(components):
        match part:
            case discord.MediaGalleryComponent(items=items):
                shown = [(item.media, item.spoiler) for item in items]
            case (
                discord.ThumbnailComponent(media=media, spoiler=spoiler)
                | discord.FileComponent(media=media, spoiler=spoiler)
            ):
                shown = [(media, spoiler)]
            case _:
                shown = []
        for media, spoiler in shown:
            url = media.url if media.attachment_id else media.proxy_url
            if url:
                yield media, url, spoiler


def _file_names(message: discord.Message) -> Iterator[str]:
    yield from (attachment.filename for attachment in message.attachments)
    yield from (name_in(item.media.url) for item in _gallery_items(message))


def _texts(content: str, parts: Iterable[Any]) -> Iterator[str]:
    yield content
    yield from (part.content for part in parts if isinstance(part, discord.TextDisplay))


def _names_job(file_names: Iterable[str], texts: Iterable[str], job_id: str) -> bool:
    """A card names its job to nobody; what does in words is the link."""
    ending = file_ending(job_id)
    return any(name.endswith(ending) for name in file_names) or any(job_id in text for text in texts)


def name_in(url: str) -> str:
    """The name of the file that an address leads to."""
    return urlsplit(url).path.rpartition("/")[2]


def _gallery_items(message: discord.Message | discord.MessageSnapshot) -> Iterator[discord.MediaGalleryItem]:
    for part in parts_of(message.components):
        if isinstance(part, discord.MediaGalleryComponent):
            yield from part.items


def parts_of(components: Iterable[Any]) -> Iterator[Any]:
    """Every component, and those within: in containers and sections, and beside them."""
    for component in components:
        yield component
        yield from parts_of(getattr(component, "children", ()))
        accessory = getattr(component, "accessory", None)
        if accessory is not None:
            yield accessory


def _raw_parts(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from _raw_parts(component.get("components", ()))
