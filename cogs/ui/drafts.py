"""The button under a form that was refused: it opens the form again, with everything that was in it."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import ui

from locales import Translate


class DraftButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"video:draft:(?P<form>[a-z]+):(?P<key>[A-Za-z0-9_-]{1,40})",
):
    """*Open the form again*.

    Args:
        form: The word for the form in its id.
        key: What was in it is kept under this.
        t: The language of the label; None where it was made from a press and is not shown again.
    """

    def __init__(self, form: str, key: str, t: Translate | None) -> None:
        label = t("form.reopen") if t else "draft"
        super().__init__(
            ui.Button(style=discord.ButtonStyle.primary, label=label, custom_id=f"video:draft:{form}:{key}")
        )
        self.form = form
        self.key = key

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, from its id alone."""
        return cls(match["form"], match["key"], None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hands the press to the bot, which words what goes wrong."""
        await interaction.client.open_draft(interaction, self.form, self.key)


def reopening(form: str, key: str, t: Translate) -> ui.View:
    """The button alone, for under a plain text.

    Args:
        form: The word for the form in its id.
        key: What was in it is kept under this.
        t: The reader's language.
    """
    view = ui.View(timeout=None)
    view.add_item(DraftButton(form, key, t))
    return view
