"""A finished video brought to what a channel takes and Discord plays inline: repacked, else encoded anew, else neither.

Pure work on files; runs in a process of its own (`fitting` starts it). Discord plays MP4 with H.264 in yuv420p and AAC
everywhere, best with the index in front (Discord docs, File Type Filtering; reports on HEVC and AV1 in its clients).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.stream import Stream
from av.video.format import VideoFormat
from av.video.frame import PictureType
from av.video.stream import VideoStream

from jobs.ports import Fit

from .frames import BT709, LIMITED_RANGE, Development, is_high_range, quarter_turns, upright_size

QUALITY_FLOOR: Final = 0.03
"""Bits for each pixel of each frame below which H.264 visibly falls apart, into blocks that jump with every key frame: a
smaller picture is better then, and where even 480 lines would get less, a link to the video as it was made. For 1080P at
24 frames a second the floor is 1.5 Mbit/s, for 480P 0.3: ten MiB hold 53 s of the one and over four minutes of the
other."""

MOST_RATE: Final = 30_000_000
"""Bits a second for the picture that are never exceeded: with its peaks a film stays within level 4.2 of H.264 (62.5 Mbit/s
in High: ITU-T H.264, table A-1), which telephones decode."""

QP_FLOOR: Final = "14"
"""The finest quantizer that is used: below it nobody sees a difference, so an easy video stays smaller than the limit."""

SHORT_SIDES: Final = (1440, 1080, 768, 720, 480)
"""Pixels of the shorter side that a video is reduced to, the largest that the floor allows."""

ROOM: Final = 0.96
"""The share of the limit aimed at: the encoder keeps its rate on average only, and the container takes a little."""

TRIES: Final = 3
SOUND_RATE: Final = 96_000
"""Bits a second for stereo sound, where it must be encoded anew."""

PRESET: Final = "veryfast"
"""Of x264. On a grainy film of 1080P brought to 10 MiB slower ones gained 0.002 in SSIM at best (0.956 to 0.958), and took
two to four times as long; somebody is waiting."""

NICENESS: Final = 5
"""So that answering people comes first where processors are few; no more, since a finished video is being waited for."""

_INLINE_PIXELS: Final = frozenset({"yuv420p", "yuvj420p"})
_INLINE_SOUND: Final = frozenset({"aac", "mp3"})
_BITS: Final = 8
_SOUND_SAMPLES: Final = 48_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What a video file is.

    Args:
        size: Bytes.
        width: Pixels, were they square; before it is turned upright.
        height: Pixels.
        fps: Frames a second.
        seconds: Length.
        inline: Whether Discord's clients play it where it stands.
        sound: Whether it has any.
    """

    size: int
    width: int
    height: int
    fps: float
    seconds: float
    inline: bool
    sound: bool


def probe(path: Path) -> Facts:
    """What a video file is.

    Raises:
        ValueError: It has no picture or no length.
        av.FFmpegError: It is no video at all.
    """
    with av.open(path) as file:
        if not file.streams.video or not file.duration:
            raise ValueError("no picture, or no length")
        picture = file.streams.video[0]
        sound = file.streams.audio[0] if file.streams.audio else None
        plays = picture.codec_context.name == "h264" and picture.codec_context.pix_fmt in _INLINE_PIXELS
        heard = sound is None or sound.codec_context.name in _INLINE_SOUND
        width, height = upright_size(picture, 0)
        return Facts(
            size=path.stat().st_size,
            width=width,
            height=height,
            fps=float(picture.average_rate or 24),
            seconds=file.duration / av.time_base,
            inline=plays and heard and "mp4" in file.format.name,
            sound=sound is not None,
        )


def shrink(source: Path, target: Path, *, limit: int) -> Fit:
    """Brings a video to a size; `target` is written where the outcome is REPACKED or REENCODED.

    Args:
        source: The video; never changed.
        target: Another path, ending in `.mp4`.
        limit: Bytes it may have.

    Raises:
        ValueError: It has no picture or no length.
        av.FFmpegError: It cannot be decoded.
    """
    facts = probe(source)
    if facts.inline:
        if facts.size <= limit:
            return Fit.AS_IS
        if repack(source, target) <= limit:
            return Fit.REPACKED
    rate = min(MOST_RATE, int(limit * ROOM * _BITS / facts.seconds) - (SOUND_RATE if facts.sound else 0))
    for _ in range(TRIES):
        frame = frame_for(facts, rate)
        if frame is None:
            break
        size = _encode(source, target, facts, frame, rate)
        if size <= limit:
            return Fit.REENCODED
        rate = int(rate * ROOM * limit / size)
    target.unlink(missing_ok=True)
    return Fit.IMPOSSIBLE


