"""From the provider's success to the post in the channel, and how often the provider was asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.arena import EXPERIENCED, OURS, PUSHED, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.results import Figure, Result, percentile

FILM_BYTES = 2_000_000
TYPING = 0.25
"""Seconds between two commands."""

WARM_UP = 40
"""Videos that one of the bots has made before it is measured."""

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class _Seen:
    waits: list[float]
    queries_per_job: float


async def run(*, quick: bool) -> Result:
    """The same commands for all. Nothing is compressed: seconds are seconds."""
    jobs, shortest, longest = (12, 12.0, 18.0) if quick else (60, 48.0, 72.0)
    async with open_provider(shortest=shortest, longest=longest, film_bytes=FILM_BYTES) as provider:
        new, other = await asyncio.gather(_watch(OURS, provider, jobs), _watch(STRAIGHTFORWARD, provider, jobs))
        learned, pushed = await asyncio.gather(
            _watch(EXPERIENCED, provider, jobs, warm_up=WARM_UP), _watch(PUSHED, provider, jobs)
        )
    sides = ((f"after {WARM_UP} videos", learned), ("with callbacks", pushed), ("first start", new))
    return Result(
        figures=tuple(figure for words, ours in sides for figure in _compared(words, ours, other)),
        conditions=(
            f"{jobs} videos of {FILM_BYTES / 1e6:.0f} MB, each ready {shortest:.0f} to {longest:.0f} s after its create",
            "two bots side by side at a time, in real time: nothing is compressed",
            f"after {WARM_UP} videos: made just before, at the same provider; at the first start nothing is learned yet",
            "with callbacks: nothing is learned yet; of its queries, one for each video is the push's own",
        ),
    )


def _compared(words: str, ours: _Seen, other: _Seen) -> Iterator[Figure]:
    for name, share in (("median", 0.5), ("95th percentile", 0.95)):
        yield Figure(
            name=f"{words}: success to post, {name}",
            unit="s",
            ours=percentile(ours.waits, share),
            other=percentile(other.waits, share),
        )
    yield Figure(name=f"{words}: queries per video", unit="", ours=ours.queries_per_job, other=other.queries_per_job)


async def _watch(side: Side, provider: Provider, jobs: int, *, warm_up: int = 0) -> _Seen:
    """Watches one bot make `jobs` videos, after so many others that do not count."""
    async with enter(side, provider) as bot:
        if warm_up:
            # Other scenes than those that count, of the same distribution.
            await bot.ask_steadily(warm_up, over=warm_up * TYPING, first=jobs)
            await bot.posted(warm_up, within=provider.plan.longest + PATIENCE)
        await bot.ask_steadily(jobs, over=jobs * TYPING)
        await bot.posted(warm_up + jobs, within=provider.plan.longest + PATIENCE)
        finished_at = await provider.finished_at(side)
        waits = [posted_at - finished_at[scene] for scene, posted_at in bot.posted_at.items() if scene < jobs]
        return _Seen(waits, await provider.queries(side, range(jobs)) / jobs)
