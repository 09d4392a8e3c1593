import itertools
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from jobs.polling import PollRules, backoff, next_ask

AGES = st.floats(min_value=0, max_value=30 * 86400)


def asked_at(rules: PollRules, until: float) -> list[float]:
    asks: list[float] = []
    age = next_ask(0.0, rules)
    while age < until:
        asks.append(age)
        age += next_ask(age, rules)
    return asks


def test_the_first_question_comes_after_ten_seconds_then_every_ten_for_five_minutes() -> None:
    assert asked_at(PollRules(), 301.0) == [float(age) for age in range(10, 301, 10)]


def test_a_task_that_is_days_late_is_asked_ever_more_rarely_but_always_again() -> None:
    asks = asked_at(PollRules(), 7 * 86400.0)
    gaps = [round(later - earlier, 6) for earlier, later in itertools.pairwise(asks)]

    assert gaps == sorted(gaps)
    assert gaps[-1] == 3600.0
    assert len(asks) < 400


@given(age=AGES)
def test_a_question_is_never_far_and_never_near(age: float) -> None:
    rules = PollRules()
    assert 0 < next_ask(age, rules) <= rules.sparsest
    if age >= rules.first:
        assert next_ask(age, rules) >= rules.apart


@given(attempt=st.integers(min_value=0, max_value=10_000), seed=st.integers())
def test_backoff_grows_to_its_cap_and_is_never_less_than_half(attempt: int, seed: int) -> None:
    full = min(5.0 * 2.0 ** min(attempt, 30), 60.0)
    assert full / 2 <= backoff(attempt, Random(seed)) <= full


def test_jobs_that_fail_together_do_not_come_back_together() -> None:
    random = Random(1)
    assert len({backoff(3, random) for _ in range(50)}) == 50
