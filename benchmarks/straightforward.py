"""The bot to compare with: what one writes first. One handler waits for its video in a loop and then posts it.

It asks every 10 seconds, holds each video in memory, and forgets everything when it ends. Run by the benchmarks only,
as a process of its own; takes the same variables as the product and knows the same three calls of the provider.
"""

from __future__ import annotations

import asyncio
import io
import os
from typing import Any, Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

ASK_EVERY: Final = 10.0
"""Seconds between two questions, as in the provider's own examples (MiniMax docs, T2V)."""


class Provider:
    """The provider's three calls and the download.

    Args:
        session: Open.
        base_url: The API host.
        key: The API key.
    """

    def __init__(self, session: aiohttp.ClientSession, base_url: str, key: str) -> None:
        self._session = session
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {key}"}

    async def create(self, prompt: str) -> str:
        """Asks for a video; returns the task's id."""
        body = {"model": "MiniMax-Hailuo-02", "prompt": prompt, "resolution": "768P", "duration": 6}
        url = f"{self._base_url}/v1/video_generation"
        async with self._session.post(url, json=body, headers=self._headers) as response:
            return (await response.json())["task_id"]

    async def query(self, task_id: str) -> dict[str, Any]:
        """How a task stands."""
        return await self._get("/v1/query/video_generation", task_id=task_id)

    async def download(self, file_id: str) -> bytes:
        """The finished video."""
        found = await self._get("/v1/files/retrieve", file_id=file_id)
        async with self._session.get(found["file"]["download_url"]) as response:
            return await response.read()

    async def _get(self, path: str, **query: str) -> dict[str, Any]:
        async with self._session.get(f"{self._base_url}{path}", params=query, headers=self._headers) as response:
            return await response.json()


class Video(app_commands.Group):
    """The command.

    Args:
        provider: Makes the videos.
    """

    def __init__(self, provider: Provider) -> None:
        super().__init__(name="video", description="Videos from words")
        self._provider = provider

    @app_commands.command(description="Make a video from a description")
    async def create(self, interaction: discord.Interaction[Any], prompt: str) -> None:
        """Answers, waits, posts."""
        await interaction.response.send_message(f"Working on it: {prompt}")
        task_id = await self._provider.create(prompt)
        while True:
            await asyncio.sleep(ASK_EVERY)
            task = await self._provider.query(task_id)
            if task["status"] in {"Success", "Fail"}:
                break
        assert isinstance(interaction.channel, discord.abc.Messageable)
        if task["status"] == "Fail":
            await interaction.channel.send(f"{interaction.user.mention} That did not work: {prompt}")
            return
        video = discord.File(io.BytesIO(await self._provider.download(task["file_id"])), "video.mp4")
        await interaction.channel.send(f"{interaction.user.mention} {prompt}", file=video)


class StraightforwardBot(commands.Bot):
    """The bot.

    Args:
        video: Its command.
    """

    def __init__(self, video: Video) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned, help_command=None, intents=discord.Intents(guilds=True)
        )
        self._video = video

    async def setup_hook(self) -> None:
        """Registers the command."""
        self.tree.add_command(self._video)
        await self.tree.sync()


async def main() -> None:
    """Runs until it is ended."""
    token, key, base_url = (os.environ[name] for name in ("DISCORD_TOKEN", "MINIMAX_API_KEY", "MINIMAX_BASE_URL"))
    async with (
        aiohttp.ClientSession() as session,
        StraightforwardBot(Video(Provider(session, base_url, key))) as bot,
    ):
        await bot.start(token)


if __name__ == "__main__":
    asyncio.run(main())
