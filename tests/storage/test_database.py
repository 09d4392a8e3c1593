from __future__ import annotations

import asyncio
import gc
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jobs.errors import StoreUnavailable
from jobs.model import JobState
from storage.database import OLDEST_SQLITE, Database, check_sqlite, parse_url
from storage.errors import UnusableDatabase
from storage.schema import migrate
from storage.store import SqlJobStore, open_store
from tests.factories import NOW, a_job
from tests.storage.acts import must_get, put, put_one


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))


@pytest.mark.parametrize(
    "given",
    ["", "bot.db", "sqlite:///bot.db", "postgresql://bot@localhost/bot", "mysql+aiomysql://localhost/bot"],
)
def test_a_url_of_another_kind_is_refused_in_one_sentence(given: str) -> None:
    with pytest.raises(UnusableDatabase, match=r"^DATABASE_URL must begin with .*\.$"):
        parse_url(given)


def test_a_port_that_is_no_number_is_named_and_not_shown() -> None:
    with pytest.raises(UnusableDatabase) as refusal:
        parse_url("postgresql+asyncpg://bot:half-a:not-a-real-password/bot")
    assert str(refusal.value) == "The port in DATABASE_URL must be a number."


@pytest.mark.parametrize("given", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:"])
def test_a_database_in_memory_is_refused(given: str) -> None:
    with pytest.raises(UnusableDatabase, match="names no file"):
        parse_url(given)


def test_a_refusal_does_not_tell_the_password() -> None:
    with pytest.raises(UnusableDatabase) as refusal:
        parse_url("postgresql://bot:not-a-real-password@localhost/bot")
    assert "not-a-real-password" not in str(refusal.value)


def test_an_old_sqlite_is_refused_in_one_sentence() -> None:
    check_sqlite(OLDEST_SQLITE)
    with pytest.raises(UnusableDatabase, match=r"^This Python has SQLite 3\.34\.1, and 3\.35\.0 or newer"):
        check_sqlite((3, 34, 1))


async def test_sqlite_is_opened_for_safety(sqlite_url: str) -> None:
    database = Database(parse_url(sqlite_url))
    async with database.write() as connection:
        found = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    await database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


async def test_the_schema_is_changed_with_foreign_keys_checked_at_the_end(sqlite_url: str) -> None:
    database = Database(parse_url(sqlite_url), migrating=True)
    async with database.write() as connection:
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 0
    await database.close()


async def test_a_lock_that_ends_in_time_is_waited_for(sqlite_url: str, path: Path) -> None:
    async with open_store(sqlite_url) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(put_one(store))
            assert await store.count_open() == 0  # and reading waits for nobody
            other.execute("COMMIT")
            job = await waiting
        assert await must_get(store, job) == job


async def test_a_lock_that_does_not_end_is_told_apart_from_a_bug(sqlite_url: str, path: Path) -> None:
    await migrate(sqlite_url)
    async with open_store(sqlite_url, busy_timeout=0.01) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked"):
                await put_one(store)
            with pytest.raises(StoreUnavailable, match="locked"):
                await store.claim(JobState, owner="worker", now=NOW, lease=1, limit=1)
            assert await store.jobs_of(1) == []
        await put_one(store)


async def test_whoever_waits_for_a_lock_can_be_stopped_at_once(sqlite_url: str, path: Path) -> None:
    async with open_store(sqlite_url, busy_timeout=60) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting = asyncio.create_task(put_one(store))
            await asyncio.wait({waiting}, timeout=0.01)
            waiting.cancel()
            done, _ = await asyncio.wait({waiting}, timeout=5)
            assert done == {waiting}
        await put_one(store)


async def test_a_process_that_keeps_the_limits_to_itself_does_not_hang_the_others(url: str) -> None:
    async with open_store(url) as frozen, open_store(url, busy_timeout=0.05) as store:
        async with frozen.transaction():
            with pytest.raises(StoreUnavailable, match="lock"):
                await put_one(store)
        await put_one(store)


async def test_a_full_disk_is_told_apart_from_a_bug_and_writes_nothing(sqlite_url: str) -> None:
    await migrate(sqlite_url)
    database = Database(parse_url(sqlite_url))
    store = SqlJobStore(database)
    async with database.write() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(StoreUnavailable, match="full"):
        await put(store, *(a_job() for _ in range(1000)))
    assert await store.count_open() == 0
    await database.close()


@pytest.mark.parametrize("below", ["", "a-file/bot.db"])
async def test_a_file_that_cannot_be_opened_is_refused_in_one_sentence(tmp_path: Path, below: str) -> None:
    (tmp_path / "a-file").touch()
    with pytest.raises(
        UnusableDatabase, match=r"^The database .* cannot be opened .*: mend DATABASE_URL or DATA_DIR\.$"
    ):
        await migrate(f"sqlite+aiosqlite:///{tmp_path}/{below}")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        async with open_store("postgresql+asyncpg://bot@127.0.0.1:1/bot"):
            pass


@pytest.mark.parametrize("option", ["sslmode=require", "ssl=maybe", "timeout=5", "prepared_statement_cache_size=no"])
async def test_an_option_that_the_driver_does_not_take_is_refused_in_one_sentence(option: str) -> None:
    with pytest.raises(UnusableDatabase, match=r"^The database's driver does not take what stands behind"):
        await migrate(f"postgresql+asyncpg://bot@127.0.0.1:1/bot?{option}")


async def test_a_database_that_is_not_there_is_unavailable(postgres_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="does not exist"):
        async with open_store(f"{postgres_url}_but_not_this_one"):
            pass


async def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(UnusableDatabase, match="asyncpg"):
        async with open_store("postgresql+asyncpg://bot@127.0.0.1:1/bot"):
            pass


async def test_a_bug_in_a_statement_stays_a_bug(url: str) -> None:
    database = Database(parse_url(url))
    with pytest.raises(DBAPIError):
        async with database.read() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))
    await database.close()


