"""`/video`: the commands. Each is one call of the service, or a look at the catalog, and its answer."""

from __future__ import annotations

from typing import Any, Final

import discord
from discord import app_commands
from discord.app_commands import locale_str as _
from discord.ext import commands

from jobs.ports import Wanted

from . import finding
from .answers import reply
from .desk import Desk
from .forms import open_empty
from .language import in_private
from .named import named
from .orders import order
from .ui.models import render_models
from .wishes import draft_of, focused, offered

LONGEST_PROMPT: Final = 2000
"""Characters, the most any text model takes (MiniMax docs, T2V); the client holds people to it as they type."""

_LONGEST_SEARCH: Final = 100


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
        private="Whether only you see it: the video comes by direct message",
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
        private: bool = False,
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
        await order(interaction, self._desk, draft, private=private)

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

    @named(
        "history",
        "Your videos so far: look through them, search them, find your favourites",
        search="Words the prompt has in it",
        model="Only what this model made",
        favourites="Only your favourites, whoever asked for them",
    )
    async def history(
        self,
        interaction: discord.Interaction[Any],
        *,
        search: app_commands.Range[str, 1, _LONGEST_SEARCH] = "",
        model: app_commands.Range[str, 1, _LONGEST_SEARCH] | None = None,
        favourites: bool = False,
    ) -> None:
        """Looks through one's own videos."""
        await finding.show_history(interaction, Wanted(search=search, model=model, favourites=favourites), self._desk)

    @history.autocomplete("model")
    async def _models(self, _: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return finding.models_like(current, self._desk)

    @named("queue", "Your videos under way, and how busy it is")
    async def queue(self, interaction: discord.Interaction[Any]) -> None:
        """Lists one's own jobs under way."""
        await finding.show_queue(interaction, self._desk)

    @named("show", "How one of your videos stands", job="Which video; the newest if left out")
    async def show(self, interaction: discord.Interaction[Any], job: str | None = None) -> None:
        """Shows a job's card to one person."""
        await finding.show_job(interaction, job, self._desk)

    @show.autocomplete("job")
    async def _shown(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return await finding.jobs_like(interaction, current, self._desk)

    @named(
        "cancel",
        "Take a request back before it costs anything",
        job="Which video; the newest that can be cancelled if left out",
    )
    async def cancel(self, interaction: discord.Interaction[Any], job: str | None = None) -> None:
        """Takes a job back."""
        await finding.cancel_job(interaction, job, self._desk)

    @cancel.autocomplete("job")
    async def _cancellable(self, interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return await finding.cancellable_like(interaction, current, self._desk)

    @named("privacy", "What is kept and for how long, and whether you are told directly, too")
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        """Says what is kept."""
        await finding.show_privacy(interaction, self._desk)

    @named("help", "What this bot does, on one screen")
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """Fits one screen."""
        await finding.show_help(interaction, self._desk)
