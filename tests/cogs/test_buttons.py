"""The buttons under a job: pressed by its owner, by others, twice, too late, and after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest

from cogs.access import Doors
from cogs.recognise import carries_result_of
from jobs.model import Card, Derivation, Derived, JobState
from jobs.ports import Standing, Wanted

from .files import picture
from .finished import finished, job_of
from .jobs import job_in
from .world import CHINESE, Client, World, buttons, guest_of, open_world, words

EPHEMERAL = 64
"""Discord's flag for what only one person sees."""


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
    assert list(buttons(world.posts[0])) == ["Try again", "Edit"]
    assert (await world.only_job()).state is JobState.CANCELLED


async def test_a_press_that_is_shown_late_does_not_leave_the_past_on_the_card(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await undelivered(world)
    taken = discord.InteractionResponse.edit_message

    async def slowly(response: Any, **changes: Any) -> Any:
        await world.engine.run_due()
        return await taken(response, **changes)

    monkeypatch.setattr(discord.InteractionResponse, "edit_message", slowly)
    await world.alice.click(card, label="Fetch")
    assert (await world.only_job()).state is JobState.DONE
    await world.later(0)

    assert "Done" in words(world.posts[0])


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
    assert "可以查看它的情况和费用。" in words(result.response)


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
    assert "Only the person who asked for this video can try it again. Make your own with </video create:" in words(
        result.response
    )
    assert len(await world.store.jobs_of(world.alice.id)) == 1


async def test_again_makes_one_more_video_of_the_same_request(world: World) -> None:
    video = await finished(world)
    result = await world.alice.click(video, label="Again")
    newest, oldest = await world.store.jobs_of(world.alice.id)

    assert "Received" in words(result.response)
    assert newest.derivation == Derivation(kind=Derived.AGAIN, source_id=oldest.id)
    assert newest.request == oldest.request

    await world.finish()
    assert len(world.simulator.ledger.paid_creates()) == 2
    assert len(world.posts[-1].attachments) == 1


async def test_again_pressed_twice_makes_one_job_and_pressed_later_another(world: World) -> None:
    video = await finished(world)
    await world.alice.click(video, label="Again")
    result = await world.alice.click(video, label="Again")
    assert result.ephemeral
    assert "You have pressed that already" in words(result.response)
    assert len(await world.store.jobs_of(world.alice.id)) == 2

    await world.later(60)
    await world.alice.click(video, label="Again")
    assert len(await world.store.jobs_of(world.alice.id)) == 3


async def test_a_press_that_discord_delivers_twice_makes_one_job(world: World) -> None:
    video = await finished(world)
    await world.pressed(world.alice, video, buttons(video)["Again"], Client(deliveries=2))

    assert len(await world.store.jobs_of(world.alice.id)) == 2


async def test_a_video_made_from_a_picture_is_made_again_though_its_link_has_expired(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a fox", image=picture())
    await world.finish()

    def gone(_: str) -> None:
        """What the CDN has by then."""

    monkeypatch.setattr(world.env.backend.cdn, "get", gone)
    await world.alice.click(world.posts[-1], label="Again")
    await world.finish()

    assert (await world.store.jobs_of(world.alice.id))[0].state is JobState.DONE


async def test_again_works_in_a_direct_message(world: World) -> None:
    person = world.alice.user
    await person.slash("video create", prompt="a fox")
    await world.finish()
    await person.click(person.dm_channel.history()[-1], label="Again")
    await world.finish()

    assert len(person.dm_channel.history()) == 4


async def test_what_was_private_stays_private_when_it_is_made_again(world: World) -> None:
    await world.typed(world.alice, "create", prompt="a fox", private=True)
    await world.finish()
    [video] = world.alice.user.dm_channel.history()
    assert "Share" not in buttons(video)
    before = len(world.posts)
    await world.alice.user.click(video, label="Again")
    await world.finish()

    assert len(world.posts) == before
    assert (await world.store.jobs_of(world.alice.id))[0].state is JobState.DONE
    assert carries_result_of(
        world.alice.user.dm_channel.history()[-1], (await world.store.jobs_of(world.alice.id))[0].id
    )


@pytest.mark.parametrize("label", ["Again", "Edit", "Extend", "Favourite", "Delete"])
async def test_every_button_is_answered_where_the_bot_is_no_member(world: World, label: str) -> None:
    guest = guest_of(world.alice)
    asked_for = await world.typed(world.alice, "create", guest, prompt="a fox")
    await world.finish()
    video = asked_for.response
    assert list(buttons(video)) == ["Again", "Edit", "Extend", "Favourite", "Delete"]
    result = await world.pressed(world.alice, video, buttons(video)[label], guest)

    assert result.acknowledged
    if label in {"Edit", "Extend", "Delete"}:
        assert result.modal is not None
    else:
        assert {"Again": "Received", "Favourite": "Kept as a favourite."}[label] in words(result.response)


async def test_anybody_keeps_a_favourite_and_drops_it_again(world: World) -> None:
    video = await finished(world)
    job = await job_of(world, video)
    kept = await world.bob.click(video, label="Favourite")
    assert kept.ephemeral
    assert "Kept as a favourite." in words(kept.response)
    assert "</video history:" in words(kept.response)
    found = await world.store.library.history(world.bob.id, Wanted(favourites=True), offset=0, limit=5)
    assert [one.id for one in found.jobs] == [job.id]

    dropped = await world.bob.click(video, label="Favourite")
    assert "No longer a favourite." in words(dropped.response)
    found = await world.store.library.history(world.bob.id, Wanted(favourites=True), offset=0, limit=5)
    assert found.total == 0


async def test_a_slow_favourite_is_still_answered_privately(tmp_path: Path) -> None:
    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        video = await finished(world)
        result = await world.bob.click(video, label="Favourite")

        assert world.acknowledgements[-1]["data"]["flags"] == EPHEMERAL
        assert "Kept as a favourite." in words(result.response)


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Again", "can have it made again. Make your own with </video create:"),
        ("Edit", "can edit it. Make your own with </video create:"),
        ("Extend", "open the menu of this message, then **Apps**, **Continue this video**."),
        ("Share", "can share it. To find it again yourself, press **Favourite**."),
        ("Delete", "or a moderator, can delete it. If it should not be here, tell a moderator."),
    ],
)
async def test_others_are_told_privately_what_they_can_do_instead(world: World, label: str, said: str) -> None:
    video = await finished(world)
    result = await world.bob.click(video, label=label)

    assert result.ephemeral
    assert said in words(result.response)
    assert len(await world.store.jobs_of(world.bob.id)) == 0


async def test_the_buttons_of_a_result_work_after_a_restart(world: World) -> None:
    video = await finished(world)
    await world.env.restart_bot(world.make_bot())
    await world.bob.click(video, label="Favourite")
    result = await world.alice.click(video, label="Again")

    assert "Received" in words(result.response)


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
        for pressed in buttons(card).values():
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
