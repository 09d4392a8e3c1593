"""Ten images as people really send them, from the command to the provider: each is fitted or refused, and none that is
refused is paid."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from jobs.engine import Engine
from jobs.errors import Reason
from jobs.model import Charge, Draft, JobState, MediaSource, Note, Role
from jobs.ports import FetchFile, InputRules
from locales import Texts
from media.intake import AttachmentIntake
from tests.factories import an_origin
from tests.jobs.doubles import SmallCatalog
from tests.jobs.world import a_world
from tests.media.samples import (
    FRAME,
    a_picture,
    a_zip,
    animation,
    bomb,
    noise,
    opened,
    png_of_one_colour,
    saved,
    with_exif,
)

FITTED: Final[tuple[Note, ...]] = ()


@dataclass(frozen=True)
class Broken:
    """One image, and what becomes of it: a reason to refuse it, or what is done to it and the size it then has."""

    name: str
    data: Callable[[], bytes]
    outcome: Reason | tuple[Note, ...]
    size: tuple[int, int] | None = None


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


TEN = (
    Broken("truncated", lambda: half(saved(noise(800, 600))), Reason.INPUT_UNREADABLE),
    Broken("a zip named .png", a_zip, Reason.INPUT_WRONG_KIND),
    Broken("20,000 x 20,000 pixels in 100 KB", bomb, Reason.INPUT_TOO_LARGE),
    Broken("CMYK", lambda: saved(a_picture(mode="CMYK")), FITTED, (800, 600)),
    Broken("16-bit", lambda: png_of_one_colour(640, 480, bits=16, sample=b"\x80\x00"), FITTED, (640, 480)),
    Broken("animated", lambda: animation("GIF"), (Note.FIRST_PICTURE_ONLY,), (400, 400)),
    Broken("10 x 10", lambda: saved(a_picture(10, 10), "PNG"), Reason.INPUT_TOO_SMALL),
    Broken("1:5", lambda: saved(a_picture(400, 2000)), Reason.INPUT_WRONG_SHAPE),
    Broken("EXIF-rotated", lambda: with_exif(a_picture(600, 800), orientation=6), FITTED, (800, 600)),
    Broken("zero bytes", bytes, Reason.INPUT_UNREADABLE),
)


class FrameCatalog(SmallCatalog):
    """Takes what the provider takes for a first frame."""

    def input_rules(self, model: str, role: Role) -> InputRules:  # noqa: ARG002 - the port's form
        return FRAME


def attached(data: bytes) -> FetchFile:
    async def fetch(url: str, path: Path, *, limit: int) -> None:  # noqa: ARG001 - the port's form
        await asyncio.to_thread(path.write_bytes, data)

    return fetch


@pytest.mark.parametrize("image", TEN, ids=lambda image: image.name)
async def test_a_broken_image_is_fitted_or_refused_with_a_sentence_and_then_not_paid(
    tmp_path: Path, image: Broken
) -> None:
    data = image.data()
    source = MediaSource(
        role=Role.FIRST_FRAME, url="https://cdn.example/picture.png", filename="picture.png", size=len(data)
    )
    async with a_world(tmp_path) as world:
        intake = AttachmentIntake(attached(data), folder=tmp_path)
        engine = Engine(replace(world.tools, intake=intake, catalog=FrameCatalog()), owner="test")
        job = await world.service.submit(Draft(prompt="it moves", inputs=(source,)), an_origin())
        await world.pass_time(90, engine=engine)
        ended = await world.now(job)

        if isinstance(image.outcome, Reason):
            assert (ended.state, ended.charge) == (JobState.FAILED, Charge.RELEASED)
            assert ended.failure is not None
            assert ended.failure.reason is image.outcome
            assert world.provider.creates == []
        else:
            assert (ended.state, ended.notes) == (JobState.DONE, image.outcome)
            (sent,) = world.provider.ledger[0].inputs
            assert (sent.media_type, opened(sent.data).size) == ("image/jpeg", image.size)


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("image", TEN, ids=lambda image: image.name)
def test_what_became_of_it_has_words_in_each_language(language: str, image: Broken) -> None:
    t = Texts.load().for_locale(language)
    reasons = (image.outcome,) if isinstance(image.outcome, Reason) else ()
    notes = () if isinstance(image.outcome, Reason) else image.outcome

    for key in [f"{kind}.{reason}" for reason in reasons for kind in ("why", "advice")] + [f"note.{n}" for n in notes]:
        assert t(key) != key
