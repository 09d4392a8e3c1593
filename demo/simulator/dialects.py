"""The two ways in which the service refuses: V1 within HTTP 200, V2 by real HTTP errors; and each one's bent answers."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from aiohttp import web

from demo.simulator import codes
from demo.simulator.answers import Payload, base_resp
from demo.simulator.codes import ServiceError

#: HTTP status and type of a V2 error by its code (MiniMax docs, V2 create). Codes the page does not show stand with their kin.
_BAD, _AUTH, _MONEY = (400, "bad_request_error"), (401, "authorized_error"), (402, "insufficient_balance_error")
_CONTENT, _RATE, _SERVER = (422, "unprocessable_entity_error"), (429, "rate_limit_error"), (500, "server_error")
_OVERLOADED = (529, "overloaded_error")
V2_ERRORS: Mapping[int, tuple[int, str]] = MappingProxyType(
    {
        codes.INVALID: _BAD,
        codes.INVISIBLE_CHARACTERS: _BAD,
        2061: _BAD,
        codes.NOT_AUTHORIZED: _AUTH,
        codes.INVALID_KEY: _AUTH,
        2038: _AUTH,
        codes.NO_BALANCE: _MONEY,
        codes.INPUT_SENSITIVE: _CONTENT,
        codes.OUTPUT_SENSITIVE: _CONTENT,
        codes.RATE_LIMIT: _RATE,
        1028: _RATE,
        1030: _RATE,
        1039: _RATE,
        codes.TOO_MANY_AT_ONCE: _RATE,
        2045: _RATE,
        2056: _RATE,
    }
)

Bend = Callable[[Payload, str], Payload]


@dataclass(frozen=True)
class Dialect:
    """How one API speaks when something is wrong.

    Attributes:
        refuse: Words a refusal; the payload stands beside it where there is room.
        bent: Honest answers bent out of shape, by the name of the fault; what is missing cannot be bent so.
    """

    refuse: Callable[[ServiceError, Payload], web.Response]
    bent: Mapping[str, Bend]


def refuse_in_v1(error: ServiceError, beside: Payload) -> web.Response:
    """A `base_resp`, nearly always with HTTP 200."""
    return web.json_response({**beside, "base_resp": base_resp(error)}, status=error.v1_status)


def refuse_in_v2(error: ServiceError, _: Payload) -> web.Response:
    """A real HTTP error, with the code in parentheses at the end of the message."""
    return _error(V2_ERRORS.get(error.code, _SERVER), f"{error.text} ({error.code})")


def overloaded() -> web.Response:
    """HTTP 529, which has no code."""
    return _error(_OVERLOADED, "the service is overloaded, please try again later")


def _error(kind: tuple[int, str], message: str) -> web.Response:
    status, name = kind
    error = {"type": name, "message": message, "http_code": str(status)}
    body = {"type": "error", "error": error, "request_id": secrets.token_hex(16)}
    return web.json_response(body, status=status)


def _with(field: str, change: Callable[[Any, str], Any]) -> Bend:
    return lambda payload, argument: {**payload, field: change(payload[field], argument)}


def _within(field: str, change: Bend) -> Bend:
    """Changes an inner object; a refusal has none and stays as it is."""
    return lambda payload, word: {**payload, field: change(payload[field], word)} if field in payload else payload


def _without(field: str) -> Bend:
    return lambda payload, _: {name: value for name, value in payload.items() if name != field}


_STATUS: Mapping[str, Bend] = {
    "status": _with("status", lambda _, word: word),
    "spell": _with("status", lambda _, word: word),
    "lower": _with("status", lambda status, _: status.lower()),
}
_NO_TASK_ID: Mapping[str, Bend] = {"no-task-id": _with("task_id", lambda _, __: "")}

V1_DIALECT = Dialect(
    refuse_in_v1,
    MappingProxyType(
        {
            **_NO_TASK_ID,
            **_STATUS,
            "no-file-id": _with("file_id", lambda _, __: ""),
            "number-id": _with("file_id", lambda file_id, _: int(file_id or 0)),
            "string-id": _within("file", _with("file_id", lambda file_id, _: str(file_id))),
            "no-url": _within("file", _without("download_url")),
        }
    ),
)
V2_DIALECT = Dialect(
    refuse_in_v2,
    MappingProxyType(
        {
            **_NO_TASK_ID,
            **{name: _within("task", bend) for name, bend in _STATUS.items()},
            "no-file-id": _within("task", _without("content")),
            "number-id": _within("task", _with("id", lambda task_id, _: int(task_id))),
        }
    ),
)
