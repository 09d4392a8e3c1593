"""Processor time that one video costs the bot, from the command to the post."""

from __future__ import annotations

import asyncio

from benchmarks.arena import OURS, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.results import Figure, Result

FILM_BYTES = 2_000_000
READY_AFTER = 25.0
"""Seconds: three questions for each video."""

TYPING = 0.1
"""Seconds between two commands."""

PATIENCE = 120.0


async def run(*, quick: bool) -> Result:
    """Both bots at once."""
    jobs = 20 if quick else 100
    async with open_provider(shortest=READY_AFTER, longest=READY_AFTER, film_bytes=FILM_BYTES) as provider:
        ours, other = await asyncio.gather(*(_watch(side, provider, jobs) for side in (OURS, STRAIGHTFORWARD)))
    return Result(
        figures=(Figure(name="processor time per video", unit="ms", ours=ours, other=other),),
        conditions=(
            f"{jobs} videos of {FILM_BYTES / 1e6:.0f} MB, three questions each; both bots side by side",
            "all threads of the bot's process, user and kernel mode, from the first command to the last post",
        ),
    )


async def _watch(side: Side, provider: Provider, jobs: int) -> float:
    async with enter(side, provider) as bot:
        meter = bot.meter()
        before = meter.cpu_seconds()
        await bot.ask_steadily(jobs, over=jobs * TYPING)
        await bot.posted(jobs, within=READY_AFTER + PATIENCE)
        return (meter.cpu_seconds() - before) / jobs * 1000
