"""What the options of `/video create` offer while they are typed: only what still fits the others, with its price."""

from __future__ import annotations

from typing import Any

import pytest

from .world import CHINESE, World

PICTURE = 77
"""A file that is attached already, as little as Discord says of it meanwhile."""


async def values(world: World, option: str, typed: str = "", **filled: Any) -> list[Any]:
    return [value for _, value in await world.typing(world.alice, option, typed, **filled)]


async def test_each_model_says_what_one_video_would_be_and_cost(world: World) -> None:
    assert await world.typing(world.alice, "model") == [
        ("MiniMax-Hailuo-02 · 1080P · 6 s · $0.49", "MiniMax-Hailuo-02"),
        ("MiniMax-Hailuo-2.3 · 1080P · 6 s · $0.49", "MiniMax-Hailuo-2.3"),
        ("MiniMax-H3 · 768P · 6 s · $0.48", "MiniMax-H3"),
        ("MiniMax-H3-Max · 768P · 6 s · $0.48", "MiniMax-H3-Max"),
    ]


async def test_a_model_is_found_by_any_part_of_its_name(world: World) -> None:
    assert await values(world, "model", "hailuo") == ["MiniMax-Hailuo-02", "MiniMax-Hailuo-2.3"]


@pytest.mark.parametrize(
    ("filled", "models"),
    [
        (
            {"image": PICTURE},
            {
                "MiniMax-Hailuo-02",
                "MiniMax-Hailuo-2.3",
                "MiniMax-Hailuo-2.3-Fast",
                "MiniMax-H3",
                "MiniMax-H3-Max",
            },
        ),
        ({"image": PICTURE, "last_image": PICTURE}, {"MiniMax-Hailuo-02", "MiniMax-H3", "MiniMax-H3-Max"}),
        ({"subject": PICTURE}, {"MiniMax-H3", "MiniMax-H3-Max"}),
        ({"duration": 10, "image": PICTURE, "resolution": "512P"}, {"MiniMax-Hailuo-02"}),
        ({"ratio": "9:16"}, {"MiniMax-H3", "MiniMax-H3-Max"}),
        ({"resolution": "2K"}, {"MiniMax-H3"}),
        ({"camera": "Pan left"}, {"MiniMax-Hailuo-02", "MiniMax-Hailuo-2.3"}),
        ({"duration": 15, "camera": "Pan left"}, set[str]()),
        ({"last_image": PICTURE}, set[str]()),
        ({"subject": PICTURE, "image": PICTURE}, set[str]()),
    ],
)
async def test_only_models_that_fit_the_rest_are_offered(
    world: World, filled: dict[str, Any], models: set[str]
) -> None:
    assert set(await values(world, "model", **filled)) == models


async def test_lengths_follow_the_model_and_the_size(world: World) -> None:
    assert await values(world, "duration") == [6, 10, *range(4, 6), *range(7, 10), *range(11, 16)]
    assert await values(world, "duration", model="MiniMax-Hailuo-02") == [6, 10]
    assert await world.typing(world.alice, "duration", model="MiniMax-Hailuo-02", resolution="1080P") == [
        ("6 s · $0.49", 6)
    ]
    assert await world.typing(world.alice, "duration", "15", model="MiniMax-H3", resolution="2K") == [
        ("15 s · $1.95", 15)
    ]


async def test_sizes_follow_the_picture_and_the_length(world: World) -> None:
    assert await world.typing(world.alice, "resolution", image=PICTURE, model="MiniMax-Hailuo-02", duration=10) == [
        ("768P · $0.56", "768P"),
        ("512P · $0.15", "512P"),
    ]
    assert await values(world, "resolution", model="MiniMax-Hailuo-02") == ["1080P", "768P"]
    assert await values(world, "resolution", "2", model="MiniMax-H3") == ["2K"]


async def test_ratios_are_those_the_model_can_be_told(world: World) -> None:
    assert await world.typing(world.alice, "ratio", model="MiniMax-H3") == [
        (f"{ratio} · $0.48", ratio) for ratio in ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
    ]
    assert await values(world, "ratio", "9", model="MiniMax-H3") == ["16:9", "9:16", "21:9"]


async def test_camera_moves_are_found_in_english(world: World) -> None:
    assert len(await values(world, "camera")) == 15
    assert await world.typing(world.alice, "camera", "tilt") == [
        ("Tilt up · $0.49", "Tilt up"),
        ("Tilt down · $0.49", "Tilt down"),
    ]


async def test_further_camera_moves_are_offered_beside_those_typed_already(world: World) -> None:
    offered = await world.typing(world.alice, "camera", "Pan left, 上升, ti")

    assert offered == [
        ("Pan left, 上升, Tilt up · $0.49", "Pan left, 上升, Tilt up"),
        ("Pan left, 上升, Tilt down · $0.49", "Pan left, 上升, Tilt down"),
        ("Pan left, 上升, Static shot · $0.49", "Pan left, 上升, Static shot"),
    ]
    assert "Pan left, Pan left" not in await values(world, "camera", "Pan left, pan")


async def test_a_fourth_camera_move_is_not_offered(world: World) -> None:
    assert await values(world, "camera", "Pan left, Tilt up, Zoom in, Sh") == []


async def test_no_camera_moves_are_offered_for_a_model_without(world: World) -> None:
    assert await values(world, "camera", model="MiniMax-H3") == []


async def test_chinese_readers_find_moves_by_their_chinese_names(world: World) -> None:
    assert await world.typing(world.alice, "camera", "左摇，推", CHINESE) == [
        ("左摇、推进 · US$0.49", "左摇, Push in"),
        ("左摇、变焦推近 · US$0.49", "左摇, Zoom in"),
    ]


async def test_what_is_typed_so_far_elsewhere_and_makes_no_sense_yet_offers_nothing(world: World) -> None:
    assert await values(world, "duration", model="MiniMax-Hail") == []
