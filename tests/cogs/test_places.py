"""Every place the bot may be used in: what it takes there is said before anything is paid, and the video gets there.

Where it is no member, brought along by somebody who has installed it for themselves, only the answer to the command gets
there, for as long as Discord lets it be changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from cogs.access import Doors
from cogs.recognise import carries_result_of
from jobs.errors import Reason
from jobs.model import Delivery, JobState

from .world import MIB, RENDERING, SLOW, World, buttons, close_direct_messages, guest_of, open_world, words

PLACES = ["announcements", "voice", "stage", "thread", "forum post"]


async def place_of(world: World, kind: str, *denied: str) -> Any:
    """A place of that kind where the bot lacks the given permissions."""
    make = {
        "announcements": world.guild.create_news_channel,
        "voice": world.guild.create_voice_channel,
        "stage": world.guild.create_stage_channel,
        "thread": world.guild.create_text_channel,
        "forum post": world.guild.create_forum_channel,
    }
    place = make[kind](kind.replace(" ", "-"))
    deny = discord.Permissions(**dict.fromkeys(denied, True)).value
    overwrite = Overwrite(target_id=world.guild.me.id, type=OverwriteType.MEMBER, deny=deny)
    world.env.backend.set_overwrite(place.id, overwrite)
    if kind in {"thread", "forum post"}:
        made = world.env.backend.create_thread(place.id, name="a place", owner_id=world.alice.id)
        await world.env.settle()
        return next(thread for thread in place.threads if thread.id == made.id)
    await world.env.settle()
    return place


@pytest.mark.parametrize("kind", PLACES)
async def test_a_video_asked_for_in_any_place_comes_there(world: World, kind: str) -> None:
    place = await place_of(world, kind)
    result = await world.alice.slash(place, "video create", prompt="a fox")
    await world.finish()
    job = await world.only_job()

    assert "Done" in words(result.response)
    assert (job.state, job.delivery) == (JobState.DONE, Delivery.CHANNEL)
    assert carries_result_of(place.history()[-1], job.id)


@pytest.mark.parametrize(
    ("kind", "denied", "named"),
    [
        ("announcements", "send_messages", "Send Messages"),
        ("announcements", "embed_links", "Embed Links"),
        ("voice", "connect", "Connect"),
        ("stage", "connect", "Connect"),
        ("voice", "send_messages", "Send Messages"),
        ("thread", "send_messages_in_threads", "Send Messages in Threads"),
        ("forum post", "send_messages_in_threads", "Send Messages in Threads"),
        ("forum post", "attach_files", "Attach Files"),
    ],
)
async def test_what_it_lacks_in_a_place_is_said_before_anything_is_paid(
    world: World, kind: str, denied: str, named: str
) -> None:
    place = await place_of(world, kind, denied)
    result = await world.alice.slash(place, "video create", prompt="a fox")

    assert result.ephemeral
    assert f"I lack: {named}." in words(result.response)
    assert "Nothing was charged." in words(result.response)
    assert await world.store.jobs_of(world.alice.id) == []


@pytest.mark.parametrize("kind", ["thread", "forum post"])
async def test_where_only_threads_may_be_written_in_it_posts_in_them(world: World, kind: str) -> None:
    place = await place_of(world, kind, "send_messages")
    await world.alice.slash(place, "video create", prompt="a fox")
    await world.finish()

    assert carries_result_of(place.history()[-1], (await world.only_job()).id)


# --- age-restricted places, and spoilers ---------------------------------------------------------------------------


def restrict(world: World, place: Any) -> None:
    """The simulated Discord knows no age restriction: the bot is told of it directly."""
    world.env.bot.get_channel(place.id).nsfw = True  # type: ignore[union-attr]


def veiled(message: discord.Message) -> bool:
    """Whether the video has to be uncovered before it is seen, and its file's name says so too."""
    [gallery] = [
        part for top in message.components for part in _all(top) if isinstance(part, discord.MediaGalleryComponent)
    ]
    return gallery.items[0].spoiler and "SPOILER_" in gallery.items[0].media.url


