"""The courier where only the answer to an interaction gets there: the video takes the place of the card, and stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cogs.courier import DiscordCourier
from cogs.recognise import carries_result_of
from jobs.errors import DeliveryDelayed, DeliveryError, TooLarge, Undeliverable
from jobs.model import Card, Delivery, Job, JobState, Posted
from jobs.ports import Standing
from locales import Texts

from .jobs import NOW
from .world import World, guest_of, words

ORIGINAL = "/webhooks/*/messages/@original"


async def answered(world: World, *, private: bool = False) -> tuple[Job, Any]:
    """Alice's job where only her interaction's answer gets there, about to be posted, and that answer."""
    result = await world.typed(world.alice, "create", guest_of(world.alice), prompt="a fox", private=private)
    made = await world.only_job()
    job = replace(made, state=JobState.POSTING, delivery=Delivery.ANSWER, post_attempted=True, rendered_at=NOW)
    return job, result.response


def before(job: Job) -> Job:
    """The same job as somebody slower still knows it."""
    return replace(job, state=JobState.RENDERING, post_attempted=False)


async def test_the_video_takes_the_place_of_the_answer_and_is_found_there(world: World, film: Path) -> None:
    job, shown = await answered(world)
    assert await world.courier.find_result(job) is None
    posted = await world.courier.post_video(job, film)

    assert posted == Posted(channel_id=world.channel.id, message_id=shown.id)
    assert await world.courier.find_result(job) == posted
    assert carries_result_of(shown.message, job.id)


async def test_put_there_twice_it_is_there_once(world: World, film: Path) -> None:
    job, shown = await answered(world)
    for _ in range(2):
        await world.courier.post_video(job, film)

    assert len(shown.attachments) == 1
    assert len([message for message in world.posts if carries_result_of(message, job.id)]) == 1


async def test_a_link_takes_the_place_of_the_answer_and_is_found_there(world: World) -> None:
    job, shown = await answered(world)
    job = replace(job, as_link=True, link="https://cdn.example.com/v.mp4")
    assert await world.courier.find_result(job) is None
    posted = await world.courier.post_link(job)

    assert "https://cdn.example.com/v.mp4" in words(shown)
    assert await world.courier.find_result(job) == posted


async def test_a_card_that_comes_too_late_does_not_hide_the_video(world: World, film: Path) -> None:
    job, shown = await answered(world)
    card = Card(job_id=job.id, channel_id=world.channel.id, message_id=shown.id)
    await asyncio.gather(
        world.courier.post_video(job, film), world.courier.show_card(before(job), card, Standing(position=1))
    )
    await world.courier.show_card(before(job), card, Standing(position=1))

    assert carries_result_of(shown.message, job.id)


async def test_nor_does_one_that_comes_after_the_video_was_found(world: World, film: Path) -> None:
    job, shown = await answered(world)
    await world.courier.post_video(job, film)
    restarted = DiscordCourier(world.env.bot, Texts.load(), clock=world.clock)
    await restarted.find_result(job)
    await restarted.show_card(before(job), Card(job_id=job.id), Standing(position=1))

    assert carries_result_of(shown.message, job.id)


async def test_while_the_video_may_be_there_no_card_is_shown(world: World, film: Path) -> None:
    job, shown = await answered(world)
    card = Card(job_id=job.id, channel_id=world.channel.id, message_id=shown.id)
    await world.courier.post_video(job, film)
    restarted = DiscordCourier(world.env.bot, Texts.load(), clock=world.clock)

    assert await restarted.show_card(job, card, Standing()) == Posted(channel_id=world.channel.id, message_id=shown.id)
    assert carries_result_of(shown.message, job.id)


async def test_the_card_of_a_done_job_has_become_the_video(world: World, film: Path) -> None:
    job, shown = await answered(world)
    await world.courier.post_video(job, film)
    card = Card(job_id=job.id, channel_id=world.channel.id, message_id=shown.id)
    restarted = DiscordCourier(world.env.bot, Texts.load(), clock=world.clock)

    assert await restarted.show_card(replace(job, state=JobState.DONE), card, Standing()) is None
    assert carries_result_of(shown.message, job.id)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, 50027, Undeliverable),
        (404, 10015, Undeliverable),
        (404, 10008, Undeliverable),
        (403, 50013, Undeliverable),
        (413, 40005, TooLarge),
        (500, 0, DeliveryDelayed),
    ],
)
async def test_a_refused_answer_reaches_the_engine_and_leaves_the_card_to_be_changed(
    world: World, film: Path, status: int, code: int, expected: type[DeliveryError]
) -> None:
    job, shown = await answered(world)
    world.env.inject_error("PATCH", ORIGINAL, status=status, code=code)
    with pytest.raises(expected):
        await world.courier.post_video(job, film)
    await world.courier.show_card(before(job), Card(job_id=job.id), Standing(expected_end=1234.0))

    # Where nobody knows whether the video is there, no card may hide it.
    assert ("<t:1234:R>" in words(shown)) is (expected is not DeliveryDelayed)


async def test_an_answer_that_cannot_be_looked_at_is_told_to_the_engine(world: World) -> None:
    job, _ = await answered(world)
    world.env.inject_error("GET", ORIGINAL, status=401, code=50027)

    with pytest.raises(Undeliverable):
        await world.courier.find_result(job)


async def test_a_ping_that_fails_takes_nothing_from_the_video(world: World, film: Path) -> None:
    job, shown = await answered(world)
    world.env.inject_error("POST", "/webhooks/*", status=400, code=40094)
    posted = await world.courier.post_video(job, film)

    assert posted.message_id == shown.id


async def test_below_an_answer_that_one_person_sees_nobody_is_pinged(world: World, film: Path) -> None:
    job, shown = await answered(world, private=True)
    await world.courier.post_video(job, film)
    paths = [request.path for request in world.env.http_requests if request.method == "POST"]

    assert shown.ephemeral
    assert not any(path.startswith("/webhooks/") for path in paths)


async def test_without_a_token_an_answer_is_out_of_reach(world: World, film: Path) -> None:
    job, _ = await answered(world)

    with pytest.raises(Undeliverable):
        await world.courier.post_video(replace(job, answer=None), film)


async def test_a_card_that_somebody_deleted_is_gone_though_its_token_lives(world: World) -> None:
    job, shown = await answered(world)
    world.env.backend.delete_message(world.channel.id, shown.id)
    card = Card(job_id=job.id, channel_id=world.channel.id, message_id=shown.id)

    with pytest.raises(Undeliverable):
        await world.courier.show_card(before(job), card, Standing())
