"""V2 on the wire: create, query, list, cancel (MiniMax docs, video-generation-v2-{create,query,list,delete}).

Errors come as real HTTP statuses, the link inside the query's answer. A task can be asked about for seven days.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Final, cast

from yarl import URL

from jobs.errors import ProviderError, Reason, Refused, Transient
from jobs.model import Api, InputFile, Mode, Role, Task, VideoRequest
from jobs.ports import TaskReport, TaskState, VideoLink

from .camera import with_camera
from .errors import poll_error, task_failure
from .inputs import V2_BODY_LIMIT
from .models import MODELS
from .statuses import CANCELLED, state_of
from .wire import Wire, endpoint, identifier, integer, mapping

_ITEMS: Final[Mapping[Role, str]] = {
    Role.FIRST_FRAME: "image_url",
    Role.LAST_FRAME: "image_url",
    Role.REFERENCE_IMAGE: "image_url",
    Role.REFERENCE_VIDEO: "video_url",
    Role.REFERENCE_AUDIO: "audio_url",
}
"""The type of an item, which is also the name of its content; the role is spelt as ours is."""

_FRAMED: Final = frozenset({Mode.IMAGE, Mode.FRAMES})
_QUERY: Final = "v2/query/video_generation"
_PAGE_SIZE: Final = 20
_MOST_PAGES: Final = 20
"""Looked through for a lost task; 400 tasks of one model are more than a bot makes in the minutes it may be from."""


def create_body(
    request: VideoRequest, inputs: Sequence[InputFile] = (), *, callback_url: str | None = None
) -> dict[str, Any]:
    """The JSON of the paid call, with only those fields that differ from what goes without saying.

    Args:
        request: What to make.
        inputs: The files, which stay as they are; `encode_body` writes them out.
        callback_url: Where to push news.

    Raises:
        Refused: V2 has no words for it.
    """
    if request.ratio is not None and request.mode in _FRAMED:
        raise Refused(Reason.INVALID_REQUEST, "create: the ratio of a video from a frame is the frame's")
    return {
        "model": request.model,
        "content": [
            {"type": "text", "text": with_camera(request.prompt, request.camera)},
            *(_item(file) for file in inputs),
        ],
        "resolution": request.resolution,
        "duration": request.duration,
        **({"ratio": request.ratio} if request.ratio else {}),
        **({"aigc_watermark": True} if request.watermark else {}),
        **_extra(request),
        **({"callback_url": callback_url} if callback_url else {}),
    }


def _item(file: InputFile) -> dict[str, Any]:
    kind = _ITEMS.get(file.role)
    if kind is None:
        raise Refused(Reason.INVALID_REQUEST, f"create: V2 has no item for a {file.role}")
    return {"type": kind, kind: {"url": file}, "role": str(file.role)}


def _extra(request: VideoRequest) -> dict[str, Any]:
    """Switches the rewriting of the prompt off where a model does it by itself (MiniMax docs, V2 create, H3-Max)."""
    model = MODELS.get(request.model)
    if request.prompt_optimizer or model is None or True not in model.enhance:
        return {}
    return {"extra": {"prompt_expansion_mode": "disabled"}}


class V2:
    """The calls of V2.

    Args:
        wire: What they go over.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def create(
        self, base_url: str, request: VideoRequest, inputs: Sequence[InputFile], callback_url: str | None
    ) -> Task:
        """The paid call: see `VideoProvider.create`."""
        body = create_body(request, inputs, callback_url=callback_url)
        return await self._wire.pay(Api.V2, base_url, "v2/video_generation", body, limit=V2_BODY_LIMIT)

    async def query(self, task: Task) -> TaskReport:
        """How far is it: see `VideoProvider.query`. The file has no id of its own, so that of the task stands for it."""
        found = await self._look("query", task)
        raw_status = str(found.get("status") or "").strip()
        state = state_of(raw_status)
        if state is TaskState.FAILED:
            error = mapping(found.get("error"))
            failure = task_failure(integer(error.get("code")), str(error.get("message") or ""))
            return TaskReport(state=state, raw_status=raw_status, failure=failure)
        if not raw_status:
            raise Transient("query: no status")
        ready = state is TaskState.SUCCEEDED and _url_of(found) is not None
        return TaskReport(state=state, raw_status=raw_status, file_id=task.task_id if ready else None)

    async def locate(self, task: Task) -> VideoLink:
        """A fresh link: see `VideoProvider.locate`. How long it lives is published nowhere."""
        try:
            url = _url_of(await self._look("locate", task))
        except Refused as error:
            raise Refused(Reason.FILE_LOST, str(error), code=error.code, text=error.text) from error
        if url is None:
            raise Transient("locate: no link")
        return VideoLink(url=url)

    async def lost(self, base_url: str, request: VideoRequest, *, since: float, until: float) -> Sequence[Task]:
        """Tasks that may be the one a lost answer would have named: see `VideoProvider.lost`."""
        found = [
            Task(task_id=task_id, base_url=base_url, api=Api.V2)
            async for task in self._made_since(base_url, request.model, since)
            if (task_id := identifier(task.get("id"))) is not None
            and _created_at(task) <= until
            and _made_for(task, request)
        ]
        # While the pages are turned, new tasks push old ones onto the next page.
        return tuple(dict.fromkeys(found))

    async def cancel(self, task: Task) -> bool:
        """Cancels a task that waits: see `VideoProvider.cancel`.

        The same call *deletes the record* of a task that has ended, video and all. So it is made only of a task that
        was seen waiting a moment ago; should it have begun by then, the provider refuses.
        """
        status = await self._status(task)
        if state_of(status) is not TaskState.WAITING:
            return status == CANCELLED  # by an earlier try whose answer was lost
        answer = await self._wire.ask("delete", _task_url("v2/video_generation", task), method="DELETE")
        if answer.ok:
            return str(answer.body.get("status") or answer.body.get("action") or "").casefold() == CANCELLED
        error = poll_error(answer.complaint, gone=Reason.TASK_LOST)
        if not isinstance(error, Refused):
            raise error
        # aiohttp repeats a DELETE whose connection broke, and a cancelled task is refused the second time.
        return await self._status(task) == CANCELLED

    async def _status(self, task: Task) -> str:
        found = await self._look("cancel", task)
        return str(found.get("status") or "").strip().casefold()

    async def _look(self, call: str, task: Task) -> Mapping[str, Any]:
        answer = await self._wire.ask(call, _task_url(_QUERY, task))
        if not answer.ok:
            raise poll_error(answer.complaint, gone=Reason.TASK_LOST)
        found = mapping(answer.body.get("task"))
        if identifier(found.get("id")) not in {task.task_id, None}:
            raise Transient(f"{call}: the answer is about another task")
        return found

    async def _made_since(self, base_url: str, model: str, since: float) -> AsyncGenerator[Mapping[str, Any]]:
        """The tasks of a model made since then, newest first, as the list gives them."""
        for page in range(1, _MOST_PAGES + 1):
            params = {"page_num": str(page), "page_size": str(_PAGE_SIZE), "filter.model": model}
            answer = await self._wire.ask("list", endpoint(base_url, _QUERY), params)
            if not answer.ok:
                raise _passing(poll_error(answer.complaint, gone=Reason.TASK_LOST))
            items: Any = answer.body.get("items")
            tasks = [mapping(item) for item in cast("list[object]", items)] if isinstance(items, list) else []
            for found in tasks:
                if _created_at(found) < since:
                    return
                yield found
            if len(tasks) < _PAGE_SIZE:
                return
        raise Transient("list: too many tasks to look through")


def _task_url(path: str, task: Task) -> URL:
    # An id may have been pushed by anybody; as part of a path it must not lead elsewhere.
    if not re.fullmatch(r"[\w-]+", task.task_id, re.ASCII):
        raise Refused(Reason.TASK_LOST, "no task has such an id", text=task.task_id)
    return endpoint(task.base_url, f"{path}/{task.task_id}")


def _url_of(found: Mapping[str, Any]) -> str | None:
    url = mapping(found.get("content")).get("url")
    return url.strip() or None if isinstance(url, str) else None


def _created_at(found: Mapping[str, Any]) -> int:
    return integer(found.get("created_at")) or 0


def _made_for(found: Mapping[str, Any], request: VideoRequest) -> bool:
    """Whether a task asks for the same, as far as the list tells: it has no prompts, and not always a ratio."""
    ratio = found.get("ratio")
    return (
        found.get("resolution") == request.resolution
        and integer(found.get("duration")) == request.duration
        and (not ratio or request.ratio in {ratio, None})
    )


def _passing(error: ProviderError) -> ProviderError:
    """A list that is refused says nothing about any task."""
    return Transient(str(error), code=error.code, text=error.text) if isinstance(error, Refused) else error
