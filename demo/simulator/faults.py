"""Switches for everything that can go wrong, and the words in a prompt that throw them for a person at the demo.

Data and a queue: which fault meets which request. How a fault looks on the wire is `misbehaviour`'s business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: Where a fault can strike. `create`: in place of taking the task; `accepted`: the task is taken and paid, its answer goes wrong;
#: `task`: the fate of the task itself; `challenge` and `push`: what the service sends to a callback; the others: in place of, or
#: within, that call's answer.
CREATE, ACCEPTED, TASK, QUERY, RETRIEVE, DOWNLOAD, ACCOUNT, LIST, DELETE, FILES, CHALLENGE, PUSH = POINTS = (
    "create",
    "accepted",
    "task",
    "query",
    "retrieve",
    "download",
    "account",
    "list",
    "delete",
    "files",
    "challenge",
    "push",
)
_PUSHED = frozenset({CHALLENGE, PUSH})
_CALLS = frozenset(POINTS) - {TASK} - _PUSHED
_JSON = _CALLS - {DOWNLOAD}
_ANSWERED = _CALLS - {CREATE}

STAGES = ("preparing", "queueing", "processing")


def _nothing(text: str) -> None:
    if text:
        raise ValueError(text)


def _word(text: str) -> None:
    if not text:
        raise ValueError(text)


def _seconds(text: str) -> None:
    if float(text) < 0:
        raise ValueError(text)


def _stage_seconds(text: str) -> None:
    stage, _, seconds = text.partition(":")
    if stage not in STAGES or float(seconds) < 0:
        raise ValueError(text)


@dataclass(frozen=True)
class Action:
    """What a kind of fault is.

    Attributes:
        points: Where it can strike.
        argument: Raises ValueError for an argument that makes no sense.
        help: One line for the command line.
        status: Strikes only queries whose honest answer would carry this status.
    """

    points: frozenset[str]
    argument: Callable[[str], object]
    help: str
    status: str | None = None


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "code": Action(_JSON, int, "code:N refuses with that code: HTTP 200 and base_resp on V1, an HTTP error on V2"),
        "overloaded": Action(_JSON, _nothing, "overloaded answers HTTP 529 as V2 words it"),
        "http": Action(_CALLS, int, "http:N answers HTTP N with an HTML page"),
        "text": Action(_CALLS, _nothing, "text answers HTTP 200 with something that is not JSON"),
        "reset": Action(_CALLS, _nothing, "reset resets the connection"),
        "drop": Action(_CALLS, _nothing, "drop closes the connection without an answer"),
        "slow": Action(_ANSWERED, float, "slow:S stretches the honest answer's body over S seconds"),
        "no-task-id": Action(frozenset({ACCEPTED}), _nothing, "no-task-id answers success with an empty task_id"),
        "fail": Action(frozenset({TASK}), int, "fail:N lets the task end as Fail with that code, 0 too"),
        "delay": Action(
            frozenset({TASK}), _stage_seconds, "delay:STAGE:S makes preparing, queueing or processing S seconds longer"
        ),
        "status": Action(frozenset({QUERY}), _word, "status:WORD answers with that status"),
        "spell": Action(frozenset({QUERY}), _word, "spell:WORD answers with that word instead of Fail", status="Fail"),
        "lower": Action(frozenset({QUERY}), _nothing, "lower answers with the status in lower case"),
        "no-file-id": Action(
            frozenset({QUERY}), _nothing, "no-file-id answers Success without a file (V2: a link)", status="Success"
        ),
        "number-id": Action(
            frozenset({QUERY}),
            _nothing,
            "number-id answers with file_id (V2: the task's id) as a number",
            status="Success",
        ),
        "string-id": Action(frozenset({RETRIEVE}), _nothing, "string-id answers with file_id as a string"),
        "no-url": Action(frozenset({RETRIEVE}), _nothing, "no-url answers without download_url"),
        "expired": Action(frozenset({DOWNLOAD}), _nothing, "expired answers 403, as after the link's hour"),
        "truncate": Action(frozenset({DOWNLOAD}), int, "truncate:N closes after N bytes of the promised length"),
        "type": Action(frozenset({DOWNLOAD}), _word, "type:TYPE sends the film under that Content-Type"),
        "skip": Action(frozenset({CHALLENGE}), _nothing, "skip pushes without a challenge before"),
        "lost": Action(_PUSHED, _nothing, "lost sends nothing; without its challenge a task has no pushes"),
        "late": Action(frozenset({PUSH}), _seconds, "late:S pushes S seconds after the change"),
        "repeat": Action(frozenset({PUSH}), int, "repeat:N pushes the same N times"),
        "disorder": Action(frozenset({PUSH}), _nothing, "disorder pushes only after the next change"),
    }
)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        point: Where, one of `POINTS`.
        action: What, one of `ACTIONS`.
        argument: The action's argument as text, for example the code.
        times: How often; None is always.
        skip: How many requests it would fit pass unharmed first.
        prompt: Strikes only tasks whose prompt holds this text.
    """

    point: str
    action: str
    argument: str = ""
    times: int | None = 1
    skip: int = 0
    prompt: str = ""

    def __post_init__(self) -> None:
        if self.point not in POINTS:
            raise ValueError(
                f"fault {self.point}={self.action}: {self.point} is not one of {', '.join(sorted(POINTS))}"
            )
        action = ACTIONS.get(self.action)
        if action is None or self.point not in action.points:
            allowed = ", ".join(name for name, action in ACTIONS.items() if self.point in action.points)
            raise ValueError(f"fault {self.point}={self.action}: {self.point} can only go wrong by: {allowed}")
        try:
            action.argument(self.argument)
        except ValueError as error:
            raise ValueError(f"fault {self.point}={self.action}: {action.help}") from error
        if self.times is not None and self.times < 1:
            raise ValueError(f"fault {self.point}={self.action}: times is at least 1")

    def fits(self, point: str, prompt: str, status: str) -> bool:
        """Whether it can strike here.

        Args:
            point: The call.
            prompt: The prompt of the task that the call is about; empty where there is none.
            status: What the honest answer of a query would say.
        """
        needed = ACTIONS[self.action].status
        return self.point == point and self.prompt in prompt and needed in (None, status)


