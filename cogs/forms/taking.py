"""Taking the forms that people send, whenever and by whichever process they were opened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final, cast

import discord

from cogs.desk import Desk
from cogs.errors import answer_failure, at_the_desk
from cogs.language import in_private
from cogs.orders import order
from cogs.removing import confirmed
from cogs.ui.drafts import reopening
from cogs.uploads import FileRefused, NoReferences
from jobs.errors import RequestProblem, UnfitInputs
from jobs.model import Draft

from .fields import Sheet
from .kinds import KINDS, filled_in
from .opening import nothing_kept, sheet_for

_UPLOADS: Final = frozenset({"frames", "pictures", "clips"})


async def submitted(interaction: discord.Interaction[Any], desk: Desk) -> None:
    """A form was sent; never raises, for nobody would hear of it.

    Args:
        interaction: Whatever Discord reports; what is not one of our forms is left alone.
        desk: The service and its surroundings.
    """
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    ours, _, address = str(cast("Mapping[str, Any]", interaction.data)["custom_id"]).partition(":")
    name, _, argument = address.partition(":")
    if ours != "video" or name not in _TAKEN:
        return
    async with at_the_desk(interaction, desk):
        await _TAKEN[name](interaction, argument, desk)


async def _ordered(name: str, interaction: discord.Interaction[Any], key: str, desk: Desk) -> None:
    """Orders what a form asks for; where that is refused, nothing that was typed is lost."""
    user_id = interaction.user.id
    kept = await desk.library.draft(key, user_id=user_id) if key else nothing_kept(interaction)
    sheet = filled_in(sheet_for(interaction, name, kept, desk), cast("Mapping[str, Any]", interaction.data))
    try:
        await order(interaction, desk, _wish(sheet), derivation=kept.derivation, private=sheet.kept.private)
    except RequestProblem as problem:
        again = await desk.library.keep_draft(
            _worth_keeping(sheet, problem), user_id=user_id, derivation=kept.derivation, private=sheet.kept.private
        )
        button = reopening(name, again.key, in_private(interaction, desk.texts))
        await answer_failure(interaction, problem, desk, view=button)


def _wish(sheet: Sheet) -> Draft:
    """What is asked for.

    Raises:
        NoReferences: Nothing was attached where something has to be.
    """
    draft, fields = sheet.draft, sheet.kind.fields
    if "pictures" in fields and not draft.inputs:
        raise NoReferences
    if "source" in fields:
        return sheet.asking(inputs=draft.inputs[:1]).draft
    return draft


def _worth_keeping(sheet: Sheet, problem: RequestProblem) -> Draft:
    """What a form is filled in with when it is opened again: everything but files that it was refused for."""
    at_fault = isinstance(problem, (FileRefused, UnfitInputs)) and not _UPLOADS.isdisjoint(sheet.kind.fields)
    return sheet.asking(inputs=()).draft if at_fault else sheet.draft


_TAKEN: Final[dict[str, Callable[[discord.Interaction[Any], str, Desk], Awaitable[None]]]] = {
    **{name: partial(_ordered, name) for name in KINDS},
    "delete": confirmed,
}
"""What is done with each form, by the word for it in its id."""
