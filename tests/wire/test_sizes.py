"""Videos of any size on the wire: what Discord refuses is repackaged, or encoded anew until it fits."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import pytest

from demo.simulator.film_makers import padded, tiny_film
from demo.simulator.films import Film, FilmMaker, FilmOrder
from tests.media.films import a_large_film
from tests.wire.fake_discord import MIB
from tests.wire.studio import HASTE, Order, Studio

SECONDS = 6


@pytest.fixture
def film_maker(request: pytest.FixtureRequest) -> FilmMaker:
    """Films of the test's own making."""
    return getattr(request, "param", tiny_film)


@pytest.fixture
def bot_env() -> dict[str, str]:
    """An operator who believes in 20 MiB."""
    return {**HASTE, "UPLOAD_LIMIT_MIB": "20"}


def grainy_film(_: FilmOrder) -> Film:
    """A film that only another coding makes smaller."""
    with TemporaryDirectory() as folder:
        path = a_large_film(Path(folder) / "film.mp4", seconds=SECONDS, size=(512, 288), rate=800_000)
        return Film(path.read_bytes())


def tries(order: Order) -> list[tuple[int | None, int]]:
    """What became of each upload, and its bytes."""
    return [(one.status, one.files[0].size) for one in order.uploads if one.files]


def facts(film: bytes) -> tuple[str, str | None, float]:
    """Codec, pixels and length of a film."""
    with av.open(BytesIO(film), "r") as file:
        picture = file.streams.video[0].codec_context
        return picture.name, picture.pix_fmt, (file.duration or 0) / av.time_base


@pytest.mark.parametrize("film_maker", [grainy_film], indirect=True, ids=["grainy"])
async def test_a_film_is_encoded_anew_until_it_fits_what_discord_really_takes(studio: Studio) -> None:
    studio.place.takes = takes = 330_000
    await studio.bot.start_ready()
    order = await studio.order("a grainy landscape")
    await order.ended("Done", within=40)
    await studio.stop()
    [result] = order.results

    [(refused, whole), (taken, smaller)] = tries(order)
    assert (refused, taken) == (413, 200)
    assert smaller <= takes < whole
    assert order.file.size == smaller
    assert facts(order.file.read()) == ("h264", "yuv420p", pytest.approx(SECONDS, abs=0.1))
    assert "Encoded anew" in result.text
    assert "Encoded anew" in order.card.text
    assert (order.paid, result.pinged) == (1, [studio.person.id])
    assert order.card.leads_to(result)


@pytest.mark.parametrize("film_maker", [padded(tiny_film, 22 * MIB)], indirect=True, ids=["padded"])
async def test_what_a_boosted_server_refuses_is_brought_below_what_the_operator_believes_in(studio: Studio) -> None:
    assert studio.place.guild is not None
    studio.place.guild.premium_tier = 2
    studio.place.takes = 10 * MIB
    await studio.bot.start_ready()
    order = await studio.order("a cat in much wrapping")
    await order.ended("Done", within=40)
    await studio.stop()

    assert [status for status, _ in tries(order)] == [413, 200]
    assert tries(order)[0][1] == 22 * MIB
    assert order.file.size < MIB
    assert "Encoded anew" not in order.results[0].text
    assert order.paid == 1
