"""One function per state: each takes a claimed job one step further and returns it as it then stands.

A step makes one attempt and never loops: a fault becomes a new due time, and the engine comes back. Each says what
happens if the process dies right there. Returning None means that nothing is left to write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from .admission import OPERATOR_PAUSE, close
from .delivering import FILE_PATIENCE, fetch, post
from .ends import fail
from .errors import (
    BadInput,
    NotSent,
    OperatorFault,
    Reason,
    Refused,
    Throttled,
    Transient,
)
from .model import Charge, Derived, Failure, InputFile, Job, JobState
from .polling import next_ask, next_ask_if_no_push
from .ports import TaskReport, TaskState
from .submitting import look_again, recover, submit
from .tools import Tools, again, paid_task

log = structlog.get_logger(__name__)

INPUT_PATIENCE: Final = 600.0
"""Seconds for which a person's file that cannot be downloaded is tried again."""


async def prepare(job: Job, tools: Tools) -> Job | None:
    """`received → queued`: takes people's files in. Nothing is paid yet: dying here means it is simply done again."""
    now = tools.clock.now()
    files = await tools.store.inputs_of(job.id) if job.request.inputs else ()
    try:
        ready = await _ready(job, files, tools)
    except BadInput as error:
        return fail(job, error.reason, now=now, charge=Charge.RELEASED, detail=error.detail)
    except Transient as error:
        if now - job.created_at > INPUT_PATIENCE:
            return fail(job, Reason.INPUT_GONE, now=now, charge=Charge.RELEASED, detail=str(error))
        return again(job, error, tools)
    if ready is not files:
        await tools.store.put_inputs(job.id, ready)
    notes = dict.fromkeys(note for file in ready for note in file.notes)
    return job.to(JobState.QUEUED, now=tools.clock.now(), notes=tuple(notes))


async def _ready(job: Job, kept: Sequence[InputFile], tools: Tools) -> Sequence[InputFile]:
    """The files as this job's model takes them: those kept for it, or made of those kept for another model, or taken in.

    Raises:
        BadInput: One cannot be used.
        Transient: One could not be had now.
    """
    wish = job.request
    rules = [tools.catalog.input_rules(wish.model, one.role) for one in wish.inputs]
    if len(kept) < len(wish.inputs):
        return [await tools.intake.take(one, rule) for one, rule in zip(wish.inputs, rules, strict=True)]
    if not await _kept_for_another_model(job, tools):
        return kept
    return [
        await tools.intake.refit(file, one.role, rule) for file, one, rule in zip(kept, wish.inputs, rules, strict=True)
    ]


async def _kept_for_another_model(job: Job, tools: Tools) -> bool:
    """Whether the files came from a job of another model, and no job since has had them made to fit its own."""
    origin = job.derivation
    while origin is not None and origin.kind is not Derived.EXTEND and origin.source_id is not None:
        source = await tools.store.get(origin.source_id)
        if source is None:
            return False
        if source.request.model != job.request.model:
            return True
        if source.submitted_at is not None:
            return False
        origin = source.derivation
    return False


# --- rendering ---------------------------------------------------------------------------------------------------


async def poll(job: Job, tools: Tools) -> Job | None:
    """`rendering → fetching`: asks the provider once. Asking changes nothing there, so dying here is harmless."""
    now = tools.clock.now()
    task, submitted_at = paid_task(job)
    late = now - submitted_at > tools.rules.deadline
    # A push comes within a second of what it tells: the video was not finished much before the last one.
    unfinished_at = max(submitted_at, job.asked_at or 0.0, job.pushed_at or 0.0)
    job = replace(job, asked_at=now, asks=job.asks + 1, overdue=job.overdue or late)
    try:
        if job.cancel_asked and await tools.provider.cancel(task):
            return job.to(JobState.CANCELLED, now=now, charge=Charge.RELEASED)
        report = await tools.provider.query(task)
    except OperatorFault as error:
        now = tools.clock.now()
        async with tools.store.transaction() as tx:
            gate = (await tx.traffic(since=now)).gate
            await tx.set_gate(close(gate, error, now=now, random=tools.random))
        return job.later(now + OPERATOR_PAUSE, attempt=job.attempt + 1, waiting_for=error.reason)
    except Refused as error:
        # An id the provider does not know may be too new for it; only past the deadline is it believed.
        if late:
            return fail(job, error.reason, now=now, charge=Charge.SPENT, code=error.code, detail=error.text)
        return again(job, error, tools)
    except (Transient, Throttled, NotSent) as error:
        return again(job, error, tools)
    job = replace(job, attempt=0, waiting_for=None, cancel_asked=False, provider_status=report.raw_status)
    return await _after_report(job, report, tools, unfinished_at=unfinished_at)


async def _after_report(job: Job, report: TaskReport, tools: Tools, *, unfinished_at: float) -> Job:
    now = tools.clock.now()
    _, submitted_at = paid_task(job)
    if report.state is TaskState.FAILED:
        failure = report.failure or Failure(reason=Reason.PROVIDER_FAILED)
        return fail(job, failure.reason, now=now, charge=Charge.RELEASED, code=failure.code, detail=failure.detail)
    if report.state is not TaskState.SUCCEEDED:
        pause = next_ask if job.pushed_at is None else next_ask_if_no_push
        plan = await tools.plans.of(job.request)
        age = max(now - submitted_at, 0.0)  # where the clock was set back, it is as good as new
        return job.later(now + pause(age, tools.rules.polling, plan))
    if job.rendered_at is None:
        job = replace(job, rendered_after=unfinished_at, rendered_at=now)
    if report.file_id:
        return job.to(JobState.FETCHING, now=now, file_id=report.file_id)
    if now - (job.rendered_at or now) > FILE_PATIENCE:
        return fail(job, Reason.FILE_LOST, now=now, charge=Charge.SPENT, detail="finished, but no file was named")
    return job.later(now + tools.rules.polling.apart)


STEPS: Final[Mapping[JobState, Callable[[Job, Tools], Awaitable[Job | None]]]] = {
    JobState.RECEIVED: prepare,
    JobState.QUEUED: submit,
    JobState.SUBMITTING: recover,
    JobState.UNCERTAIN: look_again,
    JobState.RENDERING: poll,
    JobState.FETCHING: fetch,
    JobState.POSTING: post,
}
"""What the engine does with a due job in each state; the other states are never due."""
