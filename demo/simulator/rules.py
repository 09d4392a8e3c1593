"""What a V1 create may ask for: models, modes, sizes, lengths and prices as data, and the reading of a request against them.

Written from the provider's documentation alone, without a look at the bot's catalog. Pure: a JSON body in, an order or a code out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast

from demo.simulator.codes import ServiceError
from demo.simulator.orders import (
    CURRENCIES,
    FL2V,
    FPS,
    I2V,
    S2V,
    T2V,
    Order,
    Shape,
    check_prompt,
    is_integer,
    is_list,
    is_switch,
    is_text,
)
from demo.simulator.pictures import Picture, look_at

MAX_PROMPT = 2000  # characters, not bytes (MiniMax docs, T2V)

#: Pixels of a 16:9 video. 768P and 1080P as documented; the others follow from their height, made even for H.264.
PIXELS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"512P": (910, 512), "720P": (1280, 720), "768P": (1366, 768), "1080P": (1920, 1080)}
)


@dataclass(frozen=True)
class ModelRule:
    """One row of the model matrix (MiniMax docs, T2V, I2V, FL2V, S2V).

    Attributes:
        modes: What it can be asked for.
        pairs: Resolution to the lengths in seconds it can have.
        default: Resolution and length where the request names none.
        fixed: Neither resolution nor length may be sent.
        only: Resolutions that only some modes have.
        pretreats: Takes `fast_pretreatment`, on text or first frame only.
    """

    modes: frozenset[str]
    pairs: Mapping[str, tuple[int, ...]]
    default: tuple[str, int] = ("768P", 6)
    fixed: bool = False
    only: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    pretreats: bool = False


def _first_series(mode: str) -> ModelRule:
    return ModelRule(frozenset({mode}), {"720P": (6,)}, default=("720P", 6), fixed=True)


_HAILUO_SIZES = {"768P": (6, 10), "1080P": (6,)}

MODELS: Mapping[str, ModelRule] = MappingProxyType(
    {
        "MiniMax-Hailuo-2.3": ModelRule(frozenset({T2V, I2V}), _HAILUO_SIZES, pretreats=True),
        "MiniMax-Hailuo-2.3-Fast": ModelRule(frozenset({I2V}), _HAILUO_SIZES, pretreats=True),
        "MiniMax-Hailuo-02": ModelRule(
            frozenset({T2V, I2V, FL2V}),
            {"512P": (6, 10), **_HAILUO_SIZES},
            only={"512P": frozenset({I2V})},
            pretreats=True,
        ),
        "T2V-01": _first_series(T2V),
        "T2V-01-Director": _first_series(T2V),
        "I2V-01": _first_series(I2V),
        "I2V-01-Director": _first_series(I2V),
        "I2V-01-live": _first_series(I2V),
        "S2V-01": _first_series(S2V),
    }
)

#: USD and CNY per video (MiniMax docs, Pay as you go, copies of 2025-11 to 2026-01).
PRICES: Mapping[tuple[str, str, int], tuple[str, str]] = MappingProxyType(
    {
        ("MiniMax-Hailuo-2.3", "768P", 6): ("0.28", "2.00"),
        ("MiniMax-Hailuo-2.3", "768P", 10): ("0.56", "4.00"),
        ("MiniMax-Hailuo-2.3", "1080P", 6): ("0.49", "3.50"),
        ("MiniMax-Hailuo-2.3-Fast", "768P", 6): ("0.19", "1.35"),
        ("MiniMax-Hailuo-2.3-Fast", "768P", 10): ("0.32", "2.25"),
        ("MiniMax-Hailuo-2.3-Fast", "1080P", 6): ("0.33", "2.31"),
        ("MiniMax-Hailuo-02", "512P", 6): ("0.10", "0.60"),
        ("MiniMax-Hailuo-02", "512P", 10): ("0.15", "1.00"),
        ("MiniMax-Hailuo-02", "768P", 6): ("0.28", "2.00"),
        ("MiniMax-Hailuo-02", "768P", 10): ("0.56", "4.00"),
        ("MiniMax-Hailuo-02", "1080P", 6): ("0.49", "3.50"),
    }
)
#: The 01 series has no published price any more; this is about what S2V-01 was last reported to cost.
FIRST_SERIES_PRICE = ("0.43", "3.00")


#: Every field of the request with the test of its type. An unlisted one is ignored.
SHAPE = Shape(
    {
        "model": is_text,
        "prompt": is_text,
        "prompt_optimizer": is_switch,
        "fast_pretreatment": is_switch,
        "duration": is_integer,
        "resolution": is_text,
        "first_frame_image": is_text,
        "last_frame_image": is_text,
        "subject_reference": is_list,
        "callback_url": is_text,
        "aigc_watermark": is_switch,
    }
)

FRAMES = ("first_frame_image", "last_frame_image")
#: Which input makes which mode; the first that was sent decides.
INPUTS: tuple[tuple[str, str], ...] = (
    ("subject_reference", S2V),
    ("last_frame_image", FL2V),
    ("first_frame_image", I2V),
)


def read_order(body: object) -> Order:
    """Read the body of a create as strictly as the service.

    Args:
        body: The parsed JSON.

    Returns:
        The order, defaults filled in.

    Raises:
        ServiceError: 2013 for a broken rule, 1042 for a prompt of invisible characters, 1000 for a private image link.
    """
    fields = SHAPE.read(body)
    name = fields.get("model", "")
    rule = MODELS.get(name)
    if rule is None:
        raise ServiceError.invalid(f"model {name} not support" if name else "model is required")
    mode = _mode(fields, name, rule)
    prompt = _prompt(fields, mode)
    resolution, duration = _size(fields, mode, name, rule)
    _check_rest(fields, mode, rule)
    subject = look_at(_subject(fields["subject_reference"])) if mode == S2V else None
    first, last = (look_at(fields[name]) if name in fields else None for name in FRAMES)
    width, height = _pixels(resolution, _shape_giver(fields, first, last))
    return Order(
        model=name,
        mode=mode,
        prompt=prompt,
        resolution=resolution,
        duration=duration,
        width=width,
        height=height,
        prices=_prices(name, resolution, duration),
        callback_url=fields.get("callback_url"),
        frames=duration * FPS,
        first=first,
        last=last,
        subjects=(subject,) if subject else (),
        image_count=sum(1 for field, _ in INPUTS if field in fields),
    )


def check_callback(url: str | None) -> None:
    """Refuse a callback address that is none.

    Raises:
        ServiceError: 2013.
    """
    if url is not None and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", url):
        raise ServiceError.invalid("invalid callback_url")


def _mode(fields: Mapping[str, Any], name: str, rule: ModelRule) -> str:
    mode = next((mode for field, mode in INPUTS if field in fields), T2V)
    if mode not in rule.modes:
        if mode == T2V:
            raise ServiceError.invalid(
                f"model {name} requires {'subject_reference' if S2V in rule.modes else 'first_frame_image'}"
            )
        raise ServiceError.invalid(f"model {name} does not support {next(field for field, of in INPUTS if of == mode)}")
    if mode == S2V and ("first_frame_image" in fields or "last_frame_image" in fields):
        raise ServiceError.invalid(f"model {name} does not support first_frame_image or last_frame_image")
    return mode


def _prompt(fields: Mapping[str, Any], mode: str) -> str:
    prompt: str = fields.get("prompt", "")
    if mode == T2V and not prompt.strip():
        raise ServiceError.invalid("prompt is required")
    check_prompt(prompt, MAX_PROMPT)
    return prompt


def _size(fields: Mapping[str, Any], mode: str, name: str, rule: ModelRule) -> tuple[str, int]:
    if rule.fixed and ("resolution" in fields or "duration" in fields):
        raise ServiceError.invalid(f"model {name} does not support duration or resolution")
    resolution: str = fields.get("resolution", rule.default[0])
    duration: int = fields.get("duration", rule.default[1])
    lengths = rule.pairs.get(resolution, ())
    if duration not in lengths or mode not in rule.only.get(resolution, rule.modes):
        raise ServiceError.invalid(f"model {name} does not support duration {duration} with resolution {resolution}")
    return resolution, duration


def _check_rest(fields: Mapping[str, Any], mode: str, rule: ModelRule) -> None:
    if fields.get("fast_pretreatment") and not (rule.pretreats and mode in (T2V, I2V)):
        raise ServiceError.invalid("fast_pretreatment is not supported")
    check_callback(fields.get("callback_url"))


def _prices(name: str, resolution: str, duration: int) -> Mapping[str, Decimal]:
    prices = PRICES.get((name, resolution, duration), FIRST_SERIES_PRICE)
    return {currency: Decimal(price) for currency, price in zip(CURRENCIES, prices, strict=True)}


def _shape_giver(fields: Mapping[str, Any], first: Picture | None, last: Picture | None) -> float | None:
    """The shape of the first frame, or of the last where it is alone, is that of the video (MiniMax docs, FL2V)."""
    giver = first if "first_frame_image" in fields else last
    return giver.aspect if giver else None


def _subject(references: list[Any]) -> object:
    """The one image of `[{"type": "character", "image": [url]}]`; a string instead of the inner array is refused."""
    match references:
        case [{"type": "character", "image": [image]}]:
            return cast("object", image)
        case _:
            raise ServiceError.invalid("subject_reference must hold exactly one character with an array of one image")


def _pixels(resolution: str, aspect: float | None) -> tuple[int, int]:
    width, height = PIXELS[resolution]
    if aspect is None:
        return width, height
    short = min(width, height)
    long = 2 * round(short * max(aspect, 1 / aspect) / 2)
    return (long, short) if aspect >= 1 else (short, long)
