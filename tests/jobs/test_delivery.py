"""From the provider's success to the post: nothing lost, nothing posted twice."""

import asyncio

import pytest

from jobs.delivering import lower_limit
from jobs.engine import Engine
from jobs.errors import (
    BrokenDownload,
    DeliveryDelayed,
    ProviderError,
    Reason,
    Refused,
    Throttled,
    TooLarge,
    Transient,
    Undeliverable,
    UnknownJob,
)
from jobs.model import Charge, Delivery, JobState, Note
from jobs.ports import Fit
from tests.jobs.doubles import Died
from tests.jobs.world import World, delivered_once

MIB = 1024**2


# --- fetching ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [BrokenDownload("short"), Transient("reset"), Throttled("429", code=429)])
async def test_a_broken_download_asks_for_a_new_link(world: World, fault: ProviderError) -> None:
    job = await world.ask()
    world.provider.download_faults = [fault, fault]
    await world.pass_time(200)

    assert await delivered_once(world, job)
    assert world.provider.downloads == 3
    assert await world.tools.shop.size(job.id) is None


async def test_a_link_that_is_not_there_yet_is_asked_for_again(world: World) -> None:
    job = await world.ask()
    world.provider.locate_faults = [Transient("no link yet"), Refused(Reason.FILE_LOST, "no such file", code=2013)]
    await world.pass_time(200)

    assert await delivered_once(world, job)


async def test_a_file_that_stays_away_is_given_up_after_ten_minutes(world: World) -> None:
    job = await world.ask()
    world.provider.locate_faults = [Refused(Reason.FILE_LOST, "no such file", code=2013)] * 1000
    await world.pass_time(800)

    lost = await world.now(job)
    assert (lost.state, lost.charge) == (JobState.FAILED, Charge.SPENT)


async def test_a_video_too_large_to_keep_goes_out_as_a_link(world: World) -> None:
    job = await world.ask()
    world.provider.download_faults = [Refused(Reason.VIDEO_TOO_LARGE, "2 GiB")]
    await world.pass_time(90)

    assert await delivered_once(world, job)
    assert world.channel.messages[0].link is not None


# --- posting -----------------------------------------------------------------------------------------------------


async def test_a_post_that_took_effect_although_discord_said_otherwise_is_adopted(world: World) -> None:
    job = await world.ask()
    world.channel.post_faults = [DeliveryDelayed("bad gateway", status=502)]
    world.channel.posted_all_the_same = True
    await world.pass_time(120)

    assert await delivered_once(world, job)
    assert (await world.now(job)).posted == world.channel.messages[0].posted


async def test_a_post_that_did_not_arrive_is_made_again(world: World) -> None:
    job = await world.ask()
    world.channel.post_faults = [DeliveryDelayed("reset"), DeliveryDelayed("429", status=429, retry_after=42.0)]
    await world.pass_time(180)

    assert await delivered_once(world, job)


async def test_a_file_too_large_for_the_channel_steps_down_until_it_is_taken_and_in_the_end_goes_out_as_a_link(
    world: World,
) -> None:
    job = await world.ask(upload_limit=50 * MIB)
    world.provider.film = bytes(40 * MIB)
    world.shop.outcome = Fit.REENCODED
    world.channel.post_faults = [TooLarge("413", status=413, code=40005)] * 3
    await world.pass_time(90)

    assert await delivered_once(world, job)
    assert world.shop.asked == [10 * MIB, 5 * MIB]
    message = world.channel.messages[0]
    assert (message.size, message.link) == (None, (await world.now(job)).link)


@pytest.mark.parametrize("outcome", [Fit.REENCODED, Fit.REPACKED])
async def test_a_file_known_to_be_too_large_is_made_smaller_first(world: World, outcome: Fit) -> None:
    job = await world.ask()
    world.provider.film = bytes(job.upload_limit + 1)
    world.shop.outcome = outcome
    await world.pass_time(90)

    assert await delivered_once(world, job)
    assert world.channel.messages[0].size == job.upload_limit
    noted = Note.VIDEO_REENCODED in (await world.now(job)).notes
    assert noted is (outcome is Fit.REENCODED)


async def test_a_file_that_cannot_be_made_small_enough_goes_out_as_a_link(world: World) -> None:
    job = await world.ask()
    world.provider.film = bytes(job.upload_limit + 1)
    world.shop.outcome = Fit.IMPOSSIBLE
    await world.pass_time(90)

    assert await delivered_once(world, job)
    assert world.channel.messages[0].link is not None


