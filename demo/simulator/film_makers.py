"""Ways to make a film: the one people see, a tiny one for tests, and any of them brought up to a size.

A film is a real MP4: H.264, yuv420p, 24 frames a second (MiniMax docs, models), its index in front; silent as on V1, or with
AAC in stereo at 32 kHz as on V2 (h3check 0.1.0).
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from demo.simulator.films import Film, FilmMaker, FilmOrder
from demo.simulator.orders import FPS
from demo.simulator.scenes import SOUND_RATE, draw_scene, fingerprint, play_sound

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame

_ENCODER = {"preset": "ultrafast", "crf": "26", "threads": "2"}
#: Photographs in motion need more thrift, or ten seconds of them would be too large for a chat.
_THRIFTY = {"preset": "superfast", "crf": "30", "threads": "2"}
TINY = (64, 36)
_BOX_HEADER = struct.Struct(">I4s")


def paint_film(order: FilmOrder) -> Film:
    """A film with the prompt in large letters before a slowly turning gradient, and a bar that shows the time.

    One that was made from pictures shows them: it begins with the first frame, drawn near slowly, and ends with the last; the
    subjects hang above the prompt. Costs between a twentieth and a quarter of the film's length on one core.

    Args:
        order: What it must be.
    """
    from demo.simulator.overlay import draw_overlay  # noqa: PLC0415 -- Pillow, only where letters are drawn

    return _encode(order, draw_scene(order, order.width, order.height, draw_overlay(order)), order.width, order.height)


def tiny_film(order: FilmOrder) -> Film:
    """A film of the right length, 64 pixels wide and without letters or pictures, for tests that only move it about.

    Args:
        order: What it must be; another prompt gives other bytes.
    """
    plain = replace(order, first=None, last=None, subjects=())
    return _encode(order, draw_scene(plain, *TINY, None), *TINY)


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


def _encode(order: FilmOrder, scene: "Iterator[VideoFrame]", width: int, height: int) -> Film:
    # Moving the index to the front reads the file again by its name: it cannot be written to memory.
    with TemporaryDirectory(prefix="film-") as folder:
        path = Path(folder) / "output.mp4"
        _write(order, scene, path, width, height)
        return Film(path.read_bytes())


def _write(order: FilmOrder, scene: "Iterator[VideoFrame]", path: Path, width: int, height: int) -> None:
    import av  # noqa: PLC0415 -- carries FFmpeg: half a second to import
    from av.video.frame import PictureType  # noqa: PLC0415 -- as above

    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        # Makes the bytes of any two orders differ, whatever their colours.
        container.metadata["comment"] = fingerprint(order).hex()
        stream = container.add_stream("libx264", rate=FPS, options=_THRIFTY if order.first or order.last else _ENCODER)  # pyright: ignore[reportUnknownMemberType] -- PyAV leaves **kwargs untyped
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        play = _score(order, container) if order.sound else None
        for number, frame in enumerate(islice(scene, round(order.duration * FPS))):
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            frame.pict_type = PictureType.NONE  # the sources mark each frame as a key frame: five times the size
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
        if play is not None:
            play()


def _score(order: FilmOrder, container: "OutputContainer") -> Callable[[], None]:
    """Add a sound track; every track must be there before the first packet. Call what is returned to fill it."""
    track = container.add_stream("aac", rate=SOUND_RATE, layout="stereo")  # pyright: ignore[reportUnknownMemberType] -- as above

    def play() -> None:
        for frame in play_sound(order):
            container.mux(track.encode(frame))
        container.mux(track.encode())

    return play
