"""What is offered: examples people meet, and laws over everything they could type and attach."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import InputProblem, InvalidPrompt, NotOffered, PromptProblem, RequestProblem, UnfitInputs
from jobs.model import Api, Draft, Mode, Role, VideoRequest
from jobs.ports import Catalog
from jobs.service import draft_of
from minimax.camera import CAMERA_MOVES
from minimax.catalog import MiniMaxCatalog
from minimax.models import MODELS, RATIOS
from tests.minimax.wishes import ANY_ROLES, OWN_PRICES, a_source, drafts, sources

TEXT_MODELS = ("MiniMax-Hailuo-2.3", "MiniMax-Hailuo-02", "MiniMax-H3", "MiniMax-H3-Max")
HAILUO = TEXT_MODELS[:2]
H3_LENGTHS = tuple(str(seconds) for seconds in range(4, 16))
OPTION_NAMES = ["model", "resolution", "duration", "ratio"]


def everything() -> MiniMaxCatalog:
    """A catalog in which every model has a price."""
    return MiniMaxCatalog(prices=OWN_PRICES)


def asked(catalog: MiniMaxCatalog, *roles: Role, **options: Any) -> VideoRequest:
    return catalog.offer(Draft(prompt="a cat", inputs=sources(*roles), **options)).request


def chosen(catalog: MiniMaxCatalog, *roles: Role, **options: Any) -> tuple[str, str, int]:
    request = asked(catalog, *roles, **options)
    return request.model, request.resolution, request.duration


def refused(catalog: MiniMaxCatalog, *roles: Role, **options: Any) -> NotOffered:
    with pytest.raises(NotOffered) as refusal:
        asked(catalog, *roles, **options)
    return refusal.value


def unfit(*roles: Role) -> UnfitInputs:
    with pytest.raises(UnfitInputs) as refusal:
        asked(everything(), *roles)
    return refusal.value


def outcome(catalog: MiniMaxCatalog, draft: Draft) -> VideoRequest | RequestProblem:
    try:
        return catalog.offer(draft).request
    except RequestProblem as refusal:
        return refusal


def with_option(draft: Draft, option: str, value: str) -> Draft:
    if option == "camera":
        others = tuple(name for name in draft.camera if name in CAMERA_MOVES and name != value)
        return replace(draft, camera=(*others, value)[-3:])
    converted: dict[str, Any] = {option: value}
    if option == "duration":
        converted = {option: int(value)}
    elif option == "enhance":
        converted = {option: value == "true"}
    return replace(draft, **converted)


def given_options(draft: Draft) -> dict[str, Any]:
    names = (*OPTION_NAMES, "camera", "enhance")
    return {name: value for name in names if (value := getattr(draft, name)) not in (None, ())}


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


# --- the camera, the ratio, and the rest of the request -----------------------------------------------------------


def test_camera_moves_are_known_in_english_and_chinese_and_each_is_made_once() -> None:
    camera = ("推进", "[Pan Left]", "push in", "【固定】")

    assert asked(MiniMaxCatalog(), camera=camera).camera == ("Push in", "Pan left", "Static shot")


def test_more_than_three_moves_at_once_are_too_many() -> None:
    refusal = refused(MiniMaxCatalog(), camera=("Shake", "Zoom in", "Pan left", "Tilt up"))

    assert (refusal.option, refusal.allowed) == ("camera", ("Shake, Zoom in, Pan left",))


def test_camera_moves_count_in_the_length_of_the_prompt() -> None:
    catalog = MiniMaxCatalog()
    room = 2000 - len(" [Pan left,Zoom in]")
    camera = ("Pan left", "Zoom in")

    assert catalog.offer(Draft(prompt="x" * room, camera=camera)).request.prompt == "x" * room
    with pytest.raises(InvalidPrompt) as refusal:
        catalog.offer(Draft(prompt="x" * (room + 1), camera=camera))
    assert (refusal.value.length, refusal.value.limit) == (room + 1, room)


@pytest.mark.parametrize(
    ("roles", "options", "mode", "api", "ratio"),
    [
        ([], {}, Mode.TEXT, Api.V1, None),
        ([], {"ratio": "16:9"}, Mode.TEXT, Api.V1, None),
        ([], {"model": "MiniMax-H3"}, Mode.TEXT, Api.V2, "16:9"),
        ([], {"ratio": "21:9"}, Mode.TEXT, Api.V2, "21:9"),
        ([Role.FIRST_FRAME], {"model": "MiniMax-H3"}, Mode.IMAGE, Api.V2, None),
        ([Role.FIRST_FRAME], {"ratio": "Adaptive"}, Mode.IMAGE, Api.V1, None),
        ([Role.LAST_FRAME, Role.FIRST_FRAME], {"model": "MiniMax-H3"}, Mode.FRAMES, Api.V2, None),
        ([Role.SUBJECT], {}, Mode.SUBJECT, Api.V1, None),
        ([Role.REFERENCE_IMAGE], {}, Mode.REFERENCE, Api.V2, None),
        ([Role.REFERENCE_IMAGE], {"ratio": "1:1"}, Mode.REFERENCE, Api.V2, "1:1"),
        ([Role.REFERENCE_IMAGE], {"model": "MiniMax-H3-Lite"}, Mode.REFERENCE, Api.V2, "16:9"),
    ],
)
def test_a_request_says_what_is_made_through_which_interface(
    roles: list[Role], options: dict[str, Any], mode: Mode, api: Api, ratio: str | None
) -> None:
    request = asked(everything(), *roles, **options)

    assert (request.mode, request.api, request.ratio) == (mode, api, ratio)


def test_a_subject_is_a_picture_to_refer_to_where_the_model_knows_no_subject() -> None:
    roles = [Role.REFERENCE_VIDEO, Role.SUBJECT]

    assert [source.role for source in asked(MiniMaxCatalog(), *roles).inputs] == [
        Role.REFERENCE_VIDEO,
        Role.REFERENCE_IMAGE,
    ]
    assert [source.role for source in asked(everything(), Role.SUBJECT).inputs] == [Role.SUBJECT]


@pytest.mark.parametrize(
    ("model", "told", "rewritten"),
    [
        ("MiniMax-Hailuo-02", None, True),
        ("MiniMax-Hailuo-02", False, False),
        ("MiniMax-H3", None, False),
        ("MiniMax-H3", False, False),
        ("MiniMax-H3-Max", None, True),
        ("MiniMax-H3-Max", False, False),
    ],
)
def test_the_prompt_is_rewritten_where_the_model_does_so_and_nobody_minds(
    model: str, told: bool | None, rewritten: bool
) -> None:
    assert asked(MiniMaxCatalog(), model=model, enhance=told).prompt_optimizer is rewritten


# --- files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("roles", "problem", "role", "limit"),
    [
        ([Role.LAST_FRAME], InputProblem.LAST_FRAME_ALONE, None, None),
        ([Role.FIRST_FRAME, Role.REFERENCE_IMAGE], InputProblem.MIXED, None, None),
        ([Role.FIRST_FRAME, Role.SUBJECT], InputProblem.MIXED, None, None),
        ([Role.LAST_FRAME, Role.REFERENCE_AUDIO], InputProblem.MIXED, None, None),
        ([Role.REFERENCE_AUDIO], InputProblem.SOUND_ALONE, None, None),
        ([Role.FIRST_FRAME] * 2, InputProblem.TOO_MANY, Role.FIRST_FRAME, 1),
        ([Role.FIRST_FRAME, *[Role.LAST_FRAME] * 2], InputProblem.TOO_MANY, Role.LAST_FRAME, 1),
        ([Role.REFERENCE_IMAGE] * 10, InputProblem.TOO_MANY, Role.REFERENCE_IMAGE, 9),
        ([*[Role.REFERENCE_IMAGE] * 9, Role.SUBJECT], InputProblem.TOO_MANY, Role.REFERENCE_IMAGE, 9),
        ([Role.REFERENCE_VIDEO] * 4, InputProblem.TOO_MANY, Role.REFERENCE_VIDEO, 3),
        ([Role.REFERENCE_IMAGE, *[Role.REFERENCE_AUDIO] * 4], InputProblem.TOO_MANY, Role.REFERENCE_AUDIO, 3),
        (
            [*[Role.REFERENCE_IMAGE] * 9, *[Role.REFERENCE_VIDEO] * 3, Role.REFERENCE_AUDIO],
            InputProblem.TOO_MANY,
            None,
            12,
        ),
    ],
)
def test_files_that_no_model_takes_together_are_refused_with_the_reason(
    roles: list[Role], problem: InputProblem, role: Role | None, limit: int | None
) -> None:
    refusal = unfit(*roles)

    assert (refusal.problem, refusal.role, refusal.limit) == (problem, role, limit)


def test_files_that_no_enabled_model_takes_are_refused_so() -> None:
    catalog = MiniMaxCatalog(enabled_models=["MiniMax-Hailuo-02"])

    with pytest.raises(UnfitInputs) as refusal:
        asked(catalog, Role.REFERENCE_IMAGE)

    assert refusal.value.problem is InputProblem.NOT_MADE


def test_clips_that_are_too_large_for_one_request_are_refused_before_anything_is_downloaded() -> None:
    pictures = [a_source(Role.REFERENCE_IMAGE, size=30_000_000)] * 3  # made smaller, so they do not count
    clips = [a_source(Role.REFERENCE_VIDEO, size=23_500_000)] * 2
    one_more = a_source(Role.REFERENCE_AUDIO, size=1)

    assert MiniMaxCatalog().offer(Draft(prompt="a cat", inputs=(*pictures, *clips)))
    with pytest.raises(UnfitInputs) as refusal:
        MiniMaxCatalog().offer(Draft(prompt="a cat", inputs=(*clips, one_more)))
    assert (refusal.value.problem, refusal.value.limit) == (InputProblem.TOO_LARGE, 47_000_000)


@pytest.mark.parametrize(
    ("model", "role", "side", "ratios"),
    [
        ("MiniMax-Hailuo-02", Role.FIRST_FRAME, 301, (0.5, 2.0)),
        ("MiniMax-Hailuo-02", Role.LAST_FRAME, 301, (0.5, 2.0)),
        ("I2V-01-live", Role.FIRST_FRAME, 301, (0.5, 2.0)),
        ("S2V-01", Role.SUBJECT, 301, (0.5, 2.0)),
        ("MiniMax-H3", Role.FIRST_FRAME, 256, (0.4, 2.5)),
        ("MiniMax-H3", Role.REFERENCE_IMAGE, 256, (0.4, 2.5)),
    ],
)
def test_each_model_has_its_rules_for_pictures(model: str, role: Role, side: int, ratios: tuple[float, float]) -> None:
    rules = MiniMaxCatalog().input_rules(model, role)

    assert (rules.min_side, rules.min_ratio, rules.max_ratio) == (side, *ratios)
    assert {"image/jpeg", "image/png", "image/webp"} <= rules.media_types


def test_clips_have_a_length_and_their_formats() -> None:
    video = MiniMaxCatalog().input_rules("MiniMax-H3", Role.REFERENCE_VIDEO)
    sound = MiniMaxCatalog().input_rules("MiniMax-H3", Role.REFERENCE_AUDIO)

    assert [(rules.min_seconds, rules.max_seconds) for rules in (video, sound)] == [(2, 15), (2, 15)]
    assert (video.min_fps, video.max_fps, video.codecs) == (23.976, 60, {"h264", "hevc", "aac", "mp3"})
    assert sound.media_types == {"audio/wav", "audio/mpeg"}


@pytest.mark.parametrize("model", ["MiniMax-Hailuo-2.3", "T2V-01"])
def test_a_file_that_a_model_does_not_take_has_no_rules(model: str) -> None:
    with pytest.raises(LookupError):
        MiniMaxCatalog().input_rules(model, Role.SUBJECT)


@given(ANY_ROLES)
def test_every_file_of_an_offer_has_rules(roles: list[Role]) -> None:
    catalog = everything()
    offered = outcome(catalog, Draft(prompt="a cat", inputs=sources(*roles)))
    if isinstance(offered, VideoRequest):
        assert len(offered.inputs) == len(roles)
        assert all(catalog.input_rules(offered.model, source.role).max_bytes > 0 for source in offered.inputs)


# --- laws --------------------------------------------------------------------------------------------------------


@given(drafts())
def test_every_offer_is_in_the_tables_and_keeps_what_was_given(draft: Draft) -> None:
    offered = outcome(everything(), draft)
    if isinstance(offered, VideoRequest):
        model = MODELS[offered.model]
        (size,) = [
            one for one in model.sizes if (one.resolution, one.duration) == (offered.resolution, offered.duration)
        ]

        assert offered.mode in (size.modes or model.modes)
        assert (draft.model or offered.model).casefold() == offered.model.casefold()
        assert (draft.resolution or offered.resolution).upper() == offered.resolution
        assert (draft.duration or offered.duration) == offered.duration
        assert draft.enhance in {None, offered.prompt_optimizer}
        assert len(offered.camera) == len({*offered.camera}) <= len(draft.camera)


@given(drafts())
def test_asking_again_for_what_was_made_gives_the_same(draft: Draft) -> None:
    offered = outcome(everything(), draft)
    if isinstance(offered, VideoRequest):
        assert outcome(everything(), draft_of(offered)) == offered


@given(drafts())
def test_an_error_is_a_value_nobody_makes_or_two_given_options_that_contradict(draft: Draft) -> None:
    catalog = everything()
    refusal = outcome(catalog, draft)
    if isinstance(refusal, NotOffered):
        stated = given_options(draft)
        alone: dict[str, Any] = {refusal.option: stated[refusal.option]}
        nobody_makes_it = isinstance(outcome(catalog, Draft(prompt="a cat", inputs=draft.inputs, **alone)), NotOffered)

        assert nobody_makes_it or len(stated) > 1
        assert refusal.value not in refusal.allowed


@given(drafts())
def test_every_value_named_instead_mends_the_fault(draft: Draft) -> None:
    catalog = everything()
    refusal = outcome(catalog, draft)
    if isinstance(refusal, NotOffered) and len(draft.camera) <= 3:
        for value in refusal.allowed:
            again = outcome(catalog, with_option(draft, refusal.option, value))

            assert not isinstance(again, NotOffered) or again.option != refusal.option


@given(drafts(), st.sampled_from(OPTION_NAMES))
def test_every_choice_shown_leads_to_what_it_shows(draft: Draft, option: str) -> None:
    catalog = everything()

    for choice in catalog.choices(option, draft):
        if len(draft.camera) <= 3:
            offer = catalog.offer(with_option(draft, option, choice.value))

            assert (choice.model, choice.resolution, choice.duration) == (
                offer.request.model,
                offer.request.resolution,
                offer.request.duration,
            )
            assert choice.price == offer.price


@given(drafts(), st.sampled_from(["model", "resolution", "duration"]))
def test_what_is_offered_is_among_the_choices(draft: Draft, option: str) -> None:
    catalog = everything()
    offered = outcome(catalog, draft)
    if isinstance(offered, VideoRequest):
        taken = getattr(offered, option)

        assert str(taken) in [choice.value for choice in catalog.choices(option, draft)]


def values(catalog: MiniMaxCatalog, option: str, *roles: Role, **options: Any) -> list[str]:
    draft = Draft(prompt="", inputs=sources(*roles), **options)
    return [choice.value for choice in catalog.choices(option, draft)]


def test_choices_fit_the_options_already_given_and_begin_with_the_default() -> None:
    catalog = MiniMaxCatalog()

    assert values(catalog, "resolution") == ["1080P", "768P", "2K", "480P"]
    assert values(catalog, "resolution", duration=10) == ["768P", "2K", "480P"]
    assert values(catalog, "duration", resolution="1080P") == ["6"]
    assert values(catalog, "model") == [
        "MiniMax-Hailuo-02",
        "MiniMax-Hailuo-2.3",
        "MiniMax-H3",
        "MiniMax-H3-Max",
    ]
    assert values(catalog, "model", Role.FIRST_FRAME, Role.LAST_FRAME) == [
        "MiniMax-Hailuo-02",
        "MiniMax-H3",
        "MiniMax-H3-Max",
    ]
    assert values(catalog, "ratio") == list(RATIOS)
    assert values(catalog, "ratio", Role.FIRST_FRAME) == ["adaptive"]
    assert values(catalog, "ratio", model="MiniMax-Hailuo-02") == ["16:9"]
    assert values(catalog, "duration", resolution="4K") == []
    assert values(catalog, "model", Role.LAST_FRAME) == []


def test_camera_choices_are_the_moves_that_can_be_made_beside_those_given() -> None:
    catalog = MiniMaxCatalog()

    assert values(catalog, "camera") == list(CAMERA_MOVES) == list(catalog.camera_moves)
    assert len(values(catalog, "camera", camera=("推进", "Shake"))) == 13
    assert values(catalog, "camera", camera=("Shake", "Zoom in", "Tilt up")) == []
    assert values(catalog, "camera", model="MiniMax-H3") == []
    assert values(catalog, "camera", camera=("wobble",)) == []


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
