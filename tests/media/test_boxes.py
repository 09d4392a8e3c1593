"""Which videos play where they stand is read from a few bytes of their index, whatever else is in them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media.boxes import MOST_BOXES, MOST_SETTINGS, begins_with_index, plays_everywhere, plays_inline
from tests.media.samples import a_film, index_first

MOST_READ = MOST_BOXES * 16 + MOST_SETTINGS * 64
"""Bytes: a header for each box, and the settings of as many tracks as nobody has."""

SIGNED = b"\x01d\x00\x28\xff\xe1\x00\x02ab\x01\x00\x01c"
"""Settings of a High profile, up to where colours are told."""


class CountingFile(BytesIO):
    """A file that knows how much was read of it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.was_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.was_read += len(found)
        return found


@cache
def usual() -> bytes:
    return index_first(a_film(frames=8))


def plays(film: bytes) -> bool:
    return plays_inline(BytesIO(film))


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


@pytest.mark.parametrize("order", [bytes, index_first])
@pytest.mark.parametrize("kind", ["mp4", "mov"])
@pytest.mark.parametrize("sound", ["aac", "mp3", None])
def test_h264_plays_wherever_the_index_lies(order: Callable[[bytes], bytes], kind: str, sound: str | None) -> None:
    assert plays(order(a_film(frames=8, kind=kind, sound=sound)))


@pytest.mark.parametrize("codec", ["libx265", "libsvtav1", "libvpx-vp9", "mpeg4"])
def test_what_only_some_clients_know_does_not_play(codec: str) -> None:
    assert not plays(a_film(frames=8, codec=codec))


@pytest.mark.parametrize("sound", ["ac3", "flac"])
def test_a_sound_that_only_some_clients_know_does_not_play_either(sound: str) -> None:
    assert not plays(a_film(frames=8, sound=sound))


@pytest.mark.parametrize(
    ("pixels", "does"),
    [("yuv420p", True), ("yuv422p", False), ("yuv444p", False), ("yuv420p10le", False), ("gray", False)],
)
def test_h264_with_other_colours_does_not_play(pixels: str, does: bool) -> None:
    assert plays(a_film(frames=8, pixels=pixels)) is does


@pytest.mark.parametrize(
    ("settings", "does"),
    [
        pytest.param(b"\x01\x4d\x00\x28\xff\xe0\x00", True, id="a profile that has no other colours"),
        pytest.param(SIGNED, True, id="nothing said about colours"),
        pytest.param(SIGNED + b"\xfd\xf8\xf8\x00", True, id="4:2:0, 8 bits"),
        pytest.param(SIGNED + b"\xfe\xf8\xf8\x00", False, id="4:2:2"),
        pytest.param(SIGNED + b"\xff\xf8\xf8\x00", False, id="4:4:4"),
        pytest.param(SIGNED + b"\xfd\xfa\xf8\x00", False, id="10 bits of light"),
        pytest.param(SIGNED + b"\xfd\xf8\xfa\x00", False, id="10 bits of colour"),
        pytest.param(b"", True, id="nothing at all"),
    ],
)
def test_the_settings_tell_how_colours_are_kept(settings: bytes, does: bool) -> None:
    assert plays_everywhere(settings) is does


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\0" * 5000, id="zeros"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", id="a picture"),
        pytest.param(b"#EXTM3U\n", id="a text"),
        pytest.param(box(b"moov", b""), id="an empty index"),
        pytest.param(box(b"moov", box(b"trak", b"")), id="an empty track"),
        pytest.param(box(b"ftyp", b"isom") + struct.pack(">I4s", 10**9, b"moov"), id="half an index"),
        pytest.param(struct.pack(">I4sQ", 1, b"mdat", 2**63), id="a box larger than any disk"),
    ],
)
def test_what_cannot_be_told_counts_as_playing(content: bytes) -> None:
    assert plays(content)


def test_an_index_within_a_box_of_64_bits_or_up_to_the_end_is_found() -> None:
    index = a_film(frames=8, codec="mpeg4")
    at = index.index(b"moov") - 4
    long = index[:at] + struct.pack(">I4sQ", 1, b"moov", len(index) - at + 8) + index[at + 8 :]
    endless = index[:at] + struct.pack(">I4s", 0, b"moov") + index[at + 8 :]

    assert [plays(long), plays(endless)] == [False, False]


def test_of_a_large_film_next_to_nothing_is_read() -> None:
    film = a_film(frames=8)
    at = film.index(b"mdat") - 4
    file = CountingFile(film[:at] + struct.pack(">I4sQ", 1, b"mdat", 16 + 50_000_000) + bytes(50_000_000) + film[at:])

    assert plays_inline(file)
    assert file.was_read < 4000


def test_a_file_of_a_million_boxes_is_given_up() -> None:
    file = CountingFile(box(b"free", b"") * 1_000_000)

    assert plays_inline(file)
    assert file.was_read <= MOST_READ


def test_an_index_in_front_is_seen() -> None:
    film = a_film(frames=8)
    found = [begins_with_index(BytesIO(content)) for content in (film, index_first(film), b"", bytes(99))]

    assert found == [False, True, False, False]


def both(content: bytes) -> None:
    for question in (plays_inline, begins_with_index):
        file = CountingFile(content)
        question(file)
        assert file.was_read <= MOST_READ


@given(st.binary(max_size=400))
@example(struct.pack(">I4s", 0, b"moov") * 40)
@example(struct.pack(">I4sQ", 1, b"moov", 16) * 40)
def test_any_bytes_are_answered(content: bytes) -> None:
    both(content)


@given(st.data())
def test_a_film_with_anything_broken_in_it_is_answered(data: Any) -> None:
    film = bytearray(usual())
    end = film.index(b"mdat")
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, end))
        patch = data.draw(st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from((b"\0\0\0\0", b"\0\0\0\1"))))
        film[at : at + len(patch)] = patch
    cut = data.draw(st.one_of(st.just(len(film)), st.integers(0, len(film))))
    both(bytes(film[:cut]))
