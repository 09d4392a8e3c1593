"""MiniMax's V1 video API on the wire: create, query, locate, download (MiniMax docs, video-generation and files).

Implements `jobs.ports.VideoProvider`. Knows HTTP and JSON; what a code means is in `errors`, what a model takes in
`catalog`. Nothing is ever sent twice in here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, cast

import aiohttp
import structlog
from pydantic import SecretStr
from yarl import URL

from jobs.errors import NotSent, ProviderError, Reason, Refused, Transient, Uncertain
from jobs.model import InputFile, Task, VideoRequest
from jobs.ports import Clock, TaskReport, TaskState, VideoLink

from .catalog import takes_size
from .download import fetch_video
from .errors import CODES, SUCCESS, Complaint, Verdict, create_error, poll_error, task_failure
from .session import FAULTS, Attempt, Sessions

LINK_LIFE: Final = 3600.0
"""Seconds a download link lives (MiniMax docs, files/retrieve)."""

STATUSES: Final[dict[str, TaskState]] = {
    "preparing": TaskState.WAITING,
    "queueing": TaskState.WAITING,
    "queued": TaskState.WAITING,
    "processing": TaskState.RUNNING,
    "running": TaskState.RUNNING,
    "success": TaskState.SUCCEEDED,
    "succeeded": TaskState.SUCCEEDED,
    "fail": TaskState.FAILED,
    "failed": TaskState.FAILED,
    "cancelled": TaskState.FAILED,
    "expired": TaskState.FAILED,
}
"""The words of V1's answers, V1's callbacks and V2, in lower case. Any other word means: ask again."""

_LIVE: Final = frozenset({TaskState.WAITING, TaskState.RUNNING, TaskState.SUCCEEDED})
_ANSWER_LIMIT: Final = 1024 * 1024  # bytes; the largest real answer has a few hundred
_TEXT_LIMIT: Final = 300  # characters of the provider's words that are kept
_LONGEST_PAUSE: Final = 3600.0  # seconds; a wild Retry-After must not stop the bot for a day
_PLAN_KEY: Final = "sk-cp-"  # such a key spends a plan's quota, not the balance
_NO_TASK: Final = "0"  # no real id: they have fifteen digits and more

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class KeyVerdict(StrEnum):
    """What a key turned out to be worth."""

    OK = "ok"
    BAD_KEY = "bad key or wrong region"
    NO_CREDIT = "no credit"
    UNREACHABLE = "unreachable"


_KEY_VERDICTS: Final[dict[Verdict, KeyVerdict]] = {
    Verdict.MISCONFIGURED: KeyVerdict.BAD_KEY,
    Verdict.OUT_OF_CREDIT: KeyVerdict.NO_CREDIT,
    Verdict.THROTTLED: KeyVerdict.UNREACHABLE,
    Verdict.TRANSIENT: KeyVerdict.UNREACHABLE,
}
"""What the answer about a task that cannot exist says of the key; any other answer means that it was accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """The result of looking at a key without paying.

    Args:
        verdict: What was found.
        text: The provider's raw code and words, or the fault of the wire; empty where all is well.
    """

    verdict: KeyVerdict
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """One answer, read whole: its JSON object (empty where it was none), and what it says of itself."""

    call: str
    status: int
    body: Mapping[str, Any]
    code: int | None
    text: str
    retry_after: float | None

    @property
    def ok(self) -> bool:
        return self.status < 300 and bool(self.body) and self.code in {None, SUCCESS}  # noqa: PLR2004 - a 2xx

    @property
    def complaint(self) -> Complaint:
        return Complaint(
            call=self.call, status=self.status, code=self.code, text=self.text, retry_after=self.retry_after
        )


