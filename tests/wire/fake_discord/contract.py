"""Discord's OpenAPI document, held against what the bot sends and against what the fake answers.

The document and its origin: ``tests/wire/README.md``. It is a preview, so one known difference to the service is
levelled first: it types all ids as strings, while Discord takes numbers and discord.py sends them in ``ID_FIELDS``.
"""

import copy
import json
import lzma
from pathlib import Path

import jsonschema_rs

from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.values import Json, JsonBody

DOCUMENT = Path(__file__).parent.parent / "discord-openapi.json.xz"
# Where discord.py sends ids as numbers: an object's or a list of objects' fields, or lists of ids.
ID_FIELDS = {
    "attachments": ("id",),
    "allowed_mentions": ("users", "roles"),
    "message_reference": ("message_id", "channel_id", "guild_id"),
}
BARE_ID_FIELDS = ("recipient_id",)  # the same, in the body itself
MAX_CONTENT = 2000  # the document allows 4000 in one place; bots may send 2000 (Discord docs, Create Message)


class Contract:
    """Compiled schemas of the calls, made when first needed.

    Args:
        document: The OpenAPI document.
    """

    def __init__(self, document: Json) -> None:
        self._document = document
        self._compiled: dict[tuple[Call, str], jsonschema_rs.Draft202012Validator | None] = {}

    @classmethod
    def load(cls, path: Path = DOCUMENT) -> "Contract":
        """Read the compressed document."""
        return cls(json.loads(lzma.decompress(path.read_bytes())))

    def faults_of(self, method: str, path: str, body: JsonBody) -> list[str]:
        """Return what is wrong with a request given as it was sent; its call must be one of ours.

        Args:
            method: The HTTP method.
            path: Below the API's base.
            body: Its JSON.
        """
        call = Call.of(method, path)
        return [f"unknown: {method} {path}"] if call is None else self.faults_of_request(call, body)

    def faults_of_request(self, call: Call, body: JsonBody) -> list[str]:
        """Return what is wrong with a request's JSON; empty when nothing is."""
        faults = self._faults(call, "request", _with_string_ids(body))
        return faults + [f"content of {n} characters, at most {MAX_CONTENT}" for n in _long_contents(body)]

    def faults_of_answer(self, call: Call, status: int, body: object) -> list[str]:
        """Return what is wrong with the fake's own answer; empty when nothing is."""
        return self._faults(call, str(status), body)

    def _faults(self, call: Call, side: str, body: object) -> list[str]:
        validator = self._validator(call, side)
        if validator is None:
            return []
        causes = [_cause(error) for error in validator.iter_errors(body)]
        return [f"{call} {side}: {one.message} at /{'/'.join(map(str, one.instance_path))}" for one in causes]

    def _validator(self, call: Call, side: str) -> jsonschema_rs.Draft202012Validator | None:
        if (call, side) not in self._compiled:
            schema = self._schema(call, side)
            whole = {**(schema or {}), "components": self._document["components"]}
            self._compiled[call, side] = jsonschema_rs.Draft202012Validator(whole) if schema else None
        return self._compiled[call, side]

    def _schema(self, call: Call, side: str) -> Json | None:
        # The document names the interaction's and the webhook's parameters as Call does.
        operation: Json = self._document["paths"][call.template][call.method.lower()]
        holder: Json = operation.get("requestBody", {}) if side == "request" else operation["responses"].get(side, {})
        return holder.get("content", {}).get("application/json", {}).get("schema")


def _cause(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return what is wrong with the likeliest of a schema's alternatives: of the right type, and valid furthest down."""
    alternatives: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", [])
    causes = [[_cause(one) for one in errors] for errors in alternatives if errors]
    if not causes:
        return error

    def likeliness(errors: list[jsonschema_rs.ValidationError]) -> tuple[bool, int]:
        of_another_type = any(one.instance_path[-1:] == ["type"] for one in errors)
        return not of_another_type, max(len(one.instance_path) for one in errors)

    return max(causes, key=likeliness)[0]


def _with_string_ids(body: JsonBody) -> JsonBody:
    levelled = copy.deepcopy(body)
    for holder in _message_bodies(levelled):
        holder.update(_as_texts(holder, BARE_ID_FIELDS))
        for place, names in ID_FIELDS.items():
            found: Json | list[Json] = holder.get(place) or []
            for entry in found if isinstance(found, list) else [found]:
                entry.update(_as_texts(entry, names))
    return levelled


def _as_texts(entry: Json, names: tuple[str, ...]) -> Json:
    return {name: _as_text(entry[name]) for name in names if entry.get(name) is not None}


def _as_text(ids: int | str | list[int | str]) -> str | list[str]:
    return [str(one) for one in ids] if isinstance(ids, list) else str(ids)


def _long_contents(body: JsonBody) -> list[int]:
    contents = [holder.get("content") for holder in _message_bodies(body)]
    return [len(content) for content in contents if isinstance(content, str) and len(content) > MAX_CONTENT]


def _message_bodies(body: JsonBody) -> list[Json]:
    """Return the objects in a request that describe a message: the body itself, an interaction response's data."""
    if not isinstance(body, dict):
        return []
    inner: Json | None = body.get("data")
    return [body] if inner is None else [body, inner]
