"""What is offered, and what fills in the options left out: examples people and operators meet."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.errors import InputProblem, InvalidPrompt, PromptProblem, UnfitInputs
from jobs.model import Draft, Role, VideoRequest
from jobs.ports import Catalog
from minimax.camera import CAMERA_MOVES
from minimax.catalog import MiniMaxCatalog
from minimax.models import MODELS, RATIOS
from tests.minimax.counter import asked, chosen, everything, refused, values
from tests.minimax.wishes import sources

TEXT_MODELS = ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02", "MiniMax-H3", "MiniMax-H3-Max")
HAILUO = TEXT_MODELS[:2]
H3_LENGTHS = tuple(str(seconds) for seconds in range(4, 16))


# --- options -----------------------------------------------------------------------------------------------------


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
        ({"model": "MiniMax-H3"}, ("MiniMax-H3", "768P", 6)),
        ({"model": "MiniMax-H3-Max"}, ("MiniMax-H3-Max", "768P", 6)),
        ({"ratio": "16:9"}, ("MiniMax-Hailuo-02", "1080P", 6)),
        ({"ratio": "9:16"}, ("MiniMax-H3", "768P", 6)),
        ({"ratio": "9：16", "duration": 4}, ("MiniMax-H3", "768P", 4)),
        ({"duration": 15}, ("MiniMax-H3", "768P", 15)),
        ({"resolution": "2k"}, ("MiniMax-H3", "2K", 6)),
        ({"resolution": "480P", "duration": 10}, ("MiniMax-H3-Max", "480P", 10)),
        ({"enhance": False}, ("MiniMax-Hailuo-02", "1080P", 6)),
        ({"camera": ("Pan left",), "duration": 10}, ("MiniMax-Hailuo-02", "768P", 10)),
    ],
)
def test_an_option_left_out_follows_those_given(options: dict[str, Any], expected: tuple[str, str, int]) -> None:
    assert chosen(MiniMaxCatalog(), **options) == expected


@pytest.mark.parametrize(
    ("roles", "options", "expected"),
    [
        ([Role.FIRST_FRAME], {}, ("MiniMax-Hailuo-02", "1080P", 6)),
        ([Role.FIRST_FRAME], {"resolution": "512P"}, ("MiniMax-Hailuo-02", "512P", 6)),
        ([Role.FIRST_FRAME], {"model": "MiniMax-Hailuo-2.3-Fast"}, ("MiniMax-Hailuo-2.3-Fast", "1080P", 6)),
        ([Role.FIRST_FRAME], {"duration": 12}, ("MiniMax-H3", "768P", 12)),
        ([Role.FIRST_FRAME, Role.LAST_FRAME], {}, ("MiniMax-Hailuo-02", "1080P", 6)),
        ([Role.SUBJECT], {}, ("S2V-01", "720P", 6)),
        ([Role.SUBJECT], {"resolution": "768P"}, ("MiniMax-H3", "768P", 6)),
        ([Role.SUBJECT, Role.SUBJECT], {}, ("MiniMax-H3", "768P", 6)),
        ([Role.REFERENCE_IMAGE], {}, ("MiniMax-H3", "768P", 6)),
        ([Role.REFERENCE_VIDEO, Role.REFERENCE_AUDIO], {"duration": 4}, ("MiniMax-H3", "768P", 4)),
    ],
)
def test_the_model_follows_the_files(
    roles: list[Role], options: dict[str, Any], expected: tuple[str, str, int]
) -> None:
    assert chosen(everything(), *roles, **options) == expected


def test_other_defaults_fill_in_what_is_left_out() -> None:
    catalog = MiniMaxCatalog(default_model="MiniMax-H3", default_resolution="768P", default_duration=10)

    assert chosen(catalog) == ("MiniMax-H3", "768P", 10)
    assert chosen(catalog, resolution="1080P") == ("MiniMax-Hailuo-2.3", "1080P", 6)
    assert chosen(catalog, Role.FIRST_FRAME) == ("MiniMax-H3", "768P", 10)


def test_where_the_default_model_does_not_fit_the_best_one_that_does_is_taken() -> None:
    without_fast = [name for name in TEXT_MODELS if name != "MiniMax-H3"]

    assert chosen(MiniMaxCatalog(enabled_models=without_fast), ratio="1:1") == ("MiniMax-H3-Max", "768P", 6)
    assert chosen(everything(), resolution="720P") == ("T2V-01", "720P", 6)


@pytest.mark.parametrize(
    ("options", "option", "allowed"),
    [
        ({"resolution": "1080P", "duration": 10}, "duration", ("6",)),
        ({"duration": 3}, "duration", ("6", "10", *(length for length in H3_LENGTHS if length not in {"6", "10"}))),
        ({"resolution": "4K"}, "resolution", ("768P", "1080P", "2K", "480P")),
        ({"resolution": "512P"}, "resolution", ("768P", "1080P", "2K", "480P")),
        ({"model": "Sora"}, "model", TEXT_MODELS),
        ({"model": "MiniMax-Hailuo-2.3-Fast"}, "model", TEXT_MODELS),
        ({"model": "T2V-01"}, "model", TEXT_MODELS),
        ({"ratio": "2:1"}, "ratio", RATIOS),
        ({"ratio": "adaptive"}, "ratio", RATIOS),
        ({"model": "MiniMax-Hailuo-02", "ratio": "9:16"}, "model", ("MiniMax-H3", "MiniMax-H3-Max")),
        ({"model": "MiniMax-H3", "camera": ("Shake",)}, "model", HAILUO),
        ({"ratio": "9:16", "camera": ("Shake",)}, "ratio", ("16:9",)),
        ({"camera": ("Shake", "wobble")}, "camera", tuple(CAMERA_MOVES)),
        ({"model": "MiniMax-H3", "enhance": True}, "enhance", ("false",)),
        ({"duration": 15, "enhance": True, "resolution": "2K"}, "enhance", ("false",)),
    ],
)
def test_what_is_not_offered_says_what_is(options: dict[str, Any], option: str, allowed: tuple[str, ...]) -> None:
    refusal = refused(MiniMaxCatalog(), **options)

    assert (refusal.option, refusal.allowed) == (option, allowed)


@pytest.mark.parametrize(
    ("role", "options", "option", "value", "allowed"),
    [
        (Role.FIRST_FRAME, {"ratio": "9:16"}, "ratio", "9:16", ("adaptive",)),
        (Role.FIRST_FRAME, {"model": "T2V-01"}, "model", "T2V-01", tuple(name for name in MODELS if name != "S2V-01")),
        (Role.REFERENCE_IMAGE, {"camera": ("Shake",)}, "camera", "Shake", ()),
    ],
)
def test_what_the_files_rule_out_is_said_of_the_option(
    role: Role, options: dict[str, Any], option: str, value: str, allowed: tuple[str, ...]
) -> None:
    refusal = refused(everything(), role, **options)

    assert (refusal.option, refusal.value) == (option, value)
    assert refusal.allowed == tuple(name for name in allowed if not name.startswith("T2V"))


def test_what_is_named_instead_fits_the_other_options_given() -> None:
    assert refused(everything(), model="Sora", resolution="720P").allowed == ("T2V-01", "T2V-01-Director")
    assert refused(MiniMaxCatalog(), model="Sora", duration=10).allowed == TEXT_MODELS


# --- the prompt --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["", " ", "\n \n"])
@pytest.mark.parametrize(
    ("model", "roles"),
    [
        (None, []),
        ("MiniMax-H3", []),
        ("MiniMax-H3", [Role.FIRST_FRAME]),
        ("MiniMax-H3", [Role.REFERENCE_IMAGE]),
    ],
)
def test_an_empty_prompt_is_refused(prompt: str, model: str | None, roles: list[Role]) -> None:
    with pytest.raises(InvalidPrompt) as refusal:
        MiniMaxCatalog().offer(Draft(prompt=prompt, model=model, inputs=sources(*roles)))

    assert refusal.value.problem is PromptProblem.EMPTY


@pytest.mark.parametrize("roles", [[Role.FIRST_FRAME], [Role.FIRST_FRAME, Role.LAST_FRAME], [Role.SUBJECT]])
def test_a_video_from_a_picture_may_go_without_a_prompt_on_v1(roles: list[Role]) -> None:
    assert everything().offer(Draft(prompt="", inputs=sources(*roles))).request.prompt == ""


@pytest.mark.parametrize("character", ["x", "猫", "🐈"])
@pytest.mark.parametrize(("model", "limit"), [("MiniMax-Hailuo-02", 2000), ("MiniMax-H3", 7000)])
def test_a_prompt_has_a_most_of_characters_whatever_their_bytes(character: str, model: str, limit: int) -> None:
    catalog = MiniMaxCatalog()

    assert catalog.offer(Draft(prompt=character * limit, model=model)).request.prompt == character * limit
    with pytest.raises(InvalidPrompt) as refusal:
        catalog.offer(Draft(prompt=character * (limit + 1), model=model))
    assert (refusal.value.problem, refusal.value.length, refusal.value.limit) == (
        PromptProblem.TOO_LONG,
        limit + 1,
        limit,
    )


# --- an operator's settings --------------------------------------------------------------------------------------


def test_the_watermark_is_the_operators_choice() -> None:
    assert MiniMaxCatalog(watermark=True).offer(Draft(prompt="a cat")).request.watermark is True
    assert MiniMaxCatalog().offer(Draft(prompt="a cat")).request.watermark is False


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"default_model": "Sora"}, "DEFAULT_MODEL is Sora"),
        ({"default_model": "MiniMax-Hailuo-2.3-Fast"}, "DEFAULT_MODEL is MiniMax-Hailuo-2.3-Fast"),
        ({"default_model": "MiniMax-H3"}, "DEFAULT_RESOLUTION is 1080P, but .* here is 768P, 2K"),
        ({"default_resolution": "512P"}, "DEFAULT_RESOLUTION is 512P"),
        ({"default_duration": 10}, "DEFAULT_DURATION is 10"),
        ({"enabled_models": ["Sora"]}, "ENABLED_MODELS names Sora"),
        ({"enabled_models": ["T2V-01"]}, "ENABLED_MODELS names T2V-01, which has no known price"),
        ({"enabled_models": ["MiniMax-H3-Max"], "currency": "CNY"}, "ENABLED_MODELS names MiniMax-H3-Max"),
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


def test_a_disabled_model_is_no_longer_offered_and_says_why() -> None:
    catalog = MiniMaxCatalog(enabled_models=HAILUO)
    catalog.disable("MiniMax-Hailuo-02", "not in the plan")

    assert chosen(catalog) == ("MiniMax-Hailuo-2.3", "1080P", 6)
    assert refused(catalog, model="MiniMax-Hailuo-02").allowed == ("MiniMax-Hailuo-2.3",)
    assert catalog.disabled == {"MiniMax-Hailuo-02": "not in the plan"}
    assert [line.disabled for line in catalog.table().models] == [None, "not in the plan"]


def test_when_every_model_is_disabled_nothing_is_made() -> None:
    catalog = MiniMaxCatalog(enabled_models=["MiniMax-Hailuo-02"])
    catalog.disable("MiniMax-Hailuo-02", "not in the plan")

    with pytest.raises(UnfitInputs) as refusal:
        asked(catalog, duration=10)

    assert refusal.value.problem is InputProblem.NOT_MADE
    assert values(catalog, "model") == []


def test_every_size_says_how_long_it_takes_and_so_does_one_that_left_the_table() -> None:
    catalog: Catalog = MiniMaxCatalog()

    for model in MODELS.values():
        for size in model.sizes:
            request = VideoRequest(prompt="a cat", model=model.name, resolution=size.resolution, duration=size.duration)
            assert catalog.typical_seconds(request) == size.typical_seconds > 0
    assert catalog.typical_seconds(VideoRequest(prompt="x", model="old", resolution="1P", duration=1)) > 0
