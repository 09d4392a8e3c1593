"""A finished video brought to what a channel takes and Discord plays inline: repacked, else encoded anew, else neither.

Pure work on files; runs in a process of its own (`media.shop` starts it). Discord plays MP4 with H.264 in yuv420p and AAC
everywhere, best with the index in front (Discord docs, File Type Filtering; reports on HEVC and AV1 in its clients).
"""

from __future__ import annotations

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

from jobs.ports import Fit

QUALITY_FLOOR: Final = 0.03
"""Bits for each pixel of each frame below which H.264 visibly falls apart: a smaller picture, or a link, is better."""

SHORT_SIDES: Final = (1440, 1080, 768, 720, 480)
"""Pixels of the shorter side that a video is reduced to, the largest that the floor allows."""

ROOM: Final = 0.96
"""The share of the limit aimed at: the encoder keeps its rate on average only, and the container takes a little."""

TRIES: Final = 3
SOUND_RATE: Final = 96_000
"""Bits a second for stereo sound, where it must be encoded anew."""

_INLINE_SOUND: Final = frozenset({"aac", "mp3"})
_BITS: Final = 8
_SOUND_SAMPLES: Final = 48_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What a video file is.

    Args:
        size: Bytes.
        width: Pixels.
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
        plays = picture.codec_context.name == "h264" and picture.codec_context.pix_fmt == "yuv420p"
        heard = sound is None or sound.codec_context.name in _INLINE_SOUND
        return Facts(
            size=path.stat().st_size,
            width=picture.width,
            height=picture.height,
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
        if _repack(source, target) <= limit:
            return Fit.REPACKED
    rate = int(limit * ROOM * _BITS / facts.seconds) - (SOUND_RATE if facts.sound else 0)
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


def _repack(source: Path, target: Path) -> int:
    """The same picture and sound in a new container, its index in front; returns its size in bytes."""
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
    width, height = frame
    options = {"preset": "veryfast", "maxrate": str(rate * 3 // 2), "bufsize": str(rate * 2), "threads": "2"}
    resampler = AudioResampler(format="fltp", layout="stereo", rate=_SOUND_SAMPLES)
    with av.open(source) as file, _mp4(target) as out:
        file.streams.video[0].thread_type = "AUTO"
        fps = file.streams.video[0].average_rate or Fraction(24)
        picture = out.add_stream("libx264", rate=fps, options=options)  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
        picture.width, picture.height, picture.pix_fmt, picture.bit_rate = width, height, "yuv420p", rate
        sound = out.add_stream("aac", rate=_SOUND_SAMPLES, layout="stereo") if facts.sound else None  # pyright: ignore[reportUnknownMemberType] - PyAV's stubs
        if sound is not None:
            sound.bit_rate = SOUND_RATE
        frames = 0
        for packet in file.demux(*_shown(file)):
            for part in packet.decode():
                if isinstance(part, av.VideoFrame):
                    image = part.reformat(width=width, height=height, format="yuv420p")
                    # Numbered anew: a constant rate plays everywhere.
                    image.pts, image.time_base = frames, 1 / fps
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


def _shown(file: InputContainer) -> list[Stream]:
    """The streams that Discord shows: one picture and one sound."""
    return [*file.streams.video[:1], *file.streams.audio[:1]]


def _mp4(target: Path) -> OutputContainer:
    return av.open(target, "w", format="mp4", options={"movflags": "+faststart"})


def main() -> None:
    """`python -m media.shrink SOURCE TARGET LIMIT` prints what became of the video."""
    source, target, limit = sys.argv[1:]
    try:
        outcome = shrink(Path(source), Path(target), limit=int(limit))
    except (ValueError, FFmpegError) as error:
        print(f"not shrunk: {error}", file=sys.stderr)  # noqa: T201 - for the log of whoever started this
        outcome = Fit.IMPOSSIBLE
    print(outcome)  # noqa: T201 - the output is the answer


if __name__ == "__main__":
    main()
