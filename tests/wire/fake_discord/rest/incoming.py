"""What a REST handler is given and gives back; knows no HTTP server."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.uploads import Upload
from tests.wire.fake_discord.values import Json, JsonBody
from tests.wire.fake_discord.world import Channel, ChannelKind, Permission, World


@dataclass(frozen=True)
class Incoming:
    """A request that has fully arrived.

    Attributes:
        body: The JSON: an object, a list, or None.
    """

    params: dict[str, str]
    query: dict[str, str]
    body: JsonBody
    uploads: list[Upload]

    @property
    def json(self) -> Json:
        """The JSON object; empty when there was none."""
        return self.body if isinstance(self.body, dict) else {}

    def id(self, name: str) -> int:
        """Return an id from the path.

        Raises:
            DiscordError: 50035, when it is no number.
        """
        if not self.params[name].isdigit():
            raise DiscordError(50035, f"{name} is not a snowflake")
        return int(self.params[name])


@dataclass(frozen=True)
class Reply:
    """An answer: a status, and JSON unless there is nothing to say."""

    status: int = 200
    body: object = None


Handler = Callable[[Incoming], Reply]
SENDING = Permission.SEND_MESSAGES
WITHOUT_MESSAGES = {ChannelKind.FORUM}


def channel_for(world: World, request: Incoming, *needed: Permission) -> Channel:
    """Return the channel in a request's path, if the bot may do this there.

    Args:
        world: What exists.
        request: The request.
        needed: Permissions beside VIEW_CHANNEL; SEND_MESSAGES means its thread twin in threads.

    Raises:
        DiscordError: 10003, 50001, 50008 or 50013, or what the test told the channel to refuse with.
    """
    channel = world.channels.get(request.id("channel_id"))
    if channel is None:
        raise DiscordError(10003)
    unseen = channel.guild is not None and Permission.VIEW_CHANNEL not in channel.app_permissions
    if not channel.has_bot or unseen:
        raise DiscordError(50001)
    if SENDING in needed and channel.refuses:
        raise DiscordError(channel.refuses)
    if SENDING in needed and channel.kind in WITHOUT_MESSAGES:
        raise DiscordError(50008)
    in_thread = {SENDING: Permission.SEND_MESSAGES_IN_THREADS} if channel.parent else {}
    if channel.guild and any(in_thread.get(one, one) not in channel.app_permissions for one in needed):
        raise DiscordError(50013)
    return channel
