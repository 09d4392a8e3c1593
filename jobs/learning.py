"""What is learned of how long videos take: from the rows of finished jobs, remembered for a minute."""

from __future__ import annotations

from typing import Final

from .polling import PollPlan, PollRules, learn
from .ports import Clock, JobStore
from .request import VideoRequest

LEARN_FROM: Final = 40
"""How many of the newest finished videos of a kind count: the service's pace changes."""

_REMEMBERED: Final = 60.0


class PollPlans:
    """When to ask about each kind of video.

    Args:
        store: Where finished jobs are.
        rules: The steady pace that a plan must not exceed.
        clock: The time.
    """

    def __init__(self, store: JobStore, rules: PollRules, clock: Clock) -> None:
        self._store = store
        self._rules = rules
        self._clock = clock
        self._known: dict[tuple[str, str, int], tuple[float, PollPlan | None]] = {}

    async def of(self, request: VideoRequest) -> PollPlan | None:
        """The plan for such a video; None as long as too few have finished."""
        kind = (request.model, request.resolution, request.duration)
        now = self._clock.now()
        learned_at, plan = self._known.get(kind, (None, None))
        if learned_at is None or not learned_at <= now < learned_at + _REMEMBERED:
            plan = learn(await self._store.render_times(*kind, limit=LEARN_FROM), self._rules)
            self._known[kind] = (now, plan)
        return plan
