"""What an operator watches: how many jobs there are of each kind, what they cost, how quickly videos were posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jobs.errors import Reason
from jobs.model import Charge, Gate, JobState


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """How long finished videos took to be posted, over all jobs there are.

    Args:
        within: How many took at most so many seconds, by each bound asked for.
        number: How many there are.
        seconds: How long all of them took together.
    """

    within: Mapping[float, int]
    number: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One consistent look at all jobs and cards.

    Args:
        jobs: How many there are, by their state and the reason they failed or were not delivered for.
        overdue: How many are under way past their deadline.
        money: What all of them cost, in millionths, by currency and by what became of it.
        tasks: How many paid tasks the provider is known to have made.
        asks: How many questions about them it was asked.
        deliveries: From when a video was known to be finished to its post.
        cards_late: How many cards were to be shown by now, and are not.
        oldest_card: When the first of them was to be shown, in epoch seconds; None where there is none.
        gate: The pause in submitting, where there is one.
    """

    jobs: Mapping[tuple[JobState, Reason | None], int]
    overdue: int
    money: Mapping[tuple[str, Charge], int]
    tasks: int
    asks: int
    deliveries: Deliveries
    cards_late: int
    oldest_card: float | None
    gate: Gate | None


class Bookkeeper(Protocol):
    """Counts what there is, without writing anything."""

    async def figures(self, *, now: float, bounds: Sequence[float]) -> Figures:
        """Counts everything once.

        Args:
            now: Epoch seconds: cards due later are left out.
            bounds: Seconds, ascending, by which deliveries are told apart.

        Raises:
            StoreUnavailable: The database does not answer now.
        """
        ...