def parse_fault(spec: str) -> Fault:
    """Read a switch as the command line and the control path take it.

    Args:
        spec: `POINT=ACTION[:ARGUMENT][,times=N|always][,skip=N][,prompt=TEXT]`, for example `create=code:1002,times=3`.

    Raises:
        ValueError: It says in one sentence what is wrong.
    """
    head, *options = spec.split(",")
    point, _, deed = head.partition("=")
    action, _, argument = deed.partition(":")
    given: dict[str, str] = {}
    for option in options:
        name, _, value = option.partition("=")
        given[name] = value
    if unknown := given.keys() - {"times", "skip", "prompt"}:
        raise ValueError(f"fault {spec}: {', '.join(sorted(unknown))} is not one of times, skip, prompt")
    times = given.get("times", "1")
    skip = given.get("skip", "0")
    if not (times == "always" or times.isdecimal()) or not skip.isdecimal():
        raise ValueError(f"fault {spec}: times is a number or the word always, skip a number")
    return Fault(point, action, argument, None if times == "always" else int(times), int(skip), given.get("prompt", ""))


@dataclass(frozen=True)
class Trigger:
    """Words in a prompt that make something go wrong, for a person who wants to see how the bot takes it.

    Attributes:
        words: Any one of them does it.
        fault: What happens.
        effect: The same in plain words, for the demo's help.
        once: Only the first such request of a prompt meets it, so that the next try ends well.
    """

    words: tuple[str, ...]
    fault: Fault
    effect: str
    once: bool = False


TRIGGERS: tuple[Trigger, ...] = (
    Trigger(("#refuse", "#拒绝"), Fault(CREATE, "code", "1026"), "the service refuses the prompt at once (1026)"),
    Trigger(("#moderate", "#审核"), Fault(TASK, "fail", "1026"), "the task fails early: the prompt was refused (1026)"),
    Trigger(
        ("#withhold", "#扣留"),
        Fault(TASK, "fail", "1027"),
        "the task fails late: the finished video was withheld (1027)",
    ),
    Trigger(("#fail", "#失败"), Fault(TASK, "fail", "0"), "the task fails without a reason"),
    Trigger(("#lost", "#丢失"), Fault(ACCEPTED, "reset"), "the answer is lost after the task was taken and paid"),
    Trigger(("#broken", "#中断"), Fault(DOWNLOAD, "truncate", "1000"), "the first download breaks off", once=True),
    Trigger(("#slow", "#慢"), Fault(TASK, "delay", "processing:30"), "the video takes 30 seconds longer"),
)


@dataclass
class _Waiting:
    fault: Fault
    skip: int
    left: int | None


@dataclass
class Switchboard:
    """The faults that wait for their request, in the order they were set.

    A request meets at most one: the oldest that fits and is not used up. The prompt's trigger words come after
    those. Only a new task meets all that fit, so that a delay and a failure can go together.
    """

    _waiting: list[_Waiting] = field(default_factory=list["_Waiting"])
    _spent: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    def add(self, *faults: Fault | str) -> None:
        """Set switches.

        Args:
            faults: Each a `Fault` or its text as `parse_fault` takes it.

        Raises:
            ValueError: A text makes no sense; then none is set.
        """
        parsed = [parse_fault(fault) if isinstance(fault, str) else fault for fault in faults]
        self._waiting.extend(_Waiting(fault, fault.skip, fault.times) for fault in parsed)

    def clear(self) -> None:
        """Take back every switch that was set."""
        self._waiting.clear()

    def pending(self) -> list[Fault]:
        """The switches that still wait for their request."""
        return [waiting.fault for waiting in self._waiting]

    def take(self, point: str, prompt: str = "", status: str = "") -> Fault | None:
        """The fault that this request meets; it is used up by that.

        Args:
            point: The call.
            prompt: The prompt of its task.
            status: What the honest answer of a query would say.
        """
        for waiting in list(self._waiting):
            if waiting.fault.fits(point, prompt, status) and self._strikes(waiting):
                return waiting.fault
        return next(iter(self._triggers(point, prompt)), None)

    def take_all(self, point: str, prompt: str) -> list[Fault]:
        """Every fault that this new task meets."""
        struck = [
            waiting.fault
            for waiting in list(self._waiting)
            if waiting.fault.fits(point, prompt, "") and self._strikes(waiting)
        ]
        return struck + self._triggers(point, prompt)

    def _strikes(self, waiting: _Waiting) -> bool:
        if waiting.skip > 0:
            waiting.skip -= 1
            return False
        if waiting.left is not None:
            waiting.left -= 1
            if waiting.left == 0:
                self._waiting.remove(waiting)
        return True

    def _triggers(self, point: str, prompt: str) -> list[Fault]:
        found: list[Fault] = []
        for trigger in TRIGGERS:
            spent = (trigger.effect, prompt) in self._spent
            if trigger.fault.point == point and not spent and any(word in prompt for word in trigger.words):
                found.append(trigger.fault)
                if trigger.once:
                    self._spent.add((trigger.effect, prompt))
        return found
