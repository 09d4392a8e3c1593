"""Forms that people fill in, and what they send with them.

A form keeps no state but its id and what is typed into it, so one that was opened before a restart is taken all the
same; discord.py by itself would drop it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, cast

import discord
from discord import ui

from jobs.errors import InputProblem, UnfitInputs
from jobs.model import Draft, MediaSource, Role
from locales import Translate

from .desk import Choices, Desk
from .errors import answer_failure
from .orders import order
from .removing import confirmed
from .ui.figures import money
from .uploads import NoReferences, reference_of

REFERENCE: Final = "video:reference"
"""The id of the form of `/video reference`; never renamed."""

MOST_PICTURES: Final = 9
MOST_CLIPS: Final = 6
"""Three videos and three sounds (MiniMax docs, V2 create); which of them are too many, the catalog says."""

LONGEST_PROMPT: Final = 4000
"""Characters a form's field takes (Discord docs, Text Input); the models that use references take more."""

_MOST_OPTIONS: Final = 25
_BETWEEN: Final = " "
_ANY: Final = Draft(prompt="", inputs=(MediaSource(role=Role.REFERENCE_IMAGE, url="", filename="", size=0),))


def reference_form(choices: Choices, t: Translate) -> ui.Modal:
    """The form of `/video reference`.

    Args:
        choices: What can be made after references.
        t: The reader's language.

    Raises:
        UnfitInputs: No enabled model makes videos after references.
    """
    if not choices.choices("model", _ANY):
        raise UnfitInputs(InputProblem.NOT_MADE)
    form = ui.Modal(title=t("form.reference.title"), custom_id=REFERENCE)
    for name, component in _fields(choices, t):
        about = t(f"form.reference.{name}.about")
        form.add_item(ui.Label(text=t(f"form.reference.{name}"), description=about, component=component))
    form.stop()  # or discord.py would remember it
    return form


def reference_draft(data: Mapping[str, Any]) -> Draft:
    """What was sent with the form of `/video reference`; files keep the order in which they were put there.

    Args:
        data: Discord's own description (Discord docs, Modal Submit Data).

    Raises:
        FileRefused: One of the files is neither picture, video nor sound.
        NoReferences: There is no file at all.
    """
    fields = {part["component"]["custom_id"]: part["component"] for part in data["components"] if "component" in part}
    files = data.get("resolved", {}).get("attachments", {})
    inputs = tuple(
        reference_of(files[uploaded]) for name in ("pictures", "clips") for uploaded in fields[name].get("values", ())
    )
    if not inputs:
        raise NoReferences
    model, _, resolution = _chosen(fields["size"]).partition(_BETWEEN)
    duration = _chosen(fields["duration"])
    return Draft(
        prompt=fields["prompt"]["value"],
        model=model or None,
        resolution=resolution or None,
        duration=int(duration) if duration else None,
        inputs=inputs,
    )


async def submitted(interaction: discord.Interaction[Any], desk: Desk) -> None:
    """A form was sent; never raises, for nobody would hear of it.

    Args:
        interaction: Whatever Discord reports; what is not one of our forms is left alone.
        desk: The service and its surroundings.
    """
    data = cast("Mapping[str, Any]", interaction.data)
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    kind, _, job_id = str(data["custom_id"]).removeprefix("video:").partition(":")
    try:
        if kind == "delete":
            desk.doors.check(interaction)
            await confirmed(interaction, job_id, desk)
        elif data["custom_id"] == REFERENCE:
            desk.doors.check(interaction)
            await order(interaction, desk, reference_draft(data))
    except Exception as error:  # noqa: BLE001 - recorded and worded there
        await answer_failure(interaction, error, desk)


def _fields(choices: Choices, t: Translate) -> Iterator[tuple[str, ui.Item[Any]]]:
    """The form's parts from top to bottom; Discord takes five (Discord docs, Modals)."""
    paragraph = discord.TextStyle.paragraph
    yield "prompt", ui.TextInput[Any](custom_id="prompt", style=paragraph, max_length=LONGEST_PROMPT)
    yield "pictures", ui.FileUpload[Any](custom_id="pictures", required=False, max_values=MOST_PICTURES)
    yield "clips", ui.FileUpload[Any](custom_id="clips", required=False, max_values=MOST_CLIPS)
    yield "size", ui.Select[Any](custom_id="size", required=False, options=list(_sizes(choices, t))[:_MOST_OPTIONS])
    lengths = [discord.SelectOption(label=t("span.seconds", seconds=value), value=value) for value in _lengths(choices)]
    yield "duration", ui.Select[Any](custom_id="duration", required=False, options=lengths[:_MOST_OPTIONS])


def _sizes(choices: Choices, t: Translate) -> Iterator[discord.SelectOption]:
    """Models and sizes in one list, for want of room."""
    for model in choices.choices("model", _ANY):
        for size in choices.choices("resolution", replace(_ANY, model=model.value)):
            yield discord.SelectOption(
                label=t("choice.size", model=model.value, resolution=size.value),
                value=f"{model.value}{_BETWEEN}{size.value}",
                description=t("choice.duration", seconds=size.duration, price=money(size.price, t)),
            )


def _lengths(choices: Choices) -> list[str]:
    """The lengths that every model makes: who chose one that does not fit would have to fill in everything anew.

    Where there is no such length, all: a menu must hold something.
    """
    offered = [
        {one.value for one in choices.choices("duration", replace(_ANY, model=model.value))}
        for model in choices.choices("model", _ANY)
    ]
    return sorted(set[str].intersection(*offered) or set[str].union(*offered), key=int)


def _chosen(field: Mapping[str, Any]) -> str:
    return next(iter(field.get("values") or ()), "")
