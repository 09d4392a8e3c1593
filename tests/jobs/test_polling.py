import itertools
from math import ceil
from random import Random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.learning import LEARN_FROM
from jobs.polling import FLOOR, LEARN_AT, PollPlan, PollRules, backoff, learn, next_ask, next_ask_if_no_push

AGES = st.floats(min_value=0, max_value=30 * 86400)


def asked_at(rules: PollRules, until: float) -> list[float]:
    asks: list[float] = []
    age = next_ask(0.0, rules)
    while age < until:
        asks.append(age)
        age += next_ask(age, rules)
    return asks


def test_a_planned_question_is_not_skipped_because_the_one_before_was_a_little_late() -> None:
    plan = PollPlan((10.0, 57.0, 60.0, 63.0))
    ages = [57.05]
    while len(ages) < 3:
        ages.append(ages[-1] + next_ask(ages[-1], RULES, plan) + 0.05)
    assert ages == pytest.approx([57.05, 60.1, 63.15])


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


# --- what is learned ------------------------------------------------------------------------------------------------

RULES = PollRules()
BOUNDS = st.tuples(st.floats(0, 900), st.floats(0.01, 90)).map(lambda drawn: (drawn[0], drawn[0] + drawn[1]))
SEEN = st.lists(BOUNDS, min_size=LEARN_AT, max_size=LEARN_FROM)
LAW = settings(max_examples=50)  # learning takes a while


def questions(end: float, plan: PollPlan | None) -> list[float]:
    """When a video is asked about that is finished at `end`: the last question finds it."""
    ages = [next_ask(0.0, RULES, plan)]
    while ages[-1] < end:
        ages.append(ages[-1] + next_ask(ages[-1], RULES, plan))
    return ages


def spread(seen: list[tuple[float, float]]) -> list[float]:
    """Ends that are as likely as any, by what was seen."""
    return [low + (high - low) * share for low, high in seen for share in (0.1, 0.3, 0.5, 0.7, 0.9)]


@LAW
@given(seen=SEEN, age=AGES)
def test_a_plan_begins_with_the_early_question_is_finite_and_never_asks_twice_within_three_seconds(
    seen: list[tuple[float, float]], age: float
) -> None:
    plan = learn(seen, RULES)

    assert plan is not None
    assert plan.ages[0] == RULES.first
    assert plan.ages[-1] <= max(RULES.first, 1.03 * max(high for _, high in seen) + 4)
    assert all(later - earlier >= FLOOR for earlier, later in itertools.pairwise(plan.ages))
    assert FLOOR <= next_ask(age, RULES, plan) <= RULES.sparsest or age < RULES.first
    assert next_ask(age, RULES, plan) > 0
    assert next_ask_if_no_push(age, RULES, plan) >= RULES.pushed_apart


@LAW
@given(seen=SEEN)
def test_between_the_early_question_and_the_earliest_plausible_end_nothing_is_asked(
    seen: list[tuple[float, float]],
) -> None:
    plan = learn(seen, RULES)

    assert plan is not None
    earliest = min(low for low, _ in seen)
    assert all(age > earliest - max(1.0, 0.03 * earliest) - 1.0 for age in plan.ages[1:])


@LAW
@given(seen=SEEN)
def test_a_plan_asks_no_more_than_the_steady_pace(seen: list[tuple[float, float]]) -> None:
    plan = learn(seen, RULES)
    ends = spread(seen)
    planned, steady = (sum(len(questions(end, one)) for end in ends) / len(ends) for one in (plan, None))

    # The plan is made for ends a little more spread than these.
    assert planned <= 1.05 * steady + 0.1


def test_too_few_videos_teach_nothing() -> None:
    assert learn([(50.0, 60.0)] * (LEARN_AT - 1), RULES) is None
    assert learn([(50.0, 60.0)] * LEARN_AT, RULES) is not None


def test_a_video_that_was_a_day_late_teaches_nothing() -> None:
    usual = [(50.0 + number, 60.0 + number) for number in range(LEARN_AT)]

    assert learn([*usual, (80_000.0, 86_400.0)], RULES) == learn(usual, RULES)
    assert learn([(80_000.0, 86_400.0)] * LEARN_FROM, RULES) is None


@pytest.mark.parametrize(
    ("usual", "varies"), [(60, 0.05), (60, 0.12), (120, 0.05), (120, 0.15), (240, 0.15), (500, 0.15)]
)
def test_after_forty_videos_the_median_wait_is_half_that_of_a_ten_second_loop_with_no_more_questions(
    usual: float, varies: float
) -> None:
    random = Random(7)
    plan, seen = None, list[tuple[float, float]]()
    for _ in range(40):
        asked = [0.0, *questions(random.gauss(usual, varies * usual), plan)]
        seen.insert(0, (asked[-2], asked[-1]))
        plan = learn(seen[:LEARN_FROM], RULES)
    ends = [random.gauss(usual, varies * usual) for _ in range(1000)]
    loop = [[10.0 * number for number in range(1, ceil(end / 10) + 1)] for end in ends]
    learned = [questions(end, plan) for end in ends]

    waits = [median(asked[-1] - end for asked, end in zip(each, ends, strict=True)) for each in (learned, loop)]
    counts = [sum(map(len, each)) for each in (learned, loop)]
    assert waits[0] <= 0.5 * waits[1]
    assert counts[0] <= counts[1]


def test_a_provider_that_pushes_is_asked_again_only_once_the_video_is_late() -> None:
    plan = learn([(100.0, 110.0)] * LEARN_FROM, RULES)

    assert plan is not None
    assert 10 + next_ask_if_no_push(10, RULES, plan) == plan.ages[-1]
    assert next_ask_if_no_push(plan.ages[-1], RULES, plan) == RULES.pushed_apart
    assert next_ask_if_no_push(10, RULES) == RULES.pushed_apart


# --- after a fault --------------------------------------------------------------------------------------------------


@given(attempt=st.integers(min_value=0, max_value=10_000), seed=st.integers())
def test_backoff_grows_to_its_cap_and_is_never_less_than_half(attempt: int, seed: int) -> None:
    full = min(5.0 * 2.0 ** min(attempt, 30), 60.0)
    assert full / 2 <= backoff(attempt, Random(seed)) <= full


def test_jobs_that_fail_together_do_not_come_back_together() -> None:
    random = Random(1)
    assert len({backoff(3, random) for _ in range(50)}) == 50
