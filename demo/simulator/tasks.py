"""A task of the service and the plan of its stages: its status follows from the time that has passed, nothing runs.

Pure, but for the randomness that is passed in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from demo.simulator.codes import INPUT_SENSITIVE
from demo.simulator.faults import Fault
from demo.simulator.orders import Order

#: The words of V1; what V2 calls them, `answers` knows. `Cancelled` happens on V2 alone.
PREPARING, QUEUEING, PROCESSING, SUCCESS, FAIL = "Preparing", "Queueing", "Processing", "Success", "Fail"
CANCELLED = "Cancelled"


@dataclass(frozen=True)
class Stages:
    """How long one task spends in each stage, in seconds."""

    preparing: float
    queueing: float
    processing: float

    @property
    def total(self) -> float:
        """Seconds from the create to its end."""
        return self.preparing + self.queueing + self.processing

    def longer(self, stage: str, seconds: float) -> "Stages":
        """The same with one stage stretched."""
        lengths = {"preparing": self.preparing, "queueing": self.queueing, "processing": self.processing}
        lengths[stage] += seconds
        return Stages(**lengths)


#: Draws the stages of a task. A benchmark may pass its own distribution.
Plan = Callable[[Order, Random], Stages]


@dataclass(frozen=True)
class StagePlan:
    """The plan for "makes a video in about so many seconds".

    Attributes:
        stages: The middle of the distribution.
        spread: Each task's total lies within this share of it, up or down.
    """

    stages: Stages
    spread: float = 0.15

    @classmethod
    def taking(cls, seconds: float, spread: float = 0.15) -> "StagePlan":
        """A plan of which a tenth is preparing, two tenths are queueing, the rest is processing.

        Args:
            seconds: From create to success.
            spread: See the class.
        """
        return cls(Stages(seconds * 0.1, seconds * 0.2, seconds * 0.7), spread)

    def __call__(self, order: Order, random: Random) -> Stages:  # noqa: ARG002 -- the signature of every `Plan`
        """Draw one task's stages."""
        factor = 1 + random.uniform(-self.spread, self.spread)
        return Stages(self.stages.preparing * factor, self.stages.queueing * factor, self.stages.processing * factor)


@dataclass(frozen=True)
class Change:
    """The moment a task takes another status.

    Attributes:
        at: Epoch seconds.
        status: The word of V1.
    """

    at: float
    status: str


@dataclass(frozen=True)
class Task:
    """One accepted create.

    Attributes:
        task_id: 18 digits, as text.
        file_id: 18 digits; larger than a double can hold exactly.
        account: The name of the key that made it.
        created_at: Epoch seconds.
        failure: The code it will fail with (0 is a failure without a reason); None if it will succeed.
        cancelled_at: When its account cancelled it, in epoch seconds; None if it did not.
        secure: Whether it was created over TLS; then links to its film use TLS as well.
    """

    task_id: str
    file_id: int
    account: str
    order: Order
    created_at: float
    stages: Stages
    failure: int | None = None
    cancelled_at: float | None = None
    secure: bool = False

    @property
    def ends_at(self) -> float:
        """Epoch seconds. A refused input shows early: once `Processing` is seen, its moderation is past."""
        if self.cancelled_at is not None:
            return self.cancelled_at
        early = self.failure == INPUT_SENSITIVE
        return self.created_at + (self.stages.preparing if early else self.stages.total)

    def status_at(self, now: float) -> str:
        """The V1 status at a time in epoch seconds."""
        return [change.status for change in self.changes() if change.at <= now][-1]

    def changes(self) -> list[Change]:
        """Every status of its life with its moment, past and to come, in order."""
        begun = self.created_at
        queued = begun + self.stages.preparing
        life = [Change(begun, PREPARING), Change(queued, QUEUEING), Change(queued + self.stages.queueing, PROCESSING)]
        ending = CANCELLED if self.cancelled_at is not None else SUCCESS if self.failure is None else FAIL
        return [change for change in life if change.at < self.ends_at or change.at == begun] + [
            Change(self.ends_at, ending)
        ]

    def updated_at(self, now: float) -> float:
        """When it took the status that it has at a time, both in epoch seconds."""
        return [change.at for change in self.changes() if change.at <= now][-1]

    def is_running(self, now: float) -> bool:
        """Whether it counts as in flight."""
        return now < self.ends_at

    def fated(self, faults: Sequence[Fault]) -> "Task":
        """The same task with the switches applied that lie on it."""
        task = self
        for fault in faults:
            if fault.action == "fail":
                task = replace(task, failure=int(fault.argument))
            else:
                stage, _, seconds = fault.argument.partition(":")
                task = replace(task, stages=task.stages.longer(stage, float(seconds)))
        return task
