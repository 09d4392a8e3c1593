"""Takes the last frame out of a person's video, as the picture that the next video begins with.

Knows PyAV and no network. What it is given may be hostile, so `apart` runs it in a process of its own.
"""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from typing import BinaryIO, Final

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from jobs.errors import BadInput, Reason

from .clips import hostile
from .frames import Development, quarter_turns, upright_size

MOST_PIXELS: Final = 36_000_000
"""Pixels a frame may have: 8K, and a little. A decoder holds a dozen of them."""

STEPS_BACK: Final = (2.0, 12.0, 60.0)
"""Seconds before the end at which decoding begins, one after the other until there is a picture; then the beginning.
Encoders set a point to begin at every ten seconds or so (x264's default: 250 frames), and an end may be damaged."""

THREADS: Final = 2
"""Of the decoder: each holds pictures of its own, and the process may have little memory."""

_DEMUXERS: Final = {b"ftyp": "mov", b"moov": "mov", b"mdat": "mov", b"wide": "mov", b"\x1a\x45\xdf\xa3": "matroska"}
"""FFmpeg's name of what reads a file, by its signature (ISO/IEC 14496-12; QuickTime; RFC 8794, section 11.2.1). Always
named: left to guess, FFmpeg takes playlists too, which lead elsewhere."""


def last_frame(file: BinaryIO) -> BytesIO:
    """The last frame of a video that can be decoded, upright, in full size, as a PNG.

    Args:
        file: The video, from its beginning.

    Raises:
        BadInput: It is no video, is broken or too large.
    """
    demuxer = _demuxer(file)
    with hostile(), av.open(file, "r", format=demuxer) as opened:
        if not opened.streams.video:
            reason = Reason.INPUT_WRONG_KIND if opened.streams.audio else Reason.INPUT_UNREADABLE
            raise BadInput(reason, "nothing to see in it")
        track = opened.streams.video[0]
        pixels = track.codec_context.width * track.codec_context.height
        if pixels > MOST_PIXELS:
            raise BadInput(Reason.INPUT_TOO_LARGE, f"{pixels} pixels in a frame")
        frame = _find(opened, track)
        if frame is None:
            raise BadInput(Reason.INPUT_UNREADABLE, "no frame of it can be decoded")
        return _as_png(frame, track)


def _demuxer(file: BinaryIO) -> str:
    start = file.read(12)
    file.seek(0)
    if not start:
        raise BadInput(Reason.INPUT_UNREADABLE, "the file is empty")
    found = _DEMUXERS.get(start[4:8]) or _DEMUXERS.get(start[:4])
    if found is None:
        raise BadInput(Reason.INPUT_WRONG_KIND, f"no video begins with {start.hex(' ')}")
    return found


def _find(opened: InputContainer, track: VideoStream) -> VideoFrame | None:
    track.thread_type = "AUTO"
    track.codec_context.thread_count = THREADS
    # What a decoder patches up after damage looks like nothing that anybody wants a video of.
    track.codec_context.options = {"err_detect": "explode"}
    ends = (opened.start_time or 0) + (opened.duration or 0)
    for back in STEPS_BACK:
        begin = ends - int(back * av.time_base)
        if begin <= 0:
            break
        with suppress(FFmpegError):  # not every file can be entered in the middle
            opened.seek(begin)
            frame = _last(opened, track)
            if frame is not None:
                return frame
    opened.seek(0)
    return _last(opened, track)


def _last(opened: InputContainer, track: VideoStream) -> VideoFrame | None:
    """The last frame from here on; what comes after the first damage does not count."""
    last = None
    with suppress(FFmpegError):
        for frame in opened.decode(track):
            if not frame.is_corrupt:
                last = frame
    return last


def _as_png(frame: VideoFrame, track: VideoStream) -> BytesIO:
    see_through = any(part.is_alpha for part in frame.format.components)
    mode, pixels = ("RGBA", "rgba") if see_through else ("RGB", "rgb24")
    plain = Development(track, pixels, upright_size(track, quarter_turns(frame))).develop(frame)
    plane = plain.planes[0]
    size = (plain.width, plain.height)
    picture = Image.frombuffer(mode, size, bytes(plane), "raw", mode, plane.line_size, 1)
    file = BytesIO()
    picture.save(file, "PNG", compress_level=1)
    file.seek(0)
    return file
