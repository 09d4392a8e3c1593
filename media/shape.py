"""How a picture is laid out to meet a model's rules: pure arithmetic, knows neither pixels nor files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from jobs.errors import BadInput, Reason
from jobs.ports import InputRules

LEAST_FILL: Final = 0.5
"""The part of the padded picture that the person's own must fill: a sliver between two bars makes no video."""

MOST_ENLARGED: Final = 2.0
"""How many times a small picture is enlarged at most: beyond it only blur would be paid for."""

_NO_RATIO: Final = (0.0, math.inf)


@dataclass(frozen=True, slots=True)
class Size:
    """Pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Of the whole area."""
        return self.width * self.height

    @property
    def turned(self) -> Size:
        """The same on its side."""
        return Size(self.height, self.width)


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture within its canvas, centred.

    Args:
        canvas: What goes to the provider.
        picture: The person's picture in it; smaller than the canvas in one direction where it is padded.
        scale: Its sides as a multiple of what they were.
    """

    canvas: Size
    picture: Size
    scale: float

    @property
    def padded(self) -> bool:
        """Whether the canvas shows more than the picture."""
        return self.canvas != self.picture


def lay_out(size: Size, rules: InputRules, *, largest: int) -> Layout:
    """Fits a picture to the rules, changing as little as possible.

    Args:
        size: The picture, upright.
        rules: Sides and ratio count here.
        largest: The longest side worth sending, in pixels; what the rules demand wins over it.

    Raises:
        BadInput: So narrow that padding would show more bar than picture, or so small that enlarging would show
            nothing but blur.
    """
    lowest, highest = _ratios(rules)
    ratio = size.width / size.height
    width = max(float(size.width), size.height * lowest)
    height = max(float(size.height), size.width / highest)
    if size.pixels < LEAST_FILL * width * height:
        raise BadInput(Reason.INPUT_WRONG_SHAPE, f"{_name(size)}: {ratio:.3f} is not {lowest:.3f} to {highest:.3f}")
    least = (rules.min_side or 1) / min(width, height)
    if least > MOST_ENLARGED:
        raise BadInput(Reason.INPUT_TOO_SMALL, f"{_name(size)}: the short side must have {rules.min_side}")
    most = min(1.0, largest / max(width, height), (rules.max_side or math.inf) / max(width, height))
    scale = max(least, most)
    canvas = _whole(width * scale, height * scale, rules)
    if canvas is None:
        raise BadInput(Reason.INPUT_WRONG_SHAPE, f"{_name(size)}: no size near it keeps every rule")
    if (width, height) == (size.width, size.height):
        return Layout(canvas=canvas, picture=canvas, scale=scale)
    picture = Size(
        min(canvas.width, max(1, round(size.width * scale))), min(canvas.height, max(1, round(size.height * scale)))
    )
    return Layout(canvas=canvas, picture=picture, scale=scale)


def keeps(size: Size, rules: InputRules) -> bool:
    """Whether a picture of this size is what the rules ask for."""
    lowest, highest = rules.min_ratio or _NO_RATIO[0], rules.max_ratio or _NO_RATIO[1]
    return (
        min(size.width, size.height) >= (rules.min_side or 1)
        and max(size.width, size.height) <= (rules.max_side or math.inf)
        and lowest <= size.width / size.height <= highest
    )


def _ratios(rules: InputRules) -> tuple[float, float]:
    """The ratios that are possible: limits on both sides limit the ratio too."""
    lowest, highest = rules.min_ratio or _NO_RATIO[0], rules.max_ratio or _NO_RATIO[1]
    if rules.min_side and rules.max_side:
        lowest = max(lowest, rules.min_side / rules.max_side)
        highest = min(highest, rules.max_side / rules.min_side)
    return lowest, highest


def _whole(width: float, height: float, rules: InputRules) -> Size | None:
    """The whole pixels nearest to a size that keep the rules, which rounding alone may break."""
    near = [Size(across, down) for across in _around(width) for down in _around(height)]
    fitting = [size for size in near if keeps(size, rules)]
    return min(
        fitting, key=lambda size: (abs(size.width - width) + abs(size.height - height), size.pixels), default=None
    )


def _around(length: float) -> range:
    return range(max(1, math.floor(length) - 1), math.ceil(length) + 2)


def _name(size: Size) -> str:
    return f"{size.width} x {size.height} pixels"
