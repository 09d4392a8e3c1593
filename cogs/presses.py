"""What happens when a button under a job is pressed: one call of the service each, and the card shows the outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

import discord
import structlog

from jobs.errors import NotYourJob, StoreUnavailable
from jobs.model import ENDS, Answer, Job, Origin
from jobs.ports import Standing

from .access import fetch_answer
from .answers import Waiting, acknowledge, in_time, rewrite, tell
from .desk import Desk
from .errors import DOUBT, DOUBT_CANCELLED, NotForYou, at_the_desk
from .forms import open_edit, open_extend
from .language import in_private, in_public
from .orders import place_order
from .removing import ask_first
from .sharing import offer_channels
from .ui.buttons import Action
from .ui.card import render_card

log = structlog.get_logger(__name__)


async def press(interaction: discord.Interaction[Any], action: Action, job_id: str, desk: Desk) -> None:
    """Does what the button says; never raises.

    Args:
        interaction: The press.
        action: What the button does.
        job_id: To which job.
        desk: The service and its surroundings.
    """
    async with at_the_desk(interaction, desk):
        try:
            await _PRESSES[action](interaction, job_id, desk)
        except NotYourJob as error:
            raise NotForYou(action) from error


async def _again(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    await _repeat(interaction, job_id, desk, desk.service.again)


async def _retry(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    await _repeat(interaction, job_id, desk, desk.service.retry)


async def _favourite(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    change = desk.library.toggle_favourite(job_id, user_id=interaction.user.id)
    _, kept = await in_time(interaction, change, alarm=desk.alarm(), waiting=Waiting.PRIVATE)
    t = in_private(interaction, desk.texts)
    text = t("favourite.kept" if kept else "favourite.dropped", history=desk.links.video("history", t))
    await tell(interaction, text)


async def _cancel(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    interaction.extras[DOUBT] = DOUBT_CANCELLED
    await _change(interaction, desk, desk.service.cancel(job_id, user_id=interaction.user.id))


async def _fetch(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    answer = fetch_answer(interaction)
    if answer is None:
        await _change(interaction, desk, desk.service.fetch(job_id, user_id=interaction.user.id))
        return
    # Before the video may be on its way: until then Discord knows of no answer that it could take the place of. And that is
    # all: a card sent from here could arrive after the video and hide it, so the engine shows it.
    await acknowledge(interaction, Waiting.SILENT)
    await desk.service.fetch(job_id, user_id=interaction.user.id, answer=answer)


_PRESSES: Final[dict[Action, Callable[[discord.Interaction[Any], str, Desk], Awaitable[None]]]] = {
    Action.AGAIN: _again,
    Action.EDIT: open_edit,
    Action.EXTEND: open_extend,
    Action.FAVOURITE: _favourite,
    Action.SHARE: offer_channels,
    Action.DELETE: ask_first,
    Action.CANCEL: _cancel,
    Action.RETRY: _retry,
    Action.FETCH: _fetch,
}


class _Repeat(Protocol):
    async def __call__(self, job_id: str, origin: Origin, *, answer: Answer | None) -> Job: ...


async def _repeat(interaction: discord.Interaction[Any], job_id: str, desk: Desk, repeat: _Repeat) -> None:
    """Orders the same once more; what was private stays so."""
    source = await desk.service.own(job_id, user_id=interaction.user.id)

    def commit(origin: Origin, answer: Answer | None) -> Awaitable[Job]:
        return repeat(job_id, origin, answer=answer)

    await place_order(interaction, desk, commit, private=source.origin.private)


async def _change(interaction: discord.Interaction[Any], desk: Desk, change: Coroutine[Any, Any, Job]) -> None:
    """Makes the change, then shows it on the very message that was pressed; elsewhere the engine shows it."""
    job = await in_time(interaction, change, alarm=desk.alarm(), waiting=Waiting.SILENT)
    alone = interaction.message is not None and interaction.message.flags.ephemeral
    t = in_private(interaction, desk.texts) if alone else in_public(job.origin, desk.texts)
    view = render_card(job, Standing(), t, reader=interaction.user.id if alone else None)
    await rewrite(interaction, view)
    if not alone and job.state not in ENDS:
        # It goes on meanwhile, so what was just shown may be the past.
        try:
            await desk.service.card_overwritten(job.id)
        except StoreUnavailable as error:
            log.warning("card not looked at again", job=job.id, error=str(error))
