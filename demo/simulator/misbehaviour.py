"""How each fault looks on the wire: answers in place of the honest one, and honest answers bent out of shape."""

import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from demo.simulator.codes import OK, ServiceError
from demo.simulator.faults import Fault

Payload = dict[str, Any]
Sleep = Callable[[float], Awaitable[None]]

_PIECES = 10  # a slow body comes in so many pieces
_LINGER_ZERO = struct.pack("ii", 1, 0)


def base_resp(error: ServiceError | None = None) -> Payload:
    """The V1 status object, of a refusal or of success."""
    refusal = error or ServiceError(OK)
    return {"status_code": refusal.code, "status_msg": refusal.text}


async def answer(request: web.Request, payload: Payload, fault: Fault | None, sleep: Sleep) -> web.StreamResponse:
    """Answer a call in JSON, or as a fault has it.

    Args:
        request: The call.
        payload: The honest answer.
        fault: What goes wrong, if anything.
        sleep: Waits between the pieces of a slow body.
    """
    if fault is None:
        return web.json_response(payload)
    if bend := BENT.get(fault.action):
        return web.json_response(bend(payload, fault.argument))
    if fault.action == "slow":
        return await _send_slowly(request, payload, float(fault.argument), sleep)
    return await INSTEAD[fault.action](request, fault.argument)


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


async def _code(_: web.Request, argument: str) -> web.StreamResponse:
    return web.json_response({"task_id": "", "base_resp": base_resp(ServiceError(int(argument)))})


async def _http(_: web.Request, argument: str) -> web.StreamResponse:
    page = f"<html><head><title>{argument}</title></head><body><center><h1>{argument}</h1></center><hr>gateway</body></html>"
    return web.Response(status=int(argument), text=page, content_type="text/html")


async def _text(_: web.Request, __: str) -> web.StreamResponse:
    return web.Response(text="upstream connect error or disconnect", content_type="text/plain")


async def _reset(request: web.Request, _: str) -> web.StreamResponse:
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        # Closing with no time to linger sends RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    return await _drop(request, "")


async def _drop(request: web.Request, _: str) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # nobody is left to read it


#: Answers in place of the honest one.
INSTEAD: Mapping[str, Callable[[web.Request, str], Awaitable[web.StreamResponse]]] = MappingProxyType(
    {"code": _code, "http": _http, "text": _text, "reset": _reset, "drop": _drop}
)


def _with(field: str, change: Callable[[Any, str], Any]) -> Callable[[Payload, str], Payload]:
    return lambda payload, argument: {**payload, field: change(payload[field], argument)}


def _in_file(change: Callable[[Payload], Payload]) -> Callable[[Payload, str], Payload]:
    """Changes the inner object of a retrieve; a refusal has none and stays as it is."""
    return lambda payload, _: {**payload, "file": change(payload["file"])} if "file" in payload else payload


#: Honest answers bent out of shape.
BENT: Mapping[str, Callable[[Payload, str], Payload]] = MappingProxyType(
    {
        "no-task-id": _with("task_id", lambda _, __: ""),
        "status": _with("status", lambda _, word: word),
        "spell": _with("status", lambda _, word: word),
        "lower": _with("status", lambda status, _: status.lower()),
        "no-file-id": _with("file_id", lambda _, __: ""),
        "number-id": _with("file_id", lambda file_id, _: int(file_id or 0)),
        "string-id": _in_file(lambda file: {**file, "file_id": str(file["file_id"])}),
        "no-url": _in_file(lambda file: {key: value for key, value in file.items() if key != "download_url"}),
    }
)
