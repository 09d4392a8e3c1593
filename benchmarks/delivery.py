"""From the provider's success to the post in the channel, and how often the provider was asked for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from benchmarks.arena import OURS, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.results import Figure, Result, percentile

FILM_BYTES = 2_000_000
TYPING = 0.25
"""Seconds between two commands."""

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class _Seen:
    waits: list[float]
    queries_per_job: float


async def run(*, quick: bool) -> Result:
    """Both bots at once, the same commands at the same moments. Nothing is compressed: seconds are seconds."""
    jobs, shortest, longest = (12, 5.0, 25.0) if quick else (60, 20.0, 60.0)
    async with open_provider(shortest=shortest, longest=longest, film_bytes=FILM_BYTES) as provider:
        ours, other = await asyncio.gather(*(_watch(side, provider, jobs, longest) for side in (OURS, STRAIGHTFORWARD)))
    return Result(
        figures=(
            Figure(
                name="success to post, median",
                unit="s",
                ours=percentile(ours.waits, 0.5),
                other=percentile(other.waits, 0.5),
            ),
            Figure(
                name="success to post, 95th percentile",
                unit="s",
                ours=percentile(ours.waits, 0.95),
                other=percentile(other.waits, 0.95),
            ),
            Figure(name="queries per video", unit="", ours=ours.queries_per_job, other=other.queries_per_job),
        ),
        conditions=(
            f"{jobs} videos of {FILM_BYTES / 1e6:.0f} MB, each ready {shortest:.0f} to {longest:.0f} s after its create",
            "both bots side by side, in real time: nothing is compressed",
        ),
    )


async def _watch(side: Side, provider: Provider, jobs: int, longest: float) -> _Seen:
    async with enter(side, provider) as bot:
        await bot.ask_steadily(jobs, over=jobs * TYPING)
        await bot.posted(jobs, within=longest + PATIENCE)
        finished_at = await provider.finished_at(side)
        waits = [posted_at - finished_at[scene] for scene, posted_at in bot.posted_at.items()]
        return _Seen(waits, await provider.queries(side) / jobs)
