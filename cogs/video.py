"""`/video`: the commands. Each is one call of the service, or a look at the catalog, and its answer."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import discord
from discord import app_commands
from discord.app_commands import locale_str as _
from discord.ext import commands

from jobs.model import Job
from jobs.ports import Standing

from .answers import Waiting, in_time, reply, tell
from .desk import Desk
from .errors import NothingToCancel, NothingToShow
from .forms import open_empty
from .language import in_private
from .named import named
from .orders import order
from .ui.card import may_cancel, render_card, title
from .ui.models import render_models
from .ui.pages import render_help, render_queue
from .ui.text import one_line, quoted
from .wishes import draft_of, focused, offered

T = TypeVar("T")

LONGEST_PROMPT: Final = 2000
"""Characters, the most any text model takes (MiniMax docs, T2V); the client holds people to it as they type."""

_CHOICES: Final = 25
_CHOICE_NAME: Final = 80
_SEARCHED: Final = 100


class Video(
    commands.GroupCog,
    group_name="video",
    group_description=_("Videos from words and pictures", key="command.video.about"),
):
    """The commands people use.

    Args:
        desk: The service and its surroundings.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @named(
        "create",
        "Make a video from a description, and from pictures if you like",
        prompt="What the video should show, in up to 2000 characters",
        image="The picture it begins with",
        last_image="The picture it ends with",
        subject="A picture of somebody it should show",
        model="Which model makes it",
        duration="Length in seconds",
        resolution="Size of the picture",
        ratio="Width to height",
        camera="How the camera moves: up to three moves at once",
        enhance="Whether the prompt may be reworded for a better video (yes, unless you say no)",
    )
    async def create(
        self,
        interaction: discord.Interaction[Any],
        *,
        prompt: app_commands.Range[str, 1, LONGEST_PROMPT],
        image: discord.Attachment | None = None,
        last_image: discord.Attachment | None = None,
        subject: discord.Attachment | None = None,
        model: str | None = None,
        duration: int | None = None,
        resolution: str | None = None,
        ratio: str | None = None,
        camera: str | None = None,
        enhance: bool | None = None,
    ) -> None:
        """Takes a video on; what the options come to is judged before anything is written."""
        draft = draft_of(
            prompt=prompt,
            image=image,
            last_image=last_image,
            subject=subject,
            model=model,
            duration=duration,
            resolution=resolution,
            ratio=ratio,
            camera=camera,
            enhance=enhance,
        )
        await order(interaction, self._desk, draft)

    @create.autocomplete("model")
    @create.autocomplete("duration")
    @create.autocomplete("resolution")
    @create.autocomplete("ratio")
    @create.autocomplete("camera")
    async def _fitting(
        self, interaction: discord.Interaction[Any], current: str | float
    ) -> list[app_commands.Choice[Any]]:
        t = in_private(interaction, self._desk.texts)
        return offered(focused(interaction), str(current), dict(iter(interaction.namespace)), self._desk.choices, t)

    @named("compose", "Write a long prompt in a form, with pictures if you like")
    async def compose(self, interaction: discord.Interaction[Any]) -> None:
        """Opens the form; what is sent with it comes back to `cogs.forms`."""
        await open_empty(interaction, "compose", self._desk)

    @named("reference", "Make a video after several pictures, videos and sounds")
    async def reference(self, interaction: discord.Interaction[Any]) -> None:
        """Opens the form; what is sent with it comes back to `cogs.forms`."""
        await open_empty(interaction, "reference", self._desk)

    @named("models", "What makes the videos: models, sizes and prices")
    async def models(self, interaction: discord.Interaction[Any]) -> None:
        """Shows what there is to choose from."""
        t = in_private(interaction, self._desk.texts)
        await reply(interaction, render_models(self._desk.choices.table(), t), private=True)

    @named("queue", "Your videos under way, and how busy it is")
    async def queue(self, interaction: discord.Interaction[Any]) -> None:
        """Lists one's own jobs under way."""
        looking = self._desk.service.queue(user_id=interaction.user.id, guild_id=interaction.guild_id)
        found = await self._soon(interaction, looking)
        t = in_private(interaction, self._desk.texts)
        await reply(interaction, render_queue(found, t, self._desk.links), private=True)

    @named("show", "How one of your videos stands", job="Which video; the newest if left out")
    async def show(self, interaction: discord.Interaction[Any], job: str | None = None) -> None:
        """Shows a job's card to one person."""
        found, standing = await self._soon(interaction, self._look(interaction, job))
        t = in_private(interaction, self._desk.texts)
        await reply(interaction, render_card(found, standing, t), private=True)

    @named(
        "cancel",
        "Take a request back before it costs anything",
        job="Which video; the newest that can be cancelled if left out",
    )
    async def cancel(self, interaction: discord.Interaction[Any], job: str | None = None) -> None:
        """Takes a job back, or has the provider asked to; its public card tells everybody else."""
        cancelled = await self._soon(interaction, self._take_back(interaction, job))
        t = in_private(interaction, self._desk.texts)
        prompt = quoted(cancelled.request.prompt, _CHOICE_NAME)
        answer = "answer.cancel_asked" if cancelled.cancel_asked else "answer.cancelled"
        await tell(interaction, f"{t(answer)}\n{prompt}")

    @show.autocomplete("job")
    async def _shown(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return self._jobs(interaction, current, await self._own(interaction))

    @cancel.autocomplete("job")
    async def _cancellable(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        own = await self._own(interaction)
        return self._jobs(interaction, current, [job for job in own if may_cancel(job)])

    @named("help", "What this bot does, on one screen")
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Fits one screen."""
        t = in_private(interaction, self._desk.texts)
        await reply(interaction, render_help(t, self._desk.links), private=True)

    async def _soon(self, interaction: discord.Interaction[Any], work: Coroutine[Any, Any, T]) -> T:
        return await in_time(interaction, work, alarm=self._desk.alarm(), waiting=Waiting.PRIVATE)

    async def _own(self, interaction: discord.Interaction[Any]) -> list[Job]:
        return list(await self._desk.service.recent(user_id=interaction.user.id, limit=_SEARCHED))

    async def _look(self, interaction: discord.Interaction[Any], job_id: str | None) -> tuple[Job, Standing]:
        if job_id is None:
            own = await self._desk.service.recent(user_id=interaction.user.id, limit=1)
            if not own:
                raise NothingToShow
            job_id = own[0].id
        return await self._desk.service.show(job_id, user_id=interaction.user.id, guild_id=interaction.guild_id)

    async def _take_back(self, interaction: discord.Interaction[Any], job_id: str | None) -> Job:
        if job_id is None:
            own = await self._own(interaction)
            job_id = next((job.id for job in own if may_cancel(job)), None)
        if job_id is None:
            raise NothingToCancel
        return await self._desk.service.cancel(job_id, user_id=interaction.user.id)

    def _jobs(
        self, interaction: discord.Interaction[Any], typed: str, jobs: list[Job]
    ) -> list[app_commands.Choice[str]]:
        t = in_private(interaction, self._desk.texts)
        return [
            app_commands.Choice(
                name=t("choice.job", state=title(job, t), prompt=one_line(job.request.prompt, _CHOICE_NAME)),
                value=job.id,
            )
            for job in jobs
            if typed.casefold() in job.request.prompt.casefold() or typed == job.id
        ][:_CHOICES]
