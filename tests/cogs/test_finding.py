"""`/video show`, `queue`, `privacy` and `help` as pages with buttons: as requester, as others, anywhere, after a restart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cogs.access import Doors
from cogs.desk import CommandLinks
from cogs.ui.pages import render_queue
from demo.simulator.tasks import Stages
from jobs.errors import Reason, UnknownJob
from jobs.model import Failure, JobState, Posted
from jobs.ports import Standing
from jobs.service import QueueView
from locales import Texts

from .jobs import NOW, job_in
from .test_create import a_thread
from .test_history import kept
from .world import CHINESE, World, buttons, guest_of, open_world, words


async def ask(world: World, prompt: str = "a fox", **options: Any) -> Any:
    """The card of a video just asked for."""
    return (await world.alice.slash(world.channel, "video create", prompt=prompt, **options)).response


# --- show --------------------------------------------------------------------------------------------------------


async def test_show_offers_what_its_requester_may_do_with_a_finished_video(world: World) -> None:
    await kept(world, 1, posted=Posted(channel_id=world.channel.id, message_id=77))
    result = await world.alice.slash(world.channel, "video show")

    assert result.ephemeral
    assert list(buttons(result.response)) == ["Again", "Edit", "Favourite"]
    assert "Watch" in words(result.response)


async def test_show_offers_others_in_the_server_only_what_they_may_do(world: World) -> None:
    await kept(world, 1)
    result = await world.bob.slash(world.channel, "video show", job="job00001")

    assert list(buttons(result.response)) == ["Favourite"]


async def test_show_offers_to_fetch_what_could_not_be_delivered(world: World) -> None:
    await kept(world, 1, JobState.UNDELIVERED, failure=Failure(reason=Reason.DIRECT_CLOSED))
    result = await world.alice.slash(world.channel, "video show")

    assert "you take no direct messages from me" in words(result.response)
    assert list(buttons(result.response)) == ["Fetch"]


async def test_nobody_else_in_the_server_may_look_at_a_private_video(world: World) -> None:
    await kept(world, 1, origin={"private": True})
    others = await world.bob.slash(world.channel, "video show", job="job00001")
    own = await world.alice.slash(world.channel, "video show", job="job00001")

    assert "no such video" in words(others.response)
    assert "> wish 1" in words(own.response)


async def test_show_works_in_a_direct_message_and_in_a_thread(world: World) -> None:
    await kept(world, 1)
    in_direct = await world.alice.user.slash("video show")
    in_thread = await world.alice.slash(await a_thread(world), "video show")

    assert "> wish 1" in words(in_direct.response)
    assert "> wish 1" in words(in_thread.response)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("show", "> wish 1"),
        ("queue", "None under way."),
        ("help", "</video history:"),
        ("privacy", "MiniMax makes"),
        ("cancel", "no video that can still be cancelled"),
    ],
)
@pytest.mark.parametrize("group", [False, True])
async def test_private_pages_are_there_where_the_bot_is_no_member(
    world: World, command: str, said: str, group: bool
) -> None:
    await kept(world, 1)
    result = await world.typed(world.alice, command, guest_of(world.alice, group=group))

    assert result.ephemeral
    assert said in words(result.response)


async def test_show_finds_a_video_among_hundreds_by_its_words(world: World) -> None:
    await kept(world, 1, prompt="a fox in the snow, seen from above")
    for number in range(2, 130):
        await kept(world, number)
    [found] = await world.alice.autocomplete(world.channel, "video show", "job", "snow FOX")

    assert found == {"name": "Done · a fox in the snow, seen from above", "value": "job00001"}


async def test_show_offers_the_newest_that_discord_has_room_for(world: World) -> None:
    for number in range(1, 30):
        await kept(world, number)
    offered = await world.alice.autocomplete(world.channel, "video show", "job", "")

    assert [choice["value"] for choice in offered] == [f"job{number:05}" for number in range(29, 4, -1)]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("100%", ["job00001"]),
        ("a_b", ["job00003"]),
        ("job00004", ["job00004"]),
        ("Done · a fox", ["job00004"]),
        ("nothing like it", []),
    ],
)
async def test_show_takes_what_is_typed_as_it_is_typed(world: World, typed: str, expected: list[str]) -> None:
    for number, prompt in enumerate(["100% wool", "1000 wools", "a_b", "a fox"], start=1):
        await kept(world, number, prompt=prompt)
    await kept(world, 9, origin={"user_id": world.bob.id}, prompt="100% a_b")
    offered = await world.alice.autocomplete(world.channel, "video show", "job", typed)

    assert [choice["value"] for choice in offered] == expected


@pytest.mark.parametrize("prompt", ["x" * 2000, "ש" * 2000, "👨‍👩‍👧" * 300])
async def test_a_choice_is_short_enough_whatever_the_prompt(world: World, prompt: str) -> None:
    await kept(world, 1, JobState.UNDELIVERED, prompt=prompt)
    [found] = await world.alice.autocomplete(world.channel, "video show", "job", "")

    assert len(found["name"]) <= 100


async def test_a_prompt_that_runs_from_right_to_left_leaves_the_state_before_it(world: World) -> None:
    await kept(world, 1, prompt="ثعلب")
    [found] = await world.alice.autocomplete(world.channel, "video show", "job", "ثعلب")

    assert found["name"] == "Done · \u2068ثعلب\u2069"


async def test_a_press_shows_the_estimate_of_a_video_that_is_being_made(world: World) -> None:
    await ask(world)
    await world.later(0)
    result = await world.alice.slash(world.channel, "video show")

    assert "▱ usually about" in words(result.response)


# --- queue -------------------------------------------------------------------------------------------------------


async def test_cancel_in_the_queue_changes_that_line_and_leaves_the_others(world: World) -> None:
    await ask(world, "first")
    await ask(world, "second")
    shown = (await world.alice.slash(world.channel, "video queue")).response
    first, second = await world.store.jobs_of(world.alice.id)
    first, second = sorted((first, second), key=lambda job: job.request.prompt)
    await world.pressed(world.alice, shown, f"video:unqueue:{first.id}")

    assert "**Cancelled** · Nothing was charged.\n> first" in words(shown)
    assert "> second" in words(shown)
    assert list(buttons(shown).values()) == [f"video:unqueue:{second.id}"]
    cancelled = await world.store.get(first.id)
    assert cancelled is not None
    assert cancelled.state is JobState.CANCELLED

    await world.later(0)
    assert "Cancelled" in words(world.posts[0])


async def test_cancel_in_the_queue_works_after_a_restart_and_in_chinese(world: World) -> None:
    await ask(world)
    shown = (await world.typed(world.alice, "queue", CHINESE)).response
    await world.env.restart_bot(world.make_bot())
    await world.pressed(world.alice, shown, buttons(shown)["取消"], CHINESE)

    assert "**已取消** · 没有扣费。" in words(shown)


async def test_cancel_in_a_queue_that_is_out_of_date_puts_it_right_and_says_so(world: World) -> None:
    await ask(world)
    shown = (await world.alice.slash(world.channel, "video queue")).response
    await world.later(0)
    result = await world.alice.click(shown, label="Cancel")

    assert "**Rendering**" in words(shown)
    assert buttons(shown) == {}
    assert "no longer possible: this video is at “Rendering”" in words(result.followups[0])
    assert result.followups[0].ephemeral


async def test_cancel_in_the_queue_asks_the_provider_where_it_can(tmp_path: Path) -> None:
    async with open_world(tmp_path, stages=Stages(preparing=0, queueing=600, processing=60)) as world:
        await ask(world, model="MiniMax-H3")
        await world.later(0)
        shown = (await world.alice.slash(world.channel, "video queue")).response
        await world.alice.click(shown, label="Cancel")

        assert "The provider is being asked to cancel it." in words(shown)
        assert buttons(shown) == {}


async def test_a_slow_press_in_the_queue_is_acknowledged_and_still_shown(tmp_path: Path) -> None:
    async def no_time_at_all(_: float) -> None:
        """A second that is over before any database can answer."""

    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        await ask(world)
        shown = (await world.alice.slash(world.channel, "video queue")).response
        await world.alice.click(shown, label="Cancel")

        assert [answer["type"] for answer in world.acknowledgements] == [5, 5, 6]
        assert "**Cancelled**" in words(shown)


async def test_the_queue_is_there_in_a_direct_message_with_the_jobs_from_everywhere(world: World) -> None:
    await ask(world)
    result = await world.alice.user.slash("video queue")

    assert "> a fox" in words(result.response)
    assert "in this server" not in words(result.response)
    assert "1 altogether" in words(result.response)


async def test_a_job_that_is_gone_is_said_to_be(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone(job_id: str, *, user_id: int) -> None:
        raise UnknownJob(f"{job_id} of {user_id}")

    await ask(world)
    shown = (await world.alice.slash(world.channel, "video queue")).response
    monkeypatch.setattr(world.service, "cancel", gone)
    result = await world.alice.click(shown, label="Cancel")

    assert result.ephemeral
    assert "no such video" in words(result.response)
    assert list(buttons(shown)) == ["Cancel"]


async def test_the_doors_of_the_house_hold_for_private_pages_too(world: World) -> None:
    await ask(world)
    shown = (await world.alice.slash(world.channel, "video queue")).response
    await world.env.restart_bot(world.make_bot(doors=Doors(guild_ids=frozenset({1}))))
    result = await world.alice.click(shown, label="Cancel")

    assert "not enabled for this server" in words(result.response)
    assert (await world.only_job()).state is JobState.RECEIVED


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("prompt", ["*" * 2000, "狐" * 2000, "ש" * 2000])
def test_the_fullest_queue_fits_discord(texts: Texts, locale: str, prompt: str) -> None:
    standing = Standing(position=900)
    own = tuple((job_in(JobState.QUEUED, id=f"job{number:022}", prompt=prompt), standing) for number in range(40))
    found = QueueView(own=own, guild_open=900, total_open=9000)
    cancelled = job_in(JobState.CANCELLED, prompt=prompt)
    view = render_queue(found, texts.for_locale(locale), CommandLinks(), cancelled=cancelled)

    assert view.content_length() < 4000
    assert len(list(view.walk_children())) <= 40


@pytest.mark.parametrize(
    ("standing", "state", "said"),
    [
        (Standing(position=1), JobState.QUEUED, "**Queued** · next in the queue"),
        (Standing(position=50), JobState.QUEUED, "**Queued** · 20 or more ahead in the queue"),
        (
            Standing(expected_end=NOW, usual=60, tenths=4),
            JobState.RENDERING,
            f"**Rendering** · ▰▰▰▰▱▱▱▱▱▱ · expected <t:{int(NOW)}:R>",
        ),
        (Standing(expected_end=NOW, usual=60, tenths=10), JobState.RENDERING, "**Rendering** · ▰▰▰▰▰▰▰▰▰▰\n"),
    ],
)
def test_each_line_of_the_queue_says_what_is_known(
    texts: Texts, standing: Standing, state: JobState, said: str
) -> None:
    found = QueueView(own=((job_in(state), standing),), guild_open=1, total_open=1)
    view = render_queue(found, texts.for_locale("en-US"), CommandLinks())

    assert any(said in str(getattr(item, "content", "")) for item in view.walk_children())


# --- privacy and help --------------------------------------------------------------------------------------------


async def test_privacy_says_what_is_kept_for_how_long_and_who_makes_the_video(world: World) -> None:
    result = await world.alice.slash(world.channel, "video privacy")
    text = words(result.response)

    assert result.ephemeral
    for said in ("MiniMax makes the videos", "Your prompts", "until 7 days after it has ended", "for a day", "30 days"):
        assert said in text


async def test_a_person_can_choose_to_be_told_directly_too_and_back(world: World) -> None:
    shown = (await world.alice.slash(world.channel, "video privacy")).response
    assert "**and send no direct message**" in words(shown)

    await world.alice.click(shown, label="Tell me directly, too")
    assert "I **also send you a direct message**" in words(shown)
    assert await world.store.library.wants_note(world.alice.id)
    assert not await world.store.library.wants_note(world.bob.id)

    await world.env.restart_bot(world.make_bot())
    await world.alice.click(shown, label="Tell me in the channel only")
    assert "**and send no direct message**" in words(shown)
    assert not await world.store.library.wants_note(world.alice.id)


async def test_whoever_wants_to_be_told_directly_is(world: World) -> None:
    shown = (await world.alice.slash(world.channel, "video privacy")).response
    await world.alice.click(shown, label="Tell me directly, too")
    await ask(world)
    await world.finish()

    [message] = world.alice.user.dm_channel.history()
    assert message.content.startswith("Your video is in the channel: https://discord.com/channels/")


async def test_privacy_speaks_chinese_in_a_direct_message_too(world: World) -> None:
    shown = (await world.typed(world.alice, "privacy", CHINESE)).response
    await world.pressed(world.alice, shown, buttons(shown)["同时私信通知我"], CHINESE)

    assert "**还会私信通知你**" in words(shown)

    in_direct = await world.alice.user.slash("video privacy")
    assert "I **also send you a direct message**" in words(in_direct.response)


async def test_help_is_there_in_a_direct_message(world: World) -> None:
    result = await world.alice.user.slash("video help")

    assert "</video history:" in words(result.response)
