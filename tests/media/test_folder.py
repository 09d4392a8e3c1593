"""Where finished videos lie until they are posted: known by their job, gone with the process, fitted in one move."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from jobs.ports import Fit
from media.boxes import plays_inline
from media.folder import VideoFolder, open_video_folder
from tests.media.samples import a_film

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


async def test_the_folder_of_a_process_that_had_nothing_to_do_for_days_is_not_taken_for_left_behind(
    tmp_path: Path,
) -> None:
    async with open_video_folder(tmp_path, alone=False, now=NOW) as idle:
        later = NOW + 3 * 86400
        os.utime(idle.root, (NOW, NOW))
        await idle.tidy(now=later - 3600)
        async with open_video_folder(tmp_path, alone=False, now=later):
            assert idle.root.is_dir()


async def test_other_files_in_the_data_folder_are_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "bot.db"
    database.write_bytes(b"precious")
    async with open_video_folder(tmp_path, alone=True, now=NOW):
        assert database.read_bytes() == b"precious"


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncGenerator[VideoFolder]:
    async with open_video_folder(tmp_path, alone=True, now=NOW) as opened:
        yield opened


def names(folder: VideoFolder) -> list[str]:
    return sorted(path.name for path in folder.root.iterdir())


async def test_what_does_not_play_is_converted_however_small_it_is(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=12, codec="libx265"))
    assert not await folder.plays_inline("abc")

    assert await folder.fit("abc", limit=10_000_000) is Fit.REENCODED
    assert await folder.fitted_size("abc") == folder.fitted("abc").stat().st_size
    with folder.fitted("abc").open("rb") as file:
        assert plays_inline(file)
    assert names(folder) == ["abc.fitted.mp4", "abc.mp4"]


async def test_what_plays_and_fits_needs_no_other_file(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=12))

    assert await folder.plays_inline("abc")
    assert await folder.fit("abc", limit=10_000_000) is Fit.AS_IS
    assert await folder.fitted_size("abc") is None


@pytest.mark.parametrize("content", [None, b"", b"no film at all"])
async def test_what_cannot_be_told_counts_as_playing(folder: VideoFolder, content: bytes | None) -> None:
    if content is not None:
        folder.path("abc").write_bytes(content)

    assert await folder.plays_inline("abc")


async def test_a_file_fitted_to_a_larger_limit_goes_when_the_next_cannot_be_kept(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=12, codec="libx265"))
    await folder.fit("abc", limit=10_000_000)

    assert await folder.fit("abc", limit=100) is Fit.IMPOSSIBLE
    assert await folder.fitted_size("abc") is None
    assert names(folder) == ["abc.mp4"]


async def test_a_fitted_file_is_whole_from_its_first_moment(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=240, codec="libx265", size=(640, 480)))
    fitting = asyncio.create_task(folder.fit("abc", limit=10_000_000))
    sizes: set[int | None] = set()
    while not fitting.done():
        sizes.add(await folder.fitted_size("abc"))
    await fitting
    sizes.add(await folder.fitted_size("abc"))

    assert sizes == {None, folder.fitted("abc").stat().st_size}


async def test_one_film_is_encoded_at_a_time(folder: VideoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way: list[int] = []

    async def encode(video: Path, fitted: Path, *, limit: int) -> Fit:
        del video, fitted
        under_way.append(limit)
        await asyncio.sleep(0)
        assert under_way == [limit]
        under_way.remove(limit)
        return Fit.AS_IS

    monkeypatch.setattr("media.folder.fit_apart", encode)
    outcomes = await asyncio.gather(*(folder.fit(f"job{number}", limit=number) for number in range(3)))

    assert outcomes == [Fit.AS_IS] * 3


async def test_whoever_is_called_off_leaves_no_half_a_file(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=240, codec="libx265", size=(640, 480)))
    fitting = asyncio.create_task(folder.fit("abc", limit=10_000_000))
    while names(folder) == ["abc.mp4"]:  # noqa: ASYNC110 - another process writes the next one
        await asyncio.sleep(0.005)
    fitting.cancel()
    await asyncio.gather(fitting, return_exceptions=True)

    assert names(folder) == ["abc.mp4"]


async def test_what_was_fitted_goes_with_the_job(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=12, codec="libx265"))
    await folder.fit("abc", limit=10_000_000)
    await folder.discard("abc")

    assert names(folder) == []
