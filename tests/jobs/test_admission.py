from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.admission import OPERATOR_PAUSE, Rates, close, probing, room, wait_to_submit
from jobs.errors import Misconfigured, NotSent, OutOfCredit, ProviderError, Reason, Throttled, Transient
from jobs.model import Gate
from jobs.ports import Traffic

NOW = 1_800_000_000.0
RATES = Rates(submits_per_minute=5, tasks_in_flight=3)


def traffic(*ago: float, in_flight: int = 0, gate: Gate | None = None) -> Traffic:
    return Traffic(creates=tuple(sorted(NOW - seconds for seconds in ago)), in_flight=in_flight, gate=gate)


def test_a_free_key_submits_at_once() -> None:
    assert wait_to_submit(traffic(), RATES, NOW) == 0
    assert room(traffic(), RATES, NOW) == 3


def test_the_sixth_create_in_a_minute_waits_until_the_first_is_a_minute_old() -> None:
    busy = traffic(50, 40, 30, 20, 10)
    assert wait_to_submit(busy, RATES, NOW) == pytest.approx(10)
    assert room(busy, RATES, NOW) == 0
    assert wait_to_submit(traffic(61, 40, 30, 20, 10), RATES, NOW) == 0


def test_a_full_key_waits_for_a_task_to_end() -> None:
    assert wait_to_submit(traffic(in_flight=3), RATES, NOW) > 0
    assert room(traffic(in_flight=2), RATES, NOW) == 1


@given(
    ages=st.lists(st.floats(min_value=0.001, max_value=120), max_size=30),
    rate=st.integers(min_value=1, max_value=10),
)
def test_after_the_wait_a_create_never_breaks_the_rate(ages: list[float], rate: int) -> None:
    rates = Rates(submits_per_minute=rate)
    busy = traffic(*ages)
    then = NOW + wait_to_submit(busy, rates, NOW)

    assert sum(at > then - 60 + 1e-6 for at in busy.creates) < rate


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotSent("no route"), Reason.PROVIDER_DOWN),
        (Throttled("slow down", code=1002), Reason.THROTTLED),
        (Misconfigured("bad key", code=2049), Reason.MISCONFIGURED),
        (OutOfCredit("no balance", code=1008), Reason.OUT_OF_CREDIT),
    ],
)
def test_a_refusal_that_concerns_everybody_closes_the_gate_for_everybody(error: ProviderError, reason: Reason) -> None:
    gate = close(None, error, now=NOW, random=Random(1))

    assert (gate.reason, gate.since) == (reason, NOW)
    assert wait_to_submit(traffic(gate=gate), RATES, NOW) == gate.closed_until - NOW > 0


def test_throttling_slows_down_more_with_every_try_and_keeps_its_beginning() -> None:
    gate = close(None, Throttled("slow down"), now=NOW, random=Random(1))
    for _ in range(6):
        gate = close(gate, Throttled("slow down"), now=gate.closed_until, random=Random(1))

    assert gate.attempt == 6
    assert gate.since == NOW
    assert gate.closed_until - NOW > 120


def test_an_operators_fault_is_tried_every_five_minutes() -> None:
    gate = close(None, OutOfCredit("no balance"), now=NOW, random=Random(1))
    again = close(gate, OutOfCredit("no balance"), now=gate.closed_until, random=Random(1))

    assert gate.closed_until == NOW + OPERATOR_PAUSE
    assert again.closed_until == gate.closed_until + OPERATOR_PAUSE


def test_the_provider_may_ask_for_a_longer_pause() -> None:
    gate = close(None, Throttled("slow down", retry_after=120), now=NOW, random=Random(1))
    assert gate.closed_until >= NOW + 120


def test_only_one_job_tries_a_gate_whose_time_has_come() -> None:
    gate = Gate(reason=Reason.THROTTLED, since=NOW - 60, closed_until=NOW - 1)
    assert room(traffic(gate=gate), RATES, NOW) == 1

    while_trying = probing(gate, now=NOW)
    assert room(traffic(gate=while_trying), RATES, NOW) == 0


def test_a_fault_of_one_job_closes_nothing() -> None:
    with pytest.raises(TypeError):
        close(None, Transient("hiccup"), now=NOW, random=Random(1))
