"""*Extend*: the next video begins where this one ends, and knows what it continues."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from cogs.ui.buttons import Action, button_row
from jobs.model import Derivation, Derived, Draft, JobState, MediaSource, Mode, Note, Role
from minimax.catalog import MiniMaxCatalog

from .files import picture
from .filling import filled, options, send
from .finished import finished, the_job, watchable
from .world import World, buttons, open_world, words


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    watchable(world, monkeypatch)
    return world


async def extend(world: World, message: Any, person: Any = None) -> Any:
    return await (person or world.alice).click(message, label="Extend")


async def test_the_next_part_begins_with_the_last_frame(world: World) -> None:
    message = await finished(world)
    source = await the_job(world)
    result = await send(world.alice, await extend(world, message), prompt="it runs away")
    assert "Received" in words(result.response)

    made = await the_job(world)
    await world.finish()
    job = await the_job(world)
    assert made.derivation == Derivation(kind=Derived.EXTEND, source_id=source.id, chain=(message.jump_url,))
    assert (made.request.prompt, made.request.mode) == ("it runs away", Mode.IMAGE)
    [frame] = made.request.inputs
    assert (frame.role, frame.last_frame, frame.media_type) == (Role.FIRST_FRAME, True, "video/mp4")
    assert job.state is JobState.DONE
    assert Note.LAST_FRAME_TAKEN in job.notes
    assert len(world.simulator.ledger.paid_creates()) == 2


async def test_as_it_is_opened_it_goes_on_with_the_same_words_and_looks(world: World) -> None:
    await world.alice.slash(
        world.channel,
        "video create",
        prompt="a fox",
        model="MiniMax-Hailuo-2.3",
        resolution="768P",
        duration=10,
        camera="Pan left",
        enhance=False,
    )
    await world.finish()
    shown = await extend(world, world.posts[-1])

    assert filled(shown.modal) == {
        "prompt": "a fox",
        "size": ["MiniMax-Hailuo-2.3 768P"],
        "duration": ["10"],
        "extras": ["verbatim"],
    }
    await send(world.alice, shown)
    request = (await the_job(world)).request
    assert (request.model, request.resolution, request.duration) == ("MiniMax-Hailuo-2.3", "768P", 10)
    assert (request.camera, request.prompt_optimizer) == ((), False)


async def test_only_models_that_begin_with_a_picture_can_be_chosen(world: World) -> None:
    shown = await extend(world, await finished(world))
    catalog = MiniMaxCatalog()
    frame = MediaSource(role=Role.FIRST_FRAME, url="", filename="", size=0)
    able = {one.value for one in catalog.choices("model", Draft(prompt="", inputs=(frame,)))}

    assert {value.partition(" ")[0] for value in options(shown.modal, "size")} == able


async def test_a_chain_names_every_part_before(world: World) -> None:
    first = await finished(world)
    await send(world.alice, await extend(world, first))
    await world.finish()
    second = world.posts[-1]
    source = await the_job(world)
    await send(world.alice, await extend(world, second))

    assert (await the_job(world)).derivation == Derivation(
        kind=Derived.EXTEND, source_id=source.id, chain=(first.jump_url, second.jump_url)
    )


async def test_what_is_edited_continues_what_its_source_continued(world: World) -> None:
    first = await finished(world)
    await send(world.alice, await extend(world, first))
    await world.finish()
    source = await the_job(world)
    await send(world.alice, await world.alice.click(world.posts[-1], label="Edit"), prompt="it sleeps")
    await world.finish()
    made = await the_job(world)

    assert made.derivation == Derivation(kind=Derived.EDIT, source_id=source.id, chain=(first.jump_url,))
    assert (made.state, made.request.inputs) == (JobState.DONE, source.request.inputs)


async def test_only_the_requester_may(world: World) -> None:
    result = await extend(world, await finished(world), world.bob)

    assert result.modal is None
    assert result.ephemeral
    assert "**Continue this video**" in words(result.response)


async def test_it_is_taken_after_a_restart(world: World) -> None:
    message = await finished(world)
    await world.env.restart_bot(world.make_bot())
    shown = await extend(world, message)
    await world.env.restart_bot(world.make_bot())
    await send(world.alice, shown)

    assert (await the_job(world)).request.inputs[0].last_frame


async def test_it_remains_an_extension_after_it_was_refused(world: World) -> None:
    message = await finished(world)
    refused = await send(world.alice, await extend(world, message), prompt="x" * 2001)
    assert "Shorten it by 1." in words(refused.response)
    [button] = buttons(refused.response).values()
    await send(world.alice, await world.pressed(world.alice, refused.response, button), prompt="it runs")
    made = await the_job(world)

    assert made.derivation is not None
    assert made.derivation.chain == (message.jump_url,)
    assert made.request.inputs[0].last_frame


async def test_without_words_a_model_that_needs_none_goes_on_by_itself(world: World) -> None:
    await send(world.alice, await extend(world, await finished(world)), prompt=None)
    await world.finish()

    job = await the_job(world)
    assert (job.request.prompt, job.state) == ("", JobState.DONE)


async def test_what_was_veiled_stays_veiled(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a boat", image=picture(name="SPOILER_boat.png"))
    await world.finish()
    await send(world.alice, await extend(world, world.posts[-1]))

    assert (await the_job(world)).veiled


async def test_a_private_video_is_continued_in_private(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a fox", private=True)
    await world.finish()
    person = world.alice.user
    await send(person, await person.click(person.dm_channel.history()[-1], label="Extend"))
    await world.finish()

    assert (await the_job(world)).state is JobState.DONE
    assert not world.posts


# --- where the video is not on the message that was pressed ------------------------------------------------------


async def elsewhere(world: World) -> Any:
    """A message of ours with nothing but *Extend* on it, pressed."""
    view = ui.LayoutView(timeout=None)
    view.add_item(button_row((Action.EXTEND,), (await the_job(world)).id, world.texts.for_locale("en-US")))
    channel = world.env.bot.get_partial_messageable(world.channel.id)
    message = await channel.send(view=view)
    return await world.alice.click(message, label="Extend")


async def test_the_video_is_looked_up_where_it_was_posted(world: World) -> None:
    message = await finished(world)
    await send(world.alice, await elsewhere(world))
    made = await the_job(world)

    assert made.request.inputs[0].url.endswith(".mp4")
    assert made.derivation is not None
    assert made.derivation.chain == (message.jump_url,)


async def out_of_reach(world: World) -> bool:
    result = await elsewhere(world)
    return result.ephemeral and result.modal is None and "I cannot see this video any more" in words(result.response)


async def test_a_video_whose_message_was_deleted_is_out_of_reach(world: World) -> None:
    message = await finished(world)
    world.env.backend.delete_message(world.channel.id, message.id)

    assert await out_of_reach(world)


async def test_a_video_that_was_removed_with_its_button_is_out_of_reach(world: World) -> None:
    await finished(world)
    await world.service.removed((await the_job(world)).id)

    assert await out_of_reach(world)


async def test_a_video_that_is_but_a_link_is_out_of_reach(world: World) -> None:
    await finished(world)
    async with world.store.transaction() as tx:
        await tx.save(replace(await the_job(world), as_link=True), now=world.clock.now())

    assert await out_of_reach(world)


async def test_a_channel_that_is_closed_to_us_keeps_the_video_out_of_reach(world: World) -> None:
    await finished(world)
    world.env.inject_error("GET", "/channels/*/messages/*", status=403, code=50001)

    assert await out_of_reach(world)


async def no_time_at_all(_: float) -> None:
    """A second that is over before Discord can answer."""


async def test_nobody_waits_for_discord_longer_than_a_form_can_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> None:
        await asyncio.Event().wait()

    async with open_world(tmp_path, sleep=no_time_at_all) as world:
        await finished(world)
        monkeypatch.setattr(world.env.bot.http, "get_message", slow)

        assert await out_of_reach(world)


async def test_where_no_model_begins_with_a_picture_the_form_is_not_opened(world: World) -> None:
    message = await finished(world)
    for model in MiniMaxCatalog().table().models:
        world.catalog.disable(model.model, "not in the plan")
    result = await extend(world, message)

    assert result.modal is None
    assert "No model that is enabled here makes videos from these files." in words(result.response)
