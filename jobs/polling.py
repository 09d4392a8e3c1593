"""When to ask again: the provider about a task, or anybody after a fault. Pure; randomness is an argument."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from random import Random
from typing import Final

FLOOR: Final = 3.0
"""The least number of seconds between two questions about one task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRules:
    """How often the provider is asked about one task; all in seconds.

    Args:
        first: From the submit to the first question.
        apart: Between two questions while the video is expected.
        steady: How long after the submit it is expected; then the questions grow sparser.
        sparsest: The longest pause ever, for tasks that are days late.
        pushed_apart: Between two questions about a task whose provider pushes news of it: only for a push that is lost.
    """

    first: float = 10.0
    apart: float = 10.0
    steady: float = 300.0
    sparsest: float = 3600.0
    pushed_apart: float = 90.0


@dataclass(frozen=True, slots=True)
class PollPlan:
    """When to ask about a task of a kind that we have learned.

    Args:
        ages: Seconds since the submit at which to ask, in order.
    """

    ages: tuple[float, ...]


def next_ask(age: float, rules: PollRules, plan: PollPlan | None = None) -> float:
    """Seconds until the next question about a task.

    Args:
        age: Seconds since its submit.
        rules: How often to ask while nothing is learned, and once the plan is over.
        plan: What is learned of its kind.

    Returns:
        The pause. Without a plan: `first` for a new task, `apart` as long as it is expected, then a growing share of its
        age, so that a task that is late is asked ever more rarely but always again.
    """
    if plan is not None:
        # A question is always a little late; the next planned one is not skipped for that, only put off to the floor.
        coming = next((planned for planned in plan.ages if planned > age + FLOOR / 2), None)
        if coming is not None:
            return max(coming - age, FLOOR)
    if age < rules.first:
        return rules.first - age
    if age < rules.steady:
        return rules.apart
    return min(max(rules.apart, rules.apart * age / rules.steady), rules.sparsest)


def next_ask_if_no_push(age: float, rules: PollRules, plan: PollPlan | None = None) -> float:
    """Seconds until the next question about a task whose provider has pushed news of it: only for a push that is lost.

    Arguments as in `next_ask`.

    Returns:
        The pause: at least `pushed_apart`, and where its kind is learned until it is late.
    """
    late = plan.ages[-1] if plan is not None else 0.0
    return max(next_ask(age, rules, plan), rules.pushed_apart, late - age)


def learn(seen: Sequence[tuple[float, float]], rules: PollRules) -> PollPlan | None:
    """A plan from how long such videos took, with no more questions than asking at a steady pace takes.

    The best pause at a moment goes with one over the root of the hazard, the chance that a video still unfinished then
    is finished just after: that minimises the expected wait for a given expected number of questions. So there is one
    early question (refusals come early), none before the earliest plausible end, and they are densest around the likely
    one.

    Args:
        seen: For each finished video, two bounds in seconds since its submit between which it was finished.
        rules: The steady pace that the plan must not exceed.

    Returns:
        The plan; None as long as too few have finished.
    """
    usual = [(low, high) for low, high in seen if high <= LEARN_UNTIL]
    if len(usual) < LEARN_AT:
        return None
    grid = _density(usual)
    steady = _expected_asks(_steady_ages(grid.end, rules), grid)
    # The early question and the one that finds the video are asked in any case.
    budget = min(steady, 2.0) + _THRIFT * max(steady - 2.0, 0.0)
    # The pace that just keeps to the budget, found by halving; `scale` stretches all pauses alike.
    low, high = 0.0, _SLOWEST
    for _ in range(_HALVINGS):
        scale = (low + high) / 2
        low, high = (scale, high) if _expected_asks(_ages(grid, scale, rules), grid) > budget else (low, scale)
    return PollPlan(_ages(grid, high, rules))


LEARN_AT: Final = 8
"""How many videos of a kind must have finished before their times are believed."""

LEARN_UNTIL: Final = 1800.0
"""Seconds; what took longer is no usual video, and says nothing of the next."""

_THRIFT: Final = 0.75
"""The share of the steady pace's questions that a plan may spend: times are never quite as they were."""

_STEP: Final = 1.0
_WIDEN: Final = 0.03
_LONGEST_PAUSE: Final = 60.0
_SLOWEST: Final = 1000.0
_HALVINGS: Final = 24


@dataclass(frozen=True, slots=True)
class _Grid:
    """The chance that a video is finished in each second from `start` on; sums to 1."""

    start: float
    mass: tuple[float, ...]

    @property
    def end(self) -> float:
        return self.start + len(self.mass) * _STEP


def _density(seen: Sequence[tuple[float, float]]) -> _Grid:
    """Each video's end spread evenly between its bounds, these widened a little: no two take equally long."""
    spread = [(low - max(_STEP, _WIDEN * low), high + max(_STEP, _WIDEN * high)) for low, high in seen]
    start = max(0.0, floor(min(low for low, _ in spread)))
    mass = [0.0] * (ceil(max(high for _, high in spread) - start) + 1)
    for low, high in spread:
        first, last = int(max(low, start) - start), int(high - start)
        for cell in range(first, last + 1):
            mass[cell] += 1.0 / (last - first + 1) / len(spread)
    return _Grid(start, tuple(mass))


def _pauses(grid: _Grid, scale: float) -> Iterator[float]:
    """For each second of the grid the pause to make there."""
    left = 1.0
    for mass in grid.mass:
        hazard = min(mass / left, 1.0) if left > 0 else 1.0
        yield max(FLOOR, min(scale / sqrt(hazard), _LONGEST_PAUSE)) if hazard > 0 else _LONGEST_PAUSE
        left = max(left - mass, 0.0)


def _ages(grid: _Grid, scale: float, rules: PollRules) -> tuple[float, ...]:
    """The early question, then one whenever the pauses passed through add up to a whole one, and one that closes."""
    ages, due = [rules.first], 0.0
    for second, pause in enumerate(_pauses(grid, scale), start=1):
        age = grid.start + second * _STEP
        due += _STEP / pause
        if due >= 1.0 and age < ages[-1] + FLOOR:
            due = 1.0  # what cannot be asked so soon after the early question is not asked later all the faster
        elif due >= 1.0:
            due -= 1.0
            ages.append(age)
    if FLOOR <= grid.end - ages[-1] < rules.apart:
        ages.append(grid.end)
    return tuple(ages)


def _steady_ages(until: float, rules: PollRules) -> tuple[float, ...]:
    """The questions at a steady pace, up to the first after the given age."""
    ages = [next_ask(0.0, rules)]
    while ages[-1] < until:
        ages.append(ages[-1] + next_ask(ages[-1], rules))
    return tuple(ages)


def _expected_asks(ages: tuple[float, ...], grid: _Grid) -> float:
    """How many questions it takes to find a video finished; one more than planned where it is later than the plan."""
    middles = (grid.start + (cell + 0.5) * _STEP for cell in range(len(grid.mass)))
    return sum(mass * (bisect_left(ages, middle) + 1) for middle, mass in zip(middles, grid.mass, strict=True))


def backoff(attempt: int, random: Random, *, start: float = 5.0, cap: float = 60.0) -> float:
    """Seconds to wait after a fault: doubling, with up to half of it drawn by lot so that jobs do not move in step.

    Args:
        attempt: Faults in a row before this one; 0 for the first.
        random: The source of the lot.
        start: The first pause, in seconds.
        cap: The longest pause, in seconds.
    """
    pause = min(start * 2.0 ** min(attempt, 30), cap)
    return pause * (0.5 + 0.5 * random.random())
