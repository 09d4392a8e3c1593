"""The temporary folder for finished videos; implements `jobs.ports.MediaShop`. Knows the file system, and whom to ask to shrink a video."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from jobs.ports import Fit

from .fitting import fit_apart

_PREFIX: Final = "videos-"
_ABANDONED_AFTER: Final = 86400.0


class VideoFolder:
    """Where the videos of this process lie until they are posted.

    Args:
        root: The folder; everything in it is ours.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        # An encoder takes all the cores there are; the bot itself has to go on answering.
        self._one_at_a_time = asyncio.Lock()

    @property
    def root(self) -> Path:
        """The folder; what else is put there goes with it."""
        return self._root

    def path(self, job_id: str) -> Path:
        """Where the file of this job goes."""
        return self._root / f"{job_id}.mp4"

    async def size(self, job_id: str) -> int | None:
        """Bytes of the finished file; None if it is not here."""
        return await asyncio.to_thread(_size, self.path(job_id))

    async def discard(self, job_id: str) -> None:
        """Removes the job's files, if they are there."""
        for path in (self.path(job_id), self.fitted(job_id)):
            await asyncio.to_thread(path.unlink, missing_ok=True)

    def fitted(self, job_id: str) -> Path:
        """Where the file that `fit` made lies."""
        return self._root / f"{job_id}.fitted.mp4"

    async def fitted_size(self, job_id: str) -> int | None:
        """Bytes of the file that `fit` made; None if there is none."""
        return await asyncio.to_thread(_size, self.fitted(job_id))

    async def plays_inline(self, job_id: str) -> bool:
        """Whether Discord's clients play the finished video as it is coded."""
        del job_id
        return True

    async def publish(self, job_id: str, key: str) -> bool:
        """Nobody serves published videos yet."""
        del job_id, key
        return False

    async def tidy(self, *, now: float) -> int:
        """Nothing is published yet."""
        del now
        return 0

    async def fit(self, job_id: str, *, limit: int) -> Fit:
        """Brings the finished video to a size, if that can be done decently: see `jobs.ports.MediaShop.fit`."""
        async with self._one_at_a_time:
            return await fit_apart(self.path(job_id), self.fitted(job_id), limit=limit)


@asynccontextmanager
async def open_video_folder(data_dir: Path, *, alone: bool, now: float) -> AsyncGenerator[VideoFolder, None]:
    """A folder of our own below `data_dir`, removed at the end; what crashed processes left behind goes first.

    Args:
        data_dir: Made if it is not there.
        alone: Whether no other process can be working in `data_dir`; otherwise only folders that nobody has touched
            for a day are taken to be left behind.
        now: Epoch seconds.

    Raises:
        OSError: The folder cannot be written.
    """
    oldest = now if alone else now - _ABANDONED_AFTER
    root = await asyncio.to_thread(_make_room, data_dir, oldest)
    try:
        yield VideoFolder(root)
    finally:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)


def _make_room(data_dir: Path, oldest: float) -> Path:
    data_dir.mkdir(parents=True, exist_ok=True)
    for left in data_dir.glob(f"{_PREFIX}*"):
        if left.is_dir() and left.stat().st_mtime <= oldest:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=data_dir))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
