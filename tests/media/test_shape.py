"""How pictures are laid out: the rules kept, as little changed as possible, the hopeless refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jobs.errors import BadInput, Reason
from media.shape import LEAST_FILL, MOST_ENLARGED, Layout, Size, keeps, lay_out
from tests.media.samples import FRAME

V2 = replace(FRAME, min_side=256, max_side=5760, min_ratio=0.4, max_ratio=2.5)


def layout(width: int, height: int, *, largest: int = 4096) -> Layout:
    return lay_out(Size(width, height), FRAME, largest=largest)


@pytest.mark.parametrize(
    ("size", "canvas", "picture"),
    [
        ((1366, 768), (1366, 768), (1366, 768)),
        ((500, 1000), (500, 1000), (500, 1000)),
        ((400, 1000), (500, 1000), (400, 1000)),
        ((1000, 400), (1000, 500), (1000, 400)),
        ((301, 1201), (601, 1201), (301, 1201)),
        ((151, 301), (301, 600), (301, 600)),
        ((8192, 4096), (4096, 2048), (4096, 2048)),
        ((1000, 9000), None, None),
    ],
)
def test_as_little_is_changed_as_the_rules_allow(
    size: tuple[int, int], canvas: tuple[int, int] | None, picture: tuple[int, int] | None
) -> None:
    if canvas is None or picture is None:
        with pytest.raises(BadInput):
            layout(*size)
        return

    found = layout(*size)

    assert (found.canvas, found.picture) == (Size(*canvas), Size(*picture))


def test_the_bounds_of_what_is_refused_are_those_that_are_stated() -> None:
    assert layout(250, 1000).padded
    with pytest.raises(BadInput) as too_narrow:
        layout(249, 1000)
    assert layout(151, 200).scale <= MOST_ENLARGED
    with pytest.raises(BadInput) as too_small:
        layout(150, 200)

    assert LEAST_FILL == 250 / 500
    assert too_narrow.value.reason is Reason.INPUT_WRONG_SHAPE
    assert too_small.value.reason is Reason.INPUT_TOO_SMALL


def test_limits_on_both_sides_limit_the_ratio_too() -> None:
    rules = replace(FRAME, min_side=300, max_side=450, min_ratio=None, max_ratio=None)

    found = lay_out(Size(2000, 1000), rules, largest=4096)

    assert found.padded
    assert keeps(found.canvas, rules)


@pytest.mark.parametrize("width", range(257, 1280, 7))
@pytest.mark.parametrize("height", [256, 301, 643, 1279])
def test_rounding_never_breaks_a_rule(width: int, height: int) -> None:
    for largest in (4096, 700):
        found = lay_out(Size(width, height), V2, largest=largest)

        assert keeps(found.canvas, V2)
        assert found.picture.width <= found.canvas.width
        assert found.picture.height <= found.canvas.height
