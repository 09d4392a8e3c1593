"""*Delete*: asked for by the requester or a moderator, confirmed in a small form, then gone for everybody."""

from __future__ import annotations

from typing import Any, Final

import discord
import structlog
from discord import ui

from jobs.delivering import watch_key
from jobs.errors import DeliveryDelayed, Undeliverable
from jobs.model import Job
from locales import Translate

from .answers import Waiting, acknowledge, in_time, tell
from .desk import Desk
from .faults import UNKNOWN_MESSAGE, delivery
from .language import in_private
from .recognise import carries_result_of
from .ui.buttons import Action, custom_id
from .ui.text import quoted

log = structlog.get_logger(__name__)

PROMPT_SHOWN: Final = 300
"""Characters of the prompt in the question: enough to know which video it is."""


async def ask_first(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    """Asks whether the video is really to be deleted.

    Args:
        interaction: The press on *Delete*, not answered yet: a form must be the first answer.
        job_id: Whose video.
        desk: The service and its surroundings.

    Raises:
        UnknownJob: There is no such job.
        NotYourJob: Somebody else asked for it, and this person is no moderator.
    """
    job = await _removable(interaction, job_id, desk)
    await interaction.response.send_modal(delete_form(job, in_private(interaction, desk.texts)))


def delete_form(job: Job, t: Translate) -> ui.Modal:
    """The question, with as much of the prompt as tells one video from another.

    Args:
        job: The job.
        t: The reader's language.
    """
    form = ui.Modal(title=t("form.delete.title"), custom_id=custom_id(Action.DELETE, job.id))
    form.add_item(ui.TextDisplay(quoted(job.request.prompt, PROMPT_SHOWN)))
    form.add_item(ui.TextDisplay(t("form.delete.about")))
    form.stop()  # or discord.py would remember it
    return form


async def confirmed(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> None:
    """Deletes the message with the video, then remembers that it is gone. Harmless if repeated, or if it was gone before.

    Dying between the two leaves a card whose link leads nowhere.

    Args:
        interaction: The form, sent.
        job_id: Whose video.
        desk: The service and its surroundings.

    Raises:
        UnknownJob: There is no such job.
        NotYourJob: Somebody else asked for it, and this person is no moderator (any more).
    """
    asked = _removable(interaction, job_id, desk)
    job = await in_time(interaction, asked, alarm=desk.alarm(), waiting=Waiting.SILENT)
    if not interaction.response.is_done() and not await acknowledge(interaction, Waiting.SILENT):
        return
    t = in_private(interaction, desk.texts)
    try:
        await _delete(interaction, job)
    except DeliveryDelayed as error:
        log.warning("not deleted", job=job_id, interaction=interaction.id, error=str(error))
        await tell(interaction, t("delete.not_now"))
        return
    except Undeliverable as error:
        if error.code != UNKNOWN_MESSAGE:
            log.warning("not deleted", job=job_id, interaction=interaction.id, error=str(error))
            await tell(interaction, t("delete.closed"))
            return
    # Where the file was too large for the place, the message held but a link.
    await desk.unpublish(watch_key(job))
    await desk.service.removed(job_id)
    log.info("deleted", job=job_id, by=interaction.user.id)
    await tell(interaction, t("delete.done"))


async def _removable(interaction: discord.Interaction[Any], job_id: str, desk: Desk) -> Job:
    """The job, if this person may delete its video: their own, or a message in a channel that they moderate."""
    message = interaction.message
    moderator = (
        interaction.guild_id is not None
        and interaction.permissions.manage_messages
        # Elsewhere, as on a private page, they would moderate a channel that they are not in.
        and message is not None
        and carries_result_of(message, job_id)
    )
    return await desk.service.removable(job_id, user_id=interaction.user.id, moderator=moderator)


async def _delete(interaction: discord.Interaction[Any], job: Job) -> None:
    """Deletes the message with the result.

    Raises:
        DeliveryDelayed: Try again later.
        Undeliverable: It is gone already, or no longer ours to delete.
    """
    message, posted = interaction.message, job.posted
    with delivery():
        if message is not None and (posted is None or posted.message_id == message.id):
            # Through the interaction: that reaches places where the bot is no member, and private messages.
            await interaction.delete_original_response()
        elif posted is not None and not posted.deleted:
            channel = interaction.client.get_partial_messageable(posted.channel_id)
            await channel.get_partial_message(posted.message_id).delete()
