"""Peak memory while very many videos are in the making, each with its card and its questions."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from benchmarks.arena import OURS, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.results import Figure, Result

MB = 1_000_000
NEVER = 3600.0
"""Seconds until a video is ready: all stay in the making."""

TYPING = 0.03
"""Seconds between two commands."""

WATCHED = 25.0
"""Seconds that all of them are in the making: two questions about each."""

PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class _Use:
    peak: float
    growth: float


async def run(*, quick: bool) -> Result:
    """Both bots at once."""
    jobs = 100 if quick else 1000
    async with open_provider(shortest=NEVER, longest=NEVER, film_bytes=0) as provider:
        ours, other = await asyncio.gather(*(_watch(side, provider, jobs) for side in (OURS, STRAIGHTFORWARD)))
    return Result(
        figures=(
            Figure(name="peak memory", unit="MB", ours=ours.peak / MB, other=other.peak / MB),
            Figure(name="of it since idle", unit="MB", ours=ours.growth / MB, other=other.growth / MB),
        ),
        conditions=(
            f"{jobs} videos in the making for {WATCHED:.0f} s after the last create; both bots side by side",
            "resident memory of the bot's process",
        ),
    )


async def _watch(side: Side, provider: Provider, jobs: int) -> _Use:
    async with enter(side, provider) as bot:
        meter = bot.meter()
        idle = meter.start_peak()
        await bot.ask_steadily(jobs, over=jobs * TYPING)
        await provider.paid(side, jobs, within=PATIENCE)
        await asyncio.sleep(WATCHED)
        return _Use(peak=meter.peak(), growth=meter.peak() - idle)
