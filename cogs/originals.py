"""Answers to interactions, changed by their token for as long as it lives: where we are no member, or one person reads.

Knows discord.py and what an `Answer` is; which answer belongs to what, the courier knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from weakref import WeakValueDictionary

import discord
from discord import ui
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from jobs.errors import TooLarge, Undeliverable
from jobs.model import Answer, Posted

from .faults import delivery

Payload = Mapping[str, Any]
"""Discord's own description of a message (Discord docs, Message object)."""

_NOBODY: Final = discord.AllowedMentions.none()
_EPHEMERAL: Final = discord.MessageFlags(ephemeral=True).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The message that an interaction was answered with, or on which a button was pressed.

    Args:
        posted: Where it is.
        alone: Whether only one person sees it; sometimes Discord decides so by itself.
    """

    posted: Posted
    alone: bool

    @classmethod
    def of(cls, payload: Payload) -> Self:
        """The message that Discord describes."""
        return cls(
            posted=Posted(channel_id=int(payload["channel_id"]), message_id=int(payload["id"])),
            alone=bool(payload.get("flags", 0) & _EPHEMERAL),
        )


class Originals:
    """Answers are cards first, then results, and never cards again.

    A slow card could land after the result and hide it. So the changes to one answer are made one after the other, and once a
    result is, or may be, there, no card follows it.

    Args:
        client: Logged in.
    """

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._taken: dict[str, float] = {}  # the tokens of answers with a result, and when they end

    async def show_card(self, answer: Answer, view: ui.LayoutView) -> Original | None:
        """Makes the answer a card.

        Returns:
            None where it holds a result, and was left alone.

        Raises:
            DeliveryDelayed: Try again later.
            Undeliverable: There is no such answer, or its time is over.
        """
        async with self._turn(answer):
            return None if answer.token in self._taken else await self._edit(answer, view)

    async def put_result(
        self, answer: Answer, view: ui.LayoutView, file: discord.File | None = None, *, now: float
    ) -> Original:
        """Makes the answer a result; doing so twice leaves one.

        Args:
            answer: Which answer.
            view: How it looks.
            file: What the view shows.
            now: Epoch seconds.

        Raises:
            DeliveryDelayed: It may or may not be there.
            TooLarge: The place takes smaller files only.
            Undeliverable: There is no such answer, or its time is over.
        """
        async with self._turn(answer):
            self._take(answer, now=now)
            try:
                return await self._edit(answer, view, file)
            except (TooLarge, Undeliverable):
                del self._taken[answer.token]
                raise

    async def find_result(self, answer: Answer, holds_it: Callable[[Payload], bool], *, now: float) -> Original | None:
        """Looks whether the answer is a result already.

        Args:
            answer: Which answer.
            holds_it: Tells by the message.
            now: Epoch seconds.

        Raises:
            DeliveryDelayed: Try again later.
            Undeliverable: There is no such answer, or its time is over.
        """
        async with self._turn(answer):
            webhook = self._webhook(answer)
            with delivery():
                payload = await async_context.get().get_original_interaction_response(
                    webhook.id, answer.token, **_route(webhook)
                )
            if not holds_it(payload):
                return None
            self._take(answer, now=now)
            return Original.of(payload)

    async def ping(self, answer: Answer, text: str, *, user_id: int) -> None:
        """Says something below the answer and pings one person, for a changed message pings nobody.

        Nothing makes a second try harmless (Discord docs, Execute Webhook, knows no nonce).

        Raises:
            DeliveryDelayed: It may or may not be there.
            Undeliverable: There is no such answer, or its time is over.
        """
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=[discord.Object(user_id)])
        with delivery():
            await self._webhook(answer).send(text, allowed_mentions=mentions)

    async def _edit(self, answer: Answer, view: ui.LayoutView, file: discord.File | None = None) -> Original:
        webhook = self._webhook(answer)
        files = [] if file is None else [file]
        with (
            delivery(),
            handle_message_parameters(view=view, attachments=files, allowed_mentions=_NOBODY) as parameters,
        ):
            payload = await async_context.get().edit_original_interaction_response(
                webhook.id,
                answer.token,
                payload=parameters.payload,
                multipart=parameters.multipart,
                files=parameters.files,
                **_route(webhook),
            )
        return Original.of(payload)

    def _webhook(self, answer: Answer) -> discord.Webhook:
        if self._client.application_id is None:
            raise RuntimeError("logging in tells the application's id")
        webhook = discord.Webhook.partial(self._client.application_id, answer.token, client=self._client)
        webhook.proxy, webhook.proxy_auth = self._client.http.proxy, self._client.http.proxy_auth
        return webhook

    def _turn(self, answer: Answer) -> asyncio.Lock:
        return self._turns.setdefault(answer.token, asyncio.Lock())

    def _take(self, answer: Answer, *, now: float) -> None:
        self._taken = {token: end for token, end in self._taken.items() if end > now} | {
            answer.token: answer.expires_at
        }


def _route(webhook: discord.Webhook) -> dict[str, Any]:
    """How requests get to Discord: as the client's own do."""
    return {"session": webhook.session, "proxy": webhook.proxy, "proxy_auth": webhook.proxy_auth}
