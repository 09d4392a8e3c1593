"""What a body that came to a callback address says. Pure, and trusts nothing: anybody may send anything there.

The forms are the provider's (MiniMax docs, T2V `callback_url` and V2 create): first a challenge to repeat, then news
of the task in the words of a V1 answer (`task_id`, `status`) or a V2 answer (`task.id`, `task.status`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

LONGEST_ID: Final = 64
"""Characters of a task id; real ones have 15 to 18 digits."""

UNDER_WAY: Final = frozenset({"preparing", "queueing", "queued", "processing", "running"})
"""Words for a task that goes on, in lower case; any other word is worth a question."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """The provider wants to see its own value again before it pushes anything.

    Args:
        value: What to repeat.
    """

    value: str | int


@dataclass(frozen=True, slots=True)
class News:
    """Something has happened to a task.

    Args:
        task_id: The task, its id as a string however it was written.
        ended: Whether it is worth asking about: the task ended, or nobody knows that word.
    """

    task_id: str
    ended: bool


def read_push(content: bytes) -> Challenge | News | None:
    """What the body says; None if it is in no form the provider uses."""
    try:
        body = _mapping(json.loads(content))
    except (ValueError, RecursionError):
        return None
    challenge = body.get("challenge")
    if challenge is not None:
        return Challenge(challenge) if _is_plain(challenge) else None
    task = _mapping(body.get("task"))
    task_id, status = (task.get("id"), task.get("status")) if task else (body.get("task_id"), body.get("status"))
    named = str(task_id).strip() if _is_plain(task_id) else ""
    if not named or len(named) > LONGEST_ID or not isinstance(status, str) or not status.strip():
        return None
    return News(task_id=named, ended=status.strip().casefold() not in UNDER_WAY)


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
