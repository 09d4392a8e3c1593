"""Jobs as they might come in from a server: sensible in every field, so that a test names only what it is about."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from jobs.model import Job, JobState, Money, Origin, Task, VideoRequest

NOW: Final = 1_700_000_000.0

_numbers = count(1)


def a_request(**changes: Any) -> VideoRequest:
    """A request the catalog would accept."""
    usual: dict[str, Any] = {
        "prompt": "a red fox in fresh snow",
        "model": "MiniMax-Hailuo-02",
        "resolution": "1080P",
        "duration": 6,
    }
    return VideoRequest(**(usual | changes))


def an_origin(**changes: Any) -> Origin:
    """A person in a server; each call is another interaction."""
    usual: dict[str, Any] = {
        "interaction_id": 1_100_000_000_000_000_000 + next(_numbers),
        "user_id": 200_000_000_000_000_001,
        "guild_id": 300_000_000_000_000_001,
        "channel_id": 400_000_000_000_000_001,
    }
    return Origin(**(usual | changes))


def a_task(**changes: Any) -> Task:
    """A task on the mainland host."""
    usual: dict[str, Any] = {
        "task_id": str(106_916_112_212_032 + next(_numbers)),
        "base_url": "https://api.minimaxi.com",
    }
    return Task(**(usual | changes))


def a_job(**changes: Any) -> Job:
    """A job just received at `NOW` and due at once.

    Args:
        **changes: Fields of `Job`; `state_since` and `due_at` follow `created_at`, `upload_limit` the origin's.
    """
    origin = changes.get("origin") or an_origin()
    at = changes.get("created_at", NOW)
    usual: dict[str, Any] = {
        "id": f"job{next(_numbers):06}",
        "request": a_request(),
        "origin": origin,
        "price": Money.of("0.49", "USD"),
        "created_at": at,
        "state": JobState.RECEIVED,
        "state_since": at,
        "due_at": at,
        "upload_limit": origin.upload_limit,
    }
    return Job(**(usual | changes))
