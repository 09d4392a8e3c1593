"""What a benchmark finds, and how that is shown: a plain table, and values that go into JSON. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

_HEADINGS = 16


class Unmeasurable(Exception):
    """This machine has no means of measuring it; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured thing.

    Attributes:
        name: What was measured.
        unit: What `ours` and `other` are counted in.
        ours: The bot's.
        other: What it is held against; None where there is nothing of the kind.
    """

    name: str
    unit: str
    ours: float
    other: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours as a share of the other; below 1 is better than the other."""
        return None if self.other is None or self.other == 0 else self.ours / self.other


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one benchmark found.

    Attributes:
        figures: The measured things.
        conditions: Under what conditions, a sentence each.
        against: What the figures are held against.
    """

    figures: tuple[Figure, ...]
    conditions: tuple[str, ...]
    against: str = "straightforward"

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the ratios worked out."""
        figures = [{**asdict(figure), "ratio": figure.ratio} for figure in self.figures]
        return {"against": self.against, "conditions": list(self.conditions), "figures": figures}

    def lines(self) -> Iterator[str]:
        """The table as people read it."""
        yield from (f"  {condition}" for condition in self.conditions)
        width = max(len(figure.name) for figure in self.figures)
        heading = f"{'this bot':>{_HEADINGS}}{self.against:>{_HEADINGS + 2}}{'ratio':>8}"
        yield f"  {'':<{width}}{heading}"
        for figure in self.figures:
            ours = amount(figure.ours, figure.unit)
            other = "-" if figure.other is None else amount(figure.other, figure.unit)
            ratio = "-" if figure.ratio is None else f"{figure.ratio:.2f}"
            yield f"  {figure.name:<{width}}{ours:>{_HEADINGS}}{other:>{_HEADINGS + 2}}{ratio:>8}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed (nearest rank).

    Args:
        values: At least one.
        share: Above 0, at most 1; 0.5 is the median.
    """
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def amount(value: float, unit: str) -> str:
    """A value as people read it."""
    digits = 0 if value >= 1000 else 1 if value >= 100 else 2
    return f"{value:,.{digits}f} {unit}".strip()
