"""A film as cameras make them, large and grainy, and how much another film is like it. Used by benchmarks too."""

# PyAV and Pillow leave parts of their stubs open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
from av.filter import Graph
from PIL import Image, ImageChops, ImageDraw, ImageFilter

FPS: Final = 24
FULL_HD: Final = (1920, 1080)
GRAIN: Final = 3.0
"""How far grain strays from what it lies on, in steps of 256: a little, as in an evening's light."""

LARGE_RATE: Final = 80_000_000
"""Bits a second: six seconds make 60 MB."""

Planes = tuple[Image.Image, Image.Image, Image.Image]


def a_large_film(path: Path, *, seconds: float = 6, size: tuple[int, int] = FULL_HD, rate: int = LARGE_RATE) -> Path:
    """A landscape that the camera pans over and draws near to, a planet that turns before it, a light, and grain."""
    with av.open(path, "w", format="mp4") as film:
        track = cast("Any", film).add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        (track.width, track.height), track.pix_fmt, track.bit_rate = size, "yuv420p", rate
        for number, planes in enumerate(_scene(size, int(seconds * FPS))):
            frame = av.VideoFrame(*size, "yuv420p")
            for plane, picture in zip(frame.planes, planes, strict=True):
                plane.update(_padded(picture, plane.line_size))
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            film.mux(track.encode(frame))
        film.mux(track.encode(None))
    return path


def _scene(size: tuple[int, int], frames: int) -> Iterator[Planes]:
    """Light and two colours of each frame, the colours at half the size."""
    width, height = size
    half = (width // 2, height // 2)
    chance = random.Random(5)
    land = _texture((width * 5 // 4, height * 7 // 5), layers=7, strength=90)
    colours = [_texture((width * 5 // 8, height * 7 // 10), layers=2, strength=25, finest=32) for _ in range(2)]
    side = height // 2
    planet = _texture((side, side), layers=6, strength=60)
    disc = Image.new("L", (side, side), 0)
    ImageDraw.Draw(disc).ellipse((side // 20, side // 20, side * 19 // 20, side * 19 // 20), fill=255)
    disc = disc.filter(ImageFilter.GaussianBlur(side / 150))
    glow = Image.radial_gradient("L").resize(size).point([144 - value // 8 for value in range(256)])
    grains = [Image.effect_noise(size, GRAIN) for _ in range(6)]
    for number in range(frames):
        near, across, down = 1 / (1 + number / 1250), 20 + 2.3 * number, height / 10 * (1 + math.sin(number / 30))
        light, *tints = (
            picture.transform(
                shape,
                Image.Transform.AFFINE,
                (near, 0, across * part, 0, near, down * part),
                Image.Resampling.BICUBIC,
            )
            for picture, shape, part in ((land, size, 1.0), (colours[0], half, 0.5), (colours[1], half, 0.5))
        )
        x, y = int(width * 0.68 - 5.3 * number) // 2 * 2, int(height * (0.25 + 0.15 * math.sin(number / 14))) // 2 * 2
        light.paste(planet.rotate(number * 0.7, Image.Resampling.BICUBIC), (x, y), disc)
        for tint, shade in zip(tints, (105, 155), strict=True):
            tint.paste(shade, (x // 2, y // 2), disc.resize((side // 2, side // 2)))
        light = ImageChops.add(light, ImageChops.offset(glow, 7 * number, 0), 1, -128)
        grain = ImageChops.offset(chance.choice(grains), chance.randrange(width), chance.randrange(height))
        yield ImageChops.add(light, grain, 1, -128), tints[0], tints[1]


def _texture(size: tuple[int, int], *, layers: int, strength: float, finest: int = 2) -> Image.Image:
    """Clouds of every size, the finer the fainter, as in nearly everything that is not made by people."""
    width, height = size
    found = Image.new("L", size, 128)
    for layer in range(layers):
        cell = finest * 2 ** (layers - 1 - layer)
        rough = Image.effect_noise((width // cell + 2, height // cell + 2), strength * 0.62**layer)
        found = ImageChops.add(found, rough.resize(size, Image.Resampling.BICUBIC), 1, -128)
    return found


def _padded(picture: Image.Image, line: int) -> bytes:
    if picture.width == line:
        return picture.tobytes()
    wide = Image.new("L", (line, picture.height))
    wide.paste(picture)
    return wide.tobytes()


def likeness(one: Path, other: Path, stats: Path) -> float:
    """The mean SSIM of two films of the same length, by FFmpeg's own filter; the first is brought to the other's size.

    Args:
        one: A film.
        other: The other one.
        stats: Where the filter may write.
    """
    with av.open(one) as first, av.open(other) as second:
        shape = second.streams.video[0]
        graph = Graph()
        left = graph.add_buffer(template=first.streams.video[0], time_base=Fraction(1, FPS))
        right = graph.add_buffer(template=shape, time_base=Fraction(1, FPS))
        scale = graph.add("scale", f"{shape.width}:{shape.height}")
        ssim = graph.add("ssim", f"stats_file={stats}")
        sink = graph.add("buffersink")
        left.link_to(scale)
        scale.link_to(ssim, 0, 0)
        right.link_to(ssim, 0, 1)
        ssim.link_to(sink)
        graph.configure()
        for number, (a, b) in enumerate(zip(first.decode(video=0), second.decode(video=0), strict=True)):
            for source, frame in ((left, a), (right, b)):
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                source.push(frame)
            sink.pull()
        del graph
    found = [float(line.split("All:")[1].split()[0]) for line in stats.read_text().splitlines()]
    return sum(found) / len(found)


@dataclass(slots=True)
class Lag:
    """How much later than asked for the event loop came back, in seconds, each time it was asked to wait a little."""

    seen: list[float] = field(default_factory=lambda: [0.0])

    @property
    def longest(self) -> float:
        return max(self.seen)


@asynccontextmanager
async def watched_loop(pause: float = 0.005) -> AsyncGenerator[Lag]:
    """Watches the running event loop.

    Args:
        pause: Seconds between two looks.
    """
    lag = Lag()

    async def look() -> None:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(pause)
            lag.seen.append(time.perf_counter() - asked - pause)

    looking = asyncio.create_task(look())
    try:
        yield lag
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
