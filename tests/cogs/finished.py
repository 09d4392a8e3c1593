"""Videos that are there already, what is in them, and the jobs they came from."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.recognise import carries_result_of
from jobs.model import Job
from tests.media.samples import a_film

from .world import World


async def finished(world: World, prompt: str = "a fox", *, person: Any = None, channel: Any = None) -> discord.Message:
    """A video somebody asked for, where it was posted."""
    place = channel or world.channel
    await (person or world.alice).slash(place, "video create", prompt=prompt)
    await world.finish()
    return place.history()[-1]


async def job_of(world: World, message: discord.Message) -> Job:
    """The job whose video that is."""
    jobs = [job for person in (world.alice, world.bob) for job in await world.store.jobs_of(person.id)]
    return next(job for job in jobs if carries_result_of(message, job.id))


async def the_job(world: World) -> Job:
    """The newest of Alice's."""
    return (await world.store.jobs_of(world.alice.id))[0]


def watchable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the videos that were posted can be looked into: the simulator's own are none."""
    keep, film = world.env.backend.cdn.get, a_film()

    def look(url: str) -> Any:
        return film if url.endswith(".mp4") and keep(url) else keep(url)

    monkeypatch.setattr(world.env.backend.cdn, "get", look)
