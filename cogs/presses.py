"""What happens when a button under a job is pressed: one call of the service each, and the card shows the outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import discord
import structlog

from jobs.model import Job
from jobs.ports import Standing

from .answers import Waiting, in_time
from .desk import Desk
from .errors import answer_failure
from .faults import ANSWER_FAULTS
from .language import in_private, in_public
from .orders import place_order
from .ui.buttons import Action
from .ui.card import render_card

log = structlog.get_logger(__name__)


async def press(interaction: discord.Interaction[Any], action: Action, job_id: str, desk: Desk) -> None:
    """Does what the button says; never raises, for discord.py would only log it and leave the person without an answer.

    Args:
        interaction: The press.
        action: What the button does.
        job_id: To which job.
        desk: The service and its surroundings.
    """
    try:
        desk.doors.check(interaction)
        await _PRESSES[action](interaction, job_id, desk)
    except Exception as error:  # noqa: BLE001 - recorded and worded there
        await answer_failure(interaction, error, desk)


async def _cancel(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    await _change(interaction, desk, desk.service.cancel(job_id, user_id=interaction.user.id))


async def _fetch(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    await _change(interaction, desk, desk.service.fetch(job_id, user_id=interaction.user.id))


async def _retry(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    await place_order(interaction, desk, lambda origin, answer: desk.service.retry(job_id, origin, answer=answer))


_PRESSES: Final[dict[Action, Callable[[discord.Interaction[Any], str, Desk], Awaitable[None]]]] = {
    Action.CANCEL: _cancel,
    Action.RETRY: _retry,
    Action.FETCH: _fetch,
}


async def _change(interaction: discord.Interaction[Any], desk: Desk, change: Coroutine[Any, Any, Job]) -> None:
    """Makes the change, then shows it on the very message that was pressed; elsewhere the engine shows it."""
    job = await in_time(interaction, change, alarm=desk.alarm(), waiting=Waiting.SILENT)
    alone = interaction.message is not None and interaction.message.flags.ephemeral
    t = in_private(interaction, desk.texts) if alone else in_public(job.origin, desk.texts)
    view = render_card(job, Standing(), t)
    try:
        if interaction.response.is_done():
            await interaction.edit_original_response(view=view)
        else:
            await interaction.response.edit_message(view=view)
    except ANSWER_FAULTS as error:
        log.warning("change not shown", job=job.id, interaction=interaction.id, error=str(error))
