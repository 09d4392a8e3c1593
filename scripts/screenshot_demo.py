"""Takes the pictures in docs/images: the demo in a headless Chromium. `python -m scripts.screenshot_demo [NAME…]` in the project's folder."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from demo.prologue import SEEDS
from tests.demo.chromium import BrowserError, browser, find_chromium
from tests.demo.visitor import ADDRESS, Visitor
from tests.wire.process import ROOT, Program

IMAGES: Final = ROOT / "docs" / "images"
WIDTH: Final = 1000
SCALE: Final = 1.5
SEEDED: Final = len(SEEDS)
BOAT: Final = "A paper boat sails down a rainy street"
LONG: Final = (
    "A paper boat sails down a rainy street at dawn, past shop windows that are just being lit; the camera stays low, close to "
    "the water, and follows it round a corner, where a child in a yellow raincoat kneels to watch it pass. Soft reflections, "
    "light fog, muted colours, a slow and even movement; at the end the boat turns towards the viewer and comes to rest "
    "against a fallen leaf"
)

Scene = Callable[[Visitor], Awaitable[None]]


async def _typing(visitor: Visitor) -> None:
    await visitor.type_order("A paper boat in the rain")


async def _video(visitor: Visitor) -> None:
    await visitor.order(f"{BOAT}, low camera, soft morning light")
    await _finished(visitor)


async def _finished(visitor: Visitor) -> None:
    await visitor.videos(1)
    await visitor.read("Done")
    await visitor.play()


async def _long(visitor: Visitor) -> None:
    await visitor.order(LONG)
    await _finished(visitor)


async def _chinese(visitor: Visitor) -> None:
    await visitor.order("一只纸船沿着雨中的街道漂流，低机位，柔和的晨光")  # noqa: RUF001 - as Chinese is written
    await _finished(visitor)


async def _rendering(visitor: Visitor) -> None:
    await visitor.order(BOAT)
    await visitor.read("▰", within=60)


async def _failure(visitor: Visitor) -> None:
    await visitor.order("A prompt that the provider finds #moderate")
    await visitor.read("Failed")


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


def _command(name: str) -> Scene:
    """Types a command without options and waits for its answer."""

    async def scene(visitor: Visitor) -> None:
        await visitor.run(f"video {name}")

    return scene


def _form_of(name: str) -> Scene:
    """Types a command that opens a form."""

    async def scene(visitor: Visitor) -> None:
        await visitor.type_command(f"video {name}")
        await visitor.send()
        await visitor.form()

    return scene


def _form_behind(button: str) -> Scene:
    """Presses a button below the newest finished video, which opens a form."""

    async def scene(visitor: Visitor) -> None:
        await visitor.press(button)
        await visitor.form()

    return scene


def _pressed(button: str, *, then: str) -> Scene:
    """Presses a button below the newest finished video and waits for the answer."""

    async def scene(visitor: Visitor) -> None:
        await visitor.press(button)
        await visitor.read(then)

    return scene


async def _extended(visitor: Visitor) -> None:
    await visitor.press("Extend")
    await visitor.form()
    await visitor.fill("prompt", "The storm is over; the sun breaks through the clouds")
    await visitor.send_form()
    await visitor.read("Part 2")
    await visitor.videos(SEEDED + 1)
    await visitor.read("Done")
    await visitor.play()


async def _waiting_at_the_provider(visitor: Visitor, prompt: str) -> None:
    """Asks for a video that can still be cancelled although the provider has it: one of H3 that has not begun."""
    await visitor.type_order(prompt)
    await visitor.set_option("model", "MiniMax-H3", "MiniMax-H3 ·")
    await visitor.send()
    await visitor.read("Rendering", within=30)


async def _queue(visitor: Visitor) -> None:
    await _waiting_at_the_provider(visitor, "A lantern festival by the river, calm, at dusk")
    await visitor.order(BOAT)
    await visitor.read("Rendering", times=2, within=30)
    await visitor.run("video queue")


async def _cancel(visitor: Visitor) -> None:
    await _waiting_at_the_provider(visitor, BOAT)
    await visitor.run("video cancel")


async def _history(visitor: Visitor) -> None:
    for number, prompt in enumerate((BOAT, "雪山上的纸鹤"), start=SEEDED + 1):
        await visitor.order(prompt)
        await visitor.videos(number)
    await visitor.run("video history")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture.

    Args:
        scene: What happens before it is taken.
        height: Of the page, in CSS pixels.
        empty: Whether the demo begins without finished videos.
        seconds: About how long a video takes.
    """

    scene: Scene
    height: int
    empty: bool = True
    seconds: float = 4.0


