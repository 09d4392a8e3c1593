"""What the heart needs from the world, as Protocols; adapters elsewhere implement them.

Knows only `jobs.model` and `jobs.errors`. All times are epoch seconds, all sizes bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from .model import Card, Draft, Failure, Gate, Job, JobState, Money, Posted, Task, VideoRequest


class Clock(Protocol):
    """The wall clock."""

    def now(self) -> float:
        """Epoch seconds."""
        ...


# --- the store ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the limits are held against, counted inside the creating transaction.

    Counts leave out cancelled jobs and failed jobs whose price was released; money counts what is held or spent.

    Args:
        user_today: Jobs the user made since the start of the day.
        user_open: The user's jobs under way (not overdue).
        guild_open: The server's jobs under way (not overdue).
        user_month_micros: The user's money since the start of the month, in millionths.
        guild_month_micros: The server's.
        total_month_micros: Everybody's.
    """

    user_today: int
    user_open: int
    guild_open: int
    user_month_micros: int
    guild_month_micros: int
    total_month_micros: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What is under way with the provider's key, counted from the rows, so that it holds over several processes.

    Args:
        creates: When paid creates were sent, within the window asked for, oldest first.
        in_flight: Jobs in `submitting` or `rendering` that are not overdue.
        gate: The pause, where there is one.
    """

    creates: tuple[float, ...]
    in_flight: int
    gate: Gate | None


class JobTransaction(Protocol):
    """One write transaction: all of it happens, or nothing does, and nobody else writes meanwhile."""

    async def get(self, job_id: str) -> Job | None:
        """The job, if there is one."""
        ...

    async def by_interaction(self, interaction_id: int) -> Job | None:
        """The job made for this interaction, if there is one."""
        ...

    async def retry_of(self, job_id: str) -> Job | None:
        """The newest job made by *Try again* on the given one, if there is one."""
        ...

    async def usage(
        self, *, user_id: int, guild_id: int | None, day_from: float, month_from: float, currency: str
    ) -> Usage:
        """What this user and server have used; money in `currency` only."""
        ...

    async def insert(self, job: Job, *, card_due_at: float) -> None:
        """Adds a new job with its card; the engine shows the card at `card_due_at` if nobody has placed it by then."""
        ...

    async def save(self, job: Job, *, now: float) -> bool:
        """Writes the job if nobody claimed it since it was read (same fence); its card becomes due.

        Returns:
            Whether it was written; False means somebody else has it.
        """
        ...

    async def seize(self, job: Job, *, now: float) -> None:
        """Writes the job whoever holds it and raises its fence, so that a worker on it loses its claim."""
        ...

    async def traffic(self, *, since: float) -> Traffic:
        """What is under way with the provider's key; creates counted since the given time."""
        ...

    async def note_create(self, at: float) -> None:
        """Counts one paid create against the rate of the key."""
        ...

    async def set_gate(self, gate: Gate | None) -> None:
        """Closes, moves or opens (None) the gate."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCard:
    """A card that may not show the truth, and its job as it now stands."""

    job: Job
    card: Card


class JobStore(Protocol):
    """Keeps jobs and cards. Every method is one transaction of its own."""

    def transaction(self) -> AbstractAsyncContextManager[JobTransaction]:
        """A write transaction; leaving it normally commits, an exception rolls back."""
        ...

    async def claim(
        self, states: Collection[JobState], *, owner: str, now: float, lease: float, limit: int
    ) -> Sequence[Job]:
        """Takes up to `limit` due jobs in these states whose lease is empty or expired.

        Args:
            states: The states to look in.
            owner: The worker's name, for the log.
            now: Epoch seconds.
            lease: Seconds the claim holds unless renewed.
            limit: The most to take; earliest due first, and first come first served among the queued.

        Returns:
            The jobs with their new fence.
        """
        ...

    async def release_claims(self) -> int:
        """Gives back every claim, for a start that knows that no other worker is alive; returns how many there were."""
        ...

    async def renew(self, job: Job, *, lease_until: float) -> bool:
        """Keeps a claim alive; False means it was lost."""
        ...

    async def save(self, job: Job, *, now: float, release: bool = True, card: bool = True) -> bool:
        """Writes the job if the fence still holds.

        Args:
            job: The job as it now stands, with the fence it was claimed with.
            now: Epoch seconds.
            release: Whether to give the claim back.
            card: Whether the change is visible on the card.

        Returns:
            Whether it was written; False means the claim was lost: stop.
        """
        ...

    async def next_due(self, states: Collection[JobState]) -> float | None:
        """When the next job in these states is claimable; None when nothing waits."""
        ...

    async def found(self, job_id: str, task: Task, *, now: float) -> bool:
        """An `uncertain` job's lost task turned up: go on as `rendering`; False if the job is not uncertain."""
        ...

    async def get(self, job_id: str) -> Job | None:
        """The job, if there is one."""
        ...

    async def traffic(self, *, since: float) -> Traffic:
        """As in `JobTransaction`, to look without writing."""
        ...

    async def take_queries(self, wanted: int, *, per_minute: int, now: float) -> int:
        """Reserves up to `wanted` questions to the provider out of the key's rate; returns how many were granted."""
        ...

    async def jobs_of(
        self, user_id: int, *, states: Collection[JobState] | None = None, limit: int = 25
    ) -> Sequence[Job]:
        """A person's jobs, newest first."""
        ...

    async def queue_position(self, job: Job) -> int:
        """1 for the next to be submitted; counts the queued and received jobs that came before."""
        ...

    async def count_open(self, guild_id: int | None = None) -> int:
        """Jobs under way, in one server or everywhere."""
        ...

    async def render_times(self, model: str, resolution: str, duration: int, *, limit: int) -> Sequence[float]:
        """Seconds from submit to finished of the newest jobs of this kind, newest first."""
        ...

    async def place_card(self, job_id: str, *, channel_id: int, message_id: int, now: float) -> None:
        """The card is on Discord: remember where."""
        ...

    async def claim_cards(self, *, now: float, hold: float, limit: int) -> Sequence[DueCard]:
        """Takes cards due to be shown, ended jobs first; they come back after `hold` seconds unless settled."""
        ...

    async def card_shown(self, card: Card, *, at: Posted, now: float, again_at: float) -> None:
        """The card showed `card.version`; it is due again at `again_at` only if the job changed meanwhile."""
        ...

    async def card_later(self, job_id: str, *, due_at: float) -> None:
        """The card could not be shown, or not yet; try again at the given time."""
        ...

    async def card_lost(self, job_id: str) -> None:
        """Somebody deleted the card, or its place: it is never tried again."""
        ...

    async def refresh_queue_cards(self, *, now: float) -> None:
        """Positions have moved: the cards of all queued jobs become due."""
        ...

    async def next_card_due(self) -> float | None:
        """When the next card is due; None when all show the truth."""
        ...

    async def recall(self, key: str) -> str | None:
        """A small fact kept between starts, such as the hash of the commands last synced."""
        ...

    async def remember(self, key: str, value: str) -> None:
        """Keeps a small fact."""
        ...


