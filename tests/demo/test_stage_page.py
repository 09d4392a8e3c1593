from __future__ import annotations

import webbrowser
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image
from simcord.preview._media import MediaError

from demo.page import open_browser
from demo.playback import AsPosted
from demo.simulator.film_makers import paint_film
from demo.simulator.films import FilmOrder

URL = "http://127.0.0.1:1/#capability"


@pytest.fixture(scope="module")
def film() -> bytes:
    return paint_film(FilmOrder(prompt="a fox", caption="", width=1920, height=1080, duration=6)).content


async def test_a_1080p_film_goes_to_the_page_byte_for_byte_with_its_first_frame(film: bytes) -> None:
    shown = await AsPosted().validate("film", film)

    assert (shown.normalized, shown.content_type) == (film, "video/mp4")
    assert (shown.width, shown.height, shown.frames, shown.duration) == (1920, 1080, 144, 6.0)
    assert shown.poster is not None
    assert Image.open(BytesIO(shown.poster)).size == (1920, 1080)


async def test_a_film_cut_short_is_refused(film: bytes) -> None:
    with pytest.raises(MediaError):
        await AsPosted().validate("film", film[:2000])


async def test_other_media_are_left_to_simcord() -> None:
    picture = BytesIO()
    Image.new("RGB", (4, 3)).save(picture, format="PNG")
    worker = AsPosted()

    shown = await worker.validate("picture", picture.getvalue())
    await worker.close()

    assert (shown.kind, shown.width, shown.height) == ("image", 4, 3)


def browser(kind: type, opened: list[str]) -> Callable[[], object]:
    found = kind("browser")
    found.open = opened.append
    return lambda: found


def test_a_browser_with_a_screen_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "get", browser(webbrowser.BackgroundBrowser, opened))

    open_browser(URL)

    assert opened == [URL]


def test_a_browser_that_would_take_over_the_terminal_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "get", browser(webbrowser.GenericBrowser, opened))

    open_browser(URL)

    assert opened == []


def test_no_browser_at_all_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> SimpleNamespace:
        raise webbrowser.Error("could not locate runnable browser")

    monkeypatch.setattr(webbrowser, "get", none)

    open_browser(URL)
