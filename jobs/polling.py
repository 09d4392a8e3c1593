"""When to ask again: the provider about a task, or anybody after a fault. Pure; randomness is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRules:
    """How often the provider is asked about one task; all in seconds.

    Args:
        first: From the submit to the first question.
        apart: Between two questions while the video is expected.
        steady: How long after the submit it is expected; then the questions grow sparser.
        sparsest: The longest pause ever, for tasks that are days late.
    """

    first: float = 10.0
    apart: float = 10.0
    steady: float = 300.0
    sparsest: float = 3600.0


def next_ask(age: float, rules: PollRules) -> float:
    """Seconds until the next question about a task.

    Args:
        age: Seconds since its submit.
        rules: How often to ask.

    Returns:
        The pause: `first` for a new task, `apart` as long as it is expected, then a growing share of its age,
        so that a task that is late is asked ever more rarely but always again.
    """
    if age < rules.first:
        return rules.first - age
    if age < rules.steady:
        return rules.apart
    return min(max(rules.apart, rules.apart * age / rules.steady), rules.sparsest)


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
