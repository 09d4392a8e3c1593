"""Ten pictures that are not what one expects: each is refused or fitted with a clear sentence, and none is paid for in vain."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.model import JobState
from tests.media.samples import a_picture, a_zip, animation, bomb, png_of_one_colour, saved, with_exif

from .files import Named, picture
from .world import CHINESE, World, words

REFUSED: dict[str, tuple[Named, str]] = {
    "truncated": (("boat.jpg", saved(a_picture())[:2000]), "The file cannot be read as a picture, video or sound."),
    "a zip": (("boat.png", a_zip()), "This kind of file is not supported."),
    "a bomb": (("boat.png", bomb()), "The file is too large."),
    "10 x 10": (picture(10, 10), "The picture is too small."),
    "1:5": (picture(300, 1500), "The picture is too long or too narrow."),
    "empty": (("boat.png", b""), "The file cannot be read as a picture, video or sound."),
}
FITTED: dict[str, tuple[Named, str | None]] = {
    "CMYK": (("boat.jpg", saved(a_picture(mode="CMYK"))), None),
    "16 bit": (("boat.png", png_of_one_colour(640, 360, bits=16, sample=b"\x80\x00")), None),
    "animated": (("boat.gif", animation("GIF")), "Only the first picture of the animation is used."),
    "on its side": (("boat.jpg", with_exif(a_picture(), orientation=6)), None),
}
"""What is said of each, beside what is always said."""


async def create(world: World, image: Named) -> Any:
    return await world.alice.slash(world.channel, "video create", prompt="a paper boat", image=image)


@pytest.mark.parametrize(("image", "why"), REFUSED.values(), ids=REFUSED)
async def test_a_picture_that_cannot_be_used_is_refused_with_why_and_what_to_do_and_costs_nothing(
    world: World, image: Named, why: str
) -> None:
    await create(world, image)
    await world.finish()
    job = await world.only_job()
    assert job.failure is not None
    card = words(world.posts[0])

    assert f"{why}\nNothing was charged.\n" in card
    assert world.texts.for_locale("en-US")(f"advice.{job.failure.reason}") in card
    assert world.simulator.ledger.paid_creates() == []


@pytest.mark.parametrize(("image", "note"), FITTED.values(), ids=FITTED)
async def test_a_picture_that_only_looks_odd_is_fitted_and_made_into_a_video(
    world: World, image: Named, note: str | None
) -> None:
    await create(world, image)
    await world.finish()

    assert (await world.only_job()).state is JobState.DONE
    assert world.texts.for_locale("en-US")("note.picture_padded") not in words(world.posts[0])
    assert note is None or note in words(world.posts[0])


async def test_in_chinese_the_refusal_is_chinese(world: World) -> None:
    await create(world, ("empty.png", b""))
    await world.finish()
    shown = await world.typed(world.alice, "show", CHINESE)

    assert "文件无法识别为图片、视频或音频。\n没有扣费。\n请另存为 PNG、JPEG 或 MP4 后重新提交。" in words(
        shown.response
    )


# --- what Discord itself says of a file --------------------------------------------------------------------------


async def nothing_happened(world: World) -> bool:
    return not await world.store.jobs_of(world.alice.id) and not world.simulator.requests.all()


async def test_a_file_that_discord_says_is_no_picture_is_refused_at_once(world: World) -> None:
    result = await create(world, ("notes.pdf", b"%PDF"))

    assert result.ephemeral
    assert "**notes.pdf**: This kind of file is not supported. Use another file and ask again." in words(
        result.response
    )
    assert "Nothing was charged." in words(result.response)
    assert await nothing_happened(world)


async def test_a_file_of_which_discord_says_nothing_is_looked_into(world: World) -> None:
    await create(world, ("IMG_1", picture()[1]))
    await world.finish()

    assert (await world.only_job()).state is JobState.DONE


async def test_a_file_that_discord_says_is_too_large_is_refused_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = world.env.backend.cdn.store_attachment

    def huge(*arguments: Any) -> dict[str, Any]:
        return keep(*arguments) | {"size": 60_000_000}

    monkeypatch.setattr(world.env.backend.cdn, "store_attachment", huge)
    result = await create(world, picture())

    assert "**boat.png**: The file is too large. At most 52 MB are possible." in words(result.response)
    assert await nothing_happened(world)


async def test_a_file_s_name_is_shown_as_it_is_and_pings_nobody(world: World) -> None:
    result = await create(world, ("*@everyone*.pdf", b"%PDF"))

    assert "everyone" in words(result.response)
    assert "\n**@everyone**" not in words(result.response)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"last_image"}, "A last picture needs a first one: add `image`."),
        ({"image", "subject"}, "First and last pictures cannot be combined with a subject or with references."),
    ],
)
async def test_pictures_that_do_not_go_together_are_refused_at_once(world: World, files: set[str], said: str) -> None:
    result = await world.alice.slash(
        world.channel, "video create", prompt="a boat", **dict.fromkeys(sorted(files), picture())
    )

    assert result.ephemeral
    assert words(result.response) == f"{said}\nNothing was charged."
    assert await nothing_happened(world)
