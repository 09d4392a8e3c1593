"""Videos brought to a size: real files in, real files out, looked at with a decoder."""

# PyAV and Pillow leave parts of their stubs open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from jobs.ports import Fit
from media.boxes import begins_with_index, plays_inline
from media.fitting import fit_apart, repack_apart
from media.shrink import QUALITY_FLOOR, Facts, frame_for, probe, shrink
from tests.media import samples
from tests.media.films import FPS, likeness
from tests.media.samples import noise
from tests.media.test_clips import held_upright
from tests.media.test_last_frame import film_of

GOOD = 0.93


def a_film(
    path: Path,
    *,
    size: tuple[int, int] = (640, 360),
    seconds: float = 3,
    codec: str = "libx264",
    rate: int = 8_000_000,
    sound: bool = False,
) -> Path:
    """A drifting picture with fine detail: what an encoder has to work for."""
    width, height = size
    detail = Image.effect_noise((width // 2, height // 2), 60).resize(size, Image.Resampling.BICUBIC)
    ramp = Image.linear_gradient("L").resize(size)
    with av.open(path, "w", format="mp4") as out:
        picture = cast("Any", out.add_stream(codec, rate=FPS, options={"preset": "ultrafast"}))
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = width, height, "yuv420p", rate
        tone = cast("Any", out.add_stream("aac", rate=48_000, layout="stereo")) if sound else None
        for number in range(int(seconds * FPS)):
            moved = ImageChops.offset(detail, number * 3, number)
            image = Image.merge("RGB", (moved, ramp, ImageChops.offset(ramp, 0, number * 5)))
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(picture.encode(frame))
        out.mux(picture.encode(None))
        if tone is not None:
            for number in range(int(seconds * 48_000 / 1024)):
                beep = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
                for plane in beep.planes:
                    plane.update(bytes(plane.buffer_size))
                beep.pts, beep.sample_rate, beep.time_base = number * 1024, 48_000, Fraction(1, 48_000)
                out.mux(tone.encode(beep))
            out.mux(tone.encode(None))
    return path


def test_a_video_that_fits_and_plays_is_left_alone(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4")
    outcome = shrink(film, tmp_path / "out.mp4", limit=film.stat().st_size)

    assert outcome is Fit.AS_IS
    assert not (tmp_path / "out.mp4").exists()


def test_a_video_that_is_mostly_padding_is_only_repacked(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4", seconds=1, sound=True)
    pictures = film.stat().st_size
    with film.open("ab") as file:
        file.write((1_000_000).to_bytes(4, "big") + b"free" + bytes(999_992))
    outcome = shrink(film, tmp_path / "out.mp4", limit=pictures + 10_000)

    assert outcome is Fit.REPACKED
    facts = probe(tmp_path / "out.mp4")
    assert (facts.inline, facts.sound, facts.width) == (True, True, 640)
    content = (tmp_path / "out.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize("sound", [False, True])
def test_a_video_too_large_is_encoded_anew_to_fit_and_still_looks_alike(
    tmp_path: Path, sound: bool, record_property: Callable[[str, object], None]
) -> None:
    film = a_film(tmp_path / "film.mp4", rate=12_000_000, sound=sound)
    limit = film.stat().st_size * 2 // 5
    outcome = shrink(film, tmp_path / "out.mp4", limit=limit)

    assert outcome is Fit.REENCODED
    facts = probe(tmp_path / "out.mp4")
    assert facts.size <= limit
    assert facts.size > limit // 2, "it gives away quality for nothing"
    assert (facts.width, facts.height, facts.inline, facts.sound) == (640, 360, True, sound)
    assert facts.seconds == pytest.approx(3, abs=0.1)
    ssim = likeness(film, tmp_path / "out.mp4", tmp_path / "ssim.txt")
    record_property("ssim", ssim)
    assert ssim > GOOD


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"codec": "mpeg4"}, id="MPEG-4, part 2"),
        pytest.param({"codec": "libx265"}, id="HEVC"),
        pytest.param({"codec": "libsvtav1"}, id="AV1"),
        pytest.param({"codec": "libvpx-vp9"}, id="VP9"),
        pytest.param({"pixels": "yuv444p"}, id="4:4:4"),
        pytest.param({"pixels": "yuv420p10le"}, id="10 bits"),
        pytest.param({"codec": "libx264rgb", "pixels": "rgb24"}, id="RGB"),
        pytest.param({"sound": "flac"}, id="a sound that only some play"),
    ],
)
def test_what_discord_does_not_play_where_it_stands_is_converted_whatever_its_size(
    tmp_path: Path, how: dict[str, Any]
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(index_first_where_possible(samples.a_film(frames=24, **how)))
    with film.open("rb") as file:
        assert not plays_inline(file)
    outcome = shrink(film, tmp_path / "out.mp4", limit=10_000_000)

    assert outcome is Fit.REENCODED
    facts = probe(tmp_path / "out.mp4")
    assert (facts.inline, facts.width, facts.height, facts.seconds) == (True, 320, 240, pytest.approx(1, abs=0.1))
    with (tmp_path / "out.mp4").open("rb") as file:
        assert plays_inline(file)
        assert begins_with_index(file)


def index_first_where_possible(film: bytes) -> bytes:
    """PyAV cannot copy AV1."""
    try:
        return samples.index_first(film)
    except ValueError:
        return film


def test_an_easy_video_does_not_grow_to_the_limit(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4", codec="libx265", seconds=1, rate=2_000_000)
    shrink(film, tmp_path / "out.mp4", limit=100_000_000)

    assert probe(tmp_path / "out.mp4").size < 20 * film.stat().st_size


def test_a_film_with_much_room_stays_one_that_telephones_decode(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4", codec="mpeg4", size=(1920, 1080), seconds=0.5, rate=40_000_000)
    shrink(film, tmp_path / "out.mp4", limit=100_000_000)
    content = (tmp_path / "out.mp4").read_bytes()
    level = content[content.index(b"avcC") + 4 + 3]

    assert level <= 42


@pytest.mark.parametrize(
    ("transfer", "primaries", "white"),
    [("smpte2084", "bt2020", 149), ("arib-std-b67", "bt2020", 191), ("bt709", "bt709", 235)],
    ids=["PQ", "HLG", "10 bits of the usual"],
)
def test_hdr_is_brought_to_the_colours_of_every_screen(
    tmp_path: Path, transfer: str, primaries: str, white: int
) -> None:
    matrix = "bt2020nc" if primaries == "bt2020" else "bt709"
    told = f"log-level=none:colorprim={primaries}:transfer={transfer}:colormatrix={matrix}"
    film = tmp_path / "film.mp4"
    film.write_bytes(
        film_of(
            [Image.new("RGB", (320, 240), (white,) * 3)] * 12,
            codec="libx265",
            pixels="yuv420p10le",
            options={"x265-params": told},
            colours={},
        )
    )
    assert shrink(film, tmp_path / "out.mp4", limit=1_000_000) is Fit.REENCODED

    with av.open(tmp_path / "out.mp4") as out:
        frame = next(out.decode(video=0))
        coded = out.streams.video[0].codec_context
        assert (coded.color_primaries, coded.color_trc, coded.colorspace, coded.color_range) == (1, 1, 1, 1)
        shown = frame.reformat(format="rgb24", src_colorspace="itu709").to_image().getpixel((160, 120))
    assert min(cast("tuple[int, int, int]", shown)) == pytest.approx(white if transfer == "bt709" else 250, abs=6)


@pytest.mark.parametrize("told", [{"colorspace": 1, "color_primaries": 1, "color_trc": 1}, {}])
def test_what_a_film_says_of_its_usual_colours_is_kept(tmp_path: Path, told: dict[str, int]) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(film_of([noise(320, 240) for _ in range(12)], colours=told))
    shrink(film, tmp_path / "out.mp4", limit=film.stat().st_size // 2)

    with av.open(tmp_path / "out.mp4") as out:
        coded = out.streams.video[0].codec_context
        assert (coded.color_primaries, coded.color_trc, coded.colorspace) == ((1, 1, 1) if told else (2, 2, 2))


def test_a_film_on_its_side_is_turned_for_good(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(held_upright(samples.a_film(frames=24, codec="mpeg4", size=(480, 240))))
    assert shrink(film, tmp_path / "out.mp4", limit=1_000_000) is Fit.REENCODED

    with av.open(tmp_path / "out.mp4") as out:
        frame = next(out.decode(video=0))
        assert (frame.width, frame.height, frame.rotation) == (240, 480, 0)


def test_below_the_quality_floor_the_picture_gets_smaller_and_in_the_end_there_is_none(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4", size=(1280, 720), seconds=2)
    # A little under the floor of the full picture.
    limit = int(QUALITY_FLOOR * 0.9 * 1280 * 720 * FPS * 2 / 8)
    assert shrink(film, tmp_path / "small.mp4", limit=limit) is Fit.REENCODED
    assert probe(tmp_path / "small.mp4").height == 480

    assert shrink(film, tmp_path / "none.mp4", limit=limit // 20) is Fit.IMPOSSIBLE
    assert not (tmp_path / "none.mp4").exists()


@given(
    width=st.integers(16, 4096), height=st.integers(16, 4096), rate=st.integers(0, 50_000_000), fps=st.floats(10, 60)
)
def test_a_frame_is_even_never_larger_and_above_the_floor(width: int, height: int, rate: int, fps: float) -> None:
    facts = Facts(size=1, width=width, height=height, fps=fps, seconds=1, inline=True, sound=False)
    frame = frame_for(facts, rate)
    if frame is None:
        assert rate < QUALITY_FLOOR * (width + 1) * (height + 1) * fps
        return
    assert frame[0] % 2 == frame[1] % 2 == 0
    assert frame[0] <= width + 1
    assert frame[1] <= height + 1
    assert rate >= QUALITY_FLOOR * frame[0] * frame[1] * fps


async def test_a_file_that_is_no_video_cannot_be_fitted_and_takes_nobody_along(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(5000))

    assert await fit_apart(broken, tmp_path / "out.mp4", limit=1000) is Fit.IMPOSSIBLE


async def test_whoever_takes_too_long_is_ended(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4", seconds=1)

    assert await fit_apart(film, tmp_path / "out.mp4", limit=1000, patience=0.01) is Fit.IMPOSSIBLE


async def test_whoever_is_called_off_leaves_no_process_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Process] = []
    start = asyncio.create_subprocess_exec

    async def watched(*command: str, **how: Any) -> Process:
        started.append(await start(*command, **how))
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    film = a_film(tmp_path / "film.mp4", size=(1280, 720), seconds=2)
    fitting = asyncio.create_task(fit_apart(film, tmp_path / "out.mp4", limit=500_000))
    while not started:  # noqa: ASYNC110 - another process is being started
        await asyncio.sleep(0)
    fitting.cancel()
    await asyncio.gather(fitting, return_exceptions=True)

    assert started[0].returncode == -9


async def test_a_machine_that_can_start_nothing_fits_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "not there"))

    assert await fit_apart(tmp_path / "film.mp4", tmp_path / "out.mp4", limit=1000) is Fit.IMPOSSIBLE
    assert not await repack_apart(tmp_path / "film.mp4", tmp_path / "out.mp4")
