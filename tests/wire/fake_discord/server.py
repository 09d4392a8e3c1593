"""The fake Discord as a whole: starts the sockets, and lets a test act as the people in it.

Everything a test needs hangs here: ``world`` (what exists), ``faults``, ``limits``, ``journal`` (what was asked),
``gateway``, and the person's actions: ``slash``, ``press``, ``autocomplete``, ``menu``, ``submit_modal``.
"""

import hashlib
import mimetypes
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.wire.fake_discord import commands, forms, layout, payloads
from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.changes import Changes
from tests.wire.fake_discord.commands import CannotType, CommandBook, CommandKind, LocalFile, Resolve
from tests.wire.fake_discord.contract import Contract
from tests.wire.fake_discord.exchange import Exchange
from tests.wire.fake_discord.faults import Faults
from tests.wire.fake_discord.gateway import Gateway
from tests.wire.fake_discord.interactions import Desk, Interaction, InteractionKind
from tests.wire.fake_discord.journal import Journal
from tests.wire.fake_discord.limits import Limits
from tests.wire.fake_discord.messages import Board
from tests.wire.fake_discord.rest.application import ApplicationCalls
from tests.wire.fake_discord.rest.channels import ChannelCalls
from tests.wire.fake_discord.rest.incoming import Handler
from tests.wire.fake_discord.rest.webhooks import InteractionCalls
from tests.wire.fake_discord.values import Json, Snowflakes
from tests.wire.fake_discord.world import Channel, ChannelKind, File, Guild, Message, User, World

API = "/api/v10"
TOKEN = "obviously-fake-bot-token"
# Small, so that an upload is still on its way while the test holds it.
RECEIVE_BUFFER = 64 * 1024


