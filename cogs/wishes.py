"""What people type, choose and attach, made into a `Draft`; and what an option offers while they are still typing.

Pure. What fits, and at what price, the catalog knows; a new option is one entry here and its texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final, cast

import discord
from discord import app_commands

from jobs.model import Draft, MediaSource, Role
from locales import Translate

from .desk import Choices
from .ui.camera import may_be, move_name, split_moves, unfinished_move
from .ui.figures import money
from .ui.text import one_line
from .uploads import source_of

ATTACHED: Final[dict[str, Role]] = {
    "image": Role.FIRST_FRAME,
    "last_image": Role.LAST_FRAME,
    "subject": Role.SUBJECT,
}
"""What the attachments are to the video, by their option, in the order they are sent in."""

_PLAIN: Final[dict[str, type]] = {"model": str, "resolution": str, "duration": int, "ratio": str, "enhance": bool}
_MOST_OFFERED: Final = 25
"""Discord shows no more (Discord docs, Application Commands)."""

_WORDING: Final = "·"
"""What follows it in a choice is said of the value; no value has it."""

_LONGEST: Final = 100  # characters, of a choice's name and of its value


def draft_of(**given: Any) -> Draft:
    """What the options come to so far; what is unfinished or of no sense yet is left out.

    Args:
        **given: The options by name, as Discord delivers them.
    """
    plain: dict[str, Any] = {
        name: _bare(value) if isinstance(value, str) else value
        for name, kind in _PLAIN.items()
        if isinstance(value := given.get(name), kind) and str(value).strip()
    }
    return Draft(
        prompt=given.get("prompt") or "",
        camera=split_moves(_bare(given.get("camera") or "")),
        inputs=_attached(given),
        **plain,
    )


def focused(interaction: discord.Interaction[Any]) -> str:
    """The option that somebody is typing just now (Discord docs, Application Commands, Autocomplete)."""
    [subcommand] = cast("dict[str, Any]", interaction.data)["options"]
    return next(option["name"] for option in subcommand["options"] if option.get("focused"))


def offered(
    option: str, typed: str, given: Mapping[str, Any], choices: Choices, t: Translate
) -> list[app_commands.Choice[Any]]:
    """What an option offers: the values that fit the other options, each with what such a video costs.

    Args:
        option: The option being typed.
        typed: What is in it so far.
        given: All options by name, as Discord delivers them.
        choices: What fits.
        t: The reader's language.
    """
    others = draft_of(**{name: value for name, value in given.items() if name != option})
    found = _OFFERED.get(option, _values)(option, _bare(typed), others, choices, t)
    return list(islice(found, _MOST_OFFERED))


def _bare(typed: str) -> str:
    """The value alone: a client in which a choice is edited sends it as it was worded, price and all."""
    return typed.partition(_WORDING)[0].strip()


def _values(
    option: str, typed: str, others: Draft, choices: Choices, t: Translate
) -> Iterator[app_commands.Choice[Any]]:
    for one in choices.choices(option, others):
        if typed.casefold() in one.value.casefold():
            price = money(one.price, t)
            yield app_commands.Choice(name=t("choice.value", value=one.value, price=price), value=one.value)


def _lengths(
    option: str, typed: str, others: Draft, choices: Choices, t: Translate
) -> Iterator[app_commands.Choice[Any]]:
    for one in choices.choices(option, others):
        if one.value.startswith(typed):
            name = t("choice.duration", seconds=one.value, price=money(one.price, t))
            yield app_commands.Choice(name=name, value=int(one.value))


def _models(
    option: str, typed: str, others: Draft, choices: Choices, t: Translate
) -> Iterator[app_commands.Choice[Any]]:
    for one in choices.choices(option, others):
        if typed.casefold() in one.value.casefold():
            what = {"model": one.value, "resolution": one.resolution, "seconds": one.duration}
            yield app_commands.Choice(name=t("settings", **what, price=money(one.price, t)), value=one.value)


def _moves(
    option: str, typed: str, others: Draft, choices: Choices, t: Translate
) -> Iterator[app_commands.Choice[Any]]:
    """Further moves beside those already typed, one after the other, for Discord replaces the whole text by a choice."""
    before, unfinished = unfinished_move(typed)
    for one in choices.choices(option, replace(others, camera=before)):
        if may_be(unfinished, one.value, t):
            shown = t("list.between").join((*before, move_name(one.value, t)))
            name = t("choice.value", value=shown, price=money(one.price, t))
            value = ", ".join((*before, one.value))
            yield app_commands.Choice(name=one_line(name, _LONGEST), value=one_line(value, _LONGEST))


_OFFERED: Final = {"model": _models, "duration": _lengths, "camera": _moves}
"""How the choices of an option are worded, where its plain values would not do."""


def _attached(given: Mapping[str, Any]) -> tuple[MediaSource, ...]:
    return tuple(
        source_of(file, role)
        for name, role in ATTACHED.items()
        if isinstance(file := given.get(name), (discord.Attachment, discord.Object))
    )