def _all(component: Any) -> list[Any]:
    return [component, *(inner for child in getattr(component, "children", ()) for inner in _all(child))]


async def test_what_was_asked_for_in_an_age_restricted_channel_is_shown_openly_there(world: World) -> None:
    restrict(world, world.channel)
    await world.alice.slash(world.channel, "video create", prompt="a fox")
    await world.finish()

    assert (await world.only_job()).origin.age_restricted
    assert not veiled(world.posts[-1])


async def test_and_under_a_veil_in_a_direct_message(world: World) -> None:
    restrict(world, world.channel)
    await world.typed(world.alice, "create", prompt="a fox", private=True)
    await world.finish()
    [letter] = world.alice.user.dm_channel.history()

    assert veiled(letter)
    assert carries_result_of(letter, (await world.only_job()).id)


@pytest.mark.parametrize("kind", ["thread", "forum post"])
async def test_a_thread_is_restricted_as_its_parent_is(world: World, kind: str) -> None:
    place = await place_of(world, kind)
    restrict(world, discord.Object(world.env.backend.get_channel(place.id).parent_id or 0))
    await world.alice.slash(place, "video create", prompt="a fox")

    assert (await world.only_job()).origin.age_restricted


# --- where the bot is no member ------------------------------------------------------------------------------------


async def brought_along(world: World, **client: Any) -> Any:
    """The answer that Alice, who has installed the bot for herself, gets where it is no member."""
    return await world.typed(world.alice, "create", guest_of(world.alice, **client), prompt="a fox")


def other_ways(world: World) -> list[str]:
    """Everything the bot did in the channel but by its answers; it has no right to."""
    return [one.path for one in world.env.http_requests if one.path.startswith(f"/channels/{world.channel.id}")]


async def test_a_guest_s_card_is_kept_true_and_becomes_the_video(world: World) -> None:
    result = await brought_along(world)
    assert not result.ephemeral
    assert "Received" in words(result.response)
    assert "longer than 15 minutes" in words(result.response)
    for _ in range(2):
        await world.later(RENDERING / 4)
    assert "Rendering" in words(result.response)

    await world.finish()
    job = await world.only_job()

    assert (job.state, job.delivery) == (JobState.DONE, Delivery.ANSWER)
    assert carries_result_of(result.response.message, job.id)
    assert job.posted is not None
    assert job.posted.message_id == result.response.id
    assert other_ways(world) == []


async def test_whoever_asked_is_pinged_once_below_it(world: World) -> None:
    result = await brought_along(world)
    await world.finish()
    [ping] = result.followups

    assert [user.id for user in ping.message.mentions] == [world.alice.id]
    assert other_ways(world) == []


async def test_the_card_never_comes_back_over_the_video(world: World) -> None:
    result = await brought_along(world)
    await world.finish()
    for _ in range(5):
        await world.later(30)

    assert carries_result_of(result.response.message, (await world.only_job()).id)


async def test_in_other_people_s_direct_messages_it_is_the_same(world: World) -> None:
    place = world.alice.user.dm_channel
    client = guest_of(world.alice, group=True)
    result: Any = await world.typed(world.alice, "create", client, channel=place, prompt="a fox")
    await world.finish()
    job = await world.only_job()

    assert job.origin.guest
    assert carries_result_of(result.response.message, job.id)
    assert not any(one.path.startswith("/channels/") for one in world.env.http_requests)


async def test_there_a_file_may_have_what_discord_says_of_the_answer(world: World) -> None:
    await brought_along(world, filesize_limit=200 * MIB)

    assert (await world.only_job()).upload_limit == 200 * MIB


async def test_a_guest_who_may_attach_nothing_is_told_before_anything_is_paid(world: World) -> None:
    closed = await place_of(world, "announcements", "attach_files", "send_messages")
    result: Any = await world.typed(world.alice, "create", guest_of(world.alice), channel=closed, prompt="a fox")

    assert "I lack: Attach Files." in words(result.response)
    assert await world.store.jobs_of(world.alice.id) == []


