"""A scripted HTTP peer on a loopback socket: it answers, stalls and breaks exactly as a test tells it to."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return self.target.split("?")[0]


Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(converse: Conversation) -> AsyncGenerator[int]:
    """Serves on a free port of loopback, which it yields; at the end every conversation is broken off."""
    tasks: set[asyncio.Task[Any]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side has left, or the test is over
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


def raw(content: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return reply


def answer(body: Any = b"", *, status: int = 200, kind: str | None = None, **headers: str) -> Reply:
    """A complete answer; a `dict` goes out as JSON. The connection stays open."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": kind or "application/json", "Content-Length": str(len(content))}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return raw(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + content)


def says(code: int, text: str = "words", **fields: Any) -> Reply:
    """V1's way to answer: HTTP 200 with a code inside."""
    return answer({**fields, "base_resp": {"status_code": code, "status_msg": text}})


async def reset(writer: asyncio.StreamWriter) -> None:
    """The connection breaks without a word."""
    peer: socket.socket = writer.get_extra_info("socket")
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """The connection is closed politely, without an answer."""
    writer.close()
    await writer.wait_closed()


async def silence(_writer: asyncio.StreamWriter) -> None:
    """Nothing ever comes."""
    await asyncio.Event().wait()


def then(*replies: Reply) -> Reply:
    """Several things in a row, within one answer."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        for each in replies:
            await each(writer)

    return reply


@dataclass
class Peer:
    """A server whose n-th request gets the n-th reply; the last reply is repeated.

    Attributes:
        replies: What it says.
        requests: What it was asked.
    """

    replies: list[Reply]
    requests: list[Received] = field(default_factory=list[Received])
    _connections: int = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.port = await stack.enter_async_context(serving(self._converse))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        connection = self._connections
        while not writer.is_closing():
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Received(method, target, headers, body, connection))
            turn = min(len(self.requests), len(self.replies)) - 1
            await self.replies[turn](writer)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
