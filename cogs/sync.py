"""Registering the commands with Discord, only when they changed; and their names in the readers' languages."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol

import discord
import structlog
from discord import app_commands

from locales import Texts

log = structlog.get_logger(__name__)


class Memory(Protocol):
    """Small facts kept between starts; the store keeps them."""

    async def recall(self, key: str) -> str | None:
        """What was last remembered under this key."""
        ...

    async def remember(self, key: str, value: str) -> None:
        """Keeps a small fact."""
        ...


class CatalogueTranslator(app_commands.Translator):
    """Names and descriptions of commands from our texts; the names in the code are English already.

    Args:
        texts: All languages.
    """

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the signature is discord.py's
    ) -> str | None:
        """The text in that language; None where we have none but the default."""
        key = string.extras.get("key")
        if key is None or locale not in {discord.Locale.chinese, discord.Locale.taiwan_chinese}:
            return None
        return self._texts.for_locale(locale.value)(key)


async def sync_if_changed(
    tree: app_commands.CommandTree[Any],
    memory: Memory,
    *,
    application_id: int,
    guild: discord.abc.Snowflake | None = None,
) -> dict[str, int]:
    """Registers the commands unless the very same were registered last time: Discord counts creations per day.

    Args:
        tree: The commands, with their translator set.
        memory: Where the hash of the last payload is kept, per application and server.
        application_id: The bot's application.
        guild: Where to register them for development; None for everywhere.

    Returns:
        Discord's ids of the commands by name; empty if Discord refused, which the log tells: what was registered before
        goes on working.
    """
    if guild is not None:
        tree.copy_global_to(guild=guild)
    key = f"commands:{application_id}:{guild.id if guild else 'global'}"
    digest = await _digest(tree, guild)
    known = json.loads(await memory.recall(key) or "{}")
    if known.get("hash") == digest:
        return known["ids"]
    try:
        registered = await tree.sync(guild=guild)
    except discord.HTTPException as error:
        log.error("commands not registered", guild=guild and guild.id, status=error.status, error=error.text)  # noqa: TRY400 - Discord's answer says it all
        return {}
    ids = {command.name: command.id for command in registered}
    await memory.remember(key, json.dumps({"hash": digest, "ids": ids}))
    log.info("commands registered", guild=guild and guild.id, commands=sorted(ids))
    return ids


async def _digest(tree: app_commands.CommandTree[Any], guild: discord.abc.Snowflake | None) -> str:
    commands = tree.get_commands(guild=guild)
    translator = tree.translator
    payload = [
        await command.get_translated_payload(tree, translator) if translator else command.to_dict(tree)
        for command in commands
    ]
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
