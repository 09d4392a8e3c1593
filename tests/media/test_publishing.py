"""Videos for the web server: there under their key at once and whole, streaming, for as long as there is room."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path

import pytest

from media.boxes import begins_with_index
from media.folder import VideoFolder, open_video_folder
from tests.media.samples import a_film, index_first

NOW = 1_800_000_000.0
DAY = 86400.0
KEY = "0123456789abcdef"
OTHER = "fedcba9876543210"


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncGenerator[VideoFolder]:
    async with open_video_folder(tmp_path, alone=True, now=NOW) as opened:
        yield opened


def contents(path: Path | None) -> bytes:
    assert path is not None
    return path.read_bytes()


async def test_a_published_video_is_found_by_its_key_and_stays_when_the_job_is_done(folder: VideoFolder) -> None:
    film = index_first(a_film(frames=8))
    folder.path("abc").write_bytes(film)

    assert await folder.publish("abc", KEY)
    assert folder.path("abc").read_bytes() == film
    await folder.discard("abc")

    assert contents(folder.watched(KEY)) == film


async def test_it_outlives_the_process(tmp_path: Path) -> None:
    async with open_video_folder(tmp_path, alone=True, now=NOW) as first:
        first.path("abc").write_bytes(index_first(a_film(frames=8)))
        await first.publish("abc", KEY)
    async with open_video_folder(tmp_path, alone=True, now=NOW + DAY) as second:
        assert second.watched(KEY) == tmp_path / "watch" / f"{KEY}.mp4"


async def test_its_index_is_moved_to_the_front(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(a_film(frames=8))

    assert await folder.publish("abc", KEY)
    assert begins_with_index(BytesIO(contents(folder.watched(KEY))))


@pytest.mark.parametrize("codec", [None, "libsvtav1"])
async def test_what_cannot_be_repacked_is_published_as_it_is(folder: VideoFolder, codec: str | None) -> None:
    film = a_film(frames=8, codec=codec) if codec else b"no video at all"
    folder.path("abc").write_bytes(film)

    assert await folder.publish("abc", KEY)
    assert contents(folder.watched(KEY)) == film


async def test_publishing_again_changes_nothing_even_without_the_file(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(index_first(a_film(frames=8)))
    await folder.publish("abc", KEY)
    before = contents(folder.watched(KEY))
    await folder.discard("abc")

    assert await folder.publish("abc", KEY)
    assert contents(folder.watched(KEY)) == before


async def test_two_at_once_are_one(folder: VideoFolder, tmp_path: Path) -> None:
    folder.path("abc").write_bytes(a_film(frames=8))

    assert await asyncio.gather(folder.publish("abc", KEY), folder.publish("abc", KEY)) == [True, True]
    assert [path.name for path in (tmp_path / "watch").iterdir()] == [f"{KEY}.mp4"]


async def test_a_video_that_is_not_here_is_not_published(folder: VideoFolder, tmp_path: Path) -> None:
    assert not await folder.publish("abc", KEY)
    assert list((tmp_path / "watch").iterdir()) == []


async def test_a_folder_that_cannot_be_written_means_that_it_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "watch").write_text("in the way")
    (tmp_path / "videos").mkdir()
    folder = VideoFolder(tmp_path / "videos", watch=tmp_path / "watch")
    folder.path("abc").write_bytes(index_first(a_film(frames=8)))

    assert not await folder.publish("abc", KEY)
    assert folder.watched(KEY) is None


@pytest.mark.parametrize(
    "key", ["", "abc", "0123456789abcdeF", "../0123456789abcdef", "0123456789abcdef\n", "0" * 65, "0123456789abcde/"]
)
async def test_only_keys_of_ours_lead_anywhere(folder: VideoFolder, key: str) -> None:
    folder.path("abc").write_bytes(b"x")

    assert folder.watched(key) is None
    with pytest.raises(ValueError, match="hexadecimal"):
        await folder.publish("abc", key)


async def test_a_disk_without_links_gets_a_copy(folder: VideoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    film = index_first(a_film(frames=8))
    folder.path("abc").write_bytes(film)

    assert await folder.publish("abc", KEY)
    assert contents(folder.watched(KEY)) == film


def published(folder: Path, key: str, *, age: float, size: int = 10) -> Path:
    path = folder / f"{key}.mp4"
    path.write_bytes(bytes(size))
    os.utime(path, (NOW - age, NOW - age))
    return path


async def test_old_ones_go(folder: VideoFolder, tmp_path: Path) -> None:
    old = published(tmp_path / "watch", KEY, age=31 * DAY)
    young = published(tmp_path / "watch", OTHER, age=29 * DAY)

    assert await folder.tidy(now=NOW) == 1
    assert [old.exists(), young.exists()] == [False, True]


async def test_of_too_many_the_oldest_go(tmp_path: Path) -> None:
    folder = VideoFolder(tmp_path, most_kept=25)
    (tmp_path / "watch").mkdir()
    paths = [published(tmp_path / "watch", f"{number:016x}", age=number * DAY) for number in range(4)]

    assert await folder.tidy(now=NOW) == 2
    assert [path.exists() for path in paths] == [True, True, False, False]
    assert await folder.tidy(now=NOW) == 0


async def test_what_a_crash_left_half_published_goes_with_time(folder: VideoFolder, tmp_path: Path) -> None:
    left = tmp_path / "watch" / f".{KEY}.videos-crashed"
    left.write_bytes(b"half")
    os.utime(left, (NOW - 31 * DAY, NOW - 31 * DAY))

    assert await folder.tidy(now=NOW) == 1
    assert not left.exists()


async def test_there_may_be_nothing_to_tidy(tmp_path: Path) -> None:
    assert await VideoFolder(tmp_path / "not there").tidy(now=NOW) == 0


async def test_being_published_counts_from_then_on_however_old_the_file(folder: VideoFolder) -> None:
    folder.path("abc").write_bytes(index_first(a_film(frames=8)))
    os.utime(folder.path("abc"), (1, 1))
    await folder.publish("abc", KEY)
    path = folder.watched(KEY)

    assert path is not None
    assert path.stat().st_mtime > DAY
