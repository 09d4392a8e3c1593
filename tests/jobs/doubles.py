"""Doubles of the ports: the provider, the channel, the catalog, the intake, the shop and the clock.

They are real implementations: the provider keeps a ledger of what was paid, the channel keeps what was posted. Faults are
scripted as a list of what the next calls answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs.errors import BotError, InvalidPrompt, NotOffered, PromptProblem, Reason, Refused, Undeliverable
from jobs.model import (
    Api,
    Card,
    Delivery,
    Draft,
    Gate,
    InputFile,
    Job,
    JobState,
    MediaSource,
    Money,
    Note,
    Posted,
    Role,
    Task,
    VideoRequest,
)
from jobs.ports import Fit, InputRules, Offer, Standing, TaskReport, TaskState, VideoLink
from media.folder import VideoFolder
from tests.factories import NOW

RENDER_SECONDS = 60.0
QUEUED_SECONDS = 20.0
HOST = "http://127.0.0.1:1"
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(1000)


class SetClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = NOW) -> None:
        self.time = now

    def now(self) -> float:
        return self.time


class SmallCatalog:
    """Offers one model in two sizes."""

    def __init__(self) -> None:
        self.disabled: dict[str, str] = {}

    def offer(self, draft: Draft) -> Offer:
        if not draft.prompt:
            raise InvalidPrompt(PromptProblem.EMPTY, length=0, limit=2000)
        if draft.resolution not in {None, "768P", "1080P"}:
            raise NotOffered("resolution", str(draft.resolution), ("768P", "1080P"))
        wish = VideoRequest(
            prompt=draft.prompt,
            model=draft.model or "MiniMax-Hailuo-02",
            resolution=draft.resolution or "768P",
            duration=draft.duration or 6,
            inputs=draft.inputs,
            api=Api.V2 if draft.model == "MiniMax-H3" else Api.V1,
        )
        return Offer(request=wish, price=Money.of("0.28", "USD"))

    def input_rules(self, model: str, role: Role) -> InputRules:  # noqa: ARG002 - the port's form
        return InputRules(media_types=frozenset({"image/png"}), max_bytes=1000)

    def disable(self, model: str, reason: str) -> None:
        self.disabled[model] = reason

    def typical_seconds(self, request: VideoRequest) -> float:  # noqa: ARG002 - the port's form
        return 120.0


class Died(BaseException):
    """The worker's process ended just here."""


Fault = BotError | Exception | Died | None


@dataclass
class PaidTask:
    request: VideoRequest
    task_id: str
    made_at: float
    inputs: tuple[InputFile, ...] = ()
    callback_url: str | None = None
    cancelled: bool = False
    asks: list[float] = field(default_factory=list[float])


class SmallIntake:
    """Takes in whatever it is given, unless a fault is scripted."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.taken: list[MediaSource] = []
        self.refitted: list[Role] = []

    async def take(self, source: MediaSource, rules: InputRules) -> InputFile:  # noqa: ARG002 - the port's form
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        self.taken.append(source)
        return InputFile(
            role=source.role, media_type="image/png", data=source.url.encode(), notes=(Note.PICTURE_PADDED,)
        )

    async def refit(self, kept: InputFile, role: Role, rules: InputRules) -> InputFile:  # noqa: ARG002 - the port's form
        self.refitted.append(role)
        return replace(kept, role=role)


class SmallShop(VideoFolder):
    """The real folder, with a shrinking that only pretends: films here are zeros."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.outcome = Fit.REENCODED
        self.plays = True
        self.asked: list[int] = []

    async def plays_inline(self, job_id: str) -> bool:  # noqa: ARG002 - the port's form
        return self.plays

    async def fit(self, job_id: str, *, limit: int) -> Fit:
        self.asked.append(limit)
        if self.outcome in {Fit.REENCODED, Fit.REPACKED}:
            await asyncio.to_thread(self.fitted(job_id).write_bytes, bytes(limit))
        return self.outcome


