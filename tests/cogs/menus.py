"""The menus of messages as people use them, and the messages they are opened on."""

from __future__ import annotations

from typing import Any, Final

import discord
from simcord.backend import serializers
from simcord.enums import AppCommandType, InteractionType
from simcord.interactions import base_payload
from simcord.results import InteractionResult

from .world import World, buttons, words

ANIMATE: Final = "Animate this image"
CONTINUE: Final = "Continue this video"


async def opened(world: World, menu: str, message: Any, person: Any = None, channel: Any = None) -> Any:
    return await (person or world.alice).context_menu(channel or world.channel, menu, message)


async def posted(world: World, *files: Any, person: Any = None, channel: Any = None) -> discord.Message:
    """A message of Bob's with these files."""
    return await (person or world.bob).send(channel or world.channel, "look", attachments=files)


async def reopened(world: World, refused: Any) -> Any:
    [button] = buttons(refused.response).values()
    return await world.pressed(world.alice, refused.response, button)


def said_privately(result: Any) -> str:
    """What is said where no form is opened."""
    assert result.modal is None
    assert result.ephemeral
    return words(result.response)


async def in_direct_message(world: World, menu: str, message: Any) -> InteractionResult:
    """The menu of a message in Alice's direct messages with the bot."""
    backend, person = world.env.backend, world.alice.user
    visible = backend.visible_commands(user_id=person.id, channel_id=person.dm_channel.id, type=AppCommandType.MESSAGE)
    root = next(one for one in visible if one["name"] == menu)
    shown = dict(serializers.message_payload(backend, backend.get_message(person.dm_channel.id, message.id)))
    record, payload = base_payload(
        backend,
        type=InteractionType.APPLICATION_COMMAND,
        channel_id=person.dm_channel.id,
        guild_id=None,
        user_id=person.id,
        data={
            "id": root["id"],
            "name": menu,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): shown}},
        },
    )
    backend.emit("INTERACTION_CREATE", payload)
    await world.env.settle()
    return InteractionResult(world.env, record)
