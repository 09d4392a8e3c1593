"""How jobs end when they do not end well: failed, uncertain, or given up. Pure but for the log."""

from __future__ import annotations

from typing import Final

import structlog

from .errors import Reason
from .model import Charge, Failure, Job, JobState

log = structlog.get_logger(__name__)

_UNPAID: Final = frozenset({JobState.RECEIVED, JobState.QUEUED})
_DELIVERING: Final = frozenset({JobState.FETCHING, JobState.POSTING})


def fail(job: Job, reason: Reason, *, now: float, charge: Charge, code: int | None = None, detail: str = "") -> Job:
    """The job at its end.

    Args:
        job: As it stands.
        reason: What a person will read.
        now: Epoch seconds.
        charge: Whether its price comes back into the budgets.
        code: The raw code, for the operator.
        detail: The raw words, for the operator.
    """
    log.warning("job failed", job=job.id, state=job.state, reason=reason, code=code, detail=detail)
    return job.to(JobState.FAILED, now=now, failure=Failure(reason=reason, code=code, detail=detail), charge=charge)


def doubt(job: Job, *, now: float, look_after: float, code: int | None = None, detail: str = "") -> Job:
    """The job as uncertain: never repeated by itself; its price stays held until it is found or settled.

    Args:
        job: As it stands, in `submitting`.
        now: Epoch seconds.
        look_after: Seconds until the task is looked for again.
        code: The raw code, for the operator.
        detail: The raw words, for the operator.
    """
    log.warning("create uncertain", job=job.id, code=code, detail=detail)
    failure = Failure(reason=Reason.ANSWER_LOST, code=code, detail=detail)
    return job.to(JobState.UNCERTAIN, now=now, failure=failure, due_at=now + look_after)


def given_up(job: Job, *, now: float, after: float) -> Job | None:
    """The job at its end if it has been tried for `after` seconds; None while there is hope.

    Waiting counts from the asking, rendering from the submit, delivering from when that effort began: an undelivered
    video may be asked for again much later.
    """
    if job.state in _UNPAID:
        started, charge = job.created_at, Charge.RELEASED
    elif job.state is JobState.RENDERING:
        started, charge = job.submitted_at or job.state_since, Charge.SPENT
    elif job.state in _DELIVERING:
        started, charge = job.state_since, Charge.SPENT
    else:
        return None
    if now - started <= after:
        return None
    if job.state is JobState.POSTING:
        failure = Failure(reason=Reason.CHANNEL_CLOSED, detail="Discord took nothing for too long")
        return job.to(JobState.UNDELIVERED, now=now, failure=failure, charge=Charge.SPENT)
    return fail(job, Reason.GAVE_UP, now=now, charge=charge)
