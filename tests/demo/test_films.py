"""The films: real, of the right size and length, quick to make, and about their prompt."""

from fractions import Fraction
from io import BytesIO
from typing import cast

import av
import pytest
from av.video.frame import VideoFrame
from PIL import Image, ImageChops, ImageDraw, ImageFont

from demo.simulator.film_makers import padded, paint_film, tiny_film
from demo.simulator.films import Film, FilmOrder, Films
from demo.simulator.poster import CHARACTERS, FONT, MISSING, break_lines, draw_poster, drawable
from demo.simulator.rules import PIXELS
from demo.simulator.service import Simulator, film_order
from tests.demo.conftest import Customer


def order(prompt: str = "a fox in the snow", width: int = 1366, height: int = 768, duration: int = 6) -> FilmOrder:
    return FilmOrder(prompt, "MiniMax-Hailuo-02 · 768P · 6 s", width, height, duration)


def frames(film: Film) -> list[VideoFrame]:
    with av.open(BytesIO(film.part(0, film.size)), "r") as container:
        return list(container.decode(video=0))


def picture(frame: VideoFrame) -> Image.Image:
    return cast("Image.Image", frame.to_image())  # pyright: ignore[reportUnknownMemberType] -- PyAV leaves it untyped


def glyph(character: str) -> bytes:
    image = Image.new("L", (60, 60))
    ImageDraw.Draw(image).text((5, 5), character, 255, ImageFont.truetype(str(FONT), 40))
    return image.tobytes()


def differing(first: Image.Image, second: Image.Image) -> float:
    """The share of pixels that differ clearly."""
    difference = ImageChops.difference(first.convert("L"), second.convert("L"))
    histogram = difference.histogram()
    return sum(histogram[64:]) / sum(histogram)


@pytest.mark.parametrize(
    ("width", "height", "duration"),
    [(*PIXELS["768P"], 10), (*PIXELS["1080P"], 6), (*PIXELS["512P"], 6), (768, 1024, 6)],
)
def test_a_film_is_a_playable_mp4_of_the_right_size_rate_and_length(width: int, height: int, duration: int) -> None:
    film = paint_film(order(width=width, height=height, duration=duration))

    with av.open(BytesIO(film.content), "r") as container:
        (stream,) = container.streams
        assert isinstance(stream, av.VideoStream)
        shown = list(container.decode(stream))
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, codec.width, codec.height) == ("h264", "yuv420p", width, height)
        assert stream.average_rate == Fraction(24)
        assert container.duration == duration * 1_000_000
    assert len(shown) == duration * 24
    assert film.content.index(b"moov") < film.content.index(b"mdat")
    assert film.size < 4_000_000


def test_a_film_moves() -> None:
    shown = frames(paint_film(order(width=640, height=360)))

    early, late = (picture(shown[number]) for number in (0, 143))
    assert differing(early, late) > 0.001
    assert sum(1 for frame in shown if frame.key_frame) < 10


def test_two_prompts_make_two_films_and_one_prompt_the_same_twice() -> None:
    fox, bear = (paint_film(order(prompt, width=640, height=360)) for prompt in ("a fox", "ein Bär"))

    assert differing(picture(frames(fox)[0]), picture(frames(bear)[0])) > 0.01
    assert fox.sha256 != bear.sha256
    assert fox.sha256 == paint_film(order("a fox", width=640, height=360)).sha256


@pytest.mark.parametrize("character", "狐雪國愛ねネ한ÄЖΩ€…，。！")
def test_the_typeface_draws_what_it_says_it_draws(character: str) -> None:
    # A private-use code point is in no font: what is drawn for it is the box for a missing character.
    assert character in CHARACTERS.read_text(encoding="utf-8")
    assert glyph(character) not in (glyph("\ue000"), glyph(" "))


