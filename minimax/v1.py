"""V1 on the wire: create, query, locate (MiniMax docs, video-generation and files).

Errors come inside HTTP 200, files by a call of their own; there is no list and no way to cancel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from jobs.errors import ProviderError, Reason, Refused, Transient
from jobs.model import Api, InputFile, Role, Task, VideoRequest
from jobs.ports import Clock, TaskReport, TaskState, VideoLink

from .camera import with_camera
from .errors import poll_error, task_failure
from .models import takes_size
from .statuses import state_of
from .wire import Wire, endpoint, identifier, integer, mapping

LINK_LIFE: Final = 3600.0
"""Seconds a download link lives (MiniMax docs, files/retrieve)."""

_LIVE: Final = frozenset({TaskState.WAITING, TaskState.RUNNING, TaskState.SUCCEEDED})


def create_body(
    request: VideoRequest, inputs: Sequence[InputFile] = (), *, callback_url: str | None = None
) -> dict[str, Any]:
    """The JSON of the paid call, with only those fields that the model takes (MiniMax docs, T2V, I2V, FL2V, S2V).

    Args:
        request: What to make.
        inputs: The files, which stay as they are; `encode_body` writes them out.
        callback_url: Where to push news.

    Raises:
        Refused: V1 has no words for it.
    """
    if request.ratio is not None:
        raise Refused(Reason.INVALID_REQUEST, f"create: {request.model} cannot be told a ratio")
    size = {"duration": request.duration, "resolution": request.resolution} if takes_size(request.model) else {}
    prompt = with_camera(request.prompt, request.camera)
    return {
        "model": request.model,
        **({"prompt": prompt} if prompt else {}),
        "prompt_optimizer": request.prompt_optimizer,
        **size,
        **dict(_input_field(file) for file in inputs),
        "aigc_watermark": request.watermark,
        **({"callback_url": callback_url} if callback_url else {}),
    }


def _input_field(file: InputFile) -> tuple[str, object]:
    match file.role:
        case Role.FIRST_FRAME:
            return "first_frame_image", file
        case Role.LAST_FRAME:
            return "last_frame_image", file
        case Role.SUBJECT:
            return "subject_reference", [{"type": "character", "image": [file]}]
        case role:
            raise Refused(Reason.INVALID_REQUEST, f"create: V1 has no field for a {role}")


class V1:
    """The calls of V1.

    Args:
        wire: What they go over.
        clock: Tells when a link expires.
    """

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    async def create(
        self, base_url: str, request: VideoRequest, inputs: Sequence[InputFile], callback_url: str | None
    ) -> Task:
        """The paid call: see `VideoProvider.create`."""
        body = create_body(request, inputs, callback_url=callback_url)
        return await self._wire.pay(Api.V1, base_url, "v1/video_generation", body, limit=None)

    async def query(self, task: Task) -> TaskReport:
        """How far is it: see `VideoProvider.query`."""
        url = endpoint(task.base_url, "v1/query/video_generation")
        answer = await self._wire.ask("query", url, {"task_id": task.task_id})
        raw_status = str(answer.body.get("status") or "").strip()
        state = state_of(raw_status)
        # Beside an HTTP error, "failed" is a gateway's word about itself, not the end of a paid task.
        if state is TaskState.FAILED and answer.heard:
            failure = task_failure(answer.code, answer.text)
            return TaskReport(state=state, raw_status=raw_status, failure=failure)
        if not answer.ok:
            raise _not_gone(poll_error(answer.complaint, gone=Reason.TASK_LOST), known=state in _LIVE)
        if not raw_status:
            raise Transient("query: no status", code=answer.code, text=answer.text)
        file_id = identifier(answer.body.get("file_id")) if state is TaskState.SUCCEEDED else None
        return TaskReport(state=state, raw_status=raw_status, file_id=file_id)

    async def locate(self, task: Task, file_id: str) -> VideoLink:
        """A fresh link: see `VideoProvider.locate`."""
        asked_at = self._clock.now()
        answer = await self._wire.ask("locate", endpoint(task.base_url, "v1/files/retrieve"), {"file_id": file_id})
        if not answer.ok:
            raise poll_error(answer.complaint, gone=Reason.FILE_LOST)
        file = mapping(answer.body.get("file"))
        url = file.get("download_url")
        if not isinstance(url, str) or not url.strip():
            raise Transient("locate: no link", code=answer.code, text=answer.text)
        # `bytes` is 0 in the documentation's own example.
        return VideoLink(url=url.strip(), expires_at=asked_at + LINK_LIFE, size=integer(file.get("bytes")) or None)


def _not_gone(error: ProviderError, *, known: bool) -> ProviderError:
    # "No such task" beside a status of that very task contradicts itself: ask again.
    if known and isinstance(error, Refused) and error.reason is Reason.TASK_LOST:
        return Transient(str(error), code=error.code, text=error.text)
    return error
