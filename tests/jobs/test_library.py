"""What people come back to, by the rules: pages that exist, drafts for a day, and what is private stays so."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from jobs.engine import TIDY_EVERY, Engine
from jobs.errors import DraftGone, NotYourJob, UnknownJob
from jobs.library import DRAFT_LIFE, new_draft_key
from jobs.model import Derivation, Derived, Draft, Job, JobState
from jobs.ports import KeptDraft, Wanted
from tests.factories import NOW, a_job, an_origin
from tests.jobs.world import World

ME, STRANGER = an_origin().user_id, 999
DRAFT = Draft(prompt="a fox in the", resolution="768P", camera=("Push in",))


async def put(world: World, **changes: Any) -> Job:
    job = a_job(**({"state": JobState.DONE, "due_at": None} | changes))
    async with world.store.transaction() as tx:
        await tx.insert(job, card_due_at=NOW + 1e9)
    return job


# --- history -----------------------------------------------------------------------------------------------------


async def test_pages_are_numbered_from_nought(world: World) -> None:
    jobs = [await put(world, created_at=NOW + number) for number in range(5)][::-1]
    pages = [await world.library.history(ME, Wanted(), page=page, size=2) for page in range(3)]

    assert [page.jobs for page in pages] == [jobs[:2], jobs[2:4], jobs[4:]]
    assert {page.total for page in pages} == {5}


@pytest.mark.parametrize("page", [2, 3, 1000])
async def test_past_the_end_comes_the_last_page(world: World, page: int) -> None:
    jobs = [await put(world, created_at=NOW + number) for number in range(4)][::-1]

    assert (await world.library.history(ME, Wanted(), page=page, size=2)).jobs == jobs[2:]


async def test_where_there_is_nothing_there_is_one_empty_page(world: World) -> None:
    found = await world.library.history(ME, Wanted(search="fox"), page=7, size=5)

    assert (found.jobs, found.total) == ([], 0)


# --- favourites --------------------------------------------------------------------------------------------------


async def test_anybody_who_sees_a_video_may_keep_it(world: World) -> None:
    job = await put(world)

    assert await world.library.toggle_favourite(job.id, user_id=STRANGER) == (job, True)
    assert (await world.library.history(STRANGER, Wanted(favourites=True), page=0, size=5)).jobs == [job]
    assert await world.library.toggle_favourite(job.id, user_id=STRANGER) == (job, False)


async def test_a_private_video_is_a_favourite_of_whoever_asked_for_it_alone(world: World) -> None:
    job = await put(world, origin=an_origin(private=True))
    with pytest.raises(NotYourJob):
        await world.library.toggle_favourite(job.id, user_id=STRANGER)

    assert await world.library.toggle_favourite(job.id, user_id=ME) == (job, True)
    assert (await world.library.history(STRANGER, Wanted(favourites=True), page=0, size=5)).total == 0


async def test_what_does_not_exist_is_nobodys_favourite(world: World) -> None:
    with pytest.raises(UnknownJob):
        await world.library.toggle_favourite("nobody", user_id=ME)


# --- drafts ------------------------------------------------------------------------------------------------------


async def kept_by_me(world: World) -> KeptDraft:
    derivation = Derivation(kind=Derived.EDIT, source_id="job1")
    return await world.library.keep_draft(DRAFT, user_id=ME, derivation=derivation, private=True)


async def test_what_was_begun_is_there_for_a_day(world: World) -> None:
    kept = await kept_by_me(world)
    assert (kept.draft, kept.private, kept.kept_at) == (DRAFT, True, NOW)
    world.clock.time += DRAFT_LIFE
    assert await world.library.draft(kept.key, user_id=ME) == kept

    world.clock.time += 1
    with pytest.raises(DraftGone):
        await world.library.draft(kept.key, user_id=ME)


async def test_what_somebody_else_began_is_not_shown(world: World) -> None:
    kept = await kept_by_me(world)
    with pytest.raises(NotYourJob):
        await world.library.draft(kept.key, user_id=STRANGER)
    with pytest.raises(DraftGone):
        await world.library.draft("guess", user_id=ME)


async def test_what_is_kept_twice_is_two_drafts(world: World) -> None:
    first, second = await kept_by_me(world), await kept_by_me(world)

    assert first.key != second.key


async def start_and_stop(engine: Engine) -> None:
    running = asyncio.create_task(engine.run())
    await asyncio.sleep(0)
    engine.stop()
    await running


async def test_the_engine_forgets_old_drafts_by_and_by(world: World) -> None:
    kept = await kept_by_me(world)
    world.clock.time += DRAFT_LIFE - 10
    young = await kept_by_me(world)
    world.clock.time += TIDY_EVERY
    await start_and_stop(world.another_worker())

    assert await world.tools.library.draft(kept.key) is None
    assert await world.tools.library.draft(young.key) == young


def test_a_drafts_name_fits_into_a_button_and_is_never_the_same() -> None:
    keys = {new_draft_key() for _ in range(100)}

    assert len(keys) == 100
    assert {len(key) for key in keys} == {12}
    assert all(key.replace("-", "").replace("_", "").isalnum() for key in keys)
