"""Every option of `/video create` that does not fit the others is refused at once, privately, with what fits instead."""

from __future__ import annotations

from typing import Any

import pytest

from .files import picture
from .world import CHINESE, World, words


async def create(world: World, **options: Any) -> Any:
    return await world.alice.slash(world.channel, "video create", prompt="a paper boat", **options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "Sora"}, "Model Sora does not fit. With your other options it can be: MiniMax-Hailuo-2.3, "),
        ({"model": "MiniMax-Hailuo-2.3-Fast"}, "Model MiniMax-Hailuo-2.3-Fast does not fit."),
        ({"resolution": "4K"}, "Resolution 4K does not fit. With your other options it can be: 768P, 1080P, 2K, 480P."),
        ({"duration": 16}, "Duration 16 does not fit."),
        ({"duration": 4, "model": "MiniMax-H3-Max"}, "Duration 4 does not fit. With your other options it can be: 5, "),
        ({"resolution": "2K", "model": "MiniMax-H3-Max"}, "Resolution 2K does not fit."),
        ({"ratio": "2:1"}, "Ratio 2:1 does not fit. With your other options it can be: 16:9, "),
        ({"ratio": "9:16", "model": "MiniMax-Hailuo-02"}, "Model MiniMax-Hailuo-02 does not fit."),
        ({"camera": "Somersault"}, "Camera Somersault does not fit. With your other options it can be: Truck left, "),
        ({"camera": "Pan left, Tilt up, Zoom in, Shake"}, "it can be: Pan left, Tilt up, Zoom in."),
        ({"camera": "Pan left", "model": "MiniMax-H3"}, "Model MiniMax-H3 does not fit."),
        (
            {"enhance": True, "model": "MiniMax-H3"},
            "Enhance true does not fit. With your other options it can be: false.",
        ),
        ({"subject": picture(), "model": "MiniMax-Hailuo-02"}, "Model MiniMax-Hailuo-02 does not fit."),
        ({"image": picture(), "last_image": picture(), "model": "MiniMax-Hailuo-2.3"}, "Model MiniMax-Hailuo-2.3 does"),
        ({"image": picture(), "last_image": picture(), "resolution": "512P"}, "Resolution 512P does not fit."),
        (
            {"subject": picture(), "camera": "Pan left"},
            "Camera Pan left does not go with the rest of what you asked for.",
        ),
    ],
)
async def test_what_does_not_fit_is_named_with_what_does(world: World, options: dict[str, Any], said: str) -> None:
    result = await create(world, **options)

    assert result.ephemeral
    assert said in words(result.response)
    assert words(result.response).endswith("\nNothing was charged.")
    assert not await world.store.jobs_of(world.alice.id)
    assert not world.simulator.requests.all()


async def test_in_chinese_moves_are_named_in_chinese(world: World) -> None:
    result = await world.typed(world.alice, "create", CHINESE, prompt="纸船", camera="翻跟头")

    assert "镜头不能是 翻跟头。配合其他选项，可选：左移、右移、" in words(result.response)


async def test_a_disabled_model_is_no_longer_offered_nor_taken(world: World) -> None:
    world.catalog.disable("MiniMax-H3", "not in the plan")
    result = await create(world, model="MiniMax-H3")

    assert "Model MiniMax-H3 does not fit." in words(result.response)
    assert "MiniMax-H3" not in [value for _, value in await world.typing(world.alice, "model")]


async def test_options_may_be_typed_loosely(world: World) -> None:
    result = await create(world, model=" minimax-hailuo-02 ", resolution="768p", duration=10, camera="[zoom IN]")

    assert "MiniMax-Hailuo-02 · 768P · 10 s · $0.56\n-# camera: Zoom in" in words(result.response)


async def test_a_choice_may_come_back_as_it_was_worded(world: World) -> None:
    result = await create(world, model="MiniMax-H3 · 768P · 6 s · $0.48", ratio="9:16 · $0.48")

    assert "MiniMax-H3 · 768P · 6 s · $0.48\n-# 9:16 · with sound" in words(result.response)
