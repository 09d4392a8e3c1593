"""The buttons under a result, pressed in a process that never saw it; forms and menus left open while the bot is killed."""

import base64
from dataclasses import replace
from io import BytesIO
from typing import Any, cast

import av
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from demo.simulator.film_makers import paint_film
from demo.simulator.films import Film, FilmMaker, FilmOrder
from tests.wire.fake_discord import CannotType, Interaction, LocalFile, Message, Permission
from tests.wire.fake_discord.rest.webhooks import MODAL
from tests.wire.studio import Order, Studio

ACTIONS = ("again", "edit", "extend", "favourite", "share", "delete")
PROMPT = "a lighthouse by day"
ALIKE = 12.0  # of 255: what JPEG and one more coding make of a frame; another frame is much further off


@pytest.fixture
def film_maker() -> FilmMaker:
    """Films that change from frame to frame, large enough to begin another one."""
    return small_painting


def small_painting(order: FilmOrder) -> Film:
    return paint_film(replace(order, width=512, height=288))


def pictures_of(film: bytes) -> list[Image.Image]:
    """The first frame of a film, and the last."""
    with av.open(BytesIO(film), "r") as file:
        frames = list(file.decode(video=0))
    return [cast("Image.Image", frame.to_image()) for frame in (frames[0], frames[-1])]  # pyright: ignore[reportUnknownMemberType] -- PyAV leaves it untyped


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are apart on average, from 0 to 255."""
    apart = ImageChops.difference(one.convert("RGB"), ImageOps.fit(other.convert("RGB"), one.size))
    return sum(ImageStat.Stat(apart).mean) / 3


def first_frame_sent(studio: Studio, prompt: str) -> Image.Image:
    """The picture that the provider was told to begin with."""
    [create] = [one for one in studio.simulator.requests.all("/v1/video_generation") if one.body["prompt"] == prompt]
    media_type, _, data = create.body["first_frame_image"].partition(";base64,")
    assert media_type == "data:image/jpeg"
    return Image.open(BytesIO(base64.b64decode(data, validate=True)))


def field(form: Interaction, name: str) -> Any:
    """A part of an open form."""
    assert form.modal is not None
    [found] = [
        one["component"] for one in form.modal["components"] if one.get("component", {}).get("custom_id") == name
    ]
    return found


async def pressed(studio: Studio, result: Message, action: str, job_id: str) -> Interaction:
    """Press a button under a result, and wait for the first answer."""
    interaction = await studio.discord.press(result, studio.person, f"video:{action}:{job_id}")
    return await interaction.acknowledged()


async def crashed(studio: Studio) -> None:
    await studio.bot.sigkill()
    await studio.bot.start_ready()


async def arrived(order: Order) -> Message:
    """Wait until an order's video is there, and return its message."""
    await order.comes_to("done", within=30)
    [result] = order.results
    assert order.file.sha256
    return result


async def test_every_button_and_every_open_form_works_after_the_bot_was_killed(studio: Studio) -> None:
    discord, ada = studio.discord, studio.person
    elsewhere = studio.another_place()
    await studio.bot.start_ready()
    first = await studio.order(PROMPT)
    await first.delivered(within=30)
    [result], job, film = first.results, first.job_id, first.film_sha256
    assert result.pressable == [f"video:{action}:{job}" for action in ACTIONS]

    await crashed(studio)
    opened = {action: await pressed(studio, result, action, job) for action in ACTIONS}
    again = Order(studio=studio, interaction=opened["again"], prompt=PROMPT)
    favourite, menu = await opened["favourite"].answer(), await opened["share"].answer()
    await arrived(again)

    assert (favourite.seen_by, menu.seen_by) == (ada, ada)
    assert [opened[action].response_kind for action in ("edit", "extend", "delete")] == [MODAL] * 3
    assert field(opened["edit"], "prompt")["value"] == PROMPT
    assert studio.database.look("SELECT count(*) FROM favourites") == 1

    await crashed(studio)
    edited = Order(
        studio=studio,
        interaction=await discord.submit_modal(opened["edit"], ada, prompt="a lighthouse by night"),
        prompt="a lighthouse by night",
    )
    extended = Order(
        studio=studio,
        interaction=await discord.submit_modal(opened["extend"], ada, prompt="its light goes out"),
        prompt="its light goes out",
    )
    await discord.choose(menu, ada, f"video:shareto:{job}", elsewhere)
    next_part = await arrived(extended)
    await arrived(edited)
    await discord.until(lambda: elsewhere.timeline, what="the shared video")
    [shared] = elsewhere.timeline

    begin, end = pictures_of(first.file.read())
    sent = first_frame_sent(studio, extended.prompt)
    assert difference(end, sent) < ALIKE < difference(begin, sent)
    assert next_part.leads_to(result)
    assert [file.sha256 for file in shared.files] == [film]
    assert shared.pinged == []
    assert [len(studio.simulator.ledger.paid_creates(one.prompt)) for one in (first, edited, extended)] == [2, 1, 1]

    sure = await discord.submit_modal(opened["delete"], ada)
    await sure.acknowledged()
    await discord.until(lambda: result.deleted, what="the deletion")
    await studio.stop()

    assert first.results == []
    assert [len(one.results) for one in (again, edited, extended)] == [1, 1, 1]
    assert not shared.deleted


