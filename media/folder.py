"""The folders for finished videos; implements `jobs.ports.MediaShop`. Knows the file system, and whom to ask to shrink a video.

Those on their way to Discord lie in a folder that goes with the process; those published for the web server stay.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from jobs.ports import Fit

from .boxes import begins_with_index, plays_inline
from .fitting import fit_apart, repack_apart

log = structlog.get_logger(__name__)

KEPT_FOR: Final = 30 * 86400.0
"""Seconds that a published video stays: links to it go into channels, where people look back for weeks."""

MOST_KEPT: Final = 20 * 1024**3
"""Bytes of published videos that stay, the newest first: a small server's disk holds them beside everything else."""

_KEY: Final = re.compile(r"[a-f0-9]{16,64}")
_PREFIX: Final = "videos-"
_WATCH: Final = "watch"
_ABANDONED_AFTER: Final = 86400.0


class VideoFolder:
    """Where the videos of this process lie until they are posted, and where published ones stay.

    Args:
        root: The folder of this process; everything in it is ours.
        watch: The folder of published videos, on the same disk; within `root` where left out.
        kept_for: Seconds that a published video stays.
        most_kept: Bytes of published videos that stay.
    """

    def __init__(
        self, root: Path, *, watch: Path | None = None, kept_for: float = KEPT_FOR, most_kept: int = MOST_KEPT
    ) -> None:
        self._root = root
        self._watch = watch or root / _WATCH
        self._kept_for = kept_for
        self._most_kept = most_kept
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

    async def fit(self, job_id: str, *, limit: int) -> Fit:
        """Brings the finished video to a size: see `jobs.ports.MediaShop.fit`.

        What does not play inline is encoded anew whatever its size; what was fitted before goes.
        """
        part, fitted = self._part(job_id), self.fitted(job_id)
        async with self._one_at_a_time:
            try:
                outcome = await fit_apart(self.path(job_id), part, limit=limit)
                if outcome in {Fit.REPACKED, Fit.REENCODED}:
                    await asyncio.to_thread(part.replace, fitted)
                else:
                    await asyncio.to_thread(fitted.unlink, missing_ok=True)
                return outcome
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)

    async def plays_inline(self, job_id: str) -> bool:
        """Whether Discord's clients play the finished video; True where that cannot be told."""
        return await asyncio.to_thread(_ask, plays_inline, self.path(job_id), otherwise=True)

    async def publish(self, job_id: str, key: str) -> bool:
        """Puts the finished video where the web server finds it: see `jobs.ports.MediaShop.publish`.

        Its index is moved to the front where that is possible.

        Raises:
            ValueError: This is no key.
        """
        if not _KEY.fullmatch(key):
            raise ValueError(f"not 16 to 64 hexadecimal digits: {key!r}")
        async with self._one_at_a_time:
            if await asyncio.to_thread(self.watched, key):
                return True
            if await self.size(job_id) is None:
                return False
            part = self._part(key)
            try:
                streams = await asyncio.to_thread(_ask, begins_with_index, self.path(job_id), otherwise=False)
                repacked = not streams and await repack_apart(self.path(job_id), part)
                await asyncio.to_thread(self._put, part if repacked else self.path(job_id), key)
            except OSError as error:
                log.warning("video not published", job=job_id, why=error.strerror or str(error))
                return False
            finally:
                await asyncio.to_thread(part.unlink, missing_ok=True)
        return True

    async def unpublish(self, key: str) -> None:
        """Takes a published video back, if it is there; its page answers that there is none."""
        if _KEY.fullmatch(key):
            await asyncio.to_thread((self._watch / f"{key}.mp4").unlink, missing_ok=True)

    def watched(self, key: str) -> Path | None:
        """The published video of this key, for the web server; None where there is none, or this is no key."""
        path = self._watch / f"{key}.mp4"
        return path if _KEY.fullmatch(key) and path.is_file() else None

    async def tidy(self, *, now: float) -> int:
        """Removes published videos that are too old, and the oldest of too many; returns how many there were.

        To be called every few hours at least, so that other processes see that this one lives.

        Args:
            now: Epoch seconds.
        """
        return await asyncio.to_thread(self._tidy, now)

    def _part(self, name: str) -> Path:
        """Where a file lies while it is being made."""
        return self._root / f"{name}.part.mp4"

    def _put(self, source: Path, key: str) -> None:
        """The file under this key, complete from the first moment; the source stays."""
        self._watch.mkdir(parents=True, exist_ok=True)
        # A name of its own: other processes publish into the same folder.
        new = self._watch / f".{key}.{self._root.name}"
        try:
            try:
                new.hardlink_to(source)
            except OSError:  # not every file system has links
                shutil.copyfile(source, new)
            os.utime(new)
            new.replace(self._watch / f"{key}.mp4")
        finally:
            new.unlink(missing_ok=True)

    def _tidy(self, now: float) -> int:
        with suppress(OSError):  # a sign of life: another process that starts takes an old folder for one left behind
            os.utime(self._root, (now, now))
        removed = kept = 0
        for path, made_at, size in sorted(_published(self._watch), key=lambda one: one[1], reverse=True):
            kept += size
            if now - made_at > self._kept_for or kept > self._most_kept:
                path.unlink(missing_ok=True)
                removed += 1
        return removed


@asynccontextmanager
async def open_video_folder(data_dir: Path, *, alone: bool, now: float) -> AsyncGenerator[VideoFolder, None]:
    """A folder of our own below `data_dir`, removed at the end; what crashed processes left behind goes first.

    Published videos lie beside it, in `data_dir/watch`, and stay.

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
        yield VideoFolder(root, watch=data_dir / _WATCH)
    finally:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)


def _make_room(data_dir: Path, oldest: float) -> Path:
    (data_dir / _WATCH).mkdir(parents=True, exist_ok=True)
    for left in data_dir.glob(f"{_PREFIX}*"):
        if left.is_dir() and left.stat().st_mtime <= oldest:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=data_dir))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _ask(question: Callable[[BinaryIO], bool], path: Path, *, otherwise: bool) -> bool:
    """What is to be known of a file; `otherwise` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return question(file)
    except OSError:
        return otherwise


def _published(folder: Path) -> Iterator[tuple[Path, float, int]]:
    """Each file with when it was put there, and its bytes; those of crashed processes, too."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # somebody else tidies
            found = path.stat()
            yield path, found.st_mtime, found.st_size
