"""`/video history`: pages, search, models, favourites; as its owner, in every place, after a restart, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.desk import CommandLinks
from cogs.ui.history import PAGE_SIZE, Leaf, render_history
from cogs.ui.turning import Turn, turn_id
from jobs.model import Charge, Delivery, Job, JobState, Posted
from jobs.ports import Found, Wanted
from locales import Texts

from .jobs import NOW, job_in
from .test_create import a_thread
from .world import CHINESE, World, buttons, guest_of, words

MANY = 27


async def kept(world: World, number: int, state: JobState = JobState.DONE, **changes: Any) -> Job:
    """A job of Alice's that is in the database, the later the higher its number."""
    origin: dict[str, Any] = {
        "interaction_id": number,
        "user_id": world.alice.id,
        "guild_id": world.guild.id,
        "channel_id": world.channel.id,
    }
    fields: dict[str, Any] = {"id": f"job{number:05}", "prompt": f"wish {number}", "created_at": NOW + number} | changes
    job = job_in(state, **fields | {"origin": origin | changes.get("origin", {})})
    async with world.store.transaction() as tx:
        await tx.insert(job, card_due_at=NOW)
    return job


async def many(world: World) -> None:
    for number in range(1, MANY + 1):
        await kept(world, number)


def prompts(message: Any) -> list[str]:
    return re.findall(r"^> (.*)$", words(message), re.MULTILINE)


async def test_history_shows_the_newest_five_with_settings_moment_price_and_a_link(world: World) -> None:
    await many(world)
    result = await world.alice.slash(world.channel, "video history")
    text = words(result.response)

    assert result.ephemeral
    assert prompts(result.response) == ["wish 27", "wish 26", "wish 25", "wish 24", "wish 23"]
    assert f"**Done** · <t:{int(NOW) + 27}:R>" in text
    assert "-# MiniMax-Hailuo-02 · 768P · 6 s · $0.28" in text
    assert text.count("Watch") == PAGE_SIZE
    assert "Page 1 of 6 · 27 videos" in text


async def test_pages_are_turned_in_place_to_the_end_and_back(world: World) -> None:
    await many(world)
    shown = (await world.alice.slash(world.channel, "video history")).response
    for _ in range(5):
        await world.alice.click(shown, label="Older ›")
    assert prompts(shown) == ["wish 2", "wish 1"]
    assert "Page 6 of 6" in words(shown)

    await world.alice.click(shown, label="‹ Newer")
    assert prompts(shown) == ["wish 7", "wish 6", "wish 5", "wish 4", "wish 3"]
    assert len(world.posts) == 0


async def test_pages_are_turned_after_a_restart_in_what_was_looked_for(world: World) -> None:
    await many(world)
    shown = (await world.alice.slash(world.channel, "video history", search="WISH 2")).response
    assert prompts(shown) == ["wish 27", "wish 26", "wish 25", "wish 24", "wish 23"]

    await world.env.restart_bot(world.make_bot())
    await world.alice.click(shown, label="Older ›")

    assert prompts(shown) == ["wish 22", "wish 21", "wish 20", "wish 12", "wish 2"]
    assert "with “WISH 2”" in words(shown)


async def test_a_page_that_is_no_longer_there_gives_the_last_one(world: World) -> None:
    await many(world)
    library = world.store.library
    for number in range(1, 7):
        await library.toggle_favourite(world.alice.id, f"job{number:05}", now=NOW + number)
    shown = (await world.alice.slash(world.channel, "video history", favourites=True)).response
    for number in range(1, 4):
        await library.toggle_favourite(world.alice.id, f"job{number:05}", now=NOW)
    await world.alice.click(shown, label="Older ›")

    assert prompts(shown) == ["wish 6", "wish 5", "wish 4"]
    assert "-# 3 videos" in words(shown)


async def test_one_page_has_no_buttons_to_turn_it(world: World) -> None:
    await kept(world, 1)
    result = await world.alice.slash(world.channel, "video history")

    assert "Older" not in words(result.response)
    assert "-# 1 video" in words(result.response)


