"""A job, what was asked for, and the one table of states it may pass through.

Pure data: no clock, no I/O. All times are epoch seconds (UTC), all sizes bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from .errors import IllegalTransition, Reason
from .origin import Answer, Derivation, Derived, Origin
from .request import Api, Draft, InputFile, MediaSource, Mode, Note, Role, VideoRequest

__all__ = [
    "CANCELLABLE",
    "DELETED",
    "ENDS",
    "MICROS",
    "OPEN",
    "TRANSITIONS",
    "Answer",
    "Api",
    "Card",
    "Charge",
    "Delivery",
    "Derivation",
    "Derived",
    "Draft",
    "Failure",
    "Gate",
    "InputFile",
    "Job",
    "JobState",
    "MediaSource",
    "Mode",
    "Money",
    "Note",
    "Origin",
    "Posted",
    "Role",
    "Task",
    "VideoRequest",
]

MICROS: Final = 1_000_000

DELETED: Final = 0
"""The message id of a result that was posted and that somebody has deleted since."""


class JobState(StrEnum):
    """Where a job is. The order of the members is the order of a job's life."""

    RECEIVED = "received"
    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCERTAIN = "uncertain"
    RENDERING = "rendering"
    FETCHING = "fetching"
    POSTING = "posting"
    UNDELIVERED = "undelivered"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


_S = JobState

TRANSITIONS: Final[dict[JobState, frozenset[JobState]]] = {
    _S.RECEIVED: frozenset({_S.QUEUED, _S.CANCELLED, _S.FAILED}),
    _S.QUEUED: frozenset({_S.SUBMITTING, _S.CANCELLED, _S.FAILED}),
    # Back to the queue when the provider throttled us or the request never left.
    _S.SUBMITTING: frozenset({_S.QUEUED, _S.RENDERING, _S.UNCERTAIN, _S.FAILED}),
    # Found later: by a callback, a list call, or the late answer of a worker that was too slow.
    _S.UNCERTAIN: frozenset({_S.RENDERING}),
    _S.RENDERING: frozenset({_S.FETCHING, _S.CANCELLED, _S.FAILED}),
    # Back when there is no file yet.
    _S.FETCHING: frozenset({_S.RENDERING, _S.POSTING, _S.FAILED}),
    # Back when the file went with the process that had it.
    _S.POSTING: frozenset({_S.FETCHING, _S.DONE, _S.UNDELIVERED, _S.FAILED}),
    # Someone asked for it again.
    _S.UNDELIVERED: frozenset({_S.FETCHING}),
    _S.DONE: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.FAILED: frozenset(),
}
"""Every step a job may take. Staying in a state is always allowed and needs no entry."""

ENDS: Final = frozenset({_S.DONE, _S.FAILED, _S.CANCELLED, _S.UNCERTAIN, _S.UNDELIVERED})
"""The states a card names with a fixed word; nothing goes on by itself from here."""

OPEN: Final = frozenset(_S) - ENDS
"""The states in which a job counts as under way."""

