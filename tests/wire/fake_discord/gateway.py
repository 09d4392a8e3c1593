"""The gateway: websockets on which a bot identifies, keeps alive, is told of events, and resumes.

Plain text frames whatever compression was asked for, which clients accept. Source: Discord docs, Gateway.
"""

import contextlib
from dataclasses import dataclass, field
from enum import IntEnum

from aiohttp import WSMsgType, web

from tests.wire.fake_discord import payloads
from tests.wire.fake_discord.changes import Changes
from tests.wire.fake_discord.values import Json
from tests.wire.fake_discord.world import World


class Op(IntEnum):
    """Gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


AUTHENTICATION_FAILED = 4004
UNKNOWN_ERROR = 4000  # a close after which clients resume


@dataclass
class Session:
    """What a bot and the gateway remember of each other across connections.

    Attributes:
        sent: Every dispatch, for replay; its place in the list is its sequence number minus one.
        connection: The live connection; None while the bot is away.
        started: Whether READY and the guilds have gone out, so that events may follow.
    """

    id: str
    shard: int
    sent: list[Json] = field(default_factory=list[Json])
    connection: "Connection | None" = None
    started: bool = False


@dataclass(eq=False)
class Connection:
    """One websocket."""

    request: web.Request
    socket: web.WebSocketResponse
    session: Session | None = None

    async def send(self, op: Op, data: object = None) -> None:
        """Send one frame that is no event."""
        await self._write({"op": int(op), "d": data, "s": None, "t": None})

    async def tell(self, event: Json) -> None:
        """Send one event, given with its sequence number."""
        await self._write({"op": int(Op.DISPATCH), **event})

    async def _write(self, frame: Json) -> None:
        # A bot that is gone already does not matter: its session keeps the event.
        with contextlib.suppress(ConnectionError):
            await self.socket.send_json(frame)


class Gateway:
    """Keeps sessions and sends events.

    Args:
        world: The guilds that READY and GUILD_CREATE tell of.
        changes: Announces identifies and resumes.
        token: The only token let in.
        shards: How many shards ``/gateway/bot`` recommends.
        heartbeat: Seconds between heartbeats that HELLO asks for.
    """

    def __init__(
        self, world: World, changes: Changes, *, token: str, shards: int = 1, heartbeat: float = 41.25
    ) -> None:
        self.world = world
        self.shards = shards
        self.heartbeat = heartbeat
        self.url = ""
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self._changes = changes
        self._token = token
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Speak with one bot until it leaves."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(request, socket)
        self._connections.add(connection)
        try:
            await connection.send(Op.HELLO, {"heartbeat_interval": round(self.heartbeat * 1000)})
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(connection, frame.json())
        finally:
            self._connections.discard(connection)
            if connection.session and connection.session.connection is connection:
                connection.session.connection = None
            self._changes.announce()
        return socket

    async def _receive(self, connection: Connection, frame: Json) -> None:
        match frame["op"]:
            case Op.HEARTBEAT:
                await connection.send(Op.HEARTBEAT_ACK)
            case Op.IDENTIFY:
                await self._identify(connection, frame["d"])
            case Op.RESUME:
                await self._resume(connection, frame["d"])
            case _:
                return

    async def _identify(self, connection: Connection, data: Json) -> None:
        if data["token"] != self._token:
            await connection.socket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
            return
        self.identifies.append(data)
        shard, count = data.get("shard", (0, 1))
        session = Session(f"session-{self.world.ids.next()}", shard, connection=connection)
        connection.session = session
        self._sessions[session.id] = session
        guilds = [one for one in self.world.guilds.values() if one.installed and (one.id >> 22) % count == shard]
        await self._send(session, "READY", {
            "v": 10,
            "user": payloads.current_user(self.world.bot),
            "guilds": [{"id": str(one.id), "unavailable": True} for one in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": [shard, count],
            "application": {"id": str(self.world.bot.id), "flags": 0},
        })  # fmt: skip
        for one in guilds:
            await self._send(session, "GUILD_CREATE", payloads.guild_create(self.world, one))
        session.started = True
        self._changes.announce()

    async def _resume(self, connection: Connection, data: Json) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None or data["token"] != self._token:
            await connection.send(Op.INVALID_SESSION, data=False)
            return
        session.connection = connection
        connection.session = session
        for frame in session.sent[int(data["seq"]) :]:
            await connection.tell(frame)
        await self._send(session, "RESUMED", {})
        self.resumes.append(data)
        self._changes.announce()

    async def _send(self, session: Session, event: str, data: Json) -> None:
        frame: Json = {"d": data, "s": len(session.sent) + 1, "t": event}
        session.sent.append(frame)
        if session.connection is not None:
            await session.connection.tell(frame)

    def session_for(self, guild_id: int | None) -> Session | None:
        """Return the newest session that events of a guild (or of direct messages) go to."""
        shard = 0 if guild_id is None else (guild_id >> 22) % self.shards
        serving = [one for one in self._sessions.values() if one.shard == shard and one.started]
        return serving[-1] if serving else None

    async def dispatch(self, event: str, data: Json, guild_id: int | None = None) -> None:
        """Tell the bot of an event. While it is between connections, its session keeps the event for the resume.

        Raises:
            AssertionError: No bot has ever identified for this shard.
        """
        session = self.session_for(guild_id)
        assert session is not None, f"no bot has identified: nobody would receive {event}"
        await self._send(session, event, data)

    async def ready(self, *, identifies: int = 1, within: float = 20.0) -> None:
        """Wait until a bot is connected and has been told of its guilds.

        Args:
            identifies: How many identifies there must have been; one more after each restart.
            within: Seconds.
        """

        def connected() -> bool:
            live = [one for one in self._sessions.values() if one.connection and one.started]
            return len(self.identifies) >= identifies and len({one.shard for one in live}) == self.shards

        await self._changes.until(connected, within=within, what="the bot's IDENTIFY")

    async def resumed(self, *, count: int = 1, within: float = 10.0) -> None:
        """Wait until a bot has resumed ``count`` times.

        Args:
            count: Resumes since the start of the test.
            within: Seconds.
        """
        await self._changes.until(lambda: len(self.resumes) >= count, within=within, what="the bot's RESUME")

    async def close(self, code: int = UNKNOWN_ERROR) -> None:
        """Close all connections with a code, as a gateway that restarts does."""
        for connection in list(self._connections):
            await connection.socket.close(code=code)

    def cut(self) -> None:
        """Cut all connections without a word, as a network does."""
        for connection in list(self._connections):
            if connection.session:
                connection.session.connection = None
            if connection.request.transport is not None:
                connection.request.transport.abort()

    async def ask_to_reconnect(self) -> None:
        """Send opcode 7 on all connections."""
        for connection in list(self._connections):
            await connection.send(Op.RECONNECT)

    async def forget_sessions(self) -> None:
        """Invalidate all sessions: whoever resumes must identify anew."""
        self._sessions.clear()
        for connection in list(self._connections):
            await connection.send(Op.INVALID_SESSION, data=False)
