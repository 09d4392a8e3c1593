"""Who makes the videos, for money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from jobs.model import (
    Failure,
    InputFile,
    Task,
    VideoRequest,
)


class TaskState(StrEnum):
    """What the provider says of a task, its three vocabularies made one."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """One answer to "how far is it?".

    Args:
        state: What it means.
        raw_status: What it said, for the log and for statuses nobody has listed.
        file_id: The finished file, where the provider names one.
        failure: Why it failed; set exactly when `state` is FAILED.
    """

    state: TaskState
    raw_status: str
    file_id: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoLink:
    """Where a finished video can be downloaded for a while.

    Args:
        url: The address.
        expires_at: The end of its life; None where unknown.
        size: Bytes, where the provider says so and is to be believed.
    """

    url: str
    expires_at: float | None = None
    size: int | None = None


class VideoProvider(Protocol):
    """Makes videos, for money."""

    @property
    def base_url(self) -> str:
        """The host that new tasks are made on."""
        ...

    async def create(
        self, request: VideoRequest, inputs: Sequence[InputFile] = (), *, callback_url: str | None = None
    ) -> Task:
        """The paid call. It is made once and never repeated inside.

        Args:
            request: What to make.
            inputs: The files it is made from, in the order of `request.inputs`.
            callback_url: Where the provider may push news of the task; a push is only a hint to ask.

        Raises:
            NotSent: It never left this machine.
            Throttled: Refused for now; nothing was made.
            Refused: Refused for good; nothing was made.
            OperatorFault: Bad key, no credit, model not in the plan; nothing was made.
            Uncertain: Anything else: the task may exist and may be paid.
        """
        ...

    async def query(self, task: Task) -> TaskReport:
        """How far is it?

        Raises:
            Transient: Ask again later.
            Throttled: Ask again later, and less often.
            OperatorFault: The key no longer works.
            Refused: The provider does not know the task (any more).
        """
        ...

    async def lost(self, request: VideoRequest, *, since: float, until: float) -> Sequence[Task]:
        """Tasks that may be the one a lost answer would have named; empty where the provider keeps no list (V1).

        Args:
            request: What was asked for.
            since: Epoch seconds before the create went out.
            until: Epoch seconds after which it cannot have been made.

        Raises:
            Transient: Ask again later.
            Throttled: Ask again later, and less often.
            OperatorFault: The key no longer works.
        """
        ...

    async def cancel(self, task: Task) -> bool:
        """Cancels a task that the provider has not begun, free of charge; False where it is too late or cannot be.

        Raises:
            Transient: Try again later.
            Throttled: Try again later.
            OperatorFault: The key no longer works.
        """
        ...

    async def locate(self, task: Task, file_id: str) -> VideoLink:
        """A fresh link to the finished file.

        Raises:
            Transient: Ask again later.
            Throttled: Ask again later, and less often.
            OperatorFault: The key no longer works.
            Refused: The provider does not have the file (any more).
        """
        ...

    async def download(self, link: VideoLink, path: Path, *, limit: int) -> int:
        """Streams the file to `path`, never whole in memory, without ever sending the key.

        Args:
            link: Where it is.
            path: Written from the start.
            limit: The most bytes it may have.

        Returns:
            The bytes written: all of them.

        Raises:
            BrokenDownload: Short, expired, or not a video: ask for a new link.
            Transient: Any other fault on the way.
            Refused: Larger than `limit` (reason `VIDEO_TOO_LARGE`).
        """
        ...
