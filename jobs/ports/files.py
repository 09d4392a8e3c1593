"""Files on their way: people's on the way in, videos on the way out."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from jobs.model import (
    InputFile,
    MediaSource,
)

from .catalog import InputRules


class Intake(Protocol):
    """Takes people's files in: downloads, judges by content, fits."""

    async def take(self, source: MediaSource, rules: InputRules) -> InputFile:
        """The file, ready for the provider.

        Raises:
            BadInput: It cannot be used, or its link has expired.
            Transient: It could not be downloaded now.
        """
        ...


class MediaShop(Protocol):
    """Where finished files lie between the provider and Discord."""

    def path(self, job_id: str) -> Path:
        """Where the file of this job goes; in a temporary folder of this process."""
        ...

    async def size(self, job_id: str) -> int | None:
        """Bytes of the finished file; None if it is not here."""
        ...

    async def discard(self, job_id: str) -> None:
        """Removes the file, if it is there."""
        ...
