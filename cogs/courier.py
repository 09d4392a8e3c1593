"""Posts to people: status cards, finished videos, and the operators' alert. Implements `jobs.ports.Courier`.

Works over REST alone, so the client need not be connected to the gateway, only logged in: by channel and message id, and by
the token of an interaction where nothing else gets there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Collection
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import discord
import structlog
from discord import ui

from jobs.errors import DeliveryDelayed, DeliveryError, Undeliverable
from jobs.model import DELETED, ENDS, Answer, Card, Delivery, Gate, Job, JobState, Posted
from jobs.ports import Clock, Standing
from locales import Texts

from .faults import UNKNOWN_MESSAGE, delivery
from .language import in_public, of_result
from .originals import Originals
from .recognise import carries_result_of, is_card_of, payload_carries_result_of
from .ui.alert import alert_text
from .ui.card import message_url, render_card
from .ui.result import alt_text, file_name, link_buttons, link_text, render_link, render_result
from .ui.text import quoted

log = structlog.get_logger(__name__)

LOOK_BACK: Final = 1000
"""Messages looked through from each end of the time in question: ten requests each. Seen from both, a post stays
findable unless as many came both between the video and its post, and since."""

NOTE_PROMPT_SHOWN: Final = 200
"""Characters of the prompt in a direct message that only points to the video."""

CLOCK_SLACK: Final = 120.0
"""Seconds our clock may differ from Discord's."""

_NOBODY: Final = discord.AllowedMentions.none()


