"""The buttons on private pages. All they know is their id, so a page can be turned after a restart, on any process."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui


class Turn(StrEnum):
    """What a button on a private page does; part of its id, never renamed."""

    PAGE = "page"
    SHOW = "show"
    UNQUEUE = "unqueue"
    NOTE = "note"


def turn_id(turn: Turn, argument: str) -> str:
    """The id of such a button: at most 100 characters (Discord docs, Component reference)."""
    return f"video:{turn}:{argument}"


class PageButton(ui.DynamicItem[ui.Button[Any]], template=rf"video:(?P<turn>{'|'.join(Turn)}):(?P<argument>.+)"):
    """One way on from a private page.

    Args:
        turn: What it does.
        argument: To what: a page, a job, a wish.
        label: What it says; None where it was made from a press and is not shown again.
        enabled: Whether it can be pressed.
    """

    def __init__(self, turn: Turn, argument: str, label: str | None, *, enabled: bool = True) -> None:
        super().__init__(
            ui.Button(
                style=discord.ButtonStyle.secondary,
                label=label or turn.value,
                custom_id=turn_id(turn, argument),
                disabled=not enabled,
            )
        )
        self.turn = turn
        self.argument = argument

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, from its id alone."""
        return cls(Turn(match["turn"]), match["argument"], None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hands the press to the bot, which knows the service and words what goes wrong."""
        await interaction.client.turn_page(interaction, self.turn, self.argument)
