"""What one claim takes with very many finished jobs in the table. In this process, on the disk that holds temporary files."""

from __future__ import annotations

import time
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.history import fill, finished, unfinished, url_of
from benchmarks.results import Figure, Result, percentile
from jobs.model import JobState
from storage.store import open_store

LIMIT = 16
"""Jobs taken by one claim, as the engine's largest lane does."""

LEASE = 3600.0


async def run(*, quick: bool) -> Result:
    """The same claims with and without a history."""
    history, claims = (10_000, 20) if quick else (100_000, 100)
    long, short = await _claims(history, claims), await _claims(0, claims)
    return Result(
        figures=tuple(
            Figure(name=name, unit="ms", ours=percentile(long, share), other=percentile(short, share))
            for name, share in (("median", 0.5), ("95th percentile", 0.95))
        ),
        conditions=(f"{history:,} finished jobs; {claims} claims of {LIMIT} jobs each, committed to disk (SQLite)",),
        against="no history",
    )


async def _claims(history: int, claims: int) -> list[float]:
    """Milliseconds of each claim."""
    now = time.time()
    due = unfinished(JobState.RENDERING, claims * LIMIT, now=now, base_url="http://127.0.0.1:9")
    took: list[float] = []
    with TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "bot.db"
        await fill(path, chain(finished(history, now=now), due))
        async with open_store(url_of(path)) as store:
            for _ in range(claims):
                begin = time.perf_counter()
                jobs = await store.claim({JobState.RENDERING}, owner="bench", now=now, lease=LEASE, limit=LIMIT)
                took.append((time.perf_counter() - begin) * 1000)
                assert len(jobs) == LIMIT, "the claim did not find what is due"
    return took
