"""The promise as laws: whatever happens in whatever order, nothing is lost, paid twice or posted twice.

A machine draws people, workers, faults, deaths, pushes and clocks at will; the laws are checked after each act, and in
the end every job must come to one.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jobs.engine import LANES, LEASE, Engine, Lane
from jobs.errors import (
    BrokenDownload,
    DeliveryDelayed,
    NotSent,
    OutOfCredit,
    Reason,
    Refused,
    RequestProblem,
    Throttled,
    TooLarge,
    Transient,
    Uncertain,
)
from jobs.model import ENDS, Charge, Draft, Failure, Job, JobState, Posted
from jobs.ports import TaskReport, TaskState
from tests.factories import an_origin
from tests.jobs.world import World, a_world

T = TypeVar("T")
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that a test cannot wear out, where there is one


class Died(BaseException):
    """The worker's process ended just here."""


CREATE_FAULTS: dict[str, list[Any]] = {
    "throttled": [Throttled("slow down", code=1002)],
    "unreachable": [NotSent("refused")],
    "no credit": [OutOfCredit("no balance", code=1008)],
    "moderated": [Refused(Reason.MODERATED_INPUT, "no", code=1026)],
    "answer lost": [Uncertain("reset")],
    "died": [Died()],
}
QUERY_ANSWERS: dict[str, list[Any]] = {
    "server error": [Transient("1033", code=1033)],
    "throttled": [Throttled("slow down", code=1002)],
    "forgotten": [Refused(Reason.TASK_LOST, "unknown", code=2013)],
    "unlisted": [TaskReport(state=TaskState.UNKNOWN, raw_status="Pondering")],
    "no file": [TaskReport(state=TaskState.SUCCEEDED, raw_status="Success")],
    "failed": [
        TaskReport(
            state=TaskState.FAILED, raw_status="Fail", failure=Failure(reason=Reason.MODERATED_OUTPUT, code=1027)
        )
    ],
    "died": [Died()],
}
FETCH_FAULTS: dict[str, list[Any]] = {"short": [BrokenDownload("short")], "died": [Died()]}
POST_FAULTS: dict[str, list[Any]] = {
    "bad gateway": [DeliveryDelayed("502", status=502)],
    "too large": [TooLarge("413", status=413)],
    "died": [Died()],
}


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.jobs: list[str] = []
        self.fences: Counter[tuple[str, int]] = Counter()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        async def enter() -> World:
            return await self.stack.enter_async_context(a_world(self.folder))

        self.world = self.run(enter())

    # --- people ----------------------------------------------------------------------------------------------------

    @rule(user=st.integers(1, 3), carded=st.booleans())
    def somebody_asks(self, user: int, carded: bool) -> None:
        async def ask() -> Job:
            origin = an_origin(user_id=user)
            draft = Draft(prompt=f"cat number {len(self.jobs)}")
            job = await self.world.service.submit(draft, origin)
            again = await self.world.service.submit(draft, origin)
            assert again.id == job.id, "the same interaction made two jobs"
            if carded:
                placed = Posted(channel_id=origin.channel_id, message_id=origin.interaction_id)
                await self.world.service.card_placed(job.id, placed)
            return job

        self.jobs.append(self.run(ask()).id)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 100), who=st.integers(1, 3))
    def somebody_cancels(self, pick: int, who: int) -> None:
        with contextlib.suppress(RequestProblem):
            self.run(self.world.service.cancel(self.jobs[pick % len(self.jobs)], user_id=who))

    # --- workers ---------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.0, 0.5, 11.0, 61.0, 90.0, 400.0]), second=st.booleans())
    def a_worker_works_for_a_while(self, seconds: float, second: bool) -> None:
        self._live(seconds, self.world.another_worker() if second else self.world.engine)

    @rule()
    def two_workers_work_at_once(self) -> None:
        async def work() -> None:
            engines = (self.world.engine, self.world.another_worker())
            await asyncio.gather(*(engine.run_due() for engine in engines), return_exceptions=True)

        self.run(work())

    @rule(lane=st.sampled_from(LANES), seconds=st.sampled_from([1.0, LEASE + 1]), first=st.sampled_from(list(JobState)))
    def a_worker_is_too_slow(self, lane: Lane, seconds: float, first: JobState) -> None:
        """It claims, another one carries on after its lease, and then it wants to write what it has found out."""
        world = self.world
        now = world.clock.time
        claimed = self.run(world.store.claim(lane.states, owner="slow", now=now, lease=LEASE, limit=2))
        for job in claimed:
            self.fences[job.id, job.fence] += 1
            assert self.fences[job.id, job.fence] == 1, "two workers hold the same claim"
        world.clock.time += seconds
        self._live(0.0, world.another_worker())
        for job in claimed:
            before = self.run(world.now(job))
            lost = before.fence != job.fence
            late = job.later(world.clock.time, attempt=99, provider_status=f"late {first}")
            written = self.run(world.store.save(late, now=world.clock.time))
            assert written is not lost
            if lost:
                assert self.run(world.now(job)) == before

    def _live(self, seconds: float, engine: Engine) -> None:
        """Time passes while a worker works; a dead one is followed by another once its claims have run out."""
        end = self.world.clock.time + seconds
        while True:
            try:
                self.run(self.world.pass_time(max(end - self.world.clock.time, 0.0), engine=engine))
            except Died:
                self.run(_end_of_the_process())
                self.world.clock.time += LEASE + 1
                engine = self.world.another_worker()
            else:
                return

    # --- the world -------------------------------------------------------------------------------------------------

    @rule(
        create=st.none() | st.sampled_from(sorted(CREATE_FAULTS)),
        query=st.none() | st.sampled_from(sorted(QUERY_ANSWERS)),
        fetch=st.none() | st.sampled_from(sorted(FETCH_FAULTS)),
        post=st.none() | st.sampled_from(sorted(POST_FAULTS)),
        effect=st.booleans(),
    )
    def the_world_turns_bad(
        self, create: str | None, query: str | None, fetch: str | None, post: str | None, effect: bool
    ) -> None:
        """What the next calls run into, and whether they had their effect all the same."""
        provider, channel = self.world.provider, self.world.channel
        provider.create_faults = list(CREATE_FAULTS.get(create or "", []))
        provider.paid_all_the_same = effect and create in {"answer lost", "died"}
        provider.query_answers = list(QUERY_ANSWERS.get(query or "", []))
        provider.download_faults = list(FETCH_FAULTS.get(fetch or "", []))
        channel.post_faults = list(POST_FAULTS.get(post or "", []))
        channel.posted_all_the_same = effect and post in {"bad gateway", "died"}

    @rule(pick=st.integers(0, 100), task=st.integers(0, 100), ended=st.booleans(), forged=st.booleans())
    def somebody_pushes(self, pick: int, task: int, ended: bool, forged: bool) -> None:
        if not self.jobs or not self.world.provider.ledger:
            return
        job = self.run(self.world.store.get(self.jobs[pick % len(self.jobs)]))
        assert job is not None
        ledger = self.world.provider.ledger
        mine = [paid.task_id for paid in ledger if paid.request.prompt == job.request.prompt]
        task_id = "1" if forged else mine[0] if mine else None
        key = "guess" if forged and task % 2 else job.callback_key or ""
        self.run(self.world.service.pushed(key, task_id=task_id, ended=ended))

    # --- the laws --------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        if hasattr(self, "world"):
            paid = Counter(paid.request.prompt for paid in self.world.provider.ledger)
            assert not paid or max(paid.values()) == 1, paid

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        if hasattr(self, "world"):
            posted = Counter(message.job_id for message in self.world.channel.messages)
            assert not posted or max(posted.values()) == 1, posted

    @invariant()
    def every_job_is_what_its_state_says(self) -> None:
        if not hasattr(self, "world"):
            return
        paid = {paid.request.prompt for paid in self.world.provider.ledger}
        posted = {message.job_id for message in self.world.channel.messages}
        for job_id in self.jobs:
            job = self.run(self.world.store.get(job_id))
            assert job is not None, "a job is lost"
            assert job.charge in CHARGES[job.state], (job.state, job.charge)
            assert (job.due_at is None) <= (job.state in ENDS), f"{job.state} and never due: forgotten"
            if job.state is JobState.DONE:
                assert job.id in posted
            if job.state in {JobState.CANCELLED, JobState.RECEIVED, JobState.QUEUED}:
                assert job.request.prompt not in paid, f"{job.state}, but paid"

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self._all_is_well_in_the_end()
        finally:
            self.run(self.stack.aclose())
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _all_is_well_in_the_end(self) -> None:
        """Once the world behaves, every job comes to its end: delivered, or told why not."""
        self.world.clock.time += LEASE + 1
        self._live(2 * 3600.0, self.world.engine)
        states = Counter[JobState]()
        for job_id in self.jobs:
            job = self.run(self.world.store.get(job_id))
            assert job is not None
            assert job.state in ENDS, f"{job.state} for ever"
            states[job.state] += 1
        assert states[JobState.DONE] == len(self.world.channel.messages)
        self.nothing_is_paid_twice()
        self.nothing_is_posted_twice()


async def _end_of_the_process() -> None:
    """What else it was doing ends with it, and nobody tidies up: the claims stay until they run out."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


CHARGES: dict[JobState, set[Charge]] = {state: {Charge.HELD} for state in JobState} | {
    JobState.DONE: {Charge.SPENT},
    JobState.UNDELIVERED: {Charge.SPENT},
    JobState.CANCELLED: {Charge.RELEASED},
    JobState.FAILED: {Charge.RELEASED, Charge.SPENT},
    JobState.UNCERTAIN: {Charge.HELD, Charge.SPENT},
}

TestLaws = Machine.TestCase
TestLaws.settings = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
