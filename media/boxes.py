"""Reads from an MP4 file's boxes how it is coded and where its index lies; knows no decoder.

Asked about every video before it is posted, so it reads some hundred bytes wherever they lie and nothing else, and believes
none of them (ISO/IEC 14496-12, section 4.2 for boxes, 8.5.2 for sample entries; 14496-15, section 5.3.3 for `avcC`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

MOST_BOXES: Final = 2000
"""Boxes looked at before a file is given up: an index in front of its pictures takes some fifty."""

MOST_SETTINGS: Final = 2048
"""Bytes of a decoder's settings that are read; some fifty are usual."""

_PLAYED: Final[Mapping[bytes, frozenset[bytes]]] = {
    b"vide": frozenset({b"avc1", b"avc3"}),
    b"soun": frozenset({b"mp4a", b".mp3"}),
}
"""Sample entries that Discord's clients play on every system, by kind of track: HEVC, AV1 and VP9 play in some only."""

_SIMPLE_PROFILES: Final = frozenset({66, 77, 88})
"""H.264 profiles that have 4:2:0 in 8 bits only, so that their settings do not say it."""

_ENTRY_FIELDS: Final = 78
"""Bytes of a picture's sample entry before the boxes in it (ISO/IEC 14496-12, section 12.1.3)."""

_FULL_HEADER: Final = 8
"""Bytes of version, flags and number of entries before those of `stsd`."""


class _Unreadable(Exception):
    """These are no boxes, or too many."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A box; `start` and `end` are the places in the file between which its content lies."""

    kind: bytes
    start: int
    end: int


class _Boxes:
    """The boxes of one file, of which only so many are looked at."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MOST_BOXES

    def whole(self) -> _Box:
        return _Box(b"", 0, self._file.seek(0, 2))

    def inside(self, box: _Box, *, after: int = 0) -> Iterator[_Box]:
        """The boxes in a box, behind so many bytes of other fields."""
        at = box.start + after
        while at < box.end:
            found = self._at(at, box.end)
            yield found
            at = found.end

    def find(self, box: _Box, *kinds: bytes) -> _Box:
        """The first box of the last kind, each within the one before."""
        for kind in kinds:
            found = next((inner for inner in self.inside(box) if inner.kind == kind), None)
            if found is None:
                raise _Unreadable(f"no {kind!r}")
            box = found
        return box

    def content(self, box: _Box, *, most: int) -> bytes:
        self._file.seek(box.start)
        return self._file.read(min(most, box.end - box.start))

    def _at(self, at: int, end: int) -> _Box:
        self._left -= 1
        if self._left < 0:
            raise _Unreadable("too many boxes")
        self._file.seek(at)
        header = self._file.read(min(16, end - at))
        if len(header) < 8:  # noqa: PLR2004 - a size and a kind
            raise _Unreadable("half a box")
        size, kind, start = int.from_bytes(header[:4], "big"), header[4:8], at + 8
        if size == 1:  # the real size follows in eight bytes
            size, start = int.from_bytes(header[8:16], "big"), at + 16
        ends = end if size == 0 else at + size  # 0: to the end
        if not start <= ends <= end:
            raise _Unreadable("a box ends before it begins, or outside of the one it is in")
        return _Box(kind, start, ends)


def plays_inline(file: BinaryIO) -> bool:
    """Whether Discord's clients play a video where it stands, as far as its index tells.

    Args:
        file: The video; reading errors are passed on.

    Returns:
        False where a track is coded in a way that only some clients know, or as H.264 with other colours than 4:2:0 in 8
        bits; True where it is not, and where that cannot be told.
    """
    boxes = _Boxes(file)
    try:
        tracks = [box for box in boxes.inside(boxes.find(boxes.whole(), b"moov")) if box.kind == b"trak"]
        return all(_track_plays(boxes, track) for track in tracks)
    except _Unreadable:
        return True


def begins_with_index(file: BinaryIO) -> bool:
    """Whether a video can be played while it is still loading: its index lies in front of what is shown.

    Args:
        file: The video; reading errors are passed on.
    """
    boxes = _Boxes(file)
    try:
        return next((box.kind for box in boxes.inside(boxes.whole()) if box.kind in {b"moov", b"mdat"}), b"") == b"moov"
    except _Unreadable:
        return False


def _track_plays(boxes: _Boxes, track: _Box) -> bool:
    media = boxes.find(track, b"mdia")
    kind = boxes.content(boxes.find(media, b"hdlr"), most=12)[8:]
    played = _PLAYED.get(kind)
    if played is None:  # subtitles, time codes: nobody shows them
        return True
    entries = boxes.inside(boxes.find(media, b"minf", b"stbl", b"stsd"), after=_FULL_HEADER)
    return all(entry.kind in played and _settings_play(boxes, entry, kind) for entry in entries)


def _settings_play(boxes: _Boxes, entry: _Box, kind: bytes) -> bool:
    if kind != b"vide":
        return True
    inner = boxes.inside(entry, after=_ENTRY_FIELDS)
    settings = next((box for box in inner if box.kind == b"avcC"), None)
    return settings is None or plays_everywhere(boxes.content(settings, most=MOST_SETTINGS))


def plays_everywhere(settings: bytes) -> bool:
    """Whether H.264 is 4:2:0 in 8 bits, as browsers and telephones decode it; True where its settings do not say.

    Args:
        settings: The content of `avcC`.
    """
    try:
        profile, at = settings[1], 5
        if profile in _SIMPLE_PROFILES:
            return True
        for mask in (0x1F, 0xFF):  # the sequence's parameters, then the pictures'
            number, at = settings[at] & mask, at + 1
            for _ in range(number):
                at += 2 + struct.unpack_from(">H", settings, at)[0]
        chroma, luma_depth, chroma_depth = settings[at] & 3, settings[at + 1] & 7, settings[at + 2] & 7
    except (IndexError, struct.error):  # the fields are optional, and many leave them out
        return True
    return (chroma, luma_depth, chroma_depth) == (1, 0, 0)
