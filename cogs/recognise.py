"""Telling by a message alone whether it is the card, or the result, of a job. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import discord

from .ui.card import card_mark
from .ui.result import file_ending


def is_card_of(message: discord.Message, job_id: str) -> bool:
    """Whether the message is the job's card, in whatever state it was shown last."""
    mark = card_mark(job_id)
    return any(part.id == mark for part in _parts(message.components))


def carries_result_of(message: discord.Message, job_id: str) -> bool:
    """Whether the message holds the job's file, or the link to it.

    In a message of Components V2 the attachments are listed nowhere but in the components that show them.
    """
    ending = file_ending(job_id)
    if any(attachment.filename.endswith(ending) for attachment in message.attachments):
        return True
    shown = (item.media.url for part in _parts(message.components) for item in _gallery(part))
    if any(urlsplit(url).path.endswith(ending) for url in shown):
        return True
    return job_id in message.content


def _parts(components: Iterable[Any]) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _parts(getattr(component, "children", ()))


def _gallery(component: Any) -> Iterable[discord.MediaGalleryItem]:
    return component.items if isinstance(component, discord.MediaGalleryComponent) else ()
