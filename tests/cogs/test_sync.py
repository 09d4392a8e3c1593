"""The commands are registered when they changed, and only then; and what they are called in Chinese."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from cogs.bot import VideoBot
from locales import Texts

from .world import World, open_world


def registrations(world: World) -> list[Any]:
    return [request for request in world.env.http_requests if request.method == "PUT"]


def commands(bot: VideoBot) -> dict[str, app_commands.Command[Any, ..., Any]]:
    found = (command for command in bot.tree.walk_commands() if isinstance(command, app_commands.Command))
    return {command.name: command for command in found}


async def test_a_first_start_registers_the_commands_everywhere(world: World) -> None:
    [request] = registrations(world)

    assert request.path.endswith("/commands")
    assert "guilds" not in request.path


async def test_a_restart_with_the_same_commands_registers_nothing_and_still_knows_their_ids(world: World) -> None:
    await world.env.restart_bot(world.make_bot())
    result = await world.alice.slash(world.channel, "video help")

    assert len(registrations(world)) == 1
    assert result.response is not None
    assert "</video create:" in str(result.response.components)


async def test_a_changed_command_is_registered_again(world: World) -> None:
    bot = world.make_bot()

    @bot.tree.command()
    async def extra(interaction: discord.Interaction[Any]) -> None:
        """A new command."""
        del interaction

    await world.env.restart_bot(bot)

    assert len(registrations(world)) == 2


async def test_discord_s_refusal_to_register_does_not_keep_the_bot_from_starting(world: World) -> None:
    bot = world.make_bot()
    bot.tree.add_command(app_commands.Group(name="extra", description="x"))
    world.env.inject_error("PUT", "*/commands", status=400, code=30034)
    await world.env.restart_bot(bot)
    result = await world.alice.slash(world.channel, "video help")

    assert result.ephemeral


async def test_in_development_they_are_registered_in_one_server_only(tmp_path: Path) -> None:
    async with open_world(tmp_path, dev_guild_id=4242) as world:
        [request] = registrations(world)

        assert "/guilds/4242/commands" in request.path


def reach(world: World) -> tuple[list[int], list[int]]:
    """Where the commands are for, and who may install them, as Discord was told (Discord docs, Application Commands)."""
    [request] = registrations(world)
    commands: list[dict[str, Any]] = request.json  # type: ignore[assignment]
    [places] = {tuple(sorted(command["contexts"])) for command in commands}
    [installs] = {tuple(sorted(command["integration_types"])) for command in commands}
    return list(places), list(installs)


async def test_commands_are_for_servers_and_direct_messages_with_the_bot(world: World) -> None:
    assert reach(world) == ([0, 1], [0])


async def test_people_may_install_the_bot_for_themselves_only_where_the_operator_says_so(tmp_path: Path) -> None:
    async with open_world(tmp_path, user_installs=True) as world:
        assert reach(world) == ([0, 1, 2], [0, 1])


async def test_names_in_the_code_are_those_of_the_english_catalogue(world: World, texts: Texts) -> None:
    t = texts.for_locale("en-US")
    for name, command in commands(world.env.bot).items():  # type: ignore[arg-type]
        assert (command.name, command.description) == (t(f"command.{name}.name"), t(f"command.{name}.about"))
        for option in command.parameters:
            assert str(option.display_name) == t(f"command.{name}.{option.name}.name")
            assert str(option.description) == t(f"command.{name}.{option.name}.about")


async def test_chinese_readers_see_chinese_names(world: World) -> None:
    [request] = registrations(world)
    registered = {command["name"]: command for command in request.json}
    video, animate = registered["video"], registered["Animate this image"]
    create = next(option for option in video["options"] if option["name"] == "create")

    assert "name_localizations" not in video or not video["name_localizations"]
    assert create["name_localizations"] == {"zh-CN": "生成", "zh-TW": "生成"}
    assert create["options"][0]["name_localizations"]["zh-CN"] == "提示词"
    assert create["options"][0]["description_localizations"]["zh-TW"].startswith("视频要呈现的内容")
    assert animate["name_localizations"] == {"zh-CN": "让这张图动起来", "zh-TW": "让这张图动起来"}


async def test_only_the_guilds_intent_is_asked_for(world: World) -> None:
    assert world.env.bot.intents == discord.Intents(guilds=True)
