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
    Undeliverable,
)
from jobs.model import (
    ENDS,
    Answer,
    Charge,
    Delivery,
    Derivation,
    Derived,
    Draft,
    Failure,
    Job,
    JobState,
    Origin,
    Posted,
)
from jobs.ports import TaskReport, TaskState
from jobs.tools import Rules
from tests.factories import an_origin
from tests.jobs.doubles import Died
from tests.jobs.world import World, a_world

T = TypeVar("T")
IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a disk that a test cannot wear out, where there is one


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
    "away for an hour": [DeliveryDelayed("503", status=503, retry_after=3600.0)],
    "refused": [Undeliverable("missing permissions", status=403, code=50013)],
    "too large": [TooLarge("413", status=413)],
    "died": [Died()],
}


PLACES: dict[str, dict[str, bool]] = {
    "a channel": {},
    "where we are guests": {"guest": True},
    "in private": {"private": True},
    "in private, as guests": {"private": True, "guest": True},
}
TOKEN_LIVES = [0.0, 30.0, 870.0]
PUSHES = "https://bot.example/pushes"  # the address that a create names tells whose it is


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.jobs: list[str] = []
        self.fences: Counter[tuple[str, int]] = Counter()
        self.asked_for_once_more: Counter[str] = Counter()
        self.prompts = self.tokens = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        async def enter() -> World:
            return await self.stack.enter_async_context(a_world(self.folder, rules=Rules(callback_base=PUSHES)))

        self.world = self.run(enter())

    # --- people ----------------------------------------------------------------------------------------------------

    @rule(
        user=st.integers(1, 3),
        carded=st.booleans(),
        place=st.sampled_from(sorted(PLACES)),
        life=st.sampled_from(TOKEN_LIVES),
    )
    def somebody_asks(self, user: int, carded: bool, place: str, life: float) -> None:
        async def ask() -> Job:
            origin = an_origin(user_id=user, **PLACES[place])
            answer = self._an_answer(origin, life) if origin.private or origin.guest else None
            draft = Draft(prompt=self._a_prompt())
            job = await self.world.service.submit(draft, origin, answer=answer)
            again = await self.world.service.submit(draft, origin, answer=answer)
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
            self.run(self.world.service.cancel(self._one(pick), user_id=who))

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 100), who=st.integers(1, 3), kind=st.sampled_from([Derived.AGAIN, Derived.RETRY]))
    def somebody_wants_it_again(self, pick: int, who: int, kind: Derived) -> None:
        """A double press makes one video, whoever pressed it had asked for, once it has ended."""

        async def press() -> Job:
            again = self.world.service.again if kind is Derived.AGAIN else self.world.service.retry
            made = await again(self._one(pick), an_origin(user_id=who))
            assert (await again(self._one(pick), an_origin(user_id=who))).id == made.id, "a double press made two jobs"
            return made

        with contextlib.suppress(RequestProblem):
            made = self.run(press())
            assert made.origin.user_id == who
            if made.id not in self.jobs:
                self.jobs.append(made.id)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 100), who=st.integers(1, 3))
    def somebody_edits(self, pick: int, who: int) -> None:
        derivation = Derivation(kind=Derived.EDIT, source_id=self._one(pick))
        draft = Draft(prompt=self._a_prompt())
        with contextlib.suppress(RequestProblem):
            made = self.run(self.world.service.submit(draft, an_origin(user_id=who), derivation=derivation))
            self.jobs.append(made.id)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 100), who=st.integers(1, 3), life=st.none() | st.sampled_from(TOKEN_LIVES))
    def somebody_fetches(self, pick: int, who: int, life: float | None) -> None:
        """With an answer it goes in its place, without one to where it was to go."""
        job = self._job(self._one(pick))
        answer = None if life is None else self._an_answer(job.origin, life)
        with contextlib.suppress(RequestProblem):
            going = self.run(self.world.service.fetch(job.id, user_id=who, answer=answer))
            assert (job.state, job.origin.user_id) == (JobState.UNDELIVERED, who)
            assert (going.delivery is Delivery.ANSWER) is (
                answer is not None or (going.origin.guest and not going.origin.private)
            )
            if job.failure is not None and job.failure.reason is Reason.ANSWER_UNSEEN:
                self.asked_for_once_more[job.id] += 1

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 100), who=st.integers(1, 3), moderator=st.booleans())
    def somebody_deletes(self, pick: int, who: int, moderator: bool) -> None:
        with contextlib.suppress(RequestProblem):
            job = self.run(self.world.service.removable(self._one(pick), user_id=who, moderator=moderator))
            assert moderator or job.origin.user_id == who
            if job.state is JobState.DONE:
                removed = self.run(self.world.service.removed(job.id))
                assert removed.posted is not None
                assert removed.posted.deleted

    def _one(self, pick: int) -> str:
        return self.jobs[pick % len(self.jobs)]

    def _a_prompt(self) -> str:
        self.prompts += 1
        return f"cat number {self.prompts}"

    def _an_answer(self, origin: Origin, life: float) -> Answer:
        self.tokens += 1
        return Answer(token=f"{origin.interaction_id} {self.tokens}", expires_at=self.world.clock.time + life)

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

    @rule(places=st.sets(st.sampled_from(sorted(Delivery))))
    def places_close_and_open(self, places: set[Delivery]) -> None:
        self.world.channel.closed = places
        self.world.channel.closed_error = lambda: Undeliverable("missing access", status=403, code=50001)

    @precondition(lambda self: self.jobs)
    @rule(pick=st.integers(0, 100), task=st.integers(0, 100), ended=st.booleans(), forged=st.booleans())
    def somebody_pushes(self, pick: int, task: int, ended: bool, forged: bool) -> None:
        job = self._job(self._one(pick))
        task_id = "1" if forged else self._paid().get(job.callback_key or "", [None])[0]
        key = "guess" if forged and task % 2 else job.callback_key or ""
        self.run(self.world.service.pushed(key, task_id=task_id, ended=ended))

    # --- the laws --------------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        if hasattr(self, "world"):
            assert all(len(tasks) == 1 for tasks in self._paid().values()), self._paid()

    @invariant()
    def nothing_is_posted_twice(self) -> None:
        """But for what somebody asked for once more, having been told to look for it first."""
        if hasattr(self, "world"):
            posted = Counter(message.job_id for message in self.world.channel.messages)
            twice = {
                job_id: number for job_id, number in posted.items() if number > 1 + self.asked_for_once_more[job_id]
            }
            assert twice == {}

    @invariant()
    def every_job_is_what_its_state_says(self) -> None:
        if not hasattr(self, "world"):
            return
        paid = self._paid()
        for job in map(self._job, self.jobs):
            places = [message.delivery for message in self.world.channel.messages if message.job_id == job.id]
            assert job.charge in CHARGES[job.state], (job.state, job.charge)
            assert (job.due_at is None) <= (job.state in ENDS), f"{job.state} and never due: forgotten"
            assert (job.failure is not None) is (job.state in TOLD_WHY), (job.state, job.failure)
            if job.state is JobState.DONE:
                assert job.delivery in places
            if job.state is JobState.UNDELIVERED and places:
                assert job.failure is not None
                assert job.failure.reason is Reason.ANSWER_UNSEEN
            if job.state in {JobState.CANCELLED, JobState.RECEIVED, JobState.QUEUED}:
                assert job.callback_key not in paid, f"{job.state}, but paid"
            if job.origin.private or job.origin.guest:
                assert Delivery.CHANNEL not in places, "shown to everybody"

    def _paid(self) -> dict[str, list[str]]:
        """The tasks paid for each job, by its secret address."""
        tasks: dict[str, list[str]] = {}
        for paid in self.world.provider.ledger:
            tasks.setdefault(str(paid.callback_url).removeprefix(f"{PUSHES}/"), []).append(paid.task_id)
        return tasks

    def _job(self, job_id: str) -> Job:
        job = self.run(self.world.store.get(job_id))
        assert job is not None, "a job is lost"
        return job

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
        self.places_close_and_open(set())
        self.world.clock.time += LEASE + 1
        self._live(2 * 3600.0, self.world.engine)
        for job in map(self._job, self.jobs):
            assert job.state in ENDS, f"{job.state} for ever"
        self.nothing_is_paid_twice()
        self.nothing_is_posted_twice()
        self.every_job_is_what_its_state_says()


async def _end_of_the_process() -> None:
    """What else it was doing ends with it, and nobody tidies up: the claims stay until they run out.

    Tasks of the database's driver are left to themselves: cut off in the middle of closing a connection they would keep
    the file locked, which the end of a process does not.
    """
    steps = [task for task in asyncio.all_tasks() if _is_ours(task)]
    for task in steps:
        task.cancel()
    await asyncio.gather(*steps, return_exceptions=True)


def _is_ours(task: asyncio.Task[Any]) -> bool:
    return getattr(task.get_coro(), "__qualname__", "").startswith(("Engine.", "CardDesk."))


TOLD_WHY = {JobState.FAILED, JobState.UNCERTAIN, JobState.UNDELIVERED}
"""The ends that have a reason; every other state has none."""

CHARGES: dict[JobState, set[Charge]] = {state: {Charge.HELD} for state in JobState} | {
    # Undelivered before, and now fetched.
    JobState.RENDERING: {Charge.HELD, Charge.SPENT},
    JobState.FETCHING: {Charge.HELD, Charge.SPENT},
    JobState.POSTING: {Charge.HELD, Charge.SPENT},
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
