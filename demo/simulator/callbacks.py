"""Pushes to `callback_url`: the challenge first, then each change of a task's status (MiniMax docs, T2V and V2 create).

What is due follows from the clock, as everything here does. While a server runs, one background task per callback waits for the
next change in real time; a test with a clock of its own says `deliver_due()` after moving it. Nothing is ever sent to a public
host. The real service's retries and order are undocumented: here a push is sent once and in order, unless a fault says otherwise.
"""

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import aiohttp

from demo.simulator.answers import Payload, push, pushed_changes
from demo.simulator.bodies import parse
from demo.simulator.faults import CHALLENGE, PUSH, Switchboard
from demo.simulator.holds import Holds
from demo.simulator.orders import V2
from demo.simulator.sources import is_public
from demo.simulator.tasks import SUCCESS, Change, Task

PATIENCE = 3.0  # seconds in which a challenge must be answered
_UPDATE = "update"
_CHALLENGE = "challenge"


@dataclass(frozen=True)
class Push:
    """One request that was sent to a callback, or would have been.

    Attributes:
        kind: `challenge` or `update`.
        status: What an update told; empty for a challenge.
        body: What was sent.
        at: When, in epoch seconds.
        http_status: What was answered; None if nothing was, in time.
    """

    task_id: str
    url: str
    kind: str
    status: str
    body: Payload
    at: float
    http_status: int | None


class Books(Protocol):
    """What a service must tell its callbacks."""

    faults: Switchboard
    holds: Holds

    def now(self) -> float:
        """The time in epoch seconds."""
        ...

    def task(self, task_id: str) -> Task | None:
        """A task by its id."""
        ...

    def new_link(self, task: Task, *, secure: bool = False) -> str:
        """A fresh link to its film."""
        ...


