"""What steps work with: the ports, the operator's rules, and the one way of writing an outcome down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Final

import structlog

from .admission import Rates
from .errors import ProviderError, StoreUnavailable
from .learning import PollPlans
from .model import Job, Task
from .polling import PollRules, backoff
from .ports import Catalog, Clock, Courier, Intake, JobStore, Library, MediaShop, VideoProvider

log = structlog.get_logger(__name__)

STORE_PAUSE: Final = 0.5
"""Seconds between two tries to write an outcome down while the database does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator has set, as far as steps need it.

    Args:
        rates: What the provider's key may do.
        polling: How often the provider is asked.
        deadline: Seconds after the submit when a job counts as overdue.
        give_up: Seconds after which nothing more is tried.
        download_limit: The most bytes a video may have.
        upload_limit: Bytes one file may have where nothing better is known.
        callback_base: The address below which the provider may push; None where nobody listens.
        watch_base: The address below which published videos are shown; None where there is no web server.
    """

    rates: Rates = field(default_factory=Rates)
    polling: PollRules = field(default_factory=PollRules)
    deadline: float = 30 * 60.0
    give_up: float = 7 * 86400.0
    download_limit: int = 1024**3
    upload_limit: int = 10 * 1024**2
    callback_base: str | None = None
    watch_base: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The ports and rules that steps work with; `sleep` takes seconds."""

    store: JobStore
    library: Library
    provider: VideoProvider
    catalog: Catalog
    courier: Courier
    shop: MediaShop
    intake: Intake
    plans: PollPlans
    clock: Clock
    random: Random
    rules: Rules
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


async def keep(job: Job, tools: Tools, *, card: bool = True) -> bool:
    """Writes an outcome and gives the claim back, however long the database takes to answer.

    The effect has happened (a task was paid for, a message was posted); what we know of it must not be dropped because
    the database is locked or the disk is full for a moment, nor because the process is asked to stop just now.

    Args:
        job: The job as it now stands.
        tools: The ports.
        card: Whether people can see the change.

    Returns:
        Whether it was written; False means the claim was lost meanwhile.
    """

    async def write() -> bool:
        return await tools.store.save(job, now=tools.clock.now(), card=card)

    return await _insist(write, tools, job=job.id, state=job.state, task=job.task)


async def keep_found(job_id: str, task: Task, tools: Tools) -> bool:
    """Writes down, as `keep` does, a paid task whose job somebody else has taken for lost; see `JobStore.found`."""

    async def write() -> bool:
        return await tools.store.found(job_id, task, now=tools.clock.now())

    return await _insist(write, tools, job=job_id, task=task)


async def _insist(write: Callable[[], Awaitable[bool]], tools: Tools, **facts: object) -> bool:
    while True:
        try:
            return await write()
        except StoreUnavailable as error:
            log.error("outcome not written yet", **facts, error=str(error))  # noqa: TRY400 - the cause is a passing fault, its trace says nothing
        except asyncio.CancelledError:
            # Asked to stop in the middle of the write: it may have been rolled back, so once more, then go.
            await write()
            raise
        await tools.sleep(STORE_PAUSE)


def paid_task(job: Job) -> tuple[Task, float]:
    """The job's task, and when it was submitted (epoch seconds).

    Raises:
        ValueError: It has none: a bug of ours.
    """
    if job.task is None or job.submitted_at is None:
        raise ValueError(f"job {job.id} is {job.state} without a task")
    return job.task, job.submitted_at


def again(job: Job, error: ProviderError, tools: Tools) -> Job:
    """The job in the same state, due again after a growing pause, or the one the provider asks for."""
    log.info("try again later", job=job.id, state=job.state, code=error.code, error=str(error))
    wait = backoff(job.attempt, tools.random, start=tools.rules.polling.apart)
    return job.later(tools.clock.now() + max(wait, error.retry_after or 0.0), attempt=job.attempt + 1)
