"""The service behind the wire: accounts, admission, tasks, links and the clock they all read.

Knows no HTTP. Answers with values, refuses with `ServiceError`; the routes put both into words.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hmac import compare_digest
from random import Random

from pydantic import SecretStr

from demo.simulator import codes
from demo.simulator.codes import ServiceError
from demo.simulator.faults import TASK, Switchboard
from demo.simulator.film_makers import paint_film
from demo.simulator.films import FilmMaker, FilmOrder, Films
from demo.simulator.holds import Holds
from demo.simulator.ledger import Ledger, PaidCreate, RequestLog
from demo.simulator.orders import FPS, Order
from demo.simulator.tasks import SUCCESS, Plan, StagePlan, Task

LINK_SECONDS = 3600  # a V1 download_url lives one hour (MiniMax docs, Video download)
TYPICAL_SECONDS = 120  # Hailuo-02, 768P


@dataclass(frozen=True)
class Limits:
    """What one key may do; None is no limit. The real service gave 5 to 20 creates a minute.

    Attributes:
        creates_per_minute: Above it: 1002.
        in_flight: Unfinished tasks; above it: 1041.
        balance: Money at the start, in the simulator's currency; when it does not cover a create: 1008.
    """

    creates_per_minute: int | None = None
    in_flight: int | None = None
    balance: Decimal | None = None


@dataclass(frozen=True)
class Link:
    """A download link's target.

    Attributes:
        expires_at: Epoch seconds.
    """

    task: Task
    expires_at: float


class Simulator:
    """One MiniMax, with its switches and its books.

    Attributes:
        faults: What goes wrong next.
        holds: Which request stops where.
        ledger: What was paid.
        requests: What was asked.
        download_url: Base URL of the download host; set when a server starts.
    """

    def __init__(
        self,
        *,
        keys: Mapping[str, SecretStr],
        plan: Plan | None = None,
        limits: Limits | None = None,
        film_maker: FilmMaker = paint_film,
        currency: str = "CNY",
        wrong_key_code: int = codes.NOT_AUTHORIZED,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Open the service with nothing in its books.

        Args:
            keys: Name to key, for every key it takes.
            plan: Draws how long each task's stages take; left out, about two minutes in all.
            limits: What each key may do; left out, anything.
            film_maker: Makes the films.
            currency: Of the prices, `USD` or `CNY`.
            wrong_key_code: 1004 as on the global host, or 2049 as on the mainland one.
            seed: Makes ids and stages repeatable; None draws fresh ones each time.
            clock: Gives the time in epoch seconds.
            sleep: Waits for a slow body.
        """
        self.faults = Switchboard()
        self.holds = Holds()
        self.ledger = Ledger()
        self.requests = RequestLog()
        self.films = Films(film_maker)
        self.currency = currency
        self.download_url = ""
        self.sleep = sleep
        self._keys = dict(keys)
        self._plan: Plan = plan or StagePlan.taking(TYPICAL_SECONDS)
        self._limits = limits or Limits()
        self._wrong_key_code = wrong_key_code
        self._random = Random(seed)  # noqa: S311 -- ids of a simulation
        self._clock = clock
        self._skipped = 0.0
        self._tasks: dict[str, Task] = {}
        self._by_file: dict[int, Task] = {}
        self._links: dict[str, Link] = {}

    def now(self) -> float:
        """The service's time in epoch seconds."""
        return self._clock() + self._skipped

    def advance(self, seconds: float) -> None:
        """Let time pass at once: videos get done, links expire."""
        self._skipped += seconds

    def account(self, authorization: str | None) -> str:
        """Who asks.

        Args:
            authorization: The request's header.

        Returns:
            The name of the key.

        Raises:
            ServiceError: 1004 without a bearer key, 1004 or 2049 with a wrong one.
        """
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise ServiceError(codes.NOT_AUTHORIZED)
        for name, known in self._keys.items():
            if compare_digest(known.get_secret_value().encode(), key.strip().encode("utf-8", "surrogateescape")):
                return name
        raise ServiceError(self._wrong_key_code)

    def balance(self, account: str) -> Decimal | None:
        """What is left of an account's money; None if it has no end."""
        if self._limits.balance is None:
            return None
        spent = (entry.price for entry in self.ledger.paid_creates() if entry.key_name == account)
        return self._limits.balance - sum(spent, Decimal(0))

    def create(self, account: str, order: Order) -> Task:
        """Take a create, and the money for it.

        Args:
            account: Who asks.
            order: What for.

        Raises:
            ServiceError: 1002, 1041 or 1008: a limit of the account is reached. Nothing was taken.
        """
        now = self.now()
        self._admit(account, order, now)
        task = Task(
            task_id=str(self._fresh_id()),
            file_id=self._fresh_id(),
            account=account,
            order=order,
            created_at=now,
            stages=self._plan(order, self._random),
        ).fated(self.faults.take_all(TASK, order.prompt))
        self._tasks[task.task_id] = task
        self._by_file[task.file_id] = task
        self.ledger.write(
            PaidCreate(
                task_id=task.task_id,
                key_name=account,
                prompt=order.prompt,
                prompt_sha256=order.prompt_sha256,
                model=order.model,
                mode=order.mode,
                resolution=order.resolution,
                duration=order.duration,
                price=order.price(self.currency),
                currency=self.currency,
                created_at=now,
            )
        )
        if task.failure is None:
            self.films.begin(film_order(order))
        return task

    def _admit(self, account: str, order: Order, now: float) -> None:
        limits = self._limits
        if limits.creates_per_minute is not None and self.ledger.since(account, now - 60) >= limits.creates_per_minute:
            raise ServiceError(codes.RATE_LIMIT)
        running = (task for task in self._tasks.values() if task.account == account and task.is_running(now))
        if limits.in_flight is not None and sum(1 for _ in running) >= limits.in_flight:
            raise ServiceError(codes.TOO_MANY_AT_ONCE)
        balance = self.balance(account)
        if balance is not None and balance < order.price(self.currency):
            raise ServiceError(codes.NO_BALANCE)

    def task(self, task_id: str, account: str | None = None) -> Task | None:
        """A task by its id; None if there is none, or if it belongs to another account than the given one."""
        task = self._tasks.get(task_id)
        return task if task and account in (None, task.account) else None

    def finished(self, file_id: int, account: str | None = None) -> Task | None:
        """The task whose film has that id, once it succeeded; None as for `task`."""
        task = self._by_file.get(file_id)
        if task is None or account not in (None, task.account) or task.status_at(self.now()) != SUCCESS:
            return None
        return task

    def new_link(self, task: Task) -> str:
        """A fresh download link for a finished task, good for an hour; earlier ones keep their own hour."""
        token = f"{self._random.getrandbits(128):032x}"
        self._links[token] = Link(task, self.now() + LINK_SECONDS)
        return f"{self.download_url}/video/{token}/output.mp4"

    def link(self, token: str) -> Link | None:
        """What a link of that token leads to, expired or not."""
        return self._links.get(token)

    def _fresh_id(self) -> int:
        return self._random.randrange(10**17, 10**18)


def film_order(order: Order) -> FilmOrder:
    """The film that an order asks for."""
    caption = f"{order.model} · {order.resolution} · {order.duration} s"
    return FilmOrder(
        prompt=order.prompt,
        caption=caption,
        width=order.width,
        height=order.height,
        duration=order.frames / FPS,
        first=order.first.content if order.first else None,
        last=order.last.content if order.last else None,
        subjects=tuple(subject.content for subject in order.subjects),
        sound=order.sound,
    )