@pytest.mark.parametrize(
    ("refused", "present", "tier", "next_limit"),
    [
        (60, 50, 50, 20),
        (40, 50, 50, 20),
        (15, 50, 50, 10),
        (20, 20, 50, 10),
        (10, 10, 50, 5),
        (5, 5, 50, None),
        (9, 10, 10, 4.5),
    ],
)
def test_after_a_refusal_comes_the_next_lower_limit_then_half_of_what_was_refused_then_a_link(
    refused: int, present: int, tier: int, next_limit: float | None
) -> None:
    limit = lower_limit(refused * MIB, present * MIB, tier * MIB, 20 * MIB)
    assert limit == (None if next_limit is None else next_limit * MIB)


async def test_a_link_is_renewed_when_discord_was_away_longer_than_it_lives(world: World) -> None:
    job = await world.ask()
    world.provider.film = bytes(job.upload_limit + 1)
    world.shop.outcome = Fit.IMPOSSIBLE
    world.channel.post_faults = [DeliveryDelayed("503", status=503, retry_after=4000.0)]
    await world.pass_time(5000)

    assert await delivered_once(world, job)
    posted_at = float(str(world.channel.messages[0].link).rsplit("=", 1)[1])
    assert world.clock.time - posted_at < 3600


async def test_where_the_channel_is_closed_the_requester_gets_it_directly(world: World) -> None:
    job = await world.ask()
    world.channel.closed = {Delivery.CHANNEL}
    world.channel.closed_error = lambda: Undeliverable("unknown channel", status=404, code=10003)
    await world.pass_time(90)

    assert await delivered_once(world, job)
    assert world.channel.messages[0].direct


async def test_where_everything_is_closed_the_video_waits_until_somebody_asks_for_it(world: World) -> None:
    job = await world.ask()
    world.channel.closed = {Delivery.CHANNEL, Delivery.DIRECT}
    world.channel.closed_error = lambda: Undeliverable("missing access", status=403, code=50001)
    await world.pass_time(90)
    waiting = await world.now(job)
    assert (waiting.state, waiting.charge) == (JobState.UNDELIVERED, Charge.SPENT)
    assert world.channel.card_of(job) is JobState.UNDELIVERED

    world.channel.closed = set()
    await world.pass_time(30 * 86400)
    with pytest.raises(UnknownJob):
        await world.service.show(job.id, user_id=job.origin.user_id + 1, guild_id=1)
    await world.service.fetch(job.id, user_id=job.origin.user_id)
    await world.pass_time(60)

    assert await delivered_once(world, job)
    assert not world.channel.messages[0].direct


async def test_the_file_went_with_its_process_so_it_is_fetched_again(world: World) -> None:
    job = await world.ask()
    world.channel.post_faults = [DeliveryDelayed("reset")]
    await world.pass_time(61)
    while (await world.now(job)).state is not JobState.POSTING:
        await world.pass_time(1)
    await world.tools.shop.discard(job.id)
    await world.pass_time(60)

    assert await delivered_once(world, job)
    assert world.provider.downloads == 2


async def test_a_worker_that_died_after_posting_leaves_a_post_that_the_next_one_adopts(world: World) -> None:
    job = await world.ask()
    world.channel.posted_all_the_same = True
    world.channel.post_faults = [Died()]
    await world.outlive_a_worker(60)

    assert await delivered_once(world, job)


async def test_two_workers_on_one_database_share_the_work(world: World) -> None:
    jobs = [await world.ask(f"cat number {number}") for number in range(3)]
    second = world.another_worker()
    for _ in range(80):
        await asyncio.gather(world.engine.run_due(), second.run_due())
        world.clock.time += 1

    assert sorted(message.job_id for message in world.channel.messages) == sorted(job.id for job in jobs)
    assert len(world.provider.ledger) == 3


# --- the loop ----------------------------------------------------------------------------------------------------


async def test_the_loop_is_woken_by_a_new_job_and_ends_when_it_is_stopped(world: World) -> None:
    engine = Engine(world.tools, owner="loop", awake=world.awake)
    running = asyncio.create_task(engine.run())
    job = await world.ask()
    await world.provider.create_reached.wait()
    world.clock.time += 61
    world.awake.set()
    await world.channel.arrived.wait()
    engine.stop()
    await running

    assert await delivered_once(world, job)
