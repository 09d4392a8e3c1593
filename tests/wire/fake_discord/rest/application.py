"""REST: the bot itself, its application and commands, guilds, users, where the gateway is."""

from tests.wire.fake_discord import payloads
from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.commands import CommandBook
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.gateway import Gateway
from tests.wire.fake_discord.rest.incoming import Handler, Incoming, Reply
from tests.wire.fake_discord.world import World


class ApplicationCalls:
    """Answers what a bot asks at start."""

    def __init__(self, world: World, commands: CommandBook, gateway: Gateway) -> None:
        self._world = world
        self._commands = commands
        self._gateway = gateway

    def handlers(self) -> dict[Call, Handler]:
        """Return the calls answered here."""
        return {
            Call.CURRENT_USER: self._current_user,
            Call.USER: self._user,
            Call.APPLICATION: self._application,
            Call.OAUTH_APPLICATION: self._application,
            Call.GATEWAY_BOT: self._gateway_bot,
            Call.GLOBAL_COMMANDS: self._list_commands,
            Call.GUILD_COMMANDS: self._list_commands,
            Call.SYNC_GLOBAL: self._sync,
            Call.SYNC_GUILD: self._sync,
            Call.GUILD: self._guild,
        }

    def _current_user(self, _: Incoming) -> Reply:
        return Reply(body=payloads.current_user(self._world.bot))

    def _user(self, request: Incoming) -> Reply:
        user = self._world.users.get(request.id("user_id"))
        if user is None:
            raise DiscordError(10013)
        return Reply(body=payloads.user(user))

    def _application(self, _: Incoming) -> Reply:
        return Reply(body=payloads.application(self._world))

    def _gateway_bot(self, _: Incoming) -> Reply:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return Reply(body={"url": self._gateway.url, "shards": self._gateway.shards, "session_start_limit": limit})

    def _scope(self, request: Incoming) -> int | None:
        if request.id("application_id") != self._world.bot.id:
            raise DiscordError(50001)
        if "guild_id" not in request.params:
            return None
        guild = self._world.guilds.get(request.id("guild_id"))
        if guild is None or not guild.installed:
            raise DiscordError(50001)
        return guild.id

    def _list_commands(self, request: Incoming) -> Reply:
        return Reply(body=self._commands.registered.get(self._scope(request), []))

    def _sync(self, request: Incoming) -> Reply:
        scope = self._scope(request)
        if not isinstance(request.body, list):
            raise DiscordError(50035, "a list of commands is wanted")
        return Reply(body=self._commands.sync(scope, request.body))

    def _guild(self, request: Incoming) -> Reply:
        guild = self._world.guilds.get(request.id("guild_id"))
        if guild is None or not guild.installed:
            raise DiscordError(10004)
        return Reply(body=payloads.guild(self._world, guild))
