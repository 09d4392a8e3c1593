"""*Edit*: a finished request in a form; whatever is not changed there is made again as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cogs.ui.buttons import Action, custom_id
from jobs.model import Derivation, Derived, JobState, Note, Role
from locales import Texts
from minimax.catalog import MiniMaxCatalog
from minimax.prices import parse_prices

from .files import clip, picture, sound
from .filling import filled, form, options, parts, send, speaking
from .finished import finished, the_job
from .world import CHINESE, World, buttons, open_world, words


def _expired(_: str) -> None:
    """What Discord has of a file whose link has expired."""


async def edit(world: World, message: Any, person: Any = None) -> Any:
    """*Edit* pressed under the newest video."""
    pressed = custom_id(Action.EDIT, (await the_job(world)).id)
    return await world.pressed(person or world.alice, message, pressed)


async def created(world: World, **options: Any) -> Any:
    """A finished video and its message."""
    await world.alice.slash(world.channel, "video create", **({"prompt": "a fox"} | options))
    await world.finish()
    assert (await the_job(world)).state is JobState.DONE
    return world.posts[-1]


REQUESTS: dict[str, dict[str, Any]] = {
    "words alone": {},
    "another model": {"model": "MiniMax-Hailuo-2.3", "duration": 10},
    "camera moves": {"camera": "Pan left, Tilt up"},
    "own words": {"enhance": False},
    "a first frame": {"image": picture()},
    "a hidden first frame": {"image": picture(name="SPOILER_boat.png")},
    "two frames": {"image": picture(), "last_image": picture(name="shore.png"), "camera": "Shake"},
    "the usual ratio": {"model": "MiniMax-H3", "duration": 5},
    "a ratio": {"model": "MiniMax-H3", "duration": 5, "ratio": "9:16"},
    "a model that may reword": {"model": "MiniMax-H3-Max", "duration": 5, "enhance": False},
    "a subject": {"model": "MiniMax-H3", "duration": 5, "subject": picture(name="ann.png")},
}


@pytest.mark.parametrize("options", REQUESTS.values(), ids=REQUESTS)
async def test_what_is_not_changed_is_made_again_as_it_was(world: World, options: dict[str, Any]) -> None:
    shown = await edit(world, await created(world, **options))
    source = await the_job(world)
    await send(world.alice, shown)
    made = await the_job(world)

    assert made.id != source.id
    assert made.request == source.request
    assert made.derivation == Derivation(kind=Derived.EDIT, source_id=source.id)


async def test_references_are_made_again_as_they_were(world: World) -> None:
    shown = await world.alice.slash(world.channel, "video reference")
    files = {"pictures": [picture()], "clips": [clip(), sound()]}
    await world.alice.submit_modal(shown, {"prompt": "a boat", **files})
    await world.finish()
    source = await the_job(world)
    await send(world.alice, await edit(world, world.posts[-1]))

    assert (await the_job(world)).request == source.request


async def test_what_was_only_for_oneself_stays_so(world: World) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a fox", private=True)
    await world.finish()
    person = world.alice.user
    shown = await person.click(person.dm_channel.history()[-1], label="Edit")
    await send(person, shown)
    await world.finish()

    assert (await the_job(world)).state is JobState.DONE
    assert not world.posts


async def test_what_is_changed_is_changed(world: World) -> None:
    message = await created(world, camera="Pan left")
    result = await send(
        world.alice,
        await edit(world, message),
        prompt="a hare",
        size=["MiniMax-Hailuo-2.3 768P"],
        duration=["10"],
        camera="zoom in",
        extras=["verbatim"],
    )
    request = (await the_job(world)).request

    assert "Received" in words(result.response)
    assert (request.prompt, request.model, request.resolution, request.duration) == (
        "a hare",
        "MiniMax-Hailuo-2.3",
        "768P",
        10,
    )
    assert (request.camera, request.prompt_optimizer) == (("Zoom in",), False)


async def test_its_pictures_are_used_again_though_their_links_have_expired(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await created(world, image=picture())
    monkeypatch.setattr(world.env.backend.cdn, "get", _expired)
    await send(world.alice, await edit(world, message), prompt="a hare")
    await world.finish()
    bodies = [one.body for one in world.simulator.requests.all("/v1/video_generation")]

    assert [body["prompt"] for body in bodies] == ["a fox", "a hare"]
    assert bodies[0]["first_frame_image"] == bodies[1]["first_frame_image"]


async def test_a_subject_is_used_again_as_a_reference_though_its_link_has_expired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path, prices=parse_prices(["S2V-01:720P:6=0.43"])) as world:
        message = await created(world, model="S2V-01", subject=picture(name="ann.png"))
        monkeypatch.setattr(world.env.backend.cdn, "get", _expired)
        await send(world.alice, await edit(world, message), size=["MiniMax-H3 768P"])
        await world.finish()
        made = await the_job(world)
        [kept] = await world.store.inputs_of(made.id)

        assert (made.state, kept.role) == (JobState.DONE, Role.REFERENCE_IMAGE)


async def test_a_picture_that_fitted_the_old_model_is_made_to_fit_the_new_one(world: World) -> None:
    message = await created(world, model="MiniMax-H3", duration=5, image=picture(1200, 500))
    await send(world.alice, await edit(world, message), size=["MiniMax-Hailuo-02 768P"], duration=["6"])
    await world.finish()

    assert (await the_job(world)).notes == (Note.PICTURE_PADDED,)


async def test_a_ratio_can_be_changed_and_left_to_the_model(world: World) -> None:
    message = await created(world, model="MiniMax-H3", duration=5, ratio="9:16")
    shown = await edit(world, message)
    assert filled(shown.modal)["ratio"] == ["9:16"]
    assert "camera" not in parts(shown.modal)

    await send(world.alice, shown, ratio=["1:1"])
    assert (await the_job(world)).request.ratio == "1:1"


async def test_camera_moves_are_shown_in_the_reader_s_language_and_taken_in_it(world: World) -> None:
    message = await created(world, camera="Pan left, Tilt up")
    with speaking(world, CHINESE):
        shown = await edit(world, message)
        assert filled(shown.modal)["camera"] == "左摇、上摇"
        await send(world.alice, shown)

    assert (await the_job(world)).request.camera == ("Pan left", "Tilt up")


async def test_a_camera_that_the_new_model_lacks_is_said_and_can_be_taken_out(world: World) -> None:
    message = await created(world, camera="Pan left")
    refused = await send(world.alice, await edit(world, message), size=["MiniMax-H3 768P"])
    assert "Model MiniMax-H3 does not fit." in words(refused.response)

    [button] = buttons(refused.response).values()
    shown = await world.pressed(world.alice, refused.response, button)
    assert filled(shown.modal)["camera"] == "Pan left"
    await send(world.alice, shown, camera=None)

    request = (await the_job(world)).request
    assert (request.model, request.camera) == ("MiniMax-H3", ())


async def test_an_unknown_camera_move_is_there_again_as_it_was_typed(world: World) -> None:
    message = await created(world)
    refused = await send(world.alice, await edit(world, message), camera="Pan left, somersault")
    assert "Camera somersault does not fit." in words(refused.response)

    [button] = buttons(refused.response).values()
    shown = await world.pressed(world.alice, refused.response, button)
    assert filled(shown.modal)["camera"] == "Pan left, somersault"


async def test_it_remains_an_edit_after_it_was_refused_and_over_restarts(world: World) -> None:
    message = await created(world, image=picture())
    source = await the_job(world)
    shown = await edit(world, message)
    await world.env.restart_bot(world.make_bot())
    refused = await send(world.alice, shown, duration=["10"])
    assert "Duration 10 does not fit. With your other options it can be: 6." in words(refused.response)

    [button] = buttons(refused.response).values()
    shown = await world.pressed(world.alice, refused.response, button)
    await world.env.restart_bot(world.make_bot())
    await send(world.alice, shown, size=["MiniMax-Hailuo-02 768P"])

    made = await the_job(world)
    assert made.derivation == Derivation(kind=Derived.EDIT, source_id=source.id)
    assert made.request.inputs == source.request.inputs


async def test_without_words_a_video_from_words_cannot_be_sent(world: World) -> None:
    shown = await edit(world, await created(world))

    assert parts(shown.modal)["prompt"]["required"]
    assert not parts((await edit(world, await created(world, image=picture()))).modal)["prompt"]["required"]


async def test_only_the_requester_may(world: World) -> None:
    result = await edit(world, await created(world), world.bob)

    assert result.modal is None
    assert result.ephemeral
    assert "</video create:" in words(result.response)


async def test_in_a_direct_message_it_stays_there(world: World) -> None:
    person = world.alice.user
    await person.slash("video create", prompt="a fox")
    await world.finish()
    shown = await person.click(person.dm_channel.history()[-1], label="Edit")
    assert options(shown.modal, "extras") == ["verbatim"]
    await send(person, shown, prompt="a hare")
    await world.finish()

    assert (await the_job(world)).state is JobState.DONE
    assert not world.posts


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("known", [{"model": "MiniMax-Hailuo-02"}, {"model": "MiniMax-H3", "ratio": "16:9"}])
async def test_the_form_keeps_to_discord_s_sizes(texts: Texts, locale: str, known: dict[str, Any]) -> None:
    shown = form("edit", MiniMaxCatalog(), texts.for_locale(locale), **known)

    assert len(shown["title"]) <= 45
    assert len(shown["components"]) == 5
    assert all(len(part["label"]) <= 45 and len(part.get("description", "")) <= 100 for part in shown["components"])


async def test_the_button_under_the_video_opens_it(world: World) -> None:
    shown = await world.alice.click(await finished(world), label="Edit")

    assert filled(shown.modal) == {"prompt": "a fox", "size": ["MiniMax-Hailuo-02 1080P"], "duration": ["6"]}
