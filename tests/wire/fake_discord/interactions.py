"""Interactions: what a person did, as the bot is told of it, and what became of it.

Builds the payload of INTERACTION_CREATE and holds the clock Discord holds: 3 seconds for the first response,
15 minutes for the token. Source: Discord docs, Receiving and Responding.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from tests.wire.fake_discord import payloads
from tests.wire.fake_discord.changes import Changes
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.messages import LOADING, Origin
from tests.wire.fake_discord.values import Json
from tests.wire.fake_discord.world import Channel, Message, Permission, User, World

FOLLOWUPS_WITHOUT_MEMBERSHIP = 5  # where only the person carries the app (error 40094)


class InteractionKind(IntEnum):
    """Interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass
class Interaction:
    """One thing a person did.

    Attributes:
        payload: What the bot is sent.
        sent_at: Monotonic seconds at which it was first sent.
        answered_at: Monotonic seconds at which the first response arrived.
        response_kind: Type of that response (4 message, 5 deferred, 6 and 7 update, 8 choices, 9 modal).
        original: The message that the token's ``@original`` means.
        source: The message whose component was used.
        opener: For a submitted modal: the interaction that opened it.
        choices: What autocomplete offered.
        modal: The modal that was opened.
        followups: Further messages sent by token.
    """

    id: int
    token: str
    kind: InteractionKind
    channel: Channel
    user: User
    payload: Json
    sent_at: float
    changes: Changes
    source: Message | None = None
    opener: "Interaction | None" = None
    answered_at: float | None = None
    response_kind: int | None = None
    original: Message | None = None
    choices: list[Json] = field(default_factory=list[Json])
    modal: Json | None = None
    followups: list[Message] = field(default_factory=list[Message])

    @property
    def latency(self) -> float:
        """Seconds from sending it to the first response."""
        assert self.answered_at is not None, "not acknowledged yet"
        return self.answered_at - self.sent_at

    async def acknowledged(self, within: float = 5.0) -> "Interaction":
        """Wait for the first response.

        Args:
            within: Seconds.
        """
        await self.changes.until(
            lambda: self.answered_at is not None, within=within, what="the interaction's acknowledgement"
        )
        return self

    async def answer(self, within: float = 10.0) -> Message:
        """Wait until the person sees an answer, "is thinking" not counted, and return its message.

        Args:
            within: Seconds.
        """

        def shown() -> Message | None:
            return self.original if self.original and not self.original.flags & LOADING else None

        message = await self.changes.until(shown, within=within, what="the interaction's answer")
        assert message is not None
        return message


