"""REST: channels, direct messages, and the messages in them."""

from tests.wire.fake_discord import payloads
from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.messages import Board
from tests.wire.fake_discord.rest.incoming import Handler, Incoming, Reply, channel_for
from tests.wire.fake_discord.world import Channel, Message, Permission


class ChannelCalls:
    """Answers what a bot does in channels with its own token."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._world = board.world
        self.cdn = ""

    def handlers(self) -> dict[Call, Handler]:
        """Return the calls answered here."""
        return {
            Call.OPEN_DM: self._open_dm,
            Call.CHANNEL: self._get_channel,
            Call.TYPING: self._typing,
            Call.HISTORY: self._history,
            Call.CREATE_MESSAGE: self._create,
            Call.GET_MESSAGE: self._get,
            Call.EDIT_MESSAGE: self._edit,
            Call.DELETE_MESSAGE: self._delete,
        }

    def _open_dm(self, request: Incoming) -> Reply:
        user = self._world.users.get(int(request.json["recipient_id"]))
        if user is None:
            raise DiscordError(10013)
        return Reply(body=payloads.channel(self._world, self._world.dm(user)))

    def _get_channel(self, request: Incoming) -> Reply:
        return Reply(body=payloads.channel(self._world, channel_for(self._world, request)))

    def _typing(self, request: Incoming) -> Reply:
        channel_for(self._world, request, Permission.SEND_MESSAGES)
        return Reply(204)

    def _create(self, request: Incoming) -> Reply:
        needed = [Permission.SEND_MESSAGES] + ([Permission.ATTACH_FILES] if request.uploads else [])
        channel = channel_for(self._world, request, *needed)
        return self._show(self._board.post(channel, request.json, request.uploads))

    def _history(self, request: Incoming) -> Reply:
        channel = channel_for(self._world, request)
        if channel.guild and Permission.READ_MESSAGE_HISTORY not in channel.app_permissions:
            return Reply(body=[])  # Discord docs, Get Channel Messages: no error, but no messages either
        found = self._board.history(channel, request.query)
        return Reply(body=[payloads.message(self._world, self.cdn, message) for message in found])

    def _get(self, request: Incoming) -> Reply:
        return self._show(self._message(channel_for(self._world, request, Permission.READ_MESSAGE_HISTORY), request))

    def _edit(self, request: Incoming) -> Reply:
        channel = channel_for(self._world, request)
        message = self._message(channel, request)
        limit = self._world.upload_limit_of(channel)
        self._board.edit(message, request.json, request.uploads, upload_limit=limit)
        return self._show(message)

    def _delete(self, request: Incoming) -> Reply:
        channel = channel_for(self._world, request)
        message = self._message(channel, request)
        if message.author is not self._world.bot and Permission.MANAGE_MESSAGES not in channel.app_permissions:
            raise DiscordError(50013)
        message.deleted = True
        return Reply(204)

    def _message(self, channel: Channel, request: Incoming) -> Message:
        return self._board.find(channel, request.id("message_id"))

    def _show(self, message: Message) -> Reply:
        return Reply(body=payloads.message(self._world, self.cdn, message))
