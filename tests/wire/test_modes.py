"""Videos from pictures and from references on the wire: what a person attaches comes from Discord's hosts, and arrives."""

import base64
from typing import Any

from tests.media.samples import a_film, a_picture, a_sound, saved
from tests.wire.fake_discord import LocalFile
from tests.wire.studio import Order, Studio

BOAT = LocalFile("boat.png", saved(a_picture(1280, 720), "PNG"))


def body(studio: Studio) -> dict[str, Any]:
    """The one create that reached the provider."""
    [create] = [one for one in studio.simulator.requests.all() if one.method == "POST"]
    return create.body


def is_data_url(url: str, media_type: str) -> bool:
    head, _, data = url.partition(",")
    return head == f"data:{media_type};base64" and bool(base64.b64decode(data, validate=True))


async def test_a_picture_becomes_a_video_that_begins_with_it(studio: Studio) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a boat from a picture", image=BOAT)
    await order.delivered()

    assert is_data_url(body(studio)["first_frame_image"], "image/jpeg")
    assert "First frame: boat.png" in order.card.text
    assert "First frame: boat.png" in order.results[0].text


async def test_a_picture_is_taken_in_though_the_bot_dies_before_it_has_looked(studio: Studio) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a boat and a crash", image=BOAT)
    await order.interaction.acknowledged()
    await studio.bot.sigkill()
    await studio.bot.start_ready()
    await studio.discord.until(lambda: order.results, within=20, what="the video")

    assert order.paid == 1
    assert is_data_url(body(studio)["first_frame_image"], "image/jpeg")


async def test_a_picture_whose_link_is_dead_ends_the_job_free_of_charge(studio: Studio) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a boat that is gone", image=BOAT)
    for file in studio.discord.world.files.values():
        file.expired = True
    await order.ended("Failed")

    assert "could not be downloaded from Discord any more" in order.card.text
    assert "Nothing was charged." in order.card.text
    assert order.paid == 0


async def test_h3_makes_a_video_with_a_ratio_and_sound(studio: Studio) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a tall boat", model="MiniMax-H3", ratio="9:16", duration=5)
    await order.delivered()

    assert body(studio)["ratio"] == "9:16"
    assert "9:16 · with sound" in order.results[0].text


async def test_a_form_that_was_open_while_the_bot_restarted_becomes_a_video_after_references(studio: Studio) -> None:
    await studio.bot.start_ready()
    opener = await studio.discord.slash(studio.place, studio.person, "video reference")
    await opener.acknowledged()
    await studio.stop()
    await studio.bot.start_ready()
    sent = await studio.discord.submit_modal(
        opener,
        studio.person,
        prompt="the boat of picture 1",
        pictures=[BOAT],
        clips=[LocalFile("waves.mp4", a_film()), LocalFile("gulls.wav", a_sound())],
        size=["MiniMax-H3 768P"],
        duration=["5"],
    )
    order = Order(studio=studio, interaction=sent, prompt="the boat of picture 1")
    await order.delivered()

    roles = [one.get("role") for one in body(studio)["content"]]
    assert roles == [None, "reference_image", "reference_video", "reference_audio"]
    assert "References: boat.png, waves.mp4, gulls.wav" in order.card.text


async def test_options_offer_what_fits_a_picture(studio: Studio) -> None:
    await studio.bot.start_ready()
    offered = await studio.discord.autocomplete(
        studio.place, studio.person, "video create", "resolution", "5", prompt="a boat", model="MiniMax-Hailuo-02"
    )
    with_picture = await studio.discord.autocomplete(
        studio.place,
        studio.person,
        "video create",
        "resolution",
        "5",
        prompt="a boat",
        model="MiniMax-Hailuo-02",
        image="1234567890",
    )

    assert offered == []
    assert [choice["value"] for choice in with_picture] == ["512P"]
