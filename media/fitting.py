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
_LAST_WORDS: Final = 500
_NEEDED: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")


async def fit_apart(source: Path, target: Path, *, limit: int, patience: float = PATIENCE) -> Fit:
    """Brings a video to a size.

    Args:
        source: The video.
        target: Where a smaller one goes; may be half-written where there is none.
        limit: Bytes it may have.
        patience: Seconds it may take.

    Returns:
        What became of it; IMPOSSIBLE also where the process failed or took too long, which the log tells.
    """
    return await _shrink(str(source), str(target), str(limit), patience=patience)


async def repack_apart(source: Path, target: Path, *, patience: float = PATIENCE) -> bool:
    """Puts the same picture and sound into a file with its index in front, so that it can be watched while it loads.

    Args:
        source: The video.
        target: Where the other one goes; may be half-written where it could not be done.
        patience: Seconds it may take.

    Returns:
        Whether it could be done; the log tells why not.
    """
    return await _shrink(str(source), str(target), patience=patience) is Fit.REPACKED


async def _shrink(*arguments: str, patience: float) -> Fit:
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    command = (sys.executable, "-m", "media.shrink", *arguments)
    try:
        # A session of its own: Ctrl-C in a terminal is meant for the bot alone. Windows passes the wish over.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd=_ROOT, env=environment, start_new_session=True
        )
    except OSError as error:
        log.warning("video not shrunk", why=f"no process to be had: {error.strerror or error}")
        return Fit.IMPOSSIBLE
    try:
        async with asyncio.timeout(patience):
            told, complaint = await process.communicate()
    except TimeoutError:
        log.warning("video not shrunk", why=f"not done after {patience:g} s")
        return Fit.IMPOSSIBLE
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    words, last_words = told.decode().strip(), complaint.decode(errors="replace")[-_LAST_WORDS:]
    if process.returncode != 0 or words not in set(Fit):
        log.error("shrinking a video broke", code=process.returncode, last_words=last_words)
        return Fit.IMPOSSIBLE
    log.info("video fitted", outcome=words, last_words=last_words)
    return Fit(words)
