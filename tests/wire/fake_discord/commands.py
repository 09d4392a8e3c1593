"""The commands a bot has registered, and what a Discord client lets a person type into them.

A command that was never synced cannot be typed, and options are refused here as the client would refuse them, so a
test cannot do what no person could. Source: Discord docs, Application Commands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from tests.wire.fake_discord.values import Json, Snowflakes, listed
from tests.wire.fake_discord.world import Channel, Guild, User

SUBCOMMAND, GROUP = 1, 2


class CommandKind(IntEnum):
    """What a command hangs on."""

    SLASH = 1
    USER = 2
    MESSAGE = 3


class OptionKind(IntEnum):
    """Option types that hold a value."""

    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    NUMBER = 10
    ATTACHMENT = 11


@dataclass(frozen=True)
class LocalFile:
    """A file on a person's own disk, to be picked for an attachment option or an upload field."""

    name: str
    data: bytes


ACCEPTS: dict[OptionKind, tuple[type, ...]] = {
    OptionKind.STRING: (str,),
    OptionKind.INTEGER: (int,),
    OptionKind.BOOLEAN: (bool,),
    OptionKind.USER: (User,),
    OptionKind.CHANNEL: (Channel,),
    OptionKind.NUMBER: (int, float),
    OptionKind.ATTACHMENT: (LocalFile,),
}


class CannotType(AssertionError):
    """Discord's client would not let a person send this."""


# Turns a picked object into its id, and notes it under "resolved".
Resolve = Callable[[Json, Any], str]


@dataclass
class CommandBook:
    """Registered commands, global (key None) and per guild."""

    ids: Snowflakes
    application_id: int
    registered: dict[int | None, list[Json]] = field(default_factory=dict[int | None, list[Json]])

    def sync(self, scope: int | None, bodies: list[Json]) -> list[Json]:
        """Replace all commands of one scope, as a bulk overwrite does; a command of the same name keeps its id."""
        known = {(one["type"], one["name"]): one["id"] for one in self.registered.get(scope, [])}
        self.registered[scope] = [self._register(scope, body, known) for body in bodies]
        return self.registered[scope]

    def _register(self, scope: int | None, body: Json, known: dict[tuple[int, str], str]) -> Json:
        kind = body.get("type", CommandKind.SLASH)
        wanted: int | str | None = body.get("default_member_permissions")
        command: Json = {
            "description": "",
            **body,
            "default_member_permissions": None if wanted is None else str(wanted),
            "integration_types": body.get("integration_types") or [0],
            "type": int(kind),
            "id": known.get((kind, body["name"]), str(self.ids.next())),
            "application_id": str(self.application_id),
            "version": str(self.ids.next()),
        }
        if scope is not None:
            command["guild_id"] = str(scope)
        return command

    def find(self, kind: CommandKind, name: str, channel: Channel, user: User) -> Json:
        """Return the command that a person sees in a channel.

        Raises:
            CannotType: It was never synced, or is not offered to this person there.
        """
        guild = channel.guild
        scopes = ([guild.id] if guild else []) + [None]
        for scope in scopes:
            for command in self.registered.get(scope, []):
                if command["type"] == kind and command["name"] == name:
                    self._offered(command, guild, channel, user)
                    return command
        raise CannotType(f"{name!r} was never synced; known: {self.names()}")

    def names(self) -> list[str]:
        """Return the names of all registered commands."""
        return [command["name"] for scope in self.registered.values() for command in scope]

    @staticmethod
    def _offered(command: Json, guild: Guild | None, channel: Channel, user: User) -> None:
        contexts = command.get("contexts")
        if contexts is not None and channel.context not in contexts:
            raise CannotType(f"{command['name']!r} is not offered in context {channel.context}, only in {contexts}")
        if not channel.has_bot and 1 not in command["integration_types"]:
            raise CannotType(f"{command['name']!r} cannot be used where the bot is no member")
        wanted = command.get("default_member_permissions")
        if guild and wanted is not None and int(channel.permissions_of(user)) & int(wanted) != int(wanted):
            raise CannotType(f"{command['name']!r} is not offered to {user.name}: it needs permissions {wanted}")


def descend(command: Json, path: list[str]) -> Json:
    """Return the subcommand at the end of a path; the command itself for an empty path.

    Raises:
        CannotType: There is none, or the path ends above the subcommands.
    """
    here = command
    for step in path:
        nested = [one for one in listed(here, "options") if one["type"] in (SUBCOMMAND, GROUP)]
        found = next((one for one in nested if one["name"] == step), None)
        if found is None:
            raise CannotType(f"{here['name']!r} has no subcommand {step!r}, only {[one['name'] for one in nested]}")
        here = found
    if any(one["type"] in (SUBCOMMAND, GROUP) for one in listed(here, "options")):
        raise CannotType(f"{here['name']!r} has subcommands and cannot be sent by itself")
    return here


def fill(command: Json, path: list[str], given: dict[str, Any], resolve: Resolve, *, focused: str = "") -> Json:
    """Return the ``data`` of an interaction: the command with a person's options, nested under its subcommands.

    Args:
        command: As registered.
        path: Names of group and subcommand.
        given: Values by option name.
        resolve: Turns picked files, people and channels into ids.
        focused: The option being typed, for autocomplete: nothing is validated then.

    Raises:
        CannotType: The client would refuse it.
    """
    leaf = descend(command, path)
    specs: dict[str, Json] = {one["name"]: one for one in listed(leaf, "options")}
    if unknown := given.keys() - specs.keys():
        raise CannotType(f"{leaf['name']!r} has no options {sorted(unknown)}, only {sorted(specs)}")
    if missing := [name for name, spec in specs.items() if spec.get("required") and name not in given and not focused]:
        raise CannotType(f"{leaf['name']!r} needs {missing}")
    resolved: Json = {}
    options: list[Json] = []
    for name, value in given.items():
        option: Json = {"name": name, "type": specs[name]["type"]}
        if name == focused:
            option |= {"value": value, "focused": True}
        elif focused:
            option["value"] = value
        else:
            option["value"] = _value(specs[name], value, resolved, resolve)
        options.append(option)
    for depth, step in reversed(list(enumerate(path))):
        options = [{"name": step, "type": descend_kind(command, path[: depth + 1]), "options": options}]
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"], "options": options}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if resolved:
        data["resolved"] = resolved
    return data


def descend_kind(command: Json, path: list[str]) -> int:
    """Return whether the end of a path is a subcommand or a group of them."""
    here = command
    for step in path:
        here = next(one for one in here["options"] if one["name"] == step)
    return here["type"]


def _value(spec: Json, value: Any, resolved: Json, resolve: Resolve) -> object:
    kind, name = OptionKind(spec["type"]), spec["name"]
    if not isinstance(value, ACCEPTS[kind]) or (isinstance(value, bool) and kind is not OptionKind.BOOLEAN):
        raise CannotType(f"{name} takes a {kind.name}, not {value!r}")
    if kind in (OptionKind.ATTACHMENT, OptionKind.USER, OptionKind.CHANNEL):
        return resolve(resolved, value)
    choices = [choice["value"] for choice in listed(spec, "choices")]
    if choices and value not in choices:
        raise CannotType(f"{name} takes one of {choices}, not {value!r}")
    size: float = len(str(value)) if kind is OptionKind.STRING else value
    low, high = ("min_length", "max_length") if kind is OptionKind.STRING else ("min_value", "max_value")
    if size < spec.get(low, size) or size > spec.get(high, size):
        raise CannotType(f"{name} is out of bounds: {size}, allowed {spec.get(low)} to {spec.get(high)}")
    return value
