import subprocess
import sys
from pathlib import Path

import pytest

from storage.alone import AlreadyRunning, claim_database
from storage.errors import UnusableDatabase

HOLD = (
    "import sys; from storage.alone import claim_database\n"
    "with claim_database(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
)


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/bot.db"


def test_a_second_worker_on_the_same_file_is_told_so_in_one_sentence(tmp_path: Path) -> None:
    with claim_database(url(tmp_path)) as alone:
        assert alone
        with pytest.raises(AlreadyRunning, match=r"^Another bot process is already at work on .*bot\.db: .*\.$"):
            claim_database(url(tmp_path)).__enter__()


def test_the_lock_goes_with_its_process_however_that_ends(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning):
            claim_database(url(tmp_path)).__enter__()
        other.kill()
        other.wait()

    with claim_database(url(tmp_path)) as alone:
        assert alone


def test_a_place_where_nothing_can_be_written_is_not_taken_for_another_worker(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder" / "bot.db.lock").mkdir(parents=True)

    for below in ("file", "folder"):
        with pytest.raises(UnusableDatabase, match=r"^Nothing can be written beside the database .*bot\.db \(.*\.$"):
            claim_database(url(tmp_path / below)).__enter__()


def test_workers_on_postgresql_are_never_alone() -> None:
    with claim_database("postgresql+asyncpg://bot@127.0.0.1/bot") as alone:
        assert not alone
