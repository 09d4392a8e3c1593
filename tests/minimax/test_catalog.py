"""What is offered: examples people meet, and laws over everything they could type."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import InvalidPrompt, NotOffered, PromptProblem
from jobs.model import Draft, Money, VideoRequest
from jobs.ports import Catalog
from minimax.catalog import MiniMaxCatalog
from minimax.models import V1_MODELS, Kind

TEXT_MATRIX = {
    (model.name, size.resolution, size.duration)
    for model in V1_MODELS
    for size in model.sizes
    if Kind.T2V in (size.kinds or model.kinds) and size.price
}
NAMES = [model.name for model in V1_MODELS]
OPTIONS = {
    "model": st.sampled_from([*NAMES, "Sora", ""]),
    "resolution": st.sampled_from(["512P", "720P", "768P", "1080P", "768p", "4K", ""]),
    "duration": st.sampled_from([-1, 0, 1, 5, 6, 7, 10, 11]),
}
drafts = st.fixed_dictionaries({name: st.none() | values for name, values in OPTIONS.items()})


def chosen(catalog: MiniMaxCatalog, **options: Any) -> tuple[str, str, int]:
    request = catalog.offer(Draft(prompt="a cat", **options)).request
    return request.model, request.resolution, request.duration


def outcome(catalog: MiniMaxCatalog, **options: Any) -> tuple[str, str, int] | NotOffered:
    try:
        return chosen(catalog, **options)
    except NotOffered as refusal:
        return refusal


def refused(catalog: MiniMaxCatalog, **options: Any) -> NotOffered:
    with pytest.raises(NotOffered) as refusal:
        catalog.offer(Draft(prompt="a cat", **options))
    return refusal.value


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("MiniMax-Hailuo-02", "1080P", 6)),
        ({"duration": 10}, ("MiniMax-Hailuo-02", "768P", 10)),
        ({"duration": 6}, ("MiniMax-Hailuo-02", "1080P", 6)),
        ({"resolution": "768P"}, ("MiniMax-Hailuo-02", "768P", 6)),
        ({"resolution": "768p", "duration": 10}, ("MiniMax-Hailuo-02", "768P", 10)),
        ({"model": "MiniMax-Hailuo-2.3"}, ("MiniMax-Hailuo-2.3", "1080P", 6)),
        ({"model": "minimax-hailuo-2.3", "duration": 10}, ("MiniMax-Hailuo-2.3", "768P", 10)),
    ],
)
def test_an_option_left_out_follows_those_given(options: dict[str, Any], expected: tuple[str, str, int]) -> None:
    assert chosen(MiniMaxCatalog(), **options) == expected


def test_other_defaults_fill_in_what_is_left_out() -> None:
    catalog = MiniMaxCatalog(default_model="MiniMax-Hailuo-2.3", default_resolution="768P", default_duration=10)

    assert chosen(catalog) == ("MiniMax-Hailuo-2.3", "768P", 10)
    assert chosen(catalog, resolution="1080P") == ("MiniMax-Hailuo-2.3", "1080P", 6)


def test_a_model_left_out_follows_too_where_the_default_one_cannot() -> None:
    catalog = MiniMaxCatalog(prices={("T2V-01", "720P", 6): Decimal("0.43")})

    assert chosen(catalog, resolution="720P") == ("T2V-01", "720P", 6)


@pytest.mark.parametrize(
    ("options", "option", "allowed"),
    [
        ({"resolution": "1080P", "duration": 10}, "duration", ("6",)),
        ({"duration": 7}, "duration", ("6", "10")),
        ({"resolution": "4K"}, "resolution", ("768P", "1080P")),
        ({"resolution": "512P"}, "resolution", ("768P", "1080P")),
        ({"model": "Sora"}, "model", ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02")),
        ({"model": "MiniMax-Hailuo-2.3-Fast"}, "model", ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02")),
        ({"model": "T2V-01"}, "model", ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02")),
    ],
)
def test_what_is_not_offered_says_what_is(options: dict[str, Any], option: str, allowed: tuple[str, ...]) -> None:
    refusal = refused(MiniMaxCatalog(), **options)

    assert (refusal.option, refusal.value, refusal.allowed) == (option, str(options[option]), allowed)


def test_what_is_named_instead_fits_the_other_options_given() -> None:
    catalog = MiniMaxCatalog(prices={("T2V-01", "720P", 6): Decimal("0.43")})

    assert refused(catalog, model="Sora", duration=6).allowed == ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02", "T2V-01")
    assert refused(catalog, model="Sora", duration=10).allowed == ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02")


@given(drafts)
def test_every_offer_is_in_the_matrix_and_keeps_what_was_given(options: dict[str, Any]) -> None:
    offered = outcome(MiniMaxCatalog(), **options)
    if not isinstance(offered, NotOffered):
        model, resolution, duration = offered

        assert offered in TEXT_MATRIX
        assert (options["model"] or model) == model
        assert (options["resolution"] or resolution).upper() == resolution
        assert (options["duration"] or duration) == duration


@given(drafts)
def test_an_error_is_a_value_nobody_makes_or_two_given_options_that_contradict(options: dict[str, Any]) -> None:
    catalog = MiniMaxCatalog()
    stated = {name: value for name, value in options.items() if value is not None}
    refusal = outcome(catalog, **options)
    if isinstance(refusal, NotOffered):
        nobody_makes_it = isinstance(outcome(catalog, **{refusal.option: stated[refusal.option]}), NotOffered)

        assert nobody_makes_it or len(stated) > 1
        assert refusal.allowed
        assert refusal.value not in refusal.allowed


@given(drafts)
def test_every_value_named_instead_mends_the_fault(options: dict[str, Any]) -> None:
    catalog = MiniMaxCatalog()
    refusal = outcome(catalog, **options)
    if isinstance(refusal, NotOffered):
        for value in refusal.allowed:
            mended: Any = int(value) if refusal.option == "duration" else value
            again = outcome(catalog, **(options | {refusal.option: mended}))

            assert not isinstance(again, NotOffered) or again.option != refusal.option


@given(drafts, st.sampled_from(["model", "resolution", "duration"]))
def test_every_choice_shown_leads_to_what_it_shows(options: dict[str, Any], option: str) -> None:
    catalog = MiniMaxCatalog()
    others = {name: value for name, value in options.items() if name != option}

    for choice in catalog.choices(option, **options):
        value: Any = int(choice.value) if option == "duration" else choice.value
        offer = catalog.offer(Draft(prompt="a cat", **(others | {option: value})))

        assert (choice.model, choice.resolution, choice.duration) == (
            offer.request.model,
            offer.request.resolution,
            offer.request.duration,
        )
        assert choice.price == offer.price


@given(drafts, st.sampled_from(["model", "resolution", "duration"]))
def test_what_is_offered_is_among_the_choices(options: dict[str, Any], option: str) -> None:
    catalog = MiniMaxCatalog()
    offered = outcome(catalog, **options)
    if not isinstance(offered, NotOffered):
        taken = dict(zip(["model", "resolution", "duration"], offered, strict=True))[option]

        assert str(taken) in [choice.value for choice in catalog.choices(option, **options)]


def test_choices_fit_the_options_already_given_and_begin_with_the_default() -> None:
    catalog = MiniMaxCatalog()

    assert [choice.value for choice in catalog.choices("resolution")] == ["1080P", "768P"]
    assert [choice.value for choice in catalog.choices("resolution", duration=10)] == ["768P"]
    assert [choice.value for choice in catalog.choices("duration", resolution="1080P")] == ["6"]
    assert [choice.value for choice in catalog.choices("model")] == ["MiniMax-Hailuo-02", "MiniMax-Hailuo-2.3"]
    assert catalog.choices("duration", resolution="4K") == ()


@pytest.mark.parametrize(
    ("currency", "size", "price"),
    [
        ("USD", ("768P", 6), "0.28"),
        ("USD", ("768P", 10), "0.56"),
        ("USD", ("1080P", 6), "0.49"),
        ("CNY", ("768P", 6), "2.00"),
        ("CNY", ("768P", 10), "4.00"),
        ("CNY", ("1080P", 6), "3.50"),
    ],
)
def test_prices_are_those_of_the_price_list(currency: str, size: tuple[str, int], price: str) -> None:
    offer = MiniMaxCatalog(currency=currency).offer(Draft(prompt="a cat", resolution=size[0], duration=size[1]))

    assert offer.price == Money.of(price, currency)


def test_an_operators_price_wins_over_the_published_one() -> None:
    catalog = MiniMaxCatalog(prices={("MiniMax-Hailuo-02", "1080P", 6): Decimal("0.30")})

    assert catalog.offer(Draft(prompt="a cat")).price == Money.of("0.30", "USD")


@pytest.mark.parametrize("prompt", ["", " ", "\n \n"])
def test_an_empty_prompt_is_refused(prompt: str) -> None:
    with pytest.raises(InvalidPrompt) as refusal:
        MiniMaxCatalog().offer(Draft(prompt=prompt))

    assert refusal.value.problem is PromptProblem.EMPTY


@pytest.mark.parametrize("character", ["x", "猫", "🐈"])
def test_a_prompt_has_at_most_2000_characters_whatever_their_bytes(character: str) -> None:
    catalog = MiniMaxCatalog()

    assert catalog.offer(Draft(prompt=character * 2000)).request.prompt == character * 2000
    with pytest.raises(InvalidPrompt) as refusal:
        catalog.offer(Draft(prompt=character * 2001))
    assert (refusal.value.problem, refusal.value.length, refusal.value.limit) == (PromptProblem.TOO_LONG, 2001, 2000)


def test_the_watermark_is_the_operators_choice() -> None:
    assert MiniMaxCatalog(watermark=True).offer(Draft(prompt="a cat")).request.watermark is True
    assert MiniMaxCatalog().offer(Draft(prompt="a cat")).request.watermark is False


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"default_model": "Sora"}, "DEFAULT_MODEL is Sora"),
        ({"default_model": "MiniMax-Hailuo-2.3-Fast"}, "DEFAULT_MODEL is MiniMax-Hailuo-2.3-Fast"),
        ({"default_resolution": "512P"}, "DEFAULT_RESOLUTION is 512P"),
        ({"default_duration": 10}, "DEFAULT_DURATION is 10"),
        ({"enabled_models": ["Sora"]}, "ENABLED_MODELS names Sora"),
        ({"enabled_models": ["T2V-01"]}, "ENABLED_MODELS names T2V-01, which has no known price"),
        ({"enabled_models": ["MiniMax-Hailuo-2.3"]}, "DEFAULT_MODEL is MiniMax-Hailuo-02"),
        ({"enabled_models": ["MiniMax-Hailuo-2.3-Fast"]}, "no model of ENABLED_MODELS makes videos from text"),
        ({"currency": "EUR"}, "CURRENCY must be USD or CNY"),
    ],
)
def test_settings_that_cannot_be_met_end_in_a_sentence_that_names_one(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        MiniMaxCatalog(**settings)

    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_models_that_are_not_enabled_are_not_offered() -> None:
    catalog = MiniMaxCatalog(enabled_models=["MiniMax-Hailuo-02"])

    assert refused(catalog, model="MiniMax-Hailuo-2.3").allowed == ("MiniMax-Hailuo-02",)


def test_every_size_says_how_long_it_takes_and_so_does_one_that_left_the_table() -> None:
    catalog: Catalog = MiniMaxCatalog()

    for model in V1_MODELS:
        for size in model.sizes:
            request = VideoRequest(prompt="a cat", model=model.name, resolution=size.resolution, duration=size.duration)
            assert catalog.typical_seconds(request) == size.typical_seconds > 0
    assert catalog.typical_seconds(VideoRequest(prompt="x", model="old", resolution="1P", duration=1)) > 0
