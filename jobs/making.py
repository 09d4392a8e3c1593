"""How a job comes to be: held against the limits, written with its card, after another video or afresh.

Works inside the transaction of whoever asks; knows the rules, not how anything is shown or stored.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from .errors import NotYourJob, TooLate, UnknownJob
from .limits import Limits, hold_against, periods
from .model import Answer, Delivery, Derivation, Derived, Job, JobState, MediaSource, Origin
from .naming import new_job_id
from .ports import Catalog, Clock, JobTransaction, Offer
from .request import draft_of

CARD_GRACE: Final = 15.0
"""Seconds an acknowledgement may take to place the card, before the engine posts one in the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A way of asking for the same once more.

    Args:
        kind: Which.
        ends: How the first job must have ended.
        is_same: Whether a job that was made of it in this way counts as the answer to this press, too.
    """

    kind: Derived
    ends: Collection[JobState]
    is_same: Callable[[Job], bool]


class JobMaker:
    """Makes jobs.

    Args:
        catalog: What can be made.
        limits: The operator's limits.
        clock: The time.
        random: The source of job ids.
        new_key: The source of secret callback addresses.
    """

    def __init__(
        self, *, catalog: Catalog, limits: Limits, clock: Clock, random: Random, new_key: Callable[[], str]
    ) -> None:
        self._catalog = catalog
        self._limits = limits
        self._clock = clock
        self._random = random
        self._new_key = new_key

    async def make(
        self,
        tx: JobTransaction,
        offer: Offer,
        origin: Origin,
        *,
        derivation: Derivation | None = None,
        answer: Answer | None = None,
    ) -> Job:
        """A new job; where it edits another of the same person and still names its files, these are used again.

        Raises:
            UnknownJob: What is edited does not exist.
            NotYourJob: Somebody else asked for what is edited.
            LimitReached: A limit or a budget is used up.
        """
        source = None
        if derivation is not None and derivation.kind is Derived.EDIT and derivation.source_id is not None:
            source = owned(await tx.get(derivation.source_id), origin.user_id)
        job = await self._create(tx, offer, origin, derivation, answer)
        if source is not None and _same_files(offer.request.inputs, source.request.inputs):
            # Their links have expired by now; where the copies are gone too, the job will say so.
            await tx.copy_inputs(source.id, job.id)
        return job

    async def repeat(
        self, tx: JobTransaction, repeat: Repeat, job_id: str, origin: Origin, *, answer: Answer | None = None
    ) -> Job:
        """The same once more, priced anew; or the job that this interaction, or a press that counts as the same, has made.

        Raises:
            UnknownJob: There is no such job.
            NotYourJob: Somebody else asked for it.
            TooLate: It has not ended that way.
            NotOffered: It is no longer made.
            LimitReached: A limit or a budget is used up.
        """
        source = owned(await tx.get(job_id), origin.user_id)
        made = await tx.by_interaction(origin.interaction_id)
        if made is not None:
            return made
        if source.state not in repeat.ends:
            raise TooLate(source.state)
        made = await tx.derived_from(job_id, repeat.kind)
        if made is not None and repeat.is_same(made):
            return made
        offer = self._catalog.offer(draft_of(source.request))
        derivation = Derivation(kind=repeat.kind, source_id=job_id, chain=source.chain)
        job = await self._create(tx, offer, origin, derivation, answer)
        await tx.copy_inputs(job_id, job.id)
        return job

    async def _create(
        self,
        tx: JobTransaction,
        offer: Offer,
        origin: Origin,
        derivation: Derivation | None,
        answer: Answer | None,
    ) -> Job:
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
            delivery=home(origin),
            derivation=derivation,
            answer=answer,
            callback_key=self._new_key(),
        )
        await tx.insert(job, card_due_at=now + CARD_GRACE)
        return job


def _same_files(these: Sequence[MediaSource], those: Sequence[MediaSource]) -> bool:
    """Whether they are the same, whatever they are to the video: another model may know a subject as a reference."""
    return len(these) == len(those) and all(
        replace(this, role=that.role) == that for this, that in zip(these, those, strict=True)
    )


def owned(job: Job | None, user_id: int) -> Job:
    """The job, if it is this person's.

    Raises:
        UnknownJob: There is none.
        NotYourJob: Somebody else asked for it.
    """
    if job is None:
        raise UnknownJob
    if job.origin.user_id != user_id:
        raise NotYourJob
    return job


def home(origin: Origin) -> Delivery:
    """How a result gets to its place: into the channel, unless only one person may see it or we are no member."""
    if origin.private:
        return Delivery.DIRECT
    return Delivery.ANSWER if origin.guest else Delivery.CHANNEL
