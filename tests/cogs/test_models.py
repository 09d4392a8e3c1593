"""`/video models`: what makes videos, from what, in which sizes, at what price; in the reader's language, on one page."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.ui.models import render_models
from locales import Texts
from minimax.catalog import MiniMaxCatalog
from minimax.prices import parse_prices

from .world import CHINESE, World, words

FIRST_SERIES = ("T2V-01", "T2V-01-Director", "I2V-01", "I2V-01-Director", "I2V-01-live", "S2V-01")


async def test_each_model_is_shown_with_what_it_makes_and_what_that_costs(world: World) -> None:
    result = await world.alice.slash(world.channel, "video models")

    assert result.ephemeral
    assert (
        "**MiniMax-Hailuo-02** · the usual one\n"
        "768P: 6 s $0.28, 10 s $0.56\n"
        "1080P: 6 s $0.49\n"
        "512P: 6 s $0.10, 10 s $0.15 (First frame only)\n"
        "-# Text, First frame, First and last frame · silent · camera moves · prompts up to 2000 characters"
    ) in words(result.response)
    assert (
        "**MiniMax-H3**\n"
        "768P: 4-15 s, $0.08 per second\n"
        "2K: 4-15 s, $0.13 per second\n"
        "-# Text, First frame, First and last frame, References · with sound · 16:9 9:16 1:1 4:3 3:4 21:9 · prompts up to 7000 characters"
    ) in words(result.response)
    assert "platform.minimax.io" in words(result.response)


async def test_it_is_there_in_chinese(world: World) -> None:
    result = await world.typed(world.alice, "models", CHINESE)

    assert (
        "**MiniMax-H3**\n768P：4-15 秒，每秒 US$0.08\n2K：4-15 秒，每秒 US$0.13\n-# 文字、首帧、首尾帧、多素材参考 · 有声"
        in words(result.response)
    )


async def test_a_model_that_the_plan_lacks_says_so_without_the_provider_s_words(world: World) -> None:
    world.catalog.disable("MiniMax-H3", "your current token plan not support model")
    text = words((await world.alice.slash(world.channel, "video models")).response)

    assert "~~**MiniMax-H3**~~\nThe provider does not offer this model to this bot." in text
    assert "token plan" not in text
    assert "2K" not in text


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_whole_catalog_fits_one_message(texts: Texts, locale: str) -> None:
    prices = parse_prices([*(f"{model}:720P:6=0.43" for model in FIRST_SERIES), "MiniMax-H3-Lite:480P:s=0.03"])
    [container] = render_models(MiniMaxCatalog(prices=prices).table(), texts.for_locale(locale)).to_components()
    parts: list[dict[str, Any]] = container["components"]

    assert len(parts) + 1 <= 40
    assert sum(len(part.get("content", "")) for part in parts) <= 4000


def test_lengths_with_others_between_are_priced_one_by_one(texts: Texts) -> None:
    [container] = render_models(MiniMaxCatalog(currency="CNY").table(), texts.for_locale("en-US")).to_components()
    text = "\n".join(part.get("content", "") for part in container["components"])

    assert "512P: 6 s CN¥0.60, 10 s CN¥1.00 (First frame only)" in text
