"""The only paid call there is, and what is done when its answer is lost.

The state is committed before the call and its outcome right after it; a call whose outcome is unknown is never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import structlog

from .admission import WINDOW, close, probing, wait_to_submit
from .ends import doubt, fail
from .errors import (
    NotSent,
    OperatorFault,
    ProviderError,
    Reason,
    Refused,
    StoreUnavailable,
    Throttled,
    Uncertain,
)
from .model import Charge, Gate, InputFile, Job, JobState, Task
from .polling import next_ask
from .ports import TaskState
from .tools import Tools, keep, keep_found

log = structlog.get_logger(__name__)

LOOK_AGAIN: Final = 60.0
"""Seconds after which a lost task is looked for again; the pause then doubles."""

CLOCK_SLACK: Final = 5.0
"""Seconds our clock may differ from the provider's."""

ANSWER_WITHIN: Final = 180.0
"""Seconds after which a create that was sent cannot make a task any more."""


async def submit(job: Job, tools: Tools) -> Job | None:
    """`queued → submitting → rendering`, and the only paid call there is.

    Dying before the first commit: it is simply done again. Dying after it: the row is found in `submitting`, and
    `recover` says that we cannot know. The answer is written down before anything else is done with it.
    """
    admitted = await _admit(job, tools)
    if not isinstance(admitted, _Admitted):
        return admitted
    after, gate = await _pay(admitted, tools)
    written = await keep(after, tools)
    if not written and after.task is not None:
        # We were too slow and somebody calls it uncertain: this answer is the lost task.
        await keep_found(after.id, after.task, tools)
    if gate != admitted.gate:
        await _set_gate(gate, tools)
    return None


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A job that is committed as `submitting`, the gate it went through, and the files that go with it."""

    job: Job
    gate: Gate | None
    inputs: Sequence[InputFile]


async def _admit(job: Job, tools: Tools) -> _Admitted | Job | None:
    now = tools.clock.now()
    inputs = await tools.store.inputs_of(job.id) if job.request.inputs else ()
    if len(inputs) < len(job.request.inputs):
        return fail(job, Reason.INPUT_GONE, now=now, charge=Charge.RELEASED, detail="the files are no longer kept")
    async with tools.store.transaction() as tx:
        traffic = await tx.traffic(since=now - WINDOW)
        wait = wait_to_submit(traffic, tools.rules.rates, now)
        if wait > 0:
            return job.later(now + wait, waiting_for=traffic.gate.reason if traffic.gate else None)
        submitting = job.to(JobState.SUBMITTING, now=now, submitted_at=now)
        if not await tx.save(submitting, now=now):
            return None
        await tx.note_create(now)
        if traffic.gate is not None:
            await tx.set_gate(probing(traffic.gate, now=now))
    return _Admitted(submitting, traffic.gate, inputs)


def _callback_url(job: Job, tools: Tools) -> str | None:
    base = tools.rules.callback_base
    return f"{base}/{job.callback_key}" if base and job.callback_key else None


async def _pay(admitted: _Admitted, tools: Tools) -> tuple[Job, Gate | None]:
    """Makes the paid call once; the job as it then stands, and the gate as it should then be."""
    job, gate, clock = admitted.job, admitted.gate, tools.clock
    try:
        task = await tools.provider.create(job.request, admitted.inputs, callback_url=_callback_url(job, tools))
    except (NotSent, Throttled, OperatorFault) as error:
        closed = close(gate, error, now=clock.now(), random=tools.random)
        log.warning(
            "submitting paused", reason=closed.reason, attempt=closed.attempt, code=error.code, error=str(error)
        )
        return _requeued(job, closed, clock.now()), closed
    except Refused as error:
        if error.reason is Reason.MODEL_UNAVAILABLE:
            tools.catalog.disable(job.request.model, error.text or str(error))
        failed = fail(
            job, error.reason, now=clock.now(), charge=Charge.RELEASED, code=error.code, detail=error.text or str(error)
        )
        return failed, None
    except Uncertain as error:
        detail = error.text or str(error)
        return await _doubted(job, tools, code=error.code, detail=detail), gate
    except Exception:
        # A bug between us and the wire: the call may have gone out, so it must not be repeated.
        log.exception("create broke", job=job.id)
        return await _doubted(job, tools, detail="internal error"), gate
    now = clock.now()
    log.info("task made", job=job.id, task=task.task_id)
    first = now + next_ask(0.0, tools.rules.polling)
    return job.to(JobState.RENDERING, now=now, task=task, submitted_at=now, due_at=first), None


def _requeued(job: Job, gate: Gate, now: float) -> Job:
    """Back in the queue with nothing paid, and not behind others: the queue is served in the order of asking."""
    due_at = max(gate.closed_until, now)
    return job.to(JobState.QUEUED, now=now, due_at=due_at, waiting_for=gate.reason, submitted_at=None)


async def _set_gate(gate: Gate | None, tools: Tools) -> None:
    try:
        async with tools.store.transaction() as tx:
            await tx.set_gate(gate)
    except StoreUnavailable as error:
        # Only a matter of pace: the next submit will find out for itself.
        log.warning("gate not written", error=str(error))


# --- when the answer is lost -------------------------------------------------------------------------------------


async def recover(job: Job, tools: Tools) -> Job | None:
    """`submitting → uncertain`: this row could be claimed, so whoever made the paid call died before its answer."""
    return await _doubted(job, tools, detail="the process ended while the request was under way")


async def look_again(job: Job, tools: Tools) -> Job | None:
    """`uncertain → rendering` if the lost task turns up; otherwise its price counts as spent in the end."""
    task = await _find(job, tools)
    if task is not None:
        return _found(job, task, tools)
    now = tools.clock.now()
    age = now - job.state_since
    if age >= tools.rules.give_up:
        log.info("uncertain job settled as spent", after=age)
        return replace(job, charge=Charge.SPENT, due_at=None)
    return job.later(min(now + max(age, LOOK_AGAIN), job.state_since + tools.rules.give_up))


async def _doubted(job: Job, tools: Tools, *, code: int | None = None, detail: str = "") -> Job:
    """The job whose answer is lost: found at once where the provider can be asked, else uncertain."""
    task = await _find(job, tools)
    doubted = doubt(job, now=tools.clock.now(), look_after=LOOK_AGAIN, code=code, detail=detail)
    return doubted if task is None else _found(doubted, task, tools)


def _found(job: Job, task: Task, tools: Tools) -> Job:
    log.info("lost task found", task=task.task_id)
    return job.to(JobState.RENDERING, now=tools.clock.now(), task=task, failure=None)


async def _find(job: Job, tools: Tools) -> Task | None:
    """The job's lost task, where there can be no mistake about it."""
    if job.submitted_at is None:
        return None
    try:
        return await _pushed(job, tools) or await _listed(job, tools, job.submitted_at)
    except ProviderError as error:
        log.info("lost task not looked for", code=error.code, error=str(error))
        return None