class MiniMaxClient:
    """The provider, spoken to with one key on one host.

    Args:
        sessions: From `open_sessions`; they must stay open as long as the client is used.
        base_url: The host new tasks are made on; a task made earlier is asked for where it was made.
        api_key: Sent to the API alone, never to a download host, never logged.
        clock: Tells when a link expires.

    Raises:
        ValueError: The address or the key cannot be used; one plain sentence that does not show the key.
    """

    def __init__(self, sessions: Sessions, *, base_url: str, api_key: SecretStr, clock: Clock) -> None:
        key = api_key.get_secret_value()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError("MINIMAX_API_KEY must be one word without spaces or line breaks.")
        self._base_url = base_url.rstrip("/")
        _endpoint(self._base_url, "")
        self._sessions = sessions
        self._key = api_key
        self._clock = clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    @property
    def base_url(self) -> str:
        """The host that new tasks are made on."""
        return self._base_url

    async def create(
        self, request: VideoRequest, inputs: Sequence[InputFile] = (), *, callback_url: str | None = None
    ) -> Task:
        """The paid call: see `VideoProvider.create`."""
        if inputs:
            raise Refused(Reason.INVALID_REQUEST, "create: this client sends text only")
        attempt = Attempt()
        try:
            answer = await self._call(
                self._sessions.paid,
                "create",
                "POST",
                _endpoint(self._base_url, "v1/video_generation"),
                json=create_body(request, callback_url=callback_url),
                trace_request_ctx=attempt,
            )
        except FAULTS as error:
            message = self._scrub(f"create: {type(error).__name__}: {error}")
            if attempt.may_have_left:
                raise Uncertain(message) from error
            raise NotSent(message) from error
        task_id = _identifier(answer.body.get("task_id"))
        if task_id is not None and not answer.complaint.made_nothing:
            # A task that is named exists, whatever else went wrong: asking about it is free and tells the truth.
            return Task(task_id=task_id, base_url=self._base_url)
        if answer.ok:
            raise Uncertain("create: success, but no task id", code=answer.code, text=answer.text)
        raise create_error(answer.complaint)

    async def query(self, task: Task) -> TaskReport:
        """How far is it: see `VideoProvider.query`."""
        answer = await self._ask("query", task.base_url, "v1/query/video_generation", {"task_id": task.task_id})
        raw_status = str(answer.body.get("status") or "").strip()
        state = STATUSES.get(raw_status.casefold(), TaskState.UNKNOWN)
        # Beside an HTTP error, "failed" is a gateway's word about itself, not the end of a paid task.
        if state is TaskState.FAILED and answer.status < 300:  # noqa: PLR2004 - a 2xx
            failure = task_failure(answer.code, answer.text)
            return TaskReport(state=state, raw_status=raw_status, failure=failure)
        if not answer.ok:
            raise _not_gone(poll_error(answer.complaint, gone=Reason.TASK_LOST), known=state in _LIVE)
        if not raw_status:
            raise Transient("query: no status", code=answer.code, text=answer.text)
        file_id = _identifier(answer.body.get("file_id")) if state is TaskState.SUCCEEDED else None
        return TaskReport(state=state, raw_status=raw_status, file_id=file_id)

    async def lost(self, request: VideoRequest, *, since: float, until: float) -> Sequence[Task]:
        """V1 keeps no list of tasks: see `VideoProvider.lost`."""
        del request, since, until
        return ()

    async def cancel(self, task: Task) -> bool:
        """V1 cannot cancel: see `VideoProvider.cancel`."""
        del task
        return False

    async def locate(self, task: Task, file_id: str) -> VideoLink:
        """A fresh link: see `VideoProvider.locate`."""
        asked_at = self._clock.now()
        answer = await self._ask("locate", task.base_url, "v1/files/retrieve", {"file_id": file_id})
        if not answer.ok:
            raise poll_error(answer.complaint, gone=Reason.FILE_LOST)
        file = _mapping(answer.body.get("file"))
        url = file.get("download_url")
        if not isinstance(url, str) or not url.strip():
            raise Transient("locate: no link", code=answer.code, text=answer.text)
        # `bytes` is 0 in the documentation's own example.
        return VideoLink(url=url.strip(), expires_at=asked_at + LINK_LIFE, size=_integer(file.get("bytes")) or None)

    async def download(self, link: VideoLink, path: Path, *, limit: int) -> int:
        """Streams the file: see `VideoProvider.download`."""
        size = await fetch_video(self._sessions.downloads, link, path, limit=limit)
        _log.info("video downloaded", host=URL(link.url).host, bytes=size)
        return size

    async def check_key(self) -> KeyCheck:
        """Whether the key works, found out without paying.

        A question about a task that cannot exist is answered differently for a good and for a bad key. Where that
        leaves the key in good standing, the balance of a pay-as-you-go key is looked at too; that call is known from
        mmx-cli 1.0.27 alone, so it is believed only where it plainly says that nothing is left.
        """
        try:
            answer = await self._ask("check", self._base_url, "v1/query/video_generation", {"task_id": _NO_TASK})
        except Transient as error:
            return KeyCheck(verdict=KeyVerdict.UNREACHABLE, text=str(error))
        rule = answer.complaint.rule
        if answer.code is None or (answer.code in CODES and rule.on_poll in _KEY_VERDICTS):
            verdict = _KEY_VERDICTS.get(rule.on_poll, KeyVerdict.UNREACHABLE)
            return KeyCheck(verdict=verdict, text=f"{rule.meaning} ({answer.complaint.raw_code} {answer.text})")
        return await self._check_balance()

    async def _check_balance(self) -> KeyCheck:
        well = KeyCheck(verdict=KeyVerdict.OK)
        if self._key.get_secret_value().startswith(_PLAN_KEY):
            return well
        try:
            answer = await self._ask("balance", self._base_url, "account/query_balance", {})
        except Transient:
            return well
        amount = str(answer.body.get("available_amount", ""))
        if answer.ok and re.fullmatch(r"-\d+(\.\d+)?|0+(\.0+)?", amount):
            return KeyCheck(verdict=KeyVerdict.NO_CREDIT, text=f"available_amount {amount}")
        return well

    async def _ask(self, call: str, base_url: str, path: str, params: Mapping[str, str]) -> _Answer:
        try:
            return await self._call(self._sessions.api, call, "GET", _endpoint(base_url, path), params=params)
        except FAULTS as error:
            raise Transient(self._scrub(f"{call}: {type(error).__name__}: {error}")) from error

    async def _call(self, session: aiohttp.ClientSession, call: str, method: str, url: URL, **options: Any) -> _Answer:
        headers = {"Authorization": f"Bearer {self._key.get_secret_value()}", "Accept": "application/json"}
        # A redirect would carry the key elsewhere.
        async with session.request(method, url, headers=headers, allow_redirects=False, **options) as response:
            content = await _read(response)
        answer = self._understand(call, response, content)
        log = _log.debug if answer.ok and call == "query" else _log.info if answer.ok else _log.warning
        log(
            "provider answered",
            call=call,
            status=answer.status,
            code=answer.code,
            text=answer.text,
            trace_id=response.headers.get("Trace-Id"),
            task_id=_identifier(answer.body.get("task_id")),
            provider_status=answer.body.get("status"),
        )
        return answer

    def _understand(self, call: str, response: aiohttp.ClientResponse, content: bytes) -> _Answer:
        # Whoever repeats the key in an answer must not bring it into our logs and tables.
        page = self._scrub(content.decode("utf-8-sig", errors="replace"))
        body = _json_object(page)
        verdict = _mapping(body.get("base_resp"))
        text = str(verdict.get("status_msg") or "") if verdict else page
        return _Answer(
            call=call,
            status=response.status,
            body=body,
            code=_integer(verdict.get("status_code")),
            text=" ".join(text.split())[:_TEXT_LIMIT],
            retry_after=_seconds(response.headers.get("Retry-After")),
        )

    def _scrub(self, text: str) -> str:
        return text.replace(self._key.get_secret_value(), "***")


