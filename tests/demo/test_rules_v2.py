"""What a V2 create may ask for: the whole matrix, every rule, one step outside each, and what it costs."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from PIL import Image

from demo.simulator.codes import ServiceError
from demo.simulator.orders import Order
from demo.simulator.rules_v2 import read_order
from tests.demo import clips
from tests.demo.pictures import as_url, data_url

LINK = "https://media.example.com/fox"
RATIOS = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")

# MiniMax docs, V2 create: model -> (resolutions, fewest seconds, most seconds).
MATRIX: Mapping[str, tuple[set[str], int, int]] = {
    "MiniMax-H3": ({"768P", "2K"}, 4, 15),
    "MiniMax-H3-Max": ({"480P", "768P"}, 5, 15),
    "MiniMax-H3-Highspeed": ({"768P"}, 4, 15),
    "MiniMax-H3-Lite": ({"480P", "768P"}, 4, 15),
}


def item(kind: str, role: str | None = None, url: str = LINK) -> dict[str, Any]:
    entry: dict[str, Any] = {"type": f"{kind}_url", f"{kind}_url": {"url": url}}
    return entry if role is None else {**entry, "role": role}


def first(url: str = LINK) -> dict[str, Any]:
    return item("image", "first_frame", url)


def last(url: str = LINK) -> dict[str, Any]:
    return item("image", "last_frame", url)


def image(url: str = LINK) -> dict[str, Any]:
    return item("image", "reference_image", url)


def video(url: str = LINK) -> dict[str, Any]:
    return item("video", "reference_video", url)


def audio(url: str = LINK) -> dict[str, Any]:
    return item("audio", "reference_audio", url)


def body(*items: Any, prompt: Any = "a fox", **fields: Any) -> dict[str, Any]:
    """A create of five seconds; of text alone with a ratio, as the page demands."""
    content = [{"type": "text", "text": prompt}, *items]
    ratio = {} if items else {"ratio": "16:9"}
    return {"model": "MiniMax-H3", "content": content, "resolution": "768P", "duration": 5, **ratio, **fields}


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in body().items() if name != field}


def verdict(sent: Any) -> int:
    try:
        read_order(sent)
    except ServiceError as error:
        return error.code
    return 0


MODES: Mapping[str, list[dict[str, Any]]] = {
    "t2v": [],
    "i2v": [first()],
    "fl2v": [first(), last()],
    "ref": [image(), video(), audio()],
}


def may(model: str, mode: str, resolution: str, duration: int, ratio: str | None) -> bool:
    resolutions, fewest, most = MATRIX[model]
    if resolution not in resolutions or not fewest <= duration <= most:
        return False
    if ratio not in (None, "adaptive", *RATIOS):
        return False
    must_be_named = mode == "t2v" or (mode == "ref" and model == "MiniMax-H3-Lite")
    return ratio in RATIOS or not must_be_named


def test_every_combination_of_model_mode_resolution_length_and_ratio_is_judged_as_documented() -> None:
    sizes = ("480P", "512P", "768P", "1080P", "2K", "2k")
    ratios = (*RATIOS, "adaptive", None, "2:1")
    combinations = list(product(MATRIX, MODES, sizes, range(3, 17), ratios))
    wrong: list[tuple[Any, ...]] = []
    for combination in combinations:
        model, mode, resolution, duration, ratio = combination
        fields = {"model": model, "resolution": resolution, "duration": duration, "ratio": ratio}
        if (verdict(body(*MODES[mode], **fields)) == 0) != may(*combination):
            wrong.append(combination)

    assert wrong == []
    assert len(combinations) == 4 * 4 * 6 * 14 * 9


def test_the_mode_is_told_by_the_roles() -> None:
    assert {mode: read_order(body(*items)).mode for mode, items in MODES.items()} == {mode: mode for mode in MODES}


@cache
def clip(kind: str, seconds: float = 3, **options: Any) -> str:
    if kind in ("wav", "mp3"):
        return clips.as_url(clips.audio(seconds, kind=kind), f"audio/{kind}")
    return clips.as_url(clips.video(seconds, kind=kind, **options), "video/mp4")


def heic(size: int = 100) -> bytes:
    return b"\0\0\0\x18ftypheic" + bytes(size - 12)


REFUSED: Mapping[str, tuple[Any, int, str]] = {
    "a body that is no object": (["a fox"], 2013, "JSON object"),
    "no model": (without("model"), 2013, "model is required"),
    "no content": (without("content"), 2013, "content is required"),
    "no resolution": (without("resolution"), 2013, "resolution is required"),
    "no duration": (without("duration"), 2013, "duration is required"),
    "no ratio for text": (without("ratio"), 2013, "ratio is required"),
    "an unknown model": (body(model="MiniMax-H4"), 2013, "MiniMax-H4"),
    "a V1 model": (body(model="MiniMax-Hailuo-02"), 2013, "MiniMax-Hailuo-02"),
    "a V1 body": ({"model": "MiniMax-H3", "prompt": "a fox", "duration": 6, "resolution": "768P"}, 2013, "content"),
    "a content that is no list": ({**body(), "content": "a fox"}, 2013, "content"),
    "an item that is text": (body("a fox"), 2013, "JSON object"),
    "an item without a type": (body({"text": "a fox"}), 2013, "type is required"),
    "an unknown type of item": (body({"type": "file_url", "file_url": {"url": LINK}}), 2013, "file_url"),
    "no text": ({**body(), "content": [first()]}, 2013, "exactly one non-empty text"),
    "two texts": (body({"type": "text", "text": "a bear"}), 2013, "exactly one non-empty text"),
    "an empty text": (body(prompt=""), 2013, "exactly one non-empty text"),
    "a blank text": (body(prompt=" \n"), 2013, "exactly one non-empty text"),
    "a number for a text": (body(prompt=7), 2013, "text"),
    "7,001 characters": (body(prompt="狐" * 7001), 2013, "7000"),
    "more than a tenth of zero-width spaces": (body(prompt="a fox, asleep" + "\u200b" * 2), 1042, "invisible"),
    "a duration in text": (body(duration="5"), 2013, "duration"),
    "a duration with a fraction": (body(duration=5.0), 2013, "duration"),
    "a ratio that is a number": (body(ratio=1.5), 2013, "ratio"),
    "text for the watermark": (body(aigc_watermark="no"), 2013, "aigc_watermark"),
    "a callback that is no address": (body(callback_url="callback"), 2013, "callback_url"),
    "extra on H3": (body(extra={"prompt_expansion_mode": "quality"}), 2013, "extra"),
    "extra that is text": (body(model="MiniMax-H3-Max", extra="quality"), 2013, "extra"),
    "an unknown expansion": (body(model="MiniMax-H3-Max", extra={"prompt_expansion_mode": "best"}), 2013, "extra"),
    "another key in extra": (body(model="MiniMax-H3-Max", extra={"seed": 7}), 2013, "extra"),
    "an image with a video's role": (body(item("image", "reference_video")), 2013, "role reference_video"),
    "a video without a role": (body(item("video")), 2013, "role empty"),
    "a sound without a role": (body(image(), item("audio")), 2013, "role empty"),
    "a base video": (body(item("video", "base_video")), 2013, "role base_video"),
    "a subject of V1": (body(item("image", "subject")), 2013, "role subject"),
    "an image that is text": (body({"type": "image_url", "image_url": LINK}), 2013, "image_url"),
    "an image without an address": (body({"type": "image_url", "image_url": {}}), 2013, "url is required"),
    "an item without its source": (body({"type": "image_url", "role": "first_frame"}), 2013, "JSON object"),
    "two first frames": (body(first(), first()), 2013, "more than 1 first_frame"),
    "two images without a role": (body(item("image"), item("image")), 2013, "more than 1 first_frame"),
    "two last frames": (body(first(), last(), last()), 2013, "more than 1 last_frame"),
    "a first frame and a reference": (body(first(), image()), 2013, "together"),
    "a last frame and a reference": (body(last(), video()), 2013, "together"),
    "ten reference images": (body(*[image()] * 10), 2013, "more than 9"),
    "four reference videos": (body(*[video()] * 4), 2013, "more than 3"),
    "four reference sounds": (body(image(), *[audio()] * 4), 2013, "more than 3"),
    "thirteen references": (body(*[image()] * 8, *[video()] * 3, *[audio()] * 2), 2013, "more than 12"),
    "a sound alone": (body(audio()), 2013, "reference_audio needs"),
    "base64 without its prefix": (body(first(data_url().partition(",")[2])), 2013, "invalid image url"),
    "a broken base64": (body(first("data:image/png;base64,@@@")), 2013, "invalid image url"),
    "a data URL in capitals": (body(first(data_url().replace("image/jpeg", "image/JPEG"))), 2013, "image/JPEG"),
    "a GIF": (body(first(data_url(kind="GIF"))), 2013, "image/gif"),
    "a GIF called PNG": (body(first(data_url(kind="GIF").replace("gif", "png", 1))), 2013, "invalid image"),
    "an image as a video": (body(video(data_url())), 2013, "image/jpeg"),
    "a private address": (body(first("http://10.0.0.7/fox.png")), 2013, "invalid image url"),
    "a file that was never uploaded": (body(first("mm_file://123")), 2013, "file 123 not found"),
    "a file without a number": (body(first("mm_file://fox")), 2013, "invalid image url"),
    "a side of 255 pixels": (body(first(data_url(300, 255))), 2013, "256"),
    "a side of 5,761 pixels": (body(first(data_url(5761, 2400))), 2013, "5760"),
    "flatter than 0.4": (body(first(data_url(399, 1000))), 2013, "aspect ratio"),
    "wider than 2.5": (body(first(data_url(1001, 400))), 2013, "aspect ratio"),
    "more than 30 MB": (body(first(as_url(bytes(30_000_001)))), 2013, "30MB"),
    "a HEIC of more than 30 MB": (body(first(as_url(heic(30_000_001), "heic"))), 2013, "30MB"),
    "a bad last frame": (body(first(), last(data_url(100, 100))), 2013, "256"),
    "a video of more than 50 MB": (body(video(clips.as_url(bytes(50_000_001), "video/mp4"))), 2013, "50MB"),
    "a sound of more than 15 MB": (body(image(), audio(clips.as_url(bytes(15_000_001), "audio/wav"))), 2013, "15MB"),
    "a video that is none": (body(video(clips.as_url(b"fox", "video/mp4"))), 2013, "invalid video"),
    "a sound that is none": (body(image(), audio(clips.as_url(b"fox", "audio/wav"))), 2013, "invalid audio"),
}
CLIPS_REFUSED: Mapping[str, tuple[Any, str]] = {
    "a video of one second": (lambda: body(video(clip("mp4", 1))), "2 to 15 s"),
    "a video of sixteen seconds": (lambda: body(video(clip("mp4", 16))), "2 to 15 s"),
    "videos of sixteen seconds together": (lambda: body(*[video(clip("mp4", 8))] * 2), "in all"),
    "a video of 20 frames a second": (lambda: body(video(clip("mp4", rate=20))), "fps"),
    "a video of 61 frames a second": (lambda: body(video(clip("mp4", rate=61))), "fps"),
    "a Matroska": (lambda: body(video(clip("matroska"))), "MP4 or MOV"),
    "MPEG-4 part 2": (lambda: body(video(clip("mp4", codec="mpeg4"))), "H.264 or H.265"),
    "a video with ALAC sound": (lambda: body(video(clip("mp4", sound="alac"))), "AAC or MP3"),
    "a sound called a video": (lambda: body(video(clip("wav").replace("audio/wav", "video/mp4"))), "MP4 or MOV"),
    "a sound of one second": (lambda: body(image(), audio(clip("wav", 1))), "2 to 15 s"),
    "sounds of sixteen seconds together": (lambda: body(image(), *[audio(clip("mp3", 8))] * 2), "in all"),
    "an Ogg called WAV": (
        lambda: body(image(), audio(clips.as_url(clips.audio(kind="ogg"), "audio/wav"))),
        "WAV or MP3",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_service_refuses(case: str) -> None:
    sent, code, words = REFUSED[case]

    with pytest.raises(ServiceError) as refused:
        read_order(sent)
    assert refused.value.code == code
    assert words in refused.value.text


@pytest.mark.parametrize("case", CLIPS_REFUSED)
def test_the_service_refuses_the_clip(case: str) -> None:
    sent, words = CLIPS_REFUSED[case]

    with pytest.raises(ServiceError) as refused:
        read_order(sent())
    assert (refused.value.code, words in refused.value.text) == (2013, True), refused.value.text


TAKEN: Mapping[str, Any] = {
    "the documented example": lambda: {
        "model": "MiniMax-H3",
        "content": [{"type": "text", "text": "A boy plays basketball by the sea"}],
        "resolution": "768P",
        "duration": 5,
        "ratio": "16:9",
    },
    "7,000 characters": lambda: body(prompt="狐" * 7000),
    "the text at the end": lambda: {**body(), "content": [first(), {"type": "text", "text": "a fox"}]},
    "null for what is left out": lambda: body(callback_url=None, extra=None),
    "a field nobody knows": lambda: body(seed=7),
    "a watermark and a callback": lambda: body(aigc_watermark=True, callback_url="https://bot.example/push/7"),
    "an expansion on H3-Max": lambda: body(model="MiniMax-H3-Max", extra={"prompt_expansion_mode": "disabled"}),
    "an empty extra": lambda: body(model="MiniMax-H3-Max", extra={}),
    "an image without a role": lambda: body(item("image", url=data_url())),
    "a last frame alone": lambda: body(last()),
    "a ratio beside a first frame": lambda: body(first(), ratio="1:1"),
    "a side of 256 pixels": lambda: body(first(data_url(256, 256))),
    "a side of 5,760 pixels": lambda: body(first(data_url(5760, 2304))),
    "exactly 0.4": lambda: body(first(data_url(400, 1000))),
    "exactly 2.5": lambda: body(first(data_url(1000, 400))),
    "a PNG": lambda: body(first(data_url(kind="PNG"))),
    "a WebP": lambda: body(first(data_url(kind="WEBP"))),
    "a HEIC": lambda: body(first(as_url(heic(), "heic"))),
    "nine images and three videos": lambda: body(*[image()] * 9, *[video()] * 3),
    "a video and a sound": lambda: body(video(), audio()),
    "fifteen seconds of video": lambda: body(video(clip("mp4", 15))),
    "two seconds of MOV": lambda: body(video(clip("mov", 2))),
    "H.265": lambda: body(video(clip("mp4", codec="libx265"))),
    "a video with AAC": lambda: body(video(clip("mp4", sound="aac"))),
    "NTSC's film rate": lambda: body(video(clip("mp4", rate=Fraction(24000, 1001)))),
    "60 frames a second": lambda: body(video(clip("mp4", rate=60))),
    "a WAV": lambda: body(image(), audio(clip("wav"))),
    "fifteen seconds of MP3": lambda: body(image(), audio(clip("mp3", 15))),
}


@pytest.mark.parametrize("case", TAKEN)
def test_the_service_takes(case: str) -> None:
    assert verdict(TAKEN[case]()) == 0


def test_an_uploaded_file_is_judged_like_any_other() -> None:
    files = {"123": picture_bytes(640, 360), "124": b"fox"}

    order = read_order(body(first("mm_file://123")), files.get)
    assert order.first is not None
    assert (order.first.width, order.first.height) == (640, 360)
    with pytest.raises(ServiceError, match="invalid image"):
        read_order(body(first("mm_file://124")), files.get)


def picture_bytes(width: int, height: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (width, height)).save(content, "PNG")
    return content.getvalue()


def made(*items: Any, **fields: Any) -> Order:
    return read_order(body(*items, **fields))


@pytest.mark.parametrize(
    ("order", "size"),
    [
        (made(), (1344, 768)),
        (made(ratio="9:16"), (768, 1344)),
        (made(ratio="1:1"), (768, 768)),
        (made(resolution="2K"), (2560, 1440)),
        (made(resolution="2K", ratio="21:9"), (3360, 1440)),
        (made(model="MiniMax-H3-Max", resolution="480P", ratio="4:3"), (640, 480)),
        (made(first(data_url(600, 600)), ratio="16:9"), (768, 768)),
        (made(first(data_url(450, 600)), last(data_url())), (768, 1024)),
        (made(last(data_url(600, 600))), (768, 768)),
        (made(image(data_url(600, 600))), (768, 768)),
        (made(image(data_url(600, 600)), ratio="16:9"), (1344, 768)),
        (made(first()), (1344, 768)),
    ],
)
def test_the_video_has_the_resolution_in_the_ratio_or_the_shape_of_the_first_picture(
    order: Order, size: tuple[int, int]
) -> None:
    assert (order.width, order.height) == size


def test_a_length_snaps_to_the_frames_the_model_can_make() -> None:
    frames = [made(duration=seconds).frames for seconds in range(4, 16)]

    assert frames == [107, 124, 141, 175, 192, 209, 243, 260, 294, 311, 328, 362]
    assert all(count % 17 == 5 for count in frames)


@pytest.mark.parametrize(
    ("order", "usd", "cny"),
    [
        (made(), "0.40", "2.50"),
        (made(resolution="2K", duration=15), "1.95", "12.00"),
        (made(*[image()] * 5), "0.40", "2.50"),
        (made(*[image()] * 7), "0.48", "2.90"),
        (made(model="MiniMax-H3-Max", resolution="480P"), "0.25", "1.55"),
        (made(*[image()] * 3, model="MiniMax-H3-Max"), "0.474", "2.96"),
        (made(image(), video(clip("mp4", 3)), audio(clip("wav", 3))), "0.64", "4.00"),
    ],
)
def test_seconds_made_seconds_watched_and_pictures_above_the_free_ones_are_charged(
    order: Order, usd: str, cny: str
) -> None:
    assert (order.price("USD"), order.price("CNY")) == (Decimal(usd), Decimal(cny))


def test_the_lengths_of_what_was_sent_are_counted_in_whole_seconds() -> None:
    order = made(image(), video(clip("mp4", 2.5)), audio(clip("wav", 3)), audio(clip("mp3", 3)))

    assert (order.video_seconds, order.audio_seconds, order.image_count) == (3, 6, 1)