async def _pushed(job: Job, tools: Tools) -> Task | None:
    """The task that a push has named, if it is true: whoever knows the address may have pushed any id.

    Our own key must know it, and no other job have it.
    """
    # Read anew: the push may have come while the create was under way.
    fresh = await tools.store.get(job.id)
    if fresh is None or fresh.hinted_task_id is None:
        return None
    hinted = Task(task_id=fresh.hinted_task_id, base_url=tools.provider.base_url, api=job.api)
    if await tools.store.known_tasks([hinted.task_id]):
        return None
    try:
        report = await tools.provider.query(hinted)
    except Refused as error:
        log.warning("pushed task not ours", task=hinted.task_id, code=error.code, error=str(error))
        return None
    return None if report.state is TaskState.UNKNOWN else hinted


async def _listed(job: Job, tools: Tools, submitted_at: float) -> Task | None:
    """The one task in the provider's list that can be this job's, if there is exactly one."""
    since = submitted_at - CLOCK_SLACK
    listed = await tools.provider.lost(job.request, since=since, until=submitted_at + ANSWER_WITHIN)
    # The list does not tell prompts: another of our jobs that waits for its answer may be the one it belongs to, and its
    # request may have been long on its way. Counted before it is seen which tasks are known: an answer that is written
    # down in between must not make its task look like one that nobody waits for.
    if await tools.store.in_doubt(job.request, since=since - ANSWER_WITHIN) > 1:
        return None
    known = await tools.store.known_tasks([task.task_id for task in listed])
    unknown = [task for task in listed if task.task_id not in known]
    return unknown[0] if len(unknown) == 1 else None
