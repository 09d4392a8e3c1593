"""People's files on the make-believe Discord: its CDN has no address, only the bot's own client can ask it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import discord

from jobs.errors import BadInput, Reason


class ClientFetch:
    """Fetches through the bot's client; implements `jobs.ports.FetchFile`.

    Not for the real Discord: it reads whole files into memory, follows redirects and looks at no address.

    Args:
        bot: The bot; it need not be logged in yet.
    """

    def __init__(self, bot: discord.Client) -> None:
        self._bot = bot

    async def __call__(self, url: str, path: Path, *, limit: int) -> None:
        """Writes the file to `path`: see `jobs.ports.FetchFile`."""
        try:
            data = await self._bot.http.get_from_cdn(url)
        except discord.HTTPException as error:
            raise BadInput(Reason.INPUT_GONE, f"the link answers {error.status}") from error
        if len(data) > limit:
            raise BadInput(Reason.INPUT_TOO_LARGE, f"{len(data)} bytes, {limit} are the most")
        await asyncio.to_thread(path.write_bytes, data)
