"""What can be made, with which model, at what price: answers from the table in `models`. Pure.

Implements `jobs.ports.Catalog`. A new way of making videos is a new row here and in `models`, not a new branch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import structlog

from jobs.errors import InvalidPrompt, NotOffered, PromptProblem
from jobs.model import Draft, Mode, Money, Role, VideoRequest
from jobs.ports import InputRules, Offer

from .models import V1_MODELS, Kind, Model

_log = structlog.get_logger(__name__)

KIND_OF_MODE: Final[dict[Mode, Kind]] = {Mode.TEXT: Kind.T2V}

SizeKey = tuple[str, str, int]
"""A model's name, a resolution, and a length in seconds."""

_BY_NAME: Final[dict[str, Model]] = {model.name: model for model in V1_MODELS}
_TYPICAL: Final[dict[SizeKey, float]] = {
    (model.name, size.resolution, size.duration): size.typical_seconds for model in V1_MODELS for size in model.sizes
}
_TYPICAL_ELSEWHERE: Final = 240.0  # seconds; for a job whose model has left the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of an option that fits the options already given, and what it leads to.

    Args:
        value: The value, as the option takes it.
        model: The model that would be used.
        resolution: The resolution that would be used.
        duration: The length in seconds that would be used.
        price: What one such video costs.
    """

    value: str
    model: str
    resolution: str
    duration: int
    price: Money


@dataclass(frozen=True, slots=True)
class _Row:
    """One thing that is on offer."""

    kind: Kind
    model: str
    resolution: str
    duration: int
    price: Money


_OPTIONS: Final[dict[str, Callable[[_Row], str]]] = {
    "model": lambda row: row.model,
    "resolution": lambda row: row.resolution,
    "duration": lambda row: str(row.duration),
}


class MiniMaxCatalog:
    """The enabled models, and the defaults that fill in what a person left out.

    Only what has a price is offered: a video without one would slip past every budget. A price given in `prices`
    puts a model without a published one (the 01 series) on offer.

    Args:
        enabled_models: Names of the models to offer; empty for all that have a price.
        default_model: Taken where no option given asks for another.
        default_resolution: Likewise.
        default_duration: Likewise, in seconds.
        currency: Of all prices, ISO 4217.
        watermark: Whether videos carry the provider's AI mark.
        prices: Per video, in `currency`; they win over the published ones.

    Raises:
        ValueError: The settings contradict the table or one another; one sentence that names the one at fault.
    """

    def __init__(
        self,
        *,
        enabled_models: Collection[str] = (),
        default_model: str = "MiniMax-Hailuo-02",
        default_resolution: str = "1080P",
        default_duration: int = 6,
        currency: str = "USD",
        watermark: bool = False,
        prices: Mapping[SizeKey, Decimal] | None = None,
    ) -> None:
        self._watermark = watermark
        rows = _priced_rows(currency, prices or {})
        if not rows:
            raise ValueError(f"CURRENCY must be USD or CNY: there are no prices in {currency}.")
        _check_enabled(enabled_models, rows)
        self._rows = tuple(row for row in rows if not enabled_models or row.model in enabled_models)
        texts = [row for row in self._rows if row.kind is Kind.T2V]
        _check_default("DEFAULT_MODEL", default_model, [row.model for row in texts])
        texts = [row for row in texts if row.model == default_model]
        _check_default("DEFAULT_RESOLUTION", default_resolution, [row.resolution for row in texts])
        texts = [row for row in texts if row.resolution == default_resolution]
        _check_default("DEFAULT_DURATION", str(default_duration), [str(row.duration) for row in texts])
        self._disabled: dict[str, str] = {}
        self._defaults = {
            "model": default_model,
            "resolution": default_resolution,
            "duration": str(default_duration),
        }

    def offer(self, draft: Draft) -> Offer:
        """Completes a draft: see `Catalog.offer`. The prompt is taken as it is, cleaned before."""
        length = len(draft.prompt)
        given = _given(draft.model, draft.resolution, draft.duration)
        row = self._best(Mode.TEXT, given)
        limit = _BY_NAME[row.model].prompt_limit
        if not draft.prompt.strip():
            raise InvalidPrompt(PromptProblem.EMPTY, length=length, limit=limit)
        if length > limit:
            raise InvalidPrompt(PromptProblem.TOO_LONG, length=length, limit=limit)
        request = VideoRequest(
            prompt=draft.prompt,
            model=row.model,
            resolution=row.resolution,
            duration=row.duration,
            mode=Mode.TEXT,
            watermark=self._watermark,
        )
        return Offer(request=request, price=row.price)

    def choices(
        self,
        option: str,
        *,
        model: str | None = None,
        resolution: str | None = None,
        duration: int | None = None,
        mode: Mode = Mode.TEXT,
    ) -> tuple[Choice, ...]:
        """Every value of an option that fits the other options already given; for autocomplete.

        Args:
            option: `model`, `resolution` or `duration`; what is given for it is not looked at.
            model: Given already.
            resolution: Given already.
            duration: Given already, in seconds.
            mode: What the video is made from.

        Returns:
            The values, what would be taken without the option first; empty if the others contradict one another.
        """
        value_of = _OPTIONS[option]
        others = {name: value for name, value in _given(model, resolution, duration).items() if name != option}
        fitting = sorted(self._fitting(mode, others), key=self._distance)
        nearest: dict[str, _Row] = {}
        for row in fitting:
            nearest.setdefault(value_of(row), row)
        return tuple(
            Choice(value=value, model=row.model, resolution=row.resolution, duration=row.duration, price=row.price)
            for value, row in nearest.items()
        )

    def input_rules(self, model: str, role: Role) -> InputRules:
        """What files this model takes in this role: see `Catalog.input_rules`."""
        raise LookupError(f"{model} takes no {role}")

    def disable(self, model: str, reason: str) -> None:
        """Stops offering a model that the plan lacks: see `Catalog.disable`."""
        _log.error("model disabled", model=model, reason=reason)
        self._disabled[model] = reason

    def typical_seconds(self, request: VideoRequest) -> float:
        """How long such a video usually takes: see `Catalog.typical_seconds`."""
        return _TYPICAL.get((request.model, request.resolution, request.duration), _TYPICAL_ELSEWHERE)

    def _fitting(self, mode: Mode, given: Mapping[str, str]) -> list[_Row]:
        kind = KIND_OF_MODE[mode]
        enabled = (row for row in self._rows if row.model not in self._disabled)
        return [row for row in enabled if row.kind is kind and _fits(row, given)]

    def _distance(self, row: _Row) -> tuple[bool, ...]:
        """How far something is from the defaults; what is equally far keeps the order of the table."""
        return tuple(value_of(row) != self._defaults[option] for option, value_of in _OPTIONS.items())

    def _best(self, mode: Mode, given: Mapping[str, str]) -> _Row:
        fitting = self._fitting(mode, given)
        if not fitting:
            raise self._not_offered(mode, given)
        return min(fitting, key=self._distance)

    def _not_offered(self, mode: Mode, given: Mapping[str, str]) -> NotOffered:
        """Blames the first option that leaves nothing, and names what fits all others, or at least those before it."""
        before: dict[str, str] = {}
        for option, value in given.items():
            if not self._fitting(mode, before | {option: value}):
                others = {name: other for name, other in given.items() if name != option}
                instead = self._fitting(mode, others) or self._fitting(mode, before)
                allowed = dict.fromkeys(_OPTIONS[option](row) for row in instead)
                return NotOffered(option, value, tuple(allowed))
            before[option] = value
        raise AssertionError(given)


def takes_size(model: str) -> bool:
    """Whether a request for this model may name resolution and length; a model not in the table may."""
    known = _BY_NAME.get(model)
    return known is None or known.takes_size


def _given(model: str | None, resolution: str | None, duration: int | None) -> dict[str, str]:
    options = {"model": model, "resolution": resolution, "duration": None if duration is None else str(duration)}
    return {name: value for name, value in options.items() if value is not None}


def _fits(row: _Row, given: Mapping[str, str]) -> bool:
    # People type 1080p for 1080P.
    return all(_OPTIONS[name](row).casefold() == value.strip().casefold() for name, value in given.items())


def _priced_rows(currency: str, prices: Mapping[SizeKey, Decimal]) -> list[_Row]:
    rows: list[_Row] = []
    for model in V1_MODELS:
        for size in model.sizes:
            amount = prices.get((model.name, size.resolution, size.duration), size.price.get(currency))
            if amount is not None:
                price = Money.of(amount, currency)
                rows += [
                    _Row(kind, model.name, size.resolution, size.duration, price)
                    for kind in sorted(size.kinds or model.kinds)
                ]
    return rows


def _check_enabled(enabled: Collection[str], rows: Collection[_Row]) -> None:
    priced = dict.fromkeys(row.model for row in rows)
    for name in enabled:
        if name not in _BY_NAME:
            raise ValueError(f"ENABLED_MODELS names {name}, which is not a model; there are {', '.join(_BY_NAME)}.")
        if name not in priced:
            raise ValueError(f"ENABLED_MODELS names {name}, which has no known price, so no limit could count it.")


def _check_default(setting: str, value: str, offered: Collection[str]) -> None:
    if value not in offered:
        allowed = ", ".join(dict.fromkeys(offered)) or "nothing: no model of ENABLED_MODELS makes videos from text"
        raise ValueError(f"{setting} is {value}, but what can be made from text here is {allowed}.")
