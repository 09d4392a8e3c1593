from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.errors import IllegalTransition, Reason
from jobs.model import CANCELLABLE, ENDS, OPEN, TRANSITIONS, JobState, Money
from tests.factories import a_job

STATES = st.sampled_from(list(JobState))


@given(before=STATES, after=STATES)
def test_a_job_moves_only_as_the_table_allows(before: JobState, after: JobState) -> None:
    job = a_job(state=before)
    if after in TRANSITIONS[before]:
        assert job.to(after, now=5.0).state is after
    else:
        with pytest.raises(IllegalTransition):
            job.to(after, now=5.0)


@given(after=STATES)
def test_a_new_state_is_due_at_once_and_starts_afresh_and_an_end_is_never_due(after: JobState) -> None:
    before = next((state for state in JobState if after in TRANSITIONS[state]), None)
    if before is None:
        return
    job = replace(a_job(state=before), attempt=4, waiting_for=Reason.THROTTLED).to(after, now=99.0)

    assert (job.attempt, job.waiting_for, job.state_since) == (0, None, 99.0)
    assert job.due_at == (None if after in ENDS else 99.0)
    assert job.finished_at == (99.0 if after in ENDS else None)


def test_every_state_can_be_reached_and_every_open_state_can_end() -> None:
    reached = {JobState.RECEIVED}.union(*TRANSITIONS.values())
    assert reached == set(JobState)

    for start in OPEN:
        seen = {start}
        while True:
            more = seen.union(*(TRANSITIONS[state] for state in seen))
            if more == seen:
                break
            seen = more
        assert JobState.FAILED in seen


def test_a_paid_call_is_made_from_the_queue_only_and_an_uncertain_one_never_goes_back_to_it() -> None:
    assert [state for state in JobState if JobState.SUBMITTING in TRANSITIONS[state]] == [JobState.QUEUED]

    after_doubt: set[JobState] = {JobState.UNCERTAIN}
    for _ in JobState:
        after_doubt = after_doubt.union(*(TRANSITIONS[state] for state in after_doubt))
    assert not after_doubt & {JobState.RECEIVED, JobState.QUEUED, JobState.SUBMITTING}


def test_cancelling_is_for_jobs_that_are_not_paid() -> None:
    assert {JobState.RECEIVED, JobState.QUEUED} == CANCELLABLE


@given(amount=st.decimals(min_value=0, max_value=10_000, places=3))
def test_money_is_exact(amount: Decimal) -> None:
    assert Money.of(amount, "USD").amount == amount
