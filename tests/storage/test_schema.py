from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import storage.migrations
from jobs.model import Derivation, Derived, MediaSource, Posted, Role
from storage.database import Database, parse_url
from storage.errors import UnusableDatabase
from storage.schema import REVISIONS, due_migrations, migrate
from storage.store import open_store
from storage.tables import metadata
from tests.storage.acts import put_one

ROOT = Path(__file__).parents[2]
MIGRATIONS = Path(storage.migrations.__file__).parent


async def run_sql(url: str, *statements: str) -> None:
    database = Database(parse_url(url))
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def migrate_to(url: str, revision: str) -> None:
    """A database as an older version of the program left it."""

    def upgrade(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        command.upgrade(config, revision)

    database = Database(parse_url(url), migrating=True)
    async with database.write() as connection:
        await connection.run_sync(upgrade)
    await database.close()


async def table_names(url: str) -> set[str]:
    database = Database(parse_url(url))
    async with database.read() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await database.close()
    return set(names)


async def test_an_empty_database_is_migrated_once(url: str) -> None:
    assert await due_migrations(url) == REVISIONS
    assert await migrate(url) == REVISIONS
    assert await due_migrations(url) == ()
    assert await migrate(url) == ()


async def test_asking_what_is_due_makes_no_file(tmp_path: Path) -> None:
    assert await due_migrations(f"sqlite+aiosqlite:///{tmp_path}/none/bot.db") == REVISIONS
    assert list(tmp_path.iterdir()) == []


async def test_the_folder_of_a_new_database_is_made(tmp_path: Path) -> None:
    async with open_store(f"sqlite+aiosqlite:///{tmp_path}/not/yet/there/bot.db") as store:
        await put_one(store)


async def test_the_migrations_lead_to_the_tables_the_code_works_with(url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    await migrate(url)
    database = Database(parse_url(url))
    async with database.read() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


def test_the_list_of_revisions_is_the_one_alembic_finds() -> None:
    script = ScriptDirectory.from_config(Config(attributes={}, config_args={"script_location": str(MIGRATIONS)}))
    found = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(found)) == REVISIONS


async def test_a_migration_that_fails_leaves_nothing_behind(url: str) -> None:
    await run_sql(url, "CREATE TABLE known_facts (somebody_elses INTEGER)")
    with pytest.raises(Exception, match="known_facts"):
        await migrate(url)
    assert await table_names(url) == {"known_facts"}

    await run_sql(url, "DROP TABLE known_facts")
    assert await migrate(url) == REVISIONS


async def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    await migrate(url)
    await run_sql(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UnusableDatabase, match="9999"):
        await due_migrations(url)
    with pytest.raises(UnusableDatabase, match="9999"):
        async with open_store(url):
            pass


OLD_JOB = {
    "id": "'{id}'",
    "interaction_id": "{number}",
    "user_id": "5",
    "channel_id": "6",
    "locale": "'en-US'",
    "place_upload_limit": "10485760",
    "created_at": "1700000000",
    "source_id": "{source}",
    "prompt": "'a red fox'",
    "model": "'MiniMax-Hailuo-02'",
    "resolution": "'768P'",
    "duration": "6",
    "mode": "'image'",
    "options": """'{{"prompt_optimizer": true, "watermark": false, "ratio": null, "camera": [], "api": "v1", "inputs":"""
    """ [{{"role": "first_frame", "url": "u", "filename": "f", "size": 1, "media_type": null}}]}}'""",
    "price_micros": "280000",
    "currency": "'USD'",
    "charge": "'spent'",
    "state": "'done'",
    "state_since": "1700000100",
    "attempt": "0",
    "asks": "3",
    "upload_limit": "10485760",
    "as_link": "false",
    "delivery": "'channel'",
    "post_attempted": "true",
    "posted_channel_id": "6",
    "posted_message_id": "7",
    "overdue": "false",
    "cancel_asked": "false",
    "notes": "''",
    "fence": "4",
}
"""A job as the first version wrote it."""


def old_job(number: int, job_id: str, *, source: str = "NULL") -> str:
    values = ", ".join(OLD_JOB.values()).format(id=job_id, number=number, source=source)
    return f"INSERT INTO jobs ({', '.join(OLD_JOB)}) VALUES ({values})"  # noqa: S608 - values of our own


async def test_jobs_of_the_first_version_are_kept_and_what_was_tried_again_is_known_as_such(url: str) -> None:
    await migrate_to(url, "0001")
    assert await due_migrations(url) == ("0002",)
    await run_sql(url, old_job(1, "first"), old_job(2, "second", source="'first'"))
    assert await migrate(url) == ("0002",)

    async with open_store(url) as store:
        second, first = await store.jobs_of(5)
        assert (first.id, first.derivation) == ("first", None)
        assert second.derivation == Derivation(kind=Derived.RETRY, source_id="first")
        assert (first.origin.private, first.origin.guest, first.origin.age_restricted) == (False, False, False)
        assert first.posted == Posted(channel_id=6, message_id=7)
        assert first.request.inputs == (MediaSource(role=Role.FIRST_FRAME, url="u", filename="f", size=1),)
        assert await store.library.toggle_favourite(5, "first", now=1)
        async with store.transaction() as tx:
            assert await tx.derived_from("first", Derived.RETRY) == second


async def test_several_processes_that_start_at_once_all_come_up(url: str) -> None:
    start = (
        "import asyncio, sys\n"
        "from storage.store import open_store\n"
        "async def main():\n"
        "    sys.stdin.readline()\n"
        "    async with open_store(sys.argv[1]) as store:\n"
        "        await store.remember('started', 'yes')\n"
        "asyncio.run(main())\n"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-c", start, url),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(4)
    ]
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))

    ends = [(process.returncode, errors) for process, (_, errors) in zip(processes, answers, strict=True)]
    assert ends == [(0, b"")] * 4
    assert await due_migrations(url) == ()


async def test_alembic_is_not_imported_when_no_migration_is_due(url: str) -> None:
    await migrate(url)
    start = (
        "import asyncio, sys\n"
        "from storage.store import open_store\n"
        "async def main():\n"
        "    async with open_store(sys.argv[1]): pass\n"
        "asyncio.run(main())\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", start, url, cwd=ROOT, env={**os.environ, "PYTHONWARNINGS": "error"}
    )
    assert await process.wait() == 0
