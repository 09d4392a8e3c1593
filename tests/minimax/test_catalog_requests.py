"""What becomes of camera moves, ratios and files in a request, and which files no model takes together."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.errors import InputProblem, InvalidPrompt, UnfitInputs
from jobs.model import Api, Draft, Mode, Role
from minimax.catalog import MiniMaxCatalog
from tests.minimax.counter import asked, everything, refused, unfit
from tests.minimax.wishes import a_source

# --- the camera, the ratio, and the rest of the request ----------------------------------------------------------


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
        ([], {"ratio": " 21：9 "}, Mode.TEXT, Api.V2, "21:9"),
        ([Role.REFERENCE_IMAGE], {"ratio": "Adaptive"}, Mode.REFERENCE, Api.V2, None),
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
