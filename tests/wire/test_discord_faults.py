"""Whatever goes wrong at Discord: the video still arrives, once, there or in a direct message, or waits to be fetched."""

from collections.abc import Callable

import pytest

from tests.wire.crash_points import RENDERING
from tests.wire.fake_discord import Call, Channel, Message, Permission, Recorded
from tests.wire.studio import Order, Studio

Wanted = Callable[[Recorded], bool]
Fault = Callable[[Studio, Wanted], None]

POST = Call.CREATE_MESSAGE
MISHAPS: dict[str, Fault] = {
    "502 before it is posted": lambda studio, video: studio.discord.faults.answer(POST, 502, where=video),
    "502 although it is posted": lambda studio, video: studio.discord.faults.answer(
        POST, 502, after_effect=True, where=video
    ),
    "reset before it is posted": lambda studio, video: studio.discord.faults.reset(POST, where=video),
    "reset although it is posted": lambda studio, video: studio.discord.faults.reset(
        POST, after_effect=True, where=video
    ),
    "429, twice": lambda studio, video: studio.discord.faults.rate_limit(POST, 0.3, where=video, times=2),
    "write limit of the channel": lambda studio, video: studio.discord.faults.answer(
        POST, 429, {"message": "The write action you are performing has hit the limit.", "code": 20028}, where=video
    ),
}


def video_of(prompt: str) -> Wanted:
    """Whether a request posts the video of this prompt, or the link to it."""
    return lambda one: prompt in str(one.json) and "### " not in str(one.json)


async def test_a_post_that_fails_is_made_up_for_and_never_repeated(studio: Studio) -> None:
    places = {name: studio.another_place() for name in MISHAPS}
    for name, mishap in MISHAPS.items():
        mishap(studio, video_of(name))
    await studio.bot.start_ready()
    orders = {name: await studio.order(name, place=place) for name, place in places.items()}

    for name, order in orders.items():
        await order.delivered(within=30)
        assert len(order.uploads) > 1 or name == "reset although it is posted"
    await studio.stop()


async def test_a_video_refused_for_its_size_is_made_smaller_and_posted_once(studio: Studio) -> None:
    studio.discord.faults.refuse(POST, 40005, where=video_of("a large cat"))
    await studio.bot.start_ready()
    order = await studio.order("a large cat")
    await order.ended("Done")
    await studio.stop()

    [result] = order.results
    [file] = result.files
    [whole, smaller] = order.uploads
    assert file.size == smaller.files[0].size <= whole.files[0].size / 2
    assert "Encoded anew" in result.text
    assert (order.paid, linking(order)) == (1, [])


async def test_a_video_refused_at_every_size_is_posted_as_a_link(studio: Studio) -> None:
    studio.discord.faults.refuse(POST, 40005, where=video_of("a very large cat"), times=2)
    await studio.bot.start_ready()
    order = await studio.order("a very large cat")
    await order.ended("Done")
    await studio.stop()

    [link] = linking(order)
    assert f"{studio.simulator.download_url}/video/" in link.text
    assert link.pinged == [studio.person.id]
    assert order.card.leads_to(link)
    assert link.pressable == [f"video:{action}:{order.job_id}" for action in ("again", "edit", "favourite", "delete")]
    assert (order.paid, order.results) == (1, [])


def linking(order: Order) -> list[Message]:
    """The messages that hold a link to the video instead of the file."""
    return [one for one in order.place.timeline if order.job_id in one.text and not one.files]


async def while_it_renders(studio: Studio, prompt: str, *, place: Channel | None = None) -> Order:
    """Ask for a video, and stop time while the provider makes it and its card is in its place."""
    RENDERING(studio, prompt)
    await studio.bot.start_ready()
    order = await studio.order(prompt, place=place)
    await order.says("### Rendering")
    return order


