"""Polling as the engine lives it: what finished jobs have taught shortens the wait of the next."""

from jobs.learning import PollPlans
from jobs.model import JobState
from jobs.polling import LEARN_AT, PollRules
from tests.factories import a_request
from tests.jobs.doubles import RENDER_SECONDS
from tests.jobs.world import World


async def asks_of_one_more(world: World) -> list[float]:
    """When the provider is asked about a new video, in seconds since its create."""
    job = await world.ask()
    await world.pass_time(300)
    assert (await world.now(job)).state is JobState.DONE
    paid = world.provider.ledger[-1]
    return [asked - paid.made_at for asked in paid.asks]


async def test_a_kind_of_video_is_asked_about_less_once_enough_have_finished(world: World) -> None:
    for _ in range(LEARN_AT):
        assert await asks_of_one_more(world) == [10, 20, 30, 40, 50, 60]

    learned = await asks_of_one_more(world)
    assert learned[0] == 10
    assert learned[1] > RENDER_SECONDS - 15
    assert learned[-1] - RENDER_SECONDS < 5
    assert len(learned) < 6


async def test_what_is_learned_counts_for_videos_of_that_kind_only_and_is_looked_up_once_a_minute(world: World) -> None:
    plans = PollPlans(world.store, PollRules(), world.clock)
    kind = (await world.ask()).request
    assert await plans.of(kind) is None
    for _ in range(LEARN_AT):
        await asks_of_one_more(world)

    assert await PollPlans(world.store, PollRules(), world.clock).of(a_request(resolution="512P")) is None
    plan = await plans.of(kind)
    assert plan is not None
    await asks_of_one_more(world)
    world.clock.time -= 300
    assert await plans.of(kind) is plan
