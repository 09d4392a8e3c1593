"""The forms there are, made out for one person, and what somebody has filled into one. Pure.

A form's id is `video:<kind>:<key>`: the key is the name of what is kept for it, and missing where nothing is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from discord import ui

from jobs.errors import InputProblem, UnfitInputs
from jobs.model import Role

from .fields import FIELDS, Kind, Sheet, makes_anything

KINDS: Final[Mapping[str, Kind]] = {
    "compose": Kind(
        title="form.compose.title",
        about="form.compose.about",
        fields=("prompt", "frames", "size", "duration", "extras"),
        shapes=((), (Role.FIRST_FRAME,)),
    ),
    "reference": Kind(
        title="form.reference.title",
        about="form.reference.about",
        fields=("prompt", "pictures", "clips", "size", "duration"),
        wordless=False,
        shapes=((Role.REFERENCE_IMAGE,),),
    ),
    "edit": Kind(
        title="form.edit.title",
        about="form.edit.about",
        fields=("prompt", "size", "duration", "camera", "ratio", "extras"),
        wordless=False,
    ),
    "extend": Kind(
        title="form.extend.title",
        about="form.extend.about",
        fields=("prompt", "size", "duration", "camera", "extras"),
    ),
    "animate": Kind(
        title="form.animate.title",
        about="form.animate.about",
        fields=("prompt", "source", "size", "duration", "camera", "extras"),
    ),
    "continue": Kind(
        title="form.continue.title",
        about="form.continue.about",
        fields=("prompt", "source", "size", "duration", "camera", "extras"),
    ),
}
"""Every form by the word for it in its id; never renamed, for forms stay open over a restart."""


def form_of(name: str, sheet: Sheet) -> ui.Modal:
    """A form, filled in with what is known already.

    Args:
        name: The word for it in `KINDS`.
        sheet: Whose it is, and what is known.

    Raises:
        UnfitInputs: No enabled model makes a video of it.
    """
    if not makes_anything(sheet):
        raise UnfitInputs(InputProblem.NOT_MADE)
    address = f"video:{name}:{sheet.kept.key}" if sheet.kept.key else f"video:{name}"
    form = ui.Modal(title=sheet.t(sheet.kind.title), custom_id=address)
    for field in sheet.kind.fields:
        part = FIELDS[field].show(sheet)
        if part is not None:
            form.add_item(part)
    form.stop()  # or discord.py would remember it
    return form


def filled_in(sheet: Sheet, data: Mapping[str, Any]) -> Sheet:
    """The form with what was sent; what has no part in it stays as it is known.

    Args:
        sheet: What was known before.
        data: Discord's own description of what was sent (Discord docs, Modal Submit Data).
    """
    files = data.get("resolved", {}).get("attachments", {})
    for label in data["components"]:
        part = label.get("component", {})
        field = FIELDS.get(part.get("custom_id", ""))
        if field is not None:
            sheet = field.read(sheet, part, files)
    return sheet.asking(inputs=sheet.added) if sheet.added else sheet
