"""How each fault looks on the wire: answers in place of the honest one, and honest answers that come slowly or bent."""

import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from aiohttp import web

from demo.simulator.answers import Payload
from demo.simulator.codes import ServiceError
from demo.simulator.dialects import V1_DIALECT, Dialect, overloaded
from demo.simulator.faults import Fault

Sleep = Callable[[float], Awaitable[None]]

_PIECES = 10  # a slow body comes in so many pieces
_LINGER_ZERO = struct.pack("ii", 1, 0)


async def answer(
    request: web.Request, payload: Payload, fault: Fault | None, sleep: Sleep, dialect: Dialect = V1_DIALECT
) -> web.StreamResponse:
    """Answer a call in JSON, or as a fault has it.

    Args:
        request: The call.
        payload: The honest answer.
        fault: What goes wrong, if anything.
        sleep: Waits between the pieces of a slow body.
        dialect: How the API refuses and what of it can be bent.
    """
    if fault is None:
        return web.json_response(payload)
    if instead := INSTEAD.get(fault.action):
        return await instead(request, fault.argument, dialect)
    if fault.action == "slow":
        return await _send_slowly(request, payload, float(fault.argument), sleep)
    bend = dialect.bent.get(fault.action)
    return web.json_response(bend(payload, fault.argument) if bend else payload)


async def _send_slowly(request: web.Request, payload: Payload, seconds: float, sleep: Sleep) -> web.StreamResponse:
    body = json.dumps(payload).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    step = -(-len(body) // _PIECES)
    for start in range(0, len(body), step):
        await response.write(body[start : start + step])
        await sleep(seconds / _PIECES)
    return response


async def _code(_: web.Request, argument: str, dialect: Dialect) -> web.StreamResponse:
    return dialect.refuse(ServiceError(int(argument)), {"task_id": ""})


async def _overloaded(_: web.Request, __: str, ___: Dialect) -> web.StreamResponse:
    return overloaded()


async def _http(_: web.Request, argument: str, __: Dialect) -> web.StreamResponse:
    page = f"<html><head><title>{argument}</title></head><body><center><h1>{argument}</h1></center><hr>gateway</body></html>"
    return web.Response(status=int(argument), text=page, content_type="text/html")


async def _text(_: web.Request, __: str, ___: Dialect) -> web.StreamResponse:
    return web.Response(text="upstream connect error or disconnect", content_type="text/plain")


async def _reset(request: web.Request, argument: str, dialect: Dialect) -> web.StreamResponse:
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        # Closing with no time to linger sends RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    return await _drop(request, argument, dialect)


async def _drop(request: web.Request, _: str, __: Dialect) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # nobody is left to read it


#: Answers in place of the honest one.
INSTEAD: Mapping[str, Callable[[web.Request, str, Dialect], Awaitable[web.StreamResponse]]] = MappingProxyType(
    {"code": _code, "overloaded": _overloaded, "http": _http, "text": _text, "reset": _reset, "drop": _drop}
)
