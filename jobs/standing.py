"""What is said of a job beside its own facts: its place in the queue, and when to expect the video."""

from __future__ import annotations

from math import floor
from statistics import median
from typing import Final

from .model import OPEN, Job, JobState
from .ports import Catalog, JobStore, Standing

LEARN_FROM: Final = 20
"""How many of the newest finished videos of a kind the expectation is drawn from."""

TENTHS: Final = 10
"""Into how many parts the estimated time is divided: a card need not be shown more often than that to be true."""

PLACES_SHOWN: Final = 20
"""The last place in the queue that a card shows as a number: further back it would change too often to be kept true."""

_ROUNDING: Final = 0.001
"""Tenths."""

_WAITING: Final = frozenset({JobState.RECEIVED, JobState.QUEUED})


def place_shown(view: Standing) -> int | None:
    """The place in the queue that a card with this standing shows; None if it shows none."""
    return view.position if view.position is not None and view.position <= PLACES_SHOWN else None


async def standing(job: Job, *, store: JobStore, catalog: Catalog, now: float) -> Standing:
    """Where the job stands now.

    Args:
        job: The job as it is.
        store: For the queue, and for how long such videos took.
        catalog: For how long such videos usually take, until some have been made here.
        now: Epoch seconds.
    """
    if job.state in _WAITING:
        return Standing(position=await store.queue_position(job.id))
    if job.state not in OPEN or job.submitted_at is None or job.overdue:
        return Standing()
    wish = job.request
    learned = await store.render_times(wish.model, wish.resolution, wish.duration, limit=LEARN_FROM)
    usual = median(sum(bounds) / 2 for bounds in learned) if learned else catalog.typical_seconds(wish)
    return estimate(job.submitted_at, usual, now=now)


def estimate(since: float, usual: float, *, now: float) -> Standing:
    """How far a video should be, from how long such videos usually take.

    Args:
        since: When it was submitted, epoch seconds; after now, where the clock was set back since, it counts as now.
        usual: Seconds that such a video usually takes; less than one counts as one.
        now: Epoch seconds.
    """
    usual, since = max(usual, 1.0), min(since, now)
    # A tenth that is over but for a rounding is over: a card that is shown right then has something new to show.
    tenths = max(0, min(TENTHS, floor(TENTHS * (now - since) / usual + _ROUNDING)))
    tick_at = None if tenths >= TENTHS else since + usual * (tenths + 1) / TENTHS
    return Standing(expected_end=since + usual, usual=usual, tenths=tenths, tick_at=tick_at)
