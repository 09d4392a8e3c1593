"""From a command to its first answer while commands come in a burst; Discord gives up after 3 seconds."""

from __future__ import annotations

import asyncio

from benchmarks.arena import OURS, STRAIGHTFORWARD, Provider, Side, enter, open_provider
from benchmarks.results import Figure, Result, percentile

OVER = 3.0
"""Seconds in which all commands are typed."""

NEVER = 3600.0
"""Seconds until a video is ready: only the commands and their submits are going on."""

PATIENCE = 60.0


async def run(*, quick: bool) -> Result:
    """One bot after the other, so that neither waits for the other's Discord."""
    commands = 60 if quick else 300
    async with open_provider(shortest=NEVER, longest=NEVER, film_bytes=0) as provider:
        ours = await _watch(OURS, provider, commands)
        other = await _watch(STRAIGHTFORWARD, provider, commands)
    return Result(
        figures=tuple(
            Figure(name=name, unit="ms", ours=percentile(ours, share), other=percentile(other, share))
            for name, share in (("median", 0.5), ("99th percentile", 0.99), ("longest", 1.0))
        ),
        conditions=(
            f"{commands} commands in {OVER:.0f} s; one bot after the other",
            "this bot commits the job to disk before it answers, the other answers at once and may lose it",
        ),
    )


async def _watch(side: Side, provider: Provider, commands: int) -> list[float]:
    async with enter(side, provider) as bot:
        interactions = await bot.ask_steadily(commands, over=OVER)
        await asyncio.gather(*(one.acknowledged(within=PATIENCE) for one in interactions))
        return [one.latency * 1000 for one in interactions]
