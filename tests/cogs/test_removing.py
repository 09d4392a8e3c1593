"""*Delete*: asked first, for the requester and for moderators, in every place, even if the video is gone already."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.access import Doors
from jobs.delivering import watch_key
from jobs.model import DELETED

from .finished import finished, job_of
from .test_create import a_thread
from .world import CHINESE, World, buttons, guest_of, words

AT_ORIGINAL = "/webhooks/*/*/messages/@original"


def moderator(world: World, name: str = "mod") -> Any:
    """Somebody who may delete anybody's messages."""
    role = world.guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(world.env.create_user(name), roles=[role])


async def deleted_by(person: Any, video: Any) -> Any:
    """What somebody is told who presses *Delete* and confirms it."""
    return await person.submit_modal(await person.click(video, label="Delete"), {})


async def test_delete_asks_first_and_shows_which_video(world: World) -> None:
    video = await finished(world, "a *red* fox")
    asked = await world.alice.click(video, label="Delete")

    assert asked.modal is not None
    assert asked.modal["title"] == "Delete this video?"
    which, question = (part["content"] for part in asked.modal["components"])
    assert which == "> a \\*red\\* fox"
    assert question.startswith("The message goes for everybody here")
    assert world.posts[-1].id == video.id


async def test_the_question_is_in_the_reader_s_language(world: World) -> None:
    video = await finished(world)
    asked = await world.pressed(world.alice, video, buttons(video)["Delete"], CHINESE)

    assert asked.modal is not None
    assert asked.modal["title"] == "删除这个视频？"


async def test_the_requester_deletes_the_video_and_its_card_says_so(world: World) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    result = await deleted_by(world.alice, video)
    await world.later(60)

    [card] = world.posts
    assert "Deleted." in words(result.followups[0])
    assert result.followups[0].ephemeral
    assert "discord.com" not in str([part.to_dict() for part in card.components])
    kept = await world.store.get(job.id)
    assert kept is not None
    assert kept.posted is not None
    assert kept.posted.message_id == DELETED


async def test_a_deleted_video_s_page_is_taken_back_as_well(world: World) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    key = watch_key(job)
    world.shop.path(job.id).write_bytes(b"film")
    assert await world.shop.publish(job.id, key)

    await deleted_by(world.alice, video)

    assert world.shop.watched(key) is None


async def test_a_moderator_deletes_anybody_s_video(world: World) -> None:
    video = await finished(world)
    await deleted_by(moderator(world), video)

    assert len(world.posts) == 1


async def test_anybody_else_is_told_who_can(world: World) -> None:
    video = await finished(world)
    result = await world.bob.click(video, label="Delete")

    assert result.modal is None
    assert result.ephemeral
    assert "Only the person who asked for this video, or a moderator, can delete it" in words(result.response)
    assert len(world.posts) == 2


async def test_who_is_no_moderator_any_more_when_they_confirm_deletes_nothing(world: World) -> None:
    video = await finished(world)
    mod = moderator(world)
    asked = await mod.click(video, label="Delete")
    world.env.backend.get_guild(world.guild.id).members[mod.id].role_ids.clear()
    result = await mod.submit_modal(asked, {})

    assert "Only the person who asked for this video may do that" in words(result.response)
    assert len(world.posts) == 2


async def test_delete_works_after_a_restart_even_between_question_and_answer(world: World) -> None:
    video = await finished(world)
    await world.env.restart_bot(world.make_bot())
    asked = await world.alice.click(video, label="Delete")
    await world.env.restart_bot(world.make_bot())
    await world.alice.submit_modal(asked, {})

    assert len(world.posts) == 1


async def test_a_video_that_somebody_deleted_by_hand_counts_as_deleted(world: World) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    world.env.inject_error("DELETE", AT_ORIGINAL, status=404, code=10008)
    result = await deleted_by(world.alice, video)

    kept = await world.store.get(job.id)
    assert kept is not None
    assert kept.posted is not None
    assert kept.posted.deleted
    assert "Deleted." in words(result.followups[0])


async def test_a_video_in_a_direct_message_can_be_deleted(world: World) -> None:
    await world.alice.user.slash("video create", prompt="a fox")
    await world.finish()
    video = world.alice.user.dm_channel.history()[-1]
    asked = await world.alice.user.click(video, label="Delete")
    await world.alice.user.submit_modal(asked, {})

    assert len(world.alice.user.dm_channel.history()) == 1


async def test_where_the_bot_is_no_member_a_video_can_be_deleted_too(world: World) -> None:
    guest = guest_of(world.alice)
    answer: Any = (await world.typed(world.alice, "create", guest, prompt="a fox")).response
    await world.finish()
    asked = await world.pressed(world.alice, answer, buttons(answer)["Delete"], guest)
    await world.alice.submit_modal(asked, {})
    job = await world.only_job()

    assert answer.id not in [message.id for message in world.posts]
    assert job.posted is not None
    assert job.posted.deleted


async def test_a_private_video_can_be_deleted(world: World) -> None:
    await world.typed(world.alice, "create", prompt="a fox", private=True)
    await world.finish()
    person = world.alice.user
    [video] = person.dm_channel.history()
    await person.submit_modal(await person.click(video, label="Delete"), {})

    assert person.dm_channel.history() == []


async def test_a_video_in_a_thread_can_be_deleted(world: World) -> None:
    thread = await a_thread(world)
    video = await finished(world, channel=thread)
    await deleted_by(world.alice, video)

    assert len(thread.history()) == 1


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [(403, 50001, "It could not be deleted"), (503, 0, "Discord did not confirm that it is deleted")],
)
async def test_a_video_that_discord_does_not_delete_stays_and_the_person_is_told(
    world: World, status: int, code: int, said: str
) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    world.env.inject_error("DELETE", AT_ORIGINAL, status=status, code=code)
    result = await deleted_by(world.alice, video)

    assert said in words(result.followups[0])
    assert (await job_of(world, video)).posted == job.posted


async def test_an_allow_list_holds_for_the_answer_too(world: World) -> None:
    video = await finished(world)
    asked = await world.alice.click(video, label="Delete")
    await world.env.restart_bot(world.make_bot(doors=Doors(guild_ids=frozenset({1}))))
    result = await world.alice.submit_modal(asked, {})

    assert "not enabled for this server" in words(result.response)
    assert len(world.posts) == 2
