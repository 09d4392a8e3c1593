"""Where jobs and cards are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from jobs.model import (
    Card,
    Derived,
    Gate,
    InputFile,
    Job,
    JobState,
    Posted,
    Task,
    VideoRequest,
)


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

    async def derived_from(self, job_id: str, kind: Derived) -> Job | None:
        """The newest job that came from the given one in this way, if there is one."""
        ...

    async def copy_inputs(self, from_job: str, to_job: str) -> int:
        """Gives a job the files of another; returns how many there were."""
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

    async def renew_card(self, job_id: str, *, now: float) -> None:
        """The job's card is shown anew at once, even one that was lost: there is a new way to it, or somebody wrote over it."""
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

    def transaction(self, *, urgent: bool = False) -> AbstractAsyncContextManager[JobTransaction]:
        """A write transaction; leaving it normally commits, an exception rolls back.

        Args:
            urgent: Whether a person waits for it: it may then go before what nobody waits for.
        """
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
            limit: The most to take; earliest due first, and among the queued whoever's turn it is: servers take turns,
                within a server its people do, and each person's jobs go in the order of asking.

        Returns:
            The jobs with their new fence, in no order that matters.
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

    async def put_inputs(self, job_id: str, files: Sequence[InputFile]) -> None:
        """Keeps the files a job is made from, in order, instead of any kept before."""
        ...

    async def inputs_of(self, job_id: str) -> Sequence[InputFile]:
        """The files a job is made from, in order; empty if none are kept (any more)."""
        ...

    async def drop_inputs(self, *, ended_before: float) -> int:
        """Forgets the files of jobs that ended before the given time; returns how many files there were."""
        ...

    async def known_tasks(self, task_ids: Collection[str]) -> frozenset[str]:
        """Which of the provider's task ids belong to jobs of ours."""
        ...

    async def next_due(self) -> Mapping[JobState, float]:
        """When the next job in each state is claimable; states in which nothing waits are left out."""
        ...

    async def found(self, job_id: str, task: Task, *, now: float) -> bool:
        """A lost task turned up: its job goes on as `rendering`, whoever holds it.

        Returns:
            False if the job is not `uncertain`, nor still `submitting` while somebody finds out that it will be.
        """
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

    async def queue_position(self, job_id: str) -> int | None:
        """1 for the next to be submitted, in the order of `claim`; None if it does not wait (any more)."""
        ...

    async def count_open(self, guild_id: int | None = None) -> int:
        """Jobs under way, in one server or everywhere."""
        ...

    async def render_times(
        self, model: str, resolution: str, duration: int, *, limit: int
    ) -> Sequence[tuple[float, float]]:
        """How long the newest jobs of this kind took to render, newest first.

        Returns:
            For each, two bounds in seconds since its submit: it was not finished at the first, and was at the second.
        """
        ...

    async def pushed(self, key: str, *, task_id: str | None, wake: bool, now: float) -> Job | None:
        """The provider pushed to the address with this key.

        A task id is kept as a hint while the job may have a task that nobody has named; the newest hint counts. A push
        about another task than the job's own changes nothing.

        Args:
            key: The secret part of the address.
            task_id: The task the push named; None where it named none.
            wake: Whether the job becomes due now if it is rendering; an uncertain one always does.
            now: Epoch seconds.

        Returns:
            The job as it then stands; None if the key is nobody's.
        """
        ...

    async def has_callback(self, key: str) -> bool:
        """Whether a job of ours has this key."""
        ...

    async def in_doubt(self, request: VideoRequest, *, since: float) -> int:
        """Jobs of this model, size and length whose create has no answer: submitting or uncertain, sent since then."""
        ...

    async def place_card(self, job_id: str, *, channel_id: int, message_id: int, now: float) -> None:
        """The card is on Discord: remember where."""
        ...

    async def claim_cards(self, *, now: float, hold: float, limit: int) -> Sequence[DueCard]:
        """Takes cards due to be shown, ended jobs first; they come back after `hold` seconds unless settled."""
        ...

    async def card_shown(
        self,
        card: Card,
        *,
        at: Posted,
        now: float,
        again_at: float,
        place: int | None = None,
        tick_at: float | None = None,
    ) -> None:
        """The card was shown.

        Args:
            card: Its job and the version that it showed.
            at: Where it is.
            now: Epoch seconds.
            again_at: When it is due again, if the job changed meanwhile.
            place: The place in the queue that it showed; None if it showed none.
            tick_at: When its estimate has moved on, to be shown after all other cards; None if it shows none.
        """
        ...

    async def card_later(self, card: Card, *, due_at: float) -> None:
        """The card could not be shown, or not yet; try again then, or at once if the job has changed meanwhile."""
        ...

    async def card_lost(self, job_id: str) -> None:
        """Somebody deleted the card, or its place: it is not tried again unless it is renewed."""
        ...

    async def refresh_queue_cards(self, *, now: float, shown: int) -> None:
        """The queue has moved: cards that show another place than their job's become due.

        Args:
            now: Epoch seconds.
            shown: The last place that is shown as a number; cards of later ones show none and need no refreshing.
        """
        ...

    async def next_card_due(self) -> float | None:
        """When the next card is due; None when all show the truth."""
        ...

    async def note_time(self, now: float, *, lease: float, hold: float, grace: float) -> float:
        """Notes what time it is; what a clock that was ahead of this one has put off no longer waits for that time.

        All waiting is until a time of the wall clock, so setting that back would prolong it. Once for each step back, then:
        waiting jobs and cards are due now, the gate may be tried, claims hold no longer than if made now, and calls to the
        provider count as made earlier by so much. Nobody loses a claim who renews it.

        Args:
            now: Epoch seconds.
            lease: Seconds a claim holds. Clocks that differ by less are those of several machines: nothing is changed.
            hold: Seconds a card is held.
            grace: Seconds left to whoever is about to place a card.

        Returns:
            Seconds by which this clock was found to be behind the latest time noted; 0 where nothing was changed.
        """
        ...

    async def recall(self, key: str) -> str | None:
        """A small fact kept between starts, such as the hash of the commands last synced."""
        ...

    async def remember(self, key: str, value: str) -> None:
        """Keeps a small fact."""
        ...
