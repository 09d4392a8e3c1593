"""Takes the pictures in docs/images: the demo in a headless Chromium. `python -m scripts.screenshot_demo` in the project's folder."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from tests.demo.chromium import browser, find_chromium
from tests.demo.visitor import ADDRESS, Visitor
from tests.wire.process import ROOT, Program

IMAGES: Final = ROOT / "docs" / "images"
WIDTH: Final = 1000
SCALE: Final = 1.5
BOAT: Final = "A paper boat sails down a rainy street"

Scene = Callable[[Visitor], Awaitable[None]]


async def _typing(visitor: Visitor) -> None:
    await visitor.type_order("A paper boat in the rain")


async def _video(visitor: Visitor) -> None:
    await visitor.order(f"{BOAT}, low camera, soft morning light")
    await visitor.videos(1)
    await visitor.read("Done")
    await visitor.play()


async def _chinese(visitor: Visitor) -> None:
    await visitor.order("一只纸船沿着雨中的街道漂流，低机位，柔和的晨光")  # noqa: RUF001 - as Chinese is written
    await visitor.videos(1)
    await visitor.read("Done")
    await visitor.play()


async def _rendering(visitor: Visitor) -> None:
    await visitor.order(f"{BOAT}, in a #slow video")
    await visitor.read("Rendering")


async def _failure(visitor: Visitor) -> None:
    await visitor.order("A prompt that the provider finds #moderate")
    await visitor.read("Failed")


async def _models(visitor: Visitor) -> None:
    await visitor.type_command("video models")
    await visitor.send()
    await visitor.read("per second")


async def _picture(visitor: Visitor) -> None:
    with tempfile.TemporaryDirectory() as folder:
        boat = Path(folder) / "boat.png"
        _draw_boat().save(boat)
        await visitor.type_order(BOAT)
        await visitor.attach("image", boat)
        await visitor.send()
        await visitor.videos(1)
    await visitor.read("Done")
    await visitor.play()


def _draw_boat() -> Image.Image:
    """A paper boat on the water, as a person's picture."""
    picture = Image.new("RGB", (1280, 720), "lightsteelblue")
    pen = ImageDraw.Draw(picture)
    pen.polygon([(640, 120), (500, 340), (780, 340)], fill="ivory")
    pen.polygon([(380, 320), (900, 320), (780, 440), (500, 440)], fill="white")
    pen.rectangle([(0, 420), (1280, 720)], fill="steelblue")
    return picture


async def _choosing_a_model(visitor: Visitor) -> None:
    await visitor.type_order(BOAT)
    await visitor.type_option("model", "MiniMax")


async def _choosing_moves(visitor: Visitor) -> None:
    await visitor.type_order(BOAT)
    await visitor.type_option("camera", "Push in, ti")


SCENES: Final[dict[str, tuple[Scene, int]]] = {
    "demo-typing.png": (_typing, 420),
    "demo-rendering.png": (_rendering, 420),
    "demo.png": (_video, 900),
    "demo-chinese.png": (_chinese, 900),
    "demo-failure.png": (_failure, 480),
    "demo-picture.png": (_picture, 900),
    "demo-models.png": (_models, 900),
    "demo-choices-model.png": (_choosing_a_model, 420),
    "demo-choices-camera.png": (_choosing_moves, 420),
}
"""What each picture shows, and how high the page is, in CSS pixels."""


async def take(program: str, name: str) -> None:
    """Plays one scene in a demo of its own and saves its picture.

    Args:
        program: The browser's path.
        name: Of the picture, one of `SCENES`.
    """
    scene, height = SCENES[name]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        demo = Program([str(ROOT / "bot.py"), "demo", "--no-browser"], env={}, folder=folder, name="demo")
        await demo.start()
        try:
            url = (await demo.printed(ADDRESS))[0]
            async with browser(program, folder / "profile", width=WIDTH, height=height, scale=SCALE) as tab:
                visitor = Visitor(tab)
                await visitor.enter(url)
                await scene(visitor)
                await visitor.picture(IMAGES / name)
            demo.sigterm()
            await demo.exited()
        finally:
            await demo.stop()


async def main() -> int:
    """Takes all pictures; 1 where there is no browser."""
    program = find_chromium()
    if program is None:
        print("There is no Chromium on this machine.")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        await take(program, name)
        print(f"docs/images/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
