"""The form of `/video reference`: what it asks, what may be sent with it, and that a restart does not lose it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cogs.access import Doors
from cogs.forms.fields import LONGEST_PROMPT
from locales import Texts
from minimax.catalog import MiniMaxCatalog
from minimax.prices import parse_prices

from .files import clip, picture, sound
from .filling import form, options, parts, send, told
from .world import World, buttons, open_world, words

BOAT = "the boat of picture 1 on the waves of video 1"


async def refer(world: World, **fields: Any) -> Any:
    shown = await world.alice.slash(world.channel, "video reference")
    return await world.alice.submit_modal(shown, {"prompt": BOAT} | fields)


async def nothing_happened(world: World) -> bool:
    return not await world.store.jobs_of(world.alice.id) and not world.simulator.requests.all()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_the_form_keeps_to_discord_s_sizes(texts: Texts, locale: str) -> None:
    shown = form("reference", MiniMaxCatalog(), texts.for_locale(locale))

    assert len(shown["title"]) <= 45
    assert len(shown["components"]) == 5
    assert all(len(part["label"]) <= 45 and len(part["description"]) <= 100 for part in shown["components"])


async def test_sizes_name_the_model_and_a_price(texts: Texts) -> None:
    shown = form("reference", MiniMaxCatalog(), texts.for_locale("en-US"))

    assert [(option["label"], option["description"]) for option in parts(shown)["size"]["options"]] == [
        ("MiniMax-H3 · 768P", "6 s · $0.48"),
        ("MiniMax-H3 · 2K", "6 s · $0.78"),
        ("MiniMax-H3-Max · 768P", "6 s · $0.48"),
        ("MiniMax-H3-Max · 480P", "6 s · $0.30"),
    ]


async def test_a_length_that_not_every_model_makes_says_which_do(texts: Texts) -> None:
    shown = form("reference", MiniMaxCatalog(), texts.for_locale("en-US"))

    assert [(option["value"], option.get("description")) for option in parts(shown)["duration"]["options"]] == [
        ("4", "only MiniMax-H3"),
        *((str(seconds), None) for seconds in range(5, 16)),
    ]


async def test_lengths_are_offered_even_where_no_two_models_share_one(texts: Texts) -> None:
    prices = parse_prices(["MiniMax-H3-Highspeed:768P:4=1", "MiniMax-H3-Lite:480P:6=1"])
    models = ("MiniMax-Hailuo-02", "MiniMax-H3-Highspeed", "MiniMax-H3-Lite")
    catalog = MiniMaxCatalog(prices=prices, enabled_models=models)

    assert options(form("reference", catalog, texts.for_locale("en-US")), "duration") == ["4", "6"]


async def test_a_form_is_taken_that_was_opened_before_a_restart(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video reference")
    await world.env.restart_bot(world.make_bot())
    result = await world.alice.submit_modal(shown, {"prompt": BOAT, "pictures": [picture()]})

    assert f"Received\n> {BOAT}" in words(result.response)
    assert not result.ephemeral
    assert len((await world.only_job()).request.inputs) == 1


async def test_a_form_without_files_is_refused_privately(world: World) -> None:
    result = await refer(world)

    assert result.ephemeral
    assert "Add at least one picture or video to refer to." in words(result.response)
    assert await nothing_happened(world)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"clips": [sound()]}, "Sounds alone are not enough"),
        ({"clips": [clip()] * 4}, "Too many files. Videos: at most 3."),
        ({"clips": [picture()], "pictures": [picture()] * 9}, "Too many files. Pictures: at most 9."),
        ({"clips": [("notes.txt", b"words")]}, "**notes.txt**: This kind of file is not supported."),
    ],
)
async def test_files_that_do_not_go_together_are_refused_privately(
    world: World, files: dict[str, Any], said: str
) -> None:
    result = await refer(world, **files)

    assert result.ephemeral
    assert said in words(result.response)
    assert "Nothing was charged." in words(result.response)
    assert await nothing_happened(world)


async def test_a_prompt_that_says_nothing_is_refused_privately(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video reference")
    result = await world.alice.submit_modal(shown, {"prompt": "\u200b", "pictures": [picture()]})

    assert "holds nothing that can be read" in words(result.response)


async def test_a_form_takes_a_prompt_longer_than_a_command_does(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video reference")
    await world.alice.submit_modal(shown, {"prompt": "x" * LONGEST_PROMPT, "pictures": [picture()]})

    assert len((await world.only_job()).request.prompt) == LONGEST_PROMPT


async def test_a_form_is_no_way_around_the_allow_list(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        shown = await world.alice.slash(world.channel, "video reference")
        closed = world.make_bot(doors=Doors(guild_ids=frozenset({1})))
        await world.env.restart_bot(closed)
        result = await world.alice.submit_modal(shown, {"prompt": BOAT, "pictures": [picture()]})

        assert result.ephemeral
        assert "not enabled for this server" in words(result.response)
        assert await nothing_happened(world)


async def test_where_no_model_makes_videos_after_references_the_form_is_not_opened(world: World) -> None:
    for model in ("MiniMax-H3", "MiniMax-H3-Max"):
        world.catalog.disable(model, "not in the plan")
    result = await world.alice.slash(world.channel, "video reference")

    assert result.modal is None
    assert result.ephemeral
    assert "No model that is enabled here makes videos from these files." in words(result.response)


async def test_a_mishap_is_told_as_with_a_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.service, "submit", broken)
    result = await refer(world, pictures=[picture()])

    assert "incident1" in words(result.response)


async def test_a_refused_form_is_opened_again_with_its_files(world: World) -> None:
    refused = await refer(
        world, prompt="a", pictures=[picture(name="a.png")], size=["MiniMax-H3-Max 768P"], duration=["4"]
    )
    assert "Nothing was charged." in words(refused.response)

    [button] = buttons(refused.response).values()
    again = await world.pressed(world.alice, refused.response, button)
    assert told(again.modal)["pictures"] == "New files take the place of: a.png"
    await send(world.alice, again, size=["MiniMax-H3 768P"])

    request = (await world.only_job()).request
    assert (request.prompt, request.model, request.duration) == ("a", "MiniMax-H3", 4)
    assert [one.filename for one in request.inputs] == ["a.png"]


async def test_new_files_take_the_place_of_those_of_the_first_try(world: World) -> None:
    refused = await refer(world, pictures=[picture(name="a.png")], size=["MiniMax-H3-Max 768P"], duration=["4"])
    [button] = buttons(refused.response).values()
    again = await world.pressed(world.alice, refused.response, button)
    await send(world.alice, again, size=None, clips=[clip()], pictures=[picture(name="b.png")])

    assert [one.filename for one in (await world.only_job()).request.inputs] == ["b.png", "waves.mp4"]


async def test_files_that_were_refused_have_to_be_attached_anew(world: World) -> None:
    refused = await refer(world, clips=[sound()])
    [button] = buttons(refused.response).values()
    again = await world.pressed(world.alice, refused.response, button)

    assert parts(again.modal)["prompt"]["value"] == BOAT
    assert told(again.modal)["clips"].startswith("Up to 3 each")
