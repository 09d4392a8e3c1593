"""What people come back to: history, favourites, drafts and wishes; implements `jobs.ports.Library`.

Knows the statements, the same for both databases. Every method is one transaction of its own.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, delete, func, insert, literal, select, update
from sqlalchemy.sql.dml import ReturningDelete

from jobs.model import JobState
from jobs.ports import Found, KeptDraft, Wanted

from .database import Database, Lock
from .rows import draft_of, draft_values, job_of
from .tables import AnyText, drafts, favourites, jobs, people

_ESCAPE: Final = "\\"


class SqlLibrary:
    """Implements `jobs.ports.Library`; what each method promises is said there.

    Every method raises `StoreUnavailable` while the database is locked, full or out of reach.

    Args:
        database: Open, with the current schema.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def history(self, user_id: int, wanted: Wanted, *, offset: int, limit: int) -> Found:
        """One page of a person's videos."""
        async with self._database.read() as connection:
            total = await connection.scalar(number(user_id, wanted))
            rows = (await connection.execute(page(user_id, wanted, offset=offset, limit=limit))).mappings().all()
        return Found(jobs=[job_of(row) for row in rows], total=total or 0)

    async def toggle_favourite(self, user_id: int, job_id: str, *, now: float) -> bool:
        """Makes a video a favourite, or no longer one; returns whether it is one now."""
        one = (favourites.c.user_id == user_id) & (favourites.c.job_id == job_id)
        async with self._database.write(Lock.REMEMBER, urgent=True) as connection:
            if await connection.scalar(delete(favourites).where(one).returning(favourites.c.job_id)) is not None:
                return False
            await connection.execute(insert(favourites).values(user_id=user_id, job_id=job_id, since=now))
            return True

    async def keep_draft(self, kept: KeptDraft) -> None:
        """Keeps what somebody has begun, in place of one of the same key."""
        async with self._database.write(Lock.REMEMBER, urgent=True) as connection:
            await connection.execute(delete(drafts).where(drafts.c.key == kept.key))
            await connection.execute(insert(drafts), draft_values(kept))

    async def draft(self, key: str) -> KeptDraft | None:
        """What was kept under this key, if it still is."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(drafts).where(drafts.c.key == key))).mappings().first()
            return None if row is None else draft_of(row)

    async def drop_drafts(self, *, kept_before: float) -> int:
        """Forgets what was begun before the given time; returns how many there were."""
        async with self._database.write() as connection:
            return len((await connection.scalars(forget_drafts(kept_before=kept_before))).all())

    async def wants_note(self, user_id: int) -> bool:
        """Whether this person wants a direct message, too, when a video of theirs is in the channel."""
        async with self._database.read() as connection:
            return bool(await connection.scalar(select(people.c.direct_note).where(people.c.user_id == user_id)))

    async def set_note(self, user_id: int, *, wanted: bool) -> None:
        """Remembers whether they do."""
        async with self._database.write(Lock.REMEMBER, urgent=True) as connection:
            known = update(people).where(people.c.user_id == user_id).values(direct_note=wanted)
            if await connection.scalar(known.returning(people.c.user_id)) is None:
                await connection.execute(insert(people).values(user_id=user_id, direct_note=wanted))


def page(user_id: int, wanted: Wanted, *, offset: int, limit: int) -> Select[Any]:
    """The jobs on one page of a person's videos."""
    source, order = _among(user_id, wanted)
    conditions = _conditions(user_id, wanted)
    return select(jobs).select_from(source).where(*conditions).order_by(*order).offset(offset).limit(limit)


def number(user_id: int, wanted: Wanted) -> Select[Any]:
    """How many there are on all pages."""
    source, _ = _among(user_id, wanted)
    return select(func.count()).select_from(source).where(*_conditions(user_id, wanted))


def forget_drafts(*, kept_before: float) -> ReturningDelete[Any]:
    """Removes old drafts; one row comes back for each."""
    return delete(drafts).where(drafts.c.kept_at < kept_before).returning(drafts.c.key)


def _among(user_id: int, wanted: Wanted) -> tuple[FromClause, tuple[ColumnElement[Any], ...]]:
    """The rows to look in, and their order."""
    newest = (jobs.c.created_at.desc(), jobs.c.interaction_id.desc())
    if not wanted.favourites:
        return jobs, newest
    mine = (favourites.c.job_id == jobs.c.id) & (favourites.c.user_id == user_id)
    return jobs.join(favourites, mine), (favourites.c.since.desc(), *newest)


def _conditions(user_id: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [jobs.c.state == JobState.DONE] if wanted.favourites else [jobs.c.user_id == user_id]
    if wanted.model is not None:
        conditions.append(jobs.c.model == wanted.model)
    # Both sides lowered by the database: what the same rule has lowered is found, whatever that rule is.
    conditions += [
        func.lower(jobs.c.prompt).like(func.lower(literal(f"%{_plain(word)}%", AnyText())), escape=_ESCAPE)
        for word in wanted.search.split()
    ]
    return conditions


def _plain(word: str) -> str:
    """A word in which no character means anything to a pattern."""
    for special in (_ESCAPE, "%", "_"):
        word = word.replace(special, _ESCAPE + special)
    return word
