"""Videos and sounds to refer to: judged by their content, copied without what else is in the file, never transcoded."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import av
import pytest

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules
from media.clips import copy_clip
from media.orders import Fitted
from tests.media.samples import SOUND, VIDEO, a_film, a_picture, a_sound, a_zip, heic, index_first, saved

TOLD = {"title": "SecretTitle", "comment": "SecretComment", "location": "+52.1000+013.2000/"}


def video(data: bytes, rules: InputRules = VIDEO) -> Fitted:
    return copy_clip(BytesIO(data), rules, moving=True)


def sound(data: bytes, rules: InputRules = SOUND) -> Fitted:
    return copy_clip(BytesIO(data), rules, moving=False)


def why_no_video(data: bytes, rules: InputRules = VIDEO) -> Reason:
    with pytest.raises(BadInput) as caught:
        video(data, rules)
    return caught.value.reason


def why_no_sound(data: bytes, rules: InputRules = SOUND) -> Reason:
    with pytest.raises(BadInput) as caught:
        sound(data, rules)
    return caught.value.reason


def packets(data: bytes) -> list[bytes]:
    with av.open(BytesIO(data), "r") as clip:
        return sorted(bytes(packet) for packet in clip.demux() if packet.size)


def codecs(data: bytes) -> list[str]:
    with av.open(BytesIO(data), "r") as clip:
        return [stream.codec_context.codec.canonical_name for stream in (*clip.streams.video, *clip.streams.audio)]


def held_upright(film: bytes) -> bytes:
    """The film as a telephone writes it that was held upright: with a quarter turn in the track's header."""
    at = film.index(b"\x40\x00\x00\x00", film.index(b"tkhd")) - 32
    quarter = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    return film[:at] + quarter + film[at + 36 :]


def rotation(film: bytes) -> Any:
    with av.open(BytesIO(film), "r") as clip:
        frame: Any = next(clip.decode(video=0))
        return frame.rotation


@pytest.mark.parametrize(
    ("kind", "media_type", "codec", "voice"),
    [
        ("mp4", "video/mp4", "libx264", "aac"),
        ("mp4", "video/mp4", "libx265", "mp3"),
        ("mov", "video/quicktime", "libx264", "aac"),
        ("mp4", "video/mp4", "libx264", None),
    ],
)
def test_a_video_is_copied_packet_by_packet(kind: str, media_type: str, codec: str, voice: str | None) -> None:
    given = a_film(kind=kind, codec=codec, sound=voice)

    taken = video(given)

    assert taken.media_type == media_type
    assert packets(taken.data) == packets(given)
    assert codecs(taken.data) == codecs(given)


@pytest.mark.parametrize(
    ("kind", "codec", "media_type"), [("wav", "pcm_s16le", "audio/wav"), ("mp3", "mp3", "audio/mpeg")]
)
def test_a_sound_is_copied_too(kind: str, codec: str, media_type: str) -> None:
    taken = sound(a_sound(kind=kind, codec=codec))

    assert (taken.media_type, codecs(taken.data)) == (media_type, [codec])


@pytest.mark.parametrize("kind", ["mp4", "mov"])
def test_the_place_and_the_words_in_a_video_stay_behind(kind: str) -> None:
    given = a_film(kind=kind, told=TOLD)
    assert b"SecretTitle" in given

    taken = video(given)

    assert b"Secret" not in taken.data
    assert b"+52.1" not in taken.data


@pytest.mark.parametrize(("kind", "codec"), [("wav", "pcm_s16le"), ("mp3", "mp3")])
def test_the_words_in_a_sound_stay_behind(kind: str, codec: str) -> None:
    given = a_sound(kind=kind, codec=codec, told=TOLD)
    assert b"SecretTitle" in given

    assert b"Secret" not in sound(given).data


def test_a_video_stays_as_it_was_held() -> None:
    given = held_upright(a_film())
    assert rotation(given) == -90

    assert rotation(video(given).data) == -90


