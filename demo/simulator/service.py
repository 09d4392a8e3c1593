"""The service behind the wire: accounts, admission, tasks, links and the clock they all read.

Knows no HTTP. Answers with values, refuses with `ServiceError`; the routes put both into words.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from hmac import compare_digest
from random import Random

from pydantic import SecretStr

from demo.simulator import codes
from demo.simulator.callbacks import PATIENCE, Callbacks
from demo.simulator.codes import ServiceError
from demo.simulator.faults import TASK, Switchboard
from demo.simulator.files import INPUT, INPUT_SECONDS, FileStore, StoredFile
from demo.simulator.film_makers import paint_film
from demo.simulator.films import FilmMaker, FilmOrder, Films
from demo.simulator.holds import Holds
from demo.simulator.ledger import Ledger, PaidCreate, RequestLog
from demo.simulator.orders import FPS, V2, Order
from demo.simulator.tasks import CANCELLED, FAIL, PREPARING, QUEUEING, SUCCESS, Plan, StagePlan, Task

#: A V1 download_url lives one hour (MiniMax docs, Video download); how long V2's does is not published.
LINK_SECONDS = 3600
V2_TASK_SECONDS = 7 * 24 * 3600  # so long V2 knows a task (MiniMax docs, V2 query)
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
        films: What was made.
        files: What was uploaded.
        callbacks: What was pushed.
        download_url: Base URL of the download host; set when a server starts.
        secure_url: Base URL of the API host over TLS; empty where none is served.
        secure_download_url: Base URL of the download host over TLS, likewise.
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
        challenge_seconds: float = PATIENCE,
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
            challenge_seconds: How long a receiver of callbacks may take to answer, in real seconds.
        """
        self.faults = Switchboard()
        self.holds = Holds()
        self.ledger = Ledger()
        self.requests = RequestLog()
        self.films = Films(film_maker)
        self.files = FileStore()
        self.callbacks = Callbacks(self, patience=challenge_seconds)
        self.currency = currency
        self.download_url = ""
        self.secure_url = ""
        self.secure_download_url = ""
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
        self.callbacks.wake()

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

    def create(self, account: str, order: Order, *, secure: bool = False) -> Task:
        """Take a create, and the money for it.

        Args:
            account: Who asks.
            order: What for.
            secure: Whether it came over TLS.

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
            secure=secure,
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
        if order.callback_url is not None:
            self.callbacks.watch(task.task_id, order.callback_url)
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

    def v2_tasks(self, account: str) -> list[Task]:
        """The tasks of the last seven days that an account made by V2, newest first."""
        oldest = self.now() - V2_TASK_SECONDS
        return [
            task
            for task in reversed(self._tasks.values())
            if (task.account, task.order.api) == (account, V2) and task.created_at > oldest
        ]

    def v2_task(self, task_id: str, account: str) -> Task:
        """One of those.

        Raises:
            ServiceError: 1000 `record not found`, as the live service answers (litellm 1.109.1).
        """
        task = self._tasks.get(task_id)
        oldest = self.now() - V2_TASK_SECONDS
        if task is None or (task.account, task.order.api) != (account, V2) or task.created_at <= oldest:
            raise ServiceError(codes.UNKNOWN, "record not found")
        return task

    def cancel_or_delete(self, task: Task) -> str:
        """Cancel a task that waits, with its money given back, or forget one that has ended.

        Returns:
            `cancelled` or `deleted`.

        Raises:
            ServiceError: 2013: it is being made, or was cancelled before.
        """
        now = self.now()
        status = task.status_at(now)
        if status in (PREPARING, QUEUEING):
            self._tasks[task.task_id] = replace(task, cancelled_at=now)
            self.ledger.refund(task.task_id)
            self.callbacks.wake()
            return "cancelled"
        if status in (SUCCESS, FAIL):
            del self._tasks[task.task_id]
            del self._by_file[task.file_id]
            return "deleted"
        raise ServiceError.invalid("cannot cancel a running task" if status != CANCELLED else "task is cancelled")

    def finished(self, file_id: int, account: str | None = None) -> Task | None:
        """The V1 task whose film has that id, once it succeeded; None as for `task`."""
        task = self._by_file.get(file_id)
        if task is None or task.order.api == V2 or account not in (None, task.account):
            return None
        return task if task.status_at(self.now()) == SUCCESS else None

    def forget_film(self, task: Task) -> None:
        """Delete the film of a task; its links lead nowhere from now on."""
        del self._by_file[task.file_id]

    def new_link(self, task: Task, *, secure: bool = False) -> str:
        """A fresh download link for a finished task, good for an hour; earlier ones keep their own hour.

        Args:
            task: Whose film.
            secure: Whether it is asked for over TLS; the link answers in kind where both are served.
        """
        token = f"{self._random.getrandbits(128):032x}"
        self._links[token] = Link(task, self.now() + LINK_SECONDS)
        hosts = [self.secure_download_url, self.download_url]
        host = next((host for host in (hosts if secure else hosts[::-1]) if host), "")
        return f"{host}/video/{token}/output.mp4"

    def link(self, token: str) -> Link | None:
        """What a link of that token leads to, expired or not; None if its film was deleted."""
        link = self._links.get(token)
        return link if link and link.task.file_id in self._by_file else None

    def keep_file(self, account: str, filename: str, purpose: str, content: bytes) -> StoredFile:
        """Keep an upload, for a week if it is an input for a video.

        Args:
            account: Who sends it.
            filename: Its name.
            purpose: What for.
            content: Its bytes.
        """
        now = self.now()
        expires_at = now + INPUT_SECONDS if purpose == INPUT else None
        # Fifteen digits, as in the documentation: clients in JavaScript read the number as a double.
        file_id = self._random.randrange(10**14, 10**15)
        file = StoredFile(file_id, account, filename, purpose, content, now, expires_at)
        self.files.add(file)
        return file

    def input_file(self, file_id: str, account: str) -> bytes | None:
        """The bytes of a file that a V2 create may name; None if there is none for that."""
        file = self.files.get(int(file_id), account, self.now())
        return file.content if file and file.purpose == INPUT else None

    def _fresh_id(self) -> int:
        """An id that nothing has yet: 18 digits, more than a double can hold exactly."""
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
