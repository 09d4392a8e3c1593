"""What is said of a job beside its own facts: its place in the queue, and when to expect the video."""

from __future__ import annotations

from statistics import median
from typing import Final

from .model import OPEN, Job, JobState
from .ports import Catalog, JobStore, Standing

LEARN_FROM: Final = 20
"""How many of the newest finished videos of a kind the expectation is drawn from."""

PLACES_SHOWN: Final = 20
"""The last place in the queue that a card shows as a number: further back it would change too often to be kept true."""

_WAITING: Final = frozenset({JobState.RECEIVED, JobState.QUEUED})


def place_shown(view: Standing) -> int | None:
    """The place in the queue that a card with this standing shows; None if it shows none."""
    return view.position if view.position is not None and view.position <= PLACES_SHOWN else None


async def standing(job: Job, *, store: JobStore, catalog: Catalog) -> Standing:
    """Where the job stands now.

    Args:
        job: The job as it is.
        store: For the queue, and for how long such videos took.
        catalog: For how long such videos usually take, until some have been made here.
    """
    if job.state in _WAITING:
        return Standing(position=await store.queue_position(job.id))
    if job.state not in OPEN or job.submitted_at is None or job.overdue:
        return Standing()
    wish = job.request
    learned = await store.render_times(wish.model, wish.resolution, wish.duration, limit=LEARN_FROM)
    usual = median(sum(bounds) / 2 for bounds in learned) if learned else catalog.typical_seconds(wish)
    return Standing(expected_end=job.submitted_at + usual)
