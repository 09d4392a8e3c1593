"""Who may ask for videos here, what reaches this place, and whether we could post one: judged before anything is paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import discord

from jobs.errors import RequestProblem
from jobs.model import Answer, Origin

from .language import server_locale

NEEDED: Final = ("view_channel", "send_messages", "attach_files", "embed_links", "read_message_history")
"""What posting a video takes; the history is read to find a post whose acknowledgement was lost."""

NEEDED_IN_VOICE: Final = ("connect",)
"""What it takes besides in the chat of a voice or stage channel, to read there (Discord docs, Get Channel Messages)."""

NEEDED_TO_ANSWER: Final = ("attach_files",)
"""What it takes where only the answer to the interaction gets to the place (Discord docs, Interactions, `app_permissions`)."""

ANSWER_LIFE: Final = 14.5 * 60
"""Seconds for which the answer to an interaction is changed by its token: Discord's 15 minutes (Discord docs, Receiving and
Responding), less what a large file may take."""

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


def origin_of(interaction: discord.Interaction[Any], *, upload_limit: int, private: bool = False) -> Origin:
    """Who asks, where, and what that place takes.

    A direct message with the bot is private by itself, and like any channel otherwise: what was asked for there as private
    is asked for as everything else.

    Args:
        interaction: The command or the press.
        upload_limit: Bytes a file may have where nothing better is known.
        private: Whether only the requester may see the video.

    Raises:
        PermissionsMissing: We could not post the video here.
        NoChannel: Discord did not say where this is.
    """
    channel = interaction.channel
    if channel is None:
        raise NoChannel
    guest = is_guest(interaction)
    private = private and (guest or interaction.guild_id is not None)
    missing = () if private else missing_permissions(interaction)
    if missing:
        raise PermissionsMissing(missing)
    return Origin(
        interaction_id=interaction.id,
        user_id=interaction.user.id,
        guild_id=interaction.guild_id,
        channel_id=channel.id,
        locale=interaction.locale.value,
        guild_locale=server_locale(interaction),
        upload_limit=upload_limit if private else max(upload_limit, _taken_here(interaction, guest=guest)),
        private=private,
        guest=guest,
        # A thread goes by its parent; direct messages are restricted by nobody.
        age_restricted=not isinstance(channel, (discord.DMChannel, discord.GroupChannel)) and channel.is_nsfw(),
    )


def answer_of(interaction: discord.Interaction[Any], origin: Origin) -> Answer | None:
    """The right to change the answer to this interaction, where nothing else gets the card to its place.

    Args:
        interaction: What the job is asked for with.
        origin: As `origin_of` says.
    """
    return _answer(interaction) if origin.private or origin.guest else None


def fetch_answer(interaction: discord.Interaction[Any]) -> Answer | None:
    """The right to put a fetched video in place of the message whose button was pressed.

    Returns:
        None where the video goes the way it was meant to go at first: the message is one that we can always change, among
        others who see it.
    """
    alone = interaction.message is not None and interaction.message.flags.ephemeral
    return _answer(interaction) if alone or is_guest(interaction) else None


def is_guest(interaction: discord.Interaction[Any]) -> bool:
    """Whether the bot is no member of this place: somebody has installed it for themselves and brought it here.

    Discord names who has installed it for what happens here (Discord docs, Authorizing Integration Owners): a person, but not
    this server. Where another person presses a button, discord.py does not tell of the first; then it is a server we are
    not in.
    """
    if interaction.guild_id is None:
        return bool(interaction.context.private_channel)
    if interaction.is_guild_integration():
        return False
    return interaction.is_user_integration() or interaction.client.get_guild(interaction.guild_id) is None


def missing_permissions(interaction: discord.Interaction[Any]) -> tuple[str, ...]:
    """What we lack to post in this channel; direct messages know no permissions."""
    if interaction.guild_id is None:
        return ()
    return tuple(name for name in _needed(interaction) if not getattr(interaction.app_permissions, name))


def _needed(interaction: discord.Interaction[Any]) -> Iterator[str]:
    if is_guest(interaction):
        yield from NEEDED_TO_ANSWER
        return
    in_thread = isinstance(interaction.channel, discord.Thread)
    yield from (_IN_THREADS.get(name, name) if in_thread else name for name in NEEDED)
    if isinstance(interaction.channel, (discord.VoiceChannel, discord.StageChannel)):
        yield from NEEDED_IN_VOICE


def _taken_here(interaction: discord.Interaction[Any], *, guest: bool) -> int:
    """Bytes that Discord says a file may have: in the answer, which a guest is held to, or in the server's channels."""
    if guest:
        return interaction.filesize_limit
    return interaction.guild.filesize_limit if interaction.guild else 0


def _answer(interaction: discord.Interaction[Any]) -> Answer:
    return Answer(token=interaction.token, expires_at=interaction.created_at.timestamp() + ANSWER_LIFE)
