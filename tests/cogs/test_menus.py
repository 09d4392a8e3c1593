"""The menus of messages: *Animate this image* and *Continue this video*, on whatever message there is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.backend import serializers
from simcord.enums import AppCommandType, InteractionType
from simcord.interactions import base_payload
from simcord.results import InteractionResult

from jobs.model import Derivation, Derived, Job, JobState, Note, Role
from jobs.ports import KeptDraft
from media.cdn import ORIGINS
from tests.media.samples import a_film

from .files import clip, picture, sound
from .filling import filled, options, parts, send, speaking
from .finished import finished
from .world import CHINESE, World, buttons, open_world, words

ANIMATE = "Animate this image"
CONTINUE = "Continue this video"
COPY = "https://images-ext-1.discordapp.net/external/abc/https/example.com/boat.png"


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[World]:
    """Where the videos that were posted can be looked into, and Discord has its copy of one picture."""
    async with open_world(tmp_path) as opened:
        keep, film = opened.env.backend.cdn.get, a_film()

        def look(url: str) -> Any:
            if url == COPY:
                return picture()[1]
            return film if url.endswith(".mp4") and keep(url) else keep(url)

        monkeypatch.setattr(opened.env.backend.cdn, "get", look)
        yield opened


async def opened(world: World, menu: str, message: Any, person: Any = None, channel: Any = None) -> Any:
    return await (person or world.alice).context_menu(channel or world.channel, menu, message)


async def posted(world: World, *files: Any, person: Any = None, channel: Any = None) -> discord.Message:
    """A message of Bob's with these files."""
    return await (person or world.bob).send(channel or world.channel, "look", attachments=files)


async def the_job(world: World) -> Job:
    """The newest of Alice's."""
    return (await world.store.jobs_of(world.alice.id))[0]


async def reopened(world: World, refused: Any) -> Any:
    [button] = buttons(refused.response).values()
    return await world.pressed(world.alice, refused.response, button)


def stored(world: World, message: Any) -> Any:
    """The message as the simulated Discord has it, to be changed."""
    return world.env.backend.get_message(message.channel.id, message.id)


def said_privately(result: Any) -> str:
    """What is said where no form is opened."""
    assert result.modal is None
    assert result.ephemeral
    return words(result.response)


# --- Animate this image: where pictures are found ----------------------------------------------------------------


async def test_a_picture_somebody_posted_becomes_the_first_frame(world: World) -> None:
    message = await posted(world, picture())
    shown = await opened(world, ANIMATE, message)
    assert "source" not in parts(shown.modal)
    assert filled(shown.modal) == {}

    result = await send(world.alice, shown, prompt="it sails away", camera="Push in")
    assert not result.ephemeral
    assert "Received" in words(result.response)
    await world.finish()
    job = await the_job(world)
    assert (job.state, job.request.prompt, job.request.camera) == (JobState.DONE, "it sails away", ("Push in",))
    assert [(one.role, one.filename) for one in job.request.inputs] == [(Role.FIRST_FRAME, "boat.png")]
    assert job.derivation is None


async def test_it_may_go_without_a_prompt(world: World) -> None:
    await send(world.alice, await opened(world, ANIMATE, await posted(world, picture())))
    await world.finish()

    assert (await the_job(world)).state is JobState.DONE


async def test_of_several_pictures_one_is_chosen_by_name_and_size(world: World) -> None:
    shown = await opened(world, ANIMATE, await posted(world, picture(name="a.png"), picture(name="b.png"), clip()))
    listed = parts(shown.modal)["source"]["options"]
    assert [(one["label"], one["value"]) for one in listed] == [("1. a.png", "0"), ("2. b.png", "1")]
    assert all(one["description"].endswith(" MB") for one in listed)

    await send(world.alice, shown, source=["1"])
    assert [one.filename for one in (await the_job(world)).request.inputs] == ["b.png"]


async def test_as_it_is_opened_the_first_of_several_is_chosen(world: World) -> None:
    shown = await opened(world, ANIMATE, await posted(world, picture(name="a.png"), picture(name="b.png")))
    await send(world.alice, shown)

    assert [one.filename for one in (await the_job(world)).request.inputs] == ["a.png"]


