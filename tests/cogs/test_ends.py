"""How jobs end when something goes wrong on the way, as people in the channel see it."""

from __future__ import annotations

from pathlib import Path

from jobs.model import Delivery, JobState

from .world import CHINESE, FILM, World, buttons, open_world, words


async def asked(world: World, prompt: str = "a fox") -> None:
    await world.alice.slash(world.channel, "video create", prompt=prompt)


async def test_a_refused_prompt_fails_with_why_and_that_it_was_free(world: World) -> None:
    await asked(world, "a fox #refuse")
    await world.finish()
    [card] = world.posts

    assert "Failed\n> a fox #refuse" in words(card)
    assert "content rules do not allow this prompt, or a file that came with it.\nNothing was charged.\nWord" in words(
        card
    )


async def test_a_lost_answer_ends_uncertain_and_is_never_repeated(world: World) -> None:
    await world.typed(world.alice, "create", CHINESE, prompt="狐狸 #丢失")
    await world.finish()
    [card] = world.posts

    assert "结果不明\n> 狐狸 #丢失" in words(card)
    assert "可能已经扣费（US$0.49）" in words(card)
    assert list(buttons(card)) == ["再试一次"]
    assert len(world.simulator.ledger.paid_creates()) == 1


async def test_without_credit_jobs_wait_and_the_owner_is_told_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        world.simulator.faults.add("create=code:1008,times=2")
        await asked(world)
        await world.later(0)
        await world.later(10)
        [card] = world.posts

        assert "Queued" in words(card)
        assert "The owner has been told; it goes on by itself" in words(card)
        assert "Nothing has been charged so far." in words(card)

        for _ in range(20):
            await world.later(60)
        assert "Done" in words(world.posts[0])
        assert len(world.posts) == 2


async def test_a_channel_deleted_meanwhile_sends_the_video_to_the_requester(world: World) -> None:
    await asked(world)
    await world.later(0)
    world.env.backend.delete_channel(world.channel.id)
    await world.finish()
    job = await world.only_job()
    [message] = world.alice.user.dm_channel.history()

    assert job.state is JobState.DONE
    assert job.delivery is Delivery.DIRECT
    assert await message.attachments[0].read() == FILM


async def test_a_file_too_large_for_the_channel_comes_as_a_link(world: World) -> None:
    await asked(world)
    world.env.inject_error("POST", "/channels/*/messages", status=413, code=40005)
    await world.finish()
    _, post = world.posts

    assert "too large for this channel, so here is a link" in post.content
    assert "http://127.0.0.1" in post.content
    assert (await world.only_job()).state is JobState.DONE


async def test_a_post_that_took_effect_although_discord_said_otherwise_is_adopted(world: World) -> None:
    await asked(world)
    await world.later(0)
    job = await world.only_job()
    path = Path(world.shop.path(job.id))
    path.write_bytes(FILM)
    await world.courier.post_video(job, path)
    world.env.inject_error("POST", "/channels/*/messages", status=502)
    await world.finish()

    assert (await world.only_job()).state is JobState.DONE
    assert len([post for post in world.posts if post.attachments]) == 1


async def test_a_deleted_card_does_not_keep_the_video_away(world: World) -> None:
    await asked(world)
    await world.later(0)
    world.env.backend.delete_message(world.channel.id, world.posts[0].id)
    await world.finish()
    [video] = world.posts

    assert len(video.attachments) == 1
