"""One request from arrival to answer: journal, contract, limits, faults, effect, in that order.

The only place where faults touch a connection. Handlers see a finished request and know of none of this.
"""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientPayloadError, web

from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.changes import Changes
from tests.wire.fake_discord.contract import Contract
from tests.wire.fake_discord.errors import DiscordError
from tests.wire.fake_discord.faults import Answer, Faults, Hold, Moment, Pace, Reset, Rule
from tests.wire.fake_discord.journal import Journal, Recorded, SentFile
from tests.wire.fake_discord.limits import Limits
from tests.wire.fake_discord.rest.incoming import Handler, Incoming, Reply
from tests.wire.fake_discord.uploads import Body
from tests.wire.fake_discord.values import JsonBody, Snowflakes

# Interaction answers are authorised by the token in their path.
WITHOUT_BOT_TOKEN = ("/interactions/", "/webhooks/")


class ConnectionCut(Exception):
    """The request's connection was cut by a fault."""


class Exchange:
    """Carries requests through.

    Args:
        token: The bot token that is accepted.
        folder: Where uploads are kept.
    """

    def __init__(
        self,
        *,
        token: str,
        folder: Path,
        ids: Snowflakes,
        changes: Changes,
        journal: Journal,
        contract: Contract,
        faults: Faults,
        limits: Limits,
    ) -> None:
        self._token = token
        self._folder = folder
        self._ids = ids
        self._changes = changes
        self._journal = journal
        self._contract = contract
        self._faults = faults
        self._limits = limits
        self.violations: list[str] = []

    def route(self, call: Call, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Return the aiohttp handler of a call."""

        async def carry(request: web.Request) -> web.StreamResponse:
            recorded: Recorded | None = None
            try:
                body = Body(request, self._folder, self._ids)
                sent = await body.read_json()
                recorded = self._record(call, request, sent)
                answer = await self._run(request, recorded, body, handler)
            except (ConnectionCut, ConnectionError, ClientPayloadError):
                return self._cut(request, recorded)
            except Exception as error:  # noqa: BLE001 - kept: the fixture fails the test with it
                self.violations.append(f"the fake failed on {call}: {error!r}")
                answer = _respond(Reply(500, {"message": "the fake failed", "code": 0}))
            if recorded is not None:
                recorded.status = answer.status
            self._changes.announce()
            return answer

        return carry

    def _record(self, call: Call, request: web.Request, sent: JsonBody) -> Recorded:
        whole = sent if isinstance(sent, dict) else {} if sent is None else {"items": sent}
        recorded = Recorded(call, request.path, dict(request.match_info), dict(request.query), whole)
        self._journal.add(recorded)
        # Whatever becomes of the request: refused, cut off or held, it was sent.
        recorded.wrong = self._contract.faults_of_request(call, sent)
        self.violations += recorded.wrong
        return recorded

    async def _run(self, request: web.Request, recorded: Recorded, body: Body, handler: Handler) -> web.Response:
        if not self._authorised(request):
            return _respond(Reply(401, DiscordError(0).body()))
        verdict = self._limits.judge(recorded)
        if verdict.refusal is not None:
            return _respond(Reply(429, verdict.refusal), verdict.headers)
        rules = self._faults.striking(recorded)
        uploads = await body.read_files(lambda total: _slow_down(rules, recorded, total))
        recorded.files.extend(SentFile(upload.name, upload.size, upload.sha256) for upload in uploads)
        if (ordered := await self._strike(rules, Moment.BEFORE_EFFECT, recorded)) is not None:
            return ordered
        incoming = Incoming(recorded.params, recorded.query, body.json, uploads)
        reply = self._effect(recorded, incoming, handler)
        self._changes.announce()
        if (ordered := await self._strike(rules, Moment.AFTER_EFFECT, recorded)) is not None:
            return ordered
        return _respond(reply, verdict.headers)

    def _authorised(self, request: web.Request) -> bool:
        path = request.path.partition("/api/v10")[2]
        return path.startswith(WITHOUT_BOT_TOKEN) or request.headers.get("Authorization") == f"Bot {self._token}"

    def _effect(self, recorded: Recorded, incoming: Incoming, handler: Handler) -> Reply:
        try:
            if recorded.wrong:
                raise DiscordError(50035, "; ".join(recorded.wrong))  # noqa: TRY301 - refused like any other request
            reply = handler(incoming)
        except DiscordError as refusal:
            return Reply(refusal.status, refusal.body())
        wrong = self._contract.faults_of_answer(recorded.call, reply.status, reply.body)
        self.violations += [f"the fake's own answer: {one}" for one in wrong]
        return reply

    async def _strike(self, rules: list[Rule], moment: Moment, recorded: Recorded) -> web.Response | None:
        for rule in rules:
            if rule.moment is not moment:
                continue
            match rule.action:
                case Answer(status, body, headers):
                    return _respond(Reply(status, body), dict(headers))
                case Reset():
                    raise ConnectionCut
                case Hold() as hold:
                    await _pass(hold, recorded)
                case Pace():
                    raise AssertionError("a pace belongs to an upload")
        return None

    def _cut(self, request: web.Request, recorded: Recorded | None) -> web.Response:
        if recorded is not None:
            recorded.cut = True
        self._changes.announce()
        if request.transport is not None:
            _reset(request.transport)
        return web.Response()


async def _slow_down(rules: list[Rule], recorded: Recorded, total: int) -> None:
    for rule in rules:
        if rule.moment is not Moment.UPLOADING:
            continue
        match rule.action:
            case Hold() as hold if total >= hold.after_bytes:
                await _pass(hold, recorded)
            case Pace(bytes_per_second):
                await asyncio.sleep(max(0.0, total / bytes_per_second - (time.monotonic() - recorded.at)))
            case _:
                pass


async def _pass(hold: Hold, recorded: Recorded) -> None:
    if not await hold.passing(recorded):
        raise ConnectionCut


def _reset(transport: asyncio.Transport) -> None:
    """Close a connection with a TCP reset: linger 0 makes the kernel send RST instead of FIN."""
    plain = transport.get_extra_info("socket")
    if plain is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _respond(reply: Reply, headers: dict[str, str] | None = None) -> web.Response:
    """Make the HTTP response. The content type has no charset: discord.py wants ``application/json`` exactly."""
    body = None if reply.status == 204 else json.dumps(reply.body).encode()
    response = web.Response(status=reply.status, body=body, headers=headers)
    if body is not None:
        response.headers["Content-Type"] = "application/json"
    return response
