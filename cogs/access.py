"""Who may ask for videos here, and whether we could post one: judged before anything is paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import discord

from jobs.errors import RequestProblem
from jobs.model import Origin

from .language import server_locale

NEEDED: Final = ("view_channel", "send_messages", "attach_files", "embed_links", "read_message_history")
"""What posting a video takes; the history is read to find a post whose acknowledgement was lost."""

_IN_THREADS: Final = {"send_messages": "send_messages_in_threads"}


class PlaceRefused(RequestProblem):
    """The operator has not enabled the bot here.

    Args:
        direct: Whether here is a direct message.
    """

    def __init__(self, *, direct: bool) -> None:
        super().__init__("the bot is not enabled here")
        self.direct = direct


class PermissionsMissing(RequestProblem):
    """We could not post the video here.

    Args:
        missing: Discord's names of the permissions we lack.
    """

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"missing permissions: {', '.join(missing)}")
        self.missing = missing


class NoChannel(RequestProblem):
    """Discord did not say where this is (a kind of channel that discord.py does not know)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the bot may be used.

    Args:
        guild_ids: The servers it is enabled for; empty means all, and direct messages.
        owner_ids: Who may use it anywhere.
    """

    guild_ids: frozenset[int] = frozenset()
    owner_ids: frozenset[int] = frozenset()

    def check(self, interaction: discord.Interaction[Any]) -> None:
        """Lets a person in, or not.

        Raises:
            PlaceRefused: The bot is not enabled here.
        """
        guild_id = interaction.guild_id
        if self.guild_ids and guild_id not in self.guild_ids and interaction.user.id not in self.owner_ids:
            raise PlaceRefused(direct=guild_id is None)


def origin_of(interaction: discord.Interaction[Any], *, upload_limit: int) -> Origin:
    """Who asks, where, and what that place takes.

    Args:
        interaction: The command or the press.
        upload_limit: Bytes a file may have where nothing better is known.

    Raises:
        PermissionsMissing: We could not post the video here.
        NoChannel: Discord did not say where this is.
    """
    if interaction.channel_id is None:
        raise NoChannel
    missing = missing_permissions(interaction)
    if missing:
        raise PermissionsMissing(missing)
    guild = interaction.guild
    return Origin(
        interaction_id=interaction.id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id,
        locale=interaction.locale.value,
        guild_locale=server_locale(interaction),
        upload_limit=max(upload_limit, guild.filesize_limit if guild else 0),
    )


def missing_permissions(interaction: discord.Interaction[Any]) -> tuple[str, ...]:
    """What we lack to post in this channel; direct messages know no permissions."""
    if interaction.guild_id is None:
        return ()
    in_thread = isinstance(interaction.channel, discord.Thread)
    needed = (_IN_THREADS.get(name, name) if in_thread else name for name in NEEDED)
    return tuple(name for name in needed if not getattr(interaction.app_permissions, name))
