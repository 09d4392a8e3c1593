"""What can be made, with which model, at what price: answers from the tables in `models` and `prices`. Pure.

Implements `jobs.ports.Catalog`. A new model, size or way of making videos is a new row there, not a new branch here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, partial
from types import MappingProxyType
from typing import Final

import structlog

from jobs.errors import InputProblem, InvalidPrompt, NotOffered, PromptProblem, RequestProblem, UnfitInputs
from jobs.model import Api, Draft, MediaSource, Mode, Money, Role, VideoRequest
from jobs.ports import InputRules, Offer

from .camera import CAMERA_MOVES, MOST_AT_ONCE, move_of, with_camera
from .inputs import as_references, check_sizes, modes_of
from .models import ADAPTIVE, MODELS, Model, Size
from .prices import PUBLISHED, Prices, quote
from .table import ModelLine, ModelTable, size_lines

_log = structlog.get_logger(__name__)

_TYPICAL: Final[Mapping[tuple[str, str, int], float]] = {
    (model.name, size.resolution, size.duration): size.typical_seconds
    for model in MODELS.values()
    for size in model.sizes
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


@dataclass(frozen=True)
class _Row:
    """One thing that is on offer."""

    mode: Mode
    model: Model
    size: Size

    @property
    def ratios(self) -> tuple[str, ...]:
        return self.model.ratios[self.mode]

    @cached_property
    def takes(self) -> Mapping[str, frozenset[str]]:
        """All it takes in each option, folded: every row is looked at for each request and each letter typed."""
        return {name: frozenset(map(_folded, values_of(self))) for name, values_of in _OPTIONS.items()}


_OPTIONS: Final[Mapping[str, Callable[[_Row], Sequence[str]]]] = {
    "camera": lambda row: tuple(CAMERA_MOVES) if row.model.camera else (),
    "ratio": lambda row: row.ratios,
    "model": lambda row: (row.model.name,),
    "resolution": lambda row: (row.size.resolution,),
    "duration": lambda row: (str(row.size.duration),),
    "enhance": lambda row: tuple(str(told).lower() for told in row.model.enhance),
}
"""What a row takes in each option, its own default first; in the order in which the later of two is at fault."""

_DEFAULTED: Final = ("model", "resolution", "duration")

_Given = Mapping[str, tuple[str, ...]]
"""The options given, each with its values."""


class MiniMaxCatalog:
    """The enabled models, and the defaults that fill in what a person left out.

    Only what has a price is offered: a video without one would slip past every budget. A price given in `prices`
    puts a model without a published one (the 01 series, H3-Highspeed, H3-Lite) on offer.

    Args:
        enabled_models: Names of the models to offer; empty for all that have a price.
        default_model: Taken where it fits the files, and no option given asks for another.
        default_resolution: Likewise.
        default_duration: Likewise, in seconds.
        currency: Of all prices, ISO 4217.
        watermark: Whether videos carry the provider's AI mark.
        prices: The operator's own, in `currency`; they win over the published ones.

    Raises:
        ValueError: The settings contradict the tables or one another; one sentence that names the one at fault.
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
        prices: Prices | None = None,
    ) -> None:
        if currency not in PUBLISHED:
            raise ValueError(f"CURRENCY must be {' or '.join(PUBLISHED)}: there are no prices in {currency}.")
        self._layers = (prices or Prices(), PUBLISHED[currency].prices)
        self._currency = currency
        self._watermark = watermark
        rows = tuple(
            row for row in _all_rows() if self._amount(row.model, row.size.resolution, row.size.duration) is not None
        )
        _check_enabled(enabled_models, rows)
        self._rows = tuple(row for row in rows if not enabled_models or row.model.name in enabled_models)
        self._defaults = {
            "model": default_model,
            "resolution": default_resolution,
            "duration": str(default_duration),
        }
        fitting = [row for row in self._rows if row.mode is Mode.TEXT]
        for option, value in self._defaults.items():
            _check_default(
                f"DEFAULT_{option.upper()}", value, [one for row in fitting for one in _OPTIONS[option](row)]
            )
            fitting = [row for row in fitting if value in _OPTIONS[option](row)]
        self._disabled: dict[str, str] = {}

    @property
    def camera_moves(self) -> tuple[str, ...]:
        """The English names of all moves there are."""
        return tuple(CAMERA_MOVES)

    @property
    def disabled(self) -> Mapping[str, str]:
        """The models taken off since the start, each with its reason."""
        return MappingProxyType(self._disabled)

    def offer(self, draft: Draft) -> Offer:
        """Completes a draft: see `Catalog.offer`. The prompt is taken as it is, cleaned before."""
        roles = tuple(source.role for source in draft.inputs)
        given = _given(draft)
        moves = given.get("camera", ())
        row = self._best(modes_of(roles), given)
        if len(moves) > MOST_AT_ONCE:
            raise NotOffered("camera", ", ".join(moves), (", ".join(moves[:MOST_AT_ONCE]),))
        _check_prompt(draft.prompt, moves, row)
        inputs = _inputs_for(row, draft.inputs)
        wished = given.get("ratio", row.ratios)[0]
        ratio = next(one for one in row.ratios if _among(wished, [one]))
        request = VideoRequest(
            prompt=draft.prompt,
            model=row.model.name,
            resolution=row.size.resolution,
            duration=row.size.duration,
            mode=row.mode,
            prompt_optimizer=row.model.enhance[0] if draft.enhance is None else draft.enhance,
            watermark=self._watermark,
            ratio=ratio if row.model.api is Api.V2 and ratio != ADAPTIVE else None,
            camera=moves,
            inputs=inputs,
            api=row.model.api,
        )
        return Offer(request=request, price=self._price(row, roles))

    def choices(self, option: str, draft: Draft) -> tuple[Choice, ...]:
        """Every value of an option that fits what is given already; for autocomplete.

        Args:
            option: `model`, `resolution`, `duration`, `ratio` or `camera`.
            draft: What is given already. What it holds for the option itself is not looked at, but for `camera`: the
                moves that can be made beside those.

        Returns:
            The values, what would be taken without the option first; empty if nothing fits what is given.
        """
        roles = tuple(source.role for source in draft.inputs)
        given = _given(draft)
        taken = given.get("camera", ()) if option == "camera" else ()
        others = {name: values for name, values in given.items() if name != option or taken}
        try:
            modes = modes_of(roles)
        except UnfitInputs:
            return ()
        nearest: dict[str, _Row] = {}
        for row in sorted(self._fitting(modes, others), key=self._distance(modes)):
            for value in _OPTIONS[option](row):
                nearest.setdefault(value, row)
        return tuple(
            Choice(
                value=value,
                model=row.model.name,
                resolution=row.size.resolution,
                duration=row.size.duration,
                price=self._price(row, roles),
            )
            for value, row in nearest.items()
            if value not in taken and len(taken) < MOST_AT_ONCE
        )

    def table(self) -> ModelTable:
        """Everything on offer, with its price; what was disabled since the start too, with the reason."""
        published = PUBLISHED[self._currency]
        offered = dict.fromkeys(row.model.name for row in self._rows)
        return ModelTable(
            models=tuple(self._line(MODELS[name]) for name in offered), source=published.source, read=published.read
        )

    def input_rules(self, model: str, role: Role) -> InputRules:
        """What files this model takes in this role: see `Catalog.input_rules`.

        Raises:
            LookupError: It takes none, or there is no such model.
        """
        return MODELS[model].inputs[role]

    def disable(self, model: str, reason: str) -> None:
        """Stops offering a model that the plan lacks: see `Catalog.disable`."""
        _log.error("model disabled", model=model, reason=reason)
        self._disabled[model] = reason

    def typical_seconds(self, request: VideoRequest) -> float:
        """How long such a video usually takes: see `Catalog.typical_seconds`."""
        return _TYPICAL.get((request.model, request.resolution, request.duration), _TYPICAL_ELSEWHERE)

    def _amount(self, model: Model, resolution: str, duration: int, roles: Sequence[Role] = ()) -> Decimal | None:
        return quote(model, resolution, duration, self._layers, roles)

    def _price(self, row: _Row, roles: Sequence[Role]) -> Money:
        # A subject that a model takes as a picture to refer to counts as one.
        amount = self._amount(row.model, row.size.resolution, row.size.duration, as_references(roles))
        return Money.of(amount or Decimal(), self._currency)

    def _line(self, model: Model) -> ModelLine:
        ratios = model.ratios.get(Mode.TEXT, ())
        return ModelLine(
            model=model.name,
            sizes=size_lines(model, partial(self._amount, model), self._currency),
            modes=model.modes,
            ratios=ratios if len(ratios) > 1 else (),
            camera=model.camera,
            sound=model.sound,
            prompt_limit=model.prompt_limit,
            is_default=model.name == self._defaults["model"],
            disabled=self._disabled.get(model.name),
        )

    def _fitting(self, modes: Collection[Mode], given: _Given) -> list[_Row]:
        wanted = [(name, frozenset(map(_folded, values))) for name, values in given.items()]
        enabled = (row for row in self._rows if row.model.name not in self._disabled and row.mode in modes)
        return [row for row in enabled if all(values <= row.takes[name] for name, values in wanted)]

    def _distance(self, modes: Sequence[Mode]) -> Callable[[_Row], tuple[int, ...]]:
        """How far something is from the defaults; what is equally far keeps the order of the tables."""

        def distance(row: _Row) -> tuple[int, ...]:
            other = (self._defaults[option] not in _OPTIONS[option](row) for option in _DEFAULTED)
            return (*other, modes.index(row.mode))

        return distance

    def _best(self, modes: Sequence[Mode], given: _Given) -> _Row:
        fitting = self._fitting(modes, given)
        if not fitting:
            raise self._not_offered(modes, given)
        return min(fitting, key=self._distance(modes))

    def _not_offered(self, modes: Sequence[Mode], given: _Given) -> RequestProblem:
        """Blames the first option that leaves nothing, and names what fits all others, or at least those before it."""
        if not self._fitting(modes, {}):
            return UnfitInputs(InputProblem.NOT_MADE)
        before: dict[str, tuple[str, ...]] = {}
        for option, values in given.items():
            if not self._fitting(modes, before | {option: values}):
                others = {name: other for name, other in given.items() if name != option}
                instead = self._fitting(modes, others) or self._fitting(modes, before)
                allowed = dict.fromkeys(value for row in instead for value in _OPTIONS[option](row))
                culprit = next((value for value in values if not _among(value, allowed)), values[0])
                return NotOffered(option, culprit, tuple(allowed))
            before[option] = values
        raise AssertionError(given)


