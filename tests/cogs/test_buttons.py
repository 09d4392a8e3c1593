"""The buttons under a job: pressed by its owner, by others, twice, too late, and after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cogs.access import Doors
from jobs.model import Card, Derivation, Derived, JobState
from jobs.ports import Standing

from .jobs import job_in
from .world import CHINESE, World, buttons, open_world, words


async def asked(world: World, prompt: str = "a fox") -> Any:
    """The card of a job just asked for."""
    result = await world.alice.slash(world.channel, "video create", prompt=prompt)
    return result.response


async def refused(world: World) -> Any:
    """The card of a job that the provider refused."""
    await asked(world, "a fox #refuse")
    await world.finish()
    return world.posts[0]


async def undelivered(world: World) -> Any:
    """The card of a job whose video could be posted nowhere."""
    await asked(world)
    world.env.inject_error("POST", "/channels/*/messages", status=403, code=50013, times=None)
    await world.finish()
    world.env.backend.faults.clear()
    await world.later(60)
    return world.posts[0]


async def test_cancel_changes_the_card_at_once(world: World) -> None:
    card = await asked(world)
    await world.alice.click(card, label="Cancel")

    assert "Cancelled" in words(world.posts[0])
    assert "Nothing was charged." in words(world.posts[0])
    assert list(buttons(world.posts[0])) == ["Try again"]
    assert (await world.only_job()).state is JobState.CANCELLED


async def test_cancel_pressed_on_a_private_card_keeps_its_reader_s_language(world: World) -> None:
    await asked(world)
    shown = await world.typed(world.alice, "show", CHINESE)
    await world.pressed(world.alice, shown.response, buttons(shown.response)["取消"], CHINESE)

    assert "已取消" in words(shown.response)


async def test_cancel_pressed_by_somebody_else_is_answered_privately_and_changes_nothing(world: World) -> None:
    card = await asked(world)
    result = await world.bob.click(card, label="Cancel")

    assert result.ephemeral
    assert "Only the person who asked" in words(result.response)
    assert (await world.only_job()).state is JobState.RECEIVED


async def test_cancel_pressed_too_late_is_answered_privately(world: World) -> None:
    card = await asked(world)
    pressed = buttons(card)["Cancel"]
    await world.later(0)
    result = await world.pressed(world.alice, card, pressed, CHINESE)

    assert result.ephemeral
    assert "已经来不及了：这个视频的状态是“生成中”" in words(result.response)


async def test_buttons_work_after_a_restart(world: World) -> None:
    card = await asked(world)
    await world.env.restart_bot(world.make_bot())
    await world.alice.click(card, label="Cancel")

    assert "Cancelled" in words(world.posts[0])


async def test_try_again_makes_a_new_job_with_a_card_of_its_own(world: World) -> None:
    card = await refused(world)
    assert "content rules do not allow this prompt" in words(card)
    assert "Nothing was charged." in words(card)

    result = await world.alice.click(card, label="Try again")
    newest, oldest = await world.store.jobs_of(world.alice.id)

    assert "Received" in words(result.response)
    assert newest.derivation == Derivation(kind=Derived.RETRY, source_id=oldest.id)
    assert newest.request == oldest.request
    assert "Failed" in words(world.posts[0])


async def test_try_again_pressed_twice_makes_one_job(world: World) -> None:
    card = await refused(world)
    await world.alice.click(card, label="Try again")
    result = await world.alice.click(card, label="Try again")

    assert result.ephemeral
    assert "You have pressed that already" in words(result.response)
    assert len(await world.store.jobs_of(world.alice.id)) == 2
    assert len(world.posts) == 2


async def test_try_again_is_for_the_requester_only(world: World) -> None:
    card = await refused(world)
    result = await world.bob.click(card, label="Try again")

    assert result.ephemeral
    assert "Only the person who asked for this video may do that. Make your own with </video create:" in words(
        result.response
    )
    assert len(await world.store.jobs_of(world.alice.id)) == 1


async def forgotten(world: World, state: JobState) -> Any:
    """The card of a job that is no longer in the database."""
    place = {"channel_id": world.channel.id, "guild_id": world.guild.id, "user_id": world.alice.id}
    await world.courier.show_card(job_in(state, origin=place), Card(job_id="job00001"), Standing())
    return world.posts[-1]


async def test_try_again_is_no_way_around_the_allow_list(tmp_path: Path) -> None:
    async with open_world(tmp_path, doors=Doors(guild_ids=frozenset({1}))) as world:
        result = await world.alice.click(await forgotten(world, JobState.FAILED), label="Try again")

        assert result.ephemeral
        assert "not enabled for this server" in words(result.response)


async def test_a_press_on_a_job_that_is_gone_is_answered(world: World) -> None:
    for state in (JobState.QUEUED, JobState.FAILED, JobState.UNDELIVERED):
        card = await forgotten(world, state)
        [pressed] = buttons(card).values()
        result = await world.pressed(world.alice, card, pressed)

        assert result.ephemeral
        assert "no such video" in words(result.response)


async def test_fetch_sends_an_undelivered_video_out_again(world: World) -> None:
    card = await undelivered(world)
    assert "Undelivered" in words(card)
    assert (await world.only_job()).state is JobState.UNDELIVERED

    await world.alice.click(card, label="Fetch")
    assert "Downloading" in words(world.posts[0])

    await world.finish()
    assert (await world.only_job()).state is JobState.DONE
    assert len(world.posts[-1].attachments) == 1
    assert len(world.simulator.ledger.paid_creates()) == 1


async def no_time_at_all(_: float) -> None:
    """A second that is over before any database can answer."""


async def test_a_slow_press_is_acknowledged_and_still_shown(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        card = await asked(world)
        await world.alice.click(card, label="Cancel")

        assert [answer["type"] for answer in world.acknowledgements] == [5, 6]
        assert "Cancelled" in words(world.posts[0])


async def test_a_slow_press_that_fails_is_answered_privately(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        card = await asked(world)
        result = await world.bob.click(card, label="Cancel")

        assert "Only the person who asked" in words(result.followups[0])
        assert result.followups[0].ephemeral
        assert "Received" in words(world.posts[0])