PICTURES: Final[dict[str, Picture]] = {
    "demo-typing.png": Picture(_typing, 420),
    "demo-rendering.png": Picture(_rendering, 460, seconds=120.0),
    "demo.png": Picture(_video, 960),
    "demo-long.png": Picture(_long, 1120),
    "demo-chinese.png": Picture(_chinese, 960),
    "demo-failure.png": Picture(_failure, 480),
    "demo-picture.png": Picture(_picture, 980),
    "demo-choices-model.png": Picture(_choosing_a_model, 420),
    "demo-choices-camera.png": Picture(_choosing_moves, 420),
    "demo-compose.png": Picture(_form_of("compose"), 980),
    "demo-reference.png": Picture(_form_of("reference"), 980),
    "demo-models.png": Picture(_command("models"), 900),
    "demo-queue.png": Picture(_queue, 960, seconds=120.0),
    "demo-history.png": Picture(_history, 900, empty=False, seconds=1.0),
    "demo-show.png": Picture(_command("show"), 900, empty=False),
    "demo-cancel.png": Picture(_cancel, 640, seconds=120.0),
    "demo-privacy.png": Picture(_command("privacy"), 700),
    "demo-help.png": Picture(_command("help"), 680),
    "demo-edit.png": Picture(_form_behind("Edit"), 980, empty=False),
    "demo-extend.png": Picture(_form_behind("Extend"), 980, empty=False),
    "demo-extended.png": Picture(_extended, 1360, empty=False),
    "demo-favourite.png": Picture(_pressed("Favourite", then="Only you can see this"), 900, empty=False),
    "demo-share.png": Picture(_pressed("Share", then="Only you can see this"), 900, empty=False),
    "demo-delete.png": Picture(_form_behind("Delete"), 980, empty=False),
}
"""Every picture in docs/images that shows the demo."""


async def take(program: str, name: str, folder_of_pictures: Path) -> None:
    """Plays one scene in a demo of its own and saves its picture.

    Args:
        program: The browser's path.
        folder_of_pictures: Where it goes.
        name: Of the picture, one of `PICTURES`.
    """
    picture = PICTURES[name]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        wishes = ["--no-browser", "--seconds", str(picture.seconds), *(["--empty"] if picture.empty else [])]
        arguments = [str(ROOT / "bot.py"), "demo", *wishes]
        demo = Program(arguments, env={}, folder=folder, name="demo")
        await demo.start()
        try:
            url = (await demo.printed(ADDRESS))[0]
            async with browser(program, folder / "profile", width=WIDTH, height=picture.height, scale=SCALE) as tab:
                visitor = Visitor(tab)
                await visitor.enter(url)
                await picture.scene(visitor)
                await visitor.picture(folder_of_pictures / name)
            demo.sigterm()
            await demo.exited()
        finally:
            await demo.stop()


async def main(names: Sequence[str], folder: Path = IMAGES) -> int:
    """Takes pictures.

    Args:
        names: Which; none means all.
        folder: Where they go.

    Returns:
        The exit code: 0, or 1 where there is no browser, or a picture could not be taken.
    """
    program = find_chromium()
    if program is None:
        print("There is no Chromium on this machine.")
        return 1
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    failed = 0
    for name in names or PICTURES:
        try:
            await take(program, name, folder)
        except BrowserError as problem:
            failed = 1
            print(f"{name}: {problem}")
        else:
            print(folder / name)
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
