"""What a person puts into fields and menus, and what Discord's client makes of it: a modal's fields, a message's menu.

Like ``commands``, this refuses what no client would let a person send. Source: Discord docs, Component Reference.
"""

import copy
from enum import IntEnum
from typing import Any

from tests.wire.fake_discord import layout
from tests.wire.fake_discord.commands import CannotType, LocalFile, Resolve
from tests.wire.fake_discord.values import Json, listed
from tests.wire.fake_discord.world import Channel, User

LONGEST_TEXT = 4000


class FieldKind(IntEnum):
    """Components that hold what a person entered or chose."""

    MENU = 3
    TEXT_INPUT = 4
    USERS = 5
    CHANNELS = 8
    FILE_UPLOAD = 19
    RADIO = 21
    CHECKBOXES = 22
    CHECKBOX = 23


OF_ONE_VALUE = {FieldKind.TEXT_INPUT, FieldKind.RADIO, FieldKind.CHECKBOX}
WITH_OPTIONS = {FieldKind.MENU, FieldKind.RADIO, FieldKind.CHECKBOXES}
PICKED: dict[FieldKind, type] = {
    FieldKind.USERS: User,
    FieldKind.CHANNELS: Channel,
    FieldKind.FILE_UPLOAD: LocalFile,
}


def submitted(modal: Json, fields: dict[str, Any], resolve: Resolve) -> Json:
    """Return the ``data`` of a submitted modal; what is not given stays as the modal was prefilled.

    Args:
        modal: As the bot opened it.
        fields: Values by custom id: text, a list for menus and uploads, True or False for a checkbox.
        resolve: Turns picked files, people and channels into ids.

    Raises:
        CannotType: The modal has no such field, or Discord's client would not take this.
    """
    parts = _numbered(modal["components"])
    if unknown := fields.keys() - {one.get("custom_id") for one in layout.walk(parts)}:
        raise CannotType(f"the modal has no fields {sorted(unknown)}")
    resolved: Json = {}

    def enter(part: Json) -> Json:
        entered: Json = {"type": part["type"], "id": part["id"]}
        if "component" in part:
            return {**entered, "component": enter(part["component"])}
        if "components" in part:
            return {**entered, "components": [enter(one) for one in part["components"]]}
        if "custom_id" not in part:
            return entered
        value = fields.get(part["custom_id"], _prefilled(part))
        return {**entered, "custom_id": part["custom_id"], **_entered(part, value, resolved, resolve)}

    components = [enter(part) for part in parts]
    return {"custom_id": modal["custom_id"], "components": components, "resolved": resolved}


def chosen(part: Json, values: list[Any], resolve: Resolve) -> Json:
    """Return the ``data`` of a choice in a menu on a message.

    Args:
        part: The menu, with its number.
        values: What is chosen: options' values, people or channels.
        resolve: Turns people and channels into ids.

    Raises:
        CannotType: Discord's client would not take this.
    """
    resolved: Json = {}
    data: Json = {"component_type": part["type"], "custom_id": part["custom_id"], "id": part["id"]}
    data |= _entered({**part, "required": True}, values, resolved, resolve)
    return data | ({"resolved": resolved} if resolved else {})


def _numbered(components: list[Json]) -> list[Json]:
    numbered = copy.deepcopy(components)
    for number, part in enumerate(layout.walk(numbered), start=1):
        part.setdefault("id", number)
    return numbered


def _prefilled(part: Json) -> Any:
    kind = FieldKind(part["type"])
    marked = [option["value"] for option in listed(part, "options") if option.get("default")]
    standing: dict[FieldKind, Any] = {
        FieldKind.TEXT_INPUT: part.get("value") or "",
        FieldKind.RADIO: marked[0] if marked else None,
        FieldKind.CHECKBOX: bool(part.get("default")),
    }
    return standing.get(kind, marked)


def _entered(part: Json, value: Any, resolved: Json, resolve: Resolve) -> Json:
    kind = FieldKind(part["type"])
    if kind in OF_ONE_VALUE:
        return {"value": _one_value(part, kind, value)}
    values: list[Any] = value
    low: int | None = part.get("min_values")
    _within(part, len(values), 1 if low is None else low, part.get("max_values") or 1)
    if kind in WITH_OPTIONS:
        _among_options(part, values)
    if kind not in PICKED:
        return {"values": values}
    if wrong := [one for one in values if not isinstance(one, PICKED[kind])]:
        raise CannotType(f"{part['custom_id']} takes {PICKED[kind].__name__}s, not {wrong}")
    if kind is FieldKind.CHANNELS and part.get("channel_types"):
        _of_kinds(part, values)
    return {"values": [resolve(resolved, one) for one in values]}


def _one_value(part: Json, kind: FieldKind, value: Any) -> Any:
    if kind is FieldKind.RADIO:
        marked = [] if value is None else [value]
        _within(part, len(marked), 1, 1)
        _among_options(part, marked)
    elif kind is FieldKind.TEXT_INPUT:
        _within(part, len(value), part.get("min_length") or 1, part.get("max_length") or LONGEST_TEXT)
    return value


def _among_options(part: Json, values: list[str]) -> None:
    offered = [option["value"] for option in listed(part, "options")]
    if wrong := [one for one in values if one not in offered]:
        raise CannotType(f"{part['custom_id']} offers {offered}, not {wrong}")


def _of_kinds(part: Json, channels: list[Channel]) -> None:
    if wrong := [one.name for one in channels if int(one.kind) not in part["channel_types"]]:
        raise CannotType(f"{part['custom_id']} offers channels of the types {part['channel_types']}, not {wrong}")


def _within(part: Json, size: int, low: int, high: int) -> None:
    if size == 0 and not part.get("required", True):
        return
    if not low <= size <= high:
        raise CannotType(f"{part['custom_id']} holds {size}, allowed {low} to {high}")
