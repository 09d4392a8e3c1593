"""How far a video should be: ten blocks and how long such videos usually take. Pure.

It is drawn from time alone, so it says so: an estimate, and once it has run out, that it takes longer than usual.
"""

from __future__ import annotations

from typing import Final

from jobs.ports import Standing
from jobs.standing import TENTHS
from locales import Translate

from .figures import span

_PAST: Final = "▰"
_TO_COME: Final = "▱"

_STEPS: Final = ((60.0, 5), (600.0, 10))
"""Up to how many seconds an estimate is rounded to how many; beyond, to minutes."""


def bar(tenths: int) -> str:
    """Ten blocks, as many of them filled as tenths of the usual time have passed."""
    return _PAST * tenths + _TO_COME * (TENTHS - tenths)


def about(seconds: float, t: Translate) -> str:
    """A length of time as exact as an estimate deserves."""
    step = next((step for up_to, step in _STEPS if seconds < up_to), 60)
    return span(max(step, round(seconds / step) * step), t)


def runs_late(standing: Standing) -> bool:
    """Whether the usual time is over, so that no expected moment can be named any more."""
    return standing.tenths is not None and standing.tenths >= TENTHS


def estimate(standing: Standing, t: Translate) -> str | None:
    """The bar and what it is drawn from; None where nobody can say.

    Args:
        standing: How far the job should be.
        t: The reader's language.
    """
    if standing.tenths is None or standing.usual is None:
        return None
    usual = about(standing.usual, t)
    words = t("card.longer", span=usual) if runs_late(standing) else t("card.usually", span=usual)
    return f"{bar(standing.tenths)} {words}"
