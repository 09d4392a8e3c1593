"""Which language is spoken where: the reader's own where only they read, the server's where all do."""

from __future__ import annotations

from typing import Any

import discord

from jobs.model import Delivery, Job, Origin
from locales import Texts, Translate

from .answers import SEEN_BY_ALL


def in_private(interaction: discord.Interaction[Any], texts: Texts) -> Translate:
    """The language of an answer that only this person sees."""
    return texts.for_locale(interaction.locale.value)


def in_answer(interaction: discord.Interaction[Any], texts: Texts) -> Translate:
    """The language of an answer to one person that stands where everybody reads it if "thinking" is there already."""
    public = interaction.extras.get(SEEN_BY_ALL) and server_locale(interaction)
    return texts.for_locale(public or interaction.locale.value)


def in_public(origin: Origin, texts: Texts) -> Translate:
    """The language of a job's own messages: the server's, where it is at home and everybody sees them."""
    if origin.private or origin.guest:
        return texts.for_locale(origin.locale)
    return texts.for_locale(origin.guild_locale or origin.locale)


def of_result(job: Job, texts: Texts) -> Translate:
    """The language of a finished video's message: the requester's where it goes to them alone."""
    if job.delivery is Delivery.CHANNEL:
        return in_public(job.origin, texts)
    return texts.for_locale(job.origin.locale)


def server_locale(interaction: discord.Interaction[Any]) -> str | None:
    """The language the server has chosen; None where it has none, or could not choose.

    Discord reports en-US for every server that is no community, whatever its members speak (Discord docs, Guild
    resource, `preferred_locale`): there the requester's language is the better guess.
    """
    locale = interaction.guild_locale
    if locale is None or interaction.guild is None:
        return None
    chosen = locale is not discord.Locale.american_english or "COMMUNITY" in interaction.guild.features
    return locale.value if chosen else None
