"""How each API words a task, in an answer and in a push. Pure: a task and a moment in, JSON out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from demo.simulator.codes import OK, TEXTS, ServiceError
from demo.simulator.orders import V2
from demo.simulator.tasks import CANCELLED, FAIL, PREPARING, PROCESSING, QUEUEING, SUCCESS, Change, Task

Payload = dict[str, Any]

#: What V2 calls the statuses of V1 (MiniMax docs, V2 query).
V2_WORDS: Mapping[str, str] = MappingProxyType(
    {
        PREPARING: "queued",
        QUEUEING: "queued",
        PROCESSING: "running",
        SUCCESS: "succeeded",
        FAIL: "failed",
        CANCELLED: "cancelled",
    }
)
#: What V1 calls them in a push; the two before have no word there, and are not pushed (MiniMax docs, T2V).
V1_PUSH_WORDS: Mapping[str, str] = MappingProxyType({PROCESSING: "processing", SUCCESS: "success", FAIL: "failed"})


def base_resp(error: ServiceError | None = None) -> Payload:
    """The V1 status object, of a refusal or of success."""
    refusal = error or ServiceError(OK)
    return {"status_code": refusal.code, "status_msg": refusal.text}


def v1_standing(task: Task, status: str) -> Payload:
    """The answer to a V1 query.

    Args:
        task: Which.
        status: How it stands.
    """
    standing: Payload = {"task_id": task.task_id, "status": status, "file_id": ""}
    if status == SUCCESS:
        standing |= {"file_id": str(task.file_id), "video_width": task.order.width, "video_height": task.order.height}
    failed = status == FAIL and task.failure
    return {**standing, "base_resp": base_resp(ServiceError(failed) if failed else None)}


def v2_standing(task: Task, now: float, url: str) -> Payload:
    """The task object of V2.

    Args:
        task: Which.
        now: The moment it is described at, in epoch seconds.
        url: A link to its film; used only once it succeeded.
    """
    order, status = task.order, task.status_at(now)
    standing: Payload = {
        "id": task.task_id,
        "model": order.model,
        "status": V2_WORDS[status],
        "created_at": int(task.created_at),
        "updated_at": int(task.updated_at(now)),
        "resolution": order.resolution,
        "duration": order.duration,
        "ratio": order.ratio,
        "usage": _usage(task) if status == SUCCESS else {},
        "task_type": "generation",
        "modality": "video",
    }
    if status == SUCCESS:
        standing["content"] = {"url": url}
    if status == FAIL:
        code = task.failure or 0
        standing["error"] = {"code": str(code), "message": TEXTS[code] if code in TEXTS and code else "task failed"}
    return standing


def pushed_changes(task: Task) -> list[Change]:
    """The changes of a task that are pushed, in the words of its API; those that look the same only once."""
    words = V2_WORDS if task.order.api == V2 else V1_PUSH_WORDS
    changes: list[Change] = []
    for change in task.changes():
        word = words.get(change.status)
        if word and (not changes or changes[-1].status != word):
            changes.append(Change(change.at, word))
    return changes


def push(task: Task, change: Change, url: str) -> Payload:
    """What is pushed on a change.

    Args:
        task: Which.
        change: One of its `pushed_changes`.
        url: A link to its film, for V2.
    """
    if task.order.api == V2:
        return {"task": v2_standing(task, change.at, url)}
    told = v1_standing(task, task.status_at(change.at))
    # The documented push has neither width nor height.
    return {**{name: told[name] for name in ("task_id", "file_id", "base_resp")}, "status": change.status}


def _usage(task: Task) -> Payload:
    order = task.order
    usage = {
        "total_seconds": order.duration + order.video_seconds,
        "input_seconds": order.video_seconds,
        "output_seconds": order.duration,
        "input_image_count": order.image_count,
    }
    return usage | ({"input_audio_seconds": order.audio_seconds} if order.audio_seconds else {})
