"""Files on their way: people's on the way in, videos on the way out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from jobs.model import (
    InputFile,
    MediaSource,
    Role,
)

from .catalog import InputRules

WATCH_LIFE: Final = 30 * 86400.0
"""Seconds for which a published video is kept, unless there is no room for it any more."""


class FetchFile(Protocol):
    """Brings a person's file from where it was given to us."""

    async def __call__(self, url: str, path: Path, *, limit: int) -> None:
        """Writes the file to `path`, never holding all of it in memory.

        Args:
            url: As it was given to us.
            path: In a folder that is there.
            limit: The most bytes.

        Raises:
            BadInput: The link is dead or leads elsewhere, or the file is too large.
            Transient: It could not be had now, or not be written.
        """
        ...


class Intake(Protocol):
    """Takes people's files in: downloads, judges by content, fits."""

    async def take(self, source: MediaSource, rules: InputRules) -> InputFile:
        """The file, ready for the provider.

        Raises:
            BadInput: It cannot be used, or its link has expired.
            Transient: It could not be downloaded now.
        """
        ...

    async def refit(self, kept: InputFile, role: Role, rules: InputRules) -> InputFile:
        """A file that was taken in for another model, ready for this one; what was done to it before stays noted.

        Raises:
            BadInput: It cannot be used.
            Transient: It could not be looked into now.
        """
        ...


class Fit(StrEnum):
    """What became of a video that had to be brought to a size."""

    AS_IS = "as_is"
    REPACKED = "repacked"
    REENCODED = "reencoded"
    IMPOSSIBLE = "impossible"


class MediaShop(Protocol):
    """Where finished files lie between the provider and Discord."""

    def path(self, job_id: str) -> Path:
        """Where the file of this job goes; in a temporary folder of this process."""
        ...

    async def size(self, job_id: str) -> int | None:
        """Bytes of the finished file; None if it is not here."""
        ...

    async def fit(self, job_id: str, *, limit: int) -> Fit:
        """Brings the finished video to a size, if that can be done decently; the video itself is kept.

        Args:
            job_id: The job.
            limit: Bytes it may have.

        Returns:
            What became of it: where it is REPACKED or REENCODED, `fitted` has the new file.
        """
        ...

    def fitted(self, job_id: str) -> Path:
        """Where the file that `fit` made lies."""
        ...

    async def fitted_size(self, job_id: str) -> int | None:
        """Bytes of the file that `fit` made; None if there is none."""
        ...

    async def plays_inline(self, job_id: str) -> bool:
        """Whether Discord's clients play the finished video as it is coded; True where that cannot be told."""
        ...

    async def publish(self, job_id: str, key: str) -> bool:
        """Puts the finished video where the web server finds it under this key, for as long as there is room.

        Returns:
            Whether it is there; False where the file is not here.
        """
        ...

    async def tidy(self, *, now: float) -> int:
        """Removes published videos that are too old or too many; returns how many there were."""
        ...

    async def discard(self, job_id: str) -> None:
        """Removes the job's files, if they are there."""
        ...
