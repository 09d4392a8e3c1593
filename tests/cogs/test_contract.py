"""What the simulated Discord is sent is held against Discord's own document."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import ui

from .world import open_world


async def with_a_label_too_long(folder: Path) -> None:
    view = ui.View()
    view.add_item(ui.Button[Any](label="a" * 81, custom_id="too-long"))
    async with open_world(folder) as world:
        with suppress(discord.HTTPException):
            await world.env.bot.get_partial_messageable(world.channel.id).send(view=view)


async def test_a_test_fails_where_a_body_is_none_that_discord_takes(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="longer than 80 characters at /components/0/components/0/label"):
        await with_a_label_too_long(tmp_path)
