"""*Share*: to a channel that its requester picks and may write in, with credit; every refusal is said privately."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.backend import serializers
from simcord.backend.models.channel import Overwrite
from simcord.enums import OverwriteType

from cogs.access import Doors

from .finished import finished, job_of
from .test_create import a_thread
from .world import FILM, MIB, World, buttons, words

POST = "/channels/*/messages"
GET = "/channels/*/messages/*"


async def age_restrict(world: World, monkeypatch: pytest.MonkeyPatch, *channels: Any) -> None:
    """Lets only adults into these channels, which simcord knows nothing of."""
    ids, plain = {channel.id for channel in channels}, serializers.channel_payload

    def payload(backend: Any, channel: Any) -> Any:
        return plain(backend, channel) | {"nsfw": channel.id in ids}

    monkeypatch.setattr(serializers, "channel_payload", payload)
    for number in ids:
        channel = world.env.backend.get_channel(number)
        world.env.backend.emit("CHANNEL_UPDATE", payload(world.env.backend, channel))
    await world.env.settle()


def holding(data: bytes | None) -> Callable[[str], bytes | None]:
    """A CDN that has this for everybody."""

    def get(_: str) -> bytes | None:
        return data

    return get


async def offered(world: World, video: Any, person: Any = None) -> Any:
    """The private question where to share a video to."""
    return (await (person or world.alice).click(video, label="Share")).response


async def shared(world: World, video: Any, channel: Any) -> Any:
    """What the private message says after a channel was picked."""
    question = await offered(world, video)
    await world.alice.select(question, [channel])
    return question


async def test_share_asks_privately_where_to(world: World) -> None:
    video = await finished(world, "a *red* fox")
    question = await offered(world, video)

    assert question.ephemeral
    assert "a \\*red\\* fox" in words(question)
    [menu] = [part for row in question.components for part in row.get("components", ()) if part["type"] == 8]
    assert menu["channel_types"] == [0, 5, 2, 13, 11, 12, 10]


async def test_a_shared_video_is_posted_with_credit_and_a_way_back(world: World) -> None:
    place = world.guild.create_text_channel("showcase")
    video = await finished(world, "a fox")
    question = await shared(world, video, place)
    [copy] = place.history()

    assert f"Made and shared by <@{world.alice.id}>" in words(copy)
    assert "> a fox" in words(copy)
    assert await copy.attachments[0].read() == FILM
    assert "> a fox" in words(copy)
    assert f"[See it here](https://discord.com/channels/{world.guild.id}/{place.id}/{copy.id})" in words(question)
    assert video.jump_url in str([part.to_dict() for part in copy.components])
    assert buttons(copy) == {}


async def test_a_copy_is_never_taken_for_the_result(world: World) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    await shared(world, video, world.channel)
    copy = world.posts[-1]
    await video.delete()

    assert copy.attachments[0].filename == "a_fox.shared.mp4"
    assert await world.courier.find_result(job) is None


async def test_a_copy_pings_nobody_its_nonce_is_of_the_choice_and_the_menu_is_gone(world: World) -> None:
    place = world.guild.create_text_channel("showcase")
    question = await offered(world, await finished(world))
    await world.alice.select(question, [place])
    [sent] = [one for one in world.env.http_requests if one.path == f"/channels/{place.id}/messages"]

    assert str(sent.json["nonce"]).startswith("s")  # type: ignore[index]
    assert sent.json["enforce_nonce"] is True  # type: ignore[index]
    assert sent.json["allowed_mentions"] == {"parse": []}  # type: ignore[index]
    assert not any(part.get("type") == 8 for row in question.components for part in row.get("components", ()))


async def test_sharing_works_after_a_restart_even_between_question_and_choice(world: World) -> None:
    place = world.guild.create_text_channel("showcase")
    video = await finished(world)
    await world.env.restart_bot(world.make_bot())
    question = await offered(world, video)
    await world.env.restart_bot(world.make_bot())
    await world.alice.select(question, [place])

    assert len(place.history()) == 1


async def test_a_video_can_be_shared_into_a_thread(world: World) -> None:
    thread = await a_thread(world)
    await shared(world, await finished(world), thread)

    assert len(thread.history()) == 1


async def test_a_video_can_be_shared_into_a_voice_channel_s_chat(world: World) -> None:
    place = world.guild.create_voice_channel("voice")
    await shared(world, await finished(world), place)

    assert len(place.history()) == 1


async def test_only_the_requester_shares(world: World) -> None:
    video = await finished(world)
    result = await world.bob.click(video, label="Share")

    assert result.ephemeral
    assert "Only the person who asked for this video can share it" in words(result.response)
    assert "**Favourite**" in words(result.response)


@pytest.mark.parametrize("denied", ["send_messages", "attach_files"])
async def test_nobody_shares_where_they_may_not_write_or_attach_themselves(world: World, denied: str) -> None:
    place = world.guild.create_text_channel(
        "rules", overwrites={world.alice: discord.PermissionOverwrite(**{denied: False})}
    )
    question = await shared(world, await finished(world), place)

    assert "you may not post files in that channel yourself" in words(question)
    assert place.history() == []


async def test_nobody_shares_into_the_chat_of_a_voice_channel_that_they_may_not_join(world: World) -> None:
    place = world.guild.create_voice_channel("voice")
    stored: Any = world.env.backend.get_channel(place.id)
    denied = discord.Permissions(connect=True).value
    stored.overwrites.append(Overwrite(world.alice.id, OverwriteType.MEMBER, deny=denied))
    question = await shared(world, await finished(world), place)

    assert "you may not post files in that channel yourself" in words(question)
    assert place.history() == []


async def test_after_a_refusal_another_channel_can_be_picked(world: World) -> None:
    closed = world.guild.create_text_channel(
        "rules", overwrites={world.alice: discord.PermissionOverwrite(send_messages=False)}
    )
    place = world.guild.create_text_channel("showcase")
    question = await shared(world, await finished(world), closed)
    await world.alice.select(question, [place])

    assert "Shared." in words(question)
    assert len(place.history()) == 1


async def test_nobody_shares_into_a_locked_thread(world: World) -> None:
    thread = await a_thread(world)
    stored: Any = world.env.backend.get_channel(thread.id)
    stored.thread_metadata.locked = True
    question = await shared(world, await finished(world), thread)

    assert "you may not post files in that channel yourself" in words(question)
    assert thread.history() == []


async def test_a_video_from_an_age_restricted_channel_goes_into_another_one_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    adults, others = world.guild.create_text_channel("adults"), world.guild.create_text_channel("more-adults")
    await age_restrict(world, monkeypatch, adults, others)
    video = await finished(world, channel=adults)
    question = await shared(world, video, world.channel)
    assert "it goes into age-restricted ones only" in words(question)
    assert world.posts == []

    await world.alice.select(question, [others])
    assert len(others.history()) == 1


async def test_a_thread_is_as_age_restricted_as_its_channel(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    adults = world.guild.create_text_channel("adults")
    await age_restrict(world, monkeypatch, adults)
    inside = world.env.backend.create_thread(adults.id, name="inside", owner_id=world.alice.id)
    await world.env.settle()
    inside = next(found for found in adults.threads if found.id == inside.id)
    outside = await a_thread(world)
    video = await finished(world, channel=adults)
    question = await shared(world, video, outside)
    await world.alice.select(question, [inside])

    assert outside.history() == []
    assert len(inside.history()) == 1


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, 50001, "I am not allowed to post files in that channel"),
        (403, 50013, "I am not allowed to post files in that channel"),
        (404, 10003, "that channel is gone"),
        (413, 40005, "that channel takes smaller files only"),
        (503, 0, "Discord did not confirm the post"),
    ],
)
async def test_what_discord_says_to_the_post_is_said_privately(world: World, status: int, code: int, said: str) -> None:
    place = world.guild.create_text_channel("showcase")
    question = await offered(world, await finished(world))
    world.env.inject_error("POST", POST, status=status, code=code)
    await world.alice.select(question, [place])

    assert said in words(question)
    assert place.history() == []


async def test_a_result_that_somebody_deleted_is_said_to_be_gone_and_its_card_learns_of_it(world: World) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    question = await offered(world, video)
    await video.delete()
    await world.alice.select(question, [world.channel])

    assert "the video is no longer where it was posted" in words(question)
    kept = await world.store.get(job.id)
    assert kept is not None
    assert kept.posted is not None
    assert kept.posted.deleted


@pytest.mark.parametrize("path", ["the message", "the file"])
async def test_a_video_that_cannot_be_had_just_now_is_not_shared(
    world: World, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await offered(world, await finished(world))
    if path == "the message":
        world.env.inject_error("GET", GET, status=503)
    else:
        monkeypatch.setattr(world.env.backend.cdn, "get", holding(None))
    await world.alice.select(question, [world.guild.create_text_channel("showcase")])

    assert "Discord did not hand out the video just now" in words(question)


async def test_no_more_is_downloaded_than_such_a_video_could_have(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await offered(world, await finished(world))
    monkeypatch.setattr(world.env.backend.cdn, "get", holding(bytes(10 * MIB + 1)))
    await world.alice.select(question, [world.guild.create_text_channel("showcase")])

    assert "that channel takes smaller files only" in words(question)


async def test_nothing_is_left_on_the_disk(world: World, tmp_path: Path) -> None:
    await shared(world, await finished(world), world.channel)

    assert [path.name for path in tmp_path.rglob("share-*")] == []


async def test_an_allow_list_holds_for_the_choice_too(world: World) -> None:
    question = await offered(world, await finished(world))
    await world.env.restart_bot(world.make_bot(doors=Doors(guild_ids=frozenset({1}))))
    result = await world.alice.select(question, [world.channel])

    assert "not enabled for this server" in words(result.response)


async def test_a_video_in_a_direct_message_is_not_offered_to_be_shared(world: World) -> None:
    await world.alice.user.slash("video create", prompt="a fox")
    await world.finish()

    assert "Share" not in buttons(world.alice.user.dm_channel.history()[-1])
