"""Keeps the status cards true: rarely enough not to press on Discord, the ends of jobs before everything else."""

from __future__ import annotations

import asyncio
from math import ceil
from typing import Final

import structlog

from .errors import DeliveryDelayed, StoreUnavailable, Undeliverable
from .model import ENDS, JobState
from .polling import backoff
from .ports import DueCard, Standing
from .standing import PLACES_SHOWN, place_shown, standing
from .tools import Tools

log = structlog.get_logger(__name__)

GAP: Final = 10.0
"""Seconds between two edits of one card; only the end of a job does not wait for it."""

HOLD: Final = 60.0
"""Seconds after which a card comes up again if whoever took it died."""

TICKS_APART: Final = 1.0
"""Seconds between the times at which two cards are due only because an estimate has moved on: with many videos in the making
most cards do without, so that these edits never press on Discord."""

AT_ONCE: Final = 4
"""Cards shown side by side: few, so that results never wait behind them."""


class CardDesk:
    """Shows the cards that are due."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._queue_moved = False
        self._ticks: set[int] = set()

    @property
    def wanted(self) -> bool:
        """Whether there is something to do beside the cards that are due."""
        return self._queue_moved

    def queue_moved(self) -> None:
        """Jobs have joined or left the queue: places are looked at once more before the next cards are shown."""
        self._queue_moved = True

    async def show_due(self) -> int:
        """Shows up to `AT_ONCE` due cards; the rest stay due.

        Returns:
            How many were taken up.
        """
        if self._queue_moved:
            await self._refresh_places()
        due = await self._tools.store.claim_cards(now=self._tools.clock.now(), hold=HOLD, limit=AT_ONCE)
        await asyncio.gather(*(self._show(item) for item in due))
        return len(due)

    async def _refresh_places(self) -> None:
        """Once for all moves since the last time."""
        self._queue_moved = False  # lowered first: there may be another meanwhile
        try:
            await self._tools.store.refresh_queue_cards(now=self._tools.clock.now(), shown=PLACES_SHOWN)
        except StoreUnavailable:
            self._queue_moved = True
            raise

    async def _show(self, item: DueCard) -> None:
        job, card = item.job, item.card
        store, now = self._tools.store, self._tools.clock.now()
        # Either way: what was edited long after now was edited before the clock was set back.
        if job.state not in ENDS and abs(now - card.edited_at) < GAP:
            await store.card_later(card, due_at=card.edited_at + GAP)
            return
        if job.state is JobState.CANCELLED:
            # Taken back by the person, not by a step, and perhaps in another process.
            self.queue_moved()
        view = await standing(job, store=store, catalog=self._tools.catalog, now=now)
        try:
            posted = await self._tools.courier.show_card(job, card, view)
        except Undeliverable as error:
            log.info("card lost", job=job.id, status=error.status, code=error.code)
            await store.card_lost(job.id)
            return
        except DeliveryDelayed as error:
            wait = max(backoff(1, self._tools.random), error.retry_after or 0.0)
            log.info("card delayed", job=job.id, wait=wait, status=error.status, error=str(error))
            await store.card_later(card, due_at=self._tools.clock.now() + wait)
            return
        if posted is None:
            await store.card_lost(job.id)
            return
        shown = self._tools.clock.now()
        # Due again at once if the job has changed meanwhile: whether that can wait is seen when it comes up.
        await store.card_shown(
            card, at=posted, now=shown, again_at=shown, place=place_shown(view), tick_at=self._tick(view, shown)
        )

    def _tick(self, view: Standing, now: float) -> float | None:
        """When the card is worth showing again although nothing has happened; None where it is not."""
        if view.tick_at is None or view.expected_end is None:
            return None
        self._ticks = {taken for taken in self._ticks if taken * TICKS_APART > now}
        free = ceil(max(view.tick_at, now + GAP) / TICKS_APART)
        while free in self._ticks:
            free += 1
        at = free * TICKS_APART
        # Once more after the expected end, to say that it takes longer.
        if at > view.expected_end + GAP:
            return None
        self._ticks.add(free)
        return at
