"""Videos that are there already, and what Discord was asked to do with them."""

from __future__ import annotations

from typing import Any

import discord

from cogs.recognise import carries_result_of
from jobs.model import Job

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
