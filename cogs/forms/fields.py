"""The parts of the forms: how each looks, filled in with what is known already, and what is read from it.

Pure. A new part is one entry in `FIELDS` and its texts; what fits, and at what price, the catalog knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import discord
from discord import ui

from cogs.desk import Choices
from cogs.ui.camera import move_name, split_moves
from cogs.ui.figures import money
from cogs.ui.text import one_line
from cogs.uploads import frames_of, reference_of
from jobs.model import Draft, MediaSource, Role
from jobs.ports import KeptDraft
from locales import Translate

LONGEST_PROMPT: Final = 4000
"""Characters a form's field takes (Discord docs, Text Input); some models take fewer, some more."""

MOST_PICTURES: Final = 9
MOST_CLIPS: Final = 6
"""Three videos and three sounds (MiniMax docs, V2 create); which of them are too many, the catalog says."""

MOST_OPTIONS: Final = 25
"""What a menu can list (Discord docs, String Select)."""

_MOST_FRAMES: Final = 2
_LONGEST_CAMERA: Final = 100
_LONGEST_ABOUT: Final = 100
_LONGEST_OPTION: Final = 100
"""Characters of a label's description, and of an option's parts (Discord docs, Component reference)."""

_BETWEEN: Final = " "
_PRIVATE: Final = "private"
_VERBATIM: Final = "verbatim"
_MB: Final = 1_000_000

