"""The background loop: claims due jobs, advances each by one step, keeps the cards true, sleeps until the next is due.

One mechanism is the queue, the poll loop, the retry, the backoff, the crash recovery and the scale-out. It knows only
ports, so it runs beside the bot, without a gateway, or in a test: `await engine.run_due()`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from structlog.contextvars import bound_contextvars

from .admission import WINDOW, room, wait_to_submit
from .cards import HOLD, CardDesk
from .ends import given_up
from .errors import DeliveryError, Reason, StoreUnavailable
from .library import DRAFT_LIFE
from .making import CARD_GRACE
from .model import Job, JobState
from .polling import backoff
from .ports import Traffic
from .steps import STEPS
from .tools import Tools, keep

log = structlog.get_logger(__name__)

LEASE: Final = 20.0
"""Seconds a claim holds unless renewed: how long a job may wait after its worker was killed."""

RENEW_EVERY: Final = 5.0
"""Seconds between renewals of the claims held."""

LONGEST_SLEEP: Final = 30.0
"""Seconds after which the engine looks again whatever it knows: clocks jump, and other processes add jobs."""

SHORTEST_SLEEP: Final = 0.05
"""Seconds the engine rests at least when nothing woke it."""

TIDY_EVERY: Final = 3600.0
"""Seconds between two looks for people's files that nobody needs any more."""

NOTE_TIME_EVERY: Final = 30.0
"""Seconds between two notes of the time, by which the next start can tell that the clock was set back meanwhile."""

STORE_PAUSE: Final = 1.0
"""Seconds to wait after the database did not answer."""

_QUEUE_MOVERS: Final = frozenset({JobState.RECEIVED, JobState.QUEUED})
"""The states whose steps make jobs join or leave the queue."""

_OPERATOR_REASONS: Final = frozenset({Reason.MISCONFIGURED, Reason.OUT_OF_CREDIT})


@dataclass(frozen=True, slots=True)
class Lane:
    """States whose jobs share a bound on how many are worked on at once, so that one kind never starves another."""

    name: str
    states: frozenset[JobState]
    slots: int

    def due_at(self, due: Mapping[JobState, float]) -> float | None:
        """When the first of its jobs is due, by what `JobStore.next_due` says; None when none waits."""
        return min((due[state] for state in self.states & due.keys()), default=None)


@dataclass(frozen=True, slots=True)
class Agenda:
    """When the next jobs in each state, and the next card, are due (epoch seconds)."""

    jobs: Mapping[JobState, float]
    card: float | None


PREPARE: Final = Lane("prepare", frozenset({JobState.RECEIVED}), 8)
SUBMIT: Final = Lane("submit", frozenset({JobState.QUEUED}), 8)
RECOVER: Final = Lane("recover", frozenset({JobState.SUBMITTING, JobState.UNCERTAIN}), 4)
ASK: Final = Lane("ask", frozenset({JobState.RENDERING}), 16)
TRANSFER: Final = Lane("transfer", frozenset({JobState.FETCHING, JobState.POSTING}), 4)
LANES: Final = (TRANSFER, RECOVER, SUBMIT, ASK, PREPARE)


