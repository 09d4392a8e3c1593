"""The last frame of a person's video: the very last that can be decoded, upright, in its colours, in full size."""

# PyAV and Pillow leave parts of their stubs open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import av
import pytest
from PIL import Image, ImageChops

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules
from jobs.request import Note, Role
from media.lastframe import MOST_PIXELS, last_frame
from media.orders import Order
from media.worker import carry_out
from tests.media.samples import FRAME, a_picture, a_sound, a_zip, index_first, noise, opened, saved
from tests.media.test_clips import held_upright

RED, BLUE, GREEN, WHITE = (255, 0, 0), (0, 0, 255), (0, 255, 0), (255, 255, 255)
STEP = 8
"""How much brighter each frame of `a_countdown` is than the one before."""

BT709 = {"colorspace": 1, "color_primaries": 1, "color_trc": 1}


def film_of(
    pictures: list[Image.Image],
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    kind: str = "mp4",
    options: dict[str, str] | None = None,
    colours: dict[str, int] | None = None,
    shape: Fraction = Fraction(1),
) -> bytes:
    file = BytesIO()
    size = pictures[0].size
    quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    with av.open(file, "w", format=kind) as film:
        track = cast("Any", film).add_stream(codec, rate=24, options=quiet | (options or {}))
        (track.width, track.height), track.pix_fmt = size, pixels
        track.sample_aspect_ratio = shape
        for name, value in (BT709 if colours is None else colours).items():
            setattr(track.codec_context, name, value)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_bytes(picture.convert("RGBA").tobytes(), *size, format="rgba")
            frame = frame.reformat(format=pixels, dst_colorspace="itu709")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            film.mux(track.encode(frame))
        film.mux(track.encode(None))
    return file.getvalue()


