"""`/video compose`: long prompts and pictures in a form; what is refused is not lost, wherever and in whatever language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobs.limits import Limits
from jobs.model import JobState, Mode, Role
from locales import Texts
from minimax.catalog import MiniMaxCatalog

from .files import picture
from .filling import filled, form, options, parts, send, speaking, told
from .world import CHINESE, World, buttons, open_world, words

DAY = 86400.0
LONG = "a fox " * 400


async def compose(world: World, person: Any = None, channel: Any = None, **parts: Any) -> Any:
    who = person or world.alice
    return await send(who, await who.slash(channel or world.channel, "video compose"), **parts)


async def again(world: World, refused: Any, person: Any = None) -> Any:
    """*Open the form again* pressed under a refusal."""
    [button] = buttons(refused.response).values()
    return await world.pressed(person or world.alice, refused.response, button)


async def nothing_happened(world: World) -> bool:
    return not await world.store.jobs_of(world.alice.id) and not world.simulator.requests.all()


# --- what it asks ------------------------------------------------------------------------------------------------


async def test_every_model_can_be_chosen_and_those_that_need_a_picture_say_so(texts: Texts) -> None:
    shown = form("compose", MiniMaxCatalog(), texts.for_locale("en-US"))
    about = {option["value"]: option["description"] for option in parts(shown)["size"]["options"]}

    assert about["MiniMax-Hailuo-02 1080P"] == "6 s · $0.49"
    assert about["MiniMax-Hailuo-2.3-Fast 768P"].endswith(" · only with a picture")
    assert len(about) == len(parts(shown)["size"]["options"]) <= 25


async def test_nothing_is_chosen_beforehand_so_that_what_is_left_out_can_follow_the_rest(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video compose")
    assert filled(shown.modal) == {}

    await send(world.alice, shown, prompt="a fox", duration=["10"])
    request = (await world.only_job()).request
    assert (request.duration, request.resolution) == (10, "768P")


# --- what comes of it --------------------------------------------------------------------------------------------


async def test_a_prompt_alone_makes_a_video_of_the_usual_kind(world: World) -> None:
    result = await compose(world, prompt="a fox\nin the snow")

    assert not result.ephemeral
    assert "Received" in words(result.response)
    request = (await world.only_job()).request
    assert (request.prompt, request.mode, request.model) == ("a fox\nin the snow", Mode.TEXT, "MiniMax-Hailuo-02")
    await world.finish()
    assert (await world.only_job()).state is JobState.DONE


async def test_a_picture_may_go_without_a_prompt(world: World) -> None:
    await compose(world, frames=[picture()])
    await world.finish()
    job = await world.only_job()

    assert (job.state, job.request.prompt) == (JobState.DONE, "")
    assert [one.role for one in job.request.inputs] == [Role.FIRST_FRAME]


async def test_of_two_pictures_the_first_begins_and_the_second_ends_the_video(world: World) -> None:
    await compose(world, prompt="a boat", frames=[picture(name="b.png"), picture(name="a.png")])

    inputs = (await world.only_job()).request.inputs
    assert [(one.role, one.filename) for one in inputs] == [(Role.FIRST_FRAME, "b.png"), (Role.LAST_FRAME, "a.png")]


async def test_a_picture_sent_as_a_spoiler_makes_a_veiled_video(world: World) -> None:
    await compose(world, frames=[picture(name="SPOILER_boat.png")])

    assert (await world.only_job()).veiled


async def test_model_size_and_length_are_those_chosen(world: World) -> None:
    await compose(world, prompt="a fox", size=["MiniMax-H3 2K"], duration=["15"])

    request = (await world.only_job()).request
    assert (request.model, request.resolution, request.duration) == ("MiniMax-H3", "2K", 15)


async def test_own_words_are_taken_as_they_are_where_that_is_asked_for(world: World) -> None:
    await compose(world, prompt="a fox", extras=["verbatim"])

    assert not (await world.only_job()).request.prompt_optimizer


async def test_only_for_me_keeps_card_and_video_out_of_the_channel(world: World) -> None:
    result = await compose(world, prompt="a fox", extras=["private"])

    assert result.ephemeral
    assert (await world.only_job()).origin.private
    assert not world.posts


async def test_in_a_direct_message_there_is_nobody_to_hide_it_from(world: World) -> None:
    person = world.alice.user
    shown = await person.slash("video compose")
    assert options(shown.modal, "extras") == ["verbatim"]

    await send(person, shown, prompt="a fox")
    await world.finish()
    assert (await world.only_job()).state is JobState.DONE
    assert not world.posts


async def test_in_a_thread_the_video_is_posted_in_the_thread(world: World) -> None:
    made = world.env.backend.create_thread(world.channel.id, name="boats", owner_id=world.alice.id)
    await world.env.settle()
    [thread] = [one for one in world.channel.threads if one.id == made.id]
    await compose(world, channel=thread, prompt="a fox")
    await world.finish()

    assert (await world.only_job()).origin.channel_id == thread.id
    assert len(thread.history()[-1].attachments) == 1


# --- refused, and opened again -----------------------------------------------------------------------------------


async def test_a_prompt_that_is_too_long_says_by_how_much_and_is_there_again(world: World) -> None:
    refused = await compose(world, prompt=LONG, frames=[picture()], size=["MiniMax-Hailuo-02 768P"], duration=["10"])

    assert refused.ephemeral
    assert "The prompt has 2399 characters; at most 2000 are possible. Shorten it by 399." in words(refused.response)
    assert "Nothing was charged." in words(refused.response)
    assert list(buttons(refused.response)) == ["Open the form again"]
    assert await nothing_happened(world)

    shown = await again(world, refused)
    assert filled(shown.modal) == {"prompt": LONG, "size": ["MiniMax-Hailuo-02 768P"], "duration": ["10"]}
    assert told(shown.modal)["frames"] == "New files take the place of: boat.png"

    result = await send(world.alice, shown, prompt="a fox")
    assert "Received" in words(result.response)
    request = (await world.only_job()).request
    assert (request.prompt, request.duration) == ("a fox", 10)
    assert [one.filename for one in request.inputs] == ["boat.png"]


async def test_everything_ticked_is_ticked_again(world: World) -> None:
    refused = await compose(world, prompt=LONG, extras=["private", "verbatim"])
    shown = await again(world, refused)
    assert filled(shown.modal)["extras"] == ["private", "verbatim"]

    await send(world.alice, shown, prompt="a fox")
    job = await world.only_job()
    assert (job.origin.private, job.request.prompt_optimizer) == (True, False)


async def test_a_form_may_be_refused_twice(world: World) -> None:
    refused = await compose(world, prompt=LONG)
    refused = await send(world.alice, await again(world, refused), extras=["verbatim"])
    shown = await again(world, refused)

    assert filled(shown.modal) == {"prompt": LONG, "extras": ["verbatim"]}


async def test_without_prompt_and_picture_there_is_nothing_to_make(world: World) -> None:
    refused = await compose(world)

    assert "The prompt holds nothing that can be read." in words(refused.response)
    assert await nothing_happened(world)


async def test_a_model_that_needs_a_picture_is_refused_without_one(world: World) -> None:
    refused = await compose(world, prompt="a fox", size=["MiniMax-Hailuo-2.3-Fast 768P"])
    assert "Model MiniMax-Hailuo-2.3-Fast does not fit." in words(refused.response)

    await send(world.alice, await again(world, refused), frames=[picture()])
    assert (await world.only_job()).request.model == "MiniMax-Hailuo-2.3-Fast"


async def test_a_file_that_is_no_picture_is_refused_and_not_kept(world: World) -> None:
    refused = await compose(world, prompt="a fox", frames=[("notes.txt", b"words")])
    assert "**notes.txt**: This kind of file is not supported." in words(refused.response)

    await send(world.alice, await again(world, refused))
    assert (await world.only_job()).request.mode is Mode.TEXT


async def test_where_a_limit_is_reached_the_form_can_be_sent_later(tmp_path: Path) -> None:
    async with open_world(tmp_path, limits=Limits(user_videos_at_once=1)) as world:
        await compose(world, prompt="a fox")
        refused = await compose(world, prompt="a hare")
        assert "as many videos under way as you may" in words(refused.response)

        await world.finish()
        await send(world.alice, await again(world, refused))
        assert {job.request.prompt for job in await world.store.jobs_of(world.alice.id)} == {"a fox", "a hare"}


async def test_nobody_else_can_open_it_again(world: World) -> None:
    refused = await compose(world, prompt=LONG)
    result = await again(world, refused, world.bob)

    assert result.modal is None
    assert result.ephemeral
    assert "Only the person who asked" in words(result.response)


async def test_after_a_day_it_is_no_longer_kept(world: World) -> None:
    refused = await compose(world, prompt=LONG)
    world.clock.at += DAY + 1
    result = await again(world, refused)

    assert result.ephemeral
    assert "no longer kept" in words(result.response)


# --- over a restart, and in Chinese ------------------------------------------------------------------------------


async def test_it_is_taken_after_a_restart(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video compose")
    await world.env.restart_bot(world.make_bot())
    result = await send(world.alice, shown, prompt="a fox")

    assert "Received" in words(result.response)


async def test_it_is_opened_again_and_taken_after_restarts(world: World) -> None:
    refused = await compose(world, prompt=LONG, frames=[picture()])
    await world.env.restart_bot(world.make_bot())
    shown = await again(world, refused)
    await world.env.restart_bot(world.make_bot())
    await send(world.alice, shown, prompt="a fox")

    assert len((await world.only_job()).request.inputs) == 1


async def test_a_chinese_client_reads_chinese_all_the_way(world: World) -> None:
    with speaking(world, CHINESE):
        shown = await world.alice.slash(world.channel, "video compose")
        refused = await send(world.alice, shown, prompt=LONG)
    assert shown.modal is not None

    assert shown.modal["title"] == "新视频"
    assert [part["label"] for part in shown.modal["components"]] == ["提示词", "图片", "模型和分辨率", "时长", "其他"]
    assert "请删去 399 个。\n没有扣费。" in words(refused.response)
    assert list(buttons(refused.response)) == ["重新打开表单"]