@dataclass(eq=False)
class _Lane:
    """One callback: what of its task was told already, and what waits."""

    task_id: str
    url: str
    told: int = 0
    open: bool | None = None
    finished: bool = False
    late: list[tuple[float, Change]] = field(default_factory=list[tuple[float, Change]])
    held: list[Change] = field(default_factory=list[Change])
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Callbacks:
    """All callbacks of one simulator, and the book of what was sent to them."""

    def __init__(self, books: Books, *, patience: float = PATIENCE) -> None:
        """Watch nothing yet.

        Args:
            books: The service's.
            patience: Real seconds that a receiver may take.
        """
        self._books = books
        self._patience = aiohttp.ClientTimeout(total=patience)
        self._lanes: list[_Lane] = []
        self._sent: list[Push] = []
        self._running: set[asyncio.Task[None]] | None = None
        self._changed = asyncio.Event()

    def watch(self, task_id: str, url: str) -> None:
        """Push what becomes of a task.

        Args:
            task_id: Which.
            url: Where to.
        """
        lane = _Lane(task_id, url)
        self._lanes.append(lane)
        self._run(lane)

    def pushes(self, task_id: str | None = None, kind: str | None = None) -> list[Push]:
        """What was sent, in order.

        Args:
            task_id: Only about this task.
            kind: Only `challenge` or only `update`.
        """
        return [sent for sent in self._sent if task_id in (None, sent.task_id) and kind in (None, sent.kind)]

    def wake(self) -> None:
        """Look at the clock again: it was moved, or a task was changed."""
        self._changed.set()
        self._changed = asyncio.Event()

    def start(self) -> None:
        """Deliver in the background from now on."""
        self._running = set()
        for lane in self._lanes:
            self._run(lane)

    async def stop(self) -> None:
        """Deliver nothing in the background any more; what is due later waits for the next start."""
        running, self._running = self._running or set[asyncio.Task[None]](), None
        for delivery in running:
            delivery.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def deliver_due(self) -> None:
        """Deliver all that is due by now, and what is being delivered, before this returns."""
        await asyncio.gather(*(self._deliver(lane) for lane in self._lanes if not lane.finished))

    def _run(self, lane: _Lane) -> None:
        if self._running is not None and not lane.finished:
            delivery = asyncio.create_task(self._deliver_in_time(lane))
            self._running.add(delivery)
            delivery.add_done_callback(self._running.discard)

    async def _deliver_in_time(self, lane: _Lane) -> None:
        while not lane.finished:
            changed = self._changed
            await self._deliver(lane)
            delay = self._next_due(lane) - self._books.now()
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), max(delay, 0))

    async def _deliver(self, lane: _Lane) -> None:
        """Deliver what is due on one lane."""
        async with lane.turn:
            task = self._books.task(lane.task_id)
            if lane.open is None and task is not None:
                lane.open = await self._challenge(lane, task)
            if task is None or not lane.open:
                lane.finished = True
                return
            changes, now = pushed_changes(task), self._books.now()
            for change in changes[lane.told :]:
                if change.at <= now:
                    lane.told += 1
                    await self._tell(lane, task, change)
            for late in [entry for entry in lane.late if entry[0] <= now]:
                lane.late.remove(late)
                await self._update(lane, task, late[1])
            if lane.told == len(changes) and not lane.late:
                await self._let_go(lane, task)
                lane.finished = True

    def _next_due(self, lane: _Lane) -> float:
        task = self._books.task(lane.task_id)
        coming = [change.at for change in pushed_changes(task)[lane.told :]] if task else []
        return min([*coming, *(at for at, _ in lane.late)], default=self._books.now())

    async def _tell(self, lane: _Lane, task: Task, change: Change) -> None:
        """Push a change, or what a fault makes of that."""
        fault = self._books.faults.take(PUSH, task.order.prompt, change.status)
        match fault.action if fault else "":
            case "lost":
                return
            case "late":
                lane.late.append((change.at + float(fault.argument if fault else 0), change))
            case "disorder":
                lane.held.append(change)
            case _:
                for _ in range(int(fault.argument) if fault else 1):
                    await self._update(lane, task, change)
                await self._let_go(lane, task)

    async def _let_go(self, lane: _Lane, task: Task) -> None:
        """Push what was held back to come out of order."""
        held, lane.held = lane.held, []
        for change in held:
            await self._update(lane, task, change)

    async def _challenge(self, lane: _Lane, task: Task) -> bool:
        """Whether the receiver sends the challenge back, so that it may be told more."""
        fault = self._books.faults.take(CHALLENGE, task.order.prompt)
        if fault is not None:
            return fault.action == "skip"
        await self._books.holds.pass_by(CHALLENGE, task.order.prompt)
        word = secrets.token_hex(16)
        answered = await self._send(lane, _CHALLENGE, "", {"challenge": word})
        return isinstance(answered, dict) and cast("dict[str, Any]", answered).get("challenge") == word

    async def _update(self, lane: _Lane, task: Task, change: Change) -> None:
        await self._books.holds.pass_by(PUSH, task.order.prompt)
        shown = task.order.api == V2 and task.status_at(change.at) == SUCCESS
        url = self._books.new_link(task, secure=task.secure) if shown else ""
        await self._send(lane, _UPDATE, change.status, push(task, change, url))

    async def _send(self, lane: _Lane, kind: str, status: str, body: Payload) -> Any:
        """The JSON that is answered to a push; None without one."""
        http_status, answered = None, None
        at = self._books.now()
        with suppress(aiohttp.ClientError, TimeoutError, OSError):
            if not is_public(lane.url):
                async with (
                    aiohttp.ClientSession(timeout=self._patience) as session,
                    session.post(lane.url, json=body, allow_redirects=False) as response,
                ):
                    answered = parse(await response.read())
                    http_status = response.status
        self._sent.append(Push(lane.task_id, lane.url, kind, status, body, at, http_status))
        return answered


def statuses(pushes: Sequence[Push]) -> list[str]:
    """What the updates among some pushes told, in the order they were sent."""
    return [sent.status for sent in pushes if sent.kind == _UPDATE]
