"""What MiniMax charges: its published price lists, an operator's own prices, and what one video costs by them. Pure.

Prices change and differ by contract, so that every published one can be replaced by an operator's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from jobs.model import Role

from .inputs import MOST_VIDEO_SECONDS
from .models import MODELS, Model

PriceKey = tuple[str, str, int | None]
"""A model's name, a resolution, and the length in seconds of one whole video; None for each second of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Some prices, in one currency.

    Args:
        amounts: Of videos.
        images: Of each picture beyond those a model takes for nothing, by the model's name.
    """

    amounts: Mapping[PriceKey, Decimal] = field(default_factory=lambda: MappingProxyType(dict[PriceKey, Decimal]()))
    images: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType(dict[str, Decimal]()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """A published price list.

    Args:
        prices: What it says.
        source: Where it stands.
        read: When it was last read, as far as is known.
    """

    prices: Prices
    source: str
    read: str


_HAILUO: Final = (("768P", 6), ("768P", 10), ("1080P", 6))


def _videos(model: str, *prices: str, sizes: Sequence[tuple[str, int]] = _HAILUO) -> dict[PriceKey, Decimal]:
    return {(model, *size): Decimal(price) for size, price in zip(sizes, prices, strict=True)}


def _seconds(model: str, prices: Mapping[str, str]) -> dict[PriceKey, Decimal]:
    return {(model, resolution, None): Decimal(price) for resolution, price in prices.items()}


_SMALL: Final = (("512P", 6), ("512P", 10))

PUBLISHED: Final[Mapping[str, PriceList]] = MappingProxyType(
    {
        "USD": PriceList(
            prices=Prices(
                amounts=_videos("MiniMax-Hailuo-2.3", "0.28", "0.56", "0.49")
                | _videos("MiniMax-Hailuo-2.3-Fast", "0.19", "0.32", "0.33")
                | _videos("MiniMax-Hailuo-02", "0.28", "0.56", "0.49")
                | _videos("MiniMax-Hailuo-02", "0.10", "0.15", sizes=_SMALL)
                | _seconds("MiniMax-H3", {"768P": "0.08", "2K": "0.13"})
                | _seconds("MiniMax-H3-Max", {"480P": "0.05", "768P": "0.08"}),
                images={"MiniMax-H3": Decimal("0.04"), "MiniMax-H3-Max": Decimal("0.074")},
            ),
            # The copies of the page are from 2025-11 to 2026-01; H3 after the cost map of litellm 1.109.1, which cites it.
            source="platform.minimax.io/docs/guides/pricing-paygo",
            read="2026-11",
        ),
        "CNY": PriceList(
            prices=Prices(
                amounts=_videos("MiniMax-Hailuo-2.3", "2.00", "4.00", "3.50")
                | _videos("MiniMax-Hailuo-2.3-Fast", "1.35", "2.25", "2.31")
                | _videos("MiniMax-Hailuo-02", "2.00", "4.00", "3.50")
                | _videos("MiniMax-Hailuo-02", "0.60", "1.00", sizes=_SMALL)
                | _seconds("MiniMax-H3", {"768P": "0.50", "2K": "0.80"}),
                images={"MiniMax-H3": Decimal("0.20")},
            ),
            # As above; H3 after ArcReel's table of 2026-08. H3-Max has no price in yuan that we know of.
            source="platform.minimaxi.com/docs/guides/pricing-paygo",
            read="2026-11",
        ),
    }
)
"""The lists by currency. The 01 series, H3-Highspeed and H3-Lite stand in neither."""


def quote(
    model: Model, resolution: str, duration: int, layers: Sequence[Prices], roles: Sequence[Role] = ()
) -> Decimal | None:
    """The most that one video can cost.

    The seconds of reference videos are metered too, and nobody knows how long they are before they have been looked
    into. So each video that refers to some is held at the most seconds there may be: a budget is never overrun, and a
    little may be held too much. Reference sounds are free.

    Args:
        model: Which model.
        resolution: Which size.
        duration: Seconds.
        layers: Prices; the first layer that knows this size decides.
        roles: Of the files it is made from.

    Returns:
        The amount; None where nobody knows a price.
    """
    for prices in layers:
        each = prices.amounts.get((model.name, resolution, None))
        whole = prices.amounts.get((model.name, resolution, duration), each and each * duration)
        if whole is not None:
            metered = MOST_VIDEO_SECONDS if Role.REFERENCE_VIDEO in roles else 0
            return whole + metered * (each or whole / duration) + _extra_images(model, layers, roles)
    return None


def _extra_images(model: Model, layers: Sequence[Prices], roles: Sequence[Role]) -> Decimal:
    each = next((prices.images[model.name] for prices in layers if model.name in prices.images), Decimal(0))
    images = Counter(roles)[Role.REFERENCE_IMAGE]
    return each * max(0, images - model.free_images)


# --- an operator's own -------------------------------------------------------------------------------------------

_ENTRY: Final = re.compile(
    r"(?P<model>[\w.-]+):(?:(?P<image>image)|(?P<resolution>\w+):(?P<length>\d{1,3}|s))=(?P<amount>\d{1,6}(\.\d{1,6})?)"
)


def parse_prices(entries: Sequence[str]) -> Prices:
    """An operator's own prices, as MINIMAX_PRICES gives them.

    Args:
        entries: Each `MODEL:RESOLUTION:SECONDS=AMOUNT` for a whole video, `MODEL:RESOLUTION:s=AMOUNT` for each second
            of a video, or `MODEL:image=AMOUNT` for each picture beyond those that are free.

    Raises:
        ValueError: One of them cannot be read, or is about something that is not made; one sentence that names it.
    """
    amounts: dict[PriceKey, Decimal] = {}
    images: dict[str, Decimal] = {}
    for entry in entries:
        found = _ENTRY.fullmatch("".join(entry.split()))
        if found is None:
            raise ValueError(
                f"MINIMAX_PRICES cannot be read at {entry!r}; an entry looks like S2V-01:720P:6=0.43 for a video, "
                "MiniMax-H3:768P:s=0.08 for a second, or MiniMax-H3:image=0.04 for a picture."
            )
        model, amount = MODELS.get(found["model"]), Decimal(found["amount"])
        if model is None:
            raise ValueError(
                f"MINIMAX_PRICES names {found['model']}, which is not a model; there are {', '.join(MODELS)}."
            )
        if amount == 0:
            raise ValueError(f"MINIMAX_PRICES must be more than 0 at {entry!r}, or no limit could count such videos.")
        if found["image"]:
            images[model.name] = amount
        else:
            amounts[_key(model, found["resolution"], found["length"])] = amount
    return Prices(amounts=amounts, images=images)


def _key(model: Model, resolution: str, length: str) -> PriceKey:
    seconds = None if length == "s" else int(length)
    sizes = [size for size in model.sizes if size.resolution.casefold() == resolution.casefold()]
    if not any(seconds in {None, size.duration} for size in sizes):
        made = ", ".join(dict.fromkeys(f"{size.resolution}:{size.duration}" for size in model.sizes))
        raise ValueError(f"MINIMAX_PRICES names {model.name}:{resolution}:{length}, but that model makes {made}.")
    return model.name, sizes[0].resolution, seconds
