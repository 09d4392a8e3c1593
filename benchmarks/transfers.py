"""Peak memory while many large videos pass through at the same time: it must not grow with their size."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from benchmarks.arena import OURS, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.results import Figure, Result

MB = 1_000_000
READY_AFTER = 5.0
"""Seconds: at the first question every video is there, so that all want to pass at once."""

TYPING = 0.05
"""Seconds between two commands."""

PATIENCE = 150.0


@dataclass(frozen=True, slots=True)
class _Load:
    videos: int
    megabytes: int

    def __str__(self) -> str:
        return f"{self.videos} videos of {self.megabytes} MB"


@dataclass(frozen=True, slots=True)
class _Use:
    peak: float
    growth: float


SMALL, LARGE, MANY = _Load(20, 5), _Load(20, 25), _Load(50, 25)


async def run(*, quick: bool) -> Result:
    """Both bots at once, each a fresh process for each load."""
    loads = (_Load(4, 5), _Load(4, 25)) if quick else (SMALL, LARGE, MANY)
    uses = {load: await _both(load) for load in loads}
    figures = [
        Figure(name=f"{what}, {load}", unit="MB", ours=getattr(ours, kind) / MB, other=getattr(other, kind) / MB)
        for load, (ours, other) in uses.items()
        for what, kind in (("peak memory", "peak"), ("of it since idle", "growth"))
    ]
    small, large = loads[:2]
    figures.append(
        Figure(
            name="more for each further MB of a video",
            unit="MB",
            ours=_slope(uses[small][0], uses[large][0], large.megabytes - small.megabytes),
            other=_slope(uses[small][1], uses[large][1], large.megabytes - small.megabytes),
        )
    )
    return Result(
        figures=tuple(figures),
        conditions=(
            "resident memory of the bot's process; both bots side by side",
            "every video is ready when it is first asked for, so that all want to pass at once",
        ),
    )


def _slope(small: _Use, large: _Use, megabytes: int) -> float:
    return (large.growth - small.growth) / MB / megabytes


async def _both(load: _Load) -> tuple[_Use, _Use]:
    async with open_provider(shortest=READY_AFTER, longest=READY_AFTER, film_bytes=load.megabytes * MB) as provider:
        ours, other = await asyncio.gather(*(_watch(side, provider, load) for side in (OURS, STRAIGHTFORWARD)))
    return ours, other


async def _watch(side: Side, provider: Provider, load: _Load) -> _Use:
    async with enter(side, provider) as bot:
        meter = bot.meter()
        idle = meter.start_peak()
        await bot.ask_steadily(load.videos, over=load.videos * TYPING)
        await bot.posted(load.videos, within=PATIENCE)
        return _Use(peak=meter.peak(), growth=meter.peak() - idle)