def _all_rows() -> list[_Row]:
    return [
        _Row(mode, model, size)
        for model in MODELS.values()
        for size in model.sizes
        for mode in model.modes
        if size.modes is None or mode in size.modes
    ]


def _given(draft: Draft) -> _Given:
    camera = tuple(dict.fromkeys(move_of(name) or name for name in draft.camera))
    options = {
        "camera": camera,
        "ratio": draft.ratio and draft.ratio.replace("：", ":"),  # noqa: RUF001 - as Chinese keyboards type it
        "model": draft.model,
        "resolution": draft.resolution,
        "duration": None if draft.duration is None else str(draft.duration),
        "enhance": None if draft.enhance is None else str(draft.enhance).lower(),
    }
    given = {name: (value,) if isinstance(value, str) else value for name, value in options.items()}
    return {name: values for name, values in given.items() if values}


def _folded(value: str) -> str:
    # People type 1080p for 1080P.
    return value.strip().casefold()


def _among(value: str, allowed: Collection[str]) -> bool:
    return _folded(value) in map(_folded, allowed)


def _check_prompt(prompt: str, moves: Sequence[str], row: _Row) -> None:
    limit = row.model.prompt_limit - len(with_camera("", moves)) - bool(moves)
    if not prompt.strip() and (row.mode is Mode.TEXT or row.model.needs_words):
        raise InvalidPrompt(PromptProblem.EMPTY, length=len(prompt), limit=limit)
    if len(prompt) > limit:
        raise InvalidPrompt(PromptProblem.TOO_LONG, length=len(prompt), limit=limit)


def _inputs_for(row: _Row, inputs: Sequence[MediaSource]) -> tuple[MediaSource, ...]:
    if row.model.api is Api.V2:
        check_sizes(inputs)
    if row.mode is not Mode.REFERENCE:
        return tuple(inputs)
    roles = as_references([source.role for source in inputs])
    return tuple(replace(source, role=role) for source, role in zip(inputs, roles, strict=True))


def _check_enabled(enabled: Collection[str], rows: Collection[_Row]) -> None:
    priced = {row.model.name for row in rows}
    for name in enabled:
        if name not in MODELS:
            raise ValueError(f"ENABLED_MODELS names {name}, which is not a model; there are {', '.join(MODELS)}.")
        if name not in priced:
            raise ValueError(
                f"ENABLED_MODELS names {name}, which has no known price, so no limit could count it: "
                "give it one in MINIMAX_PRICES."
            )


def _check_default(setting: str, value: str, offered: Collection[str]) -> None:
    if value not in offered:
        allowed = ", ".join(dict.fromkeys(offered)) or "nothing: no model of ENABLED_MODELS makes videos from text"
        raise ValueError(f"{setting} is {value}, but what can be made from text here is {allowed}.")
