"""One function per state: each takes a claimed job one step further and returns it as it then stands.

A step makes one attempt and never loops: a fault becomes a new due time, and the engine comes back. Each says what
happens if the process dies right there. Returning None means that nothing is left to write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from .admission import OPERATOR_PAUSE, close
from .ends import fail
from .errors import (
    BadInput,
    DeliveryDelayed,
    NotSent,
    OperatorFault,
    ProviderError,
    Reason,
    Refused,
    Throttled,
    TooLarge,
    Transient,
    Undeliverable,
)
from .model import Charge, Delivery, Failure, Job, JobState, Posted, Task
from .polling import backoff, next_ask, next_ask_if_no_push
from .ports import TaskReport, TaskState
from .submitting import look_again, recover, submit
from .tools import Tools

log = structlog.get_logger(__name__)

FILE_PATIENCE: Final = 600.0
"""Seconds a finished video may stay without a file before it counts as lost (seen in the wild: a few polls)."""

INPUT_PATIENCE: Final = 600.0
"""Seconds for which a person's file that cannot be downloaded is tried again."""

LONGEST_POST_PAUSE: Final = 300.0
"""The longest pause, in seconds, between two tries to post."""


async def prepare(job: Job, tools: Tools) -> Job | None:
    """`received → queued`: takes people's files in. Nothing is paid yet: dying here means it is simply done again."""
    now = tools.clock.now()
    wish = job.request
    files = await tools.store.inputs_of(job.id) if wish.inputs else ()
    if len(files) < len(wish.inputs):
        try:
            taken = [
                await tools.intake.take(one, tools.catalog.input_rules(wish.model, one.role)) for one in wish.inputs
            ]
        except BadInput as error:
            return fail(job, error.reason, now=now, charge=Charge.RELEASED, detail=error.detail)
        except Transient as error:
            if now - job.created_at > INPUT_PATIENCE:
                return fail(job, Reason.INPUT_GONE, now=now, charge=Charge.RELEASED, detail=str(error))
            return _again(job, error, tools)
        await tools.store.put_inputs(job.id, taken)
        files = taken
    notes = dict.fromkeys(note for file in files for note in file.notes)
    return job.to(JobState.QUEUED, now=tools.clock.now(), notes=tuple(notes))


# --- rendering ---------------------------------------------------------------------------------------------------


async def poll(job: Job, tools: Tools) -> Job | None:
    """`rendering → fetching`: asks the provider once. Asking changes nothing there, so dying here is harmless."""
    now = tools.clock.now()
    task, submitted_at = _paid(job)
    late = now - submitted_at > tools.rules.deadline
    unfinished_at = job.asked_at or submitted_at
    job = replace(job, asked_at=now, asks=job.asks + 1, overdue=job.overdue or late)
    try:
        if job.cancel_asked and await tools.provider.cancel(task):
            return job.to(JobState.CANCELLED, now=now, charge=Charge.RELEASED)
        report = await tools.provider.query(task)
    except OperatorFault as error:
        async with tools.store.transaction() as tx:
            gate = (await tx.traffic(since=now)).gate
            await tx.set_gate(close(gate, error, now=now, random=tools.random))
        return job.later(now + OPERATOR_PAUSE, attempt=job.attempt + 1, waiting_for=error.reason)
    except Refused as error:
        # An id the provider does not know may be too new for it; only past the deadline is it believed.
        if late:
            return fail(job, error.reason, now=now, charge=Charge.SPENT, code=error.code, detail=error.text)
        return _again(job, error, tools)
    except (Transient, Throttled, NotSent) as error:
        return _again(job, error, tools)
    job = replace(job, attempt=0, waiting_for=None, cancel_asked=False, provider_status=report.raw_status)
    return await _after_report(job, report, tools, unfinished_at=unfinished_at)


async def _after_report(job: Job, report: TaskReport, tools: Tools, *, unfinished_at: float) -> Job:
    now = tools.clock.now()
    _, submitted_at = _paid(job)
    if report.state is TaskState.FAILED:
        failure = report.failure or Failure(reason=Reason.PROVIDER_FAILED)
        return fail(job, failure.reason, now=now, charge=Charge.RELEASED, code=failure.code, detail=failure.detail)
    if report.state is not TaskState.SUCCEEDED:
        pause = next_ask if job.pushed_at is None else next_ask_if_no_push
        plan = await tools.plans.of(job.request)
        return job.later(now + pause(now - submitted_at, tools.rules.polling, plan))
    if job.rendered_at is None:
        job = replace(job, rendered_after=unfinished_at, rendered_at=now)
    if report.file_id:
        return job.to(JobState.FETCHING, now=now, file_id=report.file_id)
    if now - (job.rendered_at or now) > FILE_PATIENCE:
        return fail(job, Reason.FILE_LOST, now=now, charge=Charge.SPENT, detail="finished, but no file was named")
    return job.later(now + tools.rules.polling.apart)


# --- delivery ----------------------------------------------------------------------------------------------------