async def test_a_cancelled_transaction_is_rolled_back_and_blocks_nobody(store: SqlJobStore) -> None:
    entered = asyncio.Event()

    async def hang() -> None:
        async with store.transaction() as tx:
            await tx.insert(a_job(), card_due_at=NOW)
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hang())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await store.count_open() == 0
    job = await put_one(store)
    assert await store.get(job.id) == job


# A connection whose opening was cancelled is left to the garbage collector; Python says so from 3.13 on.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_cancelling_at_any_moment_leaves_the_store_in_working_order(store: SqlJobStore) -> None:
    jobs = [a_job() for _ in range(40)]

    async def insert(number: int) -> None:
        async with store.transaction() as tx:
            await tx.insert(jobs[number], card_due_at=NOW)

    for number in range(len(jobs)):
        task = asyncio.create_task(insert(number))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    kept = await store.jobs_of(jobs[0].origin.user_id, limit=100)
    claimable = await store.claim_cards(now=NOW, hold=1, limit=100)
    assert {item.job.id for item in claimable} == {job.id for job in kept}
    await put_one(store)
    gc.collect()


@pytest.mark.parametrize("again", [False, True])
async def test_whoever_is_cancelled_in_the_middle_of_a_write_keeps_nobody_else_out(url: str, again: bool) -> None:
    cut_off: list[object] = []
    async with open_store(url, busy_timeout=0.5) as store:
        await put(store, *(a_job() for _ in range(30)))
        for turns in range(40):
            now = NOW + 100 * turns
            claiming = asyncio.create_task(
                store.claim({JobState.RECEIVED}, owner="cancelled", now=now, lease=50, limit=30)
            )
            # Wherever it is by then: a claim takes some thirty turns of the loop.
            for _ in range(turns):
                await asyncio.sleep(0)
            claiming.cancel()
            if again:
                await asyncio.sleep(0)
                claiming.cancel()
            # What it held stays alive in its traceback, as it does where that is logged.
            cut_off += await asyncio.gather(claiming, return_exceptions=True)
            await store.release_claims()

    assert any(isinstance(outcome, asyncio.CancelledError) for outcome in cut_off)
