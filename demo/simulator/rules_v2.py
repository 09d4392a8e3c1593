"""What a V2 create may ask for: models, sizes, lengths, inputs and prices as data, and the reading of a request against them.

Written from the provider's documentation alone, without a look at the bot's catalog. Pure: a JSON body in, an order or a code out.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from demo.simulator.clips import TOLERANCE, Clip, check_total, judge_audio, judge_video
from demo.simulator.codes import ServiceError
from demo.simulator.orders import (
    CURRENCIES,
    FL2V,
    FPS,
    I2V,
    REF,
    T2V,
    V2,
    Order,
    Shape,
    check_prompt,
    is_integer,
    is_list,
    is_object,
    is_switch,
    is_text,
)
from demo.simulator.pictures import V2_PICTURE, Picture, is_heif, judge
from demo.simulator.rules import check_callback
from demo.simulator.sources import FileLookup, file_id_of, is_link, is_public, nothing_uploaded, read_data_url

MAX_BODY = 64_000_000  # bytes; the stricter reading of "64 MB" (MiniMax docs, V2 create)
MAX_PROMPT = 7000  # characters
MAX_REFERENCES = 12  # files of all kinds together

FIRST, LAST = "first_frame", "last_frame"
IMAGE, VIDEO, AUDIO = "reference_image", "reference_video", "reference_audio"
#: How many items of a role a request may have.
MOST: Mapping[str, int] = MappingProxyType({FIRST: 1, LAST: 1, IMAGE: 9, VIDEO: 3, AUDIO: 3})
#: The roles of each type of item. An image without one is the first frame.
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "image_url": frozenset({FIRST, LAST, IMAGE}),
        "video_url": frozenset({VIDEO}),
        "audio_url": frozenset({AUDIO}),
    }
)
#: The media types of a data URL, lower case only.
MEDIA_TYPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "image_url": frozenset(f"image/{kind}" for kind in ("jpeg", "jpg", "png", "webp", "heic", "heif")),
        "video_url": frozenset({"video/mp4", "video/mov", "video/quicktime"}),
        "audio_url": frozenset({"audio/wav", "audio/x-wav", "audio/mp3", "audio/mpeg"}),
    }
)

ADAPTIVE = "adaptive"
RATIOS: Mapping[str, float] = MappingProxyType(
    {"21:9": 21 / 9, "16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0, "3:4": 3 / 4, "9:16": 9 / 16}
)
#: Pixels of the short side. The long one is cut to a multiple of 32: 1344x768 and 2560x1440 at 16:9 (derived, unconfirmed).
SHORT_SIDES: Mapping[str, int] = MappingProxyType({"480P": 480, "768P": 768, "2K": 1440})
_GRID = 32
#: A film has 17n + 5 frames (h3check 0.1.0): 107 to 362 for the lengths that can be asked for.
_BLOCK, _REST, _BLOCKS = 17, 5, (6, 21)
EXPANSION_MODES = ("disabled", "balanced", "quality")


@dataclass(frozen=True)
class ModelRule:
    """One row of the model matrix.

    Attributes:
        seconds: USD and CNY per second of video, by resolution.
        lengths: Fewest and most seconds.
        image: USD and CNY for each picture above the free ones.
        free_images: How many pictures cost nothing.
        expands: Takes `extra.prompt_expansion_mode`.
        references_need_ratio: A request with references must name a ratio.
    """

    seconds: Mapping[str, tuple[str, str]]
    lengths: tuple[int, int] = (4, 15)
    image: tuple[str, str] = ("0.04", "0.20")
    free_images: int = 5
    expands: bool = False
    references_need_ratio: bool = False


#: MiniMax docs, V2 create, and Pay as you go. Highspeed and Lite are known from hoobnn-minimax-mcp 0.3.0 alone; no price of theirs,
#: and none of H3-Max in CNY, is published: here they cost what their neighbours do.
MODELS: Mapping[str, ModelRule] = MappingProxyType(
    {
        "MiniMax-H3": ModelRule({"768P": ("0.08", "0.50"), "2K": ("0.13", "0.80")}),
        "MiniMax-H3-Max": ModelRule(
            {"480P": ("0.05", "0.31"), "768P": ("0.08", "0.50")},
            lengths=(5, 15),
            image=("0.074", "0.46"),
            free_images=2,
            expands=True,
        ),
        "MiniMax-H3-Highspeed": ModelRule({"768P": ("0.08", "0.50")}),
        "MiniMax-H3-Lite": ModelRule({"480P": ("0.05", "0.31"), "768P": ("0.08", "0.50")}, references_need_ratio=True),
    }
)

SHAPE = Shape(
    {
        "model": is_text,
        "content": is_list,
        "resolution": is_text,
        "duration": is_integer,
        "ratio": is_text,
        "callback_url": is_text,
        "aigc_watermark": is_switch,
        "extra": is_object,
    },
    required=frozenset({"model", "content", "resolution", "duration"}),
)
_ITEM = Shape(
    {"type": is_text, "text": is_text, "role": is_text, **dict.fromkeys(ROLES, is_object)},
    required=frozenset({"type"}),
)
_SOURCE = Shape({"url": is_text}, required=frozenset({"url"}))


@dataclass(frozen=True)
class _Item:
    kind: str
    role: str
    url: str


@dataclass(frozen=True)
class _Inputs:
    """What was seen of the inputs; a link and a HEIC are taken unseen."""

    first: Picture | None
    last: Picture | None
    subjects: tuple[Picture, ...]
    image_count: int
    video_seconds: int
    audio_seconds: int

    @property
    def aspect(self) -> float:
        """Width over height of the first picture; of a wide screen where there is none."""
        seen = next((picture for picture in (self.first, self.last, *self.subjects) if picture), None)
        return seen.aspect if seen else RATIOS["16:9"]


def read_order(body: object, files: FileLookup = nothing_uploaded) -> Order:
    """Read the body of a create as strictly as the service.

    Args:
        body: The parsed JSON.
        files: Finds the uploaded files that `mm_file://` may name.

    Returns:
        The order, defaults filled in.

    Raises:
        ServiceError: 2013 for a broken rule, 1042 for a prompt of invisible characters.
    """
    fields = SHAPE.read(body)
    name: str = fields["model"]
    rule = MODELS.get(name)
    if rule is None:
        raise ServiceError.invalid(f"model {name} not support")
    prompt, items = _content(fields["content"])
    mode = _mode(items)
    _check_size(fields, name, rule)
    ratio = _ratio(fields.get("ratio"), mode, rule)
    _check_extra(fields.get("extra"), name, rule)
    check_callback(fields.get("callback_url"))
    inputs = _look_at(items, files)
    width, height = pixels(fields["resolution"], RATIOS.get(ratio) or inputs.aspect)
    return Order(
        model=name,
        mode=mode,
        prompt=prompt,
        resolution=fields["resolution"],
        duration=fields["duration"],
        width=width,
        height=height,
        prices=_prices(rule, fields, inputs),
        callback_url=fields.get("callback_url"),
        api=V2,
        frames=snapped_frames(fields["duration"]),
        ratio=ratio,
        sound=True,
        first=inputs.first,
        last=inputs.last,
        subjects=inputs.subjects,
        image_count=inputs.image_count,
        video_seconds=inputs.video_seconds,
        audio_seconds=inputs.audio_seconds,
    )


def snapped_frames(seconds: int) -> int:
    """How many frames a film has that was asked for with a length in seconds; the nearest the model can make."""
    blocks = round((seconds * FPS - _REST) / _BLOCK)
    return _BLOCK * min(max(blocks, _BLOCKS[0]), _BLOCKS[1]) + _REST


def pixels(resolution: str, aspect: float) -> tuple[int, int]:
    """Width and height of a video.

    Args:
        resolution: Such as `768P`.
        aspect: Width over height.
    """
    short = SHORT_SIDES[resolution]
    long = int(short * max(aspect, 1 / aspect)) // _GRID * _GRID
    return (long, short) if aspect >= 1 else (short, long)


def judge_picture(content: bytes) -> Picture | None:
    """Hold a picture against the rules of V2.

    Args:
        content: The file.

    Returns:
        The picture; None for HEIC and HEIF, which are taken by what the file says it is.

    Raises:
        ServiceError: 2013, with what is wrong.
    """
    if is_heif(content):
        if len(content) > V2_PICTURE.max_bytes:
            raise ServiceError.invalid("image size exceeds 30MB")
        return None
    return judge(content, V2_PICTURE)


def _content(content: list[Any]) -> tuple[str, list[_Item]]:
    texts: list[str] = []
    items: list[_Item] = []
    for entry in content:
        sent = _ITEM.read(entry)
        kind: str = sent["type"]
        if kind == "text":
            texts.append(sent.get("text", ""))
        elif kind in ROLES:
            role: str = sent.get("role", FIRST if kind == "image_url" else "")
            if role not in ROLES[kind]:
                raise ServiceError.invalid(f"{kind} does not support role {role or 'empty'}")
            items.append(_Item(kind, role, _SOURCE.read(sent.get(kind))["url"]))
        else:
            raise ServiceError.invalid(f"content type {kind} not support")
    if len(texts) != 1 or not texts[0].strip():
        raise ServiceError.invalid("content must hold exactly one non-empty text")
    check_prompt(texts[0], MAX_PROMPT)
    return texts[0], items


def _mode(items: Sequence[_Item]) -> str:
    count = {role: sum(1 for item in items if item.role == role) for role in MOST}
    for role, most in MOST.items():
        if count[role] > most:
            raise ServiceError.invalid(f"more than {most} {role}")
    references = count[IMAGE] + count[VIDEO] + count[AUDIO]
    if references > MAX_REFERENCES:
        raise ServiceError.invalid(f"more than {MAX_REFERENCES} reference files")
    if references and (count[FIRST] or count[LAST]):
        raise ServiceError.invalid("first_frame and last_frame cannot be used together with references")
    if count[AUDIO] and not (count[IMAGE] or count[VIDEO]):
        raise ServiceError.invalid("reference_audio needs a reference_image or reference_video")
    if references:
        return REF
    # A last frame may be alone: the page's list of modes and MiniMax's own command line (mmx-cli 1.0.27) have it so.
    return FL2V if count[LAST] else I2V if count[FIRST] else T2V


def _check_size(fields: Mapping[str, Any], name: str, rule: ModelRule) -> None:
    if fields["resolution"] not in rule.seconds:
        raise ServiceError.invalid(f"model {name} does not support resolution {fields['resolution']}")
    shortest, longest = rule.lengths
    if not shortest <= fields["duration"] <= longest:
        raise ServiceError.invalid(f"duration of model {name} must be {shortest} to {longest}")


def _ratio(ratio: str | None, mode: str, rule: ModelRule) -> str:
    if ratio not in (None, ADAPTIVE, *RATIOS):
        raise ServiceError.invalid(f"ratio {ratio} not support")
    named = ratio not in (None, ADAPTIVE)
    if mode == T2V and not named:
        raise ServiceError.invalid("ratio is required and cannot be adaptive for text to video")
    if mode == REF and rule.references_need_ratio and not named:
        raise ServiceError.invalid("ratio is required and cannot be adaptive with references")
    return ADAPTIVE if mode in (I2V, FL2V) or ratio is None else ratio


def _check_extra(extra: Mapping[str, Any] | None, name: str, rule: ModelRule) -> None:
    if extra is None:
        return
    if not rule.expands:
        raise ServiceError.invalid(f"model {name} does not support extra")
    if (
        extra.keys() - {"prompt_expansion_mode"}
        or extra.get("prompt_expansion_mode", "balanced") not in EXPANSION_MODES
    ):
        raise ServiceError.invalid("extra may hold prompt_expansion_mode alone: disabled, balanced or quality")


def _look_at(items: Sequence[_Item], files: FileLookup) -> _Inputs:
    """Judge every input that can be seen."""
    seen = [(item.role, content) for item in items if (content := _content_of(item, files)) is not None]
    pictures = {role: [judge_picture(content) for of, content in seen if of == role] for role in (FIRST, LAST, IMAGE)}
    videos = [judge_video(content) for role, content in seen if role == VIDEO]
    audios = [judge_audio(content) for role, content in seen if role == AUDIO]
    check_total(videos, "video")
    check_total(audios, "audio")
    return _Inputs(
        first=next(iter(pictures[FIRST]), None),
        last=next(iter(pictures[LAST]), None),
        subjects=tuple(picture for picture in pictures[IMAGE] if picture),
        image_count=sum(1 for item in items if item.kind == "image_url"),
        video_seconds=_whole_seconds(videos),
        audio_seconds=_whole_seconds(audios),
    )


def _content_of(item: _Item, files: FileLookup) -> bytes | None:
    kind = item.kind.removesuffix("_url")
    try:
        found = read_data_url(item.url)
    except ValueError as error:
        raise ServiceError.invalid(f"invalid {kind} url") from error
    if found is not None:
        media_type, content = found
        if media_type not in MEDIA_TYPES[item.kind]:
            raise ServiceError.invalid(f"{kind} type {media_type} not support")
        return content
    file_id = file_id_of(item.url)
    if file_id is not None:
        stored = files(file_id)
        if stored is None:
            raise ServiceError.invalid(f"file {file_id} not found")
        return stored
    if not is_link(item.url) or not is_public(item.url):
        raise ServiceError.invalid(f"invalid {kind} url")
    return None


def _whole_seconds(clips: Sequence[Clip]) -> int:
    return math.ceil(sum(clip.seconds for clip in clips) - TOLERANCE)


def _prices(rule: ModelRule, fields: Mapping[str, Any], inputs: _Inputs) -> Mapping[str, Decimal]:
    """Seconds made and seconds of reference video at the same rate; pictures above the free ones each."""
    seconds: int = fields["duration"] + inputs.video_seconds
    images = max(0, inputs.image_count - rule.free_images)
    rates = rule.seconds[fields["resolution"]]
    return {
        currency: seconds * Decimal(rate) + images * Decimal(image)
        for currency, rate, image in zip(CURRENCIES, rates, rule.image, strict=True)
    }
