"""What a create may ask for: the whole V1 matrix, every rule, and one step outside each."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from demo.simulator.codes import ServiceError
from demo.simulator.rules import PRICES, read_order
from demo.simulator.service import Simulator
from tests.demo.conftest import Customer
from tests.demo.pictures import as_url, data_url

IMAGE = data_url()
HERO = [{"type": "character", "image": [IMAGE]}]
INPUTS: Mapping[str, Mapping[str, Any]] = {
    "t2v": {},
    "i2v": {"first_frame_image": IMAGE},
    "fl2v": {"first_frame_image": IMAGE, "last_frame_image": IMAGE},
    "s2v": {"subject_reference": HERO},
}
# MiniMax docs, T2V, I2V, FL2V, S2V: model -> mode -> what may be asked for, as the pages' tables have it.
HAILUO = {("768P", 6), ("768P", 10), ("1080P", 6)}
UNSIZED: set[tuple[str | None, int | None]] = {(None, None)}
MATRIX: Mapping[str, Mapping[str, set[Any]]] = {
    "MiniMax-Hailuo-2.3": {"t2v": HAILUO, "i2v": HAILUO},
    "MiniMax-Hailuo-2.3-Fast": {"i2v": HAILUO},
    "MiniMax-Hailuo-02": {"t2v": HAILUO, "i2v": HAILUO | {("512P", 6), ("512P", 10)}, "fl2v": HAILUO},
    "T2V-01": {"t2v": UNSIZED},
    "T2V-01-Director": {"t2v": UNSIZED},
    "I2V-01": {"i2v": UNSIZED},
    "I2V-01-Director": {"i2v": UNSIZED},
    "I2V-01-live": {"i2v": UNSIZED},
    "S2V-01": {"s2v": UNSIZED},
}
RESOLUTIONS = (None, "480P", "512P", "720P", "768P", "1080P", "2K", "768p")
DURATIONS = (None, 5, 6, 10, 11)


def may(model: str, mode: str, resolution: str | None, duration: int | None) -> bool:
    sizes = MATRIX[model].get(mode, set[Any]())
    if sizes == UNSIZED:
        return resolution is None and duration is None
    return (resolution or "768P", duration or 6) in sizes


def verdict(**fields: Any) -> int:
    """The code that a create would be answered with."""
    try:
        read_order(fields)
    except ServiceError as error:
        return error.code
    return 0


def test_every_combination_of_model_mode_resolution_and_duration_is_judged_as_documented() -> None:
    combinations = list(product(MATRIX, INPUTS, RESOLUTIONS, DURATIONS))
    wrong: list[tuple[Any, ...]] = []
    for model, mode, resolution, duration in combinations:
        fields = {"model": model, "prompt": "a fox", "resolution": resolution, "duration": duration, **INPUTS[mode]}
        sent = {name: value for name, value in fields.items() if value is not None}
        if (verdict(**sent) == 0) != may(model, mode, resolution, duration):
            wrong.append((model, mode, resolution, duration))

    assert wrong == []
    assert len(combinations) == 9 * 4 * 8 * 5


def text(**fields: Any) -> Mapping[str, Any]:
    return {"model": "MiniMax-Hailuo-02", "prompt": "a fox", **fields}


def framed(url: Any, **fields: Any) -> Mapping[str, Any]:
    return text(first_frame_image=url, **fields)


def subject(reference: Any, **fields: Any) -> Mapping[str, Any]:
    return {"model": "S2V-01", "prompt": "a hero", "subject_reference": reference, **fields}


REFUSED: Mapping[str, tuple[Any, int, str]] = {
    "a body that is no object": (["a fox"], 2013, "JSON object"),
    "no model": ({"prompt": "a fox"}, 2013, "model is required"),
    "an unknown model": (text(model="MiniMax-Hailuo-9"), 2013, "MiniMax-Hailuo-9"),
    "a V2 model": (text(model="MiniMax-H3"), 2013, "MiniMax-H3"),
    "a number for a model": (text(model=2), 2013, "model"),
    "no prompt": ({"model": "MiniMax-Hailuo-02"}, 2013, "prompt is required"),
    "an empty prompt": (text(prompt=""), 2013, "prompt is required"),
    "a blank prompt": (text(prompt=" \n "), 2013, "prompt is required"),
    "a number for a prompt": (text(prompt=7), 2013, "prompt"),
    "2,001 characters": (text(prompt="狐" * 2001), 2013, "2000"),
    "more than a tenth of zero-width spaces": (text(prompt="a fox, asleep" + "\u200b" * 2), 1042, "invisible"),
    "more than a tenth of control characters": (text(prompt="a fox\x00\x07"), 1042, "invisible"),
    "a duration in text": (text(duration="6"), 2013, "duration"),
    "a duration with a fraction": (text(duration=6.0), 2013, "duration"),
    "true for a duration": (text(duration=True), 2013, "duration"),
    "a number for a resolution": (text(resolution=768), 2013, "resolution"),
    "text for the optimizer": (text(prompt_optimizer="true"), 2013, "prompt_optimizer"),
    "text for the watermark": (text(aigc_watermark="no"), 2013, "aigc_watermark"),
    "pretreatment with a last frame": (
        framed(IMAGE, last_frame_image=IMAGE, fast_pretreatment=True),
        2013,
        "fast_pretreatment",
    ),
    "pretreatment on the first series": (
        {"model": "T2V-01", "prompt": "a fox", "fast_pretreatment": True},
        2013,
        "fast_pretreatment",
    ),
    "a callback that is no address": (text(callback_url="callback"), 2013, "callback_url"),
    "2.3-Fast without an image": (text(model="MiniMax-Hailuo-2.3-Fast"), 2013, "first_frame_image"),
    "a last frame on 2.3": (text(model="MiniMax-Hailuo-2.3", last_frame_image=IMAGE), 2013, "last_frame_image"),
    "S2V-01 without a subject": ({"model": "S2V-01", "prompt": "a hero"}, 2013, "subject_reference"),
    "S2V-01 with a first frame as well": (subject(HERO, first_frame_image=IMAGE), 2013, "first_frame_image"),
    "a subject on Hailuo-02": (text(subject_reference=HERO), 2013, "subject_reference"),
    "a subject that is no list": (subject(HERO[0]), 2013, "subject_reference"),
    "no subject in the list": (subject([]), 2013, "subject_reference"),
    "two subjects": (subject(HERO * 2), 2013, "subject_reference"),
    "a subject's image as text": (subject([{"type": "character", "image": IMAGE}]), 2013, "subject_reference"),
    "a subject with two images": (subject([{"type": "character", "image": [IMAGE] * 2}]), 2013, "subject_reference"),
    "a subject that is no character": (subject([{"type": "object", "image": [IMAGE]}]), 2013, "subject_reference"),
    "a subject whose image is a number": (subject([{"type": "character", "image": [7]}]), 2013, "image url"),
    "base64 without its prefix": (framed(IMAGE.partition(",")[2]), 2013, "invalid image url"),
    "a video as an image": (framed(IMAGE.replace("image/jpeg", "video/mp4")), 2013, "invalid image url"),
    "no image text": (framed(""), 2013, "invalid image url"),
    "a broken base64": (framed("data:image/png;base64,@@@"), 2013, "invalid image url"),
    "a V2 file reference": (framed("mm_file://123"), 2013, "invalid image url"),
    "a broken address": (framed("http://[fox"), 2013, "invalid image url"),
    "a private address": (framed("http://10.0.0.7/fox.png"), 1000, "disallowed image url"),
    "this machine": (framed("http://localhost/fox.png"), 1000, "disallowed image url"),
    "a GIF": (framed(data_url(kind="GIF")), 2013, "invalid image"),
    "text called an image": (framed(as_url(b"not an image")), 2013, "invalid image"),
    "half an image": (framed(as_url(b"\xff\xd8\xff\xe0" + bytes(100))), 2013, "invalid image"),
    "a short side of 300 pixels": (framed(data_url(400, 300)), 2013, "short side"),
    "more than twice as wide as high": (framed(data_url(803, 401)), 2013, "aspect ratio"),
    "more than twice as high as wide": (framed(data_url(401, 803)), 2013, "aspect ratio"),
    "20 MB": (framed(as_url(bytes(20_000_000))), 2013, "20MB"),
    "a bad last frame": (framed(IMAGE, last_frame_image=data_url(100, 100)), 2013, "short side"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_the_service_refuses(case: str, customer: Customer, simulator: Simulator) -> None:
    body, code, words = REFUSED[case]

    answer = await customer.post("/v1/video_generation", body)

    assert (answer["base_resp"]["status_code"], answer["task_id"]) == (code, "")
    assert words in answer["base_resp"]["status_msg"]
    assert simulator.ledger.paid_creates() == []


TAKEN: Mapping[str, Mapping[str, Any]] = {
    "2,000 characters": text(prompt="狐" * 2000),
    "a tenth of zero-width spaces": text(prompt="a fox 123" + "\u200b"),
    "many lines": text(prompt="a\n\n\n\n\nfox"),
    "only emoji": text(prompt="🦊🔥🌊"),
    "every switch": text(prompt_optimizer=False, fast_pretreatment=True, aigc_watermark=True),
    "pretreatment that is off": {"model": "T2V-01", "prompt": "a fox", "fast_pretreatment": False},
    "null for what is left out": text(duration=None, first_frame_image=None),
    "a field nobody knows": text(seed=7),
    "a callback": text(callback_url="https://bot.example/push/7"),
    "an image without a prompt": {"model": "MiniMax-Hailuo-2.3-Fast", "first_frame_image": IMAGE},
    "a last frame alone": text(last_frame_image=IMAGE),
    "a public link": framed("https://pictures.example.com/fox.png"),
    "a PNG": framed(data_url(kind="PNG")),
    "a WebP": framed(data_url(kind="WEBP")),
    "a short side of 301 pixels": framed(data_url(400, 301)),
    "exactly twice as wide as high": framed(data_url(804, 402)),
    "exactly twice as high as wide": framed(data_url(402, 804)),
    "a subject": subject(HERO),
}


@pytest.mark.parametrize("case", TAKEN)
async def test_the_service_takes(case: str, customer: Customer, simulator: Simulator) -> None:
    answer = await customer.post("/v1/video_generation", TAKEN[case])

    assert answer["base_resp"] == {"status_code": 0, "status_msg": "success"}
    assert [entry.task_id for entry in simulator.ledger.paid_creates()] == [answer["task_id"]]


def test_a_huge_picture_in_few_bytes_is_refused_without_unpacking_it() -> None:
    # A PNG header that claims 20,000 x 20,000 pixels.
    header = bytes.fromhex("89504e470d0a1a0a0000000d49484452 00004e20 00004e20 0802000000 b8ea4ef7".replace(" ", ""))

    assert verdict(**framed(as_url(header, "PNG"))) == 2013


@pytest.mark.parametrize(
    ("fields", "pixels"),
    [
        (text(resolution="768P"), (1366, 768)),
        (text(resolution="1080P"), (1920, 1080)),
        ({"model": "T2V-01", "prompt": "a fox"}, (1280, 720)),
        (framed(data_url(600, 600)), (768, 768)),
        (framed(data_url(450, 600), last_frame_image=IMAGE), (768, 1024)),
        (framed("https://pictures.example.com/fox.png", resolution="512P"), (910, 512)),
    ],
)
def test_the_video_has_the_resolution_in_the_shape_of_the_first_frame(
    fields: dict[str, Any], pixels: tuple[int, int]
) -> None:
    order = read_order(fields)

    assert (order.width, order.height) == pixels


def test_every_size_of_the_matrix_has_a_price_and_the_first_series_a_flat_one() -> None:
    sizes = {
        (model, *size)
        for model, modes in MATRIX.items()
        for of_mode in modes.values()
        for size in of_mode
        if of_mode != UNSIZED
    }

    assert set(PRICES) == sizes
    assert read_order(text(resolution="1080P")).price("CNY") == Decimal("3.50")
    assert read_order(text(resolution="1080P")).price("USD") == Decimal("0.49")
    assert read_order({"model": "T2V-01", "prompt": "a fox"}).price("CNY") == Decimal("3.00")
