"""`python bot.py demo` as people start it: a process of its own, in an empty folder, without any settings."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import av
import pytest

from demo.prologue import SEEDS
from tests.demo.chromium import browser, find_chromium
from tests.demo.visitor import ADDRESS, Visitor
from tests.wire.process import ROOT, Program

pytestmark = pytest.mark.wire

Start = Callable[..., Program]


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Start]:
    """Makes demos, not started yet; what a demo leaves behind in the temporary folder fails its test."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    made: list[Program] = []

    def make(*arguments: str) -> Program:
        env = {"TMPDIR": str(temporary), "PYTHONWARNINGS": "error::ResourceWarning"}
        made.append(Program([str(ROOT / "bot.py"), "demo", *arguments], env=env, folder=tmp_path, name="demo"))
        return made[-1]

    yield make
    for program in made:
        await program.stop()
    assert list(temporary.iterdir()) == []


def trouble(program: Program) -> list[str]:
    """Lines that only a program in trouble prints."""
    marks = ("Traceback", "never retrieved", "was destroyed", "Warning", "[error", "[warning")
    return [line for line in program.log.splitlines() if any(mark in line for mark in marks)]


async def test_a_prompt_becomes_a_saved_video_that_plays(demo: Start, tmp_path: Path) -> None:
    program = demo("--prompt", "A *red* fox, 极光下的红狐狸", "--seconds", "2")
    await program.start()

    assert await program.exited(within=30) == 0
    assert trouble(program) == []
    for words in ("/video create prompt:A *red* fox", "Received", "@you Your video is ready.", "Done"):
        assert words in program.log
    (video,) = (tmp_path / "demo-videos").iterdir()
    assert f"Saved demo-videos/{video.name} (1920 x 1080, 6.0 s" in program.log
    with av.open(str(video), mode="r") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.frames) == ("h264", 144)


async def test_a_prompt_that_fails_moderation_ends_with_the_cards_words_and_1(demo: Start, tmp_path: Path) -> None:
    program = demo("--prompt", "A #moderate fox", "--seconds", "2")
    await program.start()

    assert await program.exited(within=30) == 1
    assert "Failed" in program.log
    assert "nothing" in program.log.lower()
    assert trouble(program) == []
    assert not (tmp_path / "demo-videos").exists()


async def test_an_empty_demo_opens_with_an_empty_channel(demo: Start, tmp_path: Path) -> None:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    program = demo("--no-browser", "--empty")
    await program.start()
    url = (await program.printed(ADDRESS))[0]

    async with browser(chromium, tmp_path / "profile", width=1280, height=900) as tab:
        visitor = Visitor(tab)
        await visitor.enter(url)
        assert await tab.js("document.querySelectorAll('video').length") == 0
    program.sigterm()
    assert await program.exited(within=10) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_and_sigterm_end_it_cleanly_with_0(demo: Start, number: signal.Signals) -> None:
    program = demo("--no-browser")
    await program.start()
    await program.printed(ADDRESS)
    await program.printed("Ctrl-C")

    os.kill(program.pid, number)

    assert await program.exited(within=10) == 0
    assert trouble(program) == []
    assert program.log.rstrip().endswith("nothing of it is kept.")


async def test_an_order_interrupted_by_ctrl_c_ends_cleanly_with_130(demo: Start) -> None:
    program = demo("--prompt", "A #slow fox")
    await program.start()
    await program.printed("Received")

    os.kill(program.pid, signal.SIGINT)

    assert await program.exited(within=10) == 130
    assert trouble(program) == []


async def test_a_port_in_use_ends_it_with_one_sentence(demo: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = demo("--no-browser", "--port", str(port))
        await program.start()

        assert await program.exited(within=30) == 1
    assert f"The page cannot be served on port {port}" in program.log
    assert trouble(program) == []


async def test_a_person_orders_a_video_in_the_page_and_it_plays_there(demo: Start, tmp_path: Path) -> None:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    program = demo("--no-browser", "--seconds", "1")
    await program.start()
    url = (await program.printed(ADDRESS))[0]
    profile = tmp_path / "profile"

    async with browser(chromium, profile, width=1280, height=900) as tab:
        visitor = Visitor(tab)
        await visitor.enter(url)
        # What others and oneself had made before is there already.
        await visitor.videos(before := len(SEEDS))
        await visitor.read(SEEDS[0].prompt)
        await visitor.order("a lighthouse at night")
        await visitor.read("a lighthouse at night")
        # What is being typed stays while the bot posts.
        await visitor.type_order("月亮上的猫")
        await visitor.videos(before + 1)
        await visitor.send()
        await visitor.videos(before + 2)
        await visitor.read("Your video is ready.")
        seen = await visitor.play()
        complaints = tab.complaints

    assert (seen["width"], seen["height"], seen["duration"], seen["error"]) == (1920, 1080, 6, None)
    assert seen["at"] > 1
    assert complaints == []
    program.sigterm()
    assert await program.exited(within=10) == 0
    assert trouble(program) == []