async def test_at_an_end_the_button_that_leads_nowhere_cannot_be_pressed(world: World) -> None:
    await many(world)
    shown = (await world.alice.slash(world.channel, "video history")).response
    with pytest.raises(Exception, match="disabled"):
        await world.alice.click(shown, label="‹ Newer")


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("100%", ["100% wool"]),
        ("a_b", ["the file a\\_b"]),
        ("SNOW fox", ["a fox in the snow"]),
        ("ثعلب", ["\u2068ثعلب في الثلج\u2069"]),
        ("雪", ["雪中的狐狸"]),
        ("back\\slash", ["a back\\\\slash"]),
    ],
)
async def test_search_takes_words_as_they_are_typed(world: World, search: str, expected: list[str]) -> None:
    wishes = ["100% wool", "1000 wools", "the file a_b", "the file aXb", "a fox in the snow", "ثعلب في الثلج"]
    for number, prompt in enumerate([*wishes, "雪中的狐狸", "a back\\slash"], start=1):
        await kept(world, number, prompt=prompt)
    result = await world.alice.slash(world.channel, "video history", search=search)

    assert prompts(result.response) == expected


async def test_history_can_be_held_to_one_model_however_it_is_typed(world: World) -> None:
    await kept(world, 1)
    old = job_in(JobState.DONE).request
    await kept(world, 2, request=replace(old, prompt="with sound", model="MiniMax-H3"))
    result = await world.alice.slash(world.channel, "video history", model="minimax-h3")

    assert prompts(result.response) == ["with sound"]
    assert "made by MiniMax-H3" in words(result.response)


async def test_the_models_to_choose_from_are_those_on_offer(world: World) -> None:
    offered = await world.alice.autocomplete(world.channel, "video history", "model", "hailuo-02")

    assert [choice["value"] for choice in offered] == ["MiniMax-Hailuo-02"]


async def test_favourites_of_other_people_are_named_as_theirs(world: World) -> None:
    await kept(world, 1, origin={"user_id": world.bob.id})
    await kept(world, 2)
    await world.store.library.toggle_favourite(world.alice.id, "job00001", now=NOW)
    result = await world.alice.slash(world.channel, "video history", favourites=True)

    assert "Your favourites" in words(result.response)
    assert prompts(result.response) == ["wish 1"]
    assert f"by <@{world.bob.id}>" in words(result.response)


async def test_the_pages_of_favourites_stay_favourites(world: World) -> None:
    await many(world)
    for number in range(1, 8):
        await world.store.library.toggle_favourite(world.alice.id, f"job{number:05}", now=NOW + number)
    shown = (await world.alice.slash(world.channel, "video history", favourites=True)).response
    await world.alice.click(shown, label="Older ›")

    assert prompts(shown) == ["wish 2", "wish 1"]
    assert "Your favourites" in words(shown)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "None yet. Start with </video create:"),
        ({"favourites": True}, "Press *Favourite* under any video"),
        ({"search": "fox"}, "None like that."),
        ({"model": "no-such-model"}, "None like that."),
        ({"search": "fox", "favourites": True}, "None like that."),
    ],
)
async def test_nothing_found_is_said_kindly(world: World, options: dict[str, Any], said: str) -> None:
    result = await world.alice.slash(world.channel, "video history", **options)

    assert result.ephemeral
    assert said in words(result.response)
    assert buttons(result.response) == {}


async def test_nobody_finds_what_others_asked_for(world: World) -> None:
    await many(world)
    result = await world.bob.slash(world.channel, "video history")

    assert "None yet." in words(result.response)


async def test_history_is_there_in_a_direct_message_and_in_a_thread(world: World) -> None:
    await kept(world, 1)
    in_direct = await world.alice.user.slash("video history")
    in_thread = await world.alice.slash(await a_thread(world), "video history")

    assert prompts(in_direct.response) == prompts(in_thread.response) == ["wish 1"]
    assert in_direct.ephemeral
    assert in_thread.ephemeral


