"""The check of the data folder and of the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from checkup import report
from settings import Settings
from storage.schema import migrate
from tests.checkup.surroundings import FakeDiscord, check, problems
from tests.minimax.wire import free_port


async def test_a_data_folder_that_is_a_file_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["database_url"] = f"sqlite+aiosqlite:///{values['data_dir'].with_name('bot.db').as_posix()}"
    values["data_dir"].write_text("not a folder", encoding="utf-8")

    assert problems(await check(values, discord_api)) == [
        f"The data folder {values['data_dir']} cannot be written: Not a directory."
    ]


async def test_a_data_folder_of_somebody_else_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["data_dir"].mkdir(mode=0o500)
    if os.access(values["data_dir"], os.W_OK):
        pytest.skip("this user may write anywhere")

    assert problems(await check(values, discord_api)) == [
        f"The data folder {values['data_dir']} cannot be written: Permission denied."
    ]


async def test_a_data_folder_that_may_not_be_looked_for_is_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    folder: Path = values["data_dir"]
    folder.mkdir(mode=0o000)
    if os.access(folder, os.X_OK):
        pytest.skip("this user may look anywhere")
    values["data_dir"] = folder / "deeper"

    assert problems(await check(values, discord_api)) == [
        f"The data folder {folder / 'deeper'} cannot be written: {folder} does not let us.",
        f"The database {folder / 'deeper' / 'bot.db'} cannot be opened (Permission denied): mend DATABASE_URL or DATA_DIR.",
    ]


async def test_a_database_that_is_current_is_said_to_be(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["data_dir"].mkdir()
    await migrate(Settings(**values).database_url.get_secret_value())

    texts = [finding.text for finding in await check(values, discord_api)]

    assert "The database can be read and its schema is current." in texts
    assert f"The data folder {values['data_dir']} can be written." in texts


async def test_a_file_that_is_no_database_is_a_problem(values: dict[str, Any], discord_api: FakeDiscord) -> None:
    values["data_dir"].mkdir()
    (values["data_dir"] / "bot.db").write_bytes(b"something else entirely, and long enough" * 100)

    (problem,) = problems(await check(values, discord_api))

    assert problem.startswith("The database cannot be read (file is not a database)")


async def test_a_database_server_that_does_not_answer_is_a_problem(
    values: dict[str, Any], discord_api: FakeDiscord
) -> None:
    values["database_url"] = f"postgresql+asyncpg://bot:hunter2@127.0.0.1:{free_port()}/bot"

    findings = await check(values, discord_api)

    (problem,) = problems(findings)
    assert problem.startswith("The database cannot be reached")
    assert "hunter2" not in report(findings)
