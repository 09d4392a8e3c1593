"""What the words for a task's status mean: V1's answers, V1's callbacks and V2 have three vocabularies. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from jobs.ports import TaskState

STATUSES: Final[Mapping[str, TaskState]] = MappingProxyType(
    {
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
)
"""In lower case. Any other word means: ask again."""

CANCELLED: Final = "cancelled"


def state_of(status: str) -> TaskState:
    """What a status means, however it is spelt."""
    return STATUSES.get(status.casefold(), TaskState.UNKNOWN)
