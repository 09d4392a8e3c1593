"""*Share*: a finished video is posted once more, with credit, in a channel that its requester may write in and picks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import discord
import structlog
from discord import app_commands

from jobs.errors import BadInput, DeliveryDelayed, Reason, TooLarge, Transient, Undeliverable
from jobs.model import Job, Posted

from .answers import Waiting, in_time, reply, rewrite
from .desk import Desk
from .errors import ShareRefused, Snag, at_the_desk, explain
from .faults import ANSWER_FAULTS, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, delivery
from .language import in_private, in_public
from .recognise import video_in
from .ui.card import message_url
from .ui.pages import page
from .ui.result import alt_text, may_share
from .ui.share import CHANNEL_KINDS, choose_channel, render_shared, shared_name

log = structlog.get_logger(__name__)

Place = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""A channel somebody chose, with that person's own permissions there, as Discord computed them."""

_VOICE: Final = frozenset({discord.ChannelType.voice, discord.ChannelType.stage_voice})


async def offer_channels(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    """Asks, privately, where to share a video to.

    Args:
        interaction: The press on *Share*.
        job_id: Whose video.
        desk: The service and its surroundings.

    Raises:
        UnknownJob: There is no such job.
        NotYourJob: Somebody else asked for it.
        ShareRefused: It is not where others could see it.
    """
    own = desk.service.own(job_id, user_id=interaction.user.id)
    job = await in_time(interaction, own, alarm=desk.alarm(), waiting=Waiting.PRIVATE)
    if not may_share(job):
        raise ShareRefused(Snag.VIDEO_GONE)
    await reply(interaction, choose_channel(job, in_private(interaction, desk.texts)), private=True)


async def share_to(interaction: discord.Interaction[Any], job_id: str, place: Place, desk: Desk) -> None:
    """Posts the video in the channel that was chosen; never raises.

    Args:
        interaction: The choice, on the private message that offered it.
        job_id: Whose video.
        place: Where it goes.
        desk: The service and its surroundings.
    """
    async with at_the_desk(interaction, desk):
        job = await desk.service.own(job_id, user_id=interaction.user.id)
        t = in_private(interaction, desk.texts)
        try:
            _check(interaction, job, place)
            # Acknowledged before the effect, and the menu is gone: a second choice would post a second copy.
            await interaction.response.edit_message(view=page(t("share.under_way", channel=f"<#{place.id}>")))
            url = await _share(interaction, job, place, desk)
        except ShareRefused as problem:
            log.info("not shared", job=job_id, channel=place.id, snag=problem.snag)
            await rewrite(interaction, choose_channel(job, t, problem=explain(problem, t, desk.links)))
        except ANSWER_FAULTS as error:
            log.warning("sharing not answered", job=job_id, interaction=interaction.id, error=str(error))
        else:
            await rewrite(interaction, page(t("share.done", url=url)))


def _check(interaction: discord.Interaction[Any], job: Job, place: Place) -> None:
    """Whether this person may post a video there themselves, and this one.

    Raises:
        ShareRefused: They may not.
    """
    if place.type not in CHANNEL_KINDS:
        raise ShareRefused(Snag.NO_MESSAGES)
    thread = isinstance(place, app_commands.AppCommandThread)
    needed = {"view_channel", "attach_files", "send_messages_in_threads" if thread else "send_messages"}
    if place.type in _VOICE:
        needed.add("connect")
    if isinstance(place, app_commands.AppCommandThread) and place.locked:
        needed.add("manage_threads")
    if not all(getattr(place.permissions, name) for name in needed):
        raise ShareRefused(Snag.MAY_NOT_WRITE)
    if job.origin.age_restricted and not _is_age_restricted(interaction, place):
        raise ShareRefused(Snag.AGE_RESTRICTED)


def _is_age_restricted(interaction: discord.Interaction[Any], place: Place) -> bool:
    """Whether only adults get in there; a thread is what its channel is, and what nobody knows is not."""
    if isinstance(place, app_commands.AppCommandChannel):
        return place.nsfw
    parent = interaction.guild.get_channel(place.parent_id) if interaction.guild else None
    return isinstance(parent, (discord.TextChannel, discord.ForumChannel)) and parent.nsfw


async def _share(interaction: discord.Interaction[Any], job: Job, place: Place, desk: Desk) -> str:
    """Posts the copy; the interaction's id keeps Discord from taking it twice.

    Returns:
        The link to it.

    Raises:
        ShareRefused: It could not be had, or not be posted.
    """
    if job.posted is None or job.posted.deleted:
        raise ShareRefused(Snag.VIDEO_GONE)
    client: discord.Client = interaction.client
    t = in_public(job.origin, desk.texts)
    original = message_url(job.origin.guild_id, job.posted)
    async with _copy_of(client, job, job.posted, desk) as path:
        try:
            with (
                delivery(),
                closing(discord.File(path, filename=shared_name(job), description=alt_text(job, t))) as video,
            ):
                message = await client.get_partial_messageable(place.id).send(
                    view=render_shared(job, video, t, original=original),
                    file=video,
                    nonce=f"s{interaction.id}",
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except TooLarge as error:
            raise ShareRefused(Snag.TOO_LARGE) from error
        except Undeliverable as error:
            raise ShareRefused(Snag.CHANNEL_GONE if error.code == UNKNOWN_CHANNEL else Snag.CLOSED) from error
        except DeliveryDelayed as error:
            raise ShareRefused(Snag.UNSURE) from error
    log.info("shared", job=job.id, channel=place.id, message=message.id)
    return message_url(interaction.guild_id, Posted(channel_id=place.id, message_id=message.id))


@asynccontextmanager
async def _copy_of(client: discord.Client, job: Job, posted: Posted, desk: Desk) -> AsyncGenerator[Path]:
    """The posted file on our disk for a while.

    Raises:
        ShareRefused: It could not be had.
    """
    url = await _fresh_link(client, job, posted, desk)
    try:
        folder = await asyncio.to_thread(TemporaryDirectory, prefix="share-", dir=desk.folder)
    except OSError as error:
        log.warning("no room for a copy", job=job.id, error=str(error))
        raise ShareRefused(Snag.NOT_FETCHED) from error
    try:
        path = Path(folder.name) / "video.mp4"
        try:
            await desk.fetch_file(url, path, limit=max(desk.upload_limit, job.upload_limit))
        except BadInput as error:
            too_large = error.reason is Reason.INPUT_TOO_LARGE
            raise ShareRefused(Snag.TOO_LARGE if too_large else Snag.NOT_FETCHED) from error
        except Transient as error:
            raise ShareRefused(Snag.NOT_FETCHED) from error
        yield path
    finally:
        await asyncio.to_thread(folder.cleanup)


async def _fresh_link(client: discord.Client, job: Job, posted: Posted, desk: Desk) -> str:
    """Where the file can be had now: links from when it was posted have expired.

    Raises:
        ShareRefused: It is no longer there, or Discord does not say.
    """
    try:
        with delivery():
            message = await client.get_partial_messageable(posted.channel_id).fetch_message(posted.message_id)
    except Undeliverable as error:
        if error.code == UNKNOWN_MESSAGE:
            await desk.service.removed(job.id)
        raise ShareRefused(Snag.VIDEO_GONE) from error
    except DeliveryDelayed as error:
        raise ShareRefused(Snag.NOT_FETCHED) from error
    url = next((video.url for video in video_in(message)), None)
    if url is None:
        raise ShareRefused(Snag.VIDEO_GONE)
    return url
