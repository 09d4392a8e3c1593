"""The bot as Discord sees it: one sharded client, its commands and its buttons. All parts are handed in."""

from __future__ import annotations

from typing import Any, Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from .access import PlaceRefused
from .desk import Desk
from .errors import answer_failure
from .finding import turn_page
from .forms import open_draft, submitted
from .menus import menus
from .presses import press
from .sharing import Place, share_to
from .sync import CatalogueTranslator, Memory, sync_if_changed
from .ui.buttons import Action, JobButton
from .ui.drafts import DraftButton
from .ui.share import ChannelChoice
from .ui.turning import PageButton, Turn
from .video import Video

LONGEST_RATE_LIMIT: Final = 60.0
"""Seconds discord.py may wait out a rate limit by itself; a longer one is for the engine to plan around."""


class VideoTree(app_commands.CommandTree["VideoBot"]):
    """The commands, with the house's doors before them and one place where their failures are worded."""

    async def interaction_check(self, interaction: discord.Interaction[VideoBot], /) -> bool:
        """Whether the bot is enabled here; if not, the person is told so."""
        desk = interaction.client.desk
        try:
            desk.doors.check(interaction)
        except PlaceRefused as problem:
            await answer_failure(interaction, problem, desk)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[VideoBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Words whatever a command failed with."""
        await answer_failure(interaction, error, interaction.client.desk)


class VideoBot(commands.AutoShardedBot):
    """The bot.

    Args:
        desk: What commands and buttons share.
        memory: Keeps what was last registered with Discord.
        dev_guild_id: Register the commands only there, for development; None for everywhere.
        user_installs: Whether people may install it for themselves and use it where it is no member.
        proxy: `http://` proxy for REST and gateway.
        connector: For proxies that aiohttp does not speak itself (SOCKS).
    """

    def __init__(
        self,
        *,
        desk: Desk,
        memory: Memory,
        dev_guild_id: int | None = None,
        user_installs: bool = False,
        proxy: str | None = None,
        connector: aiohttp.BaseConnector | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=VideoTree,
            # Interactions need no intent; guilds fill the cache with boost tiers and languages.
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=user_installs),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=user_installs),
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
            proxy=proxy,
            connector=connector,
        )
        self.desk = desk
        self._memory = memory
        self._dev_guild = discord.Object(dev_guild_id) if dev_guild_id is not None else None

    async def setup_hook(self) -> None:
        """Runs once, after login and before the gateway: commands, buttons, texts, and what Discord must know."""
        await self.add_cog(Video(self.desk))
        self.add_dynamic_items(JobButton, PageButton, ChannelChoice, DraftButton)
        for menu in menus(self.desk):
            self.tree.add_command(menu)
        await self.tree.set_translator(CatalogueTranslator(self.desk.texts))
        if self.application_id is None:
            raise RuntimeError("setup_hook runs after login, which tells the application's id")
        ids = await sync_if_changed(self.tree, self._memory, application_id=self.application_id, guild=self._dev_guild)
        self.desk.links.learn(ids)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Everything people do comes by here; forms are taken from here alone, so that a restart forgets none."""
        await submitted(interaction, self.desk)

    async def share_to(self, interaction: discord.Interaction[Any], job_id: str, place: Place) -> None:
        """A channel to share a video to was chosen."""
        await share_to(interaction, job_id, place, self.desk)

    async def press(self, interaction: discord.Interaction[Any], action: Action, job_id: str) -> None:
        """A button was pressed."""
        await press(interaction, action, job_id, self.desk)

    async def turn_page(self, interaction: discord.Interaction[Any], turn: Turn, argument: str) -> None:
        """A button on a private page was pressed."""
        await turn_page(interaction, turn, argument, self.desk)

    async def open_draft(self, interaction: discord.Interaction[Any], form: str, key: str) -> None:
        """*Open the form again* was pressed."""
        await open_draft(interaction, form, key, self.desk)
