"""The courier: posts once, finds what is there, and tells passing faults from final ones."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from cogs.courier import DiscordCourier
from cogs.faults import BY_CODE, UNKNOWN_MESSAGE, classify, delivery
from jobs.errors import DeliveryDelayed, DeliveryError, Reason, TooLarge, Undeliverable
from jobs.model import Card, Delivery, Gate, Job, JobState, MediaSource, Posted, Role
from jobs.ports import Standing
from locales import Texts

from .jobs import NOW, job_in
from .world import World, buttons, open_world, words


def in_world(world: World, state: JobState, **changes: Any) -> Job:
    """Alice's job in the sample channel, asked for just now."""
    origin = {
        "interaction_id": world.channel.id,
        "channel_id": world.channel.id,
        "guild_id": world.guild.id,
        "user_id": world.alice.id,
    }
    return job_in(state, origin=origin, **changes)


def answer(status: int, code: int) -> discord.HTTPException:
    class Response:
        reason = "because"

    response = Response()
    response.status = status  # type: ignore[attr-defined]
    return discord.HTTPException(response, {"code": code, "message": "words"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, 10003, Undeliverable),
        (403, 50001, Undeliverable),
        (403, 50013, Undeliverable),
        (403, 50007, Undeliverable),
        (403, 50278, Undeliverable),
        (400, 160005, Undeliverable),
        (400, 40058, Undeliverable),
        (400, 50008, Undeliverable),
        (400, 50035, Undeliverable),
        (404, 10008, Undeliverable),
        (404, 10015, Undeliverable),
        (401, 50027, Undeliverable),
        (413, 0, TooLarge),
        (413, 40005, TooLarge),
        (400, 50045, TooLarge),
        (400, 30046, DeliveryDelayed),
        (401, 0, DeliveryDelayed),
        (429, 0, DeliveryDelayed),
        (500, 0, DeliveryDelayed),
        (503, 0, DeliveryDelayed),
    ],
)
def test_each_answer_of_discord_is_either_final_or_passing(
    status: int, code: int, expected: type[DeliveryError]
) -> None:
    error = classify(answer(status, code))

    assert type(error) is expected
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize("fault", [aiohttp.ServerDisconnectedError(), TimeoutError(), ConnectionResetError()])
def test_a_broken_wire_is_a_passing_fault(fault: Exception) -> None:
    with pytest.raises(DeliveryDelayed), delivery():
        raise fault


def test_a_long_rate_limit_says_how_long() -> None:
    with pytest.raises(DeliveryDelayed) as caught, delivery():
        raise discord.RateLimited(90.0)

    assert caught.value.retry_after == 90.0


@pytest.mark.parametrize(("code", "expected"), [item for item in BY_CODE.items() if item[0] != UNKNOWN_MESSAGE])
async def test_discord_s_refusal_of_the_post_reaches_the_engine(
    world: World, film: Path, code: int, expected: type[DeliveryError]
) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=400, code=code)

    with pytest.raises(expected):
        await world.courier.post_video(in_world(world, JobState.POSTING), film)


async def test_a_post_that_was_there_and_was_deleted_counts_as_delivered(world: World, film: Path) -> None:
    world.env.inject_error("POST", "/channels/*/messages", status=404, code=10008)
    posted = await world.courier.post_video(in_world(world, JobState.POSTING), film)

    assert posted == Posted(channel_id=world.channel.id, message_id=0)


async def test_a_posted_video_is_found_again_by_its_file_alone(world: World, film: Path) -> None:
    job = in_world(world, JobState.POSTING)
    await world.alice.send(world.channel, "hello")
    posted = await world.courier.post_video(job, film)
    for number in range(150):
        await world.alice.send(world.channel, f"chatter {number}")

    assert await world.courier.find_result(job) == posted


async def test_the_video_of_another_job_is_not_taken_for_it(world: World, film: Path) -> None:
    await world.courier.post_video(in_world(world, JobState.POSTING, id="job00002"), film)

    assert await world.courier.find_result(in_world(world, JobState.POSTING)) is None


async def test_a_card_is_not_taken_for_the_video(world: World) -> None:
    job = in_world(world, JobState.QUEUED)
    await world.courier.show_card(job, Card(job_id=job.id), Standing())

    assert await world.courier.find_result(job) is None


async def test_somebody_who_posts_the_job_s_id_is_not_believed(world: World) -> None:
    job = in_world(world, JobState.POSTING)
    await world.alice.send(world.channel, f"look: fox.{job.id}.mp4")

    assert await world.courier.find_result(job) is None


async def test_a_posted_link_is_found_again(world: World) -> None:
    job = in_world(world, JobState.POSTING, link="https://cdn.example.com/v.mp4")
    posted = await world.courier.post_link(job)

    assert "https://cdn.example.com/v.mp4" in world.posts[-1].content
    assert [user.id for user in world.posts[-1].mentions] == [world.alice.id]
    assert await world.courier.find_result(job) == posted


async def test_a_direct_delivery_goes_to_the_requester_and_is_found_there(world: World, film: Path) -> None:
    job = in_world(world, JobState.POSTING, delivery=Delivery.DIRECT)
    posted = await world.courier.post_video(job, film)
    [message] = world.alice.user.dm_channel.history()

    assert posted == Posted(channel_id=message.channel.id, message_id=message.id)
    assert await world.courier.find_result(job) == posted
    assert world.posts == []