class Engine:
    """Advances jobs.

    Args:
        tools: The ports and rules.
        owner: This worker's name on the claims, for the log.
        awake: Set by whoever knows that something is due: a new job, a push from the provider, a cancel.
        grace: Seconds that steps under way may take to finish when the engine is stopped.
    """

    def __init__(self, tools: Tools, *, owner: str, awake: asyncio.Event | None = None, grace: float = 8.0) -> None:
        self._tools = tools
        self._owner = owner
        self._grace = grace
        self._cards = CardDesk(tools)
        self._awake = awake or asyncio.Event()
        self._stopping = False
        self._held: dict[str, Job] = {}
        self._running: dict[str, set[asyncio.Task[None]]] = {lane.name: set() for lane in LANES}
        self._chores: set[asyncio.Task[None]] = set()
        self._alerted: str | None = None
        self._renewed_at = tools.clock.now()
        self._noted_at: float | None = None
        self._tidied_at: float | None = None
        self._looked_at: float | None = None

    @property
    def alive(self) -> bool:
        """Whether the loop goes round: it has looked for due jobs as lately as it should."""
        return self._looked_at is not None and abs(self._tools.clock.now() - self._looked_at) <= 2 * LONGEST_SLEEP

    def stop(self) -> None:
        """Takes nothing new; `run` returns when the steps under way have ended or their grace is over."""
        self._stopping = True
        self._awake.set()

    async def run(self) -> None:
        """Works until `stop` is called; a database that does not answer pauses it and does not end it."""
        renewing = asyncio.create_task(self._renew_claims())
        try:
            while not self._stopping:
                self._awake.clear()
                self._looked_at = self._tools.clock.now()
                try:
                    await self._note_time()
                    agenda = await self._look()
                    if await self._start_due(agenda):
                        continue  # what is left, and when it is due, is another question now
                    due_in = await self._due_in(agenda)
                    pause = LONGEST_SLEEP if due_in is None else min(max(due_in, SHORTEST_SLEEP), LONGEST_SLEEP)
                except StoreUnavailable as error:
                    log.warning("database does not answer", error=str(error))
                    pause = STORE_PAUSE
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), timeout=pause)
        finally:
            self._looked_at = None
            await self._wind_down()
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def run_due(self) -> int:
        """Advances everything that is due now until nothing is, cards included; for tests and tools.

        Returns:
            How many steps were taken.
        """
        steps = 0
        await self._note_time()
        while True:
            before = steps
            for lane in LANES:
                jobs = await self._claim(lane, lane.slots, await self._tools.store.next_due())
                steps += len(jobs)
                await asyncio.gather(*(self._advance(job) for job in jobs))
            cards = await self._cards.show_due()
            await asyncio.gather(*self._chores)
            if steps == before and not cards:
                return steps

    async def due_in(self) -> float | None:
        """Seconds until something can be done in a lane that has room; None when nothing waits."""
        return await self._due_in(await self._look())

    async def _due_in(self, agenda: Agenda) -> float | None:
        store, now = self._tools.store, self._tools.clock.now()
        waits: list[float] = []
        for lane in LANES:
            at = lane.due_at(agenda.jobs)
            if at is None or len(self._running[lane.name]) >= lane.slots:
                continue
            wait = at - now
            if lane is SUBMIT and wait <= 0:
                wait = wait_to_submit(await store.traffic(since=now - WINDOW), self._tools.rules.rates, now)
            waits.append(wait)
        if agenda.card is not None and not self._chores:
            waits.append(agenda.card - now)
        return max(min(waits), 0.0) if waits else None

    async def _note_time(self) -> None:
        """Now and then, and at once when the clock was set back: what waits must not wait for that much longer."""
        now = self._tools.clock.now()
        if self._noted_at is not None and 0 <= now - self._noted_at < NOTE_TIME_EVERY:
            return
        behind = await self._tools.store.note_time(now, lease=LEASE, hold=HOLD, grace=CARD_GRACE)
        self._noted_at = now
        if behind:
            log.warning("the clock was set back", seconds=behind)

    # --- claiming ----------------------------------------------------------------------------------------------

    async def _look(self) -> Agenda:
        """What is due, asked once for all lanes: what a step changes meanwhile wakes us again."""
        return Agenda(await self._tools.store.next_due(), await self._tools.store.next_card_due())

    async def _start_due(self, agenda: Agenda) -> bool:
        """Starts what is due; returns whether that was anything."""
        started = False
        for lane in LANES:
            running = self._running[lane.name]
            for job in await self._claim(lane, lane.slots - len(running), agenda.jobs):
                self._spawn(running, self._advance(job))
                started = True
        await self._tidy()
        if not any(task.get_name() == "cards" for task in self._chores) and (
            self._cards.wanted or (agenda.card is not None and agenda.card <= self._tools.clock.now())
        ):
            self._spawn(self._chores, self._show_cards(), name="cards")
            started = True
        return started

    async def _claim(self, lane: Lane, slots: int, due: Mapping[JobState, float]) -> Sequence[Job]:
        store, now = self._tools.store, self._tools.clock.now()
        at = lane.due_at(due)
        if at is None or at > now or slots <= 0:
            return ()
        if lane is SUBMIT:
            traffic = await store.traffic(since=now - WINDOW)
            self._alert(traffic)
            slots = min(slots, room(traffic, self._tools.rules.rates, now))
        if slots <= 0:
            return ()
        if self._held and now - self._renewed_at > 2 * RENEW_EVERY:
            # The clock has jumped, or this process stood still: what we hold must not look abandoned to ourselves.
            await self._renew_held()
        jobs = await store.claim(lane.states, owner=self._owner, now=now, lease=LEASE, limit=slots)
        if lane is ASK and jobs:
            rate = self._tools.rules.rates.queries_per_minute
            granted = await store.take_queries(len(jobs), per_minute=rate, now=now)
            for job in jobs[granted:]:
                await store.save(job.later(now + self._tools.rules.polling.apart), now=now, card=False)
            jobs = jobs[:granted]
        return jobs

    # --- advancing ---------------------------------------------------------------------------------------------

    async def _advance(self, job: Job) -> None:
        self._held[job.id] = job
        try:
            with bound_contextvars(job=job.id, user=job.origin.user_id):
                await self._step(job)
        except asyncio.CancelledError:
            await self._let_go(job)
            raise
        except StoreUnavailable as error:
            # Nothing was written: the claim runs out and the step is taken again from the state in the database.
            log.warning("step not written", job=job.id, state=job.state, error=str(error))
        except Exception:
            log.exception("step broke", job=job.id, state=job.state)
            await self._put_off(job)
        finally:
            self._held.pop(job.id, None)
            self._awake.set()

    async def _step(self, job: Job) -> None:
        tools = self._tools
        now = tools.clock.now()
        after = given_up(job, now=now, after=tools.rules.give_up) or await STEPS[job.state](job, tools)
        if after is not None and not await keep(after, tools, card=_visible(job, after)):
            log.warning("claim lost", job=job.id, state=job.state)
        if after is not None and after.waiting_for in _OPERATOR_REASONS:
            self._alert(await tools.store.traffic(since=now))
        if job.state in _QUEUE_MOVERS:
            self._cards.queue_moved()

    async def _put_off(self, job: Job) -> None:
        """After a bug in a step: the same state again later, unless the step had already gone on from it."""
        try:
            fresh = await self._tools.store.get(job.id)
            if fresh is None or fresh.state is not job.state or fresh.fence != job.fence:
                return
            now = self._tools.clock.now()
            wait = backoff(job.attempt, self._tools.random)
            await self._tools.store.save(fresh.later(now + wait, attempt=fresh.attempt + 1), now=now, card=False)
        except StoreUnavailable as error:
            # The claim runs out instead.
            log.warning("step not put off", job=job.id, state=job.state, error=str(error))

    async def _let_go(self, job: Job) -> None:
        try:
            await self._tools.store.renew(job, lease_until=self._tools.clock.now())
        except StoreUnavailable as error:
            log.warning("claim not released", job=job.id, error=str(error))

    async def _renew_claims(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            await self._renew_held()

    async def _renew_held(self) -> None:
        began = self._tools.clock.now()
        for job in tuple(self._held.values()):
            try:
                held = await self._tools.store.renew(job, lease_until=self._tools.clock.now() + LEASE)
            except StoreUnavailable as error:
                log.warning("claim not renewed", job=job.id, error=str(error))
                continue
            if not held and job.id in self._held:
                log.warning("claim lost while working", job=job.id, state=job.state)
        self._renewed_at = began

    # --- chores ------------------------------------------------------------------------------------------------

    async def _tidy(self) -> None:
        """Forgets people's files once their jobs ended too long ago to be tried again, old drafts and old shared videos."""
        now = self._tools.clock.now()
        if self._tidied_at is not None and 0 <= now - self._tidied_at < TIDY_EVERY:
            return
        self._tidied_at = now
        dropped = await self._tools.store.drop_inputs(ended_before=now - self._tools.rules.give_up)
        drafts = await self._tools.library.drop_drafts(kept_before=now - DRAFT_LIFE)
        removed = await self._tools.shop.tidy(now=now)
        if dropped or drafts or removed:
            log.info("tidied", files=dropped, drafts=drafts, published=removed)

    async def _show_cards(self) -> None:
        try:
            await self._cards.show_due()
        except StoreUnavailable as error:
            log.warning("cards not shown", error=str(error))
        finally:
            self._awake.set()

    def _alert(self, traffic: Traffic) -> None:
        """Tells the operators once for each pause that only they can end."""
        gate = traffic.gate
        if gate is None or gate.reason not in _OPERATOR_REASONS:
            return
        key = f"{gate.reason}:{gate.since}"
        if key == self._alerted:
            return
        self._alerted = key

        async def tell() -> None:
            try:
                if await self._tools.store.recall("alerted") == key:
                    return
                await self._tools.courier.alert_owners(gate)
                await self._tools.store.remember("alerted", key)
            except (DeliveryError, StoreUnavailable) as error:
                log.warning("owners not told", reason=gate.reason, error=str(error))
                self._alerted = None

        self._spawn(self._chores, tell(), name="alert")

    def _spawn(
        self, among: set[asyncio.Task[None]], work: Coroutine[Any, Any, None], *, name: str | None = None
    ) -> None:
        task = asyncio.create_task(work, name=name)
        among.add(task)
        task.add_done_callback(among.discard)

    async def _wind_down(self) -> None:
        tasks = {task for running in self._running.values() for task in running} | self._chores
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=self._grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)


def _visible(before: Job, after: Job) -> bool:
    """Whether people can see the difference on the card."""
    hidden = {"due_at": None, "attempt": 0, "asked_at": None, "asks": 0, "link": None, "link_expires_at": None}
    return replace(before, **hidden) != replace(after, **hidden)
