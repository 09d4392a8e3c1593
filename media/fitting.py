"""Has a video brought to a size in a process of its own, bounded in time; knows how that is started and ended.

An encoder in a thread would hold up acknowledgements, and a decoder may fall over a broken file: there it takes nobody along.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Final

import structlog

from jobs.ports import Fit

log = structlog.get_logger(__name__)

PATIENCE: Final = 180.0
"""Seconds one video may take: fifteen seconds of film on two slow cores, three times over."""

_ROOT: Final = Path(__file__).resolve().parents[1]
_NICENESS: Final = 10
_LAST_WORDS: Final = 500
_NEEDED: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


async def fit_apart(source: Path, target: Path, *, limit: int, patience: float = PATIENCE) -> Fit:
    """Runs `media.shrink` on a video.

    Args:
        source: The video.
        target: Where a smaller one goes.
        limit: Bytes it may have.
        patience: Seconds it may take.

    Returns:
        What became of it; IMPOSSIBLE also where the process failed or took too long, which the log tells.
    """
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    command = (sys.executable, "-m", "media.shrink", str(source), str(target), str(limit))
    # A session of its own: Ctrl-C in a terminal is meant for the bot alone. Windows passes the wish over.
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=_ROOT, env=environment, start_new_session=True
    )
    try:
        async with asyncio.timeout(patience):
            told, complaint = await process.communicate()
    except TimeoutError:
        log.warning("video not shrunk", limit=limit, why=f"not done after {patience:g} s")
        return Fit.IMPOSSIBLE
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    words = told.decode().strip()
    if process.returncode != 0 or words not in set(Fit):
        log.error("shrinking a video broke", code=process.returncode, last_words=complaint.decode()[-_LAST_WORDS:])
        return Fit.IMPOSSIBLE
    log.info("video fitted", outcome=words, limit=limit)
    return Fit(words)