def test_every_character_of_gb2312_can_be_drawn() -> None:
    known = CHARACTERS.read_text(encoding="utf-8")
    rows = (bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    wanted = {character for character in rows if character}

    assert len(wanted) == 6763
    assert wanted <= set(known)


def test_a_chinese_prompt_is_seen_in_the_film() -> None:
    films = [paint_film(order(prompt, width=640, height=360)) for prompt in ("雪中的狐狸", "")]

    # White letters: the middle holds many more bright pixels with the prompt than without.
    box = (100, 100, 540, 220)
    bright = [sum(picture(frames(film)[0]).convert("L").crop(box).histogram()[200:]) for film in films]
    assert bright[0] > bright[1] + 2000


def test_the_last_frame_is_bare_for_a_next_part_to_begin_with() -> None:
    shown = [picture(frame) for frame in frames(paint_film(order("雪中的狐狸", width=640, height=360)))]

    # White letters, and a white bar.
    bright = [sum(frame.convert("L").histogram()[200:]) for frame in (shown[0], shown[-12], shown[-1])]
    assert min(bright[:2]) > bright[2] + 2000


@pytest.mark.parametrize(
    ("prompt", "drawn"),
    [
        ("a 🦊🔥 fox", f"a {MISSING} fox"),
        ("👨‍👩‍👧‍👦", MISSING),
        ("مرحبا fox", f"{MISSING} fox"),
        ("two\n\n  lines", "two lines"),
        ("e\u0301te\u0301", "été"),
        ("\x00\ud800狐", f"{MISSING}狐"),
        ("", ""),
    ],
)
def test_what_the_typeface_lacks_becomes_one_mark_for_a_run(prompt: str, drawn: str) -> None:
    assert drawable(prompt) == drawn


@pytest.mark.parametrize("prompt", ["狐" * 2000, "word " * 400, "x" * 2000, "🦊" * 2000, "", "W", "\u200b"])
@pytest.mark.parametrize("size", [(1366, 768), (512, 1024)])
def test_a_prompt_of_any_length_stays_inside_the_picture(prompt: str, size: tuple[int, int]) -> None:
    poster = draw_poster(prompt, "caption", *size)

    box = poster.getbbox()
    assert poster.size == size
    assert box is not None
    assert box[0] > 0 < box[1]
    assert box[2] < size[0]
    assert box[3] < size[1]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("雪中的狐狸在奔跑", ["雪中的狐狸在奔", "跑"]),
        ("abcdefghij", ["abcdefg", "hij"]),
        ("ab 狐狸 cdef gh", ["ab 狐狸", "cdef gh"]),
        ("", []),
    ],
)
def test_lines_break_at_spaces_between_han_characters_and_else_inside_long_words(text: str, lines: list[str]) -> None:
    assert break_lines(text, 7, len) == lines


def test_a_tiny_film_has_the_length_and_its_own_bytes() -> None:
    first, second = tiny_film(order("a fox", duration=6)), tiny_film(order("a bear", duration=6))

    assert len(frames(first)) == 144
    assert first.size < 50_000
    assert first.sha256 != second.sha256


def test_a_padded_film_has_the_size_asked_for_and_still_plays() -> None:
    film = padded(tiny_film, 5_000_000)(order())
    whole = film.part(0, film.size)

    assert film.size == len(whole) == 5_000_000
    assert len(film.content) < 50_000
    assert len(frames(film)) == 144
    assert film.part(10, 20) + film.part(20, 4_999_999) + film.part(4_999_999, 6_000_000) == whole[10:]
    assert padded(tiny_film, 10)(order()).size == tiny_film(order()).size


async def test_a_film_is_made_once_and_given_up_when_the_server_ends() -> None:
    made: list[str] = []

    def make(wanted: FilmOrder) -> Film:
        made.append(wanted.prompt)
        return Film(b"film")

    films = Films(make)
    films.begin(order("fox"))
    assert await films.get(order("fox")) == await films.get(order("fox")) == Film(b"film")
    films.begin(order("bear"))
    await films.stop()
    assert (films.ready(order("fox")), films.ready(order("bear"))) == (Film(b"film"), None)
    await films.get(order("bear"))

    assert made[0] == "fox"
    assert made.count("fox") == 1


async def test_no_film_is_made_for_a_task_that_will_fail(customer: Customer, simulator: Simulator) -> None:
    good = simulator.task((await customer.create(prompt="a fox"))["task_id"])
    bad = simulator.task((await customer.create(prompt="a bear #withhold"))["task_id"])
    assert good is not None
    assert bad is not None
    await simulator.films.get(film_order(good.order))

    assert simulator.films.ready(film_order(bad.order)) is None