def frame_for(facts: Facts, rate: int) -> tuple[int, int] | None:
    """Width and height to encode at, even numbers; None where the rate is below the floor at every size.

    Args:
        facts: The video.
        rate: Bits a second for the picture.
    """
    short = min(facts.width, facts.height)
    for side in (short, *(side for side in SHORT_SIDES if side < short)):
        width, height = (round(edge * side / short / 2) * 2 for edge in (facts.width, facts.height))
        if rate >= QUALITY_FLOOR * width * height * facts.fps:
            return width, height
    return None


def repack(source: Path, target: Path) -> int:
    """Puts the same picture and sound into a new container, its index in front.

    Args:
        source: The video.
        target: Another path.

    Returns:
        Its size in bytes.

    Raises:
        ValueError: It is coded in a way that cannot be copied.
        av.FFmpegError: It is no video, or broken.
    """
    with av.open(source) as file, _mp4(target) as out:
        shown = _shown(file)
        kept: dict[int, Stream] = {stream.index: out.add_stream_from_template(stream) for stream in shown}  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
        for packet in file.demux(*shown):
            if packet.dts is not None:
                packet.stream = kept[packet.stream.index]
                out.mux(packet)
    return target.stat().st_size


def _encode(source: Path, target: Path, facts: Facts, frame: tuple[int, int], rate: int) -> int:
    """H.264 and AAC at this size and rate; returns the file's size in bytes."""
    resampler = AudioResampler(format="fltp", layout="stereo", rate=_SOUND_SAMPLES)
    turned = _turned(source)
    with av.open(source) as file, _mp4(target) as out:
        track = file.streams.video[0]
        track.thread_type = "AUTO"
        fps = track.average_rate or Fraction(24)
        size = (frame[1], frame[0]) if turned else frame
        picture = _picture_stream(out, track, fps, size, rate)
        plain = Development(track, "yuv420p", size)
        sound = out.add_stream("aac", rate=_SOUND_SAMPLES, layout="stereo") if facts.sound else None  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
        if sound is not None:
            sound.bit_rate = SOUND_RATE
        frames = 0
        for packet in file.demux(*_shown(file)):
            for part in packet.decode():
                if isinstance(part, av.VideoFrame):
                    image = plain.develop(part)
                    # Numbered anew: a constant rate plays everywhere.
                    image.pts, image.time_base, image.pict_type = frames, 1 / fps, PictureType.NONE
                    frames += 1
                    out.mux(picture.encode(image))
                elif isinstance(part, av.AudioFrame) and sound is not None:
                    for piece in resampler.resample(part):
                        out.mux(sound.encode(piece))
        out.mux(picture.encode(None))
        if sound is not None:
            for piece in resampler.resample(None):
                out.mux(sound.encode(piece))
            out.mux(sound.encode(None))
    return target.stat().st_size


def _turned(source: Path) -> bool:
    """Whether a film must lie on its side to be upright, which only its frames tell."""
    with av.open(source) as file:
        first = next(file.decode(video=0), None)
        return first is not None and quarter_turns(first) % 2 == 1


def _picture_stream(
    out: OutputContainer, track: VideoStream, fps: Fraction, size: tuple[int, int], rate: int
) -> VideoStream:
    options = {
        "preset": PRESET,
        "maxrate": str(rate * 3 // 2),
        "bufsize": str(rate * 2),
        "threads": "2",
        "qmin": QP_FLOOR,
    }
    picture = out.add_stream("libx264", rate=fps, options=options)  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
    picture.width, picture.height = size
    picture.pix_fmt, picture.bit_rate = "yuv420p", rate
    given, made = track.codec_context, picture.codec_context
    made.color_range = LIMITED_RANGE
    if is_high_range(track) or VideoFormat(given.pix_fmt or "yuv420p").is_rgb:
        made.color_primaries = made.color_trc = made.colorspace = BT709
    else:
        made.color_primaries, made.color_trc, made.colorspace = given.color_primaries, given.color_trc, given.colorspace
    return picture


def _shown(file: InputContainer) -> list[Stream]:
    """The streams that Discord shows: one picture and one sound."""
    return [*file.streams.video[:1], *file.streams.audio[:1]]


def _mp4(target: Path) -> OutputContainer:
    return av.open(target, "w", format="mp4", options={"movflags": "+faststart"})


def main() -> None:
    """`python -m media.shrink SOURCE TARGET [LIMIT]` prints what became of the video; without a limit it is repacked."""
    if sys.platform != "win32":
        os.nice(NICENESS)
    source, target, *limit = sys.argv[1:]
    try:
        if limit:
            outcome = shrink(Path(source), Path(target), limit=int(limit[0]))
        else:
            repack(Path(source), Path(target))
            outcome = Fit.REPACKED
    except (ValueError, FFmpegError) as error:
        print(f"not shrunk: {error}", file=sys.stderr)  # noqa: T201 - for the log of whoever started this
        outcome = Fit.IMPOSSIBLE
    print(outcome)  # noqa: T201 - the output is the answer


if __name__ == "__main__":
    main()
