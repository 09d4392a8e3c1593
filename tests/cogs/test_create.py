"""`/video create`, from the typed command to the video in the channel, and everything that keeps it from being made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.backend.errors import OptionError

from cogs.access import Doors
from jobs.limits import Limits
from jobs.model import JobState

from .world import CHINESE, FILM, MIB, Client, World, buttons, links, open_world, words

DEFERRED = discord.InteractionResponseType.deferred_channel_message.value


async def no_time_at_all(_: float) -> None:
    """A second that is over before any commit can be."""


async def nothing_happened(world: World) -> bool:
    return not await world.store.jobs_of(world.alice.id) and not world.simulator.ledger.paid_creates()


async def test_a_typed_command_leads_to_the_video_in_the_channel(world: World) -> None:
    result = await world.alice.slash(world.channel, "video create", prompt="a fox in the snow")

    assert "Received\n> a fox in the snow" in words(result.response)
    assert "next in the queue" in words(result.response)
    assert not result.ephemeral
    assert not result.deferred

    await world.finish()
    card, video = world.posts

    assert "Done" in words(card)
    assert links(card) == [f"https://discord.com/channels/{world.guild.id}/{video.channel.id}/{video.id}"]
    assert "a fox in the snow" in words(video)
    assert "MiniMax-Hailuo-02 · 1080P · 6 s · $0.49 · took 1 min" in words(video)
    assert len(world.simulator.ledger.paid_creates()) == 1


async def test_the_very_bytes_of_the_provider_are_posted_under_the_name_of_the_job(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a fox in the snow")
    await world.finish()
    job = await world.only_job()
    [attachment] = world.posts[-1].attachments

    assert await attachment.read() == FILM
    assert attachment.filename == f"a_fox_in_the_snow.{job.id}.mp4"
    assert attachment.description == "AI-made video: a fox in the snow"


async def test_the_requester_is_pinged_once_and_only_with_the_video(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a fox")
    await world.finish()

    assert [[user.id for user in message.mentions] for message in world.posts] == [[], [world.alice.id]]


async def test_a_prompt_pings_nobody_and_is_shown_as_it_was_typed(world: World) -> None:
    prompt = f"@everyone look: <@{world.bob.id}> *bold* [here](https://example.com)"
    await world.alice.slash(world.channel, "video create", prompt=prompt)
    await world.finish()
    card, video = world.posts

    assert not card.mention_everyone
    assert not video.mention_everyone
    assert [user.id for user in video.mentions] == [world.alice.id]
    assert rf"@everyone look: \<@{world.bob.id}> \*bold\* \[here\](https" in words(video).replace("\u200b", "")
    assert (await world.only_job()).request.prompt == prompt


@pytest.mark.parametrize("prompt", ["   ", "\n\n", "\u200b\u202e", "\x07\x00"])
async def test_a_prompt_without_anything_to_read_is_refused_privately(world: World, prompt: str) -> None:
    result = await world.typed(world.alice, "create", prompt=prompt)

    assert result.ephemeral
    assert "holds nothing that can be read" in words(result.response)
    assert "Nothing was charged." in words(result.response)
    assert await nothing_happened(world)


async def test_the_client_keeps_people_from_typing_too_much(world: World) -> None:
    with pytest.raises(OptionError):
        await world.alice.slash(world.channel, "video create", prompt="x" * 2001)


async def test_a_client_that_lets_too_much_through_is_told_how_much_to_drop(world: World) -> None:
    result = await world.typed(world.alice, "create", prompt="x" * 2001)

    assert result.ephemeral
    assert result.response is not None
    assert await nothing_happened(world)


async def test_a_prompt_of_exactly_the_limit_is_taken_and_cut_on_the_card(world: World) -> None:
    result = await world.alice.slash(world.channel, "video create", prompt="x" * 2000)

    assert "x" * 279 + "…\n" in words(result.response)
    await world.finish()
    assert len((await world.only_job()).request.prompt) == 2000


async def test_emoji_alone_are_a_prompt(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="🦊❄️🌙")
    await world.finish()
    job = await world.only_job()

    assert job.state is JobState.DONE
    assert world.posts[-1].attachments[0].filename == f"video.{job.id}.mp4"


async def test_control_characters_reach_neither_provider_nor_card(world: World) -> None:
    result = await world.typed(world.alice, "create", prompt="a\x00 \x1bfox\u202e\tin snow")

    assert "> a fox in snow" in words(result.response)
    assert (await world.only_job()).request.prompt == "a fox in snow"


async def test_options_that_contradict_one_another_are_refused_with_what_fits(world: World) -> None:
    result = await world.alice.slash(world.channel, "video create", prompt="a fox", duration=10, resolution="1080P")

    assert result.ephemeral
    assert "Duration 10 does not fit. With your other options it can be: 6." in words(result.response)
    assert "Nothing was charged." in words(result.response)
    assert await nothing_happened(world)


async def test_an_option_left_out_follows_the_one_given(world: World) -> None:
    result = await world.alice.slash(world.channel, "video create", prompt="a fox", duration=10)

    assert "768P · 10 s · $0.56" in words(result.response)


async def test_choices_offer_only_what_fits_with_its_price(world: World) -> None:
    durations = await world.alice.autocomplete(world.channel, "video create", "duration", "", resolution="1080P")
    resolutions = await world.alice.autocomplete(world.channel, "video create", "resolution", "7", duration=10)

    assert [(choice["name"], choice["value"]) for choice in durations] == [("6 s · $0.49", 6)]
    assert [(choice["name"], choice["value"]) for choice in resolutions] == [("768P · $0.56", "768P")]


async def test_missing_permissions_are_named_before_anything_is_paid(world: World) -> None:
    closed = world.guild.create_text_channel(
        "closed",
        overwrites={world.guild.me: discord.PermissionOverwrite(attach_files=False, read_message_history=False)},
    )
    result = await world.alice.slash(closed, "video create", prompt="a fox")

    assert result.ephemeral
    assert "I lack: Attach Files, Read Message History." in words(result.response)
    assert "Nothing was charged." in words(result.response)
    assert await nothing_happened(world)


async def a_thread(world: World, **overwrites: bool) -> Any:
    parent = world.guild.create_text_channel(
        "parent", overwrites={world.guild.me: discord.PermissionOverwrite(**overwrites)}
    )
    thread = world.env.backend.create_thread(parent.id, name="a thread", owner_id=world.alice.id)
    await world.env.settle()
    return next(found for found in parent.threads if found.id == thread.id)


async def test_a_video_asked_for_in_a_thread_comes_there(world: World) -> None:
    thread = await a_thread(world, send_messages=False)
    await world.alice.slash(thread, "video create", prompt="a fox")
    await world.finish()

    assert len(thread.history()[-1].attachments) == 1


async def test_in_a_thread_the_permission_for_threads_counts(world: World) -> None:
    thread = await a_thread(world, send_messages_in_threads=False)
    result = await world.alice.slash(thread, "video create", prompt="a fox")

    assert "I lack: Send Messages in Threads." in words(result.response)


async def test_the_larger_of_the_server_s_limit_and_the_operator_s_is_kept_with_the_job(tmp_path: Path) -> None:
    async with open_world(tmp_path, upload_limit=20 * MIB) as world:
        await world.alice.slash(world.channel, "video create", prompt="a fox")

        assert (await world.only_job()).upload_limit == 20 * MIB


async def test_the_same_interaction_delivered_twice_makes_one_job_and_one_card(world: World) -> None:
    await world.typed(world.alice, "create", Client(deliveries=2), prompt="a fox")
    await world.finish()

    assert (await world.only_job()).state is JobState.DONE
    assert len(world.simulator.ledger.paid_creates()) == 1
    assert len(world.posts) == 2
    assert not world.env.errors


async def test_discord_is_told_to_wait_where_the_commit_takes_long(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        result = await world.alice.slash(world.channel, "video create", prompt="a fox")

        assert [answer["type"] for answer in world.acknowledgements] == [DEFERRED]
        assert not result.ephemeral
        assert "Received\n> a fox" in words(result.response)

        await world.finish()
        assert len(world.posts) == 2
        assert "Done" in words(world.posts[0])


async def test_a_limit_met_after_a_long_wait_is_still_worded(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all, limits=Limits(user_videos_at_once=1)) as world:
        await world.alice.slash(world.channel, "video create", prompt="a fox")
        result = await world.alice.slash(world.channel, "video create", prompt="another")

        assert "as many videos under way as you may at one time" in words(result.response)


async def test_a_failure_that_everybody_reads_speaks_the_server_s_language(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all, limits=Limits(user_videos_at_once=1)) as world:
        await world.alice.slash(world.channel, "video create", prompt="a fox")
        result = await world.typed(
            world.alice, "create", Client(locale="en-US", guild_locale="zh-CN"), prompt="another"
        )

        assert not result.ephemeral
        assert "你同时进行的视频数量已达上限" in words(result.response)


async def test_a_job_whose_acknowledgement_failed_gets_its_card_from_the_engine(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await world.alice.slash(world.channel, "video create", prompt="a fox")

    assert world.posts == []

    await world.later(20)
    assert len(world.posts) == 1
    assert "Queued\n> a fox" in words(world.posts[0])

    await world.finish()
    assert "Done" in words(world.posts[0])
    assert not world.env.errors


async def test_a_job_committed_too_late_for_any_answer_still_gets_its_card(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, times=2)
        await world.alice.slash(world.channel, "video create", prompt="a fox")
        await world.later(20)

        assert "> a fox" in words(world.posts[0])
        assert not world.env.errors


async def test_a_limit_is_named_with_when_it_frees(tmp_path: Path) -> None:
    async with open_world(tmp_path, limits=Limits(user_videos_per_day=1)) as world:
        await world.alice.slash(world.channel, "video create", prompt="a fox")
        result = await world.alice.slash(world.channel, "video create", prompt="another")

        assert result.ephemeral
        assert "as many videos as you may in one day. You can ask again <t:" in words(result.response)
        assert "Nothing was charged." in words(result.response)


async def test_elsewhere_than_in_the_enabled_servers_it_refuses_kindly(tmp_path: Path) -> None:
    async with open_world(tmp_path, doors=Doors(guild_ids=frozenset({1}))) as world:
        result = await world.alice.slash(world.channel, "video create", prompt="a fox")

        assert result.ephemeral
        assert "not enabled for this server" in words(result.response)
        assert await world.alice.autocomplete(world.channel, "video create", "duration", "") == []
        assert await nothing_happened(world)


async def test_an_allow_list_also_closes_direct_messages(tmp_path: Path) -> None:
    async with open_world(tmp_path, doors=Doors(guild_ids=frozenset({1}))) as world:
        result = await world.alice.user.slash("video create", prompt="a fox")

        assert "does not take requests in direct messages" in words(result.response)


async def test_a_video_can_be_asked_for_in_a_direct_message(world: World) -> None:
    await world.alice.user.slash("video create", prompt="a fox")
    await world.finish()
    card, video = world.alice.user.dm_channel.history()

    assert links(card) == [f"https://discord.com/channels/@me/{video.channel.id}/{video.id}"]
    assert len(video.attachments) == 1


async def test_in_chinese_everything_is_chinese(world: World) -> None:
    await world.typed(world.alice, "create", CHINESE, prompt="雪中的狐狸")
    await world.finish()
    card, video = world.posts

    assert "完成\n> 雪中的狐狸" in words(card)
    assert "你的视频做好了。" in words(video)
    assert "1080P · 6 秒 · US$0.49" in words(video)


async def test_a_public_card_speaks_the_language_the_server_chose(world: World) -> None:
    result = await world.typed(world.alice, "create", Client(locale="de", guild_locale="zh-CN"), prompt="a fox")

    assert "已收到" in words(result.response)


async def test_a_private_answer_speaks_the_reader_s_language(world: World) -> None:
    result = await world.typed(world.alice, "create", Client(locale="zh-TW", guild_locale="en-US"), prompt=" ")

    assert "提示词里没有可读的内容" in words(result.response)


async def test_the_card_offers_to_cancel_only_while_nothing_is_paid(world: World) -> None:
    result = await world.alice.slash(world.channel, "video create", prompt="a fox")
    assert list(buttons(result.response)) == ["Cancel"]

    await world.later(10)
    await world.later(10)
    assert "Rendering" in words(world.posts[0])
    assert buttons(world.posts[0]) == {}
