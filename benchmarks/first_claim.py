"""From the end of the imports to the first job taken up, with many unfinished jobs in the database."""

from __future__ import annotations

import asyncio
import time
from itertools import chain

from benchmarks.arena import OURS, Provider, open_discord, open_provider
from benchmarks.history import fill, unfinished
from benchmarks.results import Figure, Result, percentile
from jobs.model import JobState
from tests.wire.process import BotProcess

FEW = 10
LOOK_EVERY = 0.02
PATIENCE = 60.0


async def run(*, quick: bool) -> Result:
    """The same start several times over, with many jobs and with a few."""
    many, rounds = (1_000, 1) if quick else (10_000, 5)
    crowded = [await _start(many) for _ in range(rounds)]
    calm = [await _start(FEW) for _ in range(rounds)]
    return Result(
        figures=(
            Figure(name="median", unit="s", ours=percentile(crowded, 0.5), other=percentile(calm, 0.5)),
            Figure(name="longest", unit="s", ours=max(crowded), other=max(calm)),
        ),
        conditions=(
            f"{many:,} unfinished jobs in the database, nine tenths queued and one tenth rendering, all due; {rounds} starts",
            "to the first request that reaches the provider, so logging in to Discord is in it",
        ),
        against=f"{FEW} jobs",
    )


async def _start(jobs: int) -> float:
    async with (
        open_provider(shortest=PATIENCE, longest=PATIENCE, film_bytes=0) as provider,
        open_discord() as (discord, folder),
    ):
        now = time.time()
        rendering = jobs // 10
        await fill(
            folder / "data" / "bot.db",
            chain(
                unfinished(JobState.QUEUED, jobs - rendering, now=now, base_url=provider.url),
                unfinished(JobState.RENDERING, rendering, now=now, base_url=provider.url),
            ),
        )
        env = {"MINIMAX_BASE_URL": provider.url, "MINIMAX_API_KEY": OURS.key, **OURS.env}
        process = BotProcess(discord, folder, program="benchmarks/timed_start.py", arguments=(), env=env)
        try:
            await process.start()
            begin = float((await process.printed(r"imports ended ([\d.]+)\n", within=PATIENCE))[1])
            return await _first_request(provider) - begin
        finally:
            await process.stop()


async def _first_request(provider: Provider) -> float:
    """When it came, in epoch seconds."""
    async with asyncio.timeout(PATIENCE):
        while not (seen := await provider.requests()):  # noqa: ASYNC110 - its books are read over HTTP
            await asyncio.sleep(LOOK_EVERY)
    return seen[0]["at"]
