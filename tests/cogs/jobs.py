"""Jobs in every state, with everything a job has by then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from jobs.errors import Reason
from jobs.model import Charge, Failure, Job, JobState, Money, Origin, Posted, Task, VideoRequest

NOW: Final = 1_800_000_000.0
CHANNEL: Final = 3001

_REQUEST: Final = VideoRequest(prompt="a cat on the moon", model="MiniMax-Hailuo-02", resolution="768P", duration=6)
_ORIGIN: Final = Origin(interaction_id=9001, user_id=1001, guild_id=2001, channel_id=CHANNEL)
_PAID: Final = {"task": Task(task_id="176843862716480", base_url="http://127.0.0.1:1"), "submitted_at": NOW}
_RENDERED: Final = _PAID | {"rendered_at": NOW, "file_id": "176844028768320"}
_ENDED: Final = {"due_at": None, "finished_at": NOW}
_SO_FAR: Final[dict[JobState, dict[str, Any]]] = {
    JobState.SUBMITTING: {"submitted_at": NOW},
    JobState.UNCERTAIN: {"submitted_at": NOW, "failure": Failure(reason=Reason.ANSWER_LOST)} | _ENDED,
    JobState.RENDERING: _PAID,
    JobState.FETCHING: _RENDERED,
    JobState.POSTING: _RENDERED,
    JobState.DONE: _RENDERED | _ENDED | {"posted": Posted(channel_id=CHANNEL, message_id=1), "charge": Charge.SPENT},
    JobState.UNDELIVERED: _RENDERED | _ENDED | {"charge": Charge.SPENT},
    JobState.CANCELLED: _ENDED | {"charge": Charge.RELEASED},
    JobState.FAILED: _ENDED | {"charge": Charge.RELEASED, "failure": Failure(reason=Reason.MODERATED_INPUT)},
}


def job_in(
    state: JobState, *, prompt: str = "a cat on the moon", origin: dict[str, Any] | None = None, **changes: Any
) -> Job:
    """A job in that state; `origin` and the other fields differ only as given."""
    fields: dict[str, Any] = {
        "id": "job00001",
        "request": replace(_REQUEST, prompt=prompt),
        "origin": replace(_ORIGIN, **(origin or {})),
        "price": Money.of("0.28", "USD"),
        "created_at": NOW,
        "state_since": NOW,
        "upload_limit": 10 * 1024**2,
        "state": state,
    }
    return Job(**(fields | _SO_FAR.get(state, {}) | changes))
