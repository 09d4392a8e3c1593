"""From the provider's file to the message in the channel: fetched, fitted, posted once.

A post whose answer was lost may be there all the same, so "a post may be there" is committed before it is made, and the next
try looks for it first.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from .admission import OPERATOR_PAUSE
from .ends import fail
from .errors import (
    DeliveryDelayed,
    DeliveryError,
    NotSent,
    OperatorFault,
    Reason,
    Refused,
    StoreUnavailable,
    Throttled,
    TooLarge,
    Transient,
    Undeliverable,
)
from .model import Charge, Delivery, Failure, Job, JobState, Note, Posted
from .polling import backoff
from .ports import WATCH_LIFE, Fit
from .tools import Tools, again, keep, paid_task

log = structlog.get_logger(__name__)

FILE_PATIENCE: Final = 600.0
"""Seconds a finished video may stay without a file before it counts as lost (seen in the wild: a few polls)."""

LONGEST_POST_PAUSE: Final = 300.0
"""The longest pause, in seconds, between two tries to post."""

SAFE_LIMIT: Final = 10 * 1024**2
"""Bytes that every channel has been seen to take."""


async def fetch(job: Job, tools: Tools) -> Job | None:
    """`fetching → posting`: downloads the file. Dying here leaves a part of a file, which goes at the next start."""
    now = tools.clock.now()
    task, _ = paid_task(job)
    if job.file_id is None:
        return job.to(JobState.RENDERING, now=now)
    try:
        link = await tools.provider.locate(task, job.file_id)
        if not job.as_link:
            await tools.provider.download(link, tools.shop.path(job.id), limit=tools.rules.download_limit)
    except OperatorFault as error:
        due_at = tools.clock.now() + OPERATOR_PAUSE
        return job.later(due_at, attempt=job.attempt + 1, waiting_for=error.reason)
    except Refused as error:
        return _no_file(job, error, tools)
    except (Transient, Throttled, NotSent) as error:
        # A broken download is among these: the next try asks for a new link first.
        return again(job, error, tools)
    return job.to(JobState.POSTING, now=tools.clock.now(), link=link.url, link_expires_at=link.expires_at)


def _no_file(job: Job, error: Refused, tools: Tools) -> Job:
    now = tools.clock.now()
    if error.reason is Reason.VIDEO_TOO_LARGE:
        return _linked(job).later(now)
    if job.rendered_at is not None and now - job.rendered_at > FILE_PATIENCE:
        return fail(job, Reason.FILE_LOST, now=now, charge=Charge.SPENT, code=error.code, detail=error.text)
    return job.to(JobState.RENDERING, now=now, due_at=now + tools.rules.polling.apart)


async def post(job: Job, tools: Tools) -> Job | None:
    """`posting → done`: one new message. Dying here means looking in the channel first, and adopting what is there."""
    unseen = job.post_attempted
    try:
        _check_way(job, tools)
        posted = await tools.courier.find_result(job) if job.post_attempted else None
        unseen = False
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
        return await _smaller(job, error, tools)
    except DeliveryDelayed as error:
        wait = max(backoff(job.attempt, tools.random, cap=LONGEST_POST_PAUSE), error.retry_after or 0.0)
        log.info("post delayed", job=job.id, wait=wait, status=error.status, code=error.code, error=str(error))
        return job.later(tools.clock.now() + wait, attempt=job.attempt + 1)
    except Undeliverable as error:
        return await _elsewhere(job, error, tools, unseen=unseen)
    done = job.to(JobState.DONE, now=tools.clock.now(), posted=posted, charge=Charge.SPENT)
    if await keep(done, tools):
        # Only now: whoever adopts the post of a worker that died would tell of it once more.
        await _note(done, posted, tools)
    await tools.shop.discard(job.id)
    return None


def _check_way(job: Job, tools: Tools) -> None:
    """An answer can be changed for so long only.

    Raises:
        Undeliverable: That time is over.
    """
    if job.delivery is not Delivery.ANSWER:
        return
    if job.answer is None or tools.clock.now() >= job.answer.expires_at:
        raise Undeliverable("the answer can no longer be changed")


async def _note(job: Job, posted: Posted, tools: Tools) -> None:
    """A direct message beside the post in the channel, for whoever wants one: at most once, and never worth a delay."""
    if (
        job.delivery is Delivery.DIRECT
        or job.origin.private
        or (job.delivery is Delivery.ANSWER and not job.origin.guest)
    ):
        return  # they have it before their eyes
    try:
        if await tools.library.wants_note(job.origin.user_id):
            await tools.courier.note_requester(job, posted)
    except (DeliveryError, StoreUnavailable) as error:
        log.info("requester not noted", job=job.id, error=str(error))


async def _ready_to_post(job: Job, tools: Tools) -> Job:
    """The job with what is to be posted settled; back in `fetching` where the file, or a live link, is missing."""
    size = await tools.shop.size(job.id)
    if size is not None and not job.as_link:
        job = await _fitted(job, size, tools)
    if job.as_link:
        job = await _published(job, tools)
        ended = job.link_expires_at is not None and job.link_expires_at <= tools.clock.now()
        stale = job.link is None or ended
    else:
        stale = size is None
    return job.to(JobState.FETCHING, now=tools.clock.now()) if stale else job


async def _fitted(job: Job, size: int, tools: Tools) -> Job:
    """The job with its video brought to what the place takes and plays; as a link where that cannot be done decently."""
    fitted = await tools.shop.fitted_size(job.id)
    if fitted is not None and fitted <= job.upload_limit:
        return job
    too_large = size > job.upload_limit
    if not too_large and await tools.shop.plays_inline(job.id):
        return job
    fit = await tools.shop.fit(job.id, limit=job.upload_limit)
    if fit is Fit.REENCODED:
        return _noted(job, Note.VIDEO_REENCODED if too_large else Note.VIDEO_CONVERTED)
    if fit is Fit.IMPOSSIBLE and too_large:
        return _linked(job)
    return job


def _linked(job: Job) -> Job:
    """The job with a link for a result, which says why; what was done to files that nobody gets is not said."""
    notes = tuple(note for note in job.notes if note not in {Note.VIDEO_REENCODED, Note.VIDEO_CONVERTED})
    return _noted(replace(job, as_link=True, notes=notes), Note.VIDEO_TOO_LARGE)


async def _published(job: Job, tools: Tools) -> Job:
    """The job with a link that does not end with the provider's, where there is a web server and the file is here."""
    base = tools.rules.watch_base
    if base is None or (job.link or "").startswith(base):
        return job
    key = watch_key(job)
    if not await tools.shop.publish(job.id, key):
        return job
    return replace(job, link=f"{base}{key}", link_expires_at=tools.clock.now() + WATCH_LIFE)