def create_body(request: VideoRequest, *, callback_url: str | None = None) -> dict[str, Any]:
    """The JSON of the paid call, with only those fields that the model takes (MiniMax docs, T2V)."""
    size = {"duration": request.duration, "resolution": request.resolution} if takes_size(request.model) else {}
    return {
        "model": request.model,
        "prompt": request.prompt,
        "prompt_optimizer": request.prompt_optimizer,
        **size,
        "aigc_watermark": request.watermark,
        **({"callback_url": callback_url} if callback_url else {}),
    }


def _endpoint(base_url: str, path: str) -> URL:
    sentence = "MINIMAX_BASE_URL must be an address such as https://api.minimaxi.com."
    try:
        url = URL(f"{base_url}/{path}")
    except ValueError as error:
        raise ValueError(sentence) from error
    if url.scheme not in {"http", "https"} or not url.host or url.user or url.query_string or url.fragment:
        raise ValueError(sentence)
    return url


def _not_gone(error: ProviderError, *, known: bool) -> ProviderError:
    # "No such task" beside a status of that very task contradicts itself: ask again.
    if known and isinstance(error, Refused) and error.reason is Reason.TASK_LOST:
        return Transient(str(error), code=error.code, text=error.text)
    return error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _ANSWER_LIMIT:
            raise aiohttp.ClientPayloadError("the answer is larger than any answer of the API")
    return bytes(content)


def _json_object(page: str) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(page))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _integer(value: object) -> int | None:
    """A whole number, however it is written; codes come as numbers in V1 and as strings elsewhere."""
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,18}", value) else None


def _identifier(value: object) -> str | None:
    """An id as a string: the same id is a string in one answer and a number in the next."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int) and value is not True and value > 0 else None


def _seconds(retry_after: str | None) -> float | None:
    """The pause asked for; the form with a date is not used by any gateway seen, and is passed over."""
    if retry_after is None or not re.fullmatch(r"\d{1,9}", retry_after.strip()):
        return None
    return min(float(retry_after), _LONGEST_PAUSE)
