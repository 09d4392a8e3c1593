"""Taking a video on: the checks, the commit, and the status card as the answer. Shared by command and button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog

from jobs.errors import StoreUnavailable
from jobs.model import Answer, Derivation, Draft, Job, Origin, Posted
from jobs.ports import Standing

from .access import answer_of, origin_of
from .answers import Waiting, in_time, reply, tell
from .desk import Desk
from .errors import DOUBT, DOUBT_ORDERED
from .faults import ANSWER_FAULTS
from .language import in_answer, in_public
from .ui.card import render_card
from .uploads import check_files

log = structlog.get_logger(__name__)


async def order(
    interaction: discord.Interaction[Any],
    desk: Desk,
    draft: Draft,
    *,
    derivation: Derivation | None = None,
    private: bool = False,
) -> None:
    """Takes a video on, as far as can be told before anything is written; the rest is `place_order`.

    Args:
        interaction: The command or the form.
        desk: The service and its surroundings.
        draft: What is wished for.
        derivation: The video it comes from, where there is one.
        private: Whether only this person may see it.

    Raises:
        RequestProblem: Nothing was made.
    """
    check_files(desk.service.preview(draft).request, desk.choices)

    def commit(origin: Origin, answer: Answer | None) -> Awaitable[Job]:
        return desk.service.submit(draft, origin, derivation=derivation, answer=answer)

    await place_order(interaction, desk, commit, private=private)


async def place_order(
    interaction: discord.Interaction[Any],
    desk: Desk,
    commit: Callable[[Origin, Answer | None], Awaitable[Job]],
    *,
    private: bool = False,
) -> None:
    """Commits a job and answers with its card.

    Once the job is committed nothing here can lose it: where the answer fails, the engine posts a card itself.

    Args:
        interaction: The command or the press.
        desk: The service and its surroundings.
        commit: Makes the job; the same interaction always gives the same one.
        private: Whether only this person may see it.

    Raises:
        RequestProblem: Nothing was made.
    """
    origin = origin_of(interaction, upload_limit=desk.upload_limit, private=private)
    interaction.extras[DOUBT] = DOUBT_ORDERED

    async def commit_and_look() -> tuple[Job, Standing]:
        job = await commit(origin, answer_of(interaction, origin))
        return job, await desk.service.standing(job)

    waiting = Waiting.PRIVATE if origin.private else Waiting.PUBLIC
    job, standing = await in_time(interaction, commit_and_look(), alarm=desk.alarm(), waiting=waiting)
    if job.origin.interaction_id != interaction.id:
        await tell(interaction, in_answer(interaction, desk.texts)("answer.retried"))
        return
    try:
        reader = origin.user_id if origin.private else None
        card = render_card(job, standing, in_public(job.origin, desk.texts), reader=reader)
        message_id = await reply(interaction, card, private=origin.private)
        # Until this is written the engine takes the card for missing, looks for it and adopts it.
        await desk.service.card_placed(job.id, Posted(channel_id=origin.channel_id, message_id=message_id))
    except (*ANSWER_FAULTS, StoreUnavailable) as error:
        # 40060: delivered twice, and the other one has answered. 10062: too late. Either way the job lives.
        log.warning("card not placed", job=job.id, interaction=interaction.id, error=str(error))
