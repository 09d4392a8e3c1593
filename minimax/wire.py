"""One call of MiniMax's API over HTTP, and its answer understood as far as both interfaces have it in common.

Knows JSON, the key, and the two ways of saying that something failed; what a code means is in `errors`. A paid call is
sent once; any other is repeated once, by aiohttp itself, where its connection breaks.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import aiohttp
import structlog
from pydantic import SecretStr
from yarl import URL

from jobs.errors import NotSent, Reason, Refused, Transient, Uncertain, told
from jobs.model import Api, Task

from .body import encode_body
from .errors import SUCCESS, TYPES, Complaint, create_error
from .session import FAULTS, Attempt, Sessions

_ANSWER_LIMIT: Final = 1024 * 1024  # bytes; the largest real answer has a few hundred
_TEXT_LIMIT: Final = 300  # characters of the provider's words that are kept
_LONGEST_PAUSE: Final = 3600.0  # seconds; a wild Retry-After must not stop the bot for a day

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, read whole: its JSON object (empty where it was none), and what it says of itself.

    Args:
        call: Which call it answers, as the log names it.
        status: The HTTP status.
        body: Its JSON object.
        code: The provider's code, where it gave one.
        text: The provider's words, or the start of what was answered instead.
        retry_after: Seconds it asks us to wait, where it says so.
    """

    call: str
    status: int
    body: Mapping[str, Any]
    code: int | None
    text: str
    retry_after: float | None

    @property
    def heard(self) -> bool:
        """Whether the call was understood over there; a gateway on the way may say otherwise."""
        return self.status < 300  # noqa: PLR2004 - a 2xx

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.heard and bool(self.body) and self.code in {None, SUCCESS}

    @property
    def complaint(self) -> Complaint:
        """The answer as one that is no success."""
        return Complaint(
            call=self.call, status=self.status, code=self.code, text=self.text, retry_after=self.retry_after
        )


class Wire:
    """Calls with one key.

    Args:
        sessions: From `open_sessions`; they must stay open as long as the wire is used.
        api_key: Sent to the API alone, never logged.

    Raises:
        ValueError: The key cannot be used; one plain sentence that does not show it.
    """

    def __init__(self, sessions: Sessions, api_key: SecretStr) -> None:
        key = api_key.get_secret_value()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("MINIMAX_API_KEY must be one word without spaces or line breaks.")
        self._sessions = sessions
        self._key = api_key

    async def ask(self, call: str, url: URL, params: Mapping[str, str] | None = None, *, method: str = "GET") -> Answer:
        """A call that costs nothing.

        Raises:
            Transient: The wire failed.
        """
        try:
            return await self._call(self._sessions.api, call, method, url, params=params)
        except FAULTS as error:
            raise Transient(self._scrub(f"{call}: {told(error)}")) from error

    async def pay(self, api: Api, base_url: str, path: str, body: Mapping[str, object], *, limit: int | None) -> Task:
        """The paid call, made once.

        Args:
            api: The interface it belongs to.
            base_url: The host.
            path: Of the call.
            body: See `encode_body`.
            limit: The most bytes a request may have; None where there is no such rule.

        Raises:
            NotSent: It never left this machine.
            Uncertain: It may have, and no answer says what came of it.
            Refused: The request is larger than `limit`, or the provider will not make it.
            ProviderError: Otherwise refused; see `create_error`.
        """
        content = await asyncio.to_thread(encode_body, body)
        size = content.getbuffer().nbytes
        if limit is not None and size > limit:
            raise Refused(Reason.INPUT_TOO_LARGE, f"create: the request has {size} bytes, {limit} are the most")
        attempt = Attempt()
        try:
            answer = await self._call(
                self._sessions.paid,
                "create",
                "POST",
                endpoint(base_url, path),
                data=content,  # a file, which is sent in pieces; bytes of this size would hold up everything else
                content_type="application/json",
                trace_request_ctx=attempt,
            )
        except FAULTS as error:
            message = self._scrub(f"create: {told(error)}")
            if attempt.may_have_left:
                raise Uncertain(message) from error
            raise NotSent(message) from error
        task_id = identifier(answer.body.get("task_id"))
        if task_id is not None and not answer.complaint.made_nothing:
            # A task that is named exists, whatever else went wrong: asking about it is free and tells the truth.
            return Task(task_id=task_id, base_url=base_url, api=api)
        if answer.ok:
            raise Uncertain("create: success, but no task id", code=answer.code, text=answer.text)
        raise create_error(answer.complaint)

    async def _call(
        self,
        session: aiohttp.ClientSession,
        call: str,
        method: str,
        url: URL,
        *,
        content_type: str | None = None,
        **options: Any,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}", "Accept": "application/json"}
        if content_type is not None:
            headers["Content-Type"] = content_type
        # A redirect would carry the key elsewhere.
        async with session.request(method, url, headers=headers, allow_redirects=False, **options) as response:
            content = await _read(response)
        answer = self._understand(call, response, content)
        task = mapping(answer.body.get("task"))
        log = _log.debug if answer.ok and call == "query" else _log.info if answer.ok else _log.warning
        log(
            "provider answered",
            call=call,
            status=answer.status,
            code=answer.code,
            text=answer.text,
            trace_id=response.headers.get("Trace-Id") or answer.body.get("request_id"),
            task_id=identifier(answer.body.get("task_id")) or identifier(task.get("id")),
            provider_status=answer.body.get("status") or task.get("status"),
        )
        return answer

    def _understand(self, call: str, response: aiohttp.ClientResponse, content: bytes) -> Answer:
        # Whoever repeats the key in an answer must not bring it into our logs and tables.
        page = self._scrub(content.decode("utf-8-sig", errors="replace"))
        body = _json_object(page)
        code, text = _verdict(body)
        if text is None:
            # V2 says nothing of a success, and what it then says instead may hold a signed link.
            text = "" if body and response.status < 300 else page  # noqa: PLR2004 - a 2xx
        return Answer(
            call=call,
            status=response.status,
            body=body,
            code=code,
            text=" ".join(text.split())[:_TEXT_LIMIT],
            retry_after=_seconds(response.headers.get("Retry-After")),
        )

    def _scrub(self, text: str) -> str:
        return text.replace(self._key.get_secret_value(), "***")


