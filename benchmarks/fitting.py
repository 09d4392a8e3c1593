"""A large film brought to what a channel takes: how long it takes, how much it still looks like itself, and what it costs the bot."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.results import Figure, Result, percentile
from jobs.ports import Fit
from media.folder import VideoFolder
from tests.media.films import a_large_film, likeness, watched_loop

LIMIT = 10 * 1024**2
"""Bytes that every channel takes."""

MB = 1_000_000


async def run(*, quick: bool) -> Result:
    """One film; the event loop is watched while it is fitted, and as long while nothing happens."""
    seconds = 2.0 if quick else 6.0
    with TemporaryDirectory(prefix="bench-") as name:
        folder = VideoFolder(Path(name))
        film = await asyncio.to_thread(a_large_film, folder.path("film"), seconds=seconds)
        async with watched_loop() as busy:
            begin = time.perf_counter()
            outcome = await folder.fit("film", limit=LIMIT)
            took = time.perf_counter() - begin
        async with watched_loop() as idle:
            await asyncio.sleep(took)
        assert outcome is Fit.REENCODED, "it was not encoded anew"
        fitted = folder.fitted("film")
        alike = await asyncio.to_thread(likeness, film, fitted, Path(name) / "ssim.txt")
        sizes = fitted.stat().st_size / MB, film.stat().st_size / MB
    return Result(
        figures=(
            Figure(name="time, beside the film's length", unit="s", ours=took, other=seconds),
            Figure(name="size", unit="MB", ours=sizes[0], other=sizes[1]),
            Figure(name="SSIM", unit="", ours=alike, other=1.0),
            Figure(name="event loop's longest pause", unit="ms", ours=busy.longest * 1000, other=idle.longest * 1000),
            Figure(
                name="its 99th percentile",
                unit="ms",
                ours=percentile(busy.seen, 0.99) * 1000,
                other=percentile(idle.seen, 0.99) * 1000,
            ),
        ),
        conditions=(
            f"{seconds:.0f} s of grainy 1080P at 24 frames a second into 10 MiB, in a process of low priority",
            "pauses beside those of a loop that has nothing to do",
        ),
        against="the film itself",
    )
