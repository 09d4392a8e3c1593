"""The main job from the typed command to the posted video: server, thread and direct message, at the product's own pace."""

import json

import pytest

from tests.wire.fake_discord import Call, ChannelKind
from tests.wire.studio import Order, Studio

# A limit, as any careful operator sets, and no haste.
REAL_PACE = {"TOTAL_SPEND_PER_MONTH": "100"}


async def is_the_main_job(order: Order) -> None:
    """Wait for an order's good end, and look at every single thing that was promised of it."""
    await order.interaction.acknowledged()
    card = await order.interaction.answer()
    await order.delivered(within=40)
    [result], [upload] = order.results, order.uploads

    assert order.interaction.latency < 1
    assert order.cards == [card]
    assert order.creates == 1
    assert order.file.name.endswith(f".{order.job_id}.mp4")
    assert order.prompt in (order.file.description or "")
    assert (upload.json["nonce"], upload.json["enforce_nonce"]) == (order.job_id, True)
    assert upload.json["allowed_mentions"] == {"parse": [], "users": [order.interaction.user.id]}
    assert result.channel is order.place
    assert result.id > card.id
    assert order.prompt in result.text
    assert "MiniMax-Hailuo-02 · 1080P · 6 s" in result.text
    edits = order.studio.discord.journal.of(Call.EDIT_MESSAGE, lambda one: order.prompt in json.dumps(one.json))
    assert {(one.channel_id, int(one.params["message_id"])) for one in edits} == {(card.channel.id, card.id)}


def asked_after(order: Order) -> list[float]:
    """Seconds from the paid create to each question about it, by the provider's clock."""
    [paid] = order.studio.simulator.ledger.paid_creates(order.prompt)
    return [query.at - paid.created_at for query in order.studio.simulator.requests.queries(paid.task_id)]


@pytest.mark.parametrize("bot_env", [REAL_PACE], ids=["real pace"])
async def test_a_command_becomes_the_very_video_wherever_it_is_typed(studio: Studio) -> None:
    world = studio.discord.world
    thread = world.add_thread(studio.place, "about foxes")
    grace = world.add_user("grace")
    await studio.bot.start_ready()

    orders = [
        await studio.order("a fox in a server"),
        await studio.order("a fox in a thread", place=thread),
        await studio.order("a fox between two", place=world.dm(grace), person=grace),
    ]
    for order in orders:
        await is_the_main_job(order)

        [seconds] = asked_after(order)
        assert 10 <= seconds < 13
    await studio.stop()


async def test_it_is_the_same_in_a_forum_in_the_chat_of_a_voice_channel_and_in_the_news(studio: Studio) -> None:
    world, guild = studio.discord.world, studio.place.guild
    assert guild is not None
    places = {
        "a fox in a forum": world.add_thread(world.add_channel(guild, "forum", ChannelKind.FORUM), "foxes, please"),
        "a fox that listens": world.add_channel(guild, "voices", ChannelKind.VOICE),
        "a fox in the news": world.add_channel(guild, "news", ChannelKind.ANNOUNCEMENT),
    }
    await studio.bot.start_ready()

    for order in [await studio.order(prompt, place=place) for prompt, place in places.items()]:
        await is_the_main_job(order)
    await studio.stop()


async def test_commands_are_registered_once_and_not_again_at_the_next_start(studio: Studio) -> None:
    for _ in range(2):
        await studio.bot.start_ready()
        await studio.stop()

    assert len(studio.discord.journal.of(Call.SYNC_GLOBAL)) == 1


async def test_the_same_interaction_delivered_again_and_again_makes_one_job(studio: Studio) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a fox and its echo")
    await studio.discord.redeliver(order.interaction)
    await studio.discord.journal.wait_for(Call.RESPOND, count=2)
    await order.delivered()
    await studio.stop()
    await studio.bot.start_ready()
    await studio.discord.redeliver(order.interaction)
    third = await studio.discord.journal.wait_for(Call.RESPOND, count=3)
    await studio.stop()

    order.is_delivered_once()
    assert third.status == 400
    assert (order.creates, len(order.uploads)) == (1, 1)
    assert studio.database.look("SELECT count(*) FROM jobs") == 1
