"""People's files: taken in once, before anything is paid, kept, and sent along in their order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from jobs.errors import BadInput, NotSent, Reason, Transient
from jobs.model import (
    CANCELLABLE,
    Charge,
    Derivation,
    Derived,
    Draft,
    InputFile,
    Job,
    JobState,
    MediaSource,
    Note,
    Posted,
    Role,
)
from jobs.steps import INPUT_PATIENCE
from tests.factories import an_origin
from tests.jobs.world import World

DAY = 86400.0


def a_source(name: str, role: Role = Role.FIRST_FRAME) -> MediaSource:
    return MediaSource(role=role, url=f"https://cdn.example/{name}", filename=f"{name}.png", size=1000)


FRAMES = (a_source("first"), a_source("last", Role.LAST_FRAME))


async def ask(world: World, inputs: tuple[MediaSource, ...] = FRAMES, *, model: str | None = None) -> Job:
    origin = an_origin()
    job = await world.service.submit(Draft(prompt="a cat on the moon", model=model, inputs=inputs), origin)
    await world.service.card_placed(job.id, Posted(channel_id=origin.channel_id, message_id=origin.interaction_id))
    return job


def urls_sent(world: World) -> list[list[str]]:
    return [[file.data.decode() for file in paid.inputs] for paid in world.provider.ledger]


async def test_files_are_taken_in_once_and_sent_in_their_order(world: World) -> None:
    references = tuple(a_source(f"reference{number}", Role.REFERENCE_IMAGE) for number in range(9))
    job = await ask(world, references, model="MiniMax-H3")
    await world.pass_time(90)

    assert (await world.now(job)).state is JobState.DONE
    assert world.intake.taken == list(references)
    assert urls_sent(world) == [[source.url for source in references]]
    assert {file.role for file in world.provider.ledger[0].inputs} == {Role.REFERENCE_IMAGE}


async def test_what_was_done_to_the_files_is_noted_once_for_the_card(world: World) -> None:
    job = await ask(world)
    await world.engine.run_due()

    assert (await world.now(job)).notes == (Note.PICTURE_PADDED,)


async def test_a_video_from_text_takes_nothing_in(world: World) -> None:
    await world.ask()
    await world.pass_time(90)

    assert world.intake.taken == []
    assert urls_sent(world) == [[]]


async def test_files_that_were_taken_in_outlive_every_wait_in_the_queue(world: World) -> None:
    world.provider.create_faults = [NotSent("connection refused")] * 3
    job = await ask(world)
    await world.pass_time(900)

    assert (await world.now(job)).state is JobState.DONE
    assert len(world.provider.creates) == 4
    assert world.intake.taken == list(FRAMES)
    assert urls_sent(world) == [[source.url for source in FRAMES]]


async def test_a_job_whose_files_are_gone_is_not_paid_for_without_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.provider.create_faults = [NotSent("connection refused")]
    job = await ask(world)
    await world.engine.run_due()
    kept = await world.store.inputs_of(job.id)

    async def lose_the_last(_: str) -> Sequence[InputFile]:
        return kept[:-1]

    monkeypatch.setattr(world.store, "inputs_of", lose_the_last)
    await world.pass_time(300)

    failed = await world.now(job)
    assert (failed.state, failed.charge) == (JobState.FAILED, Charge.RELEASED)
    assert failed.failure is not None
    assert failed.failure.reason is Reason.INPUT_GONE
    assert world.provider.ledger == []


async def test_another_process_can_submit_what_this_one_took_in(world: World) -> None:
    world.provider.create_faults = [NotSent("connection refused")]
    await ask(world)
    await world.engine.run_due()
    await world.pass_time(90, engine=world.another_worker())

    assert world.intake.taken == list(FRAMES)
    assert urls_sent(world) == [[source.url for source in FRAMES]]


@pytest.mark.parametrize(
    "reason", [reason for reason in Reason if reason.startswith("input_")], ids=lambda reason: reason.value
)
async def test_a_file_that_cannot_be_used_ends_the_job_unpaid_with_its_reason(world: World, reason: Reason) -> None:
    world.intake.faults = [None, BadInput(reason, "10 x 10 pixels")]
    job = await ask(world)
    await world.pass_time(90)

    failed = await world.now(job)
    assert (failed.state, failed.charge) == (JobState.FAILED, Charge.RELEASED)
    assert failed.failure is not None
    assert (failed.failure.reason, failed.failure.detail) == (reason, "10 x 10 pixels")
    assert world.provider.creates == []
    assert world.channel.card_of(job) is JobState.FAILED


async def test_a_file_that_cannot_be_had_now_is_tried_again(world: World) -> None:
    world.intake.faults = [Transient("HTTP 502"), None, Transient("reset"), None, None]
    job = await ask(world)
    await world.engine.run_due()
    assert (await world.now(job)).state is JobState.RECEIVED

    await world.pass_time(300)
    assert (await world.now(job)).state is JobState.DONE
    assert urls_sent(world) == [[source.url for source in FRAMES]]


async def test_a_file_that_cannot_be_had_for_ten_minutes_counts_as_gone(world: World) -> None:
    world.intake.faults = [Transient("HTTP 502")] * 1000
    job = await ask(world)
    await world.pass_time(INPUT_PATIENCE - 1)
    assert (await world.now(job)).state is JobState.RECEIVED

    await world.pass_time(120)
    gone = await world.now(job)
    assert (gone.state, gone.charge) == (JobState.FAILED, Charge.RELEASED)
    assert gone.failure is not None
    assert gone.failure.reason is Reason.INPUT_GONE
    assert world.provider.creates == []


async def test_a_worker_that_died_while_taking_files_in_leaves_them_to_the_next(world: World) -> None:
    world.intake.faults = [None, asyncio.CancelledError()]  # type: ignore[list-item]
    job = await ask(world)
    await asyncio.gather(world.engine.run_due(), return_exceptions=True)
    assert (await world.now(job)).state is JobState.RECEIVED

    await world.pass_time(90, engine=world.another_worker())
    assert (await world.now(job)).state is JobState.DONE
    assert urls_sent(world) == [[source.url for source in FRAMES]]


async def test_trying_again_needs_no_link_because_the_files_are_copied(world: World) -> None:
    world.provider.create_faults = [NotSent("connection refused")]
    job = await ask(world)
    await world.engine.run_due()
    cancelled = await world.service.cancel(job.id, user_id=job.origin.user_id)
    assert cancelled.state is JobState.CANCELLED

    world.intake.faults = [BadInput(Reason.INPUT_GONE, "HTTP 404")]
    again = await world.service.retry(job.id, an_origin())
    await world.pass_time(DAY)

    done = await world.now(again)
    assert (done.state, done.notes) == (JobState.DONE, (Note.PICTURE_PADDED,))
    assert world.intake.taken == list(FRAMES)
    assert urls_sent(world) == [[source.url for source in FRAMES]]


async def test_a_job_taken_back_before_its_files_came_in_takes_none(world: World) -> None:
    job = await ask(world)
    assert job.state in CANCELLABLE
    await world.service.cancel(job.id, user_id=job.origin.user_id)
    await world.pass_time(90)

    assert world.intake.taken == []
    assert world.provider.creates == []


async def test_an_edit_taken_back_before_its_files_were_fitted_has_them_fitted_when_tried_again(world: World) -> None:
    first = await ask(world)
    await world.pass_time(90)
    edited = await world.service.submit(
        Draft(prompt="a dog on the moon", model="MiniMax-H3", inputs=FRAMES),
        an_origin(interaction_id=8),
        derivation=Derivation(kind=Derived.EDIT, source_id=first.id),
    )
    await world.service.cancel(edited.id, user_id=edited.origin.user_id)
    tried_again = await world.service.retry(edited.id, an_origin(interaction_id=9))
    await world.pass_time(90)

    assert (await world.now(tried_again)).state is JobState.DONE
    assert world.intake.refitted == [Role.FIRST_FRAME, Role.LAST_FRAME]


async def test_files_that_were_made_to_fit_once_are_not_fitted_again(world: World) -> None:
    first = await ask(world)
    await world.pass_time(90)
    edited = await world.service.submit(
        Draft(prompt="a dog on the moon", model="MiniMax-H3", inputs=FRAMES),
        an_origin(interaction_id=8),
        derivation=Derivation(kind=Derived.EDIT, source_id=first.id),
    )
    await world.pass_time(90)
    fitted = list(world.intake.refitted)
    again = await world.service.again(edited.id, an_origin(interaction_id=9))
    await world.pass_time(90)

    assert (await world.now(again)).state is JobState.DONE
    assert world.intake.refitted == fitted == [Role.FIRST_FRAME, Role.LAST_FRAME]
