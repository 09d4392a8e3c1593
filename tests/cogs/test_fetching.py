"""*Fetch* pressed where only one person reads: the message that was pressed tells how it ended."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.model import Delivery, Job, JobState

from .world import World, buttons, close_direct_messages, words

ORIGINAL = "/webhooks/*/messages/@original"


async def waiting(world: World, *, private: bool) -> Job:
    """Alice's video, made and delivered nowhere; its card can no longer be changed."""
    await world.typed(world.alice, "create", prompt="a fox", private=private)
    close_direct_messages(world)
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=403, code=50013, times=None)
    if private:
        world.env.inject_error("PATCH", ORIGINAL, status=401, code=50027)
    else:
        world.env.backend.delete_message(world.channel.id, world.posts[0].id)
    await world.finish()
    job = await world.only_job()
    assert job.state is JobState.UNDELIVERED
    return job


async def fetched(world: World) -> Any:
    """What Alice pressed *Fetch* on: a look at her newest video."""
    shown: Any = await world.typed(world.alice, "show")
    await world.pressed(world.alice, shown.response, buttons(shown.response)["Fetch"])
    return shown.response


async def refused(world: World, pressed: Any) -> None:
    """The video is refused where it is fetched; the card is not, having been shown a moment before."""
    world.simulator.faults.add("download=http:502,times=1")
    await world.later(0)
    job = await world.only_job()
    assert job.due_at is not None
    await world.later(job.due_at - world.clock.at - 1)
    await world.service.card_overwritten(job.id)
    await world.later(0)
    assert "Downloading" in words(pressed)

    world.env.inject_error("PATCH", ORIGINAL, status=400, code=400001)
    await world.later(1)


@pytest.mark.parametrize("private", [True, False])
async def test_a_video_that_comes_to_nothing_again_is_told_where_it_was_fetched(world: World, *, private: bool) -> None:
    await waiting(world, private=private)
    pressed = await fetched(world)
    await refused(world, pressed)

    assert (await world.only_job()).state is JobState.UNDELIVERED
    assert "Undelivered" in words(pressed)
    assert "Fetch" in buttons(pressed)


@pytest.mark.parametrize("private", [True, False])
async def test_a_video_whose_file_is_gone_by_then_is_told_where_it_was_fetched(world: World, *, private: bool) -> None:
    await waiting(world, private=private)
    pressed = await fetched(world)
    world.simulator.faults.add("retrieve=code:1026,times=100")
    for _ in range(2):
        await world.finish()

    assert (await world.only_job()).state is JobState.FAILED
    assert "Failed" in words(pressed)


async def test_a_video_that_comes_by_direct_message_after_all_is_told_where_it_was_fetched(world: World) -> None:
    await waiting(world, private=True)
    pressed = await fetched(world)
    world.env.backend.faults.clear()
    await refused(world, pressed)

    assert (await world.only_job()).delivery is Delivery.DIRECT
    assert "Done" in words(pressed)


async def test_a_press_changes_nothing_itself_where_the_video_will_be(world: World) -> None:
    await waiting(world, private=True)
    world.env.http_requests.clear()
    await fetched(world)

    # What is sent from there could come after the video, and hide it.
    assert [request.path for request in world.env.http_requests if request.method == "PATCH"] == []
