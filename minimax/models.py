"""MiniMax's V1 video models as data: what each makes, in which sizes, at what price, in what time. No logic.

Sources: MiniMax docs, video-generation-{t2v,i2v,fl2v,s2v} for the matrix; pricing-paygo, as copied between 2025-11 and
2026-01 and read again in 2026-11, for the prices; ComfyUI's MiniMax nodes for the times, where not marked as a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

PROMPT_LIMIT: Final = 2000
"""Characters, not bytes (MiniMax docs, T2V)."""


class Kind(StrEnum):
    """The ways to make a video, named as the API's pages are."""

    T2V = "t2v"
    I2V = "i2v"
    FL2V = "fl2v"
    S2V = "s2v"


@dataclass(frozen=True, slots=True)
class Size:
    """One resolution and length a model makes.

    Args:
        resolution: As the API spells it.
        duration: Seconds.
        typical_seconds: How long such a video usually takes to make.
        price: Per video, by currency; empty where no price is published.
        kinds: The ways of making it that have this size; None for all of the model's.
    """

    resolution: str
    duration: int
    typical_seconds: float
    price: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType(dict[str, Decimal]()))
    kinds: frozenset[Kind] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model.

    Args:
        name: As the API spells it.
        kinds: The ways of making a video it knows.
        sizes: What it makes; the first is its own default.
        takes_size: Whether a request may name the size; the 01 series refuses one that does.
        camera: Whether it understands camera commands in square brackets.
        prompt_limit: The most characters of a prompt.
    """

    name: str
    kinds: frozenset[Kind]
    sizes: tuple[Size, ...]
    takes_size: bool = True
    camera: bool = False
    prompt_limit: int = PROMPT_LIMIT


def _price(usd: str, cny: str) -> Mapping[str, Decimal]:
    return MappingProxyType({"USD": Decimal(usd), "CNY": Decimal(cny)})


_T2V, _I2V = frozenset({Kind.T2V}), frozenset({Kind.I2V})
_HAILUO_SIZES: Final = (
    Size("768P", 6, 120, _price("0.28", "2.00")),
    Size("768P", 10, 200, _price("0.56", "4.00")),  # the time is a guess, by length
    Size("1080P", 6, 240, _price("0.49", "3.50")),
)

V1_MODELS: Final = (
    Model(name="MiniMax-Hailuo-2.3", kinds=_T2V | _I2V, sizes=_HAILUO_SIZES, camera=True),
    Model(
        name="MiniMax-Hailuo-2.3-Fast",
        kinds=_I2V,
        sizes=(  # the times are guesses: somewhat under those of its slower sister
            Size("768P", 6, 80, _price("0.19", "1.35")),
            Size("768P", 10, 130, _price("0.32", "2.25")),
            Size("1080P", 6, 160, _price("0.33", "2.31")),
        ),
        camera=True,
    ),
    Model(
        name="MiniMax-Hailuo-02",
        kinds=_T2V | _I2V | {Kind.FL2V},
        sizes=(
            *_HAILUO_SIZES,
            Size("512P", 6, 80, _price("0.10", "0.60"), kinds=_I2V),  # these two times are guesses
            Size("512P", 10, 130, _price("0.15", "1.00"), kinds=_I2V),
        ),
        camera=True,
    ),
    # The 01 series has no current price. Its table of lengths also shows 1080P, its table of resolutions does not.
    Model(name="T2V-01", kinds=_T2V, sizes=(Size("720P", 6, 234),), takes_size=False),
    Model(name="T2V-01-Director", kinds=_T2V, sizes=(Size("720P", 6, 234),), takes_size=False, camera=True),
    Model(name="I2V-01", kinds=_I2V, sizes=(Size("720P", 6, 114),), takes_size=False),
    Model(name="I2V-01-Director", kinds=_I2V, sizes=(Size("720P", 6, 114),), takes_size=False, camera=True),
    Model(name="I2V-01-live", kinds=_I2V, sizes=(Size("720P", 6, 114),), takes_size=False),
    # Size and time unconfirmed.
    Model(name="S2V-01", kinds=frozenset({Kind.S2V}), sizes=(Size("720P", 6, 180),), takes_size=False),
)