async def test_a_linked_picture_is_taken_from_discord_s_copy(world: World) -> None:
    message = await posted(world)
    stored(world, message).embeds = [
        {"type": "image", "image": {"url": "https://example.com/boat.png", "proxy_url": COPY}}
    ]
    await send(world.alice, await opened(world, ANIMATE, message))
    await world.finish()

    job = await the_job(world)
    assert job.state is JobState.DONE
    assert [(one.url, one.filename) for one in job.request.inputs] == [(COPY, "boat.png")]
    assert any(COPY.startswith(origin) for origin in ORIGINS)


async def test_a_preview_s_thumbnail_is_a_picture_whatever_it_is_called(world: World) -> None:
    message = await posted(world)
    stored(world, message).embeds = [
        {"type": "link", "thumbnail": {"url": "https://example.com/image.php", "proxy_url": COPY}}
    ]
    await send(world.alice, await opened(world, ANIMATE, message))

    assert [one.filename for one in (await the_job(world)).request.inputs] == ["picture"]


async def test_a_picture_of_which_discord_has_no_copy_is_not_asked_for(world: World) -> None:
    message = await posted(world)
    stored(world, message).embeds = [{"type": "image", "image": {"url": "http://10.0.0.1/boat.png"}}]

    assert "There is no picture in this message." in said_privately(await opened(world, ANIMATE, message))


def media(url: str, *, uploaded: bool, **more: Any) -> dict[str, Any]:
    """A picture as components show it."""
    own = {"attachment_id": "77"} if uploaded else {}
    return {"url": url, "proxy_url": COPY, "content_type": "image/png", **own, **more}


async def test_pictures_in_components_are_found_at_any_depth(world: World) -> None:
    message = await posted(world)
    one = stored(world, message)
    one.flags |= 1 << 15
    one.components = [
        {
            "type": 17,
            "components": [
                {
                    "type": 12,
                    "items": [
                        {"media": media("https://cdn.discordapp.com/attachments/1/2/a.png", uploaded=True)},
                        {"media": media("https://example.com/b.png", uploaded=False), "spoiler": True},
                        {"media": media("https://example.com/c.mp4", uploaded=True, content_type="video/mp4")},
                    ],
                },
                {
                    "type": 9,
                    "components": [{"type": 10, "content": "look"}],
                    "accessory": {"type": 11, "media": media("https://example.com/d.png", uploaded=True)},
                },
                {"type": 13, "file": media("https://cdn.discordapp.com/attachments/1/2/e.png", uploaded=True)},
            ],
        }
    ]
    shown = await opened(world, ANIMATE, message)
    labels = [option["label"] for option in parts(shown.modal)["source"]["options"]]
    assert labels == ["1. a.png", "2. b.png", "3. d.png", "4. e.png"]

    await send(world.alice, shown, source=["1"])
    [taken] = (await the_job(world)).request.inputs
    assert (taken.url, taken.spoiler) == (COPY, True)


async def test_a_forwarded_picture_is_found(world: World) -> None:
    forwarded = await world.bob.forward(await posted(world, picture()), world.channel)
    await send(world.alice, await opened(world, ANIMATE, forwarded))
    await world.finish()

    assert (await the_job(world)).state is JobState.DONE


async def test_what_was_hidden_makes_a_veiled_video(world: World) -> None:
    await send(world.alice, await opened(world, ANIMATE, await posted(world, picture(name="SPOILER_boat.png"))))

    assert (await the_job(world)).veiled


async def test_no_more_pictures_are_listed_than_a_menu_holds(world: World) -> None:
    message = await posted(world)
    stored(world, message).embeds = [
        {"type": "image", "image": {"url": f"https://example.com/{n}.png", "proxy_url": f"{COPY}?{n}"}}
        for n in range(30)
    ]

    assert len(options((await opened(world, ANIMATE, message)).modal, "source")) == 25


@pytest.mark.parametrize("files", [(), (clip(),), (sound(),)], ids=["nothing", "a video", "a sound"])
async def test_without_a_picture_the_answer_is_private_and_friendly(world: World, files: tuple[Any, ...]) -> None:
    said = said_privately(await opened(world, ANIMATE, await posted(world, *files)))

    assert said == (
        "There is no picture in this message. Use this menu on a message that shows one.\nNothing was charged."
    )


# --- Animate this image: wherever and whenever -------------------------------------------------------------------


async def test_it_is_taken_after_a_restart(world: World) -> None:
    shown = await opened(world, ANIMATE, await posted(world, picture()))
    await world.env.restart_bot(world.make_bot())
    await send(world.alice, shown, prompt="it sails")

    assert (await the_job(world)).request.prompt == "it sails"


