"""What a video costs: the published lists, an operator's own prices, and the table that shows them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jobs.model import Draft, Mode, Money, Role
from minimax.catalog import MiniMaxCatalog
from minimax.models import MODELS
from minimax.prices import PUBLISHED, Prices, parse_prices
from minimax.table import ModelLine
from tests.minimax.wishes import OWN_PRICES, sources


def price(
    model: str, resolution: str, duration: int, *roles: Role, currency: str = "USD", own: Prices | None = None
) -> Decimal:
    catalog = MiniMaxCatalog(currency=currency, prices=own)
    draft = Draft(prompt="a cat", model=model, resolution=resolution, duration=duration, inputs=sources(*roles))
    offer = catalog.offer(draft)
    assert offer.price.currency == currency
    return offer.price.amount


@pytest.mark.parametrize(
    ("model", "size", "usd", "cny"),
    [
        ("MiniMax-Hailuo-2.3", ("768P", 6), "0.28", "2.00"),
        ("MiniMax-Hailuo-2.3", ("768P", 10), "0.56", "4.00"),
        ("MiniMax-Hailuo-2.3", ("1080P", 6), "0.49", "3.50"),
        ("MiniMax-Hailuo-2.3-Fast", ("768P", 6), "0.19", "1.35"),
        ("MiniMax-Hailuo-2.3-Fast", ("768P", 10), "0.32", "2.25"),
        ("MiniMax-Hailuo-2.3-Fast", ("1080P", 6), "0.33", "2.31"),
        ("MiniMax-Hailuo-02", ("512P", 6), "0.10", "0.60"),
        ("MiniMax-Hailuo-02", ("512P", 10), "0.15", "1.00"),
        ("MiniMax-Hailuo-02", ("768P", 6), "0.28", "2.00"),
        ("MiniMax-Hailuo-02", ("768P", 10), "0.56", "4.00"),
        ("MiniMax-Hailuo-02", ("1080P", 6), "0.49", "3.50"),
        ("MiniMax-H3", ("768P", 4), "0.32", "2.00"),
        ("MiniMax-H3", ("768P", 15), "1.20", "7.50"),
        ("MiniMax-H3", ("2K", 10), "1.30", "8.00"),
    ],
)
def test_prices_are_those_of_the_price_lists(model: str, size: tuple[str, int], usd: str, cny: str) -> None:
    assert price(model, *size, Role.FIRST_FRAME) == Decimal(usd)
    assert price(model, *size, Role.FIRST_FRAME, currency="CNY") == Decimal(cny)


def test_h3_max_has_a_price_in_dollars_alone() -> None:
    assert price("MiniMax-H3-Max", "480P", 10) == Decimal("0.50")
    assert price("MiniMax-H3-Max", "768P", 5) == Decimal("0.40")
    assert "MiniMax-H3-Max" not in [line.model for line in MiniMaxCatalog(currency="CNY").table().models]


@pytest.mark.parametrize(
    ("model", "pictures", "extra"),
    [
        ("MiniMax-H3", 5, "0"),
        ("MiniMax-H3", 6, "0.04"),
        ("MiniMax-H3", 9, "0.16"),
        ("MiniMax-H3-Max", 2, "0"),
        ("MiniMax-H3-Max", 5, "0.222"),
    ],
)
def test_pictures_beyond_the_free_ones_cost_extra(model: str, pictures: int, extra: str) -> None:
    roles = [Role.REFERENCE_IMAGE] * pictures

    assert price(model, "768P", 5, *roles) == Decimal("0.40") + Decimal(extra)
    assert price(model, "768P", 5, Role.SUBJECT, *roles[1:]) == Decimal("0.40") + Decimal(extra)


@pytest.mark.parametrize("videos", [1, 3])
def test_reference_videos_of_unknown_length_are_held_at_the_most_they_can_cost_together(videos: int) -> None:
    assert price("MiniMax-H3", "2K", 4, *[Role.REFERENCE_VIDEO] * videos) == (4 + 15) * Decimal("0.13")


def test_reference_sounds_are_free() -> None:
    assert price("MiniMax-H3", "768P", 5, Role.REFERENCE_IMAGE, Role.REFERENCE_AUDIO) == Decimal("0.40")


# --- an operator's own -------------------------------------------------------------------------------------------


def test_an_operators_price_wins_over_the_published_one_and_leaves_the_others() -> None:
    own = parse_prices(["MiniMax-Hailuo-02:1080P:6=0.30", "MiniMax-Hailuo-02:768p:s = 0.05"])

    assert price("MiniMax-Hailuo-02", "1080P", 6, own=own) == Decimal("0.30")
    assert price("MiniMax-Hailuo-02", "768P", 10, own=own) == Decimal("0.50")
    assert price("MiniMax-Hailuo-2.3", "1080P", 6, own=own) == Decimal("0.49")


def test_an_operators_price_of_a_whole_video_wins_over_that_of_a_second() -> None:
    own = parse_prices(["MiniMax-H3:768P:s=0.10", "MiniMax-H3:768P:10=0.70", "MiniMax-H3:image=0.50"])

    assert price("MiniMax-H3", "768P", 10, own=own) == Decimal("0.70")
    assert price("MiniMax-H3", "768P", 5, own=own) == Decimal("0.50")
    assert price("MiniMax-H3", "2K", 10, own=own) == Decimal("1.30")
    assert price("MiniMax-H3", "768P", 5, *[Role.REFERENCE_IMAGE] * 7, own=own) == Decimal("1.50")
    assert price("MiniMax-H3", "768P", 10, Role.REFERENCE_VIDEO, own=own) == Decimal("0.70") + 15 * Decimal("0.10")


def test_a_price_puts_a_model_without_a_published_one_on_offer() -> None:
    without = [line.model for line in MiniMaxCatalog().table().models]
    with_all = [line.model for line in MiniMaxCatalog(prices=OWN_PRICES).table().models]

    assert set(MODELS) - set(without) == {
        "T2V-01",
        "T2V-01-Director",
        "I2V-01",
        "I2V-01-Director",
        "I2V-01-live",
        "S2V-01",
        "MiniMax-H3-Highspeed",
        "MiniMax-H3-Lite",
    }
    assert with_all == list(MODELS)
    assert price("S2V-01", "720P", 6, Role.SUBJECT, own=OWN_PRICES) == Decimal("0.43")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("nonsense", "cannot be read at 'nonsense'"),
        ("S2V-01:720P:6", "cannot be read"),
        ("S2V-01:720P:6=free", "cannot be read"),
        ("S2V-01:720P:6=-1", "cannot be read"),
        ("S2V-01:720P:6=1e9", "cannot be read"),
        ("S2V-01=0.43", "cannot be read"),
        ("S2V-01:720P:6=0", "must be more than 0 at 'S2V-01:720P:6=0'"),
        ("Sora:720P:6=1", "names Sora, which is not a model"),
        ("S2V-01:768P:6=1", "names S2V-01:768P:6, but that model makes 720P:6"),
        ("S2V-01:720P:10=1", "names S2V-01:720P:10, but"),
        ("MiniMax-H3:480P:s=1", "names MiniMax-H3:480P:s, but"),
    ],
)
def test_a_price_that_makes_no_sense_ends_in_a_sentence_that_names_it(entry: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        parse_prices(["MiniMax-H3:768P:s=0.08", entry])

    assert str(refusal.value).startswith("MINIMAX_PRICES ")
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_no_prices_are_none() -> None:
    assert parse_prices([]) == Prices()


# --- the table ---------------------------------------------------------------------------------------------------


def line(model: str) -> ModelLine:
    return next(one for one in MiniMaxCatalog().table().models if one.model == model)


def test_the_table_shows_a_price_for_each_video_or_for_each_second() -> None:
    hailuo = [
        (size.resolution, size.durations, size.price, size.per_second) for size in line("MiniMax-Hailuo-02").sizes
    ]
    h3 = [(size.resolution, size.durations, size.price, size.per_second) for size in line("MiniMax-H3").sizes]

    assert hailuo == [
        ("768P", (6,), Money.of("0.28", "USD"), False),
        ("768P", (10,), Money.of("0.56", "USD"), False),
        ("1080P", (6,), Money.of("0.49", "USD"), False),
        ("512P", (6,), Money.of("0.10", "USD"), False),
        ("512P", (10,), Money.of("0.15", "USD"), False),
    ]
    assert h3 == [
        ("768P", tuple(range(4, 16)), Money.of("0.08", "USD"), True),
        ("2K", tuple(range(4, 16)), Money.of("0.13", "USD"), True),
    ]


def test_the_table_says_what_a_model_can_do() -> None:
    hailuo, h3 = line("MiniMax-Hailuo-02"), line("MiniMax-H3")

    assert (hailuo.is_default, hailuo.camera, hailuo.sound, hailuo.ratios) == (True, True, False, ())
    assert hailuo.modes == (Mode.TEXT, Mode.IMAGE, Mode.FRAMES)
    assert [size.modes for size in hailuo.sizes if size.resolution == "512P"] == [(Mode.IMAGE,)] * 2
    assert (h3.is_default, h3.camera, h3.sound, len(h3.ratios), h3.prompt_limit) == (False, False, True, 6, 7000)
    assert h3.modes == (Mode.TEXT, Mode.IMAGE, Mode.FRAMES, Mode.REFERENCE)


@pytest.mark.parametrize("currency", PUBLISHED)
def test_the_table_names_the_source_of_its_prices_and_their_date(currency: str) -> None:
    table = MiniMaxCatalog(currency=currency).table()

    assert table.source.endswith("pricing-paygo")
    assert table.read == "2026-11"
    assert {size.price.currency for one in table.models for size in one.sizes} == {currency}
