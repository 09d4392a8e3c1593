"""Private videos: only whoever asked ever sees anything of them, card, result and failure alike."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.recognise import carries_result_of
from jobs.errors import Reason
from jobs.model import Card, Delivery, JobState
from jobs.ports import Standing

from .world import CHINESE, RENDERING, SLOW, World, buttons, close_direct_messages, open_world, words


async def asked(world: World, prompt: str = "a fox", **more: Any) -> Any:
    """What Alice sees of the private video she has asked for."""
    return await world.typed(world.alice, "create", more.pop("client", None), prompt=prompt, private=True, **more)


def letters(world: World) -> list[discord.Message]:
    """Alice's direct messages."""
    return world.alice.user.dm_channel.history()


def sent_to_the_channel(world: World) -> list[str]:
    """What went to the channel by any way but the answer to a command or press."""
    return [
        one.path for one in world.env.http_requests if one.path.startswith(f"/channels/{world.channel.id}/messages")
    ]


async def test_a_private_video_comes_by_direct_message_and_its_card_is_for_one(world: World) -> None:
    result = await asked(world)
    assert result.ephemeral
    assert "Received" in words(result.response)

    await world.finish()
    job = await world.only_job()
    [letter] = letters(world)

    assert job.state is JobState.DONE
    assert job.delivery is Delivery.DIRECT
    assert carries_result_of(letter, job.id)
    assert "Done" in words(result.response)
    assert sent_to_the_channel(world) == []


async def test_its_card_is_kept_true_while_discord_lets_it_be_changed(world: World) -> None:
    result = await asked(world)
    for _ in range(2):
        await world.later(RENDERING / 4)

    assert "Rendering" in words(result.response)
    assert result.response.ephemeral


@asynccontextmanager
async def slow_world(folder: Path) -> AsyncGenerator[World]:
    async with open_world(folder, stages=SLOW) as world:
        yield world


async def test_a_card_whose_time_is_over_is_left_alone_and_the_video_comes_all_the_same(tmp_path: Path) -> None:
    async with slow_world(tmp_path) as world:
        result = await asked(world)
        for _ in range(60):
            await world.later(30)
        edits = [one for one in world.env.http_requests if one.method == "PATCH"]

        assert len(letters(world)) == 1
        assert (await world.only_job()).state is JobState.DONE
        assert "Done" not in words(result.response)
        assert all("@original" in one.path for one in edits)
        assert sent_to_the_channel(world) == []


async def test_with_closed_direct_messages_it_waits_to_be_fetched_into_the_card_itself(world: World) -> None:
    result = await asked(world)
    close_direct_messages(world)
    await world.finish()
    job = await world.only_job()

    assert (job.state, job.failure.reason) == (JobState.UNDELIVERED, Reason.DIRECT_CLOSED)  # type: ignore[union-attr]
    assert "you take no direct messages from me" in words(result.response)

    await world.pressed(world.alice, result.response, buttons(result.response)["Fetch"])
    await world.finish()
    job = await world.only_job()

    assert (job.state, job.delivery) == (JobState.DONE, Delivery.ANSWER)
    assert carries_result_of(result.response.message, job.id)
    assert result.response.ephemeral
    assert sent_to_the_channel(world) == []
    assert len(world.simulator.ledger.paid_creates()) == 1


async def test_fetched_from_a_look_at_it_the_video_takes_the_place_of_that_look(world: World) -> None:
    await asked(world)
    close_direct_messages(world)
    await world.finish()
    shown: Any = await world.typed(world.alice, "show")
    await world.pressed(world.alice, shown.response, buttons(shown.response)["Fetch"])
    await world.finish()
    job = await world.only_job()

    assert carries_result_of(shown.response.message, job.id)
    assert shown.response.ephemeral
    assert sent_to_the_channel(world) == []


async def test_fetch_is_acknowledged_before_the_video_can_be_on_its_way(world: World) -> None:
    result = await asked(world)
    close_direct_messages(world)
    await world.finish()
    await world.pressed(world.alice, result.response, buttons(result.response)["Fetch"])

    # Not with the changed card: that would be sent after the job is on its way, and an answer is there only from then on.
    assert [answer["type"] for answer in world.acknowledgements] == [4, 6]


async def test_nobody_is_pinged_below_an_answer_that_only_they_see(world: World) -> None:
    result = await asked(world)
    close_direct_messages(world)
    await world.finish()
    pressed = await world.pressed(world.alice, result.response, buttons(result.response)["Fetch"])
    await world.finish()

    assert (await world.only_job()).state is JobState.DONE
    assert pressed.followups == []


async def test_direct_messages_opened_again_take_the_video_where_the_card_is_a_letter(world: World) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await asked(world)
    await world.finish()
    card, video = letters(world)

    assert "Done" in words(card)
    assert carries_result_of(video, (await world.only_job()).id)


async def test_a_card_whose_acknowledgement_never_arrived_comes_by_direct_message_never_in_the_channel(
    world: World,
) -> None:
    world.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062)
    await asked(world)
    await world.later(20)
    await world.later(20)
    [card] = letters(world)

    assert "a fox" in words(card)
    assert sent_to_the_channel(world) == []


async def test_a_card_that_arrived_although_we_never_heard_of_it_is_taken_up_and_not_sent_again(world: World) -> None:
    await asked(world)
    job = await world.only_job()
    posted = await world.courier.show_card(job, Card(job_id=job.id), Standing())

    assert posted is not None
    assert posted.channel_id == world.channel.id
    assert letters(world) == []


async def at_once(_: float) -> None:
    """A second that is over before any database can answer."""


async def test_a_slow_answer_is_for_one_from_its_first_sign(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=at_once) as world:
        result = await asked(world)
        [first] = world.acknowledgements

        assert (first["type"], first["data"]["flags"]) == (5, discord.MessageFlags(ephemeral=True).value)
        assert "Received" in words(result.response)


async def test_it_speaks_the_language_of_whoever_asked_not_the_server_s(world: World) -> None:
    result = await asked(world, client=CHINESE)
    assert "已收到" in words(result.response)

    await world.finish()
    [letter] = letters(world)

    assert "你的视频" in words(letter)


async def test_it_needs_no_permission_in_the_channel(world: World) -> None:
    nothing = discord.PermissionOverwrite(send_messages=False, attach_files=False)
    closed = world.guild.create_text_channel("closed", overwrites={world.guild.me: nothing})
    result = await asked(world, channel=closed)
    await world.finish()

    assert "Done" in words(result.response)
    assert len(letters(world)) == 1
    assert closed.history() == []


async def test_in_a_direct_message_with_the_bot_everything_is_private_and_the_card_stays_true(world: World) -> None:
    place = world.alice.user.dm_channel
    result = await asked(world, channel=place)
    await world.finish()
    card, video = letters(world)
    job = await world.only_job()

    assert not job.origin.private
    assert not result.ephemeral
    assert "Done" in words(card)
    assert carries_result_of(video, job.id)


async def test_tried_again_it_stays_private(world: World) -> None:
    result = await asked(world, "a fox #refuse")
    await world.finish()
    again: Any = await world.pressed(world.alice, result.response, buttons(result.response)["Try again"])
    newest, _ = await world.store.jobs_of(world.alice.id)

    assert newest.origin.private
    assert again.ephemeral
    assert sent_to_the_channel(world) == []


@pytest.mark.parametrize("command", ["show", "cancel"])
async def test_nobody_else_gets_at_it(world: World, command: str) -> None:
    await asked(world)
    job = await world.only_job()
    result: Any = await world.typed(world.bob, command, job=job.id)

    assert "a fox" not in words(result.response)