def endpoint(base_url: str, path: str) -> URL:
    """The address of a call.

    Args:
        base_url: Scheme and host, without a slash at the end.
        path: What comes after; nothing of it may come from outside.

    Raises:
        ValueError: The base is no address of a host; one plain sentence.
    """
    sentence = "MINIMAX_BASE_URL must be an address such as https://api.minimaxi.com."
    try:
        url = URL(f"{base_url}/{path}")
    except ValueError as error:
        raise ValueError(sentence) from error
    if url.scheme not in {"http", "https"} or not url.host or url.user or url.query_string or url.fragment:
        raise ValueError(sentence)
    return url


# --- reading what came -------------------------------------------------------------------------------------------


def mapping(value: object) -> Mapping[str, Any]:
    """The value, if it is a JSON object; else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def integer(value: object) -> int | None:
    """A whole number, however it is written; codes come as numbers in V1 and as strings in V2.

    One that has more digits than any table holds is none: the job whose failure it is could never be saved.
    """
    if isinstance(value, int):
        return value if abs(value) < 10**18 else None
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value) else None


def identifier(value: object) -> str | None:
    """An id as a string: the same id is a string in one answer and a number in the next."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and value is not True and value > 0 else None


def _verdict(body: Mapping[str, Any]) -> tuple[int | None, str | None]:
    """The code and the words of an answer, as V1 gives them or, failing that, as V2 does (MiniMax docs, both creates)."""
    verdict = mapping(body.get("base_resp"))
    if verdict:
        return integer(verdict.get("status_code")), str(verdict.get("status_msg") or "")
    error = mapping(body.get("error"))
    if not error:
        return None, None
    message = str(error.get("message") or "")
    named = re.search(r"\((\d{1,6})\)\s*$", message)
    return int(named[1]) if named else TYPES.get(str(error.get("type"))), message


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _ANSWER_LIMIT:
            raise aiohttp.ClientPayloadError("the answer is larger than any answer of the API")
    return bytes(content)


def _json_object(page: str) -> Mapping[str, Any]:
    try:
        return mapping(json.loads(page))
    except (ValueError, RecursionError):
        return {}


def _seconds(retry_after: str | None) -> float | None:
    """The pause asked for; the form with a date is not used by any gateway seen, and is passed over."""
    if retry_after is None or not re.fullmatch(r"\d{1,9}", retry_after.strip()):
        return None
    return min(float(retry_after), _LONGEST_PAUSE)
