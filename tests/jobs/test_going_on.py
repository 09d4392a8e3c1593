"""Going on from a video: again, edited, extended, taken down; each press makes what it says, once, and for its owner alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from jobs.errors import (
    LimitReached,
    NotOffered,
    NotYourJob,
    Reason,
    Refused,
    TooLate,
    Uncertain,
    Undeliverable,
    UnknownJob,
)
from jobs.limits import Limits
from jobs.model import (
    DELETED,
    ENDS,
    OPEN,
    Delivery,
    Derivation,
    Derived,
    Draft,
    Job,
    JobState,
    MediaSource,
    Origin,
    Posted,
    Role,
)
from jobs.request import draft_of
from jobs.service import DOUBLE_PRESS, RETRYABLE, JobService
from tests.factories import NOW, a_job, an_origin
from tests.jobs.world import World

STRANGER = 999
PICTURE = MediaSource(role=Role.FIRST_FRAME, url="https://cdn.example/first", filename="first.png", size=1000)
OTHER_PICTURE = replace(PICTURE, url="https://cdn.example/other")
CHAIN = ("https://discord.com/channels/1/2/3", "https://discord.com/channels/1/2/4")


async def a_job_in(world: World, state: JobState, **changes: Any) -> Job:
    job = a_job(**({"state": state, "due_at": None} | changes))
    async with world.store.transaction() as tx:
        await tx.insert(job, card_due_at=NOW + 1e9)
    return job


async def a_finished_job(world: World, inputs: tuple[MediaSource, ...] = ()) -> Job:
    job = await world.service.submit(Draft(prompt="a cat", inputs=inputs), an_origin())
    await world.service.card_placed(job.id, Posted(channel_id=1, message_id=2))
    await world.pass_time(90)
    done = await world.now(job)
    assert done.state is JobState.DONE
    return done


async def refused(action: Awaitable[Job], error: type[Exception]) -> bool:
    with pytest.raises(error):
        await action
    return True


# --- again -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(ENDS))
async def test_again_makes_the_same_request_once_more_however_the_first_one_ended(
    world: World, state: JobState
) -> None:
    source = await a_job_in(world, state, derivation=Derivation(kind=Derived.EXTEND, source_id="x", chain=CHAIN))
    origin = an_origin(channel_id=77)
    made = await world.service.again(source.id, origin)

    assert draft_of(made.request) == draft_of(source.request)
    assert made.origin == origin
    # What continues other videos still continues them.
    assert made.derivation == Derivation(kind=Derived.AGAIN, source_id=source.id, chain=CHAIN)
    await world.pass_time(90)
    assert (await world.now(made)).state is JobState.DONE


@pytest.mark.parametrize("state", sorted(OPEN))
async def test_again_waits_for_the_end_of_what_it_repeats(world: World, state: JobState) -> None:
    source = await a_job_in(world, state)

    assert await refused(world.service.again(source.id, an_origin()), TooLate)


async def test_a_double_press_of_again_makes_one_video_and_a_later_press_another(world: World) -> None:
    source = await a_finished_job(world)
    first = await world.service.again(source.id, an_origin())
    world.clock.time += DOUBLE_PRESS - 0.1
    assert await world.service.again(source.id, an_origin()) == first
    world.clock.time += 0.2
    second = await world.service.again(source.id, an_origin())

    assert second.id != first.id
    assert second.request == first.request


async def test_two_presses_at_once_make_one_video(world: World) -> None:
    source = await a_finished_job(world)
    made = await asyncio.gather(*(world.service.again(source.id, an_origin()) for _ in range(5)))

    assert len({job.id for job in made}) == 1


async def test_a_press_that_comes_while_the_first_one_waits_for_the_database_is_the_same(world: World) -> None:
    source = await a_finished_job(world)
    world.clock.time += 2
    first = await world.service.again(source.id, an_origin())
    world.clock.time -= 1.5  # when the second one was pressed

    assert (await world.service.again(source.id, an_origin())).id == first.id


async def test_a_clock_that_was_set_back_does_not_swallow_presses(world: World) -> None:
    source = await a_finished_job(world)
    first = await world.service.again(source.id, an_origin())
    world.clock.time -= 3600

    assert (await world.service.again(source.id, an_origin())).id != first.id


async def test_an_interaction_that_comes_twice_makes_one_video_even_when_its_source_goes_on_meanwhile(
    world: World,
) -> None:
    source = await a_job_in(world, JobState.UNDELIVERED)
    press = an_origin()
    first = await world.service.again(source.id, press)
    await world.service.fetch(source.id, user_id=press.user_id)
    world.clock.time += 60

    assert await world.service.again(source.id, press) == first


async def test_a_retry_and_an_again_of_one_video_are_two(world: World) -> None:
    world.provider.create_faults = [Uncertain("read timeout")]
    source = await world.ask()
    await world.engine.run_due()
    retry = await world.service.retry(source.id, an_origin())

    assert (await world.service.again(source.id, an_origin())).id != retry.id
    assert {JobState.FAILED, JobState.CANCELLED, JobState.UNCERTAIN} == RETRYABLE


async def test_again_uses_the_pictures_that_were_kept(world: World) -> None:
    source = await a_finished_job(world, (PICTURE,))
    made = await world.service.again(source.id, an_origin())
    await world.pass_time(90)

    assert (await world.now(made)).state is JobState.DONE
    assert world.intake.taken == [PICTURE]
    assert world.provider.ledger[1].inputs == world.provider.ledger[0].inputs


# --- whose it is -------------------------------------------------------------------------------------------------


async def test_nobody_goes_on_from_somebody_elses_video(world: World) -> None:
    source = await a_job_in(world, JobState.FAILED)
    edit = Derivation(kind=Derived.EDIT, source_id=source.id)
    theirs = an_origin(user_id=STRANGER)

    assert await refused(world.service.again(source.id, theirs), NotYourJob)
    assert await refused(world.service.retry(source.id, theirs), NotYourJob)
    assert await refused(world.service.submit(Draft(prompt="a dog"), theirs, derivation=edit), NotYourJob)
    assert await refused(world.service.own(source.id, user_id=STRANGER), NotYourJob)
    assert await refused(world.service.fetch(source.id, user_id=STRANGER), NotYourJob)
    assert await world.store.jobs_of(STRANGER) == []


async def test_what_does_not_exist_is_unknown(world: World) -> None:
    edit = Derivation(kind=Derived.EDIT, source_id="nobody")
    me = an_origin().user_id

    assert await refused(world.service.again("nobody", an_origin()), UnknownJob)
    assert await refused(world.service.submit(Draft(prompt="a dog"), an_origin(), derivation=edit), UnknownJob)
    assert await refused(world.service.own("nobody", user_id=me), UnknownJob)
    assert await refused(world.service.fetch("nobody", user_id=me), UnknownJob)
    assert await refused(world.service.removed("nobody"), UnknownJob)
    assert await refused(world.service.removable("nobody", user_id=me, moderator=True), UnknownJob)


# --- edit and extend ---------------------------------------------------------------------------------------------


async def edit(world: World, source: Job, origin: Origin | None = None, **changes: Any) -> Job:
    draft = replace(draft_of(source.request), **changes)
    derivation = Derivation(kind=Derived.EDIT, source_id=source.id)
    return await world.service.submit(draft, origin or an_origin(), derivation=derivation)


async def test_an_edit_keeps_the_pictures_whose_links_have_long_expired(world: World) -> None:
    source = await a_finished_job(world, (PICTURE,))
    made = await edit(world, source, prompt="a dog")
    await world.pass_time(90)

    assert (await world.now(made)).state is JobState.DONE
    assert made.derivation == Derivation(kind=Derived.EDIT, source_id=source.id)
    assert world.intake.taken == [PICTURE]
    assert world.provider.ledger[1].inputs == world.provider.ledger[0].inputs


async def test_an_edit_with_another_picture_takes_that_one_in(world: World) -> None:
    source = await a_finished_job(world, (PICTURE,))
    await edit(world, source, inputs=(OTHER_PICTURE,))
    await world.pass_time(90)

    assert world.intake.taken == [PICTURE, OTHER_PICTURE]
    assert [file.data.decode() for file in world.provider.ledger[1].inputs] == [OTHER_PICTURE.url]


async def test_an_edit_without_the_pictures_is_made_without_them(world: World) -> None:
    source = await a_finished_job(world, (PICTURE,))
    await edit(world, source, inputs=())
    await world.pass_time(90)

    assert world.provider.ledger[1].inputs == ()


async def test_an_edit_that_is_refused_leaves_nothing_behind(world: World) -> None:
    source = await a_finished_job(world)

    assert await refused(edit(world, source, resolution="8K"), NotOffered)
    assert len(await world.store.jobs_of(source.origin.user_id)) == 1


async def test_an_edit_delivered_twice_makes_one_video(world: World) -> None:
    source = await a_finished_job(world)
    press = an_origin()

    assert await edit(world, source, press) == await edit(world, source, press)


async def test_anybodys_video_may_be_continued_and_the_chain_is_kept(world: World) -> None:
    source = await a_finished_job(world)
    derivation = Derivation(kind=Derived.EXTEND, source_id=source.id, chain=CHAIN)
    last_frame = replace(PICTURE, last_frame=True, media_type="video/mp4")
    draft = Draft(prompt="it goes on", inputs=(last_frame,))
    made = await world.service.submit(draft, an_origin(user_id=STRANGER), derivation=derivation)
    await world.pass_time(90)

    done = await world.now(made)
    assert (done.state, done.derivation) == (JobState.DONE, derivation)
    assert world.intake.taken == [last_frame]


async def test_going_on_is_held_against_the_limits_like_any_other_wish(world: World) -> None:
    source = await a_finished_job(world)
    strict = JobService(
        store=world.store,
        catalog=world.catalog,
        limits=Limits(user_videos_per_day=1),
        clock=world.clock,
        random=world.tools.random,
        wake=world.awake.set,
    )

    assert await refused(strict.again(source.id, an_origin()), LimitReached)
    assert len(await world.store.jobs_of(source.origin.user_id)) == 1


# --- delete ------------------------------------------------------------------------------------------------------


async def test_a_result_is_deleted_by_whoever_asked_for_it_or_by_a_moderator(world: World) -> None:
    job = await a_finished_job(world)

    assert await world.service.removable(job.id, user_id=job.origin.user_id, moderator=False) == job
    assert await world.service.removable(job.id, user_id=STRANGER, moderator=True) == job
    assert await refused(world.service.removable(job.id, user_id=STRANGER, moderator=False), NotYourJob)


async def test_a_deleted_result_is_remembered_as_deleted_and_its_card_says_so(world: World) -> None:
    job = await a_finished_job(world)
    shown = len(world.channel.cards[job.id])
    removed = await world.service.removed(job.id)
    await world.engine.run_due()

    assert job.posted is not None
    assert not job.posted.deleted
    assert removed.posted == Posted(channel_id=job.posted.channel_id, message_id=DELETED)
    assert (await world.now(job)).posted == removed.posted
    assert len(world.channel.cards[job.id]) == shown + 1


async def test_a_result_deleted_twice_is_as_gone_as_before(world: World) -> None:
    job = await a_finished_job(world)
    first = await world.service.removed(job.id)
    await world.engine.run_due()
    shown = len(world.channel.cards[job.id])

    assert await world.service.removed(job.id) == first
    await world.engine.run_due()
    assert len(world.channel.cards[job.id]) == shown


async def test_what_was_never_posted_cannot_be_deleted_and_goes_on(world: World) -> None:
    job = await world.ask()
    assert (await world.service.removed(job.id)).posted is None
    await world.pass_time(90)

    assert (await world.now(job)).state is JobState.DONE


# --- fetch -------------------------------------------------------------------------------------------------------


async def test_what_is_fetched_no_longer_says_why_it_was_not_delivered(world: World) -> None:
    world.channel.closed = {Delivery.CHANNEL, Delivery.DIRECT}
    world.channel.closed_error = lambda: Undeliverable("missing access", status=403, code=50001)
    job = await world.ask()
    await world.pass_time(90)
    assert (await world.now(job)).failure is not None
    world.channel.closed = set()
    await world.service.fetch(job.id, user_id=job.origin.user_id)
    await world.pass_time(30)

    done = await world.now(job)
    assert (done.state, done.failure) == (JobState.DONE, None)


async def test_a_second_press_of_fetch_is_told_that_it_is_under_way(world: World) -> None:
    job = await a_job_in(world, JobState.UNDELIVERED)
    await world.service.fetch(job.id, user_id=job.origin.user_id)

    assert await refused(world.service.fetch(job.id, user_id=job.origin.user_id), TooLate)


async def test_a_failure_cannot_be_fetched(world: World) -> None:
    world.provider.create_faults = [Refused(Reason.MODERATED_INPUT, "no", code=1026)]
    job = await world.ask()
    await world.engine.run_due()

    assert await refused(world.service.fetch(job.id, user_id=job.origin.user_id), TooLate)
