"""Files are looked into in a process of their own, which may break, hang or be killed without harm to the bot."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageOps

from jobs.errors import BadInput, Reason, Transient
from jobs.ports import InputRules
from jobs.request import Note, Role
from media.apart import look_into
from media.orders import Answer, Order
from media.worker import carry_out
from tests.media.samples import FRAME, SOUND, VIDEO, a_film, a_picture, a_sound, bomb, noise, opened, saved

LARGE = (12_000, 9_000)


def an_order(folder: Path, data: bytes, role: Role = Role.FIRST_FRAME, rules: InputRules = FRAME) -> Order:
    (folder / "given").write_bytes(data)
    return Order(role, folder / "given", folder / "fitted", rules)


def a_program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


async def refusal(order: Order, program: str | None = None, *, patience: float = 30.0) -> BadInput:
    command: dict[str, Any] = {"command": a_program(program)} if program is not None else {}
    with pytest.raises(BadInput) as caught:
        await look_into(order, patience=patience, **command)
    return caught.value


async def test_a_picture_is_fitted_in_another_process(tmp_path: Path) -> None:
    answer = await look_into(an_order(tmp_path, saved(a_picture(400, 1000))))

    assert answer == Answer(media_type="image/jpeg", notes=(Note.PICTURE_PADDED,))
    assert opened((tmp_path / "fitted").read_bytes()).size == (500, 1000)


@pytest.mark.parametrize(
    ("role", "rules", "data", "media_type"),
    [
        (Role.REFERENCE_VIDEO, VIDEO, a_film, "video/mp4"),
        (Role.REFERENCE_AUDIO, SOUND, a_sound, "audio/wav"),
        (Role.REFERENCE_IMAGE, FRAME, lambda: saved(a_picture()), "image/jpeg"),
        (Role.SUBJECT, FRAME, lambda: saved(a_picture()), "image/jpeg"),
        (Role.LAST_FRAME, FRAME, lambda: saved(a_picture()), "image/jpeg"),
    ],
)
def test_a_file_is_looked_at_as_what_it_is_to_be(
    tmp_path: Path, role: Role, rules: InputRules, data: type[bytes], media_type: str
) -> None:
    assert carry_out(an_order(tmp_path, data(), role, rules)).media_type == media_type


async def test_a_video_given_as_a_picture_is_refused(tmp_path: Path) -> None:
    error = await refusal(an_order(tmp_path, a_film()))

    assert error.reason is Reason.INPUT_WRONG_KIND


async def test_a_picture_of_a_large_camera_is_scaled_down_on_the_way(tmp_path: Path) -> None:
    answer = await look_into(an_order(tmp_path, saved(ImageOps.fit(noise(1200, 900), LARGE), quality=70)))

    assert answer.notes == (Note.PICTURE_REDUCED,)
    assert opened((tmp_path / "fitted").read_bytes()).size == (4096, 3072)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bomb, id="20,000 x 20,000 pixels in 100 KB"),
        pytest.param(
            lambda: saved(a_picture(*LARGE), progressive=True), id="a progressive one, which must be held whole"
        ),
        pytest.param(lambda: saved(a_picture(8000, 8000, "L"), "PNG"), id="64 megapixels that cannot be scaled"),
        pytest.param(lambda: saved(a_picture(15_000, 14_000, "L"), quality=50), id="more than any camera makes"),
    ],
)
async def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, data: type[bytes]) -> None:
    error = await refusal(an_order(tmp_path, data()))

    assert error.reason is Reason.INPUT_TOO_LARGE


async def test_the_worker_knows_nothing_of_the_bots_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "fake-token")
    monkeypatch.setenv("MINIMAX_API_KEY", "fake-key")
    telling = (
        "import json, os; print(json.dumps(dict(media_type=' '.join(os.environ), notes=[], reason=None, detail='')))"
    )

    answer = await look_into(an_order(tmp_path, b""), command=a_program(telling))

    assert "PATH" in answer.media_type.split()
    assert not set(answer.media_type.split()) & {"DISCORD_TOKEN", "MINIMAX_API_KEY"}


@pytest.mark.parametrize(
    ("program", "found"),
    [
        pytest.param("raise SystemExit(3)", "ended with 3", id="a bug"),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with -11", id="a crash"),
        pytest.param("print('hello')", "nonsense", id="nonsense"),
        pytest.param("print('{}')", "nonsense", id="half an answer"),
        pytest.param("print('[]')", "nonsense", id="another kind of answer"),
        pytest.param("", "nonsense", id="silence"),
    ],
)
async def test_whatever_becomes_of_the_worker_the_file_counts_as_unreadable(
    tmp_path: Path, program: str, found: str
) -> None:
    error = await refusal(an_order(tmp_path, b""), program)

    assert error.reason is Reason.INPUT_UNREADABLE
    assert found in error.detail


async def test_a_worker_that_hangs_is_killed(tmp_path: Path) -> None:
    hanging = "import os, pathlib, time; pathlib.Path(PATH).write_text(str(os.getpid())); time.sleep(60)"
    program = hanging.replace("PATH", repr(str(tmp_path / "pid")))

    error = await refusal(an_order(tmp_path, b""), program, patience=1.0)

    assert (error.reason, error.detail) == (Reason.INPUT_UNREADABLE, "not done after 1 s")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


async def test_a_worker_does_not_outlive_the_step_that_started_it(tmp_path: Path) -> None:
    telling = "import os, pathlib, time; pathlib.Path(PATH).write_text(str(os.getpid())); time.sleep(60)"
    pid = tmp_path / "pid"
    program = telling.replace("PATH", repr(str(pid)))
    looking = asyncio.create_task(look_into(an_order(tmp_path, b""), command=a_program(program)))
    while not (pid.exists() and pid.read_text()):  # noqa: ASYNC110 - another process tells it
        await asyncio.sleep(0.01)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)

    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


async def test_a_machine_that_can_start_nothing_is_a_passing_fault(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="no process"):
        await look_into(an_order(tmp_path, b""), command=(str(tmp_path / "not there"),))


def test_an_order_and_an_answer_survive_the_way() -> None:
    order = Order(Role.REFERENCE_VIDEO, Path("a"), Path("b"), VIDEO)
    answer = Answer(media_type="image/png", notes=(Note.PICTURE_PADDED,))
    refused = Answer(reason=Reason.INPUT_TOO_SMALL, detail="10 x 10")

    assert Order.from_json(order.to_json()) == order
    assert Answer.from_json(answer.to_json()) == answer
    assert Answer.from_json(refused.to_json()) == refused


async def test_a_disk_without_room_is_a_passing_fault_and_not_the_files(tmp_path: Path) -> None:
    order = replace(an_order(tmp_path, saved(a_picture())), target=tmp_path / "no such folder" / "fitted")

    with pytest.raises(Transient, match="cannot be written: No such file or directory"):
        await look_into(order)
