"""The page of `/video models`: what makes videos, from what, in which sizes, at what price. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, Protocol

from discord import ui

from jobs.model import Mode, Money
from locales import Translate

from .figures import money
from .pages import page
from .text import inert

_MODES: Final = tuple(Mode)


class SizeLine(Protocol):
    """What one resolution costs."""

    @property
    def resolution(self) -> str:
        """As the option takes it."""
        ...

    @property
    def durations(self) -> Sequence[int]:
        """The lengths in seconds this price is for, in rising order."""
        ...

    @property
    def price(self) -> Money:
        """Of one video; of each second where `per_second`."""
        ...

    @property
    def per_second(self) -> bool:
        """Whether a video costs its length times the price."""
        ...

    @property
    def modes(self) -> Sequence[Mode]:
        """What such a video can be made from."""
        ...


class ModelLine(Protocol):
    """One model."""

    @property
    def model(self) -> str:
        """Its name, as the option takes it."""
        ...

    @property
    def sizes(self) -> Sequence[SizeLine]:
        """What it makes."""
        ...

    @property
    def modes(self) -> Sequence[Mode]:
        """What its videos can be made from."""
        ...

    @property
    def ratios(self) -> Sequence[str]:
        """What it can be told about the ratio; empty where it decides itself."""
        ...

    @property
    def camera(self) -> bool:
        """Whether it knows the camera moves."""
        ...

    @property
    def sound(self) -> bool:
        """Whether its videos have sound."""
        ...

    @property
    def prompt_limit(self) -> int:
        """The most characters of a prompt."""
        ...

    @property
    def is_default(self) -> bool:
        """Whether it is taken where nobody names one."""
        ...

    @property
    def disabled(self) -> str | None:
        """The provider's words where it was taken off; for the operator, not for people."""
        ...


class ModelTable(Protocol):
    """Everything on offer."""

    @property
    def models(self) -> Sequence[ModelLine]:
        """The better first."""
        ...

    @property
    def source(self) -> str:
        """Where the published prices stand."""
        ...

    @property
    def read(self) -> str:
        """When they were last read."""
        ...


def render_models(table: ModelTable, t: Translate) -> ui.LayoutView:
    """Every model in a few lines.

    Args:
        table: What is on offer.
        t: The reader's language.
    """
    models = ("\n".join(_model(line, t)) for line in table.models)
    source = t("models.source", source=table.source, read=table.read)
    return page(f"### {t('models.title')}", *models, f"-# {source}", ruled=True)


def _model(line: ModelLine, t: Translate) -> Iterator[str]:
    if line.disabled is not None:
        yield f"~~**{inert(line.model)}**~~"
        yield t("why.model_unavailable")
        return
    yield f"**{inert(line.model)}**{t('models.default') if line.is_default else ''}"
    for (resolution, modes), sizes in groupby(line.sizes, key=lambda size: (size.resolution, size.modes)):
        prices = t("list.between").join(price for size in sizes for price in _prices(size, t))
        only = t("models.only", modes=_modes(modes, t)) if modes != line.modes else ""
        yield t("models.size", resolution=inert(resolution), prices=prices, only=only)
    yield f"-# {t('card.separator').join(_traits(line, t))}"


def _modes(modes: Sequence[Mode], t: Translate) -> str:
    return t("list.between").join(t(f"mode.{mode}") for mode in _MODES if mode in modes)


def _prices(size: SizeLine, t: Translate) -> Iterator[str]:
    first, last = size.durations[0], size.durations[-1]
    if size.per_second and len(size.durations) == last - first + 1:
        lengths = t("span.seconds", seconds=f"{first}-{last}")
        yield t("models.per_second", lengths=lengths, price=money(size.price, t))
        return
    for length in size.durations:
        price = Money(size.price.micros * (length if size.per_second else 1), size.price.currency)
        yield t("models.price", lengths=t("span.seconds", seconds=length), price=money(price, t))


def _traits(line: ModelLine, t: Translate) -> Iterator[str]:
    yield _modes(line.modes, t)
    yield t("card.sound" if line.sound else "models.silent")
    if line.camera:
        yield t("models.camera")
    if line.ratios:
        yield inert(" ".join(line.ratios))
    yield t("models.prompt", limit=line.prompt_limit)
