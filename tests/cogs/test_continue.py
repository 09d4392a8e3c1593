"""The menu *Continue this video*, on whatever message there is: anybody's videos, and results with what is known of them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from jobs.model import Derivation, Derived, JobState, Note

from .files import clip, picture, sound
from .filling import filled, parts, send
from .finished import finished, the_job, watchable
from .menus import CONTINUE, in_direct_message, opened, posted, reopened, said_privately
from .world import World, words


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    watchable(world, monkeypatch)
    return world


async def test_anybody_s_video_can_be_continued(world: World) -> None:
    message = await posted(world, clip())
    await send(world.alice, await opened(world, CONTINUE, message), prompt="the tide comes in")
    await world.finish()
    job = await the_job(world)

    assert (job.state, job.request.prompt) == (JobState.DONE, "the tide comes in")
    assert Note.LAST_FRAME_TAKEN in job.notes
    assert job.derivation == Derivation(kind=Derived.EXTEND, chain=(message.jump_url,))


async def test_of_several_videos_one_is_chosen(world: World) -> None:
    name, film = clip()
    shown = await opened(world, CONTINUE, await posted(world, ("a.mp4", film), (name, film), picture()))
    assert [one["label"] for one in parts(shown.modal)["source"]["options"]] == ["1. a.mp4", f"2. {name}"]
    await send(world.alice, shown, source=["1"])

    assert [one.filename for one in (await the_job(world)).request.inputs] == [name]


async def test_a_forwarded_video_can_be_continued(world: World) -> None:
    forwarded = await world.bob.forward(await posted(world, clip()), world.channel)
    await send(world.alice, await opened(world, CONTINUE, forwarded))

    made = await the_job(world)
    assert made.request.inputs[0].last_frame
    assert made.derivation == Derivation(kind=Derived.EXTEND, chain=(forwarded.jump_url,))


async def test_one_s_own_result_goes_on_by_its_words_and_looks(world: World) -> None:
    message = await finished(world)
    source = await the_job(world)
    shown = await opened(world, CONTINUE, message)
    assert filled(shown.modal) == {"prompt": "a fox", "size": ["MiniMax-Hailuo-02 1080P"], "duration": ["6"]}
    await send(world.alice, shown)

    assert (await the_job(world)).derivation == Derivation(
        kind=Derived.EXTEND, source_id=source.id, chain=(message.jump_url,)
    )


async def test_somebody_else_s_result_can_be_continued_and_keeps_its_chain(world: World) -> None:
    first = await finished(world, person=world.bob)
    [source] = await world.store.jobs_of(world.bob.id)
    shown = await opened(world, CONTINUE, first)
    assert "prompt" not in filled(shown.modal)
    await send(world.alice, shown, prompt="it runs")
    await world.finish()
    middle = await the_job(world)
    second = world.posts[-1]
    await send(world.bob, await opened(world, CONTINUE, second, world.bob), prompt="it sleeps")
    last = (await world.store.jobs_of(world.bob.id))[0]

    assert middle.derivation == Derivation(kind=Derived.EXTEND, source_id=source.id, chain=(first.jump_url,))
    assert last.derivation == Derivation(
        kind=Derived.EXTEND, source_id=middle.id, chain=(first.jump_url, second.jump_url)
    )


async def test_a_private_result_is_continued_by_its_requester_in_private(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a fox", private=True)
    await world.finish()
    source = await the_job(world)
    person = world.alice.user
    message = person.dm_channel.history()[-1]
    await send(person, await in_direct_message(world, CONTINUE, message))
    await world.finish()

    made = await the_job(world)
    assert made.derivation is not None
    assert (made.derivation.source_id, made.state) == (source.id, JobState.DONE)
    assert not world.posts


async def test_a_file_that_is_but_called_like_a_result_is_none_of_ours(world: World) -> None:
    await finished(world)
    source = await the_job(world)
    message = await posted(world, (f"a_fox.{source.id}.mp4", clip()[1]))
    await send(world.alice, await opened(world, CONTINUE, message))

    assert (await the_job(world)).derivation == Derivation(kind=Derived.EXTEND, chain=(message.jump_url,))


async def test_a_result_nobody_remembers_is_like_anybody_s_video(world: World) -> None:
    channel = world.env.bot.get_partial_messageable(world.channel.id, guild_id=world.guild.id)
    message = await channel.send(file=discord.File(__file__, filename="a_fox.job00001.mp4"))
    await send(world.alice, await opened(world, CONTINUE, message))

    assert (await the_job(world)).derivation == Derivation(kind=Derived.EXTEND, chain=(message.jump_url,))


@pytest.mark.parametrize("files", [(), (picture(),), (sound(),)], ids=["nothing", "a picture", "a sound"])
async def test_without_a_video_the_answer_is_private_and_friendly(world: World, files: tuple[Any, ...]) -> None:
    said = said_privately(await opened(world, CONTINUE, await posted(world, *files)))

    assert "There is no video in this message. Use this menu on a message that holds one." in said


async def test_it_is_opened_again_and_taken_after_restarts(world: World) -> None:
    message = await posted(world, clip())
    shown = await opened(world, CONTINUE, message)
    await world.env.restart_bot(world.make_bot())
    refused = await send(world.alice, shown, prompt="x" * 2001)
    await world.env.restart_bot(world.make_bot())
    await send(world.alice, await reopened(world, refused), prompt="it sails")

    made = await the_job(world)
    assert made.request.prompt == "it sails"
    assert made.derivation == Derivation(kind=Derived.EXTEND, chain=(message.jump_url,))


@pytest.mark.parametrize(
    ("size", "said"),
    [(60_000_000, "Received"), (600_000_000, "**waves.mp4**: The file is too large. At most 524 MB are possible.")],
)
async def test_a_video_may_be_as_large_as_people_can_upload_for_only_a_frame_of_it_is_used(
    world: World, monkeypatch: pytest.MonkeyPatch, size: int, said: str
) -> None:
    keep = world.env.backend.cdn.store_attachment

    def huge(*arguments: Any) -> dict[str, Any]:
        return keep(*arguments) | {"size": size}

    monkeypatch.setattr(world.env.backend.cdn, "store_attachment", huge)
    result = await send(world.alice, await opened(world, CONTINUE, await posted(world, clip())))

    assert said in words(result.response)