class DiscordCourier:
    """Posts to people.

    Args:
        client: Logged in; it need not be connected to the gateway.
        texts: All languages.
        clock: The time.
        owner_ids: Who is told about operator faults; empty means whoever owns the application.
        operator_locale: The language of what they are told.
    """

    def __init__(
        self,
        client: discord.Client,
        texts: Texts,
        *,
        clock: Clock,
        owner_ids: Collection[int] = (),
        operator_locale: str = "en-US",
    ) -> None:
        self._client = client
        self._originals = Originals(client)
        self._texts = texts
        self._clock = clock
        self._owner_ids = tuple(owner_ids)
        self._operator_locale = operator_locale

    async def show_card(self, job: Job, card: Card, standing: Standing) -> Posted | None:
        """Brings the card up to date: edits it, adopts one that nobody recorded, or posts one.

        A card that only the interaction's token changes is left as it is once that has ended, or the result has taken its
        place. Whoever fetches a video sees there, too, how that stands.

        Returns:
            Where it is; None where a done job never had one: its result speaks for itself. None, too, where it can no longer
            be changed.

        Raises:
            DeliveryDelayed: Try again later.
            Undeliverable: It, or its place, is gone.
        """
        alone = job.origin.user_id if job.origin.private else None
        view = render_card(job, standing, in_public(job.origin, self._texts), reader=alone)
        if job.origin.private or job.origin.guest:
            return await self._show_in_answer(job, card, view)
        fetched_at = await self._show_where_fetched(job, standing)
        placed = _place(card)
        try:
            with delivery():
                if placed is not None:
                    return await self._edit(placed, view)
                return await self._adopt_or_post(self._client.get_partial_messageable(job.origin.channel_id), job, view)
        except Undeliverable:
            if fetched_at is None or job.state in ENDS:
                raise
            return placed or fetched_at  # not lost yet: its end is told where it is fetched

    async def find_result(self, job: Job) -> Posted | None:
        """Looks where the result goes for a post of ours with this job's file name, or link.

        Raises:
            DeliveryDelayed: Try again later.
            Undeliverable: The place is gone or closed to us.
        """
        if job.delivery is Delivery.ANSWER:
            found = await self._originals.find_result(
                _answer(job), lambda payload: payload_carries_result_of(payload, job.id), now=self._clock.now()
            )
            return found.posted if found else None
        with delivery():
            channel = await self._destination(job)
            async for message in self._ours(channel, job, since=job.rendered_at):
                if carries_result_of(message, job.id):
                    return Posted(channel_id=message.channel.id, message_id=message.id)
        return None

    async def post_video(self, job: Job, path: Path) -> Posted:
        """Posts the finished video, once: the nonce is the job's id. An answer it replaces, which has no nonce.

        Raises:
            DeliveryDelayed: It may or may not be there: look first next time.
            TooLarge: The place takes smaller files only.
            Undeliverable: The place is gone or closed to us.
        """
        t = of_result(job, self._texts)
        file = discord.File(path, filename=file_name(job), description=alt_text(job, t), spoiler=job.veiled)
        with delivery(), closing(file) as video:
            view = render_result(job, video, t, now=self._clock.now())
            if job.delivery is Delivery.ANSWER:
                return await self._replace(job, view, video)
            channel = await self._destination(job)
            return await self._once(
                job, channel.send(view=view, file=video, nonce=job.id, allowed_mentions=_requester(job))
            )

    async def post_link(self, job: Job) -> Posted:
        """Posts `job.link` where the file itself is too large. Raises as `post_video`."""
        t = of_result(job, self._texts)
        if job.delivery is Delivery.ANSWER:
            return await self._replace(job, render_link(job, t))
        with delivery():
            channel = await self._destination(job)
            text, buttons = link_text(job, t), link_buttons(job, t)
            return await self._once(
                job, channel.send(text, view=buttons, nonce=job.id, allowed_mentions=_requester(job))
            )

    async def note_requester(self, job: Job, posted: Posted) -> None:
        """Tells the requester, directly and once, that the video is in the channel.

        Raises:
            DeliveryDelayed: It may or may not have arrived.
            Undeliverable: They take no direct messages from us.
        """
        t = self._texts.for_locale(job.origin.locale)
        url = message_url(job.origin.guild_id, posted)
        text = f"{t('note.direct', url=url)}\n{quoted(job.request.prompt, NOTE_PROMPT_SHOWN)}"
        with delivery():
            channel = await self._client.create_dm(discord.Object(job.origin.user_id))
            # The nonce makes a second try after a lost answer harmless.
            await channel.send(text, nonce=f"n{job.id}", allowed_mentions=_NOBODY)

    async def alert_owners(self, gate: Gate) -> None:
        """Tells the operators, privately, that submitting is paused and why.

        Raises:
            DeliveryDelayed: Nobody could be told now.
        """
        t = self._texts.for_locale(self._operator_locale)
        with delivery():
            owners = self._owner_ids or await self._application_owners()
        told = 0
        for owner in owners:
            try:
                with delivery():
                    channel = await self._client.create_dm(discord.Object(owner))
                    # The nonce makes a second try after a lost answer harmless.
                    await channel.send(alert_text(gate, t), nonce=f"a{int(gate.since)}", allowed_mentions=_NOBODY)
            except (DeliveryDelayed, Undeliverable) as error:
                log.warning("owner not told", owner=owner, reason=gate.reason, error=str(error))
            else:
                told += 1
        if not told:
            raise DeliveryDelayed(f"none of {len(owners)} owners could be told")

    async def _show_in_answer(self, job: Job, card: Card, view: ui.LayoutView) -> Posted | None:
        """The card is the answer to the interaction; where that never arrived, a direct message, never one in the channel."""
        placed = _place(card)
        if job.delivery is Delivery.ANSWER and job.state is JobState.DONE:
            return None
        if job.delivery is Delivery.ANSWER and job.post_attempted:
            return placed  # the result may be there already
        in_channel = placed is not None and placed.channel_id == job.origin.channel_id
        answer = self._open_answer(job)
        if answer is not None:
            try:
                shown = await self._originals.show_card(answer, view)
            except Undeliverable:
                if in_channel:
                    raise
            else:
                return shown.posted if shown else placed
        if in_channel:
            return None
        with delivery():
            if placed is not None:
                return await self._edit(placed, view)
            channel = await self._client.create_dm(discord.Object(job.origin.user_id))
            return await self._adopt_or_post(channel, job, view)

    async def _show_where_fetched(self, job: Job, standing: Standing) -> Posted | None:
        """The card of a video that everybody was to see, for whoever fetches it where they read alone.

        Returns:
            Where that is; None where it is not fetched so, can no longer be told of, or may hold the video already.
        """
        answer = self._open_answer(job)
        if answer is None or (job.delivery is Delivery.ANSWER and (job.post_attempted or job.state is JobState.DONE)):
            return None
        t = self._texts.for_locale(job.origin.locale)
        try:
            shown = await self._originals.show_card(answer, render_card(job, standing, t, reader=job.origin.user_id))
        except Undeliverable as error:
            log.info("not told where it is fetched", job=job.id, status=error.status, code=error.code)
            return None
        return shown.posted if shown else None

    def _open_answer(self, job: Job) -> Answer | None:
        """The answer that the job's card, or result, may still change."""
        return job.answer if job.answer is not None and self._clock.now() < job.answer.expires_at else None

    async def _adopt_or_post(self, channel: discord.abc.Messageable, job: Job, view: ui.LayoutView) -> Posted | None:
        # The acknowledgement, or this very post, may have arrived although its answer never reached us.
        async for message in self._ours(channel, job, since=None):
            if is_card_of(message, job.id):
                return await self._edit(Posted(channel_id=message.channel.id, message_id=message.id), view)
        if job.state is JobState.DONE:
            return None
        message = await channel.send(view=view, nonce=f"c{job.id}", allowed_mentions=_NOBODY)
        return Posted(channel_id=message.channel.id, message_id=message.id)

    async def _replace(self, job: Job, view: ui.LayoutView, file: discord.File | None = None) -> Posted:
        """Puts the result in place of the answer, and says so to the requester where others read along."""
        answer = _answer(job)
        original = await self._originals.put_result(answer, view, file, now=self._clock.now())
        if not original.alone:
            user_id = job.origin.user_id
            text = of_result(job, self._texts)("result.ready", user=f"<@{user_id}>")
            try:
                await self._originals.ping(answer, text, user_id=user_id)
            except DeliveryError as error:
                log.info("requester not pinged", job=job.id, status=error.status, error=str(error))
        return original.posted

    async def _destination(self, job: Job) -> discord.abc.Messageable:
        if job.delivery is Delivery.DIRECT:
            return await self._client.create_dm(discord.Object(job.origin.user_id))
        return self._client.get_partial_messageable(job.origin.channel_id)

    async def _edit(self, at: Posted, view: ui.LayoutView) -> Posted:
        message = self._client.get_partial_messageable(at.channel_id).get_partial_message(at.message_id)
        await message.edit(view=view, allowed_mentions=_NOBODY)
        return at

    @staticmethod
    async def _once(job: Job, sending: Awaitable[discord.Message]) -> Posted:
        try:
            message = await sending
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            # Discord knows the nonce but no longer the message: it was posted, and somebody deleted it.
            log.info("result was posted and deleted", job=job.id)
            return Posted(channel_id=job.origin.channel_id, message_id=DELETED)
        return Posted(channel_id=message.channel.id, message_id=message.id)

    async def _ours(
        self, channel: discord.abc.Messageable, job: Job, *, since: float | None
    ) -> AsyncIterator[discord.Message]:
        """Our own messages in this place since the job was asked for, newest first, out of the last `LOOK_BACK` of all.

        Where the place is so busy that these do not reach back far enough, as many again from `since` on.
        The interaction's own id dates the asking by Discord's clock, not ours.
        """
        me = self._client.user
        asked = discord.Object(job.origin.interaction_id)
        seen = 0
        async for message in channel.history(limit=LOOK_BACK, after=asked, oldest_first=False):
            seen += 1
            if me is not None and message.author.id == me.id:
                yield message
        if since is None or seen < LOOK_BACK:
            return
        earliest = discord.Object(
            max(asked.id, discord.utils.time_snowflake(datetime.fromtimestamp(since - CLOCK_SLACK, UTC)))
        )
        async for message in channel.history(limit=LOOK_BACK, after=earliest, oldest_first=True):
            if me is not None and message.author.id == me.id:
                yield message

    async def _application_owners(self) -> tuple[int, ...]:
        application = await self._client.application_info()
        if application.team is not None:
            return tuple(member.id for member in application.team.members)
        return (application.owner.id,)


def _place(card: Card) -> Posted | None:
    if card.channel_id is None or card.message_id is None:
        return None
    return Posted(channel_id=card.channel_id, message_id=card.message_id)


def _answer(job: Job) -> Answer:
    if job.answer is None:
        raise Undeliverable("there is no answer to be changed")
    return job.answer


def _requester(job: Job) -> discord.AllowedMentions:
    """Only whoever asked is pinged, whatever the prompt says."""
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(job.origin.user_id)]
    )
