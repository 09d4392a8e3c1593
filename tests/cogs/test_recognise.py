"""What a message alone tells: which job's card or video it is, and what videos are in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import discord

from cogs.recognise import carries_result_of, is_card_of, payload_carries_result_of, result_job_id, video_in
from jobs.model import Card, Job, JobState, MediaSource, Role
from jobs.ports import Standing

from .jobs import job_in
from .world import FILM, World

CDN = "https://cdn.discordapp.com/attachments/1/2"
COPY = "https://images-ext-1.discordapp.net/external/x/https/example.com/boat.mp4"


def alices(world: World, state: JobState) -> Job:
    origin = {
        "channel_id": world.channel.id,
        "guild_id": world.guild.id,
        "user_id": world.alice.id,
        "interaction_id": 1,
    }
    return job_in(state, origin=origin)


async def a_result(world: World, folder: Path, job: Job) -> discord.Message:
    """The job's video as it was posted."""
    path = folder / "film.mp4"
    path.write_bytes(FILM)
    await world.courier.post_video(job, path)
    return world.posts[-1]


def message(world: World, **fields: Any) -> discord.Message:
    """A message as Discord describes it (Discord docs, Message object)."""
    [sample] = world.posts[-1:]
    empty: dict[str, Any] = {"content": "", "attachments": [], "embeds": [], "components": []}
    stored = world.env.backend.get_message(sample.channel.id, sample.id)
    for name, value in (empty | fields).items():
        setattr(stored, name, value)
    return world.posts[-1]


async def test_a_video_tells_whose_it_is_hidden_or_not(world: World, tmp_path: Path) -> None:
    job = alices(world, JobState.POSTING)
    hidden = MediaSource(role=Role.FIRST_FRAME, url="", filename="SPOILER_x.png", size=1, spoiler=True)
    for made in (job, replace(job, request=replace(job.request, inputs=(hidden,)))):
        posted = await a_result(world, tmp_path, made)

        assert carries_result_of(posted, job.id)
        assert result_job_id(posted) == job.id
        assert not carries_result_of(posted, "job00002")


async def test_a_card_is_no_video_and_a_video_no_card(world: World, tmp_path: Path) -> None:
    job = alices(world, JobState.QUEUED)
    await world.courier.show_card(job, Card(job_id=job.id), Standing())
    card = world.posts[-1]
    result = await a_result(world, tmp_path, job)

    assert is_card_of(card, job.id)
    assert not carries_result_of(card, job.id)
    assert result_job_id(card) is None
    assert not is_card_of(result, job.id)


def test_in_a_message_of_components_the_file_is_listed_nowhere_else() -> None:
    gallery = {"type": 12, "items": [{"media": {"url": f"{CDN}/SPOILER_fox.job00001.mp4?ex=1&is=2"}}]}
    inside: dict[str, Any] = {"content": "", "components": [{"type": 17, "components": [gallery]}]}

    assert payload_carries_result_of(inside, "job00001")
    assert not payload_carries_result_of(inside, "job00002")


async def test_every_video_in_a_message_can_be_continued(world: World, tmp_path: Path) -> None:
    posted = await a_result(world, tmp_path, alices(world, JobState.POSTING))
    found = list(video_in(posted))

    assert {(one.role, one.last_frame, one.media_type) for one in found} == {(Role.FIRST_FRAME, True, "video/mp4")}
    assert {result_job_id(posted)} == {one.filename.split(".")[-2] for one in found}


async def test_a_linked_video_is_had_from_discord_s_own_copy_alone(world: World) -> None:
    await world.alice.send(world.channel, "look")
    linked = {"type": "video", "video": {"url": "https://example.com/boat.mp4", "proxy_url": COPY}}
    elsewhere = {"type": "video", "video": {"url": "http://10.0.0.1/boat.mp4"}}
    picture = {"type": "image", "image": {"url": "https://example.com/boat.png", "proxy_url": COPY}}

    assert [one.url for one in video_in(message(world, embeds=[linked, elsewhere, picture]))] == [COPY]


def uploaded(name: str, **more: Any) -> dict[str, Any]:
    """A video among components that was uploaded to Discord (Discord docs, Unfurled Media Item)."""
    return {"media": {"url": f"{CDN}/{name}?ex=1", "content_type": "video/mp4", "attachment_id": "7"}, **more}


def elsewhere(**more: Any) -> dict[str, Any]:
    """A video among components that lies anywhere."""
    return {"media": {"url": "http://10.0.0.1/boat.mp4", "content_type": "video/mp4", **more}}


async def test_a_video_among_components_that_lies_elsewhere_is_had_from_discord_s_own_copy_alone(world: World) -> None:
    await world.alice.send(world.channel, "look")
    gallery = {"type": 12, "items": [elsewhere(proxy_url=COPY), elsewhere()]}

    assert [one.url for one in video_in(message(world, components=[gallery]))] == [COPY]


async def test_a_video_shown_as_a_file_can_be_continued_too(world: World) -> None:
    await world.alice.send(world.channel, "look")
    file = {"type": 13, "file": uploaded("boat.mp4")["media"], "spoiler": False}
    [found] = video_in(message(world, components=[file]))

    assert found.filename == "boat.mp4"


async def test_a_hidden_video_stays_hidden(world: World) -> None:
    await world.alice.send(world.channel, "look")
    gallery = {"type": 12, "items": [uploaded("boat.mp4", spoiler=True)]}
    [found] = video_in(message(world, components=[gallery]))

    assert (found.filename, found.spoiler) == ("boat.mp4", True)