def test_the_type_is_called_as_the_rules_call_it() -> None:
    assert sound(a_sound(), replace(SOUND, media_types=frozenset({"audio/x-wav"}))).media_type == "audio/x-wav"


@pytest.mark.parametrize(
    ("film", "reason"),
    [
        pytest.param({"frames": 40}, Reason.INPUT_WRONG_LENGTH, id="too short"),
        pytest.param({"frames": 370}, Reason.INPUT_WRONG_LENGTH, id="too long"),
        pytest.param({"rate": 12}, Reason.INPUT_WRONG_KIND, id="too few frames per second"),
        pytest.param({"rate": 90, "frames": 270}, Reason.INPUT_WRONG_KIND, id="too many"),
        pytest.param({"codec": "mpeg4"}, Reason.INPUT_WRONG_KIND, id="pictures coded otherwise"),
        pytest.param({"sound": "ac3"}, Reason.INPUT_WRONG_KIND, id="sound coded otherwise"),
        pytest.param({"kind": "matroska"}, Reason.INPUT_WRONG_KIND, id="in another container"),
        pytest.param({"kind": "avi", "sound": "mp3"}, Reason.INPUT_WRONG_KIND, id="in an old container"),
    ],
)
def test_a_video_that_breaks_a_rule_is_refused(film: dict[str, Any], reason: Reason) -> None:
    rate = film.get("rate", 24)
    assert why_no_video(a_film(**{"frames": 3 * rate, **film})) is reason


@pytest.mark.parametrize("rate", [24, 25, 30, 60])
def test_usual_rates_are_taken(rate: int) -> None:
    assert video(a_film(rate=rate, frames=3 * rate)).media_type == "video/mp4"


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"min_side": 256}, Reason.INPUT_TOO_SMALL),
        ({"max_side": 300}, Reason.INPUT_TOO_LARGE),
        ({"max_ratio": 1.2}, Reason.INPUT_WRONG_SHAPE),
        ({"max_bytes": 1000}, Reason.INPUT_TOO_LARGE),
    ],
)
def test_sides_shape_and_size_of_a_video_count_where_there_is_a_rule(rules: dict[str, Any], reason: Reason) -> None:
    assert why_no_video(a_film(), replace(VIDEO, **rules)) is reason


@pytest.mark.parametrize("seconds", [1.0, 16.0])
def test_a_sound_too_short_or_too_long_is_refused(seconds: float) -> None:
    assert why_no_sound(a_sound(seconds=seconds)) is Reason.INPUT_WRONG_LENGTH


@pytest.mark.parametrize("order", [bytes, index_first])
def test_half_a_video_is_unreadable_wherever_its_index_lies(order: Callable[[bytes], bytes]) -> None:
    given = order(a_film(frames=120))

    assert why_no_video(given[: len(given) * 2 // 3]) is Reason.INPUT_UNREADABLE


def test_noise_in_a_sound_container_is_unreadable() -> None:
    given = a_sound()

    assert why_no_sound(given[:20]) is Reason.INPUT_UNREADABLE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(a_zip, id="an archive"),
        pytest.param(lambda: saved(a_picture()), id="a picture"),
        pytest.param(heic, id="a picture in a video's boxes"),
        pytest.param(a_sound, id="a sound"),
        pytest.param(lambda: b"#EXTM3U\nhttp://127.0.0.1/secret\n", id="a list of addresses"),
        pytest.param(lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n", id="a list of files"),
    ],
)
def test_what_is_no_video_is_of_the_wrong_kind(data: Any) -> None:
    assert why_no_video(data()) is Reason.INPUT_WRONG_KIND


@pytest.mark.parametrize("data", [a_film, a_zip, heic])
def test_what_is_no_sound_is_of_the_wrong_kind(data: Any) -> None:
    assert why_no_sound(data()) is Reason.INPUT_WRONG_KIND


def test_nothing_is_unreadable() -> None:
    assert why_no_video(b"") is Reason.INPUT_UNREADABLE
    assert why_no_sound(b"") is Reason.INPUT_UNREADABLE
