"""Uploads: what may be kept, for how long, by whom it is seen, and how a V2 create refers to it."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from PIL import Image

from demo.simulator.files import PURPOSES
from demo.simulator.service import Simulator
from tests.demo import clips
from tests.demo.conftest import FILM, KEY, OTHER_KEY, STAGES, Customer
from tests.demo.test_v2_calls import error_of

WEEK = 7 * 24 * 3600
SUCCESS = {"status_code": 0, "status_msg": "success"}


def png(width: int = 640, height: int = 360, kind: str = "PNG") -> bytes:
    content = BytesIO()
    Image.new("RGB", (width, height)).save(content, kind)
    return content.getvalue()


def first_frame(file_id: object) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"mm_file://{file_id}"}, "role": "first_frame"}


async def uploaded(customer: Customer, content: bytes, filename: str = "fox.png") -> int:
    status, answer = await customer.upload(content, filename)
    assert status == 200
    return answer["file"]["file_id"]


async def test_an_upload_is_told_with_its_number_size_and_time(customer: Customer, simulator: Simulator) -> None:
    status, answer = await customer.upload(png(), "fox.png")

    file_id = answer["file"]["file_id"]
    assert status == 200
    assert answer == {
        "file": {
            "file_id": file_id,
            "bytes": len(png()),
            "created_at": int(simulator.now()),
            "filename": "fox.png",
            "purpose": "video_generation_input",
        },
        "base_resp": SUCCESS,
    }
    assert type(file_id) is int


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (lambda: png(kind="JPEG"), "fox.jpg"),
        (lambda: png(kind="WEBP"), "fox.webp"),
        (lambda: b"\0\0\0\x18ftypheic" + bytes(100), "fox.heic"),
        (lambda: clips.video(3), "fox.mp4"),
        (lambda: clips.video(3, kind="mov"), "fox.mov"),
        (lambda: clips.audio(3), "fox.wav"),
        (lambda: clips.audio(3, kind="mp3"), "fox.mp3"),
    ],
)
async def test_every_kind_of_input_for_a_video_can_be_uploaded(content: Any, filename: str, customer: Customer) -> None:
    assert (await customer.upload(content(), filename))[0] == 200


BROKEN: Mapping[str, tuple[Any, str]] = {
    "an empty file": (lambda: b"", "empty"),
    "a text": (lambda: b"a fox", "invalid image"),
    "a GIF": (lambda: png(kind="GIF"), "invalid image"),
    "a side of 255 pixels": (lambda: png(300, 255), "256"),
    "a panorama": (lambda: png(1001, 400), "aspect ratio"),
    "a video of one second": (lambda: clips.video(1), "2 to 15 s"),
    "a video of another codec": (lambda: clips.video(3, codec="mpeg4"), "H.264"),
    "a sound of sixteen seconds": (lambda: clips.audio(16), "2 to 15 s"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_an_input_that_breaks_the_limits_is_http_400(case: str, customer: Customer) -> None:
    content, words = BROKEN[case]

    status, answer = await customer.upload(content(), "input")
    assert (status, answer["base_resp"]["status_code"]) == (400, 2013)
    assert words in answer["base_resp"]["status_msg"]
    assert (await customer.get("/v1/files/list", purpose="video_generation_input"))["files"] == []


async def test_files_for_other_purposes_are_kept_unseen(customer: Customer) -> None:
    for purpose in PURPOSES[:-1]:
        assert (await customer.upload(b"anything", "voice.mp3", purpose))[0] == 200


@pytest.mark.parametrize("purpose", [None, "", "video_generation", "fun"])
async def test_an_upload_without_a_known_purpose_is_2013(purpose: str | None, customer: Customer) -> None:
    status, answer = await customer.upload(png(), "fox.png", purpose)

    assert (status, answer["base_resp"]["status_code"]) == (200, 2013)


async def test_an_upload_without_a_file_a_form_or_a_key_is_refused(customer: Customer) -> None:
    form = aiohttp.FormData({"purpose": "video_generation_input"})
    headers = {"Authorization": f"Bearer {KEY}"}
    async with customer.http.post(f"{customer.url}/v1/files/upload", data=form, headers=headers) as response:
        without_file = await response.json()
    no_form = await customer.post("/v1/files/upload", {"purpose": "video_generation_input"})
    stranger = Customer(customer.url, customer.http, "strange-key")

    assert (without_file["base_resp"]["status_code"], no_form["base_resp"]["status_code"]) == (2013, 2013)
    assert (await stranger.upload(png(), "fox.png"))[1]["base_resp"]["status_code"] == 1004


async def test_files_are_listed_by_purpose_for_their_own_account(customer: Customer) -> None:
    file_id = await uploaded(customer, png())
    neighbour = Customer(customer.url, customer.http, OTHER_KEY)
    await customer.upload(b"voice", "voice.mp3", "voice_clone")

    listed = await customer.get("/v1/files/list", purpose="video_generation_input")
    assert ([file["file_id"] for file in listed["files"]], listed["base_resp"]) == ([file_id], SUCCESS)
    assert (await neighbour.get("/v1/files/list", purpose="video_generation_input"))["files"] == []
    assert len((await customer.get("/v1/files/list"))["files"]) == 2
    refused = await customer.get("/v1/files/list", purpose="video_generation")
    assert refused["base_resp"]["status_code"] == 2013


async def test_what_was_uploaded_can_be_had_back_by_its_account(customer: Customer) -> None:
    file_id = await uploaded(customer, png())
    neighbour = Customer(customer.url, customer.http, OTHER_KEY)

    about = await customer.retrieve(file_id)
    assert (about["file"]["filename"], about["base_resp"]) == ("fox.png", SUCCESS)
    path = f"{customer.url}/v1/files/retrieve_content?file_id={file_id}"
    async with customer.http.get(path, headers=customer.headers) as response:
        assert (response.content_type, await response.read()) == ("application/octet-stream", png())
    assert (await neighbour.retrieve(file_id))["base_resp"]["status_code"] == 2013
    assert (await neighbour.get("/v1/files/retrieve_content", file_id=file_id))["base_resp"]["status_code"] == 2013


async def test_the_content_of_a_finished_film_can_be_had_with_the_key(customer: Customer, simulator: Simulator) -> None:
    task_id = (await customer.create())["task_id"]
    simulator.advance(STAGES.total)
    file_id = (await customer.query(task_id))["file_id"]
    path = f"{customer.url}/v1/files/retrieve_content?file_id={file_id}"

    async with customer.http.get(path, headers={"Authorization": f"Bearer {KEY}"}) as response:
        assert (response.content_type, await response.read()) == ("video/mp4", FILM)


async def test_an_uploaded_picture_can_begin_a_video(customer: Customer, simulator: Simulator) -> None:
    file_id = await uploaded(customer, png(600, 600))

    task_id = await customer.task_v2(first_frame(file_id))
    task = simulator.task(task_id)
    assert task is not None
    assert (task.order.width, task.order.height) == (768, 768)


async def test_a_file_cannot_be_used_by_another_account_for_another_purpose_or_after_a_week(
    customer: Customer, simulator: Simulator
) -> None:
    neighbour = Customer(customer.url, customer.http, OTHER_KEY)
    foreign = await uploaded(neighbour, png())
    voice = (await customer.upload(png(), "fox.png", "voice_clone"))[1]["file"]["file_id"]
    old = await uploaded(customer, png())
    assert (await customer.create_v2(first_frame(old)))[0] == 200
    simulator.advance(WEEK)

    for file_id in (foreign, voice, old):
        answer = await customer.create_v2(first_frame(file_id))
        assert error_of(answer)[2] == f"invalid params, file {file_id} not found (2013)"
    assert (await customer.get("/v1/files/list", purpose="video_generation_input"))["files"] == []
    assert (await customer.retrieve(voice))["base_resp"] == SUCCESS


@pytest.mark.parametrize("kind", [int, str])
@pytest.mark.parametrize("purpose", [{"purpose": "video_generation_input"}, {}])
async def test_a_deleted_file_is_gone(kind: type[int | str], purpose: dict[str, str], customer: Customer) -> None:
    file_id = await uploaded(customer, png())
    body = {"file_id": kind(file_id), **purpose}

    assert await customer.post("/v1/files/delete", body) == {"file_id": file_id, "base_resp": SUCCESS}
    assert (await customer.post("/v1/files/delete", body))["base_resp"]["status_code"] == 2013
    assert (await customer.create_v2(first_frame(file_id)))[0] == 400


async def test_a_deleted_film_and_its_links_are_gone(customer: Customer, simulator: Simulator) -> None:
    link = await customer.finished_link(simulator)
    task = simulator.task(simulator.ledger.paid_creates()[0].task_id)
    assert task is not None

    gone = await customer.post("/v1/files/delete", {"file_id": task.file_id, "purpose": "video_generation"})
    assert gone == {"file_id": task.file_id, "base_resp": SUCCESS}
    assert (await customer.retrieve(task.file_id))["base_resp"]["status_code"] == 2013
    async with customer.http.get(link) as response:
        assert response.status == 403


@pytest.mark.parametrize(
    "body", [[], {}, {"file_id": 1, "purpose": "video_generation"}, {"file_id": True}, {"file_id": "fox"}]
)
async def test_a_senseless_delete_is_2013(body: Any, customer: Customer) -> None:
    file_id = await uploaded(customer, png())
    wrong_purpose = await customer.post("/v1/files/delete", {"file_id": file_id, "purpose": "voice_clone"})

    assert wrong_purpose["base_resp"]["status_code"] == 2013
    assert (await customer.post("/v1/files/delete", body))["base_resp"]["status_code"] == 2013


async def test_file_calls_can_go_wrong_too(customer: Customer, simulator: Simulator) -> None:
    simulator.faults.add("files=code:1013", "files=code:1039")

    assert (await customer.upload(png(), "fox.png"))[1]["base_resp"]["status_code"] == 1013
    assert (await customer.get("/v1/files/list", purpose="voice_clone"))["base_resp"]["status_code"] == 1039
    assert (await customer.upload(png(), "fox.png"))[0] == 200