class ScriptedProvider:
    """Makes a film in a minute; each list holds what the next calls of that kind answer instead (None: as usual)."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.ledger: list[PaidTask] = []
        self.creates: list[float] = []
        self.create_faults: list[Fault] = []
        self.paid_all_the_same = False
        self.query_answers: list[TaskReport | Fault] = []
        self.while_asked: list[Callable[[], Awaitable[None]]] = []
        self.locate_faults: list[Fault] = []
        self.download_faults: list[Fault] = []
        self.downloads = 0
        self.hold_create: asyncio.Event | None = None
        self.create_reached = asyncio.Event()
        self.film = FILM

    @property
    def base_url(self) -> str:
        return HOST

    async def create(
        self, request: VideoRequest, inputs: Sequence[InputFile] = (), *, callback_url: str | None = None
    ) -> Task:
        self.creates.append(self._clock.now())
        fault = self.create_faults.pop(0) if self.create_faults else None
        if fault is None or self.paid_all_the_same:
            self.take(request, tuple(inputs), callback_url)
        self.create_reached.set()
        if self.hold_create is not None:
            await self.hold_create.wait()
        if fault is not None:
            raise fault
        return Task(task_id=self.ledger[-1].task_id, base_url=HOST, api=request.api)

    def take(self, request: VideoRequest, inputs: tuple[InputFile, ...] = (), callback_url: str | None = None) -> None:
        """Make the task and take the money, whether or not anybody is there for the answer."""
        task_id = f"17684386271648{len(self.ledger):04}"
        self.ledger.append(PaidTask(request, task_id, self._clock.now(), inputs, callback_url))

    async def lost(self, request: VideoRequest, *, since: float, until: float) -> Sequence[Task]:
        if request.api is Api.V1:
            return ()
        shape = (request.model, request.resolution, request.duration)
        return [
            Task(task_id=paid.task_id, base_url=HOST, api=Api.V2)
            for paid in self.ledger
            if (paid.request.model, paid.request.resolution, paid.request.duration) == shape
            and since <= paid.made_at <= until
        ]

    async def cancel(self, task: Task) -> bool:
        paid = next(paid for paid in self.ledger if paid.task_id == task.task_id)
        paid.cancelled = self._clock.now() - paid.made_at < QUEUED_SECONDS
        return paid.cancelled

    async def query(self, task: Task) -> TaskReport:
        paid = next((paid for paid in self.ledger if paid.task_id == task.task_id), None)
        if paid is None:
            raise Refused(Reason.TASK_LOST, "unknown task", code=2013)
        paid.asks.append(self._clock.now())
        if self.while_asked:
            await self.while_asked.pop(0)()
        answer = self.query_answers.pop(0) if self.query_answers else None
        if isinstance(answer, TaskReport):
            return answer
        if answer is not None:
            raise answer
        if self._clock.now() - paid.made_at < RENDER_SECONDS:
            return TaskReport(state=TaskState.RUNNING, raw_status="Processing")
        return TaskReport(state=TaskState.SUCCEEDED, raw_status="Success", file_id=f"f{task.task_id}")

    async def locate(self, task: Task, file_id: str) -> VideoLink:  # noqa: ARG002 - the port's form
        fault = self.locate_faults.pop(0) if self.locate_faults else None
        if fault is not None:
            raise fault
        url = f"http://127.0.0.1:1/{file_id}.mp4?at={self._clock.now()}"
        return VideoLink(url=url, expires_at=self._clock.now() + 3600)

    async def download(self, link: VideoLink, path: Path, *, limit: int) -> int:  # noqa: ARG002 - the port's form
        self.downloads += 1
        fault = self.download_faults.pop(0) if self.download_faults else None
        if fault is not None:
            raise fault
        await asyncio.to_thread(path.write_bytes, self.film)
        return len(self.film)


@dataclass
class Message:
    posted: Posted
    job_id: str
    delivery: Delivery
    size: int | None
    link: str | None = None
    token: str | None = None

    @property
    def direct(self) -> bool:
        return self.delivery is Delivery.DIRECT


class ChannelDouble:
    """A channel, everybody's direct messages, and the answers to interactions.

    A fault may strike before or after the message is there. An answer takes one video, however often it is put there, and
    nothing any more once its token is over.
    """

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.messages: list[Message] = []
        self.cards: dict[str, list[tuple[JobState, Standing]]] = {}
        self.alerts: list[Gate] = []
        self.post_faults: list[Fault] = []
        self.posted_all_the_same = False
        self.closed: set[Delivery] = set()
        self.closed_error: Callable[[], BotError] | None = None
        self.card_faults: list[Fault] = []
        self.alert_faults: list[Fault] = []
        self.noted: list[tuple[int, Posted]] = []
        self.note_faults: list[Fault] = []
        self.arrived = asyncio.Event()

    def card_of(self, job: Job) -> JobState:
        return self.cards[job.id][-1][0]

    async def show_card(self, job: Job, card: Card, standing: Standing) -> Posted | None:
        fault = self.card_faults.pop(0) if self.card_faults else None
        if fault is not None:
            raise fault
        if job.state is JobState.DONE and card.message_id is None and job.id not in self.cards:
            return None
        self.cards.setdefault(job.id, []).append((job.state, standing))
        return Posted(channel_id=job.origin.channel_id, message_id=card.message_id or 500_000 + len(self.cards))

    async def find_result(self, job: Job) -> Posted | None:
        self._check_open(job)
        place = (job.id, job.delivery, _token(job))
        found = (one for one in self.messages if (one.job_id, one.delivery, one.token) == place)
        return next((message.posted for message in found), None)

    async def post_video(self, job: Job, path: Path) -> Posted:
        return self._post(job, size=path.stat().st_size, link=None)

    async def post_link(self, job: Job) -> Posted:
        return self._post(job, size=None, link=job.link)

    async def note_requester(self, job: Job, posted: Posted) -> None:
        fault = self.note_faults.pop(0) if self.note_faults else None
        if fault is None or self.posted_all_the_same:
            self.noted.append((job.origin.user_id, posted))
        if fault is not None:
            raise fault

    async def alert_owners(self, gate: Gate) -> None:
        fault = self.alert_faults.pop(0) if self.alert_faults else None
        if fault is not None:
            raise fault
        self.alerts.append(gate)

    def _post(self, job: Job, *, size: int | None, link: str | None) -> Posted:
        self._check_open(job)
        fault = self.post_faults.pop(0) if self.post_faults else None
        if fault is not None and not self.posted_all_the_same:
            raise fault
        token = _token(job)
        if token is not None:
            self.messages = [message for message in self.messages if message.token != token]
        posted = Posted(channel_id=job.origin.channel_id, message_id=700_000 + len(self.messages))
        self.messages.append(Message(posted, job.id, job.delivery, size, link, token))
        self.arrived.set()
        if fault is not None:
            raise fault
        return posted

    def _check_open(self, job: Job) -> None:
        if job.delivery in self.closed and self.closed_error is not None:
            raise self.closed_error()
        if job.delivery is not Delivery.ANSWER:
            return
        if job.answer is None or job.answer.expires_at <= self._clock.now():
            raise Undeliverable("unknown webhook", status=404, code=10015)


def _token(job: Job) -> str | None:
    return job.answer.token if job.delivery is Delivery.ANSWER and job.answer is not None else None