CANCELLABLE: Final = frozenset({_S.RECEIVED, _S.QUEUED})
"""The states before anything was paid."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in millionths of a currency unit: exact, and a plain integer in the database.

    Args:
        micros: Millionths of the unit.
        currency: ISO 4217 code, such as `USD` or `CNY`.
    """

    micros: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str, currency: str) -> Money:
        """The amount given as a decimal number of units."""
        return cls(int(Decimal(amount) * MICROS), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in whole units."""
        return Decimal(self.micros) / MICROS


class Charge(StrEnum):
    """What became of a job's price in the budgets."""

    HELD = "held"
    SPENT = "spent"
    RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """The provider's paid task.

    Args:
        task_id: The provider's id; always a string (it may exceed 2**53).
        base_url: The host it was made on; ids mean nothing elsewhere.
        api: The interface it was made with.
    """

    task_id: str
    base_url: str
    api: Api = Api.V1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job failed.

    Args:
        reason: The word the card's text is chosen by.
        code: The provider's or Discord's raw code, for the operator.
        detail: Their raw words, for the operator.
    """

    reason: Reason
    code: int | None = None
    detail: str = ""


class Delivery(StrEnum):
    """Where the result goes: a new message in the channel, a direct one, or in place of the answer to an interaction."""

    CHANNEL = "channel"
    DIRECT = "direct"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message of ours that is, or was, on Discord.

    Args:
        channel_id: Where.
        message_id: Which one; `DELETED` where somebody has deleted it since.
    """

    channel_id: int
    message_id: int

    @property
    def deleted(self) -> bool:
        """Whether it was posted, but is no longer there."""
        return self.message_id == DELETED


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One video somebody asked for: one row, one state, one due time.

    Args:
        id: Short, url-safe, at most 25 characters (it is the nonce of the post and part of the file's name).
        request: What is to be made.
        origin: Who asked, and where.
        price: What the catalog says it costs; reserved when the job is made.
        charge: What became of that reservation.
        created_at: When it was asked for.
        state: Where it is.
        state_since: When it came there.
        due_at: When the engine next acts; None where nothing goes on by itself.
        attempt: Tries of this state that failed in a row; the backoff grows with it.
        derivation: The video it comes from; None where it was asked for afresh.
        answer: The right to change the interaction's answer, where its card or its result goes out that way.
        waiting_for: Why it waits longer than usual (throttled, no credit …), for the card.
        task: The provider's task, once its id is known.
        submitted_at: When the paid call was last sent.
        asked_at: When the provider was last asked about the task.
        asks: How often it was asked.
        provider_status: The provider's last word on it, raw.
        rendered_after: When the provider last said that there was no video yet, or pushed; it was finished between then and
        rendered_at: when the video was first known to exist.
        file_id: The provider's id of the finished file.
        link: The provider's link to the file, and
        link_expires_at: the end of that link's life.
        upload_limit: Bytes one file may have; stepped down after a refusal for size.
        as_link: Whether the result goes out as a link, being too large for the channel as a file.
        delivery: Where the result goes; direct where the channel is closed to us, or only the requester may see it.
        post_attempted: Whether a post may already be there: look before posting.
        posted: The message with the result.
        failure: Why it failed; None otherwise.
        overdue: Whether it is past its deadline; then it no longer counts as in flight.
        cancel_asked: Whether the requester wants the provider to cancel the task, where it can.
        notes: What was done to the person's files, for the card.
        callback_key: The secret part of the address the provider may push to about this job.
        pushed_at: When the provider last pushed; written by whoever takes pushes, never by the engine.
        hinted_task_id: A task id that a push named before we knew one; believed only once a query confirms it.
        finished_at: When it came to its end.
        fence: Counts the claims; a write with an old fence changes nothing.
    """

    id: str
    request: VideoRequest
    origin: Origin
    price: Money
    created_at: float
    state_since: float
    upload_limit: int
    charge: Charge = Charge.HELD
    state: JobState = JobState.RECEIVED
    due_at: float | None = None
    attempt: int = 0
    derivation: Derivation | None = None
    answer: Answer | None = None
    waiting_for: Reason | None = None
    task: Task | None = None
    submitted_at: float | None = None
    asked_at: float | None = None
    asks: int = 0
    provider_status: str | None = None
    rendered_after: float | None = None
    rendered_at: float | None = None
    file_id: str | None = None
    link: str | None = None
    link_expires_at: float | None = None
    as_link: bool = False
    delivery: Delivery = Delivery.CHANNEL
    post_attempted: bool = False
    posted: Posted | None = None
    failure: Failure | None = None
    overdue: bool = False
    cancel_asked: bool = False
    notes: tuple[Note, ...] = ()
    callback_key: str | None = None
    pushed_at: float | None = None
    hinted_task_id: str | None = None
    finished_at: float | None = None
    fence: int = 0

    def to(self, state: JobState, *, now: float, **changes: Any) -> Job:
        """This job one step further: attempt and waiting start afresh, `due_at` is now unless given.

        Args:
            state: Where it goes.
            now: Epoch seconds.
            **changes: Further fields to set.

        Raises:
            IllegalTransition: If the table does not allow the step.
        """
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransition(f"job {self.id}: {self.state} -> {state}")
        ended = state in ENDS
        fresh: dict[str, Any] = {
            "state": state,
            "state_since": now,
            "due_at": None if ended else now,
            "attempt": 0,
            "waiting_for": None,
            "finished_at": now if ended else None,
        }
        return replace(self, **(fresh | changes))

    @property
    def api(self) -> Api:
        """The provider's interface that makes this job's video."""
        return self.task.api if self.task is not None else self.request.api

    @property
    def veiled(self) -> bool:
        """Whether the video is shown as a spoiler: made from one, or from an age-restricted channel and sent elsewhere."""
        away = self.origin.age_restricted and self.delivery is Delivery.DIRECT
        return away or any(source.spoiler for source in self.request.inputs)

    @property
    def chain(self) -> tuple[str, ...]:
        """The links to the messages of all videos that this one continues, oldest first."""
        return self.derivation.chain if self.derivation is not None else ()

    def later(self, due_at: float, **changes: Any) -> Job:
        """This job in the same state, due at another time (epoch seconds)."""
        return replace(self, due_at=due_at, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The status card of a job: where it is, and whether it shows the truth.

    Args:
        job_id: The job.
        channel_id: Where the card is; None as long as nobody has placed it.
        message_id: The message; None as long as nobody has placed it.
        version: Counts the visible changes of the job.
        edited_at: When it was last brought up to date.
        lost: Whether somebody deleted it; the job goes on without it.
    """

    job_id: str
    channel_id: int | None = None
    message_id: int | None = None
    version: int = 0
    edited_at: float = 0.0
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Submitting is paused for everybody: the provider throttles us, or an operator must act.

    Args:
        reason: Why.
        since: When it was closed.
        closed_until: When one waiting job may try again; its success opens the gate.
        attempt: Tries that failed since.
        detail: The provider's raw code and words, for the operator.
    """

    reason: Reason
    since: float
    closed_until: float
    attempt: int = 0
    detail: str = ""
