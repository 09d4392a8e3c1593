"""`/video queue`, `show`, `cancel` and `help`, as typed; and what all commands share: refusals and mishaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cogs.desk import CommandLinks
from cogs.video import Video
from demo.simulator.tasks import Stages
from jobs.errors import StoreUnavailable
from jobs.model import JobState
from locales import Texts

from .world import CHINESE, Client, World, buttons, open_world, words

COMMANDS = {command.name for command in Video.__cog_app_commands__} - {"video"}


async def ask(world: World, prompt: str = "a fox") -> None:
    await world.alice.slash(world.channel, "video create", prompt=prompt)


async def test_queue_lists_one_s_own_jobs_oldest_first_and_how_busy_it_is(world: World) -> None:
    await ask(world, "first")
    await ask(world, "second")
    await world.bob.slash(world.channel, "video create", prompt="somebody else's")
    result = await world.alice.slash(world.channel, "video queue")
    text = words(result.response)

    assert result.ephemeral
    assert text.index("next in the queue\n> first") < text.index("in the queue\n> second")
    assert "somebody else's" not in text
    assert "3 videos under way in this server · 3 altogether" in text


async def test_queue_says_when_to_expect_a_video_that_is_being_made(world: World) -> None:
    await ask(world)
    await world.later(0)
    result = await world.alice.slash(world.channel, "video queue")

    assert "**Rendering** · ▱▱▱▱▱▱▱▱▱▱ · expected <t:" in words(result.response)


async def test_an_empty_queue_says_how_to_start(world: World) -> None:
    result = await world.alice.slash(world.channel, "video queue")

    assert "None under way. Start one with </video create:" in words(result.response)


async def test_a_long_queue_fits_one_screen(world: World) -> None:
    for number in range(12):
        await ask(world, f"wish {number}")
    result = await world.alice.slash(world.channel, "video queue")

    assert words(result.response).count("> wish") == 10
    assert "and 2 more" in words(result.response)


async def test_show_without_a_job_shows_the_newest(world: World) -> None:
    await ask(world, "older")
    world.clock.at += 1
    await ask(world, "newer")
    result = await world.alice.slash(world.channel, "video show")

    assert result.ephemeral
    assert "> newer" in words(result.response)
    assert list(buttons(result.response)) == ["Cancel"]


async def test_show_finds_jobs_by_their_prompt(world: World) -> None:
    await ask(world, "a fox in the snow")
    await ask(world, "a cat")
    [found] = await world.alice.autocomplete(world.channel, "video show", "job", "FOX")
    result = await world.alice.slash(world.channel, "video show", job=found["value"])

    assert found["name"] == "Received · a fox in the snow"
    assert "> a fox in the snow" in words(result.response)


async def test_show_speaks_the_reader_s_language(world: World) -> None:
    await ask(world)
    result = await world.typed(world.alice, "show", Client(locale="zh-CN"))

    assert "已收到" in words(result.response)


async def test_others_in_the_server_may_look_at_a_job(world: World) -> None:
    await ask(world)
    result = await world.bob.slash(world.channel, "video show", job=(await world.only_job()).id)

    assert "> a fox" in words(result.response)


async def test_nobody_may_look_at_a_job_from_elsewhere(world: World) -> None:
    await ask(world)
    elsewhere = world.env.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("general")
    carol = elsewhere.add_member(world.env.create_user("carol"))
    result = await carol.slash(channel, "video show", job=(await world.only_job()).id)

    assert "no such video" in words(result.response)


@pytest.mark.parametrize("typed", ["nonsense", "x" * 100])
async def test_a_job_that_does_not_exist_is_said_not_to(world: World, typed: str) -> None:
    for command in ("video show", "video cancel"):
        result = await world.alice.slash(world.channel, command, job=typed)
        assert result.ephemeral
        assert "no such video" in words(result.response)


async def test_show_with_nothing_to_show_says_how_to_start(world: World) -> None:
    result = await world.alice.slash(world.channel, "video show")

    assert "You have not asked for a video yet. Start with </video create:" in words(result.response)


async def test_cancel_without_a_job_takes_back_the_newest_that_is_still_free(world: World) -> None:
    await ask(world, "a fox in the snow")
    result = await world.alice.slash(world.channel, "video cancel")

    assert result.ephemeral
    assert words(result.response) == "**Cancelled.** Nothing was charged.\n> a fox in the snow"

    await world.finish()
    assert (await world.only_job()).state is JobState.CANCELLED
    assert "Cancelled" in words(world.posts[0])
    assert world.simulator.ledger.paid_creates() == []


async def test_cancel_offers_only_what_is_still_free(world: World) -> None:
    await ask(world, "already paid")
    await world.later(0)
    await ask(world, "still free")
    offered = await world.alice.autocomplete(world.channel, "video cancel", "job", "")

    assert [choice["name"] for choice in offered] == ["Received · still free"]


async def test_cancel_after_the_submit_says_that_it_is_too_late(world: World) -> None:
    await ask(world)
    await world.later(0)
    result = await world.alice.slash(world.channel, "video cancel", job=(await world.only_job()).id)

    assert "no longer possible: this video is at “Rendering”" in words(result.response)
    assert "charged" not in words(result.response)


async def ask_h3(world: World) -> Any:
    """A video of H3, with the provider already."""
    result = await world.alice.slash(world.channel, "video create", prompt="a fox", model="MiniMax-H3")
    await world.later(0)
    return result.response


async def test_a_video_of_h3_is_cancelled_at_the_provider_as_long_as_it_has_not_begun(tmp_path: Path) -> None:
    async with open_world(tmp_path, stages=Stages(preparing=0, queueing=600, processing=60)) as world:
        await ask_h3(world)
        result = await world.alice.slash(world.channel, "video cancel")

        assert result.ephemeral
        assert "**The provider is being asked to cancel.**" in words(result.response)

        await world.later(1)
        assert (await world.only_job()).state is JobState.CANCELLED
        assert "Cancelled" in words(world.posts[0])
        assert "Nothing was charged." in words(world.posts[0])


async def test_a_video_of_h3_that_has_begun_comes_all_the_same(world: World) -> None:
    card = await ask_h3(world)
    await world.alice.click(card, label="Cancel")
    assert "The provider is being asked to cancel it." in words(world.posts[0])

    await world.finish()
    assert (await world.only_job()).state is JobState.DONE
    assert "asked to cancel" not in words(world.posts[0])


async def test_cancel_with_nothing_to_cancel_says_why(world: World) -> None:
    result = await world.alice.slash(world.channel, "video cancel")

    assert "no video that can still be cancelled" in words(result.response)


async def test_somebody_else_s_video_cannot_be_cancelled(world: World) -> None:
    await ask(world)
    job = await world.only_job()
    result = await world.bob.slash(world.channel, "video cancel", job=job.id)

    assert result.ephemeral
    assert "Only the person who asked" in words(result.response)
    assert (await world.store.get(job.id)) == job


async def test_help_fits_one_screen_and_links_each_command(world: World) -> None:
    result = await world.alice.slash(world.channel, "video help")
    text = words(result.response)

    assert result.ephemeral
    assert all(f"</video {name}:" in text for name in COMMANDS - {"help"})
    assert len(text.split("\n")) <= 16
    assert len(text) < 1800


async def test_help_is_there_in_chinese(world: World) -> None:
    result = await world.typed(world.alice, "help", CHINESE)

    assert "用文字和图片做视频" in words(result.response)


@pytest.mark.parametrize(("locale", "expected"), [("en-US", "`/video create`"), ("zh-CN", "`/video 生成`")])
def test_a_command_whose_id_is_unknown_is_named_as_its_reader_sees_it(texts: Texts, locale: str, expected: str) -> None:
    assert CommandLinks().video("create", texts.for_locale(locale)) == expected


@pytest.mark.parametrize("command", ["vanished", "create"])
async def test_a_client_that_still_has_an_older_command_is_asked_to_type_it_anew(world: World, command: str) -> None:
    result = await world.typed(world.alice, command)

    assert result.ephemeral
    assert "This command has just changed." in words(result.response)


async def test_a_mishap_is_apologised_for_under_a_name_that_is_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(**_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.service, "queue", broken)
    result = await world.alice.slash(world.channel, "video queue")

    assert result.ephemeral
    assert "something went wrong inside this bot. The log has it as `incident1`." in words(result.response)
    assert "Nothing was charged." in words(result.response)
    assert "incident=incident1" in capsys.readouterr().out


async def test_after_a_mishap_at_the_commit_nobody_is_told_that_it_was_free(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(world.service, "submit", broken)
    result = await world.alice.slash(world.channel, "video create", prompt="a fox")

    assert "incident1" in words(result.response)
    assert "queue:" in words(result.response)
    assert "does not show the video, nothing was made and nothing was charged" in words(result.response)


@pytest.mark.parametrize("pressed", [False, True])
async def test_after_a_mishap_while_cancelling_nobody_is_told_that_it_was_free(
    world: World, monkeypatch: pytest.MonkeyPatch, *, pressed: bool
) -> None:
    async def locked(*_: Any, **__: Any) -> None:
        raise StoreUnavailable("database is locked")

    asked: Any = await world.alice.slash(world.channel, "video create", prompt="a fox")
    monkeypatch.setattr(world.service, "cancel", locked)
    if pressed:
        result = await world.alice.click(asked.response, label="Cancel")
    else:
        result = await world.alice.slash(world.channel, "video cancel")

    assert "Nothing was charged" not in words(result.response)
    assert "Nobody can tell whether it was cancelled, so it may still cost something: look at </video queue:" in words(
        result.response
    )


async def test_a_database_that_does_not_answer_is_called_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def locked(**_: Any) -> None:
        raise StoreUnavailable("database is locked")

    monkeypatch.setattr(world.service, "queue", locked)
    result = await world.typed(world.alice, "queue", CHINESE)

    assert "暂时连不上数据库" in words(result.response)


async def never(_: float) -> None:
    """A second that is over before any database can answer."""


@pytest.mark.parametrize("command", ["queue", "show", "cancel"])
async def test_a_slow_private_answer_stays_private(tmp_path: Path, command: str) -> None:
    async with open_world(tmp_path, sleep=never) as world:
        result = await world.alice.slash(world.channel, f"video {command}")

        assert [answer["type"] for answer in world.acknowledgements] == [5]
        assert result.ephemeral
        assert words(result.response)
