"""Where a result goes: into the channel, to one person alone, or in place of an answer; never twice, never elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.engine import LEASE
from jobs.errors import BotError, DeliveryDelayed, Reason, StoreUnavailable, TooLarge, Undeliverable
from jobs.model import Answer, Delivery, Job, JobState, MediaSource, Posted, Role
from tests.factories import a_job, a_request, an_origin
from tests.jobs.doubles import Died
from tests.jobs.world import World

TOKEN_LIFE = 14.5 * 60
CHANNEL, DIRECT, ANSWER = Delivery.CHANNEL, Delivery.DIRECT, Delivery.ANSWER
LOST = DeliveryDelayed("bad gateway", status=502)


def an_answer(world: World, token: str, *, life: float = TOKEN_LIFE) -> Answer:
    return Answer(token=token, expires_at=world.clock.time + life)


async def ask_as_guest(world: World, *, life: float = TOKEN_LIFE, private: bool = False) -> Job:
    return await world.ask(answer=an_answer(world, "first", life=life), guest=True, private=private)


async def ask_privately(world: World) -> Job:
    return await world.ask(answer=an_answer(world, "first"), private=True)


def close(world: World, *places: Delivery) -> None:
    world.channel.closed = set(places)
    world.channel.closed_error = lambda: Undeliverable("missing access", status=403, code=50001)


async def ended(world: World, job: Job, seconds: float = 120) -> Job:
    await world.pass_time(seconds)
    return await world.now(job)


def places(world: World) -> list[Delivery]:
    return [message.delivery for message in world.channel.messages]


def why(job: Job) -> Reason | None:
    return job.failure and job.failure.reason


# --- the answer --------------------------------------------------------------------------------------------------


async def test_where_the_bot_is_a_guest_the_video_takes_the_place_of_the_answer(world: World) -> None:
    done = await ended(world, await ask_as_guest(world))

    assert (done.state, done.delivery) == (JobState.DONE, ANSWER)
    (message,) = world.channel.messages
    assert (message.delivery, message.token, message.posted) == (ANSWER, "first", done.posted)


async def test_an_answer_that_may_no_longer_be_changed_sends_the_video_to_the_requester(world: World) -> None:
    done = await ended(world, await ask_as_guest(world, life=30))

    assert (done.state, done.delivery) == (JobState.DONE, DIRECT)
    assert places(world) == [DIRECT]


async def test_a_guest_without_an_answer_at_all_gets_it_directly(world: World) -> None:
    done = await ended(world, await world.ask(guest=True))

    assert (done.state, done.delivery) == (JobState.DONE, DIRECT)


async def test_an_answer_that_discord_no_longer_knows_sends_the_video_to_the_requester(world: World) -> None:
    close(world, ANSWER)
    done = await ended(world, await ask_as_guest(world))

    assert (done.state, places(world)) == (JobState.DONE, [DIRECT])


@pytest.mark.parametrize(("private", "reason"), [(False, Reason.CHANNEL_CLOSED), (True, Reason.DIRECT_CLOSED)])
async def test_with_direct_messages_closed_too_the_video_waits_to_be_fetched(
    world: World, private: bool, reason: Reason
) -> None:
    close(world, DIRECT)
    waiting = await ended(world, await ask_as_guest(world, life=30, private=private))
    assert (waiting.state, why(waiting)) == (JobState.UNDELIVERED, reason)

    await world.service.fetch(waiting.id, user_id=waiting.origin.user_id, answer=an_answer(world, "fresh"))
    done = await ended(world, waiting, 30)

    assert (done.state, done.delivery) == (JobState.DONE, ANSWER)
    assert [message.token for message in world.channel.messages] == ["fresh"]


@pytest.mark.parametrize("there", [True, False])
async def test_a_lost_answer_of_discord_is_looked_into_while_the_token_lives(world: World, there: bool) -> None:
    world.channel.post_faults = [LOST]
    world.channel.posted_all_the_same = there
    done = await ended(world, await ask_as_guest(world))

    assert (done.state, places(world)) == (JobState.DONE, [ANSWER])


@pytest.mark.parametrize("delivery", [ANSWER, CHANNEL])
@pytest.mark.parametrize("there", [True, False])
async def test_a_video_that_may_be_where_nobody_can_look_any_more_is_not_posted_a_second_time(
    world: World, delivery: Delivery, there: bool
) -> None:
    world.channel.post_faults = [LOST]
    world.channel.posted_all_the_same = there
    job = await (ask_as_guest(world) if delivery is ANSWER else world.ask())
    while not (await world.now(job)).post_attempted:
        await world.pass_time(1)
    close(world, delivery)
    unseen = await ended(world, job)

    assert (unseen.state, why(unseen)) == (JobState.UNDELIVERED, Reason.ANSWER_UNSEEN)
    assert places(world) == ([delivery] if there else [])


async def test_a_token_that_ends_before_its_post_was_seen_is_not_followed_by_a_second_post(world: World) -> None:
    world.channel.post_faults = [replace_after(LOST, 3600)]
    world.channel.posted_all_the_same = True
    unseen = await ended(world, await ask_as_guest(world), 5000)

    assert (unseen.state, why(unseen)) == (JobState.UNDELIVERED, Reason.ANSWER_UNSEEN)
    assert places(world) == [ANSWER]


def replace_after(error: DeliveryDelayed, seconds: float) -> DeliveryDelayed:
    return DeliveryDelayed(str(error), status=error.status, retry_after=seconds)


async def unseen_job(world: World) -> Job:
    world.channel.post_faults = [replace_after(LOST, 3600)]
    job = await ended(world, await ask_as_guest(world), 5000)
    assert why(job) is Reason.ANSWER_UNSEEN
    return job


async def test_fetch_brings_what_was_not_seen_with_a_fresh_answer(world: World) -> None:
    job = await unseen_job(world)
    await world.service.fetch(job.id, user_id=job.origin.user_id, answer=an_answer(world, "fresh"))
    done = await ended(world, job, 30)

    assert (done.state, done.delivery) == (JobState.DONE, ANSWER)
    assert [message.token for message in world.channel.messages] == ["fresh"]


async def test_a_fresh_answer_that_ends_unused_leaves_no_doubt_and_the_video_goes_to_the_requester(
    world: World,
) -> None:
    job = await unseen_job(world)
    await world.service.fetch(job.id, user_id=job.origin.user_id, answer=an_answer(world, "fresh", life=0))
    done = await ended(world, job, 30)

    assert (done.state, places(world)) == (JobState.DONE, [DIRECT])


async def test_what_was_not_seen_in_a_channel_can_be_fetched_from_elsewhere(world: World) -> None:
    world.channel.post_faults = [replace_after(LOST, 60)]
    job = await world.ask()
    while not (await world.now(job)).post_attempted:
        await world.pass_time(1)
    close(world, CHANNEL)
    assert why(await ended(world, job)) is Reason.ANSWER_UNSEEN
    await world.service.fetch(job.id, user_id=job.origin.user_id)
    done = await ended(world, job, 30)

    assert (done.state, places(world)) == (JobState.DONE, [DIRECT])


async def test_a_worker_that_died_after_putting_the_video_in_place_leaves_it_there_once(world: World) -> None:
    world.channel.posted_all_the_same = True
    world.channel.post_faults = [Died()]
    job = await ask_as_guest(world)
    await world.outlive_a_worker(60)

    assert (await world.now(job)).state is JobState.DONE
    assert places(world) == [ANSWER]


# --- in private --------------------------------------------------------------------------------------------------


async def test_a_private_video_goes_to_its_requester_alone(world: World) -> None:
    done = await ended(world, await ask_privately(world))

    assert (done.state, places(world)) == (JobState.DONE, [DIRECT])


async def test_a_private_video_asked_for_as_a_guest_does_not_take_the_place_of_anything(world: World) -> None:
    done = await ended(world, await ask_as_guest(world, private=True))

    assert (done.state, places(world)) == (JobState.DONE, [DIRECT])


async def test_a_private_video_without_open_direct_messages_waits_and_says_so(world: World) -> None:
    close(world, DIRECT)
    waiting = await ended(world, await ask_privately(world))

    assert (waiting.state, why(waiting), places(world)) == (JobState.UNDELIVERED, Reason.DIRECT_CLOSED, [])


@pytest.mark.parametrize("with_answer", [True, False])
async def test_a_private_video_is_fetched_to_whoever_asked_for_it_and_nowhere_else(
    world: World, with_answer: bool
) -> None:
    close(world, DIRECT)
    job = await ended(world, await ask_privately(world))
    world.channel.closed = set()
    fresh = an_answer(world, "fresh") if with_answer else None
    await world.service.fetch(job.id, user_id=job.origin.user_id, answer=fresh)
    done = await ended(world, job, 30)

    assert (done.state, places(world)) == (JobState.DONE, [ANSWER if with_answer else DIRECT])


async def test_a_place_that_refused_the_size_and_then_closed_holds_no_post_that_might_have_been_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = world.channel.post_video

    async def refuse_and_close(job: Job, path: Path) -> Posted:
        if world.channel.closed:
            return await send(job, path)
        close(world, CHANNEL)
        raise TooLarge("413", status=413)

    monkeypatch.setattr(world.channel, "post_video", refuse_and_close)
    job = await ended(world, await world.ask())

    assert job.state is JobState.DONE
    assert places(world) == [DIRECT]


FAULTS: list[list[BotError]] = [
    [LOST, LOST],
    [TooLarge("413", status=413)] * 3,
    [Undeliverable("cannot send messages to this user", status=403, code=50007)],
    [LOST, Undeliverable("cannot send messages to this user", status=403, code=50007)],
]


@pytest.mark.parametrize("closed", [set[Delivery](), {DIRECT}, {ANSWER}, {DIRECT, ANSWER}])
@pytest.mark.parametrize("faults", FAULTS)
async def test_whatever_goes_wrong_a_private_video_never_reaches_the_channel(
    world: World, faults: list[BotError], closed: set[Delivery]
) -> None:
    close(world, *closed)
    world.channel.post_faults = list(faults)
    job = await ended(world, await ask_privately(world), 3600)
    if job.state is JobState.UNDELIVERED:
        await world.service.fetch(job.id, user_id=job.origin.user_id, answer=an_answer(world, "fresh"))
        world.channel.post_faults = list(faults)
        job = await ended(world, job, 3600)

    assert CHANNEL not in places(world)
    assert len(places(world)) == (job.state is JobState.DONE)


# --- veiled ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "delivery", "spoiler", "veiled"),
    [
        ({}, CHANNEL, False, False),
        ({}, CHANNEL, True, True),
        ({}, DIRECT, False, False),
        ({"age_restricted": True}, CHANNEL, False, False),
        ({"age_restricted": True}, DIRECT, False, True),
        ({"age_restricted": True}, ANSWER, False, False),
        ({"age_restricted": True}, CHANNEL, True, True),
    ],
)
def test_a_video_is_veiled_if_its_source_was_or_if_it_leaves_an_age_restricted_place(
    origin: dict[str, Any], delivery: Delivery, spoiler: bool, veiled: bool
) -> None:
    picture = MediaSource(role=Role.FIRST_FRAME, url="u", filename="f", size=1, spoiler=spoiler)
    request = a_request(inputs=(picture,))

    assert a_job(origin=an_origin(**origin), request=request, delivery=delivery).veiled is veiled


# --- notes -------------------------------------------------------------------------------------------------------


@pytest.fixture
async def wishing(world: World) -> World:
    """A world in which the requester wants a direct message beside the video."""
    await world.library.set_note(an_origin().user_id, wanted=True)
    return world


async def test_whoever_wants_a_note_gets_one_that_points_to_the_video(wishing: World) -> None:
    done = await ended(wishing, await wishing.ask())

    assert wishing.channel.noted == [(done.origin.user_id, done.posted)]


async def test_whoever_does_not_want_a_note_gets_none(wishing: World) -> None:
    await ended(wishing, await wishing.ask(user_id=7))
    await wishing.library.set_note(an_origin().user_id, wanted=False)
    await ended(wishing, await wishing.ask())

    assert wishing.channel.noted == []


async def test_a_video_that_comes_directly_needs_no_note(wishing: World) -> None:
    await ended(wishing, await ask_privately(wishing))
    close(wishing, CHANNEL)
    await ended(wishing, await wishing.ask())

    assert places(wishing) == [DIRECT, DIRECT]
    assert wishing.channel.noted == []


async def test_a_private_video_that_was_fetched_needs_no_note(wishing: World) -> None:
    close(wishing, DIRECT)
    job = await ended(wishing, await ask_privately(wishing))
    await wishing.service.fetch(job.id, user_id=job.origin.user_id, answer=an_answer(wishing, "fresh"))
    assert (await ended(wishing, job, 30)).state is JobState.DONE

    assert wishing.channel.noted == []


async def test_a_video_that_was_fetched_into_ones_own_view_needs_no_note(wishing: World) -> None:
    close(wishing, CHANNEL, DIRECT)
    waiting = await ended(wishing, await wishing.ask())
    await wishing.service.fetch(waiting.id, user_id=waiting.origin.user_id, answer=an_answer(wishing, "fresh"))

    done = await ended(wishing, waiting, 30)

    assert (done.state, done.delivery) == (JobState.DONE, ANSWER)
    assert wishing.channel.noted == []


@pytest.mark.parametrize(
    "fault", [LOST, Undeliverable("cannot send messages to this user", code=50007), StoreUnavailable("locked")]
)
async def test_a_note_that_cannot_be_sent_is_left_and_delays_nothing(wishing: World, fault: BotError) -> None:
    wishing.channel.note_faults = [fault]
    job = await wishing.ask()
    await wishing.pass_time(120)

    assert (await wishing.now(job)).state is JobState.DONE
    assert wishing.channel.noted == []
    assert wishing.channel.note_faults == []


async def test_the_video_is_written_down_as_delivered_before_the_note_goes_out(
    wishing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[JobState] = []
    tell = wishing.channel.note_requester

    async def look(job: Job, posted: Posted) -> None:
        states.append((await wishing.now(job)).state)
        await tell(job, posted)

    monkeypatch.setattr(wishing.channel, "note_requester", look)
    await ended(wishing, await wishing.ask())

    assert states == [JobState.DONE]


@pytest.mark.parametrize("where", ["post_faults", "note_faults"])
async def test_a_worker_that_dies_around_the_note_does_not_make_it_two(wishing: World, where: str) -> None:
    wishing.channel.posted_all_the_same = True
    faults: list[Any] = getattr(wishing.channel, where)
    faults.append(Died())
    job = await wishing.ask()
    await wishing.outlive_a_worker(600)

    assert (await wishing.now(job)).state is JobState.DONE
    assert places(wishing) == [CHANNEL]
    assert len(wishing.channel.noted) == 1


async def test_a_slow_worker_whose_post_another_has_adopted_makes_no_second_note(
    wishing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = wishing.channel.post_video

    async def stall(job: Job, path: Path) -> Posted:
        posted = await send(job, path)
        wishing.clock.time += LEASE + 1
        await wishing.another_worker().run_due()
        return posted

    monkeypatch.setattr(wishing.channel, "post_video", stall)
    await ended(wishing, await wishing.ask())

    assert places(wishing) == [CHANNEL]
    assert len(wishing.channel.noted) == 1
