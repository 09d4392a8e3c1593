"""What is posted of a finished video: the very file, one made to fit, one that plays, or a link."""

from __future__ import annotations

import pytest

from jobs.delivering import watch_key
from jobs.errors import DeliveryDelayed, Reason, Refused, TooLarge
from jobs.model import Job, JobState, Note
from jobs.ports import WATCH_LIFE, Fit
from jobs.tools import Rules
from tests.jobs.doubles import FILM, Message
from tests.jobs.world import World, with_rules

WATCH = "https://videos.example/watch/"
WEB = Rules(watch_base=WATCH)


async def delivered(world: World, job: Job, *, rules: Rules | None = None, seconds: float = 120) -> Message:
    await world.pass_time(seconds, engine=with_rules(world, rules) if rules else None)
    assert (await world.now(job)).state is JobState.DONE
    (message,) = world.channel.messages
    return message


async def a_job_with_a_large_video(world: World) -> Job:
    job = await world.ask()
    world.provider.film = bytes(job.upload_limit + 1)
    return job


async def attempted(world: World, job: Job) -> None:
    """Lets the job come to where its first post is lost."""
    world.channel.post_faults = [DeliveryDelayed("502", status=502)]
    while not (await world.now(job)).post_attempted:
        await world.pass_time(1)


# --- links -------------------------------------------------------------------------------------------------------


async def test_with_a_web_server_a_video_that_is_too_large_is_shown_there_for_a_month(world: World) -> None:
    world.shop.outcome = Fit.IMPOSSIBLE
    job = await a_job_with_a_large_video(world)
    message = await delivered(world, job, rules=WEB)

    done = await world.now(job)
    assert message.link == done.link == f"{WATCH}{watch_key(job)}"
    assert done.link_expires_at is not None
    assert abs(done.link_expires_at - world.clock.time - WATCH_LIFE) < 120
    published = world.shop.watched(watch_key(job))
    assert published is not None
    assert published.stat().st_size == job.upload_limit + 1
    assert Note.VIDEO_TOO_LARGE in done.notes


async def test_without_a_web_server_the_providers_link_is_given_with_its_end(world: World) -> None:
    world.shop.outcome = Fit.IMPOSSIBLE
    job = await a_job_with_a_large_video(world)
    message = await delivered(world, job)

    done = await world.now(job)
    assert message.link == done.link
    assert (done.link or "").startswith(world.provider.base_url)
    assert done.link_expires_at is not None
    assert done.link_expires_at - world.clock.time < 3600


async def test_a_video_that_was_never_kept_has_the_providers_link_even_beside_a_web_server(world: World) -> None:
    job = await world.ask()
    world.provider.download_faults = [Refused(Reason.VIDEO_TOO_LARGE, "2 GiB")]
    message = await delivered(world, job, rules=WEB)

    assert (message.link or "").startswith(world.provider.base_url)


async def test_a_link_of_ours_outlives_discords_faults_and_the_file_here(world: World) -> None:
    world.shop.outcome = Fit.IMPOSSIBLE
    world.channel.post_faults = [DeliveryDelayed("503", status=503, retry_after=5000.0)]
    job = await a_job_with_a_large_video(world)
    await world.pass_time(70, engine=with_rules(world, WEB))
    await world.shop.discard(job.id)
    message = await delivered(world, job, rules=WEB, seconds=6000)

    assert message.link == f"{WATCH}{watch_key(job)}"
    assert world.provider.downloads == 1


async def test_a_video_that_is_refused_at_every_size_is_a_link_that_says_why_and_nothing_of_encoding(
    world: World,
) -> None:
    job = await a_job_with_a_large_video(world)
    world.channel.post_faults = [TooLarge("413", status=413, code=40005)] * 9

    message = await delivered(world, job)

    assert message.link is not None
    assert (await world.now(job)).notes == (Note.VIDEO_TOO_LARGE,)


async def test_the_address_of_a_video_is_its_own_and_tells_nothing(world: World) -> None:
    first, second = await world.ask(), await world.ask()

    assert watch_key(first) != watch_key(second)
    assert watch_key(first) == watch_key(await world.now(first))
    for secret in (first.id, first.callback_key):
        assert secret is not None
        assert secret not in watch_key(first)


# --- sizes -------------------------------------------------------------------------------------------------------


async def test_what_was_made_to_fit_is_not_made_again_when_the_post_has_to_be_repeated(world: World) -> None:
    job = await a_job_with_a_large_video(world)
    await attempted(world, job)
    message = await delivered(world, job)

    assert world.shop.asked == [job.upload_limit]
    assert message.size == job.upload_limit


async def test_a_video_that_fits_and_plays_goes_out_untouched(world: World) -> None:
    message = await delivered(world, await world.ask())

    assert message.size == len(FILM)
    assert world.shop.asked == []


async def test_a_video_that_discord_does_not_play_is_converted_and_its_card_says_so(world: World) -> None:
    world.shop.plays = False
    job = await world.ask()
    message = await delivered(world, job)

    assert world.shop.asked == [job.upload_limit]
    assert message.size == job.upload_limit  # what the double makes of it
    assert (await world.now(job)).notes == (Note.VIDEO_CONVERTED,)


@pytest.mark.parametrize("outcome", [Fit.IMPOSSIBLE, Fit.AS_IS])
async def test_a_video_that_cannot_be_converted_goes_out_as_it_is(world: World, outcome: Fit) -> None:
    world.shop.plays = False
    world.shop.outcome = outcome
    job = await world.ask()
    message = await delivered(world, job)

    assert (message.size, message.link) == (len(FILM), None)
    assert (await world.now(job)).notes == ()


async def test_a_video_both_too_large_and_unplayable_is_noted_as_made_smaller(world: World) -> None:
    world.shop.plays = False
    job = await a_job_with_a_large_video(world)
    await delivered(world, job)

    assert (await world.now(job)).notes == (Note.VIDEO_REENCODED,)


async def test_what_was_made_of_a_video_goes_with_it(world: World) -> None:
    job = await a_job_with_a_large_video(world)
    await delivered(world, job)

    assert await world.shop.size(job.id) is None
    assert await world.shop.fitted_size(job.id) is None
