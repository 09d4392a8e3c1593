"""Taking a video on: the checks, the commit, and the status card as the answer. Shared by command and button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog

from jobs.errors import StoreUnavailable
from jobs.model import Draft, Job, Origin, Posted
from jobs.ports import Standing

from .access import origin_of
from .answers import Waiting, in_time, reply, tell
from .desk import Desk
from .errors import ORDERING
from .faults import ANSWER_FAULTS
from .language import in_private, in_public
from .ui.card import render_card
from .uploads import check_files

log = structlog.get_logger(__name__)


async def order(interaction: discord.Interaction[Any], desk: Desk, draft: Draft) -> None:
    """Takes a video on, as far as can be told before anything is written; the rest is `place_order`.

    Args:
        interaction: The command or the form.
        desk: The service and its surroundings.
        draft: What is wished for.

    Raises:
        RequestProblem: Nothing was made.
    """
    check_files(desk.service.preview(draft).request, desk.choices)
    await place_order(interaction, desk, lambda origin: desk.service.submit(draft, origin))


async def place_order(
    interaction: discord.Interaction[Any], desk: Desk, commit: Callable[[Origin], Awaitable[Job]]
) -> None:
    """Commits a job and answers with its card.

    Once the job is committed nothing here can lose it: where the answer fails, the engine posts a card itself.

    Args:
        interaction: The command or the press.
        desk: The service and its surroundings.
        commit: Makes the job; the same interaction always gives the same one.

    Raises:
        RequestProblem: Nothing was made.
    """
    origin = origin_of(interaction, upload_limit=desk.upload_limit)
    interaction.extras[ORDERING] = True

    async def commit_and_look() -> tuple[Job, Standing]:
        job = await commit(origin)
        return job, await desk.service.standing(job)

    job, standing = await in_time(interaction, commit_and_look(), alarm=desk.alarm(), waiting=Waiting.PUBLIC)
    if job.origin.interaction_id != interaction.id:
        await tell(interaction, in_private(interaction, desk.texts)("answer.retried"))
        return
    try:
        message_id = await reply(
            interaction, render_card(job, standing, in_public(job.origin, desk.texts)), private=False
        )
        # Until this is written the engine takes the card for missing, looks for it and adopts it.
        await desk.service.card_placed(job.id, Posted(channel_id=origin.channel_id, message_id=message_id))
    except (*ANSWER_FAULTS, StoreUnavailable) as error:
        # 40060: delivered twice, and the other one has answered. 10062: too late. Either way the job lives.
        log.warning("card not placed", job=job.id, interaction=interaction.id, error=str(error))
