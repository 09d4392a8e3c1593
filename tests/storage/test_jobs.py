"""Jobs in the store: each comes back as it was put in, is found in every way it is asked for, and is saved whole or not
at all."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from jobs.errors import Reason
from jobs.model import (
    Answer,
    Api,
    Charge,
    Delivery,
    Derivation,
    Derived,
    Failure,
    Job,
    JobState,
    MediaSource,
    Mode,
    Money,
    Note,
    Origin,
    Posted,
    Role,
    Task,
    VideoRequest,
)
from jobs.ports import JobStore
from storage.store import SqlJobStore
from tests.factories import NOW, a_job, a_request, a_task, an_origin
from tests.storage.acts import LEASE, claim_one, claimed, must_get, put, put_one, undone

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SNOWFLAKE = st.integers(1, 2**63 - 1)
TIME = st.floats(0, 1e11)
COUNT = st.integers(0, 2**31 - 2)

SOURCE: dict[str, st.SearchStrategy[Any]] = {
    "role": st.sampled_from(Role),
    "url": TEXT,
    "filename": TEXT,
    "size": st.integers(0, 2**40),
    "media_type": st.none() | TEXT,
}
REQUEST: dict[str, st.SearchStrategy[Any]] = {
    "prompt": TEXT,
    "model": TEXT,
    "resolution": TEXT,
    "duration": st.integers(1, 60),
    "mode": st.sampled_from(Mode),
    "prompt_optimizer": st.booleans(),
    "watermark": st.booleans(),
    "ratio": st.none() | TEXT,
    "camera": st.lists(TEXT, max_size=3).map(tuple),
    "api": st.sampled_from(Api),
    "inputs": st.lists(st.builds(MediaSource, **SOURCE), max_size=3).map(tuple),
}
ORIGIN: dict[str, st.SearchStrategy[Any]] = {
    "interaction_id": SNOWFLAKE,
    "user_id": SNOWFLAKE,
    "guild_id": st.none() | SNOWFLAKE,
    "channel_id": SNOWFLAKE,
    "locale": TEXT,
    "guild_locale": st.none() | TEXT,
    "upload_limit": st.integers(0, 2**40),
    "private": st.booleans(),
    "guest": st.booleans(),
    "age_restricted": st.booleans(),
}
JOB: dict[str, st.SearchStrategy[Any]] = {
    "id": st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=1, max_size=25),
    "request": st.builds(VideoRequest, **REQUEST),
    "origin": st.builds(Origin, **ORIGIN),
    "price": st.builds(Money, st.integers(0, 2**62), st.sampled_from(["USD", "CNY"])),
    "created_at": TIME,
    "state_since": TIME,
    "upload_limit": st.integers(0, 2**40),
    "charge": st.sampled_from(Charge),
    "state": st.sampled_from(JobState),
    "due_at": st.none() | TIME,
    "attempt": COUNT,
    "derivation": st.none()
    | st.builds(
        Derivation,
        kind=st.sampled_from(Derived),
        source_id=st.none() | st.text("abc123", max_size=25),
        chain=st.lists(TEXT, max_size=3).map(tuple),
    ),
    "answer": st.none() | st.builds(Answer, token=st.text("abc.-_", max_size=200), expires_at=TIME),
    "waiting_for": st.none() | st.sampled_from(Reason),
    "task": st.none() | st.builds(Task, task_id=TEXT, base_url=TEXT, api=st.sampled_from(Api)),
    "submitted_at": st.none() | TIME,
    "asked_at": st.none() | TIME,
    "asks": COUNT,
    "provider_status": st.none() | TEXT,
    "rendered_after": st.none() | TIME,
    "rendered_at": st.none() | TIME,
    "file_id": st.none() | TEXT,
    "link": st.none() | TEXT,
    "link_expires_at": st.none() | TIME,
    "as_link": st.booleans(),
    "delivery": st.sampled_from(Delivery),
    "post_attempted": st.booleans(),
    "posted": st.none() | st.builds(Posted, channel_id=SNOWFLAKE, message_id=SNOWFLAKE),
    "failure": st.none()
    | st.builds(
        Failure, reason=st.sampled_from(Reason), code=st.none() | st.integers(-(2**63), 2**63 - 1), detail=TEXT
    ),
    "overdue": st.booleans(),
    "cancel_asked": st.booleans(),
    "notes": st.lists(st.sampled_from(Note), max_size=3).map(tuple),
    "callback_key": st.none() | TEXT,
    "pushed_at": st.none() | TIME,
    "hinted_task_id": st.none() | TEXT,
    "finished_at": st.none() | TIME,
    "fence": COUNT,
}
ANY_JOB = st.builds(Job, **JOB)
LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
NEVER_CHANGES = ("id", "request", "origin", "created_at", "derivation", "pushed_at", "hinted_task_id", "fence")


@LAW
@given(job=ANY_JOB)
async def test_any_job_comes_back_as_it_was_put_in(store: SqlJobStore, job: Job) -> None:
    async with undone(store) as tx:
        await tx.insert(job, card_due_at=NOW)
        assert await tx.get(job.id) == job


@LAW
@given(before=ANY_JOB, after=ANY_JOB)
async def test_saving_writes_everything_but_what_was_asked_for(store: SqlJobStore, before: Job, after: Job) -> None:
    wanted = replace(after, **{name: getattr(before, name) for name in NEVER_CHANGES})
    async with undone(store) as tx:
        await tx.insert(before, card_due_at=NOW)
        assert await tx.save(wanted, now=NOW)
        assert await tx.get(before.id) == wanted
        await tx.seize(replace(wanted, state=before.state), now=NOW)
        assert await tx.get(before.id) == replace(wanted, state=before.state, fence=before.fence + 1)


@pytest.mark.parametrize(("drawn", "kind"), [(JOB, Job), (REQUEST, VideoRequest), (ORIGIN, Origin)])
def test_the_laws_above_leave_out_no_field(drawn: dict[str, object], kind: type[Job | VideoRequest | Origin]) -> None:
    assert set(drawn) == {field.name for field in fields(kind)}


async def test_text_no_database_can_hold_is_replaced_instead_of_losing_the_job(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.RENDERING)
    job = await claim_one(store, JobState.RENDERING)
    odd = Failure(reason=Reason.PROVIDER_FAILED, code=-1, detail="nul \0 and half a pair \ud83d 🦊")
    assert await store.save(job.to(JobState.FAILED, now=NOW, failure=odd), now=NOW)
    stored = (await must_get(store, job)).failure
    assert stored == replace(odd, detail="nul \ufffd and half a pair \ufffd 🦊")


async def test_an_unknown_job_is_none(store: SqlJobStore) -> None:
    assert await store.get("nobody") is None
    async with store.transaction() as tx:
        assert await tx.get("nobody") is None
        assert await tx.by_interaction(1) is None
        assert await tx.derived_from("nobody", Derived.RETRY) is None


async def test_a_job_is_found_by_its_interaction(store: SqlJobStore) -> None:
    job = await put_one(store)
    async with store.transaction() as tx:
        assert await tx.by_interaction(job.origin.interaction_id) == job


async def test_one_interaction_never_makes_two_jobs(store: SqlJobStore) -> None:
    job = await put_one(store)
    with pytest.raises(IntegrityError):
        await put_one(store, origin=job.origin)
    assert await store.jobs_of(job.origin.user_id) == [job]


async def test_the_newest_job_that_came_from_another_in_one_way_is_found(store: SqlJobStore) -> None:
    job = await put_one(store, state=JobState.FAILED)
    retry, again = (Derivation(kind=kind, source_id=job.id) for kind in (Derived.RETRY, Derived.AGAIN))
    await put_one(store, derivation=retry, created_at=NOW + 1)
    newest = await put_one(store, derivation=retry, created_at=NOW + 2)
    other = await put_one(store, derivation=again, created_at=NOW + 3)
    async with store.transaction() as tx:
        assert await tx.derived_from(job.id, Derived.RETRY) == newest
        assert await tx.derived_from(job.id, Derived.AGAIN) == other
        assert await tx.derived_from(newest.id, Derived.RETRY) is None


async def test_an_exception_undoes_the_whole_transaction(store: SqlJobStore) -> None:
    job = await put_one(store)
    async with undone(store) as tx:
        await tx.insert(a_job(), card_due_at=NOW)
        await tx.save(job.to(JobState.QUEUED, now=NOW), now=NOW)
        await tx.note_create(NOW)
    assert await store.jobs_of(job.origin.user_id) == [job]
    assert (await store.traffic(since=0)).creates == ()


async def test_nobody_sees_a_transaction_before_it_is_committed(store: SqlJobStore, other_store: SqlJobStore) -> None:
    job = a_job()
    async with store.transaction() as tx:
        await tx.insert(job, card_due_at=NOW)
        assert await other_store.get(job.id) is None
    assert await other_store.get(job.id) == job


async def test_a_lost_task_that_turns_up_makes_an_uncertain_job_go_on(store: SqlJobStore) -> None:
    lost = a_job(
        state=JobState.UNCERTAIN,
        due_at=NOW + 604_800,
        submitted_at=NOW - 50,
        finished_at=NOW - 40,
        failure=Failure(reason=Reason.ANSWER_LOST),
    )
    await put(store, lost)
    task = a_task()

    assert await store.found(lost.id, task, now=NOW)

    going = await must_get(store, lost)
    assert going == replace(
        claimed(lost),
        state=JobState.RENDERING,
        task=task,
        due_at=NOW,
        state_since=NOW,
        finished_at=None,
        failure=None,
        submitted_at=NOW - 50,
    )
    assert await claim_one(store, JobState.RENDERING) == claimed(going)


async def test_a_found_task_takes_the_job_from_whoever_was_settling_it(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.UNCERTAIN)
    settling = await claim_one(store, JobState.UNCERTAIN)
    assert await store.found(settling.id, a_task(), now=NOW)
    assert not await store.save(replace(settling, charge=Charge.SPENT, due_at=None), now=NOW)


async def test_a_found_task_takes_the_job_from_whoever_is_about_to_call_it_uncertain(store: SqlJobStore) -> None:
    await put_one(store, state=JobState.SUBMITTING)
    doubting = await claim_one(store, JobState.SUBMITTING)
    assert await store.found(doubting.id, a_task(), now=NOW)
    assert not await store.save(doubting.to(JobState.UNCERTAIN, now=NOW), now=NOW)


async def test_a_task_is_taken_up_once_and_only_by_a_job_that_lacks_it(store: SqlJobStore) -> None:
    rendering = await put_one(store, state=JobState.RENDERING, task=a_task())
    uncertain = await put_one(store, state=JobState.UNCERTAIN, due_at=None)
    assert not await store.found("nobody", a_task(), now=NOW)
    assert not await store.found(rendering.id, a_task(), now=NOW)
    assert await store.get(rendering.id) == rendering
    assert await store.found(uncertain.id, a_task(), now=NOW)
    assert not await store.found(uncertain.id, a_task(), now=NOW)


async def test_a_persons_jobs_come_newest_first(store: SqlJobStore) -> None:
    old, new, done = (
        await put_one(store, created_at=NOW - 3),
        await put_one(store, created_at=NOW - 1),
        await put_one(store, created_at=NOW - 2, state=JobState.DONE),
    )
    me = old.origin.user_id
    await put_one(store, origin=an_origin(user_id=me + 1))
    assert await store.jobs_of(me) == [new, done, old]
    assert await store.jobs_of(me, limit=1) == [new]
    assert await store.jobs_of(me, states={JobState.DONE}) == [done]
    assert await store.jobs_of(me, states=()) == []


async def test_render_times_are_learned_from_the_newest_of_the_same_kind(store: SqlJobStore) -> None:
    for submitted, seconds in ((NOW - 300, 90), (NOW - 200, 80), (NOW - 100, 70)):
        rendered = {"rendered_after": submitted + seconds - 5, "rendered_at": submitted + seconds}
        await put_one(store, submitted_at=submitted, **rendered)
    await put_one(store, submitted_at=NOW)
    await put_one(
        store, request=a_request(resolution="768P"), submitted_at=NOW, rendered_after=NOW, rendered_at=NOW + 1
    )
    await put_one(store, request=a_request(duration=10), submitted_at=NOW, rendered_after=NOW, rendered_at=NOW + 1)

    assert await store.render_times("MiniMax-Hailuo-02", "1080P", 6, limit=2) == [(65, 70), (75, 80)]
    assert await store.render_times("MiniMax-Hailuo-02", "1080P", 6, limit=9) == [(65, 70), (75, 80), (85, 90)]
    assert await store.render_times("nothing of the kind", "1080P", 6, limit=9) == []


async def test_small_facts_are_kept_between_starts(store: SqlJobStore, other_store: SqlJobStore) -> None:
    assert await store.recall("commands") is None
    await store.remember("commands", "one hash")
    await store.remember("commands", "another hash")
    await store.remember("else", "x")
    assert await other_store.recall("commands") == "another hash"


async def test_two_processes_may_keep_the_same_fact_at_once(store: SqlJobStore, other_store: SqlJobStore) -> None:
    await asyncio.gather(*(each.remember("commands", "a hash") for each in (store, other_store) * 4))
    assert await store.recall("commands") == "a hash"


def test_the_store_is_a_job_store(store: SqlJobStore) -> None:
    port: JobStore = store
    assert port is store


async def test_a_claimed_job_is_still_shown_as_it_stands(store: SqlJobStore) -> None:
    job = await put_one(store)
    await store.claim({JobState.RECEIVED}, owner="worker", now=NOW, lease=LEASE, limit=1)
    assert await store.jobs_of(job.origin.user_id) == [claimed(job)]


async def test_the_tasks_of_our_jobs_are_known(store: SqlJobStore) -> None:
    await put(store, a_job(state=JobState.RENDERING, task=a_task(task_id="11")), a_job())

    assert await store.known_tasks(["11", "12"]) == {"11"}


async def test_jobs_of_a_kind_that_have_no_answer_are_counted(store: SqlJobStore) -> None:
    for state in (JobState.SUBMITTING, JobState.UNCERTAIN, JobState.RENDERING):
        await put_one(store, state=state, submitted_at=NOW)
    await put_one(store, state=JobState.UNCERTAIN, submitted_at=NOW - 100)
    await put_one(store, state=JobState.UNCERTAIN, submitted_at=NOW, request=a_request(duration=10))

    assert await store.in_doubt(a_request(), since=NOW - 10) == 2
