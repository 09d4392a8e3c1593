"""Databases as they look after a while: filled with jobs that have ended, or that a stop has interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert

from jobs.model import Charge, Job, JobState
from storage.database import Database, parse_url
from storage.rows import all_values
from storage.schema import migrate
from storage.tables import cards as cards_table
from storage.tables import jobs as jobs_table
from tests.factories import a_job, a_task, an_origin

PEOPLE: Final = 500
SERVERS: Final = 50
_AT_ONCE: Final = 1000


def url_of(path: Path) -> str:
    """The database URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


def finished(count: int, *, now: float) -> Iterator[Job]:
    """Jobs that ended well, one a minute, the newest a minute ago.

    Args:
        count: How many.
        now: Epoch seconds.
    """
    for number in range(count):
        at = now - 60.0 * (number + 3)
        yield a_job(
            state=JobState.DONE,
            charge=Charge.SPENT,
            due_at=None,
            created_at=at,
            submitted_at=at + 1,
            rendered_at=at + 90,
            finished_at=at + 95,
            origin=_somebody(number),
        )


def unfinished(state: JobState, count: int, *, now: float, base_url: str) -> Iterator[Job]:
    """Jobs in one state, all of them due.

    Args:
        state: `QUEUED` or `RENDERING`.
        count: How many.
        now: Epoch seconds.
        base_url: The provider on which those that render are made.
    """
    for number in range(count):
        paid = state is JobState.RENDERING
        yield a_job(
            state=state,
            created_at=now - 60.0 - 0.01 * number,
            due_at=now - 0.01 * number,
            task=a_task(base_url=base_url) if paid else None,
            submitted_at=now - 50.0 if paid else None,
            origin=_somebody(number),
        )


async def fill(path: Path, jobs: Iterable[Job]) -> None:
    """Makes a database with these jobs; the card of each shows the truth.

    Args:
        path: Where; nothing is there yet.
        jobs: What goes in.
    """
    url = url_of(path)
    await migrate(url)
    database = Database(parse_url(url))
    source = iter(jobs)
    try:
        while some := list(islice(source, _AT_ONCE)):
            async with database.write() as connection:
                await connection.execute(insert(jobs_table), [all_values(job) for job in some])
                await connection.execute(insert(cards_table), [_card(job) for job in some])
    finally:
        await database.close()


def _somebody(number: int) -> Any:
    return an_origin(user_id=1 + number % PEOPLE, guild_id=1 + number % SERVERS)


def _card(job: Job) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "channel_id": job.origin.channel_id,
        "message_id": job.origin.interaction_id,
        "version": 0,
        "edited_at": job.created_at,
        "lost": False,
        "due_at": None,
        "rank": 1,
    }