_Upload = Mapping[str, Any]
_Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the forms.

    Args:
        title: The key of its title.
        about: The key of what is said of its prompt.
        fields: Its parts from top to bottom; those that do not apply are left out, and at most five remain.
        wordless: Whether it can be sent without a prompt.
        shapes: What can be made with it, by what it is made from, where nothing has been attached yet.
    """

    title: str
    about: str
    fields: tuple[str, ...]
    wordless: bool = True
    shapes: tuple[tuple[Role, ...], ...] = ((),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One form for one person.

    Args:
        kind: Which form.
        kept: What is known already; its `key` is empty where there is nothing.
        choices: What can be made.
        t: The person's language.
        alone: Whether nobody else is where it is filled in: a direct message with the bot.
        added: The files sent with it.
    """

    kind: Kind
    kept: KeptDraft
    choices: Choices
    t: Translate
    alone: bool = False
    added: tuple[MediaSource, ...] = ()

    @property
    def draft(self) -> Draft:
        """What is asked for so far."""
        return self.kept.draft

    @property
    def shapes(self) -> tuple[tuple[MediaSource, ...], ...]:
        """The files a video of this form may be made from: those there are, or one of each kind there may be."""
        if self.draft.inputs:
            return (self.draft.inputs[:1] if "source" in self.kind.fields else self.draft.inputs,)
        return tuple(tuple(map(_some, roles)) for roles in self.kind.shapes)

    def asking(self, **changes: Any) -> Sheet:
        """This form with other wishes in it."""
        return replace(self, kept=replace(self.kept, draft=replace(self.draft, **changes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One part of a form.

    Args:
        show: Makes it, filled in; None where it does not apply.
        read: What the form says, once what was sent for this part (Discord docs, Modal Submit Data) is taken over; the
            files sent with the form are there by their ids.
    """

    show: Callable[[Sheet], ui.Label[Any] | None]
    read: Callable[[Sheet, _Part, Mapping[str, _Upload]], Sheet]


def makes_anything(sheet: Sheet) -> bool:
    """Whether any enabled model makes a video of this form."""
    return any(sheet.choices.choices("model", Draft(prompt="", inputs=shape)) for shape in sheet.shapes)


def _some(role: Role) -> MediaSource:
    return MediaSource(role=role, url="", filename="", size=0)


def _labelled(text: str, about: str, component: ui.Item[Any]) -> ui.Label[Any]:
    return ui.Label(text=text, description=one_line(about, _LONGEST_ABOUT), component=component)


# --- the prompt --------------------------------------------------------------------------------------------------


def _show_prompt(sheet: Sheet) -> ui.Label[Any]:
    field = ui.TextInput[Any](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        default=sheet.draft.prompt[:LONGEST_PROMPT] or None,
        required=not (sheet.kind.wordless or sheet.draft.inputs),
        max_length=LONGEST_PROMPT,
    )
    return _labelled(sheet.t("form.prompt"), sheet.t(sheet.kind.about), field)


def _read_prompt(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    return sheet.asking(prompt=part["value"])


# --- files -------------------------------------------------------------------------------------------------------


def _upload(name: str, label: str, about: str, most: int) -> Callable[[Sheet], ui.Label[Any]]:
    """A place to put files; those from an earlier try are kept unless others are put there."""

    def show(sheet: Sheet) -> ui.Label[Any]:
        t = sheet.t
        names = t("list.between").join(one.filename for one in sheet.draft.inputs)
        text = t("form.kept", files=names) if names else t(about)
        return _labelled(
            t(label), text, ui.FileUpload[Any](custom_id=name, required=False, min_values=0, max_values=most)
        )

    return show


def _sent(part: _Part, files: Mapping[str, _Upload]) -> list[_Upload]:
    """In the order in which they were put there."""
    return [files[uploaded] for uploaded in part.get("values", ())]


def _read_references(sheet: Sheet, part: _Part, files: Mapping[str, _Upload]) -> Sheet:
    return replace(sheet, added=(*sheet.added, *map(reference_of, _sent(part, files))))


def _read_frames(sheet: Sheet, part: _Part, files: Mapping[str, _Upload]) -> Sheet:
    return replace(sheet, added=frames_of(_sent(part, files)))


def _show_source(sheet: Sheet) -> ui.Label[Any] | None:
    """Which of several pictures, or videos, of a message."""
    found, t = sheet.draft.inputs, sheet.t
    if len(found) <= 1:
        return None
    which = "form.source.video" if found[0].last_frame else "form.source.picture"
    options = [
        discord.SelectOption(
            label=one_line(t("form.source.option", number=number + 1, name=one.filename), _LONGEST_OPTION),
            description=t("form.source.size", size=f"{one.size / _MB:.1f}") if one.size else None,
            value=str(number),
            default=number == 0,
        )
        for number, one in enumerate(found[:MOST_OPTIONS])
    ]
    return _labelled(t(which), t("form.source.about"), ui.Select[Any](custom_id="source", options=options))


def _read_source(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    """The one chosen goes first; the others stay, in case the form has to be opened again."""
    chosen = sheet.draft.inputs[int(_chosen(part) or 0)]
    return sheet.asking(inputs=(chosen, *(one for one in sheet.draft.inputs if one is not chosen)))


# --- model, size and length --------------------------------------------------------------------------------------


def _show_size(sheet: Sheet) -> ui.Label[Any]:
    """Models and sizes in one list, for want of room."""
    options = list(_sizes(sheet))[:MOST_OPTIONS]
    field = ui.Select[Any](custom_id="size", required=False, min_values=0, options=options)
    return _labelled(sheet.t("form.size"), sheet.t("form.usual"), field)


def _sizes(sheet: Sheet) -> Iterator[discord.SelectOption]:
    t, choices = sheet.t, sheet.choices
    known: set[str] = set()
    for number, shape in enumerate(sheet.shapes):
        asked = Draft(prompt="", inputs=shape)
        for model in choices.choices("model", asked):
            for size in choices.choices("resolution", replace(asked, model=model.value)):
                value = f"{model.value}{_BETWEEN}{size.value}"
                if value in known:
                    continue
                known.add(value)
                about = t("choice.duration", seconds=size.duration, price=money(size.price, t))
                yield discord.SelectOption(
                    label=t("choice.size", model=model.value, resolution=size.value),
                    value=value,
                    description=t("form.with_picture", about=about) if number else about,
                    default=(model.value, size.value) == (sheet.draft.model, sheet.draft.resolution),
                )


def _read_size(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    model, _, resolution = _chosen(part).partition(_BETWEEN)
    return sheet.asking(model=model or None, resolution=resolution or None)


def _show_duration(sheet: Sheet) -> ui.Label[Any]:
    t, makers = sheet.t, _makers(sheet)
    everybody = {model for models in makers.values() for model in models}
    options = [
        discord.SelectOption(
            label=t("span.seconds", seconds=length),
            value=str(length),
            description=None
            if set(models) == everybody
            else one_line(t("form.only", models=t("list.between").join(models)), _LONGEST_OPTION),
            default=length == sheet.draft.duration,
        )
        for length, models in sorted(makers.items())
    ]
    field = ui.Select[Any](custom_id="duration", required=False, min_values=0, options=options[:MOST_OPTIONS])
    return _labelled(t("form.duration"), t("form.usual"), field)


def _makers(sheet: Sheet) -> dict[int, list[str]]:
    """The lengths there are, and the models that make each."""
    makers: dict[int, list[str]] = {}
    for shape in sheet.shapes:
        asked = Draft(prompt="", inputs=shape)
        for model in sheet.choices.choices("model", asked):
            for length in sheet.choices.choices("duration", replace(asked, model=model.value)):
                models = makers.setdefault(int(length.value), [])
                if model.value not in models:
                    models.append(model.value)
    return makers


def _read_duration(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    chosen = _chosen(part)
    return sheet.asking(duration=int(chosen) if chosen else None)


# --- camera and ratio: a model takes the one or the other --------------------------------------------------------


def _show_camera(sheet: Sheet) -> ui.Label[Any] | None:
    if not _takes_camera(sheet):
        return None
    t, moves = sheet.t, sheet.choices.camera_moves
    field = ui.TextInput[Any](
        custom_id="camera",
        default=_as_typed(sheet.draft.camera, moves, t) or None,
        placeholder=_as_typed(moves[:2], moves, t),
        required=False,
        max_length=_LONGEST_CAMERA,
    )
    return _labelled(t("form.camera"), t("form.camera.about"), field)


def _takes_camera(sheet: Sheet) -> bool:
    if sheet.draft.camera:
        return True
    if "source" in sheet.kind.fields and len(sheet.draft.inputs) > 1:
        return False  # there is no room
    return any(
        sheet.choices.choices("camera", Draft(prompt="", model=sheet.draft.model, inputs=shape))
        for shape in sheet.shapes
    )


def _as_typed(chosen: Sequence[str], moves: Sequence[str], t: Translate) -> str:
    """Moves by the names they have in this language; what is none, as it was typed."""
    return t("list.between").join(move_name(one, t) if one in moves else one for one in chosen)


def _read_camera(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    return sheet.asking(camera=split_moves(part["value"]))


def _show_ratio(sheet: Sheet) -> ui.Label[Any] | None:
    asked = Draft(prompt="", model=sheet.draft.model, inputs=sheet.shapes[0])
    ratios = [one.value for one in sheet.choices.choices("ratio", asked)]
    if len(ratios) <= 1 or _takes_camera(sheet):
        return None
    options = [discord.SelectOption(label=one, value=one, default=one == sheet.draft.ratio) for one in ratios]
    field = ui.Select[Any](custom_id="ratio", required=False, min_values=0, options=options[:MOST_OPTIONS])
    return _labelled(sheet.t("option.ratio"), sheet.t("form.usual"), field)


def _read_ratio(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    return sheet.asking(ratio=_chosen(part) or None)


# --- yes or no ---------------------------------------------------------------------------------------------------


def _show_extras(sheet: Sheet) -> ui.Label[Any]:
    t = sheet.t
    private = discord.CheckboxGroupOption(
        label=t("form.private"), description=t("form.private.about"), value=_PRIVATE, default=sheet.kept.private
    )
    verbatim = discord.CheckboxGroupOption(
        label=t("form.verbatim"), description=t("form.verbatim.about"), value=_VERBATIM, default=_wants_verbatim(sheet)
    )
    options = [verbatim] if sheet.alone else [private, verbatim]
    boxes = ui.CheckboxGroup[Any](
        custom_id="extras", required=False, min_values=0, max_values=len(options), options=options
    )
    return ui.Label(text=t("form.extras"), component=boxes)


def _wants_verbatim(sheet: Sheet) -> bool:
    """Whether the prompt is to stay as it is by somebody's wish, and not just because this model rewrites none."""
    asked = Draft(prompt="", model=sheet.draft.model, inputs=sheet.shapes[0])
    return sheet.draft.enhance is False and any(one.value == "true" for one in sheet.choices.choices("enhance", asked))


def _read_extras(sheet: Sheet, part: _Part, _files: Mapping[str, _Upload]) -> Sheet:
    chosen = part.get("values", ())
    private = sheet.kept.private if sheet.alone else _PRIVATE in chosen
    # Not the opposite, but nothing: there are models that rewrite no prompt.
    asking = sheet.asking(enhance=False if _VERBATIM in chosen else None)
    return replace(asking, kept=replace(asking.kept, private=private))


def _chosen(part: _Part) -> str:
    return next(iter(part.get("values") or ()), "")


FIELDS: Final[Mapping[str, Field]] = {
    "prompt": Field(show=_show_prompt, read=_read_prompt),
    "frames": Field(
        show=_upload("frames", "form.frames", "form.frames.about", _MOST_FRAMES),
        read=_read_frames,
    ),
    "pictures": Field(
        show=_upload("pictures", "form.pictures", "form.pictures.about", MOST_PICTURES),
        read=_read_references,
    ),
    "clips": Field(
        show=_upload("clips", "form.clips", "form.clips.about", MOST_CLIPS),
        read=_read_references,
    ),
    "source": Field(show=_show_source, read=_read_source),
    "size": Field(show=_show_size, read=_read_size),
    "duration": Field(show=_show_duration, read=_read_duration),
    "camera": Field(show=_show_camera, read=_read_camera),
    "ratio": Field(show=_show_ratio, read=_read_ratio),
    "extras": Field(show=_show_extras, read=_read_extras),
}
"""Every part by the id it has in a form; never renamed, for forms stay open over a restart."""
