"""What people can do with videos; each action is one transaction.

Knows the rules (who may, how much, in which state), not how anything is shown or stored.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from .errors import Reason, TooLate, UnknownJob
from .limits import Limits
from .making import JobMaker, Repeat, home, owned
from .model import (
    CANCELLABLE,
    DELETED,
    ENDS,
    OPEN,
    Answer,
    Api,
    Charge,
    Delivery,
    Derivation,
    Derived,
    Draft,
    Job,
    JobState,
    Origin,
    Posted,
)
from .ports import Catalog, Clock, JobStore, Offer, Standing
from .prompt import clean_prompt
from .standing import standing

RETRYABLE: Final = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.UNCERTAIN})
"""The ends that offer *Try again*."""

DOUBLE_PRESS: Final = 5.0
"""Seconds within which pressing *Again* a second time is taken for a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What `/video queue` shows.

    Args:
        own: The person's jobs under way, oldest first, each with its standing.
        guild_open: Jobs under way in this server; 0 in direct messages.
        total_open: Jobs under way everywhere.
    """

    own: tuple[tuple[Job, Standing], ...]
    guild_open: int
    total_open: int


class JobService:
    """The actions, over the ports.

    Args:
        store: Where jobs are kept.
        catalog: What can be made.
        limits: The operator's limits.
        clock: The time.
        random: The source of job ids.
        new_key: The source of secret callback addresses.
        wake: Called after a commit that leaves something due.
    """

    def __init__(
        self,
        *,
        store: JobStore,
        catalog: Catalog,
        limits: Limits,
        clock: Clock,
        random: Random,
        wake: Callable[[], None],
        new_key: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._wake = wake
        self._maker = JobMaker(catalog=catalog, limits=limits, clock=clock, random=random, new_key=new_key)

    def preview(self, draft: Draft) -> Offer:
        """What the draft comes to, and its price; nothing is written.

        Raises:
            InvalidPrompt: The prompt is empty or too long.
            NotOffered: Nothing enabled makes it.
        """
        return self._catalog.offer(replace(draft, prompt=clean_prompt(draft.prompt)))

    async def submit(
        self, draft: Draft, origin: Origin, *, derivation: Derivation | None = None, answer: Answer | None = None
    ) -> Job:
        """Takes a video on: when this returns, it can no longer be lost.

        The same interaction delivered twice gives the same job.

        Args:
            draft: What is wished for.
            origin: Who asks, and where.
            derivation: The video it comes from, where there is one. What is edited must be one's own; its files are used
                again where the draft still names them.
            answer: The right to change the interaction's answer, where nothing else reaches the place or the person.

        Raises:
            InvalidPrompt: The prompt is empty or too long.
            NotOffered: Nothing enabled makes it.
            UnknownJob: What is edited does not exist.
            NotYourJob: Somebody else asked for what is edited.
            LimitReached: A limit or a budget is used up.
        """
        offer = self.preview(draft)
        async with self._store.transaction(urgent=True) as tx:
            known = await tx.by_interaction(origin.interaction_id)
            job = known or await self._maker.make(tx, offer, origin, derivation=derivation, answer=answer)
        self._wake()
        return job

    async def retry(self, job_id: str, origin: Origin, *, answer: Answer | None = None) -> Job:
        """*Try again*: a new job with the same request, priced anew. Pressed twice, it makes one job.

        Args:
            job_id: The job that failed, was cancelled or is uncertain.
            origin: Who pressed, and where; only the requester may.
            answer: As in `submit`.

        Returns:
            The new job, or the one that an earlier press made and that is still under way.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It did not end that way.
            NotOffered: It is no longer made.
            LimitReached: A limit or a budget is used up.
        """

        def is_same(made: Job) -> bool:
            return made.state in OPEN

        repeat = Repeat(kind=Derived.RETRY, ends=RETRYABLE, is_same=is_same)
        return await self._repeat(repeat, job_id, origin, answer)

    async def again(self, job_id: str, origin: Origin, *, answer: Answer | None = None) -> Job:
        """*Again*: one more video of the same request, priced anew. A double press makes one job.

        Arguments, return value and errors as in `retry`; here the job may have ended in any way.
        """
        pressed_at = self._clock.now()

        def is_same(made: Job) -> bool:
            # Either way: pressed at once, the other one's job may have been made after this press.
            return abs(made.created_at - pressed_at) < DOUBLE_PRESS

        return await self._repeat(Repeat(kind=Derived.AGAIN, ends=ENDS, is_same=is_same), job_id, origin, answer)

    async def cancel(self, job_id: str, *, user_id: int) -> Job:
        """Takes a job back before anything is paid, or asks the provider to, where it can (V2, while it has not begun).

        Returns:
            The job: cancelled, or with `cancel_asked` while the provider is being asked.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It was submitted, or has ended.
        """
        async with self._store.transaction(urgent=True) as tx:
            job = owned(await tx.get(job_id), user_id)
            if job.state is JobState.CANCELLED:
                return job
            now = self._clock.now()
            if job.state in CANCELLABLE:
                changed = job.to(JobState.CANCELLED, now=now, charge=Charge.RELEASED)
            elif job.state is JobState.RENDERING and job.api is Api.V2:
                changed = job.later(now, cancel_asked=True)
            else:
                raise TooLate(job.state)
            # Seized, not saved: a worker that is just about to submit it must lose its claim.
            await tx.seize(changed, now=now)
        self._wake()
        return changed

    async def pushed(self, key: str, *, task_id: str | None, ended: bool) -> bool:
        """The provider pushed to the address with this key: only a hint to ask, whatever it says.

        Args:
            key: The secret part of the address.
            task_id: The task it named; None where it named none.
            ended: Whether it said that the task has ended, well or not.

        Returns:
            Whether the address is one of ours.
        """
        now = self._clock.now()
        job = await self._store.pushed(key, task_id=task_id, wake=ended, now=now)
        if job is not None:
            # Even where it is due a moment later only: the engine sleeps until what it knew before.
            self._wake()
        return job is not None

    async def expects_pushes(self, key: str) -> bool:
        """Whether the address with this key is one of ours; changes nothing."""
        return await self._store.has_callback(key)

    async def own(self, job_id: str, *, user_id: int) -> Job:
        """A job of this person's.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
        """
        return owned(await self._store.get(job_id), user_id)

    async def removable(self, job_id: str, *, user_id: int, moderator: bool) -> Job:
        """The job whose result this person may delete; changes nothing.

        Args:
            job_id: The job.
            user_id: Who wants to.
            moderator: Whether they may delete anybody's messages where it was posted.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it, and this person is no moderator.
        """
        job = await self._store.get(job_id)
        if job is None:
            raise UnknownJob(job_id)
        return job if moderator else owned(job, user_id)

    async def removed(self, job_id: str) -> Job:
        """The result's message was deleted: its card says so, and nothing links to it any more. Harmless if repeated.

        Raises:
            UnknownJob: There is no such job.
        """
        async with self._store.transaction(urgent=True) as tx:
            job = await tx.get(job_id)
            if job is None:
                raise UnknownJob(job_id)
            if job.posted is None or job.posted.deleted:
                return job
            job = replace(job, posted=replace(job.posted, message_id=DELETED))
            await tx.save(job, now=self._clock.now())
        self._wake()
        return job

    async def fetch(self, job_id: str, *, user_id: int, answer: Answer | None = None) -> Job:
        """Sends an undelivered video out again.

        Args:
            job_id: The job.
            user_id: Who asks for it; only the requester may.
            answer: The right to put it in place of what was pressed; without it, it goes where it was to go at first.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It is not undelivered.
        """
        async with self._store.transaction(urgent=True) as tx:
            job = owned(await tx.get(job_id), user_id)
            if job.state is not JobState.UNDELIVERED:
                raise TooLate(job.state)
            now = self._clock.now()
            way = home(job.origin) if answer is None else Delivery.ANSWER
            # Where it goes now nothing of ours can be, or the person has been told to look for it there and did.
            doubted = job.failure is not None and job.failure.reason is Reason.ANSWER_UNSEEN
            attempted = job.post_attempted and answer is None and not doubted
            going = job.to(
                JobState.FETCHING, now=now, delivery=way, answer=answer, post_attempted=attempted, failure=None
            )
            await tx.seize(going, now=now)
            if answer is not None:
                # Where it was pressed it is to be seen how it ends, and a card that was lost can be changed there.
                await tx.renew_card(job_id, now=now)
        self._wake()
        return going

    async def show(self, job_id: str, *, user_id: int, guild_id: int | None) -> tuple[Job, Standing]:
        """One job: one's own, or one asked for in the same server and not privately.

        Raises:
            UnknownJob: There is none, or it is none of their business.
        """
        job = await self._store.get(job_id)
        if job is None:
            raise UnknownJob(job_id)
        among_us = guild_id is not None and job.origin.guild_id == guild_id and not job.origin.private
        if job.origin.user_id != user_id and not among_us:
            raise UnknownJob(job_id)
        return job, await self.standing(job)

    async def queue(self, *, user_id: int, guild_id: int | None) -> QueueView:
        """One's own jobs under way, and how busy it is."""
        own = await self._store.jobs_of(user_id, states=OPEN)
        return QueueView(
            own=tuple([(job, await self.standing(job)) for job in reversed(own)]),
            guild_open=0 if guild_id is None else await self._store.count_open(guild_id),
            total_open=await self._store.count_open(),
        )

    async def recent(self, *, user_id: int, limit: int = 25) -> Sequence[Job]:
        """A person's jobs, newest first."""
        return await self._store.jobs_of(user_id, limit=limit)

    async def card_placed(self, job_id: str, posted: Posted) -> None:
        """The answer to the command is the job's card: from now on the engine keeps it true."""
        await self._store.place_card(
            job_id, channel_id=posted.channel_id, message_id=posted.message_id, now=self._clock.now()
        )
        self._wake()

    async def card_overwritten(self, job_id: str) -> None:
        """Somebody else has shown the job on its card: perhaps as it was before what the engine has shown there meanwhile."""
        async with self._store.transaction() as tx:
            await tx.renew_card(job_id, now=self._clock.now())
        self._wake()

    async def standing(self, job: Job) -> Standing:
        """What a card shows beside the job: its place in the queue and when to expect the video."""
        return await standing(job, store=self._store, catalog=self._catalog, now=self._clock.now())

    async def _repeat(self, repeat: Repeat, job_id: str, origin: Origin, answer: Answer | None) -> Job:
        async with self._store.transaction(urgent=True) as tx:
            job = await self._maker.repeat(tx, repeat, job_id, origin, answer=answer)
        self._wake()
        return job
