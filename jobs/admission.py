"""Whether a paid call may go out now: the key's rates, and the gate that closes for everybody. Pure.

The counts come from the rows, so the rates hold over several processes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from .errors import NotSent, OperatorFault, ProviderError, Reason, Throttled
from .model import Gate
from .polling import backoff
from .ports import Traffic

WINDOW: Final = 60.0
"""Seconds over which paid creates are counted: the provider's rate is per minute (MiniMax docs, rate limits)."""

RECHECK: Final = 2.0
"""Seconds until a free place is looked for again when all tasks in flight are somebody else's."""

OPERATOR_PAUSE: Final = 300.0
"""Seconds between two tries while an operator must act; a refusal costs nothing."""


PROBE: Final = 90.0
"""Seconds the gate stays closed to others while one job tries it: longer than a create can take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What the provider's key may do.

    Args:
        submits_per_minute: Paid creates in any 60 seconds.
        tasks_in_flight: Unfinished tasks at the provider.
        queries_per_minute: Questions about tasks in any 60 seconds.
    """

    submits_per_minute: int = 5
    tasks_in_flight: int = 3
    queries_per_minute: int = 600


def wait_to_submit(traffic: Traffic, rates: Rates, now: float) -> float:
    """Seconds until the next paid call may go out; 0 means now.

    Args:
        traffic: What is under way, creates counted over the last `WINDOW` seconds.
        rates: What the key may do.
        now: Epoch seconds.
    """
    if traffic.gate is not None and traffic.gate.closed_until > now:
        return traffic.gate.closed_until - now
    if traffic.in_flight >= rates.tasks_in_flight:
        return RECHECK
    recent = [at for at in traffic.creates if at > now - WINDOW]
    if len(recent) >= rates.submits_per_minute:
        # The create that must leave the window before another fits in.
        return max(recent[-rates.submits_per_minute] + WINDOW - now, 0.0)
    return 0.0


def room(traffic: Traffic, rates: Rates, now: float) -> int:
    """How many paid calls may go out now; at most one while the gate waits to be tried. Arguments as above."""
    if wait_to_submit(traffic, rates, now) > 0:
        return 0
    if traffic.gate is not None:
        return 1
    recent = sum(at > now - WINDOW for at in traffic.creates)
    return min(rates.tasks_in_flight - traffic.in_flight, rates.submits_per_minute - recent)


def close(gate: Gate | None, error: ProviderError, *, now: float, random: Random) -> Gate:
    """The gate after a refusal that concerns everybody; its pause grows with every try that fails.

    Args:
        gate: The gate as it was when the call went out; None if it was open.
        error: `Throttled`, `NotSent` or an `OperatorFault`.
        now: Epoch seconds.
        random: Jitter.
    """
    match error:
        case OperatorFault():
            reason, pause = error.reason, OPERATOR_PAUSE
        case NotSent():
            reason, pause = Reason.PROVIDER_DOWN, None
        case Throttled():
            reason, pause = Reason.THROTTLED, None
        case _:
            raise TypeError(f"{type(error).__name__} concerns one job only")
    same = gate is not None and gate.reason is reason
    attempt = gate.attempt + 1 if gate is not None and same else 0
    wait = max(pause or backoff(attempt, random), error.retry_after or 0.0)
    return Gate(
        reason=reason,
        since=gate.since if gate is not None and same else now,
        closed_until=now + wait,
        attempt=attempt,
        detail=f"{error.code or ''} {error.text}".strip(),
    )


def probing(gate: Gate, *, now: float) -> Gate:
    """The gate while one job tries it: closed to all others until that job has its answer."""
    return replace(gate, closed_until=now + PROBE)
