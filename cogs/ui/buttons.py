"""The buttons under a job. All their state is their id, so they work after a restart, on any process, for years."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Final, Self

import discord
from discord import ui

from locales import Translate


class Action(StrEnum):
    """What a button does; part of its id, never renamed."""

    AGAIN = "again"
    EDIT = "edit"
    EXTEND = "extend"
    FAVOURITE = "favourite"
    SHARE = "share"
    DELETE = "delete"
    CANCEL = "cancel"
    RETRY = "retry"
    FETCH = "fetch"


_PROMINENT: Final = frozenset({Action.RETRY, Action.FETCH})
"""The one thing to do about a job that ended badly; everything else is an offer, and calm."""


def custom_id(action: Action, job_id: str) -> str:
    """The id of a button: at most 100 characters (Discord docs, Component reference)."""
    return f"video:{action}:{job_id}"


class JobButton(
    ui.DynamicItem[ui.Button[Any]],
    template=rf"video:(?P<action>{'|'.join(Action)}):(?P<job>[A-Za-z0-9_-]{{1,25}})",
):
    """One action on one job.

    Args:
        action: What it does.
        job_id: To which job.
        t: The language of its label; None where it was made from a press and is not shown again.
    """

    def __init__(self, action: Action, job_id: str, t: Translate | None) -> None:
        label = t(f"button.{action}") if t else action.value
        style = discord.ButtonStyle.primary if action in _PROMINENT else discord.ButtonStyle.secondary
        super().__init__(ui.Button(style=style, label=label, custom_id=custom_id(action, job_id)))
        self.action = action
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, from its id alone."""
        return cls(Action(match["action"]), match["job"], None)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hands the press to the bot, which knows the service and words what goes wrong."""
        await interaction.client.press(interaction, self.action, self.job_id)


def button_row(actions: Iterable[Action], job_id: str, t: Translate) -> ui.ActionRow[Any]:
    """A row of buttons under one job: five at most (Discord docs, Action Row).

    Args:
        actions: What they do, from left to right.
        job_id: To which job.
        t: The language of their labels.
    """
    row = ui.ActionRow[Any]()
    for action in actions:
        row.add_item(JobButton(action, job_id, t))
    return row
