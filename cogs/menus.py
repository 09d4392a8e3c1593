"""What can be done with any message: the menus *Animate this image* and *Continue this video*. Both lead to a form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import locale_str as _

from jobs.errors import UnknownJob
from jobs.model import Derivation, Derived, Draft, Job

from .desk import Desk
from .forms import next_part, open_about
from .forms.fields import MOST_OPTIONS
from .pictures import pictures_in
from .recognise import result_job_id, video_in
from .uploads import NoPicture, NoVideo


def menus(desk: Desk) -> tuple[app_commands.ContextMenu, ...]:
    """The menus of messages.

    Args:
        desk: The service and its surroundings.
    """

    async def animate(interaction: discord.Interaction, message: discord.Message) -> None:
        await open_animate(interaction, message, desk)

    async def go_on(interaction: discord.Interaction, message: discord.Message) -> None:
        await open_continue(interaction, message, desk)

    return (
        app_commands.ContextMenu(name=_("Animate this image", key="menu.animate"), callback=animate),
        app_commands.ContextMenu(name=_("Continue this video", key="menu.continue"), callback=go_on),
    )


async def open_animate(interaction: discord.Interaction[Any], message: discord.Message, desk: Desk) -> None:
    """Shows the form that makes a video of a message's picture; where there are several, it asks which.

    Args:
        interaction: The menu, not answered yet.
        message: The message.
        desk: The service and its surroundings.

    Raises:
        NoPicture: There is none in it.
        UnfitInputs: No enabled model makes a video that begins with a picture.
    """
    found = pictures_in(message)[:MOST_OPTIONS]
    if not found:
        raise NoPicture
    await open_about(interaction, "animate", Draft(prompt="", inputs=found), desk)


async def open_continue(interaction: discord.Interaction[Any], message: discord.Message, desk: Desk) -> None:
    """Shows the form that makes the next part of a message's video, whoever posted it; our own remember their chain.

    Args:
        interaction: The menu, not answered yet.
        message: The message.
        desk: The service and its surroundings.

    Raises:
        NoVideo: There is none in it.
        UnfitInputs: No enabled model makes a video that begins with a picture.
    """
    found = tuple({one.url: one for one in video_in(message)}.values())[:MOST_OPTIONS]
    if not found:
        raise NoVideo
    job = await _made_by_us(interaction, message, desk)
    draft = Draft(prompt="", inputs=found)
    derivation = Derivation(kind=Derived.EXTEND, chain=(message.jump_url,))
    if job is not None:
        mine = job.origin.user_id == interaction.user.id
        draft = next_part(
            job,
            tuple(replace(one, spoiler=one.spoiler or job.veiled) for one in found),
            prompt=job.request.prompt if mine else "",
        )
        derivation = replace(derivation, source_id=job.id, chain=(*job.chain, message.jump_url))
    private = job is not None and job.origin.private
    await open_about(interaction, "continue", draft, desk, derivation=derivation, private=private)


async def _made_by_us(interaction: discord.Interaction[Any], message: discord.Message, desk: Desk) -> Job | None:
    """The job whose result the message is; None where it is not one, or one that this person knows nothing of."""
    me = interaction.client.user
    job_id = result_job_id(message) if me is not None and message.author.id == me.id else None
    if job_id is None:
        return None
    try:
        found = await desk.service.show(job_id, user_id=interaction.user.id, guild_id=interaction.guild_id)
    except UnknownJob:
        return None
    return found[0]
