"""Decoded frames as they are meant to be seen: upright, with square pixels, in the colours that every screen has.

Knows PyAV; shared by what makes pictures and what makes films of frames.
"""

from __future__ import annotations

from typing import Final

from av.filter import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

HIGH_DYNAMIC_RANGE: Final = frozenset({16, 18})
"""Transfer functions of HDR: PQ and HLG (ITU-T H.273, table 3)."""

WIDE_GAMUT: Final = 9
"""The primaries of BT.2020 (ITU-T H.273, table 2)."""

BT709: Final = 1
UNSPECIFIED: Final = 2
LIMITED_RANGE: Final = 1

_TURNS: Final = (
    (),
    (("transpose", "clock"),),
    (("hflip", None), ("vflip", None)),
    (("transpose", "cclock"),),
)
"""Filters by quarter turns clockwise."""

_HD: Final = 576
"""Lines above which colours that nobody names are those of BT.709, below those of BT.601: so do players."""


def quarter_turns(frame: VideoFrame) -> int:
    """Quarter turns clockwise that make a frame upright, as the file says; cameras that were held upright write one."""
    return round(-frame.rotation / 90) % 4


def upright_size(track: VideoStream, turns: int) -> tuple[int, int]:
    """Width and height in square pixels, after so many quarter turns."""
    width, height = track.codec_context.width, track.codec_context.height
    wide = round(width * (track.sample_aspect_ratio or 1))
    return (height, wide) if turns % 2 else (wide, height)


def is_high_range(track: VideoStream) -> bool:
    """Whether a film has colours that ordinary screens lack; for certain only once a frame was decoded."""
    coded = track.codec_context
    return coded.color_trc in HIGH_DYNAMIC_RANGE or coded.color_primaries == WIDE_GAMUT


class Development:
    """Makes frames of one film into plain ones of one size.

    Args:
        track: The film they come from.
        pixels: FFmpeg's name of the format to make: one of RGB, or `yuv420p`.
        size: Width and height to make, upright.
    """

    def __init__(self, track: VideoStream, pixels: str, size: tuple[int, int]) -> None:
        self._track = track
        self._pixels = pixels
        self._size = size
        self._made_for: tuple[object, ...] = ()
        self._graph = Graph()

    def develop(self, frame: VideoFrame) -> VideoFrame:
        """The frame, plain."""
        kind = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if kind != self._made_for:  # a film may change in the middle
            self._graph = self._graph_for(frame)
            self._made_for = kind
        self._graph.vpush(frame)
        return self._graph.vpull()

    def _graph_for(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = (
            f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}:colorspace={frame.colorspace}"
            f":range={frame.color_range}:time_base={frame.time_base or self._track.time_base}"
        )
        width, height = self._size
        steps = (
            graph.add("buffer", source),
            *(graph.add(name, options) for name, options in _TURNS[quarter_turns(frame)]),
            graph.add("scale", f"w={width}:h={height}:flags=bicubic{self._colours(frame)}"),
            graph.add("format", self._pixels),
            graph.add("buffersink"),
        )
        graph.link_nodes(*steps).configure()
        return graph

    def _colours(self, frame: VideoFrame) -> str:
        """How to read the colours, and how to write them; what ordinary screens show anyhow is left as it is."""
        to_rgb = VideoFormat(self._pixels).is_rgb
        read = write = ""
        if to_rgb and not frame.format.is_rgb and frame.colorspace == UNSPECIFIED:
            read = f":in_color_matrix={'bt709' if frame.height > _HD else 'bt601'}"
        if is_high_range(self._track):
            # Without both, PQ and HLG look grey: their values are read as if they were ordinary ones.
            write = ":out_primaries=bt709:out_transfer=bt709"
        if not to_rgb:
            write += ":out_range=tv"
            if frame.format.is_rgb or is_high_range(self._track):
                write += ":out_color_matrix=bt709"
        return read + write