# --- the provider ------------------------------------------------------------------------------------------------


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

    async def create(self, request: VideoRequest) -> Task:
        """The paid call. It is made once and never repeated inside.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the catalog makes of a draft: the whole request, and its price."""

    request: VideoRequest
    price: Money


class Catalog(Protocol):
    """What can be made, and at what price."""

    def offer(self, draft: Draft) -> Offer:
        """Completes a draft: options left out follow those given.

        Raises:
            InvalidPrompt: The prompt is empty or too long for the model.
            NotOffered: Two options contradict one another, or no enabled model makes it.
        """
        ...

    def typical_seconds(self, request: VideoRequest) -> float:
        """How long such a video usually takes, until we have learned better."""
        ...


# --- files and people --------------------------------------------------------------------------------------------


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a card shows beside the job itself.

    Args:
        position: Place in the queue, 1 for the next; None when not queued.
        expected_end: When the video should be there; None when nobody can say.
    """

    position: int | None = None
    expected_end: float | None = None


class Courier(Protocol):
    """Posts to people."""

    async def show_card(self, job: Job, card: Card, standing: Standing) -> Posted:
        """Brings the card up to date: edits it, or posts it where there is none yet.

        Raises:
            DeliveryDelayed: Try again later.
            Undeliverable: It, or its place, is gone.
        """
        ...

    async def find_result(self, job: Job) -> Posted | None:
        """Looks where the result goes for a post of ours with this job's file name (or link).

        Raises:
            DeliveryDelayed: Try again later.
            Undeliverable: The place is gone or closed to us.
        """
        ...

    async def post_video(self, job: Job, path: Path) -> Posted:
        """Posts the finished video, once: the nonce is the job's id.

        Raises:
            DeliveryDelayed: It may or may not be there: look first next time.
            TooLarge: The place takes smaller files only.
            Undeliverable: The place is gone or closed to us.
        """
        ...

    async def post_link(self, job: Job) -> Posted:
        """Posts `job.link` where the file itself is too large. Raises as `post_video`."""
        ...

    async def alert_owners(self, gate: Gate) -> None:
        """Tells the operators, privately and once, that submitting is paused and why.

        Raises:
            DeliveryDelayed: Nobody could be told now.
        """
        ...
