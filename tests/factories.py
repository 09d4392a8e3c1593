"""Jobs and their parts as tests need them: complete, plausible, and different only where a test says so."""

from __future__ import annotations

import itertools
from typing import Any

from jobs.errors import Reason
from jobs.model import Charge, Failure, Job, JobState, Mode, Money, Origin, Posted, Task, VideoRequest

NOW = 1_800_000_000.0
ALICE = 1001
BOB = 1002
GUILD = 2001
CHANNEL = 3001

_numbers = itertools.count(1)


def a_request(**changes: Any) -> VideoRequest:
    fields: dict[str, Any] = {
        "prompt": "a cat on the moon",
        "model": "MiniMax-Hailuo-02",
        "resolution": "768P",
        "duration": 6,
        "mode": Mode.TEXT,
    }
    return VideoRequest(**(fields | changes))


def an_origin(**changes: Any) -> Origin:
    """Asked for by Alice in the sample channel, by an interaction of its own."""
    fields: dict[str, Any] = {
        "interaction_id": 9_000_000 + next(_numbers),
        "user_id": ALICE,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "guild_locale": "en-US",
    }
    return Origin(**(fields | changes))


def a_job(**changes: Any) -> Job:
    """A job due now; one in a later state has everything that a job has by then."""
    state: JobState = changes.get("state", JobState.RECEIVED)
    created_at: float = changes.get("created_at", NOW)
    fields: dict[str, Any] = {
        "id": f"job{next(_numbers):05}",
        "request": a_request(),
        "origin": an_origin(),
        "price": Money.of("0.28", "USD"),
        "created_at": created_at,
        "state_since": created_at,
        "due_at": created_at,
        "upload_limit": 10 * 1024 * 1024,
    }
    return Job(**(fields | _so_far(state, created_at) | changes))


def _so_far(state: JobState, now: float) -> dict[str, Any]:
    task = {"task": Task(task_id="176843862716480", base_url="http://127.0.0.1:1"), "submitted_at": now}
    rendered = task | {"rendered_at": now, "file_id": "176844028768320"}
    ended: dict[str, Any] = {"due_at": None, "finished_at": now}
    by_state: dict[JobState, dict[str, Any]] = {
        JobState.SUBMITTING: {"submitted_at": now},
        JobState.UNCERTAIN: {"submitted_at": now, "failure": Failure(reason=Reason.ANSWER_LOST)} | ended,
        JobState.RENDERING: task,
        JobState.FETCHING: rendered,
        JobState.POSTING: rendered,
        JobState.DONE: rendered | ended | {"posted": Posted(channel_id=CHANNEL, message_id=1), "charge": Charge.SPENT},
        JobState.UNDELIVERED: rendered | ended | {"charge": Charge.SPENT},
        JobState.CANCELLED: ended | {"charge": Charge.RELEASED},
        JobState.FAILED: ended | {"charge": Charge.RELEASED, "failure": Failure(reason=Reason.MODERATED_INPUT)},
    }
    return by_state.get(state, {})