async def test_a_video_whose_channel_is_gone_arrives_as_a_direct_message(studio: Studio) -> None:
    order = await while_it_renders(studio, "a cat without a home")
    await studio.discord.delete_channel(order.place)
    studio.simulator.holds.release_all()

    mail = studio.discord.world.dm(studio.person)
    await studio.discord.until(lambda: mail.timeline, what="the direct message", within=20)
    await studio.stop()

    assert [result.channel for result in order.results] == [mail]
    assert order.file.sha256 == order.film_sha256
    assert (order.state, order.paid) == ("done", 1)


async def test_a_video_that_may_no_longer_be_posted_arrives_as_a_direct_message(studio: Studio) -> None:
    order = await while_it_renders(studio, "a cat that lost its rights")
    order.place.app_permissions &= ~Permission.ATTACH_FILES
    studio.simulator.holds.release_all()
    await order.delivered()
    await studio.stop()

    assert [result.channel.recipient for result in order.results] == [studio.person]


async def test_a_video_that_nobody_takes_waits_until_it_is_fetched(studio: Studio) -> None:
    mail = studio.discord.world.dm(studio.person)
    mail.refuses = 50007
    order = await while_it_renders(studio, "a cat nobody lets in")
    order.place.app_permissions &= ~Permission.ATTACH_FILES
    studio.simulator.holds.release_all()
    await order.ended("Undelivered")
    assert order.results == []

    mail.refuses = 0
    await studio.discord.press(order.card, studio.person, f"video:fetch:{order.job_id}")
    await studio.discord.until(lambda: order.word == "Done", what="the fetched video", within=20)
    await studio.stop()

    order.is_delivered_once()
    assert [result.channel for result in order.results] == [mail]


@pytest.mark.parametrize("missing", [Permission.SEND_MESSAGES, Permission.ATTACH_FILES, Permission.VIEW_CHANNEL])
async def test_where_nothing_could_be_posted_nothing_is_ordered(missing: Permission, studio: Studio) -> None:
    studio.place.app_permissions &= ~missing
    await studio.bot.start_ready()
    order = await studio.order("a cat outside the door")
    answer = await order.interaction.answer()
    await studio.stop()

    assert answer.seen_by is studio.person
    assert "I cannot post the video here, because I lack:" in answer.text
    assert (order.creates, studio.place.timeline) == (0, [])
    assert studio.database.look("SELECT count(*) FROM jobs") == 0


@pytest.mark.parametrize("after_effect", [False, True], ids=["never arrived", "arrived, its answer lost"])
async def test_an_acknowledgement_that_fails_leaves_one_card_and_one_video(after_effect: bool, studio: Studio) -> None:
    studio.discord.faults.reset(Call.RESPOND, after_effect=after_effect)
    order = await while_it_renders(studio, "a cat not heard")
    studio.simulator.holds.release_all()
    await order.delivered()
    await studio.stop()


async def test_a_card_that_nobody_recorded_says_done_even_if_the_video_was_quicker(studio: Studio) -> None:
    studio.discord.faults.reset(Call.RESPOND, after_effect=True)
    await studio.bot.start_ready()
    order = await studio.order("a very quick cat")
    await studio.discord.until(lambda: order.results, what="the video", within=20)
    await order.delivered()
    await studio.stop()


async def test_a_job_whose_card_was_deleted_goes_on_without_it(studio: Studio) -> None:
    order = await while_it_renders(studio, "a cat without a card")
    order.card.deleted = True
    studio.simulator.holds.release_all()
    await studio.discord.until(lambda: order.results, what="the video", within=20)
    refused = await studio.discord.journal.wait_for(Call.EDIT_MESSAGE, lambda one: one.status == 404)
    await studio.stop()

    assert refused.status == 404
    assert order.cards == []
    assert (len(order.results), order.paid, order.state) == (1, 1, "done")


async def test_what_happens_while_the_gateway_is_gone_is_made_up_for(studio: Studio) -> None:
    order = await while_it_renders(studio, "a cat on a bad line")
    studio.discord.gateway.cut()
    studio.simulator.holds.release_all()
    await order.delivered()
    await studio.discord.gateway.resumed(within=20)
    second = await studio.order("a cat on a good line")
    await second.delivered()
    await studio.stop()