class Desk:
    """Opens interactions and holds them against Discord's clock.

    Args:
        world: What exists.
        changes: Announces responses.
        cdn: Base address of files.
        ack_deadline: Seconds for the first response.
        token_life: Seconds for edits and followups.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        world: World,
        changes: Changes,
        *,
        ack_deadline: float = 3.0,
        token_life: float = 900.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.world = world
        self.cdn = ""
        self.ack_deadline = ack_deadline
        self.token_life = token_life
        self._changes = changes
        self._clock = clock
        self._by_token: dict[str, Interaction] = {}

    def open(
        self,
        kind: InteractionKind,
        data: Json,
        channel: Channel,
        user: User,
        *,
        source: Message | None = None,
        opener: Interaction | None = None,
    ) -> Interaction:
        """Make the interaction of something a person does in a channel."""
        number = self.world.ids.next()
        token = f"interaction-{number}"
        payload = self._payload(kind, data, channel, user) | {"id": str(number), "token": token}
        if source is not None:
            payload["message"] = payloads.message(self.world, self.cdn, source)
        made = Interaction(number, token, kind, channel, user, payload, self._clock(), self._changes, source, opener)
        self._by_token[token] = made
        return made

    def _payload(self, kind: InteractionKind, data: Json, channel: Channel, user: User) -> Json:
        guild = channel.guild
        payload: Json = {
            "application_id": str(self.world.bot.id),
            "type": int(kind),
            "version": 1,
            "data": data,
            "channel_id": str(channel.id),
            "channel": payloads.channel(self.world, channel) | {"permissions": str(int(channel.permissions_of(user)))},
            "locale": user.locale,
            "app_permissions": str(int(channel.app_permissions)),
            "attachment_size_limit": self.upload_limit(channel, user),
            "entitlements": [],
            "entitlement_sku_ids": [],
            "context": channel.context,
            "authorizing_integration_owners": _owners(channel, user),
        }
        if guild is None:
            return payload | {"user": payloads.user(user)}
        return payload | {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": payloads.member(user) | {"permissions": str(int(channel.permissions_of(user)))},
        }

    def upload_limit(self, channel: Channel, user: User) -> int:
        """Return how many bytes Discord says that a file may have under a token of this person in this channel."""
        return max(self.world.announced_limit_of(channel), user.upload_limit)

    def taken(self, interaction: Interaction) -> int:
        """Return how many bytes a file under an interaction's token really may have."""
        announced = self.upload_limit(interaction.channel, interaction.user)
        return announced if interaction.channel.takes is None else interaction.channel.takes

    def origin(self, interaction: Interaction, *, ephemeral: bool) -> Origin:
        """Return what a message made under an interaction's token carries of it."""
        limit = self.taken(interaction)
        alone = ephemeral or _silenced(interaction)
        return Origin(_metadata(interaction), interaction.user if alone else None, limit)

    def to_respond(self, token: str) -> Interaction:
        """Return the interaction that a first response is for.

        Raises:
            DiscordError: 40060 when it has one, 10062 when it is unknown or the response is late.
        """
        interaction = self._by_token.get(token)
        if interaction is None:
            raise DiscordError(10062)
        if interaction.answered_at is not None:
            raise DiscordError(40060)
        if self._clock() - interaction.sent_at > self.ack_deadline:
            raise DiscordError(10062)
        return interaction

    def responded(self, interaction: Interaction, kind: int) -> None:
        """Note that the first response has taken effect."""
        interaction.answered_at = self._clock()
        interaction.response_kind = kind

    def by_token(self, token: str) -> Interaction:
        """Return the interaction whose token a webhook call uses.

        Raises:
            DiscordError: 10015 when there is none or it was never answered, 50027 when its token has died.
        """
        interaction = self._by_token.get(token)
        if interaction is None or interaction.answered_at is None:
            raise DiscordError(10015)
        if self._clock() - interaction.sent_at > self.token_life:
            raise DiscordError(50027)
        return interaction

    def may_follow_up(self, interaction: Interaction) -> None:
        """Hold one more followup against the limit for places where the bot is no member.

        Raises:
            DiscordError: 40094.
        """
        if not interaction.channel.has_bot and len(interaction.followups) >= FOLLOWUPS_WITHOUT_MEMBERSHIP:
            raise DiscordError(40094)


def _owners(channel: Channel, user: User) -> Json:
    """Return for whom the app is installed that is used here: the server, the person, or both."""
    owners: Json = {}
    if channel.has_bot:
        owners["0"] = str(channel.guild.id) if channel.guild else "0"
    if user.carries_app or not channel.has_bot:
        owners["1"] = str(user.id)
    return owners


def _silenced(interaction: Interaction) -> bool:
    """Whether only the person may see the answer: a server may forbid its members' own apps to speak to all."""
    channel = interaction.channel
    allowed = Permission.USE_EXTERNAL_APPS in channel.permissions_of(interaction.user)
    return channel.guild is not None and not channel.has_bot and not allowed


def _metadata(interaction: Interaction) -> Json:
    metadata: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": interaction.payload["authorizing_integration_owners"],
    }
    if interaction.kind is InteractionKind.COMPONENT and interaction.source:
        metadata["interacted_message_id"] = str(interaction.source.id)
    if interaction.opener is not None:
        metadata["triggering_interaction_metadata"] = _metadata(interaction.opener)
    return metadata
