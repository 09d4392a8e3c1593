"""60 MB of 1080P into a channel that takes 10 MiB, all the way: posted inline, playing in a browser, hardly to be told apart."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from demo.simulator.films import Film, FilmMaker, FilmOrder
from tests.conftest import Shown
from tests.demo.chromium import browser, find_chromium
from tests.media.films import a_large_film, likeness
from tests.wire.fake_discord import MIB
from tests.wire.studio import Studio

SECONDS = 6
ASK_EVERY = 0.25
"""Seconds between two commands while the film is made to fit."""


def large_film(_: FilmOrder) -> Film:
    """As cameras make them."""
    with TemporaryDirectory() as folder:
        return Film(a_large_film(Path(folder) / "film.mp4", seconds=SECONDS).read_bytes())


@pytest.fixture
def film_maker() -> FilmMaker:
    """Films of the test's own making."""
    return large_film


async def others_wait(studio: Studio, over: asyncio.Event) -> float:
    """The longest that somebody else waited for an answer meanwhile, in seconds."""
    waits: list[float] = []
    while not over.is_set():
        asked = await studio.discord.slash(studio.place, studio.person, "video help")
        waits.append((await asked.acknowledged()).latency)
        await asyncio.sleep(ASK_EVERY)
    return max(waits)


@pytest.mark.timeout(400)
async def test_a_film_of_60_mb_is_posted_inline_in_10_mib_and_plays_in_a_browser(
    studio: Studio, tmp_path: Path, shown: Shown
) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a landscape with a planet")
    over = asyncio.Event()
    waiting = asyncio.create_task(others_wait(studio, over))
    await order.ended("Done", within=240)
    over.set()
    longest = await waiting
    await studio.stop()
    original, posted = tmp_path / "original.mp4", tmp_path / "posted.mp4"
    original.write_bytes(order.film.content)
    posted.write_bytes(order.file.read())
    ssim = likeness(original, posted, tmp_path / "ssim.txt")

    shown(
        "Posted in a 10 MiB channel",
        {
            "from": f"{original.stat().st_size / 1e6:.1f} MB",
            "to": f"{posted.stat().st_size / 1e6:.2f} MB",
            "SSIM": f"{ssim:.4f}",
            "longest answer to somebody else meanwhile": f"{longest * 1000:.0f} ms",
        },
    )
    assert original.stat().st_size > 58_000_000
    assert posted.stat().st_size <= 10 * MIB
    assert ssim > 0.93
    assert (order.paid, "http" in order.results[0].content) == (1, False)
    await plays(posted, tmp_path)


async def plays(film: Path, folder: Path) -> None:
    """Plays a film in a browser, where there is one."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine: everything but the playing was checked")
    page = folder / "page.html"
    page.write_text(f"<video src='{film.name}' muted autoplay></video>")
    async with browser(chromium, folder / "profile", width=640, height=480) as tab:
        await tab.open(page.as_uri())
        video = "document.querySelector('video')"
        await tab.until(f"{video}.error || {video}.currentTime > 1", within=30)
        seen = await tab.js(f"(v => [v.videoWidth, v.videoHeight, Math.round(v.duration), v.error])({video})")
    assert seen == [1920, 1080, SECONDS, None]
