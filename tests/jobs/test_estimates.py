"""How far a video should be: true, never ahead of itself, and never in the way of news."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.cards import AT_ONCE, GAP, TICKS_APART, CardDesk
from jobs.model import Card, Charge, Job, JobState, Posted
from jobs.ports import Standing
from jobs.standing import TENTHS, estimate, standing
from tests.factories import NOW, a_job, a_request, a_task
from tests.jobs.world import World

USUAL = 120.0
MANY = 150  # more than there are seconds for
SINCE = st.floats(1e9, 3e9)
SECONDS = st.floats(0, 1e5)


# --- the estimate ------------------------------------------------------------------------------------------------


@given(since=SINCE, usual=st.floats(1, 7200), age=SECONDS)
def test_an_estimate_moves_on_exactly_when_it_says(since: float, usual: float, age: float) -> None:
    view = estimate(since, usual, now=since + age)

    assert view.expected_end == since + usual
    assert view.tenths is not None
    if view.tick_at is None:
        assert view.tenths == TENTHS
        return
    assert view.tick_at <= since + usual
    then = estimate(since, usual, now=view.tick_at)
    assert then.tenths == view.tenths + 1
    assert then.tick_at is None or then.tick_at > view.tick_at


@given(since=SINCE, usual=st.floats(1, 7200), ages=st.lists(SECONDS, min_size=2, max_size=2).map(sorted))
def test_an_estimate_never_goes_back_and_never_beyond_the_whole(since: float, usual: float, ages: list[float]) -> None:
    first, second = (estimate(since, usual, now=since + age).tenths or 0 for age in ages)

    assert 0 <= first <= second <= TENTHS


@pytest.mark.parametrize(("age", "tenths"), [(-5, 0), (0, 0), (11.9, 0), (12, 1), (119.9, 9), (120, 10), (9999, 10)])
def test_a_tenth_counts_once_it_is_over(age: float, tenths: int) -> None:
    assert estimate(NOW, USUAL, now=NOW + age).tenths == tenths


@pytest.mark.parametrize("usual", [0.0, -3600.0])
def test_videos_that_seem_to_take_no_time_at_all_break_nothing(usual: float) -> None:
    assert estimate(NOW, usual, now=NOW).expected_end == NOW + 1


async def stands(world: World, job: Job) -> Standing:
    return await standing(job, store=world.store, catalog=world.catalog, now=world.clock.time)


async def test_the_estimate_is_drawn_from_what_such_videos_took_here(world: World) -> None:
    job = a_job(state=JobState.RENDERING, submitted_at=NOW)
    assert (await stands(world, job)).usual == USUAL
    async with world.store.transaction() as tx:
        for seconds in (40, 50, 300):
            times = {
                "submitted_at": NOW - 900,
                "rendered_after": NOW - 900 + seconds,
                "rendered_at": NOW - 890 + seconds,
            }
            done = a_job(state=JobState.DONE, charge=Charge.SPENT, due_at=None, **times)
            await tx.insert(done, card_due_at=NOW + 1e9)

    assert (await stands(world, job)).usual == 55


@pytest.mark.parametrize("state", sorted(set(JobState) - {JobState.RECEIVED, JobState.QUEUED}))
async def test_what_has_ended_or_is_late_has_no_estimate(world: World, state: JobState) -> None:
    job = a_job(state=state, submitted_at=NOW)
    open_state = state in {JobState.SUBMITTING, JobState.RENDERING, JobState.FETCHING, JobState.POSTING}

    assert ((await stands(world, job)).expected_end is not None) is open_state
    assert await stands(world, a_job(state=state, submitted_at=NOW, overdue=True)) == Standing()


# --- the cards ---------------------------------------------------------------------------------------------------


class Wall:
    """A courier to whom all cards are shown: when, and how far each said its video was."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shown: list[tuple[float, str, Standing]] = []
        self.desk = CardDesk(replace(world.tools, courier=self))

    async def show_card(self, job: Job, card: Card, standing: Standing) -> Posted | None:
        self.shown.append((self.world.clock.time, job.id, standing))
        return Posted(channel_id=job.origin.channel_id, message_id=card.message_id or 1)

    async def hang(self, *jobs: Job) -> None:
        """Put the cards of these jobs up, as the answers to their commands."""
        async with self.world.store.transaction() as tx:
            for job in jobs:
                await tx.insert(job, card_due_at=self.world.clock.time)

    async def watch(self, seconds: float) -> None:
        """Show every card when it is due."""
        end = self.world.clock.time + seconds
        while (due := await self.world.store.next_card_due()) is not None and due <= end:
            self.world.clock.time = max(due, self.world.clock.time)
            await self.desk.show_due()
        self.world.clock.time = end

    def times(self, job: Job) -> list[float]:
        return [at for at, job_id, _ in self.shown if job_id == job.id]


