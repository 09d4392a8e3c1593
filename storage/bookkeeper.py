"""What operators watch, counted from the rows; implements `jobs.ports.Bookkeeper`. The same for both databases.

Reads every job there is, which takes a moment where there are very many: for somebody who asks a few times a minute, on a
connection of its own, and not for the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, case, func, select

from jobs.errors import Reason
from jobs.model import OPEN, Charge, JobState
from jobs.ports import Deliveries, Figures

from .counts import the_gate
from .database import Database
from .rows import gate_of
from .tables import cards, jobs

_ALIKE: Final = (jobs.c.state, jobs.c.failure_reason, jobs.c.overdue, jobs.c.currency, jobs.c.charge)


class SqlBookkeeper:
    """Implements `jobs.ports.Bookkeeper`; what each method promises is said there.

    Args:
        database: Open, with the current schema.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, *, now: float, bounds: Sequence[float]) -> Figures:
        """Counts everything once."""
        async with self._database.read() as connection:
            groups = (await connection.execute(jobs_alike(bounds))).mappings().all()
            late = (await connection.execute(cards_late(now))).mappings().one()
            gate = (await connection.execute(the_gate())).mappings().first()
        numbers: Counter[tuple[JobState, Reason | None]] = Counter()
        money: Counter[tuple[str, Charge]] = Counter()
        for group in groups:
            reason = group["failure_reason"]
            numbers[JobState(group["state"]), None if reason is None else Reason(reason)] += group["number"]
            money[group["currency"], Charge(group["charge"])] += int(group["micros"])
        return Figures(
            jobs=numbers,
            overdue=sum(group["number"] for group in groups if group["overdue"] and group["state"] in OPEN),
            money=money,
            tasks=sum(group["tasks"] for group in groups),
            asks=sum(int(group["asks"]) for group in groups),
            deliveries=Deliveries(
                within={bound: sum(group[f"within_{at}"] for group in groups) for at, bound in enumerate(bounds)},
                number=sum(group["deliveries"] for group in groups),
                seconds=float(sum(group["seconds"] for group in groups)),
            ),
            cards_late=late["number"],
            oldest_card=late["oldest"],
            gate=None if gate is None else gate_of(gate),
        )


def jobs_alike(bounds: Sequence[float]) -> Select[*tuple[Any, ...]]:
    """All jobs in groups of those that are alike, with what is to be known of each group."""
    took = case((jobs.c.state == JobState.DONE, jobs.c.finished_at - jobs.c.rendered_at))
    within = [func.count(case((took <= bound, 1))).label(f"within_{at}") for at, bound in enumerate(bounds)]
    return select(
        *_ALIKE,
        func.count().label("number"),
        func.sum(jobs.c.price_micros).label("micros"),
        func.count(jobs.c.task_id).label("tasks"),
        func.sum(jobs.c.asks).label("asks"),
        func.count(took).label("deliveries"),
        func.coalesce(func.sum(took), 0.0).label("seconds"),
        *within,
    ).group_by(*_ALIKE)


def cards_late(now: float) -> Select[*tuple[Any, ...]]:
    """How many cards were to be shown by now, and since when."""
    return select(func.count().label("number"), func.min(cards.c.due_at).label("oldest")).where(cards.c.due_at <= now)