async def test_history_is_there_where_the_bot_is_no_member(world: World) -> None:
    await many(world)
    guest = guest_of(world.alice)
    result = await world.typed(world.alice, "history", guest)
    await world.pressed(world.alice, result.response, buttons(result.response)["Older ›"], guest)

    assert result.ephemeral
    assert "Page 2 of 6" in words(result.response)


async def test_history_speaks_the_reader_s_language_on_every_page(world: World) -> None:
    await many(world)
    shown = (await world.typed(world.alice, "history", CHINESE)).response
    assert "第 1 页，共 6 页 · 共 27 个视频" in words(shown)

    await world.pressed(world.alice, shown, buttons(shown)["较早 ›"], CHINESE)
    assert "第 2 页" in words(shown)


async def test_what_was_not_posted_is_shown_beside_the_page(world: World) -> None:
    await kept(world, 1, JobState.FAILED)
    shown = (await world.alice.slash(world.channel, "video history")).response
    result = await world.alice.click(shown, label="Show")

    assert "**Failed**" in words(shown)
    assert "$0.28 · Nothing was charged." in words(shown)
    assert result.ephemeral
    assert "content rules do not allow this prompt" in words(result.response)
    assert "**Failed**" in words(shown)


async def test_a_deleted_video_is_said_to_be_and_still_shown(world: World) -> None:
    await kept(world, 1, posted=Posted(channel_id=world.channel.id, message_id=0))
    shown = (await world.alice.slash(world.channel, "video history")).response
    result = await world.alice.click(shown, label="Show")

    assert "$0.28 · since deleted" in words(shown)
    assert list(buttons(result.response)) == ["Again", "Edit", "Favourite"]


@given(
    search=st.text(max_size=200),
    model=st.none() | st.text(max_size=60),
    favourites=st.booleans(),
    number=st.integers(min_value=0, max_value=99_999),
)
def test_a_button_s_id_holds_all_of_the_page_it_leads_to(
    search: str, model: str | None, favourites: bool, number: int
) -> None:
    first = Leaf.first(Wanted(search=search, model=model or None, favourites=favourites))
    leaf = replace(first, number=number)
    custom_id = turn_id(Turn.PAGE, leaf.argument)

    assert Leaf.of(leaf.argument) == leaf
    assert len(custom_id.encode("utf-16-le")) // 2 <= 100
    assert "\n" not in custom_id


@pytest.mark.parametrize("argument", ["", "x", "-1:a::fox", "1:z::fox", "123456:a::"])
def test_an_id_that_is_none_of_ours_leads_to_the_first_page(argument: str) -> None:
    assert Leaf.of(argument) == Leaf(wanted=Wanted())


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("prompt", ["*" * 2000, "狐" * 2000, "ש" * 2000, "👨‍👩‍👧" * 400])
def test_a_page_fits_discord_whatever_the_prompts(texts: Texts, locale: str, prompt: str) -> None:
    jobs = [
        job_in(state, prompt=prompt, id="x" * 25, charge=Charge.HELD, origin={"user_id": 2**63})
        for state in (JobState.FAILED, JobState.CANCELLED, JobState.UNDELIVERED, JobState.DONE, JobState.RENDERING)
    ]
    leaf = Leaf.first(Wanted(search="*" * 100, model="x" * 40))
    view = render_history(Found(jobs=jobs, total=900), leaf, texts.for_locale(locale), CommandLinks(), reader=1)

    assert view.content_length() < 4000
    assert len(list(view.walk_children())) <= 40
    assert view.to_components()


def test_a_video_that_nobody_can_be_led_to_is_shown_instead(texts: Texts) -> None:
    job = job_in(JobState.DONE, origin={"private": True}, delivery=Delivery.ANSWER)
    found = Found(jobs=[job], total=1)
    view = render_history(found, Leaf(wanted=Wanted()), texts.for_locale("en-US"), CommandLinks(), reader=1001)
    labels = [item.label for item in view.walk_children() if isinstance(item, discord.ui.Button)]
    dynamic = [item.custom_id for item in view.walk_children() if isinstance(item, discord.ui.DynamicItem)]

    assert labels == []
    assert dynamic == ["video:show:job00001"]
