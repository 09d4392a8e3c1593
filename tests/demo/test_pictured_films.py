"""Films made from pictures show them, those of V2 can be heard, and each has the length its model can make."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from typing import Any, cast

import av
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from demo.simulator.film_makers import paint_film, tiny_film
from demo.simulator.films import Film, FilmOrder
from demo.simulator.rules import read_order as read_v1
from demo.simulator.rules_v2 import read_order as read_v2
from demo.simulator.service import film_order
from tests.demo.pictures import as_url

SIZE = (640, 480)


def portrait(colours: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """Two colours side by side: what is left and what is right can be told apart."""
    left, right = colours.split("/")
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, *size))
    return image


def as_file(image: Image.Image, **options: Any) -> bytes:
    content = BytesIO()
    image.save(content, "PNG", **options)
    return content.getvalue()


def url(image: Image.Image) -> str:
    return as_url(as_file(image), "png")


SEA, FIRE = portrait("navy/gray"), portrait("maroon/orange")


def shown(film: Film) -> list[Image.Image]:
    with av.open(BytesIO(film.content), "r") as container:
        return [
            cast("Image.Image", frame.to_image())  # pyright: ignore[reportUnknownMemberType] -- PyAV leaves it untyped
            for frame in container.decode(video=0)
        ]


def apart(frame: Image.Image, picture: Image.Image) -> float:
    """How far the upper half of a frame is from a picture of the same shape, in grey levels on average."""
    upper = (0, 0, frame.width, frame.height // 2)
    difference = ImageChops.difference(frame.convert("RGB"), ImageOps.fit(picture.convert("RGB"), frame.size)).crop(
        upper
    )
    return sum(ImageStat.Stat(difference).mean) / 3


def brief(order: FilmOrder) -> Film:
    """The film in a second and small, which shows the same."""
    return paint_film(replace(order, duration=1, width=320, height=240))


def v1(**fields: Any) -> FilmOrder:
    return film_order(read_v1({"model": "MiniMax-Hailuo-02", "prompt": "a fox", **fields}))


def v2(*items: Any, **fields: Any) -> FilmOrder:
    content = [{"type": "text", "text": "a fox"}, *items]
    sent = {"model": "MiniMax-H3-Lite", "content": content, "resolution": "480P", "duration": 4, "ratio": "4:3"}
    return film_order(read_v2({**sent, **fields}))


def still(picture: Image.Image, role: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url(picture)}, "role": role}


FROM_ONE: dict[str, Callable[[], FilmOrder]] = {
    "v1": lambda: v1(model="MiniMax-Hailuo-02", first_frame_image=url(SEA), resolution="512P"),
    "v2": lambda: v2(still(SEA, "first_frame")),
}
FROM_TWO: dict[str, Callable[[], FilmOrder]] = {
    "v1": lambda: v1(first_frame_image=url(SEA), last_frame_image=url(FIRE)),
    "v2": lambda: v2(still(SEA, "first_frame"), still(FIRE, "last_frame")),
}


@pytest.mark.parametrize("api", FROM_ONE)
def test_a_film_from_a_first_frame_begins_with_it_and_moves(api: str) -> None:
    frames = shown(brief(FROM_ONE[api]()))

    assert apart(frames[0], SEA) < 5
    assert apart(frames[0], FIRE) > 60
    assert ImageChops.difference(frames[0], frames[-1]).getbbox() is not None


@pytest.mark.parametrize("api", FROM_TWO)
def test_a_film_from_two_frames_fades_from_one_to_the_other(api: str) -> None:
    frames = shown(brief(FROM_TWO[api]()))

    middle = frames[len(frames) * 5 // 8]
    assert apart(frames[0], SEA) < 5
    assert apart(frames[-1], FIRE) < 5
    assert min(apart(middle, SEA), apart(middle, FIRE)) > 20


def test_a_last_frame_alone_ends_the_film() -> None:
    frames = shown(brief(v1(last_frame_image=url(FIRE))))

    assert apart(frames[0], FIRE) > 20
    assert apart(frames[-1], FIRE) < 5


@pytest.mark.parametrize(
    ("order", "count"),
    [
        (lambda: v1(model="S2V-01", subject_reference=[{"type": "character", "image": [url(SEA)]}]), 1),
        (lambda: v2(*[still(SEA, "reference_image")] * 3), 3),
    ],
)
def test_a_film_about_subjects_shows_each_of_them(order: Callable[[], FilmOrder], count: int) -> None:
    frame = shown(brief(order()))[12]

    row = [frame.getpixel((across, frame.height // 3)) for across in range(frame.width)]
    navy = [_near(cast("tuple[int, int, int]", pixel), (0, 0, 128)) for pixel in row]
    edges = sum(1 for before, after in pairwise(navy) if after and not before)
    assert edges == count


def _near(pixel: tuple[int, int, int], colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 16 for one, other in zip(pixel, colour, strict=True))


def test_a_picture_is_shown_the_right_way_up() -> None:
    turned = SEA.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the picture must be turned by 90 degrees clockwise
    order = FilmOrder("", "", 320, 240, 1, first=as_file(turned, exif=exif))

    assert apart(shown(paint_film(order))[0], SEA) < 5


def test_two_pictures_make_two_films_of_one_prompt() -> None:
    films = [tiny_film(FilmOrder("a fox", "", 64, 36, 1, first=as_file(picture))) for picture in (SEA, FIRE, SEA)]

    assert films[0].sha256 == films[2].sha256 != films[1].sha256


@pytest.mark.parametrize("maker", [paint_film, tiny_film])
@pytest.mark.parametrize(("seconds", "frames"), [(4, 107), (8, 192)])
def test_a_film_of_v2_has_the_frames_its_model_can_make_and_sound_in_stereo(
    maker: Callable[[FilmOrder], Film], seconds: int, frames: int
) -> None:
    film = maker(v2(duration=seconds))

    assert len(shown(film)) == frames
    with av.open(BytesIO(film.content), "r") as container:
        (track,) = container.streams.audio
        sound = list(container.decode(track))
        assert (track.codec_context.name, track.codec_context.sample_rate, track.channels) == ("aac", 32_000, 2)
    length = sum(frame.samples for frame in sound) / 32_000
    assert length == pytest.approx(frames / 24, abs=0.1)
    left, right = (bytes(plane) for plane in sound[len(sound) // 2].planes)
    assert len(set(left)) > 100
    assert left != right


def test_a_film_of_v1_is_silent() -> None:
    with av.open(BytesIO(tiny_film(v1()).content), "r") as container:
        assert [stream.type for stream in container.streams] == ["video"]
