"""How V2 speaks: the task object of a query, and a refusal, as in the documentation's examples."""

from __future__ import annotations

from typing import Any

from jobs.model import Api, Task
from tests.minimax.wire import Peer, Reply, answer

TASK_ID = "424010985738629"


def on(peer: Peer, task_id: str = TASK_ID) -> Task:
    return Task(task_id=task_id, base_url=peer.url, api=Api.V2)


def tells(status: str, **fields: Any) -> Reply:
    """A query's answer, as in the documentation's example."""
    task: dict[str, Any] = {
        "id": TASK_ID,
        "model": "MiniMax-H3",
        "status": status,
        "created_at": 1785125529,
        "updated_at": 1785125946,
        "resolution": "768P",
        "duration": 5,
        "ratio": "16:9",
        "usage": {},
        "task_type": "generation",
        "modality": "video",
    }
    return answer({"task": task | fields})


def refuses(status: int, code: int | None = None, kind: str = "bad_request_error", text: str = "no") -> Reply:
    """V2's way to refuse."""
    message = text if code is None else f"{text} ({code})"
    error = {"type": kind, "message": message, "http_code": str(status)}
    return answer({"type": "error", "error": error, "request_id": "0217"}, status=status)
