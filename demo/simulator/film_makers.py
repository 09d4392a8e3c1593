"""Ways to make a film: the one people see, a tiny one for tests, and any of them brought up to a size.

A film is a real MP4: H.264, yuv420p, 24 frames a second (MiniMax docs, models), its index in front, no sound as on V1.
"""

import hashlib
import struct
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from demo.simulator.films import Film, FilmMaker, FilmOrder

if TYPE_CHECKING:
    from av.filter import Graph

FPS = 24
#: The background is drawn at a quarter of the size and scaled up: it is smooth, and that saves nine tenths of the time.
COARSE = 4
_BAR_SHARE = 96  # the progress bar's height is this part of the film's
_ENCODER = {"preset": "ultrafast", "crf": "26", "threads": "2"}
_BOX_HEADER = struct.Struct(">I4s")
#: Dark enough for white letters on each. The prompt decides which.
_PALETTES = (
    ("0x10204f", "0x6d3f8c", "0xc8566b"),
    ("0x0b3c49", "0x197278", "0xd99b6c"),
    ("0x1d1b4c", "0x3f5fb0", "0x61b3a8"),
    ("0x3b1637", "0x8c2f5a", "0xd98b4a"),
    ("0x14342b", "0x2f6f4f", "0xb5a642"),
)


def paint_film(order: FilmOrder) -> Film:
    """A film with the prompt in large letters before a slowly turning gradient, and a bar that shows the time.

    Costs between a twentieth and a sixth of the film's length on one core.

    Args:
        order: What it must be.
    """
    from demo.simulator.poster import draw_poster  # noqa: PLC0415 -- Pillow, only where letters are drawn

    letters = draw_poster(order.prompt, order.caption, order.width, order.height)
    return _encode(order, order.width, order.height, letters.tobytes())


def tiny_film(order: FilmOrder) -> Film:
    """A film of the right length, 64 pixels wide and without letters, for tests that only move it about.

    Args:
        order: What it must be; another prompt gives other bytes.
    """
    return _encode(order, 64, 36, None)


def padded(maker: FilmMaker, size: int) -> FilmMaker:
    """A maker whose films are brought up to a size by an MP4 `free` box of zeros, which takes no memory here.

    Args:
        maker: Makes the film itself.
        size: Bytes in all; a film within 8 bytes of it or above stays as it is.
    """

    def make(order: FilmOrder) -> Film:
        film = maker(order)
        missing = size - film.size
        if missing < _BOX_HEADER.size:
            return film
        return Film(film.content + _BOX_HEADER.pack(missing, b"free"), missing - _BOX_HEADER.size)

    return make


def _encode(order: FilmOrder, width: int, height: int, letters: bytes | None) -> Film:
    # Moving the index to the front reads the file again by its name: it cannot be written to memory.
    with TemporaryDirectory(prefix="film-") as folder:
        path = Path(folder) / "output.mp4"
        _write(order, path, width, height, letters)
        return Film(path.read_bytes())


def _write(order: FilmOrder, path: Path, width: int, height: int, letters: bytes | None) -> None:
    import av  # noqa: PLC0415 -- carries FFmpeg: half a second to import
    from av.video.frame import PictureType  # noqa: PLC0415 -- as above

    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        # Makes the bytes of any two prompts differ, whatever their colours.
        container.metadata["comment"] = hashlib.sha256(_bytes(order.prompt)).hexdigest()
        stream = container.add_stream("libx264", rate=FPS, options=_ENCODER)  # pyright: ignore[reportUnknownMemberType] -- PyAV leaves **kwargs untyped
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        graph = _scene(order, width, height, letters)
        for number in range(order.duration * FPS):
            frame = graph.vpull()
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            frame.pict_type = PictureType.NONE  # the sources mark each frame as a key frame: five times the size
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _scene(order: FilmOrder, width: int, height: int, letters: bytes | None) -> "Graph":
    """The filter graph whose sink gives the frames one by one; `letters` are RGBA and lie over all."""
    import av  # noqa: PLC0415 -- as above
    from av.filter import Graph  # noqa: PLC0415 -- as above

    digest = hashlib.sha256(_bytes(order.prompt)).digest()
    colours = _PALETTES[digest[0] % len(_PALETTES)]
    gradient = ":".join(f"c{number}={colour}" for number, colour in enumerate(colours))
    across, down = max(width // COARSE, 16), max(height // COARSE, 16)
    turning = f"s={across}x{down}:r={FPS}:d={order.duration}:x0=0:y0=0:x1={across}:y1={down}:speed=0.015"

    graph = Graph()
    background = graph.add("gradients", f"{turning}:n={len(colours)}:{gradient}:seed={digest[1]}")
    scaled = graph.add("scale", f"{width}:{height}:flags=bilinear")
    planar = graph.add("format", "yuv420p")
    bar = graph.add("color", f"c=white@0.8:s={width}x{max(2, height // _BAR_SHARE)}:r={FPS}:d={order.duration}")
    passing = graph.add("overlay", f"x=-W+W*(n+1)/{order.duration * FPS}:y=H-h")
    sink = graph.add("buffersink")
    graph.link_nodes(background, scaled, planar)
    planar.link_to(passing, 0, 0)
    bar.link_to(passing, 0, 1)
    if letters is None:
        passing.link_to(sink)
        graph.configure()
        return graph

    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat("rgba"), time_base=Fraction(1, FPS))
    lettered = graph.add("overlay", "0:0:eof_action=repeat")
    passing.link_to(lettered, 0, 0)
    source.link_to(lettered, 0, 1)
    lettered.link_to(sink)
    graph.configure()
    # Not `from_image`: it drops the transparency.
    frame = av.VideoFrame.from_bytes(letters, width, height, format="rgba")
    frame.pts, frame.time_base = 0, Fraction(1, FPS)
    source.push(frame)
    source.push(None)
    return graph


def _bytes(prompt: str) -> bytes:
    return prompt.encode("utf-8", "surrogatepass")
