"""A small world around the engine: the real store, the doubles of everything else, and the words tests use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from jobs.engine import LEASE, Engine
from jobs.learning import PollPlans
from jobs.library import LibraryService
from jobs.limits import Limits
from jobs.model import Answer, Draft, Job, JobState, Posted
from jobs.ports import JobStore
from jobs.service import JobService
from jobs.tools import Rules, Tools
from storage.store import open_store
from tests.factories import an_origin
from tests.jobs.doubles import ChannelDouble, Died, ScriptedProvider, SetClock, SmallCatalog, SmallIntake, SmallShop


@dataclass
class World:
    """Everything, with the words tests use."""

    store: JobStore
    provider: ScriptedProvider
    channel: ChannelDouble
    clock: SetClock
    intake: SmallIntake
    catalog: SmallCatalog
    shop: SmallShop
    tools: Tools
    engine: Engine
    service: JobService
    library: LibraryService
    awake: asyncio.Event

    async def ask(self, prompt: str = "a cat on the moon", *, answer: Answer | None = None, **origin: int) -> Job:
        """Somebody types the command, and its answer is the card."""
        given = an_origin(**origin)
        job = await self.service.submit(Draft(prompt=prompt), given, answer=answer)
        await self.service.card_placed(job.id, Posted(channel_id=given.channel_id, message_id=given.interaction_id))
        return job

    async def pass_time(self, seconds: float, *, engine: Engine | None = None) -> None:
        """Lets time pass as the engine lives it: from one due moment to the next."""
        engine = engine or self.engine
        await engine.run_due()
        end = self.clock.time + seconds
        while self.clock.time < end:
            due_in = await engine.due_in()
            self.clock.time = end if due_in is None else min(self.clock.time + max(due_in, 0.01), end)
            await engine.run_due()

    def set_clock_back(self, seconds: float) -> None:
        """Our own clock jumps; the provider's does not."""
        self.clock.time -= seconds
        for paid in self.provider.ledger:
            paid.made_at -= seconds

    async def now(self, job: Job) -> Job:
        """The job as it stands."""
        fresh = await self.store.get(job.id)
        assert fresh is not None
        return fresh

    def another_worker(self, name: str = "second") -> Engine:
        """A second process on the same database."""
        return Engine(self.tools, owner=name)

    async def outlive_a_worker(self, seconds: float) -> None:
        """The worker dies, as a fault has it; once its claims have run out, another one works for so long."""
        with pytest.raises(Died):
            await self.pass_time(120)
        self.clock.time += LEASE + 1
        await self.pass_time(seconds, engine=self.another_worker())


@asynccontextmanager
async def a_world(folder: Path, *, rules: Rules | None = None, limits: Limits | None = None) -> AsyncGenerator[World]:
    clock = SetClock()
    rules = rules or Rules()
    provider, channel, catalog, intake = ScriptedProvider(clock), ChannelDouble(clock), SmallCatalog(), SmallIntake()
    videos = folder / "videos"
    videos.mkdir()
    shop = SmallShop(videos)

    async def no_sleep(_: float) -> None:
        await asyncio.sleep(0)

    async with open_store(f"sqlite+aiosqlite:///{folder}/bot.db") as store:
        tools = Tools(
            store=store,
            library=store.library,
            provider=provider,
            catalog=catalog,
            courier=channel,
            shop=shop,
            intake=intake,
            plans=PollPlans(store, rules.polling, clock),
            clock=clock,
            random=Random(1),
            rules=rules,
            sleep=no_sleep,
        )
        awake = asyncio.Event()
        engine = Engine(tools, owner="first", awake=awake)
        service = JobService(
            store=store, catalog=catalog, limits=limits or Limits(), clock=clock, random=Random(2), wake=awake.set
        )
        library = LibraryService(store=store, library=store.library, clock=clock)
        yield World(store, provider, channel, clock, intake, catalog, shop, tools, engine, service, library, awake)


def with_rules(world: World, rules: Rules) -> Engine:
    """An engine on the same world under other rules."""
    return Engine(replace(world.tools, rules=rules), owner="other rules")


async def delivered_once(world: World, job: Job) -> bool:
    """The job alone was posted, once, and paid once."""
    posts = [message.job_id for message in world.channel.messages]
    return (await world.now(job)).state is JobState.DONE and posts == [job.id] and len(world.provider.ledger) == 1