async def test_refused_it_is_opened_again_with_the_picture_chosen_first(world: World) -> None:
    shown = await opened(world, ANIMATE, await posted(world, picture(name="a.png"), picture(name="b.png")))
    refused = await send(world.alice, shown, prompt="x" * 2100, source=["1"])
    assert "Shorten it by 100." in words(refused.response)

    shown = await reopened(world, refused)
    assert [one["label"] for one in parts(shown.modal)["source"]["options"]] == ["1. b.png", "2. a.png"]
    await send(world.alice, shown, prompt="it sails")
    assert [one.filename for one in (await the_job(world)).request.inputs] == ["b.png"]


async def test_only_for_me_keeps_it_out_of_the_channel(world: World) -> None:
    message = await posted(world, picture())
    result = await send(world.alice, await opened(world, ANIMATE, message), extras=["private"])
    await world.finish()

    assert result.ephemeral
    assert (await the_job(world)).state is JobState.DONE
    assert [one.id for one in world.posts] == [message.id]


async def test_in_a_thread_the_video_comes_there(world: World) -> None:
    made = world.env.backend.create_thread(world.channel.id, name="boats", owner_id=world.alice.id)
    await world.env.settle()
    [thread] = [one for one in world.channel.threads if one.id == made.id]
    message = await posted(world, picture(), person=world.alice, channel=thread)
    await send(world.alice, await opened(world, ANIMATE, message, channel=thread))
    await world.finish()

    assert (await the_job(world)).origin.channel_id == thread.id
    assert len(thread.history()[-1].attachments) == 1


async def in_direct_message(world: World, menu: str, message: Any) -> InteractionResult:
    """The menu of a message in Alice's direct messages with the bot."""
    backend, person = world.env.backend, world.alice.user
    visible = backend.visible_commands(user_id=person.id, channel_id=person.dm_channel.id, type=AppCommandType.MESSAGE)
    root = next(one for one in visible if one["name"] == menu)
    shown = dict(serializers.message_payload(backend, backend.get_message(person.dm_channel.id, message.id)))
    record, payload = base_payload(
        backend,
        type=InteractionType.APPLICATION_COMMAND,
        channel_id=person.dm_channel.id,
        guild_id=None,
        user_id=person.id,
        data={
            "id": root["id"],
            "name": menu,
            "type": 3,
            "target_id": str(message.id),
            "resolved": {"messages": {str(message.id): shown}},
        },
    )
    backend.emit("INTERACTION_CREATE", payload)
    await world.env.settle()
    return InteractionResult(world.env, record)


async def test_in_a_direct_message_the_video_comes_there(world: World) -> None:
    person = world.alice.user
    files = world.env.backend.store_attachments(person.dm_channel.id, [picture()])
    message = await person.send_dm("look", attachments=files)
    shown = await in_direct_message(world, ANIMATE, message)
    assert options(shown.modal, "extras") == ["verbatim"]
    await send(person, shown, prompt="it sails")
    await world.finish()

    assert (await the_job(world)).state is JobState.DONE
    assert not world.posts


async def test_a_chinese_client_reads_chinese(world: World) -> None:
    with speaking(world, CHINESE):
        none = await opened(world, ANIMATE, await posted(world))
        shown = await opened(world, ANIMATE, await posted(world, picture(name="a.png"), picture(name="b.png")))

    assert "这条消息里没有图片。" in said_privately(none)
    assert shown.modal["title"] == "让这张图动起来"
    assert shown.modal["components"][1]["label"] == "选哪张图片"


async def test_where_no_model_begins_with_a_picture_that_is_said(world: World) -> None:
    for model in world.catalog.table().models:
        world.catalog.disable(model.model, "not in the plan")
    said = said_privately(await opened(world, ANIMATE, await posted(world, picture())))

    assert "No model that is enabled here makes videos from these files." in said


# --- Continue this video -----------------------------------------------------------------------------------------


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


async def test_opening_a_form_changes_nothing_but_what_is_kept_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[KeptDraft] = []
    keep = world.store.library.keep_draft

    async def watched(draft: KeptDraft) -> None:
        kept.append(draft)
        await keep(draft)

    monkeypatch.setattr(world.store.library, "keep_draft", watched)
    shown = await opened(world, ANIMATE, await posted(world, picture()))

    assert [shown.modal["custom_id"]] == [f"video:animate:{one.key}" for one in kept]
    assert not await world.store.jobs_of(world.alice.id)
