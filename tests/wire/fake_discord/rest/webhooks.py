"""REST: answers to interactions: the first response, the original, followups. No bot token, the path is the key."""

from tests.wire.fake_discord import payloads
from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.interactions import Desk, Interaction, InteractionKind
from tests.wire.fake_discord.messages import LOADING, Board
from tests.wire.fake_discord.payloads import EPHEMERAL
from tests.wire.fake_discord.rest.incoming import Handler, Incoming, Reply
from tests.wire.fake_discord.uploads import Upload
from tests.wire.fake_discord.values import Json
from tests.wire.fake_discord.world import Message

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
# Which first responses each kind of interaction takes (Discord docs, Interaction Callback Type).
ACCEPTED = {
    InteractionKind.COMMAND: {MESSAGE, DEFERRED, MODAL},
    InteractionKind.COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    InteractionKind.AUTOCOMPLETE: {CHOICES},
    InteractionKind.MODAL: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}


class InteractionCalls:
    """Answers what a bot does with an interaction's token."""

    def __init__(self, desk: Desk, board: Board) -> None:
        self._desk = desk
        self._board = board
        self._world = board.world

    def handlers(self) -> dict[Call, Handler]:
        """Return the calls answered here."""
        return {
            Call.RESPOND: self._respond,
            Call.FOLLOWUP: self._follow_up,
            Call.GET_ORIGINAL: self._get,
            Call.GET_FOLLOWUP: self._get,
            Call.EDIT_ORIGINAL: self._edit,
            Call.EDIT_FOLLOWUP: self._edit,
            Call.DELETE_ORIGINAL: self._delete,
            Call.DELETE_FOLLOWUP: self._delete,
        }

    def _respond(self, request: Incoming) -> Reply:
        interaction = self._desk.to_respond(request.params["interaction_token"])
        kind = int(request.json["type"])
        data: Json = request.json.get("data") or {}
        if kind not in ACCEPTED[interaction.kind]:
            raise DiscordError(50035, f"response type {kind} does not fit interaction type {int(interaction.kind)}")
        message = self._first(interaction, kind, data, request.uploads)
        self._desk.responded(interaction, kind)
        return Reply(body=self._receipt(interaction, kind, message))

    def _first(self, interaction: Interaction, kind: int, data: Json, uploads: list[Upload]) -> Message | None:
        """Carry a first response out, and return the message it made or changed, if any."""
        origin = self._desk.origin(interaction, ephemeral=bool(int(data.get("flags") or 0) & EPHEMERAL))
        if kind == MESSAGE:
            interaction.original = self._board.post(interaction.channel, data, uploads, origin)
        elif kind == DEFERRED:
            interaction.original = self._board.loading(interaction.channel, origin)
        elif kind in (DEFERRED_UPDATE, UPDATE):
            if interaction.source is None:  # a form that no message's button opened has no message to change
                raise DiscordError(50035, f"response type {kind} needs a message")
            interaction.original = interaction.source
            if kind == UPDATE:
                self._board.edit(interaction.source, data, uploads, upload_limit=origin.upload_limit)
        elif kind == CHOICES:
            interaction.choices = data["choices"]
            return None
        else:
            interaction.modal = data
            return None
        return interaction.original

    def _receipt(self, interaction: Interaction, kind: int, message: Message | None) -> Json:
        receipt: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
        receipt["channel_id"] = str(interaction.channel.id)
        if interaction.channel.guild:
            receipt["guild_id"] = str(interaction.channel.guild.id)
        if message is not None:
            receipt["response_message_id"] = str(message.id)
            receipt["response_message_loading"] = bool(message.flags & LOADING)
            receipt["response_message_ephemeral"] = message.seen_by is not None
        if message is None or kind not in (MESSAGE, UPDATE):
            return {"interaction": receipt}
        return {"interaction": receipt, "resource": {"type": kind, "message": self._payload(message)}}

    def _interaction(self, request: Incoming) -> Interaction:
        if request.id("webhook_id") != self._world.bot.id:
            raise DiscordError(10015)
        return self._desk.by_token(request.params["webhook_token"])

    def _follow_up(self, request: Incoming) -> Reply:
        interaction = self._interaction(request)
        # The first followup after a deferral becomes the deferred message (Discord docs, Followup Messages).
        if interaction.original and interaction.original.flags & LOADING:
            self._apply(interaction, interaction.original, request)
            return Reply(body=self._payload(interaction.original))
        self._desk.may_follow_up(interaction)
        origin = self._desk.origin(interaction, ephemeral=bool(int(request.json.get("flags") or 0) & EPHEMERAL))
        message = self._board.post(interaction.channel, request.json, request.uploads, origin)
        interaction.followups.append(message)
        return Reply(body=self._payload(message))

    def _message(self, interaction: Interaction, request: Incoming) -> Message:
        reachable = [interaction.original, *interaction.followups]
        if "message_id" not in request.params:
            reachable = reachable[:1]
        else:
            reachable = [one for one in reachable if one and one.id == request.id("message_id")]
        if not reachable or reachable[0] is None or reachable[0].deleted:
            raise DiscordError(10008)
        return reachable[0]

    def _get(self, request: Incoming) -> Reply:
        return Reply(body=self._payload(self._message(self._interaction(request), request)))

    def _edit(self, request: Incoming) -> Reply:
        interaction = self._interaction(request)
        message = self._message(interaction, request)
        self._apply(interaction, message, request)
        return Reply(body=self._payload(message))

    def _apply(self, interaction: Interaction, message: Message, request: Incoming) -> None:
        self._board.edit(message, request.json, request.uploads, upload_limit=self._desk.taken(interaction))

    def _delete(self, request: Incoming) -> Reply:
        self._message(self._interaction(request), request).deleted = True
        return Reply(204)

    def _payload(self, message: Message) -> Json:
        return payloads.message(self._world, self._desk.cdn, message)