@pytest.fixture
def wall(world: World) -> Wall:
    return Wall(world)


def a_rendering_job(**changes: Any) -> Job:
    usual: dict[str, Any] = {"state": JobState.RENDERING, "submitted_at": NOW, "task": a_task(), "due_at": NOW + 1e6}
    return a_job(**(usual | changes))


async def test_a_card_alone_is_shown_at_each_tenth_and_last_when_it_takes_longer(wall: Wall) -> None:
    job = a_rendering_job()
    await wall.hang(job)
    await wall.watch(3600)

    assert wall.times(job) == [NOW + tenth * USUAL / TENTHS for tenth in range(TENTHS + 1)]
    assert [view.tenths for _, _, view in wall.shown] == list(range(TENTHS + 1))


async def test_a_quick_video_is_shown_no_more_often_than_discord_likes(wall: Wall) -> None:
    await learned(wall.world, seconds=20)
    job = a_rendering_job()
    await wall.hang(job)
    await wall.watch(3600)

    assert wall.times(job) == [NOW, NOW + GAP, NOW + 2 * GAP]


async def learned(world: World, *, seconds: float, **kind: Any) -> None:
    times = {"submitted_at": NOW - 9999, "rendered_after": NOW - 9999 + seconds, "rendered_at": NOW - 9999 + seconds}
    done = a_job(state=JobState.DONE, charge=Charge.SPENT, due_at=None, request=a_request(**kind), **times)
    async with world.store.transaction() as tx:
        await tx.insert(done, card_due_at=NOW + 1e9)


async def test_a_slow_video_does_not_keep_the_card_of_a_quick_one_waiting(wall: Wall) -> None:
    await learned(wall.world, seconds=3000, resolution="768P")
    slow, quick = a_rendering_job(request=a_request(resolution="768P")), a_rendering_job()
    await wall.hang(slow, quick)
    await wall.watch(3600)

    assert wall.times(slow) == [NOW + 300 * tenth for tenth in range(TENTHS + 1)]
    assert wall.times(quick) == [NOW + 12 * tenth for tenth in range(TENTHS + 1)]


async def test_however_many_videos_are_in_the_making_one_card_a_second_moves_on(wall: Wall) -> None:
    jobs = [a_rendering_job() for _ in range(MANY)]
    await wall.hang(*jobs)
    await wall.watch(3600)

    ticks = sorted(at for job in jobs for at in wall.times(job)[1:])
    assert len(ticks) > USUAL / 2 / TICKS_APART
    assert all(later - earlier >= TICKS_APART for earlier, later in pairwise(ticks))
    assert ticks[-1] <= NOW + USUAL + GAP
    for job in jobs:
        assert all(later - earlier >= GAP for earlier, later in pairwise(wall.times(job)))
        tenths = [view.tenths or 0 for _, job_id, view in wall.shown if job_id == job.id]
        assert tenths == sorted(set(tenths))


async def test_the_end_of_a_job_is_shown_before_all_the_estimates_that_have_piled_up(wall: Wall) -> None:
    jobs = [a_rendering_job() for _ in range(MANY)]
    await wall.hang(*jobs)
    await wall.watch(1)
    world = wall.world
    world.clock.time += 60  # nobody was there for a minute
    ended, moved = [await world.now(job) for job in jobs[-2:]]
    await world.store.save(
        ended.to(JobState.FAILED, now=world.clock.time, charge=Charge.RELEASED), now=world.clock.time
    )
    await world.store.save(moved.to(JobState.FETCHING, now=world.clock.time), now=world.clock.time)
    wall.shown.clear()

    assert await wall.desk.show_due() == AT_ONCE
    assert {job_id for _, job_id, _ in wall.shown} > {ended.id, moved.id}
