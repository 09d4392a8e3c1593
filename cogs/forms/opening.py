"""Opening a form: always the first answer to whatever it is opened from, within Discord's three seconds.

What a form is about is kept under a key before it is shown, so that it is taken after a restart, and by any process.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import discord
import structlog

from cogs.desk import Desk
from cogs.errors import at_the_desk
from cogs.faults import ANSWER_FAULTS
from cogs.language import in_private
from cogs.recognise import video_in
from cogs.ui.card import jump_url
from cogs.uploads import VideoOutOfReach
from jobs.model import Derivation, Derived, Draft, Job, MediaSource
from jobs.ports import KeptDraft
from jobs.request import draft_of

from .fields import Sheet
from .kinds import KINDS, form_of

log = structlog.get_logger(__name__)


async def open_empty(interaction: discord.Interaction[Any], name: str, desk: Desk) -> None:
    """Shows a form in which nothing is known yet.

    Args:
        interaction: The command, not answered yet.
        name: The word for the form in `KINDS`.
        desk: The service and its surroundings.

    Raises:
        UnfitInputs: No enabled model makes a video of it.
    """
    await _show(interaction, name, nothing_kept(interaction), desk)


async def open_about(
    interaction: discord.Interaction[Any],
    name: str,
    draft: Draft,
    desk: Desk,
    *,
    derivation: Derivation | None = None,
    private: bool = False,
) -> None:
    """Shows a form about something.

    Args:
        interaction: The press or the command, not answered yet.
        name: The word for the form in `KINDS`.
        draft: What is known already.
        desk: The service and its surroundings.
        derivation: The video it comes from, where there is one.
        private: Whether only this person may see the result.

    Raises:
        UnfitInputs: No enabled model makes a video of it.
    """
    kept = await desk.library.keep_draft(draft, user_id=interaction.user.id, derivation=derivation, private=private)
    await _show(interaction, name, kept, desk)


async def open_edit(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    """Shows the form of *Edit*: a job's whole request, to be changed; its files are used again.

    Args:
        interaction: The press, not answered yet.
        job_id: The job.
        desk: The service and its surroundings.

    Raises:
        UnknownJob: There is no such job.
        NotYourJob: Somebody else asked for it.
        UnfitInputs: No enabled model makes a video of its files any more.
    """
    job = await desk.service.own(job_id, user_id=interaction.user.id)
    derivation = Derivation(kind=Derived.EDIT, source_id=job.id, chain=job.chain)
    draft = draft_of(job.request)
    await open_about(interaction, "edit", draft, desk, derivation=derivation, private=job.origin.private)


async def open_extend(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    """Shows the form of *Extend*: a video that begins where the job's ends, by the same words unless they are changed.

    Args:
        interaction: The press, not answered yet.
        job_id: The job.
        desk: The service and its surroundings.

    Raises:
        UnknownJob: There is no such job.
        NotYourJob: Somebody else asked for it.
        VideoOutOfReach: Its video is not to be seen, neither here nor where it was posted.
        UnfitInputs: No enabled model makes a video that begins with a picture.
    """
    job = await desk.service.own(job_id, user_id=interaction.user.id)
    video = await _video_of(job, interaction, desk)
    draft = next_part(job, (replace(video, spoiler=video.spoiler or job.veiled),), prompt=job.request.prompt)
    here = interaction.message.jump_url if interaction.message is not None else ""
    derivation = Derivation(kind=Derived.EXTEND, source_id=job.id, chain=(*job.chain, jump_url(job) or here))
    await open_about(interaction, "extend", draft, desk, derivation=derivation, private=job.origin.private)


async def open_draft(interaction: discord.Interaction[Any], name: str, key: str, desk: Desk) -> None:
    """Shows a form that was refused once more, with everything that was in it; never raises.

    Args:
        interaction: The press, not answered yet.
        name: The word for the form in `KINDS`.
        key: What was in it is kept under this.
        desk: The service and its surroundings.
    """
    async with at_the_desk(interaction, desk):
        await _show(interaction, name, await desk.library.draft(key, user_id=interaction.user.id), desk)


def next_part(job: Job, videos: tuple[MediaSource, ...], *, prompt: str) -> Draft:
    """What continues a job's video: looking like it where that can be had, the camera moving anew.

    Args:
        job: The job.
        videos: Its video.
        prompt: What is to happen.
    """
    request = draft_of(job.request)
    return replace(request, prompt=prompt, camera=(), ratio=None, inputs=videos)


def nothing_kept(interaction: discord.Interaction[Any]) -> KeptDraft:
    """What is known of a form that was opened empty."""
    return KeptDraft(key="", user_id=interaction.user.id, draft=Draft(prompt=""))


def sheet_for(interaction: discord.Interaction[Any], name: str, kept: KeptDraft, desk: Desk) -> Sheet:
    """The form for whoever opens or sends it.

    Args:
        interaction: What it is opened from, or the form itself.
        name: The word for it in `KINDS`.
        kept: What is known.
        desk: What can be chosen, and the texts.
    """
    return Sheet(
        kind=KINDS[name],
        kept=kept,
        choices=desk.choices,
        t=in_private(interaction, desk.texts),
        alone=interaction.context.dm_channel,
    )


async def _show(interaction: discord.Interaction[Any], name: str, kept: KeptDraft, desk: Desk) -> None:
    form = form_of(name, sheet_for(interaction, name, kept, desk))
    try:
        await interaction.response.send_modal(form)
    except ANSWER_FAULTS as error:
        # 40060: delivered twice, and the other one has answered. 10062: too late.
        log.warning("form not shown", form=name, interaction=interaction.id, error=str(error))


async def _video_of(job: Job, interaction: discord.Interaction[Any], desk: Desk) -> MediaSource:
    """A job's video, by a link that is fresh: on the message that was pressed, or else where it was posted."""
    message = interaction.message
    if message is None or not any(video_in(message)):
        message = await _posted(job, interaction, desk)
    return next(video_in(message))


async def _posted(job: Job, interaction: discord.Interaction[Any], desk: Desk) -> discord.Message:
    """The message with a job's video.

    Raises:
        VideoOutOfReach: There is none, it holds but a link, or Discord did not show it in time.
    """
    posted = job.posted
    if posted is None or posted.deleted or job.as_link:
        raise VideoOutOfReach
    channel = interaction.client.get_partial_messageable(posted.channel_id)
    looking = asyncio.ensure_future(channel.fetch_message(posted.message_id))
    ringing = asyncio.ensure_future(desk.alarm())
    await asyncio.wait({looking, ringing}, return_when=asyncio.FIRST_COMPLETED)
    ringing.cancel()
    if not looking.done():
        looking.cancel()
        raise VideoOutOfReach
    try:
        message = looking.result()
    except ANSWER_FAULTS as error:
        log.info("video not seen", job=job.id, error=str(error))
        raise VideoOutOfReach from error
    if not any(video_in(message)):
        raise VideoOutOfReach
    return message