async def test_nonces_are_the_job_s_own_for_card_and_video(world: World, film: Path) -> None:
    job = in_world(world, JobState.POSTING)
    await world.courier.show_card(job, Card(job_id=job.id), Standing())
    await world.courier.post_video(job, film)
    sent = [request.json for request in world.env.http_requests if request.path.endswith("/messages")]

    assert [(body["nonce"], body["enforce_nonce"]) for body in sent if body] == [
        (f"c{job.id}", True),
        (job.id, True),
    ]


async def test_a_card_that_nobody_recorded_is_adopted_not_posted_again(world: World) -> None:
    job = in_world(world, JobState.QUEUED)
    first = await world.courier.show_card(job, Card(job_id=job.id), Standing(position=2))
    again = await world.courier.show_card(job, Card(job_id=job.id), Standing(position=1))

    assert first == again
    assert len(world.posts) == 1
    assert "next in the queue" in words(world.posts[0])


async def test_a_done_job_gets_no_card_any_more_but_one_that_is_there_says_so(world: World) -> None:
    done = in_world(world, JobState.DONE)
    assert await world.courier.show_card(done, Card(job_id=done.id), Standing()) is None
    assert world.posts == []

    first = await world.courier.show_card(in_world(world, JobState.QUEUED), Card(job_id=done.id), Standing())
    again = await world.courier.show_card(done, Card(job_id=done.id), Standing())

    assert first == again
    assert "Done" in words(world.posts[0])


async def test_a_card_without_buttons_is_adopted_too(world: World) -> None:
    for state in (JobState.RENDERING, JobState.FETCHING):
        job = in_world(world, state)
        await world.courier.show_card(job, Card(job_id=job.id), Standing())
    [card] = world.posts

    assert "Downloading" in words(card)


async def test_a_card_is_edited_by_channel_and_message_id(world: World) -> None:
    job = in_world(world, JobState.QUEUED)
    posted = await world.courier.show_card(job, Card(job_id=job.id), Standing())
    assert posted is not None
    card = Card(job_id=job.id, channel_id=posted.channel_id, message_id=posted.message_id)
    await world.courier.show_card(in_world(world, JobState.CANCELLED), card, Standing())

    assert "Cancelled" in words(world.posts[0])
    assert list(buttons(world.posts[0])) == ["Try again", "Edit"]


async def test_a_deleted_card_is_gone_for_good(world: World) -> None:
    job = in_world(world, JobState.QUEUED)

    with pytest.raises(Undeliverable):
        await world.courier.show_card(job, Card(job_id=job.id, channel_id=world.channel.id, message_id=1), Standing())


async def test_a_direct_delivery_speaks_the_language_of_whoever_asked(world: World, film: Path) -> None:
    job = in_world(world, JobState.POSTING, delivery=Delivery.DIRECT)
    job = replace(job, origin=replace(job.origin, locale="zh-CN", guild_locale="en-US"))
    await world.courier.post_video(job, film)
    [letter] = world.alice.user.dm_channel.history()

    assert "你的视频" in words(letter)


async def test_what_was_made_of_something_hidden_is_hidden_and_found_all_the_same(world: World, film: Path) -> None:
    job = in_world(world, JobState.POSTING)
    hidden = MediaSource(role=Role.FIRST_FRAME, url="", filename="SPOILER_x.png", size=1, spoiler=True)
    job = replace(job, request=replace(job.request, inputs=(hidden,)))
    posted = await world.courier.post_video(job, film)

    assert world.posts[-1].attachments[0].is_spoiler()
    assert await world.courier.find_result(job) == posted


async def test_a_note_says_where_the_video_is_and_pings_nobody(world: World, film: Path) -> None:
    job = in_world(world, JobState.POSTING)
    posted = await world.courier.post_video(job, film)
    for _ in range(2):
        await world.courier.note_requester(job, posted)
    note = world.alice.user.dm_channel.history()[0]

    assert f"/{world.guild.id}/{posted.channel_id}/{posted.message_id}" in note.content
    assert note.mentions == []


def a_gate() -> Gate:
    return Gate(reason=Reason.OUT_OF_CREDIT, since=NOW, closed_until=NOW, detail="1008 insufficient balance")


async def test_the_operators_named_in_the_settings_are_told_privately(tmp_path: Path, texts: Texts) -> None:
    async with open_world(tmp_path) as world:
        courier = DiscordCourier(
            world.env.bot, texts, clock=world.clock, owner_ids=(world.alice.id, 1), operator_locale="zh-CN"
        )
        await courier.alert_owners(a_gate())

        [message] = world.alice.user.dm_channel.history()
        assert "额度已用完" in message.content
        assert "1008 insufficient balance" in message.content
        assert world.posts == []


async def test_without_named_operators_the_application_s_owner_is_told(world: World) -> None:
    owner = (await world.env.bot.application_info()).owner
    with contextlib.suppress(DeliveryDelayed):
        await world.courier.alert_owners(a_gate())
    [opened] = [request.json for request in world.env.http_requests if request.path == "/users/@me/channels"]

    assert opened == {"recipient_id": owner.id}


async def test_an_alert_that_reaches_nobody_is_tried_again(tmp_path: Path) -> None:
    async with open_world(tmp_path, owner_ids=(1,)) as world:
        with pytest.raises(DeliveryDelayed, match="none of 1 owners"):
            await world.courier.alert_owners(a_gate())
