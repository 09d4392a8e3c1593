"""What people can do with videos; each action is one transaction.

Knows the rules (who may, how much, in which state), not how anything is shown or stored.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from .errors import NotYourJob, TooLate, UnknownJob
from .limits import Limits, hold_against, periods
from .model import CANCELLABLE, OPEN, Api, Charge, Draft, Job, JobState, Origin, Posted, VideoRequest
from .ports import Catalog, Clock, JobStore, JobTransaction, Offer, Standing
from .prompt import clean_prompt
from .standing import standing

CARD_GRACE: Final = 15.0
"""Seconds an acknowledgement may take to place the card, before the engine posts one in the channel."""

RETRYABLE: Final = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.UNCERTAIN})
"""The ends that offer *Try again*."""

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def new_job_id(now: float, random: Random) -> str:
    """A job's name: 16 characters, sortable by time, safe in a file name, a custom id and a nonce.

    Args:
        now: Epoch seconds.
        random: The source of its last seven characters (35 bits within a millisecond).
    """
    number = int(now * 1000) << 35 | random.getrandbits(35)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))


def draft_of(request: VideoRequest) -> Draft:
    """What somebody would have to ask for to get this very request again."""
    return Draft(
        prompt=request.prompt,
        model=request.model,
        resolution=request.resolution,
        duration=request.duration,
        ratio=request.ratio,
        camera=request.camera,
        enhance=request.prompt_optimizer,
        inputs=request.inputs,
    )


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
        self._limits = limits
        self._clock = clock
        self._random = random
        self._wake = wake
        self._new_key = new_key

    def preview(self, draft: Draft) -> Offer:
        """What the draft comes to, and its price; nothing is written.

        Raises:
            InvalidPrompt: The prompt is empty or too long.
            NotOffered: Nothing enabled makes it.
        """
        return self._catalog.offer(replace(draft, prompt=clean_prompt(draft.prompt)))

    async def submit(self, draft: Draft, origin: Origin) -> Job:
        """Takes a video on: when this returns, it can no longer be lost.

        The same interaction delivered twice gives the same job.

        Raises:
            InvalidPrompt: The prompt is empty or too long.
            NotOffered: Nothing enabled makes it.
            LimitReached: A limit or a budget is used up.
        """
        offer = self.preview(draft)
        async with self._store.transaction() as tx:
            known = await tx.by_interaction(origin.interaction_id)
            job = known or await self._create(tx, offer, origin)
        self._wake()
        return job

    async def retry(self, job_id: str, origin: Origin) -> Job:
        """*Try again*: a new job with the same request, priced anew. Pressed twice, it makes one job.

        Args:
            job_id: The job that failed, was cancelled or is uncertain.
            origin: Who pressed, and where; only the requester may.

        Returns:
            The new job, or the one that an earlier press made and that is still under way.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It did not end that way.
            NotOffered: It is no longer made.
            LimitReached: A limit or a budget is used up.
        """
        async with self._store.transaction() as tx:
            source = self._owned(await tx.get(job_id), origin.user_id)
            if source.state not in RETRYABLE:
                raise TooLate(source.state)
            made = await tx.by_interaction(origin.interaction_id) or await tx.retry_of(job_id)
            if made is not None and (made.state in OPEN or made.origin.interaction_id == origin.interaction_id):
                return made
            offer = self._catalog.offer(draft_of(source.request))
            job = await self._create(tx, offer, origin, source_id=job_id)
            # Their links have expired by now; where the copies are gone too, the job will say so.
            await tx.copy_inputs(job_id, job.id)
        self._wake()
        return job

    async def cancel(self, job_id: str, *, user_id: int) -> Job:
        """Takes a job back before anything is paid, or asks the provider to, where it can (V2, while it has not begun).

        Returns:
            The job: cancelled, or with `cancel_asked` while the provider is being asked.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It was submitted, or has ended.
        """
        async with self._store.transaction() as tx:
            job = self._owned(await tx.get(job_id), user_id)
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

    async def fetch(self, job_id: str, *, user_id: int) -> Job:
        """Sends an undelivered video out again.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It is not undelivered.
        """
        async with self._store.transaction() as tx:
            job = self._owned(await tx.get(job_id), user_id)
            if job.state is not JobState.UNDELIVERED:
                raise TooLate(job.state)
            now = self._clock.now()
            going = job.to(JobState.FETCHING, now=now)
            await tx.seize(going, now=now)
        self._wake()
        return going

    async def show(self, job_id: str, *, user_id: int, guild_id: int | None) -> tuple[Job, Standing]:
        """One job: one's own, or one asked for in the same server.

        Raises:
            UnknownJob: There is none, or it is none of their business.
        """
        job = await self._store.get(job_id)
        if job is None or not (
            job.origin.user_id == user_id or (guild_id is not None and job.origin.guild_id == guild_id)
        ):
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

    async def standing(self, job: Job) -> Standing:
        """What a card shows beside the job: its place in the queue and when to expect the video."""
        return await standing(job, store=self._store, catalog=self._catalog)

    async def _create(self, tx: JobTransaction, offer: Offer, origin: Origin, *, source_id: str | None = None) -> Job:
        now = self._clock.now()
        period = periods(now, self._limits.timezone)
        usage = await tx.usage(
            user_id=origin.user_id,
            guild_id=origin.guild_id,
            day_from=period.day_from,
            month_from=period.month_from,
            currency=offer.price.currency,
        )
        hold_against(self._limits, usage, offer.price, period, in_guild=origin.guild_id is not None)
        job = Job(
            id=new_job_id(now, self._random),
            request=offer.request,
            origin=origin,
            price=offer.price,
            created_at=now,
            state_since=now,
            due_at=now,
            upload_limit=origin.upload_limit,
            source_id=source_id,
            callback_key=self._new_key(),
        )
        await tx.insert(job, card_due_at=now + CARD_GRACE)
        return job

    @staticmethod
    def _owned(job: Job | None, user_id: int) -> Job:
        if job is None:
            raise UnknownJob
        if job.origin.user_id != user_id:
            raise NotYourJob
        return job
