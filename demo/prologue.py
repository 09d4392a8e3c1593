"""What has happened before the demo's page opens: a few finished videos, made by the same bot, to look at and to press on.

Knows simcord, the engine and the simulator's plan. Time passes faster here than once somebody watches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from simcord import ChannelHandle, Env, MemberActor

from demo.page import keep_time
from demo.simulator.orders import Order
from demo.simulator.tasks import Plan, StagePlan, Stages
from demo.terminal import COMMAND
from jobs.engine import Engine

LONGEST: Final = 2.0
"""Seconds a video takes before the page opens, at most: from these the bot learns what to expect of the next."""

PATIENCE: Final = 60.0
"""Seconds after which the page opens with what there is."""

_LOOK_EVERY: Final = 0.05


class Pace:
    """The simulator's plan: quick at first, then as the person at the command line wants it.

    Args:
        seconds: About how long a video takes from `slow_down` on.
    """

    def __init__(self, seconds: float) -> None:
        self._later: Plan = StagePlan.taking(seconds)
        self._now: Plan = StagePlan.taking(min(seconds, LONGEST))

    def slow_down(self) -> None:
        """From now on videos take as long as they should."""
        self._now = self._later

    def __call__(self, order: Order, random: Random) -> Stages:
        """How long a task's stages take."""
        return self._now(order, random)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """A video that somebody has asked for.

    Args:
        who: The member's name.
        prompt: What it shows.
        options: Further options of the command.
    """

    who: str
    prompt: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


FRIEND: Final = "mira"
SEEDS: Final = (
    Seed(
        who=FRIEND,
        prompt="一只纸鹤飞过雪山，晨光，航拍",  # noqa: RUF001 - as Chinese is written
    ),
    Seed(
        who="you",
        prompt="A lighthouse in a storm, waves breaking over the rocks, seen from the air",
        options={"camera": "Push in"},
    ),
)
"""Oldest first. One is somebody else's: what one may do with other people's videos is worth a try, too."""


async def play(
    env: Env,
    channel: ChannelHandle,
    members: Mapping[str, MemberActor],
    *,
    engine: Engine,
    over: Callable[[], Awaitable[bool]],
) -> None:
    """Has the seeds made, one after the other.

    Args:
        env: The make-believe Discord.
        channel: Where they are asked for.
        members: Who asks, by name.
        engine: Not running; it is advanced step by step.
        over: Tells whether all jobs are over and their cards say so.
    """
    async with asyncio.timeout(PATIENCE):
        for seed in SEEDS:
            await members[seed.who].slash(channel, COMMAND, prompt=seed.prompt, **seed.options)
            await engine.run_due()
            while not await over():
                await asyncio.sleep(_LOOK_EVERY)
                keep_time(env)
                await engine.run_due()
