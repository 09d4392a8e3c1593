"""Whatever goes wrong at the provider: a clear end that costs nothing or says so, or it goes on by itself. Never paid twice."""

import pytest

from demo.simulator import faults
from demo.simulator.film_makers import padded, tiny_film
from tests.wire.crash_points import RENDERING, provider
from tests.wire.fake_discord import MIB
from tests.wire.studio import Order, Studio

FOR_NOTHING = "Nothing was charged."


async def met(studio: Studio, switches: list[str]) -> list[Order]:
    """Start the bot, and let one order each meet a fault; the fault's own words are the prompt."""
    for switch in switches:
        studio.simulator.faults.add(f"{switch},prompt={named(switch)}")
    await studio.bot.start_ready()
    return [await studio.order(named(switch)) for switch in switches]


def named(switch: str) -> str:
    """A fault as a prompt: nothing in it that Discord's markdown or the switches' own grammar would change."""
    return "a cat meets " + "".join(letter if letter.isalnum() else " " for letter in switch)


async def test_a_refused_or_failed_video_ends_with_why_and_is_never_tried_again(studio: Studio) -> None:
    reasons = {
        "create=code:1026": "content rules do not allow this prompt",
        "create=code:1027": "content rules hold it back",
        "create=code:2013": "did not accept the request",
        "create=code:4711": "refused to make this video",
        "task=fail:1026": "content rules do not allow this prompt",
        "task=fail:1027": "content rules hold it back",
        "task=fail:0": "Something went wrong at the provider",
        "task=fail:4711": "Something went wrong at the provider",
    }
    orders = await met(studio, list(reasons))

    for order, reason in zip(orders, reasons.values(), strict=True):
        await order.ended("Failed")
        assert reason in order.card.text
        assert FOR_NOTHING in order.card.text
        assert (order.creates, order.results) == (1, [])
        assert [button["label"] for button in order.card.buttons] == ["Try again", "Edit"]
    await studio.stop()


async def test_a_passing_fault_is_got_over_without_a_word(studio: Studio) -> None:
    orders = await met(
        studio,
        [
            "query=http:503,times=2",
            "query=reset,times=2",
            "query=drop",
            "query=text",
            "query=code:1000",
            "query=code:1002",
            "query=code:2013",
            "query=status:Dreaming",
            "query=lower",
            "query=no-file-id,times=3",
            "query=number-id",
            "retrieve=http:502",
            "retrieve=reset",
            "retrieve=no-url",
            "retrieve=string-id",
            "retrieve=code:1039",
            "download=truncate:1000",
            "download=reset",
            "download=http:500",
            "download=expired",
            "download=type:text/html",
        ],
    )

    for order in orders:
        await order.delivered(within=30)
        assert (order.creates, len(order.uploads)) == (1, 1)
    await studio.stop()
    assert studio.simulator.faults.pending() == []


async def test_a_create_whose_answer_is_lost_is_uncertain_and_never_sent_again(studio: Studio) -> None:
    paid = {
        "create=reset": 0,
        "create=http:500": 0,
        "create=code:1000": 0,
        "accepted=reset": 1,
        "accepted=drop": 1,
        "accepted=http:502": 1,
        "accepted=text": 1,
        "accepted=no-task-id": 1,
    }
    orders = await met(studio, list(paid))

    for order, times in zip(orders, paid.values(), strict=True):
        await order.ended("Uncertain")
        assert "may have been charged" in order.card.text
        assert (order.creates, order.paid, order.results) == (1, times, [])
    order = orders[-1]
    pressed = await studio.discord.press(order.card, studio.person, f"video:retry:{order.job_id}")
    again = Order(studio=studio, interaction=pressed, prompt=order.prompt)
    await pressed.acknowledged()
    await studio.discord.until(lambda: again.results, what="the video of Try again", within=20)
    await studio.stop()
    assert [(one.word, one.creates, len(one.results)) for one in orders[:-1]] == [("Uncertain", 1, 0)] * 7
    assert (order.paid, order.results, len(again.results)) == (2, [], 1)


async def test_what_concerns_everybody_lets_all_wait_and_go_on_by_themselves(studio: Studio) -> None:
    pauses = {
        1002: ("The provider is busy.", 0),
        1004: ("The provider does not accept this bot's key.", 1),
        2049: ("The provider does not accept this bot's key.", 1),
        1008: ("The bot's credit with the provider is used up.", 1),
    }
    mail = studio.discord.world.dm(studio.discord.world.owner)
    told = 0
    await studio.bot.start_ready()
    for code, (says, alerts) in pauses.items():
        studio.simulator.faults.add(f"create=code:{code},times=always")
        orders = [await studio.order(f"a cat before a {code}"), await studio.order(f"a dog behind it at {code}")]
        for order in orders:
            waiting = await order.says(says)
            assert "Nothing has been charged so far." in waiting.text
        told += alerts
        await studio.discord.until(lambda told=told: len(mail.timeline) == told, what=f"{told} letters to the owner")
        studio.simulator.faults.clear()
        for order in orders:
            await order.delivered()
    await studio.stop()

    assert len(mail.timeline) == told


@pytest.mark.parametrize("film_maker", [padded(tiny_film, 2 * MIB)], ids=["2 MiB"])
async def test_a_provider_that_is_down_is_waited_for_wherever_the_job_stands(studio: Studio) -> None:
    await studio.host.down()
    await studio.bot.start_ready()
    order = await studio.order("a cat before the create")
    await order.says("The provider cannot be reached just now.")
    await studio.host.up()
    await order.delivered()
    assert order.creates == 1

    places = {
        "query": RENDERING,
        "retrieve": provider(faults.RETRIEVE),
        "download": provider(faults.DOWNLOAD, byte=10_000),
    }
    # Else the rest of the film would be out before the server has ended.
    studio.simulator.faults.add("download=slow:30,prompt=download")
    for where, place in places.items():
        stop = place(studio, f"a cat before the {where}")
        order = await studio.order(f"a cat before the {where}")
        await stop.reached(order)
        await studio.host.down()
        await studio.bot.printed(f"try again later.*job={order.job_id}")
        await studio.host.up()
        await order.delivered()
        assert (order.creates, len(order.uploads)) == (1, 1)
    await studio.stop()
