"""Where a job comes from: who asked, in what place, by which right to answer, and after which other video. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who asked, where, and what that place was seen to take.

    Args:
        interaction_id: Discord's id of the interaction; a job is made once for it.
        user_id: The requester.
        guild_id: The server; None in direct messages.
        channel_id: The channel or thread the video goes to.
        locale: The requester's language, as Discord names it.
        guild_locale: The server's language; None in direct messages.
        upload_limit: Bytes one file may have in that channel, as seen when the job was asked for.
        private: Whether only the requester may see it: the result goes by direct message, never into the channel.
        guest: Whether the bot is no member of the place, so that nothing but the answer to an interaction gets there.
        age_restricted: Whether the channel is age-restricted; what was asked for there is veiled elsewhere.
    """

    interaction_id: int
    user_id: int
    guild_id: int | None
    channel_id: int
    locale: str = "en-US"
    guild_locale: str | None = None
    upload_limit: int = 10 * 1024 * 1024
    private: bool = False
    guest: bool = False
    age_restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The right to change the answer to an interaction, for as long as Discord grants it (15 minutes).

    Args:
        token: The interaction's token; a secret while it lives.
        expires_at: When it ends.
    """

    token: str = field(repr=False)
    expires_at: float


class Derived(StrEnum):
    """How a job came from another video."""

    RETRY = "retry"
    AGAIN = "again"
    EDIT = "edit"
    EXTEND = "extend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What a job comes from.

    Args:
        kind: How.
        source_id: The job it comes from; None where the video is none of ours.
        chain: Where *Extend* made it, the links to the messages of all videos before this one, oldest first.
    """

    kind: Derived
    source_id: str | None = None
    chain: tuple[str, ...] = ()
