"""How people hear of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jobs.model import (
    Card,
    Gate,
    Job,
    Posted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a card shows beside the job itself.

    Args:
        position: Place in the queue, 1 for the next; None when not queued.
        expected_end: When the video should be there; None when nobody can say.
        usual: Seconds such videos usually take; None when nobody can say.
        tenths: How many tenths of that time have passed; 10 once it takes longer than usual.
        tick_at: When there is one more; None where there will be none.
    """

    position: int | None = None
    expected_end: float | None = None
    usual: float | None = None
    tenths: int | None = None
    tick_at: float | None = None


class Courier(Protocol):
    """Posts to people."""

    async def show_card(self, job: Job, card: Card, standing: Standing) -> Posted | None:
        """Brings the card up to date: edits it, adopts one that nobody recorded, or posts one.

        Returns:
            Where it is; None where a done job never had one: its result speaks for itself.

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

    async def note_requester(self, job: Job, posted: Posted) -> None:
        """Tells the requester, directly and once, that the video is in the channel.

        Raises:
            DeliveryDelayed: It may or may not have arrived.
            Undeliverable: They take no direct messages from us.
        """
        ...

    async def alert_owners(self, gate: Gate) -> None:
        """Tells the operators, privately and once, that submitting is paused and why.

        Raises:
            DeliveryDelayed: Nobody could be told now.
        """
        ...
