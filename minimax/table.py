"""The table of what is on offer, with prices, as `/video models` shows it. Plain data, and the grouping that makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jobs.model import Mode, Money

from .models import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLine:
    """What one resolution costs.

    Args:
        resolution: As the option takes it.
        durations: The lengths in seconds this price is for, in rising order.
        price: Of one video; of each second where `per_second`.
        per_second: Whether a video costs its length times the price.
        modes: What such a video can be made from.
    """

    resolution: str
    durations: tuple[int, ...]
    price: Money
    per_second: bool
    modes: tuple[Mode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """One model.

    Args:
        model: Its name, as the option takes it.
        sizes: What it makes.
        modes: What its videos can be made from.
        ratios: What it can be told about the ratio, for a video from text; empty where it decides itself.
        camera: Whether it knows the camera moves.
        sound: Whether its videos have sound.
        prompt_limit: The most characters of a prompt.
        is_default: Whether it is taken where nobody names one.
        disabled: Why it was taken off since the start, in the provider's words; None where it was not.
    """

    model: str
    sizes: tuple[SizeLine, ...]
    modes: tuple[Mode, ...]
    ratios: tuple[str, ...]
    camera: bool
    sound: bool
    prompt_limit: int
    is_default: bool
    disabled: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """Everything on offer.

    Args:
        models: The better first.
        source: Where the published prices stand; an operator's own may have replaced some.
        read: When they were last read, such as `2026-11`.
    """

    models: tuple[ModelLine, ...]
    source: str
    read: str


def size_lines(model: Model, amount: Callable[[str, int], Decimal | None], currency: str) -> tuple[SizeLine, ...]:
    """The sizes of a model that have a price; lengths that cost the same for each second make one line.

    Args:
        model: The model.
        amount: What a resolution and a length cost.
        currency: Of the amounts.
    """
    groups: dict[tuple[str, tuple[Mode, ...]], dict[int, Decimal]] = {}
    for size in model.sizes:
        price = amount(size.resolution, size.duration)
        if price is not None:
            modes = tuple(mode for mode in model.modes if size.modes is None or mode in size.modes)
            groups.setdefault((size.resolution, modes), {})[size.duration] = price
    return tuple(
        line for (resolution, modes), prices in groups.items() for line in _lines(resolution, modes, prices, currency)
    )


def _lines(resolution: str, modes: tuple[Mode, ...], prices: dict[int, Decimal], currency: str) -> Sequence[SizeLine]:
    rates = {price / duration for duration, price in prices.items()}
    if len(prices) > 1 and len(rates) == 1:
        price = Money.of(rates.pop(), currency)
        return [SizeLine(resolution=resolution, durations=tuple(prices), price=price, per_second=True, modes=modes)]
    return [
        SizeLine(
            resolution=resolution, durations=(duration,), price=Money.of(price, currency), per_second=False, modes=modes
        )
        for duration, price in prices.items()
    ]
