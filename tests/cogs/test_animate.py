"""The menu *Animate this image*, on whatever message there is: where pictures are found, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.model import JobState, Role
from jobs.ports import KeptDraft
from media.cdn import ORIGINS

from .files import clip, picture, sound
from .filling import filled, options, parts, send, speaking
from .finished import the_job
from .menus import ANIMATE, in_direct_message, opened, posted, reopened, said_privately
from .world import CHINESE, World, words

COPY = "https://images-ext-1.discordapp.net/external/abc/https/example.com/boat.png"


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Where Discord has its copy of one picture."""
    keep = world.env.backend.cdn.get

    def look(url: str) -> Any:
        return picture()[1] if url == COPY else keep(url)

    monkeypatch.setattr(world.env.backend.cdn, "get", look)
    return world


def stored(world: World, message: Any) -> Any:
    """The message as the simulated Discord has it, to be changed."""
    return world.env.backend.get_message(message.channel.id, message.id)


# --- where pictures are found ------------------------------------------------------------------------------------


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


# --- wherever and whenever ---------------------------------------------------------------------------------------


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