async def test_a_guest_needs_no_other_permission(world: World) -> None:
    closed = await place_of(world, "announcements", "send_messages", "view_channel", "read_message_history")
    result: Any = await world.typed(world.alice, "create", guest_of(world.alice), channel=closed, prompt="a fox")
    await world.finish()

    assert carries_result_of(result.response.message, (await world.only_job()).id)


async def test_a_guest_is_answered_in_their_own_language(world: World) -> None:
    client = guest_of(world.alice)
    place = {**client.place}
    result: Any = await world.typed(
        world.alice, "create", type(client)(locale="zh-CN", guild_locale="de", place=place), prompt="a fox"
    )

    assert "已收到" in words(result.response)


async def test_a_video_that_takes_longer_than_the_answer_lives_comes_by_direct_message(tmp_path: Path) -> None:
    async with open_world(tmp_path, stages=SLOW) as world:
        result = await brought_along(world)
        for _ in range(60):
            await world.later(30)
        job = await world.only_job()
        [letter] = world.alice.user.dm_channel.history()

        assert (job.state, job.delivery) == (JobState.DONE, Delivery.DIRECT)
        assert carries_result_of(letter, job.id)
        assert "Rendering" in words(result.response)
        assert other_ways(world) == []


async def test_with_closed_direct_messages_it_waits_to_be_fetched(tmp_path: Path) -> None:
    async with open_world(tmp_path, stages=SLOW) as world:
        await brought_along(world)
        close_direct_messages(world)
        for _ in range(60):
            await world.later(30)
        job = await world.only_job()
        assert (job.state, job.failure and job.failure.reason) == (JobState.UNDELIVERED, Reason.CHANNEL_CLOSED)

        await world.env.advance_time(1800)
        shown: Any = await world.typed(world.alice, "show", guest_of(world.alice))
        fetch = buttons(shown.response)["Fetch"]
        await world.pressed(world.alice, shown.response, fetch, guest_of(world.alice))
        await world.finish()
        job = await world.only_job()

        assert (job.state, job.delivery) == (JobState.DONE, Delivery.ANSWER)
        assert carries_result_of(shown.response.message, job.id)
        assert shown.response.ephemeral
        assert other_ways(world) == []
        assert len(world.simulator.ledger.paid_creates()) == 1


async def test_an_answer_that_never_arrived_leads_to_direct_messages(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await brought_along(world)
    await world.finish()
    card, video = world.alice.user.dm_channel.history()

    assert "Done" in words(card)
    assert carries_result_of(video, (await world.only_job()).id)
    assert other_ways(world) == []


async def test_an_answer_that_somebody_deleted_leads_to_a_direct_message(world: World) -> None:
    result = await brought_along(world)
    await world.later(RENDERING / 4)
    world.env.backend.delete_message(world.channel.id, result.response.id)
    await world.finish()
    [letter] = world.alice.user.dm_channel.history()

    assert carries_result_of(letter, (await world.only_job()).id)


async def test_the_operator_s_list_of_servers_holds_there_too(tmp_path: Path) -> None:
    async with open_world(tmp_path, doors=Doors(guild_ids=frozenset({1}))) as world:
        result = await brought_along(world)

        assert "not enabled for this server" in words(result.response)
        assert await world.store.jobs_of(world.alice.id) == []


async def test_what_is_tried_again_there_gets_an_answer_of_its_own(world: World) -> None:
    client = guest_of(world.alice)
    result: Any = await world.typed(world.alice, "create", client, prompt="a fox #refuse")
    await world.finish()
    assert "Failed" in words(result.response)

    again: Any = await world.pressed(world.alice, result.response, buttons(result.response)["Try again"], client)
    newest, _ = await world.store.jobs_of(world.alice.id)

    assert newest.origin.guest
    assert newest.answer is not None
    assert again.response.id != result.response.id
    assert "Received" in words(again.response)
