"""Where only the person carries the bot, and where a video is private: answers by token, direct messages, *Fetch*."""

import os
import signal

import pytest

from tests.wire.crash_points import RENDERING
from tests.wire.fake_discord import Call, Channel, Message
from tests.wire.studio import HASTE, Order, Studio

LEAP = 900.0


@pytest.fixture
def bot_env() -> dict[str, str]:
    return {**HASTE, "ALLOW_USER_INSTALLS": "true", "FAKE_DISCORD_LEAP": str(LEAP)}


async def while_it_renders(studio: Studio, prompt: str, *, place: Channel, **options: bool) -> Order:
    """Ask for a video, and stop time while the provider makes it and its card is in its place."""
    RENDERING(studio, prompt)
    order = await studio.order(prompt, place=place, person=studio.person, **options)
    await order.says("### Rendering")
    return order


def attempts(studio: Studio, channel: Channel) -> list[str]:
    """What the bot tried in a channel with its own token, of which nothing gets to where it is no member."""
    return [one.path for one in studio.discord.journal.all if one.params.get("channel_id") == str(channel.id)]


async def fetched(studio: Studio, order: Order, place: Channel) -> Message:
    """Find a video that could not be delivered with `/video show`, and press *Fetch*; returns the message pressed."""
    shown = await (await studio.discord.slash(place, studio.person, "video show", job=order.job_id)).answer()
    assert shown.seen_by is studio.person
    await studio.discord.press(shown, studio.person, f"video:fetch:{order.job_id}")
    await order.comes_to("done")
    return shown


async def test_where_only_the_person_carries_it_the_video_takes_the_card_s_place(studio: Studio) -> None:
    friends = studio.discord.world.add_group("friends", studio.person, studio.discord.world.add_user("grace"))
    places = {"a cat in a strange server": studio.strange_place(), "a cat among friends": friends}
    await studio.bot.start_ready()
    orders = [await while_it_renders(studio, prompt, place=place) for prompt, place in places.items()]
    cards = [order.card for order in orders]
    studio.simulator.holds.release_all()

    for order, card in zip(orders, cards, strict=True):
        await order.comes_to("done")
        await studio.discord.until(lambda one=order: one.interaction.followups, what="the ping")
        [ping] = order.interaction.followups

        order.is_answered_once()
        assert order.results == [card]
        assert ping.pinged == [studio.person.id]
        assert attempts(studio, order.place) == []
    await studio.stop()


async def test_a_token_that_ends_too_early_makes_a_direct_message_of_the_video(studio: Studio) -> None:
    place, mail = studio.strange_place(), studio.discord.world.dm(studio.person)
    await studio.bot.start_ready()
    order = await while_it_renders(studio, "a cat that takes its time", place=place)
    studio.discord.desk.token_life = 0
    studio.simulator.holds.release_all()
    await order.comes_to("done")
    refused = studio.discord.journal.of(Call.EDIT_ORIGINAL, order.uploads_it)

    assert [one.status for one in refused] == [401]
    assert [result.channel for result in order.results] == [mail]
    assert order.file.sha256 == order.film_sha256
    assert order.paid == 1

    studio.discord.desk.token_life = 900
    late = await while_it_renders(studio, "a cat that takes even longer", place=place)
    os.kill(studio.bot.pid, signal.SIGUSR1)  # the token's end by the bot's own clock
    studio.simulator.holds.release_all()
    await late.comes_to("done")
    await studio.stop()

    assert studio.discord.journal.of(Call.EDIT_ORIGINAL, late.uploads_it) == []
    assert [result.channel for result in late.results] == [mail]
    assert attempts(studio, place) == []


async def test_a_video_that_reaches_nobody_is_fetched_by_a_fresh_token(studio: Studio) -> None:
    place, mail = studio.strange_place(), studio.discord.world.dm(studio.person)
    mail.refuses = 50007
    await studio.bot.start_ready()
    order = await while_it_renders(studio, "a cat behind a closed door", place=place)
    studio.discord.desk.token_life = 0
    studio.simulator.holds.release_all()
    await order.comes_to("undelivered")
    assert order.results == []
    studio.discord.desk.token_life = 900

    await studio.bot.sigkill()
    await studio.bot.start_ready()
    shown = await fetched(studio, order, place)
    await studio.stop()

    assert order.results == [shown]
    assert order.file.sha256 == order.film_sha256
    assert (order.paid, mail.timeline) == (1, [])


async def test_a_private_video_arrives_as_a_direct_message_and_nowhere_else(studio: Studio) -> None:
    mail = studio.discord.world.dm(studio.person)
    await studio.bot.start_ready()
    order = await while_it_renders(studio, "a secret cat", place=studio.place, private=True)
    card = order.card
    studio.simulator.holds.release_all()
    await order.ended("Done")
    await studio.stop()
    [result] = order.results

    assert card.seen_by is studio.person
    assert (order.card, result.channel) == (card, mail)
    assert card.leads_to(result)
    assert order.file.sha256 == order.film_sha256
    assert (order.paid, studio.place.timeline) == (1, [])


async def test_a_private_video_whose_mail_is_closed_is_fetched_on_its_card(studio: Studio) -> None:
    mail = studio.discord.world.dm(studio.person)
    mail.refuses = 50007
    await studio.bot.start_ready()
    order = await while_it_renders(studio, "a secret cat at the door", place=studio.place, private=True)
    card = order.card
    studio.simulator.holds.release_all()
    await order.ended("Undelivered")
    await studio.bot.sigkill()
    await studio.bot.start_ready()
    await studio.discord.press(card, studio.person, f"video:fetch:{order.job_id}")
    await order.comes_to("done")
    await studio.stop()

    assert order.results == [card]
    assert card.seen_by is studio.person
    assert order.file.sha256 == order.film_sha256
    assert (order.paid, studio.place.timeline, mail.timeline) == (1, [], [])


async def test_an_acknowledgement_that_never_arrives_makes_no_public_card_of_a_private_video(studio: Studio) -> None:
    mail = studio.discord.world.dm(studio.person)
    studio.discord.faults.reset(Call.RESPOND)
    RENDERING(studio, "a secret cat not heard")
    await studio.bot.start_ready()
    order = await studio.order("a secret cat not heard", private=True)
    await studio.discord.until(lambda: mail.timeline, what="the card, directly", within=20)
    studio.simulator.holds.release_all()
    await order.comes_to("done")
    await studio.stop()

    assert [result.channel for result in order.results] == [mail]
    assert studio.place.messages == {}
