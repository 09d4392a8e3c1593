"""Pictures as people have them: each is made to fit, or refused with a reason; what goes out keeps every rule."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules
from jobs.request import Note
from media.orders import Fitted
from media.pictures import COMFORTABLE, fit_picture
from tests.media.samples import (
    FRAME,
    MB,
    a_film,
    a_picture,
    a_sound,
    a_zip,
    animation,
    bomb,
    heic,
    noise,
    opened,
    png_of_one_colour,
    saved,
    swapped_profile,
    with_exif,
)

ANYTHING = InputRules(media_types=frozenset({"image/jpeg"}), max_bytes=20 * MB)


def fit(data: bytes, rules: InputRules = FRAME) -> Fitted:
    return fit_picture(BytesIO(data), rules)


def refusal(data: bytes, rules: InputRules = FRAME) -> Reason:
    with pytest.raises(BadInput) as caught:
        fit(data, rules)
    return caught.value.reason


def looks_like(pixel: Any, colour: tuple[int, int, int], *, within: int = 12) -> bool:
    return all(abs(is_ - should) <= within for is_, should in zip(pixel, colour, strict=True))


def truncated_jpeg() -> bytes:
    data = saved(noise(800, 600), quality=80)
    return data[: len(data) // 2]


def cmyk() -> bytes:
    return saved(a_picture(mode="CMYK"))


def sixteen_bits() -> bytes:
    return png_of_one_colour(400, 400, bits=16, colour_type=0, sample=b"\x80\x00")


def one_to_five() -> bytes:
    return saved(a_picture(400, 2000))


def ten_by_ten() -> bytes:
    return saved(a_picture(10, 10), "PNG")


def an_animation() -> bytes:
    return animation("GIF")


def turned() -> bytes:
    return with_exif(a_picture(600, 800), orientation=6)


# --- the ten broken images ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(truncated_jpeg, Reason.INPUT_UNREADABLE, id="truncated"),
        pytest.param(a_zip, Reason.INPUT_WRONG_KIND, id="a zip named .png"),
        pytest.param(bomb, Reason.INPUT_TOO_LARGE, id="20,000 x 20,000 pixels in 100 KB"),
        pytest.param(ten_by_ten, Reason.INPUT_TOO_SMALL, id="10 x 10"),
        pytest.param(one_to_five, Reason.INPUT_WRONG_SHAPE, id="1:5"),
        pytest.param(bytes, Reason.INPUT_UNREADABLE, id="zero bytes"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(data: Callable[[], bytes], reason: Reason) -> None:
    assert refusal(data()) is reason


@pytest.mark.parametrize(
    ("data", "size", "colours", "notes"),
    [
        pytest.param(cmyk, (800, 600), {(100, 100): (200, 30, 30), (700, 100): (30, 30, 200)}, (), id="CMYK"),
        pytest.param(sixteen_bits, (400, 400), {(200, 200): (128, 128, 128)}, (), id="16-bit"),
        pytest.param(an_animation, (400, 400), {(200, 200): (255, 0, 0)}, (Note.FIRST_PICTURE_ONLY,), id="animated"),
        pytest.param(turned, (800, 600), {(100, 100): (100, 15, 15), (700, 100): (200, 30, 30)}, (), id="EXIF-rotated"),
    ],
)
def test_what_is_merely_odd_is_made_plain(
    data: Callable[[], bytes],
    size: tuple[int, int],
    colours: dict[tuple[int, int], tuple[int, int, int]],
    notes: tuple[Note, ...],
) -> None:
    fitted = fit(data())

    picture = opened(fitted.data)
    assert (fitted.media_type, picture.format, picture.mode) == ("image/jpeg", "JPEG", "RGB")
    assert (picture.size, fitted.notes) == (size, notes)
    for place, colour in colours.items():
        assert looks_like(picture.getpixel(place), colour)


def test_the_bomb_is_as_small_as_the_issue_has_it() -> None:
    assert len(bomb()) < 100_000


# --- kinds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_kind_is_known_by_its_content(kind: str) -> None:
    assert opened(fit(saved(a_picture(), kind)).data).size == (800, 600)


def test_heic_is_taken_where_the_plugin_is() -> None:
    pytest.importorskip("pi_heif", reason="the plug-in for HEIC is not installed")

    fitted = fit(heic(640, 480))

    assert opened(fitted.data).size == (640, 480)


def test_half_a_heic_is_unreadable() -> None:
    pytest.importorskip("pi_heif", reason="the plug-in for HEIC is not installed")

    assert refusal(heic()[:150]) is Reason.INPUT_UNREADABLE


@pytest.mark.parametrize("data", [a_film, a_sound])
def test_what_is_seen_or_heard_is_no_picture(data: Callable[[], bytes]) -> None:
    assert refusal(data()) is Reason.INPUT_WRONG_KIND


def test_heic_is_refused_where_the_plugin_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)

    assert refusal(heic()) is Reason.INPUT_WRONG_KIND


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PDF", "PPM", "TGA"])
def test_other_kinds_are_refused_whatever_pillow_could_do(kind: str) -> None:
    assert refusal(saved(a_picture(256, 256), kind)) is Reason.INPUT_WRONG_KIND


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_half_a_file_is_unreadable_and_not_of_another_kind(kind: str) -> None:
    data = saved(noise(500, 500), kind)

    assert refusal(data[: len(data) // 2]) is Reason.INPUT_UNREADABLE
    assert refusal(data[:20]) is Reason.INPUT_UNREADABLE


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_picture_is_taken_and_that_is_said(kind: str) -> None:
    fitted = fit(animation(kind))

    assert fitted.notes == (Note.FIRST_PICTURE_ONLY,)
    assert looks_like(opened(fitted.data).getpixel((200, 200)), (255, 0, 0))


# --- colours and metadata ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("into", ["image/jpeg", "image/png", "image/webp"])
def test_nothing_that_was_noted_in_the_file_goes_out(kind: str, into: str) -> None:
    options: dict[str, Any] = {"comment": b"SecretComment"} if kind == "JPEG" else {}
    profile = swapped_profile()
    given_away = with_exif(a_picture(), orientation=3, kind=kind, icc_profile=profile, **options)
    assert b"SecretCamera" in given_away

    fitted = fit(given_away, replace(FRAME, media_types=frozenset({into})))

    picture = opened(fitted.data)
    assert dict(picture.getexif()) == {}
    assert not picture.info.keys() & {"exif", "icc_profile", "comment", "photoshop", "xmp"}
    for secret in (b"Secret", profile[:64], b"Exif", b"ICC_PROFILE"):
        assert secret not in fitted.data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_the_camera_was_held(orientation: int) -> None:
    upright = a_picture(640, 480)
    backwards = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(backwards[orientation]) if orientation in backwards else upright

    picture = opened(fit(with_exif(stored, orientation=orientation)).data)

    assert picture.size == (640, 480)
    for place in ((100, 100), (500, 100), (100, 400), (500, 400)):
        assert looks_like(picture.getpixel(place), upright.getpixel(place))  # type: ignore[arg-type]


def test_colours_are_taken_as_their_profile_means_them() -> None:
    red = Image.new("RGB", (400, 400), (200, 30, 30))

    fitted = fit(saved(red, "PNG", icc_profile=swapped_profile()))

    assert looks_like(opened(fitted.data).getpixel((200, 200)), (30, 30, 200), within=20)


def test_a_profile_that_makes_no_sense_is_left_out() -> None:
    fitted = fit(saved(a_picture(), "PNG", icc_profile=b"not a profile" * 40))

    assert looks_like(opened(fitted.data).getpixel((100, 100)), (200, 30, 30))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    clear = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    clear.paste((0, 0, 0, 255), (0, 0, 200, 400))

    picture = opened(fit(saved(clear.convert(mode), "PNG")).data)

    assert looks_like(picture.getpixel((300, 200)), (255, 255, 255))
    assert looks_like(picture.getpixel((100, 200)), (0, 0, 0))


@pytest.mark.parametrize(("colour_type", "sample"), [(0, b"\x40\x00"), (2, b"\x40\x00"), (4, b"\x40\x00\xff\xff")])
def test_sixteen_bits_become_eight_without_growing_brighter(colour_type: int, sample: bytes) -> None:
    fitted = fit(png_of_one_colour(400, 400, bits=16, colour_type=colour_type, sample=sample))

    assert looks_like(opened(fitted.data).getpixel((200, 200)), (64, 64, 64))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
def test_every_mode_of_a_png_is_taken(mode: str) -> None:
    assert opened(fit(saved(a_picture(mode=mode), "PNG")).data).mode == "RGB"


# --- shape and size ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "canvas"), [((400, 1200), (600, 1200)), ((1200, 400), (1200, 600))])
def test_a_picture_somewhat_too_long_is_padded_with_a_blur_of_itself(
    size: tuple[int, int], canvas: tuple[int, int]
) -> None:
    fitted = fit(saved(a_picture(*size)))

    picture = opened(fitted.data)
    assert (picture.size, fitted.notes) == (canvas, (Note.PICTURE_PADDED,))
    middle = (canvas[0] // 2 - 50, canvas[1] // 2 - 50)
    assert looks_like(picture.getpixel(middle), (200, 30, 30))
    assert picture.getpixel((5, 5)) != (0, 0, 0)


def test_a_picture_somewhat_too_small_is_enlarged_and_that_is_said() -> None:
    fitted = fit(saved(a_picture(240, 200)))

    assert fitted.notes == (Note.PICTURE_ENLARGED,)
    assert opened(fitted.data).size == (361, 301)


def test_a_large_picture_is_made_smaller_and_that_is_said() -> None:
    fitted = fit(saved(a_picture(6000, 4000)))

    assert fitted.notes == (Note.PICTURE_REDUCED,)
    assert opened(fitted.data).size == (4096, 2731)


def test_a_picture_that_needs_nothing_keeps_its_size_and_nothing_is_said() -> None:
    fitted = fit(saved(a_picture(1366, 768)))

    assert (opened(fitted.data).size, fitted.notes) == ((1366, 768), ())


def test_a_picture_that_no_quality_makes_small_enough_loses_pixels() -> None:
    fitted = fit(saved(noise(1200, 900), "PNG"), replace(ANYTHING, max_bytes=400_000))

    assert Note.PICTURE_REDUCED in fitted.notes
    assert len(fitted.data) <= 300_000


def test_even_without_a_limit_nine_pictures_fit_into_one_request() -> None:
    fitted = fit(saved(noise(4000, 3000), quality=95), replace(ANYTHING, max_bytes=30 * MB))

    assert len(fitted.data) <= COMFORTABLE
    assert 9 * COMFORTABLE * 4 / 3 < 64 * MB


def test_a_picture_that_cannot_be_made_small_enough_is_refused() -> None:
    assert refusal(saved(noise(400, 400), "PNG"), replace(FRAME, max_bytes=1000)) is Reason.INPUT_TOO_LARGE


def test_where_only_png_is_taken_png_goes_out() -> None:
    fitted = fit(saved(a_picture()), replace(FRAME, media_types=frozenset({"image/png"})))

    assert (fitted.media_type, opened(fitted.data).format) == ("image/png", "PNG")