class FakeDiscord:
    """A Discord on loopback sockets; use as ``async with``.

    Args:
        contract: Discord's OpenAPI document.
        folder: An existing folder for uploaded files.
        shards: How many shards the bot is told to run.
        ack_deadline: Seconds for the first response to an interaction.
        token_life: Seconds for which an interaction's token works.
    """

    def __init__(
        self,
        contract: Contract,
        folder: Path,
        *,
        shards: int = 1,
        ack_deadline: float = 3.0,
        token_life: float = 900.0,
    ) -> None:
        self._ids = Snowflakes()
        self._folder = folder
        self._changes = Changes()
        self.token = TOKEN
        self.world = World(self._ids)
        self.board = Board(self.world)
        self.commands = CommandBook(self._ids, self.world.bot.id)
        self.desk = Desk(self.world, self._changes, ack_deadline=ack_deadline, token_life=token_life)
        self.gateway = Gateway(self.world, self._changes, token=self.token, shards=shards)
        self.journal = Journal(self._changes)
        self.faults = Faults(self._changes)
        self.limits = Limits()
        self._channels = ChannelCalls(self.board)
        self._exchange = Exchange(
            token=self.token,
            folder=folder,
            ids=self._ids,
            changes=self._changes,
            journal=self.journal,
            contract=contract,
            faults=self.faults,
            limits=self.limits,
        )
        self._runner: web.AppRunner | None = None
        self.until = self._changes.until

    @property
    def violations(self) -> list[str]:
        """What broke Discord's OpenAPI document so far; a test that provokes one on purpose clears it."""
        return self._exchange.violations

    async def __aenter__(self) -> Self:
        """Open the sockets."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        self.base = f"http://{address}"
        self.api = self.base + API
        self.cdn = self.desk.cdn = self._channels.cdn = f"{self.base}/cdn"
        self.gateway.url = f"ws://{address}/gateway"
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.SockSite(self._runner, listener).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go what is held and close the sockets."""
        self.faults.clear()
        self.gateway.cut()
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=1024**3)
        handlers: dict[Call, Handler] = {
            **ApplicationCalls(self.world, self.commands, self.gateway).handlers(),
            **self._channels.handlers(),
            **InteractionCalls(self.desk, self.board).handlers(),
        }
        for call in Call:
            app.router.add_route(call.method, API + call.template, self._exchange.route(call, handlers[call]))
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/cdn/{folder}/{channel_id}/{file_id}/{name}", self._file)
        app.router.add_route("*", "/{path:.*}", self._unknown)
        return app

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self.world.files.get(int(request.match_info["file_id"]))
        if file is None or file.expired or file.name != request.match_info["name"]:
            return web.Response(status=404, text="This content is no longer available.")
        return web.FileResponse(file.path, headers={"Content-Type": file.content_type})

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.violations.append(f"the fake does not know {request.method} {request.path}")
        return web.json_response({"message": "404: Not Found", "code": 0}, status=404)

    # What people do.

    async def slash(self, channel: Channel, user: User, name: str, /, **options: Any) -> Interaction:
        """Type a slash command.

        Args:
            channel: Where.
            user: Who.
            name: The command with group and subcommand, such as ``"video create"``.
            options: Values by option name; ``LocalFile``, ``User`` or ``Channel`` where these are picked.

        Raises:
            CannotType: Discord's client would not allow it, above all where the command was never synced.
        """
        top, *path = name.split()
        command = self.commands.find(CommandKind.SLASH, top, channel, user)
        data = commands.fill(command, path, options, self._picking(channel, user))
        return await self._act(InteractionKind.COMMAND, data, channel, user)

    async def autocomplete(
        self, channel: Channel, user: User, name: str, focused: str, typed: str, /, **options: Any
    ) -> list[Json]:
        """Type into an option and return the choices offered.

        Args:
            channel: Where.
            user: Who.
            name: The command with group and subcommand.
            focused: The option being typed.
            typed: What stands in it so far.
            options: What the other options hold.
        """
        top, *path = name.split()
        command = self.commands.find(CommandKind.SLASH, top, channel, user)
        given = {**options, focused: typed}
        data = commands.fill(command, path, given, self._picking(channel, user), focused=focused)
        interaction = await self._act(InteractionKind.AUTOCOMPLETE, data, channel, user)
        return (await interaction.acknowledged()).choices

    async def menu(self, message: Message, user: User, name: str) -> Interaction:
        """Use a message's context menu."""
        command = self.commands.find(CommandKind.MESSAGE, name, message.channel, user)
        target = payloads.message(self.world, self.cdn, message)
        data: Json = {
            "id": command["id"],
            "name": name,
            "type": int(CommandKind.MESSAGE),
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): target}},
        }
        return await self._act(InteractionKind.COMMAND, data, message.channel, user)

    async def press(self, message: Message, user: User, custom_id: str) -> Interaction:
        """Press a button of a message.

        Raises:
            CannotType: The person sees no such button, or it is disabled.
        """
        button = self._component(message, user, custom_id)
        if button["type"] != layout.BUTTON:
            raise CannotType(f"{custom_id!r} is no button")
        data: Json = {"custom_id": custom_id, "component_type": layout.BUTTON, "id": button["id"]}
        return await self._act(InteractionKind.COMPONENT, data, message.channel, user, source=message)

    async def choose(self, message: Message, user: User, custom_id: str, *values: Any) -> Interaction:
        """Choose in a menu of a message: options' values, people or channels.

        Raises:
            CannotType: The person sees no such menu, or it does not offer that.
        """
        menu = self._component(message, user, custom_id)
        data = forms.chosen(menu, list(values), self._picking(message.channel, user))
        return await self._act(InteractionKind.COMPONENT, data, message.channel, user, source=message)

    def _component(self, message: Message, user: User, custom_id: str) -> Json:
        if message.deleted or message.seen_by not in (None, user):
            raise CannotType(f"{user.name} does not see this message")
        shown = list(layout.walk(payloads.components(self.world, self.cdn, message)))
        found = next((one for one in shown if one.get("custom_id") == custom_id), None)
        if found is None or found.get("disabled"):
            raise CannotType(
                f"no {custom_id!r} to use among {[one['custom_id'] for one in shown if 'custom_id' in one]}"
            )
        return found

    async def submit_modal(self, opener: Interaction, user: User, **fields: Any) -> Interaction:
        """Fill in and submit the modal that answered an interaction.

        Args:
            opener: The interaction that the modal answered.
            user: Who.
            fields: Values by custom id: text, a list for menus, a list of ``LocalFile`` for uploads.

        Raises:
            CannotType: There is no modal, or the client would not take this.
        """
        if opener.modal is None:
            raise CannotType("no modal was opened")
        data = forms.submitted(opener.modal, fields, self._picking(opener.channel, user))
        return await self._act(InteractionKind.MODAL, data, opener.channel, user, source=opener.source, opener=opener)

    async def redeliver(self, interaction: Interaction) -> None:
        """Send the bot the same interaction again, as Discord may around a reconnect."""
        guild = interaction.channel.guild
        await self.gateway.dispatch("INTERACTION_CREATE", interaction.payload, guild.id if guild else None)

    async def _act(
        self,
        kind: InteractionKind,
        data: Json,
        channel: Channel,
        user: User,
        *,
        source: Message | None = None,
        opener: Interaction | None = None,
    ) -> Interaction:
        interaction = self.desk.open(kind, data, channel, user, source=source, opener=opener)
        await self.redeliver(interaction)
        return interaction

    def _picking(self, channel: Channel, user: User) -> Resolve:
        return lambda resolved, value: self._pick(channel, user, resolved, value)

    def _pick(self, channel: Channel, user: User, resolved: Json, value: Any) -> str:
        """Note a picked file, person or channel under "resolved", and return its id."""
        if isinstance(value, LocalFile):
            file = self.keep_file(channel, value)
            resolved.setdefault("attachments", {})[str(file.id)] = payloads.attachment(self.cdn, file)
            return str(file.id)
        if isinstance(value, User):
            resolved.setdefault("users", {})[str(value.id)] = payloads.user(value)
        else:
            resolved.setdefault("channels", {})[str(value.id)] = payloads.picked_channel(self.world, value, user)
        return str(value.id)

    # What happens in the world.

    def keep_file(self, channel: Channel, picked: LocalFile, *, ephemeral: bool = True) -> File:
        """Put a person's file on the CDN, as the client does before a command is sent."""
        number = self._ids.next()
        path = self._folder / str(number)
        path.write_bytes(picked.data)
        file = File(
            id=number,
            channel_id=channel.id,
            name=picked.name,
            path=path,
            size=len(picked.data),
            sha256=hashlib.sha256(picked.data).hexdigest(),
            content_type=mimetypes.guess_type(picked.name)[0] or "application/octet-stream",
            ephemeral=ephemeral,
        )
        self.world.files[file.id] = file
        return file

    def say(
        self, channel: Channel, user: User, content: str = "", *files: LocalFile, forwards: Message | None = None
    ) -> Message:
        """Let a person post a message. The bot, having no message intent, is not told."""
        message = Message(self._ids.next(), channel, user, content, forwards=forwards)
        message.files = [self.keep_file(channel, file, ephemeral=False) for file in files]
        channel.messages[message.id] = message
        return message

    async def delete_channel(self, channel: Channel) -> None:
        """Delete a channel: gone for every request, and the bot is told."""
        del self.world.channels[channel.id]
        event = "THREAD_DELETE" if channel.parent else "CHANNEL_DELETE"
        guild = channel.guild
        if guild is not None and guild.installed and channel.kind is not ChannelKind.DM:
            await self.gateway.dispatch(event, payloads.channel(self.world, channel), guild.id)

    async def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a server."""
        guild.installed = False
        await self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)}, guild.id)
