import os
from pathlib import Path

from media.folder import open_video_folder

NOW = 1_800_000_000.0


def left_behind(data_dir: Path, name: str, *, touched: float) -> Path:
    folder = data_dir / name
    folder.mkdir(parents=True)
    (folder / "old.mp4").write_bytes(b"x")
    os.utime(folder, (touched, touched))
    return folder


async def test_a_file_is_known_by_its_job_until_it_is_discarded(tmp_path: Path) -> None:
    async with open_video_folder(tmp_path / "data", alone=True, now=NOW) as folder:
        assert await folder.size("abc") is None
        folder.path("abc").write_bytes(b"12345")

        assert await folder.size("abc") == 5

        await folder.discard("abc")
        await folder.discard("abc")
        assert await folder.size("abc") is None


async def test_nothing_is_left_when_the_process_ends(tmp_path: Path) -> None:
    async with open_video_folder(tmp_path, alone=True, now=NOW) as folder:
        folder.path("abc").write_bytes(b"12345")

    assert [path.name for path in tmp_path.iterdir()] == ["watch"]


async def test_what_a_crash_left_behind_goes_at_the_next_start(tmp_path: Path) -> None:
    crashed = left_behind(tmp_path, "videos-crashed", touched=NOW - 1)
    async with open_video_folder(tmp_path, alone=True, now=NOW):
        assert not crashed.exists()


async def test_beside_other_processes_only_day_old_folders_go(tmp_path: Path) -> None:
    busy = left_behind(tmp_path, "videos-busy", touched=NOW - 60)
    crashed = left_behind(tmp_path, "videos-crashed", touched=NOW - 90_000)
    async with open_video_folder(tmp_path, alone=False, now=NOW):
        assert busy.exists()
        assert not crashed.exists()


async def test_other_files_in_the_data_folder_are_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "bot.db"
    database.write_bytes(b"precious")
    async with open_video_folder(tmp_path, alone=True, now=NOW):
        assert database.read_bytes() == b"precious"