async def fetch(job: Job, tools: Tools) -> Job | None:
    """`fetching → posting`: downloads the file. Dying here leaves a part of a file, which goes at the next start."""
    now = tools.clock.now()
    task, _ = _paid(job)
    if job.file_id is None:
        return job.to(JobState.RENDERING, now=now)
    try:
        link = await tools.provider.locate(task, job.file_id)
        if not job.as_link:
            await tools.provider.download(link, tools.shop.path(job.id), limit=tools.rules.download_limit)
    except OperatorFault as error:
        return job.later(now + OPERATOR_PAUSE, attempt=job.attempt + 1, waiting_for=error.reason)
    except Refused as error:
        return _no_file(job, error, tools)
    except (Transient, Throttled, NotSent) as error:
        # A broken download is among these: the next try asks for a new link first.
        return _again(job, error, tools)
    return job.to(JobState.POSTING, now=tools.clock.now(), link=link.url, link_expires_at=link.expires_at)


def _no_file(job: Job, error: Refused, tools: Tools) -> Job:
    now = tools.clock.now()
    if error.reason is Reason.VIDEO_TOO_LARGE:
        return job.later(now, as_link=True)
    if job.rendered_at is not None and now - job.rendered_at > FILE_PATIENCE:
        return fail(job, Reason.FILE_LOST, now=now, charge=Charge.SPENT, code=error.code, detail=error.text)
    return job.to(JobState.RENDERING, now=now, due_at=now + tools.rules.polling.apart)


async def post(job: Job, tools: Tools) -> Job | None:
    """`posting → done`: one new message. Dying here means looking in the channel first, and adopting what is there."""
    try:
        posted = await tools.courier.find_result(job) if job.post_attempted else None
        if posted is None:
            ready = await _ready_to_post(job, tools)
            if ready.state is not JobState.POSTING:
                return ready
            # Committed before the effect: from here on a post may be there, whatever we get to hear of it.
            job = replace(ready, post_attempted=True)
            if not await tools.store.save(job, now=tools.clock.now(), release=False, card=False):
                return None
            posted = await _send(job, tools)
    except TooLarge as error:
        log.info("file too large for the channel", job=job.id, limit=job.upload_limit, code=error.code)
        return job.later(tools.clock.now(), as_link=True)
    except DeliveryDelayed as error:
        wait = max(backoff(job.attempt, tools.random, cap=LONGEST_POST_PAUSE), error.retry_after or 0.0)
        log.info("post delayed", job=job.id, wait=wait, status=error.status, code=error.code, error=str(error))
        return job.later(tools.clock.now() + wait, attempt=job.attempt + 1)
    except Undeliverable as error:
        return await _elsewhere(job, error, tools)
    await tools.shop.discard(job.id)
    return job.to(JobState.DONE, now=tools.clock.now(), posted=posted, charge=Charge.SPENT)


async def _ready_to_post(job: Job, tools: Tools) -> Job:
    """The job with what is to be posted settled; back in `fetching` where the file, or a live link, is missing."""
    now = tools.clock.now()
    size = await tools.shop.size(job.id)
    as_link = job.as_link or (size is not None and size > job.upload_limit)
    if as_link:
        stale = job.link is None or (job.link_expires_at is not None and job.link_expires_at <= now)
    else:
        stale = size is None
    job = replace(job, as_link=as_link)
    return job.to(JobState.FETCHING, now=now) if stale else job


async def _send(job: Job, tools: Tools) -> Posted:
    if job.as_link:
        return await tools.courier.post_link(job)
    return await tools.courier.post_video(job, tools.shop.path(job.id))


async def _elsewhere(job: Job, error: Undeliverable, tools: Tools) -> Job:
    """The channel is closed to us: a direct message instead; closed too, the video waits to be fetched."""
    now = tools.clock.now()
    log.warning("place closed", job=job.id, delivery=job.delivery, status=error.status, code=error.code)
    if job.delivery is Delivery.CHANNEL:
        limit = min(job.upload_limit, tools.rules.upload_limit)
        return job.later(now, delivery=Delivery.DIRECT, post_attempted=False, upload_limit=limit)
    await tools.shop.discard(job.id)
    failure = Failure(reason=Reason.CHANNEL_CLOSED, code=error.code, detail=str(error))
    return job.to(JobState.UNDELIVERED, now=now, failure=failure, charge=Charge.SPENT, delivery=Delivery.CHANNEL)


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


def _paid(job: Job) -> tuple[Task, float]:
    if job.task is None or job.submitted_at is None:
        raise ValueError(f"job {job.id} is {job.state} without a task")
    return job.task, job.submitted_at


def _again(job: Job, error: ProviderError, tools: Tools) -> Job:
    log.info("try again later", job=job.id, state=job.state, code=error.code, error=str(error))
    wait = backoff(job.attempt, tools.random, start=tools.rules.polling.apart)
    return job.later(tools.clock.now() + max(wait, error.retry_after or 0.0), attempt=job.attempt + 1)
