"""`/video`: create, queue, show, cancel, help. Each command is one call of the service, and its answer."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import discord
from discord import app_commands
from discord.app_commands import locale_str as _
from discord.ext import commands

from jobs.model import CANCELLABLE, Draft, Job
from jobs.ports import Standing

from .answers import Waiting, in_time, reply, tell
from .desk import Desk
from .errors import NothingToCancel, NothingToShow
from .language import in_private
from .orders import place_order
from .ui.card import render_card, title
from .ui.figures import money
from .ui.pages import render_help, render_queue
from .ui.text import one_line, quoted

T = TypeVar("T")

LONGEST_PROMPT: Final = 2000
"""Characters, the most any text model takes (MiniMax docs, T2V); the client holds people to it as they type."""

_CHOICES: Final = 25
_CHOICE_NAME: Final = 80
_SEARCHED: Final = 100


class Video(
    commands.GroupCog,
    group_name="video",
    group_description=_("Videos from words", key="command.video.about"),
):
    """The commands people use.

    Args:
        desk: The service and its surroundings.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @app_commands.command(
        name=_("create", key="command.create.name"),
        description=_("Make a video from a description", key="command.create.about"),
    )
    @app_commands.rename(
        prompt=_("prompt", key="command.create.prompt.name"),
        duration=_("duration", key="command.create.duration.name"),
        resolution=_("resolution", key="command.create.resolution.name"),
    )
    @app_commands.describe(
        prompt=_("What the video should show, in up to 2000 characters", key="command.create.prompt.about"),
        duration=_("Length in seconds", key="command.create.duration.about"),
        resolution=_("Size of the picture", key="command.create.resolution.about"),
    )
    async def create(
        self,
        interaction: discord.Interaction[Any],
        prompt: app_commands.Range[str, 1, LONGEST_PROMPT],
        duration: int | None = None,
        resolution: str | None = None,
    ) -> None:
        """Takes a video on; what the options come to is judged before anything is written."""
        service = self._desk.service
        draft = Draft(prompt=prompt, duration=duration, resolution=resolution)
        service.preview(draft)
        await place_order(interaction, self._desk, lambda origin: service.submit(draft, origin))

    @create.autocomplete("duration")
    async def _durations(
        self, interaction: discord.Interaction[Any], current: str | float
    ) -> list[app_commands.Choice[int]]:
        t = in_private(interaction, self._desk.texts)
        fitting = self._desk.choices.choices("duration", resolution=interaction.namespace.resolution)
        return [
            app_commands.Choice(
                name=t("choice.duration", seconds=choice.value, price=money(choice.price, t)), value=int(choice.value)
            )
            for choice in fitting
            if choice.value.startswith(str(current))
        ][:_CHOICES]

    @create.autocomplete("resolution")
    async def _resolutions(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        t = in_private(interaction, self._desk.texts)
        duration = interaction.namespace.duration
        fitting = self._desk.choices.choices("resolution", duration=duration if isinstance(duration, int) else None)
        return [
            app_commands.Choice(
                name=t("choice.resolution", resolution=choice.value, price=money(choice.price, t)), value=choice.value
            )
            for choice in fitting
            if choice.value.casefold().startswith(current.casefold())
        ][:_CHOICES]

    @app_commands.command(
        name=_("queue", key="command.queue.name"),
        description=_("Your videos under way, and how busy it is", key="command.queue.about"),
    )
    async def queue(self, interaction: discord.Interaction[Any]) -> None:
        """Lists one's own jobs under way."""
        looking = self._desk.service.queue(user_id=interaction.user.id, guild_id=interaction.guild_id)
        found = await self._soon(interaction, looking)
        t = in_private(interaction, self._desk.texts)
        await reply(interaction, render_queue(found, t, self._desk.links), private=True)

    @app_commands.command(
        name=_("show", key="command.show.name"),
        description=_("How one of your videos stands", key="command.show.about"),
    )
    @app_commands.rename(job=_("job", key="command.show.job.name"))
    @app_commands.describe(job=_("Which video; the newest if left out", key="command.show.job.about"))
    async def show(self, interaction: discord.Interaction[Any], job: str | None = None) -> None:
        """Shows a job's card to one person."""
        found, standing = await self._soon(interaction, self._look(interaction, job))
        t = in_private(interaction, self._desk.texts)
        await reply(interaction, render_card(found, standing, t), private=True)

    @app_commands.command(
        name=_("cancel", key="command.cancel.name"),
        description=_("Take a request back before it costs anything", key="command.cancel.about"),
    )
    @app_commands.rename(job=_("job", key="command.cancel.job.name"))
    @app_commands.describe(
        job=_("Which video; the newest that can be cancelled if left out", key="command.cancel.job.about")
    )
    async def cancel(self, interaction: discord.Interaction[Any], job: str | None = None) -> None:
        """Takes a job back; its public card tells everybody else."""
        cancelled = await self._soon(interaction, self._take_back(interaction, job))
        t = in_private(interaction, self._desk.texts)
        prompt = quoted(cancelled.request.prompt, _CHOICE_NAME)
        await tell(interaction, f"{t('answer.cancelled')}\n{prompt}")

    @show.autocomplete("job")
    async def _shown(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return self._jobs(interaction, current, await self._own(interaction))

    @cancel.autocomplete("job")
    async def _cancellable(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        own = await self._own(interaction)
        return self._jobs(interaction, current, [job for job in own if job.state in CANCELLABLE])

    @app_commands.command(
        name=_("help", key="command.help.name"),
        description=_("What this bot does, on one screen", key="command.help.about"),
    )
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
            job_id = next((job.id for job in own if job.state in CANCELLABLE), None)
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
