"""From the provider's success to the post in the channel, and how often the provider was asked for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.arena import EXPERIENCED, OURS, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.history import made
from benchmarks.provider import prompt
from benchmarks.results import Figure, Result, percentile
from jobs.model import Job

FILM_BYTES = 2_000_000
TYPING = 0.25
"""Seconds between two commands."""

WARM_UP = 40
"""Finished jobs in the database of the start that has something to learn from."""

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class _Seen:
    waits: list[float]
    queries_per_job: float


async def run(*, quick: bool) -> Result:
    """All at once, the same commands at the same moments. Nothing is compressed: seconds are seconds."""
    jobs, shortest, longest = (12, 12.0, 18.0) if quick else (60, 48.0, 72.0)
    async with open_provider(shortest=shortest, longest=longest, film_bytes=FILM_BYTES) as provider:
        # Other scenes than those that follow, of the same distribution.
        took = [provider.plan.seconds(prompt(jobs + number)) for number in range(WARM_UP)]
        new, learned, other = await asyncio.gather(
            _watch(OURS, provider, jobs),
            _watch(EXPERIENCED, provider, jobs, history=list(made(took, now=time.time()))),
            _watch(STRAIGHTFORWARD, provider, jobs),
        )
    figures = [
        figure
        for words, ours in ((f"after {WARM_UP} videos", learned), ("first start", new))
        for figure in (
            *(
                Figure(
                    name=f"{words}: success to post, {name}",
                    unit="s",
                    ours=percentile(ours.waits, share),
                    other=percentile(other.waits, share),
                )
                for name, share in (("median", 0.5), ("95th percentile", 0.95))
            ),
            Figure(name=f"{words}: queries per video", unit="", ours=ours.queries_per_job, other=other.queries_per_job),
        )
    ]
    return Result(
        figures=tuple(figures),
        conditions=(
            f"{jobs} videos of {FILM_BYTES / 1e6:.0f} MB, each ready {shortest:.0f} to {longest:.0f} s after its create",
            "all side by side, in real time: nothing is compressed",
            f"{WARM_UP} videos: such jobs are in the database at the start; at the first start there is nothing to learn from",
        ),
    )


async def _watch(side: Side, provider: Provider, jobs: int, *, history: Sequence[Job] = ()) -> _Seen:
    async with enter(side, provider, history=history) as bot:
        await bot.ask_steadily(jobs, over=jobs * TYPING)
        await bot.posted(jobs, within=provider.plan.longest + PATIENCE)
        finished_at = await provider.finished_at(side)
        waits = [posted_at - finished_at[scene] for scene, posted_at in bot.posted_at.items()]
        return _Seen(waits, await provider.queries(side) / jobs)
