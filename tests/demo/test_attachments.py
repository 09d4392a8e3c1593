"""In the demo a person's file comes from the make-believe Discord, through the bot's own client."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any, cast

import discord
import pytest
import simcord
from discord.ext import commands

from demo.attachments import ClientFetch
from jobs.errors import BadInput, Reason

FILE = b"a picture"


@pytest.fixture
async def bot() -> AsyncGenerator[commands.Bot]:
    bot = commands.Bot(command_prefix="!", intents=discord.Intents(guilds=True))
    env = simcord.Env(bot)
    await env.start()
    yield bot
    await env.shutdown()


def attached(bot: commands.Bot) -> str:
    backend = cast("Any", bot.http).backend
    return str(backend.cdn.store_attachment(1, 2, "cat.png", FILE, None)["url"])


async def test_what_somebody_attached_is_brought(bot: commands.Bot, tmp_path: Path) -> None:
    await ClientFetch(bot)(attached(bot), tmp_path / "file", limit=len(FILE))

    assert (tmp_path / "file").read_bytes() == FILE


async def test_what_is_not_there_is_gone(bot: commands.Bot, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        await ClientFetch(bot)(attached(bot) + "x", tmp_path / "file", limit=len(FILE))

    assert caught.value.reason is Reason.INPUT_GONE


async def test_the_limit_holds_here_too(bot: commands.Bot, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        await ClientFetch(bot)(attached(bot), tmp_path / "file", limit=len(FILE) - 1)

    assert caught.value.reason is Reason.INPUT_TOO_LARGE
