"""Every way to make a video, from the typed command to the video in the channel: what is sent, what it costs, what is said."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from jobs.model import Api, JobState, Mode
from minimax.prices import parse_prices

from .files import clip, picture, sound
from .world import CHINESE, World, open_world, words


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with open_world(tmp_path, prices=parse_prices(["S2V-01:720P:6=0.43"])) as opened:
        yield opened


async def create(world: World, **options: Any) -> Any:
    return await world.alice.slash(world.channel, "video create", prompt="a paper boat", **options)


async def refer(world: World, prompt: str = "the boat of picture 1", **fields: Any) -> Any:
    shown = await world.alice.slash(world.channel, "video reference")
    return await world.alice.submit_modal(shown, {"prompt": prompt} | fields)


async def the_video(world: World) -> str:
    """What is said beside the finished video."""
    await world.finish()
    job = await world.only_job()
    assert job.state is JobState.DONE, job.failure
    assert len(world.posts[-1].attachments) == 1
    assert len(world.simulator.ledger.paid_creates()) == 1
    return words(world.posts[-1])


def sent(world: World) -> dict[str, Any]:
    """The one create that reached the provider."""
    [seen] = [one for one in world.simulator.requests.all() if one.method == "POST"]
    return seen.body


def _expired(_: str) -> None:
    """What Discord has of a file whose link has expired."""


def is_data_url(url: str, media_type: str) -> bool:
    head, _, data = url.partition(",")
    return head == f"data:{media_type};base64" and bool(base64.b64decode(data, validate=True))


async def test_a_first_frame(world: World) -> None:
    card = await create(world, image=picture())
    assert "MiniMax-Hailuo-02 · 1080P · 6 s · $0.49\n-# First frame: boat.png" in words(card.response)

    assert "took 1 min 15 s\n-# First frame: boat.png" in await the_video(world)
    body = sent(world)
    assert is_data_url(body.pop("first_frame_image"), "image/jpeg")
    assert (await world.only_job()).request.mode is Mode.IMAGE
    assert body["model"] == "MiniMax-Hailuo-02"


async def test_a_first_and_a_last_frame(world: World) -> None:
    await create(world, image=picture(), last_image=picture(name="shore.png"))

    assert "First and last frame: boat.png, shore.png" in await the_video(world)
    assert {"first_frame_image", "last_frame_image"} <= sent(world).keys()


async def test_a_subject_goes_to_the_model_for_subjects(world: World) -> None:
    await create(world, subject=picture(name="ann.png"))

    video = await the_video(world)
    assert "S2V-01 · 720P · 6 s · $0.43" in video
    assert "Subject: ann.png" in video
    [subject] = sent(world)["subject_reference"]
    assert subject["type"] == "character"


async def test_a_subject_is_a_reference_for_a_model_of_the_h3_family(world: World) -> None:
    await create(world, subject=picture(name="ann.png"), model="MiniMax-H3", duration=5)

    assert "References: ann.png · with sound" in await the_video(world)
    assert [one.get("role") for one in sent(world)["content"]] == [None, "reference_image"]


async def test_words_alone_on_h3_take_a_ratio_and_come_with_sound(world: World) -> None:
    await create(world, model="MiniMax-H3", ratio="9:16", duration=5)

    assert "MiniMax-H3 · 768P · 5 s · $0.40 · took" in await the_video(world)
    assert "-# 9:16 · with sound" in words(world.posts[-1])
    assert sent(world)["ratio"] == "9:16"
    assert (await world.only_job()).api is Api.V2


async def test_a_first_frame_on_h3(world: World) -> None:
    await create(world, image=picture(), resolution="2K", duration=4)

    assert "MiniMax-H3 · 2K · 4 s · $0.52" in await the_video(world)
    assert [one.get("role") for one in sent(world)["content"]] == [None, "first_frame"]


async def test_references_of_every_kind_in_the_order_they_were_put_there(world: World) -> None:
    await refer(
        world,
        pictures=[picture(name="b.png"), picture(name="a.png")],
        clips=[sound(), clip()],
        size=["MiniMax-H3 768P"],
        duration=["5"],
    )

    assert "References: b.png, a.png, gulls.wav and 1 more · with sound" in await the_video(world)
    assert [one.get("role") for one in sent(world)["content"]] == [
        None,
        "reference_image",
        "reference_image",
        "reference_audio",
        "reference_video",
    ]


async def test_references_alone_are_enough_the_rest_is_the_usual(world: World) -> None:
    await refer(world, pictures=[picture()])

    assert "MiniMax-H3 · 768P · 6 s · $0.48" in await the_video(world)


async def test_camera_moves_in_any_language_are_made_at_once(world: World) -> None:
    await create(world, camera="左摇, tilt up，Pan left")

    assert "camera: Pan left, Tilt up" in await the_video(world)
    assert sent(world)["prompt"] == "a paper boat [Pan left,Tilt up]"
    assert "> a paper boat\n" in words(world.posts[-1])


@pytest.mark.parametrize(("enhance", "said"), [(True, False), (False, True)])
async def test_whoever_wants_their_own_words_gets_them(world: World, enhance: bool, said: bool) -> None:
    await create(world, enhance=enhance)

    assert ("prompt as written" in await the_video(world)) is said
    assert sent(world).get("prompt_optimizer", True) is enhance


async def test_a_picture_that_was_fitted_is_said_to_have_been(world: World) -> None:
    await create(world, image=picture(400, 1000))

    assert "The picture was given a margin, to fit." in await the_video(world)
    assert "The picture was given a margin, to fit." in words(world.posts[0])


async def test_show_tells_all_of_it_in_the_reader_s_language(world: World) -> None:
    await create(world, image=picture(), camera="Zoom in", enhance=False)
    await the_video(world)
    shown = await world.typed(world.alice, "show", CHINESE)

    assert "首帧: boat.png" in words(shown.response).replace("：", ": ")
    assert "镜头：变焦推近" in words(shown.response)
    assert "提示词未经改写" in words(shown.response)


async def test_the_files_are_sent_as_they_were_when_the_job_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.alice.slash(world.channel, "video create", prompt="a boat #refuse", image=picture())
    await world.finish()
    monkeypatch.setattr(world.env.backend.cdn, "get", _expired)
    await world.alice.click(world.posts[0], label="Try again")
    await world.finish()
    bodies = [one.body for one in world.simulator.requests.all("/v1/video_generation")]

    assert bodies[0] == bodies[1]