def watch_key(job: Job) -> str:
    """The secret part of the address a published video is shown at: always the same for a job, and nobody's to guess."""
    secret = f"watch:{job.id}:{job.callback_key}"
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def _noted(job: Job, note: Note) -> Job:
    return replace(job, notes=tuple(dict.fromkeys((*job.notes, note))))


async def _file_to_post(job: Job, tools: Tools) -> Path:
    fitted = await tools.shop.fitted_size(job.id)
    return tools.shop.path(job.id) if fitted is None else tools.shop.fitted(job.id)


async def _send(job: Job, tools: Tools) -> Posted:
    if job.as_link:
        return await tools.courier.post_link(job)
    return await tools.courier.post_video(job, await _file_to_post(job, tools))


async def _smaller(job: Job, error: TooLarge, tools: Tools) -> Job:
    """The place takes smaller files than we thought: one step down."""
    refused = await asyncio.to_thread(_bytes, await _file_to_post(job, tools))
    limit = lower_limit(refused, job.upload_limit, job.origin.upload_limit, tools.rules.upload_limit)
    log.info("file too large for the channel", bytes=refused, next_limit=limit, status=error.status, code=error.code)
    now = tools.clock.now()
    # The refusal says that nothing was posted, so there is nothing to look for.
    if limit is None:
        return _linked(job).later(now, post_attempted=False)
    return job.later(now, upload_limit=limit, post_attempted=False)


def lower_limit(refused: int, present: int, tier: int, configured: int) -> int | None:
    """The next limit to try after a refusal for size; all in bytes.

    Args:
        refused: What the refused file had.
        present: The limit it was held against.
        tier: What the server's boost tier was seen to allow.
        configured: What the operator says a channel takes.

    Returns:
        The next lower of the tier's, the operator's and 10 MiB (what every channel has taken so far: Discord docs,
        Uploading Files), then half of the refused size; None when that was refused, too.
    """
    rungs = {tier, configured, SAFE_LIMIT}
    lower = [rung for rung in rungs if rung < min(refused, present)]
    if lower:
        return max(lower)
    return refused // 2 if present >= min(rungs) else None


def _bytes(path: Path) -> int:
    return path.stat().st_size


async def _elsewhere(job: Job, error: Undeliverable, tools: Tools, *, unseen: bool) -> Job:
    """The place is closed to us: a direct message instead; closed too, the video waits to be fetched.

    A place that may have the video already, though we can no longer look there, is not followed by a second one.
    """
    now = tools.clock.now()
    log.warning("place closed", job=job.id, delivery=job.delivery, status=error.status, code=error.code)
    doubtful = unseen and job.delivery is not Delivery.DIRECT
    if job.delivery is not Delivery.DIRECT and not doubtful:
        limit = min(job.upload_limit, tools.rules.upload_limit)
        return job.later(now, delivery=Delivery.DIRECT, post_attempted=False, upload_limit=limit)
    await tools.shop.discard(job.id)
    reason = Reason.DIRECT_CLOSED if job.origin.private else Reason.CHANNEL_CLOSED
    failure = Failure(reason=Reason.ANSWER_UNSEEN if doubtful else reason, code=error.code, detail=str(error))
    return job.to(JobState.UNDELIVERED, now=now, failure=failure, charge=Charge.SPENT)
