"""MiniMax as the heart sees it: one provider with two interfaces, each task spoken of through the one it was made with.

Implements `jobs.ports.VideoProvider` over `v1`, `v2` and `download`. No paid call is ever sent twice in here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from pydantic import SecretStr
from yarl import URL

from jobs.errors import Transient
from jobs.model import Api, InputFile, Task, VideoRequest
from jobs.ports import Clock, TaskReport, VideoLink

from .download import fetch_video
from .errors import CODES, Verdict
from .session import Sessions
from .v1 import V1
from .v2 import V2
from .wire import Wire, endpoint

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
        self._wire = Wire(sessions, api_key)
        self._base_url = base_url.rstrip("/")
        endpoint(self._base_url, "")
        self._sessions = sessions
        self._has_plan = api_key.get_secret_value().startswith(_PLAN_KEY)
        self._v1 = V1(self._wire, clock)
        self._v2 = V2(self._wire)

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
        return await self._api(request.api).create(self._base_url, request, inputs, callback_url)

    async def query(self, task: Task) -> TaskReport:
        """How far is it: see `VideoProvider.query`."""
        return await self._api(task.api).query(task)

    async def lost(self, request: VideoRequest, *, since: float, until: float) -> Sequence[Task]:
        """Tasks that may be a lost one: see `VideoProvider.lost`. V1 keeps no list."""
        if request.api is Api.V1:
            return ()
        return await self._v2.lost(self._base_url, request, since=since, until=until)

    async def cancel(self, task: Task) -> bool:
        """Cancels a task that waits: see `VideoProvider.cancel`. V1 cannot."""
        return task.api is Api.V2 and await self._v2.cancel(task)

    async def locate(self, task: Task, file_id: str) -> VideoLink:
        """A fresh link: see `VideoProvider.locate`."""
        return await (self._v2.locate(task) if task.api is Api.V2 else self._v1.locate(task, file_id))

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
        url = endpoint(self._base_url, "v1/query/video_generation")
        try:
            answer = await self._wire.ask("check", url, {"task_id": _NO_TASK})
        except Transient as error:
            return KeyCheck(verdict=KeyVerdict.UNREACHABLE, text=str(error))
        rule = answer.complaint.rule
        if answer.code is None or (answer.code in CODES and rule.on_poll in _KEY_VERDICTS):
            verdict = _KEY_VERDICTS.get(rule.on_poll, KeyVerdict.UNREACHABLE)
            return KeyCheck(verdict=verdict, text=f"{rule.meaning} ({answer.complaint.raw_code} {answer.text})")
        return await self._check_balance()

    async def _check_balance(self) -> KeyCheck:
        well = KeyCheck(verdict=KeyVerdict.OK)
        if self._has_plan:
            return well
        try:
            answer = await self._wire.ask("balance", endpoint(self._base_url, "account/query_balance"))
        except Transient:
            return well
        amount = str(answer.body.get("available_amount", ""))
        if answer.ok and re.fullmatch(r"-\d+(\.\d+)?|0+(\.0+)?", amount):
            return KeyCheck(verdict=KeyVerdict.NO_CREDIT, text=f"available_amount {amount}")
        return well

    def _api(self, api: Api) -> V1 | V2:
        return self._v2 if api is Api.V2 else self._v1
