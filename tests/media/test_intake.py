"""A person's file on its way in: bounded before and while it is fetched, looked into, and not left lying about."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.errors import BadInput, Reason, Transient
from jobs.ports import InputRules
from jobs.request import InputFile, MediaSource, Note, Role
from media.intake import FILM_LIMIT, PICTURE_LIMIT, AttachmentIntake
from tests.media.samples import FRAME, SOUND, VIDEO, a_film, a_picture, opened, saved


class Attachments:
    """What people have attached, by its address."""

    def __init__(self, **files: bytes | Exception) -> None:
        self.files = files
        self.limits: list[int] = []

    async def __call__(self, url: str, path: Path, *, limit: int) -> None:
        self.limits.append(limit)
        found = self.files[url]
        if isinstance(found, Exception):
            raise found
        path.write_bytes(found)


class SlowAttachments:
    """None of them arrives before it may."""

    def __init__(self) -> None:
        self.on_the_way = 0
        self.most = 0
        self.two_on_the_way = asyncio.Event()
        self.may_arrive = asyncio.Event()

    async def __call__(self, url: str, path: Path, *, limit: int) -> None:  # noqa: ARG002 - the form of `Fetch`
        self.on_the_way += 1
        self.most = max(self.most, self.on_the_way)
        if self.on_the_way == 2:
            self.two_on_the_way.set()
        await self.may_arrive.wait()
        self.on_the_way -= 1
        raise Transient("reset")


def source(url: str = "picture", role: Role = Role.FIRST_FRAME, *, size: int = 1000) -> MediaSource:
    return MediaSource(role=role, url=url, filename="evil.exe", size=size, media_type="application/x-evil")


def broken_line() -> Attachments:
    return Attachments(picture=Transient("reset"))


async def test_a_file_comes_in_judged_by_its_content_alone(tmp_path: Path) -> None:
    intake = AttachmentIntake(Attachments(picture=saved(a_picture(400, 1000), "PNG")), folder=tmp_path)

    taken = await intake.take(source(role=Role.LAST_FRAME), FRAME)

    assert opened(taken.data).size == (500, 1000)
    assert taken == InputFile(
        role=Role.LAST_FRAME, media_type="image/jpeg", data=taken.data, notes=(Note.PICTURE_PADDED,)
    )


async def test_what_was_taken_in_for_another_model_is_fitted_to_this_one_and_its_notes_are_kept(tmp_path: Path) -> None:
    kept = InputFile(
        role=Role.SUBJECT,
        media_type="image/png",
        data=saved(a_picture(400, 1000), "PNG"),
        notes=(Note.FIRST_PICTURE_ONLY,),
    )

    fitted = await AttachmentIntake(Attachments(), folder=tmp_path).refit(kept, Role.LAST_FRAME, FRAME)

    assert opened(fitted.data).size == (500, 1000)
    assert (fitted.role, fitted.notes) == (Role.LAST_FRAME, (Note.FIRST_PICTURE_ONLY, Note.PICTURE_PADDED))


@pytest.mark.parametrize(
    "attachments",
    [
        Attachments(picture=saved(a_picture())),
        Attachments(picture=b"no picture"),
        Attachments(picture=BadInput(Reason.INPUT_GONE, "HTTP 404")),
        Attachments(picture=Transient("reset")),
    ],
    ids=["fitted", "refused", "gone", "out of reach"],
)
async def test_nothing_is_left_behind(tmp_path: Path, attachments: Attachments) -> None:
    intake = AttachmentIntake(attachments, folder=tmp_path)

    await asyncio.gather(intake.take(source(), FRAME), return_exceptions=True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [BadInput(Reason.INPUT_GONE, "HTTP 404"), Transient("reset")])
async def test_what_is_wrong_with_the_way_is_passed_on(tmp_path: Path, fault: Exception) -> None:
    with pytest.raises(type(fault)) as caught:
        await AttachmentIntake(Attachments(picture=fault), folder=tmp_path).take(source(), FRAME)

    assert caught.value is fault


@pytest.mark.parametrize(
    ("role", "rules", "limit"),
    [
        (Role.FIRST_FRAME, FRAME, PICTURE_LIMIT),
        (Role.REFERENCE_VIDEO, VIDEO, VIDEO.max_bytes),
        (Role.REFERENCE_AUDIO, SOUND, SOUND.max_bytes),
    ],
)
async def test_what_discord_itself_calls_too_large_is_not_even_fetched(
    tmp_path: Path, role: Role, rules: InputRules, limit: int
) -> None:
    attachments = Attachments(picture=b"")
    intake = AttachmentIntake(attachments, folder=tmp_path)

    with pytest.raises(BadInput) as caught:
        await intake.take(source(role=role, size=limit + 1), rules)
    assert (caught.value.reason, attachments.limits) == (Reason.INPUT_TOO_LARGE, [])

    await asyncio.gather(intake.take(source(role=role, size=limit), rules), return_exceptions=True)
    assert attachments.limits == [limit]


async def test_of_a_video_for_its_last_frame_much_more_is_fetched(tmp_path: Path) -> None:
    attachments = Attachments(film=a_film(frames=8))
    intake = AttachmentIntake(attachments, folder=tmp_path)

    taken = await intake.take(replace(source("film"), last_frame=True, size=FILM_LIMIT), replace(FRAME, min_side=200))

    assert (taken.media_type, taken.notes) == ("image/jpeg", (Note.LAST_FRAME_TAKEN,))
    assert opened(taken.data).size == (320, 240)
    assert attachments.limits == [FILM_LIMIT]
    with pytest.raises(BadInput):
        await intake.take(replace(source("film"), last_frame=True, size=FILM_LIMIT + 1), FRAME)


async def test_a_size_that_discord_got_wrong_changes_nothing(tmp_path: Path) -> None:
    attachments = Attachments(clip=a_film())

    taken = await AttachmentIntake(attachments, folder=tmp_path).take(
        source("clip", Role.REFERENCE_VIDEO, size=0), VIDEO
    )

    assert taken.media_type == "video/mp4"
    assert attachments.limits == [VIDEO.max_bytes]


async def test_only_so_many_files_are_taken_in_at_once(tmp_path: Path) -> None:
    attachments = SlowAttachments()
    intake = AttachmentIntake(attachments, folder=tmp_path, at_once=2)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        taking = group.create_task(
            asyncio.wait([asyncio.ensure_future(intake.take(source(), FRAME)) for _ in range(8)])
        )
        await attachments.two_on_the_way.wait()
        for _ in range(8):  # a third one would need a folder first, and those are made in threads
            await asyncio.to_thread(list, tmp_path.iterdir())
        attachments.may_arrive.set()
    done, _ = taking.result()

    assert [type(task.exception()) for task in done] == [Transient] * 8
    assert attachments.most == 2


async def test_a_folder_that_cannot_be_written_is_a_passing_fault(tmp_path: Path) -> None:
    with pytest.raises(Transient):
        await AttachmentIntake(broken_line(), folder=tmp_path / "gone").take(source(), FRAME)


async def test_the_bot_starts_without_the_heavy_libraries() -> None:
    telling = "import bot, sys; print(*sorted(sys.modules.keys() & {'PIL', 'av', 'pi_heif', 'alembic'}))"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", telling, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()

    assert (process.returncode, told.split()) == (0, [])