def quarters(size: tuple[int, int] = (320, 240), *, below: tuple[int, ...] = GREEN) -> Image.Image:
    """Red, blue, and another colour below."""
    width, height = size
    picture = Image.new("RGBA", size, (*RED, 255))
    picture.paste((*BLUE, 255), (width // 2, 0, width, height))
    picture.paste(below, (0, height // 2, width, height))
    return picture


def in_colours(**how: Any) -> bytes:
    size = how.pop("size", (320, 240))
    last = quarters(size, below=how.pop("below", GREEN))
    return film_of([*[Image.new("RGB", size, "black")] * 9, last], **how)


def a_countdown(frames: int, **options: str) -> bytes:
    """Each frame a little brighter than the one before, with detail enough that its bytes lie all over the file."""
    pictures = [ImageChops.add(_grain(), Image.new("RGB", (320, 240), (STEP * at,) * 3)) for at in range(frames)]
    return index_first(film_of(pictures, options=options))


def _grain() -> Image.Image:
    return noise(320, 240).convert("L").point([value // 8 for value in range(256)]).convert("RGB")


def taken(film: bytes) -> Image.Image:
    return opened(last_frame(BytesIO(film)).read())


def number(picture: Image.Image) -> int:
    """Which frame of a countdown it is, as near as its brightness tells."""
    grey = picture.convert("L").resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    return round((cast("int", grey) - GRAIN) / STEP)


GRAIN = 16
"""The mean brightness of the grain."""


def corners(picture: Image.Image) -> list[Any]:
    width, height = picture.size
    return [picture.getpixel((width * x // 4, height * y // 4)) for x, y in ((1, 1), (3, 1), (1, 3), (3, 3))]


def alike(found: list[Any], expected: list[tuple[int, ...]], tolerance: int = 6) -> bool:
    return all(
        abs(a - b) <= tolerance
        for one, other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({}, id="H.264"),
        pytest.param({"kind": "mov"}, id="QuickTime"),
        pytest.param({"kind": "matroska"}, id="Matroska"),
        pytest.param({"codec": "libvpx-vp9", "kind": "webm"}, id="VP9 in WebM"),
        pytest.param({"codec": "libsvtav1"}, id="AV1"),
        pytest.param({"codec": "libx265", "pixels": "yuv420p10le"}, id="HEVC of 10 bits"),
        pytest.param({"pixels": "yuv444p"}, id="4:4:4"),
        pytest.param({"pixels": "yuv420p10le"}, id="H.264 of 10 bits"),
        pytest.param({"codec": "libx264rgb", "pixels": "rgb24", "colours": {}}, id="RGB"),
        pytest.param({"colours": {}, "size": (1280, 720)}, id="HD that says nothing of its colours"),
    ],
)
def test_the_last_frame_has_the_colours_it_is_shown_in(how: dict[str, Any]) -> None:
    size = how.get("size", (320, 240))
    picture = taken(in_colours(**how))

    assert (picture.size, picture.mode) == (size, "RGB")
    assert alike(corners(picture), [RED, BLUE, GREEN, GREEN]), corners(picture)


@pytest.mark.parametrize("codec", [("prores_ks", "yuva444p10le"), ("qtrle", "argb")])
def test_what_can_be_seen_through_stays_so_and_gets_white_paper_as_pictures_do(
    codec: tuple[str, str], tmp_path: Path
) -> None:
    film = in_colours(codec=codec[0], pixels=codec[1], kind="mov", below=(0, 255, 0, 0))
    assert taken(film).mode == "RGBA"

    (tmp_path / "film").write_bytes(film)
    rules = InputRules(media_types=frozenset({"image/png"}), max_bytes=1_000_000)
    carry_out(Order(Role.FIRST_FRAME, tmp_path / "film", tmp_path / "fitted", rules, last_frame=True))
    fitted = opened((tmp_path / "fitted").read_bytes())

    assert alike(corners(fitted), [RED, BLUE, WHITE, WHITE]), corners(fitted)


@pytest.mark.parametrize(("transfer", "white"), [("smpte2084", 149), ("arib-std-b67", 191)])
def test_hdr_becomes_what_ordinary_screens_show(transfer: str, white: int) -> None:
    """White that is merely bright is white, though HDR keeps it at 58 % of its values (PQ) or at 75 % (HLG; BT.2408)."""
    options = {"x265-params": f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"}
    grey = Image.new("RGB", (320, 240), (white,) * 3)
    film = film_of([grey] * 3, codec="libx265", pixels="yuv420p10le", options=options, colours={})
    [found, *_] = corners(taken(film))

    assert min(found) >= 245


def test_a_video_that_was_held_upright_gives_an_upright_picture() -> None:
    picture = taken(held_upright(in_colours()))

    assert picture.size == (240, 320)
    assert alike(corners(picture), [GREEN, RED, GREEN, BLUE])


def test_pixels_that_are_no_squares_become_squares() -> None:
    film = film_of([quarters()] * 3, shape=Fraction(4, 3))

    assert taken(film).size == (427, 240)


@pytest.mark.parametrize("keyframes", [12, 999], ids=["a key frame every half second", "one key frame"])
def test_it_is_the_very_last_one_wherever_decoding_may_begin(keyframes: int) -> None:
    film = a_countdown(28, g=str(keyframes))

    assert number(taken(film)) == 27


def test_of_a_long_video_only_the_end_is_decoded() -> None:
    class Reading(BytesIO):
        was_read = 0

        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            self.was_read += len(found)
            return found

    film = index_first(film_of([noise(64, 64) for _ in range(480)], options={"g": "24"}))
    file = Reading(film)
    last_frame(file)

    assert file.was_read < len(film) / 3


def no_bytes(_: int) -> bytes:
    return b""


@pytest.mark.parametrize("keyframes", [6, 999], ids=["many key frames", "one key frame"])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(no_bytes, id="cut off"),
        pytest.param(bytes, id="zeros"),
        pytest.param(random.Random(1).randbytes, id="noise"),
    ],
)
def test_of_a_damaged_end_the_last_sound_frame_is_taken(damage: Callable[[int], bytes], keyframes: int) -> None:
    film = a_countdown(28, g=str(keyframes))
    sound = len(film) * 3 // 4
    picture = taken(film[:sound] + damage(len(film) - sound))
    whole = picture.convert("L").resize((16, 12), Image.Resampling.BOX)
    darkest, brightest = cast("tuple[int, int]", whole.getextrema())

    assert 12 <= number(picture) <= 22
    assert brightest - darkest < 3 * STEP, "it is patched together from several"


def why_not(film: bytes) -> Reason:
    with pytest.raises(BadInput) as caught:
        last_frame(BytesIO(film))
    return caught.value.reason


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(a_zip, id="an archive"),
        pytest.param(lambda: saved(a_picture()), id="a picture"),
        pytest.param(a_sound, id="a sound"),
        pytest.param(lambda: a_sound(kind="mp4", codec="aac"), id="a sound in a video's boxes"),
        pytest.param(lambda: b"#EXTM3U\nhttp://127.0.0.1/secret\n", id="a list of addresses"),
        pytest.param(lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n", id="a list of files"),
    ],
)
def test_what_is_no_video_is_of_the_wrong_kind(data: Callable[[], bytes]) -> None:
    assert why_not(data()) is Reason.INPUT_WRONG_KIND


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: b"", id="nothing"),
        pytest.param(lambda: a_countdown(8)[:200], id="the first bytes"),
        pytest.param(lambda: b"\0\0\0\x18ftypmp42" + bytes(5000), id="nothing but a name"),
    ],
)
def test_a_broken_video_is_unreadable(data: Callable[[], bytes]) -> None:
    assert why_not(data()) is Reason.INPUT_UNREADABLE


def test_more_pixels_than_any_screen_has_are_refused_before_they_are_decoded() -> None:
    film = in_colours(codec="qtrle", pixels="rgb24", kind="mov")
    at = film.index(b"rle ") + 4 + 24
    wide = film[:at] + struct.pack(">HH", 8000, 5000) + film[at + 4 :]
    assert MOST_PIXELS < 8000 * 5000

    assert why_not(wide) is Reason.INPUT_TOO_LARGE


def test_it_goes_through_the_same_fitting_as_a_picture(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(held_upright(in_colours(size=(640, 240))))
    answer = carry_out(Order(Role.FIRST_FRAME, tmp_path / "film", tmp_path / "fitted", FRAME, last_frame=True))

    assert answer.notes == (Note.LAST_FRAME_TAKEN, Note.PICTURE_PADDED)
    assert (answer.media_type, opened((tmp_path / "fitted").read_bytes()).size) == ("image/jpeg", (320, 640))
