"""Judges a person's video or sound by its content and copies its streams into a clean file; nothing is transcoded.

Knows PyAV and no network. What it is given may be hostile, so `apart` runs it in a process of its own.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Final, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules

from .orders import Fitted

_SECONDS_LOST: Final = 0.5
"""Seconds by which the packets may fall short of the length that the header promises: more is missing than rounding."""

_FRAMES_PER_SECOND_OFF: Final = 0.01
"""How far a rate may lie outside its limits: 24000/1001 is written as 23.976 and as 23.98."""

Track = VideoStream | AudioStream


@dataclass(frozen=True, slots=True)
class Container:
    """A kind of file.

    Args:
        media_types: Its names, the usual one first.
        demuxer: FFmpeg's name of what reads it. Always named: left to guess, FFmpeg takes playlists too, which lead
            elsewhere.
        muxer: FFmpeg's name of what writes it.
        options: For the muxer.
        pictures: Whether it is taken for a video.
    """

    media_types: tuple[str, ...]
    demuxer: str
    muxer: str
    options: Mapping[str, str]
    pictures: bool


_MP4: Final = Container(("video/mp4",), "mov", "mp4", {}, pictures=True)
_QUICKTIME: Final = Container(("video/quicktime",), "mov", "mov", {}, pictures=True)
_WAVE: Final = Container(("audio/wav", "audio/x-wav", "audio/wave"), "wav", "wav", {"bitexact": "1"}, pictures=False)
_MP3: Final = Container(("audio/mpeg", "audio/mp3"), "mp3", "mp3", {"id3v2_version": "0"}, pictures=False)


def copy_clip(source: BinaryIO, rules: InputRules, *, moving: bool) -> Fitted:
    """Copies a video or a sound without what else is in the file (places, names, pictures of covers).

    Args:
        source: The file, from its beginning.
        rules: What the model takes.
        moving: Whether a video is wanted, or a sound.

    Returns:
        The copy; its MIME type as the rules name it.

    Raises:
        BadInput: It is of another kind, broken, or breaks a rule.
    """
    container, media_type = _kind(source, rules, moving=moving)
    target = BytesIO()
    with hostile(), av.open(source, "r", format=container.demuxer) as opened:
        tracks = _tracks(opened, moving=moving)
        for track in tracks:
            _check_codec(track, rules)
            if isinstance(track, VideoStream):
                _check_picture(track, rules)
        promised = (opened.duration or 0) / av.time_base
        _check_length(promised, rules)
        seconds = _copy(opened, tracks, target, container)
    if seconds < promised - _SECONDS_LOST:
        raise BadInput(Reason.INPUT_UNREADABLE, f"{seconds:.2f} s are there, {promised:.2f} s were promised")
    _check_length(seconds, rules)
    size = len(target.getbuffer())
    if size > rules.max_bytes:
        raise BadInput(Reason.INPUT_TOO_LARGE, f"{size} bytes, {rules.max_bytes} are the most")
    return Fitted(media_type=media_type, data=target.getvalue())


@contextmanager
def hostile() -> Generator[None]:
    """Around whatever reads the file: decoders raise nearly anything when bytes are made to break them."""
    try:
        yield
    except (BadInput, MemoryError):
        raise
    except Exception as error:
        raise BadInput(Reason.INPUT_UNREADABLE, f"{type(error).__name__}: {error}") from error


def _kind(source: BinaryIO, rules: InputRules, *, moving: bool) -> tuple[Container, str]:
    start = source.read(12)
    source.seek(0)
    if not start:
        raise BadInput(Reason.INPUT_UNREADABLE, "the file is empty")
    container = _by_signature(start)
    if container is not None and container.pictures is moving:
        for media_type in container.media_types:
            if media_type in rules.media_types:
                return container, media_type
    raise BadInput(Reason.INPUT_WRONG_KIND, f"not one of {sorted(rules.media_types)}: begins with {start.hex(' ')}")


def _by_signature(start: bytes) -> Container | None:
    if start[4:8] == b"ftyp":  # ISO/IEC 14496-12, section 4.3
        return _QUICKTIME if start[8:12] == b"qt  " else _MP4
    if start[:4] == b"RIFF" and start[8:12] == b"WAVE":
        return _WAVE
    # An ID3 tag, or the first eleven bits of a frame with a layer (ISO/IEC 11172-3, section 2.4.1.3).
    frame = len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0 and start[1] & 0x06 != 0  # noqa: PLR2004 - bits of the header
    return _MP3 if start[:3] == b"ID3" or frame else None


def _tracks(opened: InputContainer, *, moving: bool) -> Sequence[Track]:
    """The first of each kind; of a video the sound too, where it has one."""
    wanted: Sequence[Track] = (
        (*opened.streams.video[:1], *opened.streams.audio[:1]) if moving else (opened.streams.audio[:1])
    )
    if not wanted or (moving and not isinstance(wanted[0], VideoStream)):
        raise BadInput(Reason.INPUT_WRONG_KIND, "nothing to see in it" if moving else "nothing to hear in it")
    return wanted


def _check_codec(track: Track, rules: InputRules) -> None:
    name = track.codec_context.codec.canonical_name
    if rules.codecs is not None and name not in rules.codecs:
        raise BadInput(Reason.INPUT_WRONG_KIND, f"coded as {name}, not as one of {sorted(rules.codecs)}")


def _check_picture(track: VideoStream, rules: InputRules) -> None:
    width, height = track.codec_context.width, track.codec_context.height
    if not width or not height:
        raise BadInput(Reason.INPUT_UNREADABLE, "a video without a size")
    found = f"{width} x {height} pixels"
    if min(width, height) < (rules.min_side or 0):
        raise BadInput(Reason.INPUT_TOO_SMALL, found)
    if max(width, height) > (rules.max_side or math.inf):
        raise BadInput(Reason.INPUT_TOO_LARGE, found)
    if not (rules.min_ratio or 0) <= width / height <= (rules.max_ratio or math.inf):
        raise BadInput(Reason.INPUT_WRONG_SHAPE, found)
    rate = float(track.average_rate or 0)
    lowest, highest = (
        (rules.min_fps or 0) - _FRAMES_PER_SECOND_OFF,
        (rules.max_fps or math.inf) + _FRAMES_PER_SECOND_OFF,
    )
    if not lowest <= rate <= highest:
        raise BadInput(Reason.INPUT_WRONG_KIND, f"{rate:.3f} frames per second")


def _check_length(seconds: float, rules: InputRules) -> None:
    if not (rules.min_seconds or 0) <= seconds <= (rules.max_seconds or math.inf):
        raise BadInput(Reason.INPUT_WRONG_LENGTH, f"{seconds:.2f} s, not {rules.min_seconds} to {rules.max_seconds}")


def _copy(opened: InputContainer, tracks: Sequence[Track], target: BinaryIO, container: Container) -> float:
    """Copies packet by packet, and sees that each track can be decoded.

    Returns:
        The length of the first track in seconds, by its packets.
    """
    ends = dict.fromkeys((track.index for track in tracks), 0.0)
    undecoded = set(ends)
    with av.open(target, "w", format=container.muxer, options=dict(container.options)) as written:
        copies: dict[int, Any] = {track.index: cast("Any", written).add_stream_from_template(track) for track in tracks}
        for packet in opened.demux(tracks):
            index = packet.stream.index
            if index in undecoded and packet.decode():
                undecoded.discard(index)
            if packet.dts is None:  # the mark of the end
                continue
            ends[index] = max(ends[index], _end(packet))
            packet.stream = copies[index]
            written.mux(packet)
    if undecoded:
        raise BadInput(Reason.INPUT_UNREADABLE, "nothing in it can be decoded")
    return ends[tracks[0].index]


def _end(packet: Packet) -> float:
    return float(((packet.pts or packet.dts or 0) + (packet.duration or 0)) * packet.time_base)
