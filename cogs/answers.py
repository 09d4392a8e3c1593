"""Answering an interaction within Discord's three seconds, whatever has happened to it before. Knows discord.py only."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from enum import Enum
from typing import Any, Final, TypeVar

import discord
import structlog
from discord import ui

from .faults import ANSWER_FAULTS

T = TypeVar("T")

SEEN_BY_ALL: Final = "seen by all"
"""Set in `interaction.extras` once everybody sees "thinking": they will see what takes its place, too."""

log = structlog.get_logger(__name__)


class Waiting(Enum):
    """What people see while an answer takes longer; it also fixes who will see the answer."""

    PUBLIC = "thinking, for all"
    PRIVATE = "thinking, for one"
    SILENT = "nothing: the message the button is on will change"


async def in_time(
    interaction: discord.Interaction[Any],
    work: Coroutine[Any, Any, T],
    *,
    alarm: Coroutine[Any, Any, None],
    waiting: Waiting,
) -> T:
    """Does the work; if the alarm goes off before its end, Discord is told to wait meanwhile.

    The work goes on to its end even if this handler is cancelled or Discord has given the interaction up.

    Args:
        interaction: What is to be answered.
        work: What the answer takes.
        alarm: Ends when people have waited long enough.
        waiting: What they see from then on.
    """
    task, ringing = asyncio.ensure_future(work), asyncio.ensure_future(alarm)
    try:
        await asyncio.wait({task, ringing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ringing.cancel()
    if not task.done():
        await acknowledge(interaction, waiting)
    return await task


async def acknowledge(interaction: discord.Interaction[Any], waiting: Waiting) -> bool:
    """Tells Discord that the answer takes longer; never raises.

    Args:
        interaction: What is to be answered.
        waiting: What people see meanwhile.

    Returns:
        Whether Discord took it. Not so where it was delivered twice and the other one has answered (40060), or too late
        (10062).
    """
    try:
        if waiting is Waiting.SILENT:
            await interaction.response.defer()
        else:
            await interaction.response.defer(thinking=True, ephemeral=waiting is Waiting.PRIVATE)
    except ANSWER_FAULTS as error:
        log.warning("not deferred", interaction=interaction.id, error=str(error))
        return False
    interaction.extras[SEEN_BY_ALL] = waiting is Waiting.PUBLIC
    return True


async def reply(interaction: discord.Interaction[Any], view: ui.LayoutView, *, private: bool) -> int:
    """Answers with a layout, as the first response or in place of "thinking".

    Returns:
        The id of the message.

    Raises:
        discord.HTTPException: Discord has given the interaction up, or was answered before.
    """
    if interaction.response.is_done():
        return (await interaction.edit_original_response(view=view)).id
    sent = await interaction.response.send_message(view=view, ephemeral=private)
    if sent.message_id is None:
        return (await interaction.original_response()).id
    return sent.message_id


async def rewrite(interaction: discord.Interaction[Any], view: ui.LayoutView) -> None:
    """Shows something else on the very message whose button was pressed, or menu used; never raises."""
    try:
        if interaction.response.is_done():
            await interaction.edit_original_response(view=view)
        else:
            await interaction.response.edit_message(view=view)
    except ANSWER_FAULTS as error:
        log.warning("message not changed", interaction=interaction.id, error=str(error))


async def tell(interaction: discord.Interaction[Any], text: str, *, view: ui.View | None = None) -> None:
    """Tells one person something, privately unless "thinking" is already there for all; never raises.

    Args:
        interaction: The command, the press or the form.
        text: What to tell.
        view: Buttons below it.
    """
    below = discord.utils.MISSING if view is None else view
    try:
        if not interaction.response.is_done():
            await interaction.response.send_message(text, view=below, ephemeral=True)
        elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
            await interaction.edit_original_response(content=text, view=below)
        else:
            await interaction.followup.send(text, view=below, ephemeral=True)
    except ANSWER_FAULTS as error:
        log.warning("not told", interaction=interaction.id, error=str(error))
