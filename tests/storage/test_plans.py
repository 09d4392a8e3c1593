"""The questions asked all the time never read a whole table, however many jobs have ended."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest
from sqlalchemy import ClauseElement, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import visitors

from jobs.model import OPEN, Charge, Draft, Job, JobState
from jobs.ports import KeptDraft, Wanted
from storage import cards, claim, counts, library, turns
from storage.database import Database, parse_url
from storage.rows import all_values, draft_values
from storage.schema import migrate
from storage.tables import cards as cards_table
from storage.tables import drafts as drafts_table
from storage.tables import favourites as favourites_table
from storage.tables import jobs as jobs_table
from tests.factories import NOW, a_job, an_origin

ENDED, UNFINISHED, DRAFTS = 4_000, 400, 2_000


def a_history() -> list[Job]:
    ended = [
        a_job(
            state=JobState.DONE,
            charge=Charge.SPENT,
            due_at=None,
            created_at=NOW - 60 * number,
            submitted_at=NOW - 60 * number,
            rendered_after=NOW - 60 * number + 60,
            rendered_at=NOW - 60 * number + 70,
            origin=an_origin(user_id=number % 200, guild_id=number % 40),
        )
        for number in range(ENDED)
    ]
    states = sorted(OPEN)
    unfinished = [
        a_job(
            state=states[number % len(states)],
            due_at=NOW - 200 + number,
            created_at=NOW - number,
            origin=an_origin(user_id=number % 200, guild_id=number % 40),
        )
        for number in range(UNFINISHED)
    ]
    return ended + unfinished


def a_taste(history: list[Job]) -> Iterator[dict[str, Any]]:
    """Everybody likes every fifth video of somebody else."""
    for number, job in enumerate(history[::5]):
        yield {"user_id": number % 200, "job_id": job.id, "since": NOW - number}


def what_was_begun() -> Iterator[KeptDraft]:
    for number in range(DRAFTS):
        yield KeptDraft(key=f"draft{number}", user_id=number, draft=Draft(prompt="a fox"), kept_at=NOW - number)


@pytest.fixture
async def connection(url: str) -> AsyncGenerator[AsyncConnection]:
    await migrate(url)
    database = Database(parse_url(url))
    history = a_history()
    async with database.write() as filling:
        await filling.execute(insert(jobs_table), [all_values(job) for job in history])
        placed = {"channel_id": 1, "message_id": 1}
        await filling.execute(
            insert(cards_table),
            [cards.first(job, due_at=NOW) | placed | {"due_at": job.due_at} for job in history],
        )
        await filling.execute(insert(favourites_table), list(a_taste(history)))
        await filling.execute(insert(drafts_table), [draft_values(kept) for kept in what_was_begun()])
        if not database.is_sqlite:
            await filling.execute(text("ANALYZE"))
    async with database.write() as asking:
        yield asking
    await database.close()


async def plan(connection: AsyncConnection, statement: ClauseElement) -> str:
    """What the database would do, asked with the very SQL and parameters the store sends."""
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    values: Any = compiled.params
    names: list[str] = getattr(compiled, "positiontup", None) or []
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = await connection.exec_driver_sql(f"{explain} {compiled}", tuple(values[name] for name in names))
    return "\n".join(str(row[-1]) for row in rows)


def given(statement: ClauseElement, **values: Any) -> ClauseElement:
    """A statement that is built once, as it is when it is asked with these values."""

    def fill(parameter: Any) -> None:
        parameter.value, parameter.required = values.get(parameter.key, parameter.value), False

    return visitors.cloned_traverse(statement, {}, {"bindparam": fill})


def reads_a_whole_table(plan: str) -> bool:
    """A scan of an index that holds unfinished rows only is none."""
    tables = "jobs|cards|favourites|drafts"
    scans = re.findall(rf"SCAN (?:{tables}|provider_calls)(?! USING (?:COVERING )?INDEX (?:jobs|cards)_due)", plan)
    return bool(scans) or re.search(rf"Seq Scan on (?:{tables})", plan) is not None


ASKED = {
    "claim the queued": claim.claim({JobState.QUEUED}, owner="w", now=NOW, lease=60, limit=8),
    "claim in every state": claim.claim(OPEN, owner="w", now=NOW, lease=60, limit=8),
    "when a job is due": claim.next_due(),
    "save": claim.save(a_job(), release=True),
    "claim cards": cards.claim(now=NOW, hold=60, limit=4),
    "when a card is due": cards.next_due(),
    "change a card": cards.changed(a_job(), now=NOW),
    "make jobs due": claim.hasten(now=NOW, lease=20)[0],
    "shorten claims": claim.hasten(now=NOW, lease=20)[1],
    "make cards due": cards.hasten(now=NOW, hold=60, grace=15)[0],
    "shorten holds of cards": cards.hasten(now=NOW, hold=60, grace=15)[1],
    "usage": given(
        counts.usage(in_guild=True),
        user_id=7,
        guild_id=7,
        day_from=NOW - 3_600,
        month_from=NOW - 7_200,
        currency="USD",
    ),
    "jobs of a person": counts.jobs_of(7, states=None, limit=25),
    "open jobs of a person": counts.jobs_of(7, states=OPEN, limit=25),
    "in flight": counts.in_flight(),
    "place in the queue": turns.place_of("job000001"),
    "cards that show an old place": cards.moved(now=NOW, shown=20),
    "job of a pushed address": claim.pushed("key", task_id="1", wake=True, now=NOW),
    "whether an address is known": counts.with_callback("key"),
    "under way here": counts.under_way(7),
    "under way": counts.under_way(None),
    "a page of a history": library.page(7, Wanted(), offset=20, limit=5),
    "a page of a search": library.page(7, Wanted(search="fox 100%", model="MiniMax-H3"), offset=20, limit=5),
    "how much a search finds": library.number(7, Wanted(search="fox")),
    "a page of favourites": library.page(7, Wanted(favourites=True), offset=5, limit=5),
    "how much a search among favourites finds": library.number(7, Wanted(favourites=True, search="fox")),
    "drafts that are too old": library.forget_drafts(kept_before=NOW - DRAFTS + 10),
    "render times": counts.render_times("MiniMax-Hailuo-02", "1080P", 6, limit=20),
}


async def test_no_question_reads_a_whole_table(connection: AsyncConnection) -> None:
    plans = {question: await plan(connection, statement) for question, statement in ASKED.items()}
    assert {question: found for question, found in plans.items() if reads_a_whole_table(found)} == {}


async def test_a_claim_chooses_by_the_index_of_due_jobs_alone(connection: AsyncConnection) -> None:
    found = await plan(connection, ASKED["claim the queued"])
    if connection.dialect.name == "sqlite":
        assert "SEARCH jobs USING COVERING INDEX jobs_due (state=? AND due_at<?)" in found
    else:
        assert "jobs_due" in found


async def test_a_page_of_a_history_is_taken_from_the_end_of_its_index_and_no_further(
    connection: AsyncConnection,
) -> None:
    found = await plan(connection, ASKED["a page of a history"])
    if connection.dialect.name == "sqlite":
        assert "SEARCH jobs USING INDEX jobs_of_user (user_id=?)" in found
        # They lie in order already, but for those of one moment.
        assert "USE TEMP B-TREE FOR ORDER BY" not in found
    else:
        assert "of_user" in found


async def test_a_claim_of_cards_walks_the_due_ones_in_order(connection: AsyncConnection) -> None:
    found = await plan(connection, ASKED["claim cards"])
    assert "cards_due" in found
    if connection.dialect.name == "sqlite":
        assert "USE TEMP B-TREE FOR ORDER BY" not in found


async def test_a_whole_table_read_would_be_noticed(connection: AsyncConnection) -> None:
    assert reads_a_whole_table(await plan(connection, text("SELECT count(*) FROM jobs WHERE prompt = 'x'")))