async def test_two_presses_at_once_make_one_video_and_other_people_make_none(studio: Studio) -> None:
    grace = studio.discord.world.add_user("grace")
    await studio.bot.start_ready()
    first = await studio.order(PROMPT)
    await first.delivered(within=30)
    [result], job = first.results, first.job_id

    presses = [await studio.discord.press(result, studio.person, f"video:again:{job}") for _ in range(2)]
    [made] = [
        order
        for order in [Order(studio=studio, interaction=await one.acknowledged(), prompt=PROMPT) for one in presses]
        if order.state is not None
    ]
    refused = [await studio.discord.press(result, grace, f"video:{one}:{job}") for one in ACTIONS if one != "favourite"]
    answers = [await one.answer() for one in refused]
    kept = await (await studio.discord.press(result, grace, f"video:favourite:{job}")).answer()
    await arrived(made)

    assert [answer.seen_by for answer in (*answers, kept)] == [grace] * 6
    assert all(studio.person.mention not in answer.text for answer in answers)
    assert len(studio.simulator.ledger.paid_creates(PROMPT)) == 2
    assert not result.deleted

    grace.permissions |= Permission.MANAGE_MESSAGES
    form = await (await studio.discord.press(result, grace, f"video:delete:{job}")).acknowledged()
    await (await studio.discord.submit_modal(form, grace)).acknowledged()
    await studio.discord.until(lambda: result.deleted, what="the moderator's deletion")
    with pytest.raises(CannotType):
        await studio.discord.press(result, grace, f"video:delete:{job}")
    await studio.stop()


async def test_any_message_s_picture_and_video_go_on_after_the_bot_was_killed(studio: Studio) -> None:
    discord, ada = studio.discord, studio.person
    grace = discord.world.add_user("grace")
    film = small_painting(FilmOrder(prompt="somebody else's", caption="", width=0, height=0, duration=6)).content
    begin, end = pictures_of(film)
    png = BytesIO()
    begin.save(png, "PNG")
    original = discord.say(studio.place, grace, "look", LocalFile("cat.png", png.getvalue()))
    forward = discord.say(studio.place, grace, forwards=original)
    clip = discord.say(studio.place, grace, "a film", LocalFile("film.mp4", film))
    await studio.bot.start_ready()

    animate = await (await discord.menu(forward, ada, "Animate this image")).acknowledged()
    go_on = await (await discord.menu(clip, ada, "Continue this video")).acknowledged()
    await crashed(studio)
    orders = [
        Order(studio=studio, interaction=await discord.submit_modal(form, ada, prompt=prompt), prompt=prompt)
        for form, prompt in ((animate, "the picture moves"), (go_on, "the film goes on"))
    ]
    for order, picture in zip(orders, (begin, end), strict=True):
        await order.delivered(within=30)
        assert difference(picture, first_frame_sent(studio, order.prompt)) < ALIKE
    await studio.stop()


async def test_a_form_that_was_refused_opens_again_with_every_word_after_the_bot_was_killed(studio: Studio) -> None:
    discord, ada = studio.discord, studio.person
    words = "a cat, " * 500
    await studio.bot.start_ready()
    form = await (await discord.slash(studio.place, ada, "video compose")).acknowledged()
    refusal = await (await discord.submit_modal(form, ada, prompt=words)).answer()
    assert refusal.seen_by is ada

    await crashed(studio)
    [button] = refusal.pressable
    opened = await (await discord.press(refusal, ada, button)).acknowledged()
    assert field(opened, "prompt")["value"].strip() == words.strip()
    order = Order(
        studio=studio, interaction=await discord.submit_modal(opened, ada, prompt="one cat"), prompt="one cat"
    )
    await order.delivered(within=30)
    await studio.stop()
