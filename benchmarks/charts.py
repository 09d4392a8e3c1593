"""`python -m benchmarks.charts`: draws what the last run of the benchmarks found, and how the poll plan works, as SVG.

Each chart has one row a figure and two bars a row; bars of one row share a scale, rows do not: what counts is the ratio.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from random import Random
from typing import Any, Final

from benchmarks.__main__ import RESULTS
from benchmarks.results import amount
from jobs.polling import PollRules, learn, next_ask

IMAGES: Final = Path(__file__).parents[1] / "docs" / "images"

_WIDTH: Final = 860
_NAMES: Final = 330
_BARS: Final = 330
_ROW: Final = 46
_TOP: Final = 66
_OURS: Final = "#5b8def"
_OTHER: Final = "#b9bec8"
_INK: Final = "#22262e"
_QUIET: Final = "#6b7280"
_STYLE: Final = "font-family='system-ui,Segoe UI,Noto Sans,sans-serif'"


def main() -> None:
    """Draws all charts."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    results: Mapping[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8"))["results"]
    for name, result in results.items():
        (IMAGES / f"bench-{name}.svg").write_text(bars(result), encoding="utf-8")
    (IMAGES / "poll-plan.svg").write_text(poll_plan(), encoding="utf-8")


def bars(result: Mapping[str, Any]) -> str:
    """One benchmark's figures, ours beside what they are held against.

    Args:
        result: As `Result.as_json` gives it, with its `title`.
    """
    figures: Sequence[Mapping[str, Any]] = result["figures"]
    rows = (line for row, figure in enumerate(figures) for line in _row(figure, _TOP + row * _ROW))
    conditions = [
        _text(16, _TOP + len(figures) * _ROW + 18 + 17 * number, line, size=12, ink=_QUIET)
        for number, line in enumerate(result["conditions"])
    ]
    legend = (
        _text(16, 28, result["title"], size=17, weight=600),
        _box(16, 41, 11, 11, _OURS),
        _text(33, 51, "this bot", size=13, ink=_QUIET),
        _box(110, 41, 11, 11, _OTHER),
        _text(127, 51, result["against"], size=13, ink=_QUIET),
    )
    height = _TOP + len(figures) * _ROW + 20 + 17 * len(conditions)
    return _drawing(height, (*legend, *rows, *conditions))


def _row(figure: Mapping[str, Any], top: int) -> Iterator[str]:
    most = max(figure["ours"], figure["other"] or 0.0) or 1.0
    yield _text(_NAMES - 12, top + 24, figure["name"], size=13, anchor="end")
    for offset, value, colour in ((8, figure["ours"], _OURS), (23, figure["other"], _OTHER)):
        if value is None:
            continue
        length = max(_BARS * value / most, 1.5)
        yield _box(_NAMES, top + offset, length, 12, colour)
        yield _text(_NAMES + length + 6, top + offset + 10, amount(value, figure["unit"]), size=11, ink=_QUIET)
    if figure["ratio"] is not None:
        yield _text(_WIDTH - 16, top + 25, f"{figure['ratio']:.2f} : 1", size=14, weight=600, anchor="end")


def poll_plan() -> str:
    """When a task is asked about: before anything is learned, and after forty such videos."""
    random, rules = Random(7), PollRules()  # noqa: S311 - the picture is the same each time
    ends = sorted(random.gauss(120, 14) for _ in range(40))
    seen = [(rules.apart * (end // rules.apart), rules.apart * (end // rules.apart + 1)) for end in ends]
    plan = learn(seen, rules)
    lanes = (
        ("how long 40 such videos took", ends, _OTHER),
        ("asked before anything is learned", _asks(rules, None), _QUIET),
        ("asked once it is", _asks(rules, plan), _OURS),
    )
    lines = [_text(16, 28, "When the provider is asked about a video", size=17, weight=600)]
    for number, (name, moments, colour) in enumerate(lanes):
        middle = 74 + number * 52
        lines.append(_text(16, middle + 4, name, size=13))
        lines.append(_box(250, middle, 580, 1, "#d8dbe0"))
        lines += [_box(250 + 580 * at / 180 - 1, middle - 11, 2.4, 22, colour) for at in moments if at <= 180]
    lines += [
        _text(250 + 580 * at / 180, 232, f"{at} s", size=11, ink=_QUIET, anchor="middle") for at in range(0, 181, 30)
    ]
    why = (
        "One early question, for refusals come early; none before the earliest plausible end; densest where the end is likeliest,",
        "with pauses that go as one over the root of the chance that a video still unfinished is finished just then.",
    )
    lines += [_text(16, 262 + 17 * number, line, size=12, ink=_QUIET) for number, line in enumerate(why)]
    return _drawing(296, lines)


def _asks(rules: PollRules, plan: Any) -> list[float]:
    age, moments = 0.0, list[float]()
    while age < 180:
        age += next_ask(age, rules, plan)
        moments.append(age)
    return moments


def _drawing(height: int, lines: Sequence[str]) -> str:
    head = f"<svg xmlns='http://www.w3.org/2000/svg' width='{_WIDTH}' height='{height}' viewBox='0 0 {_WIDTH} {height}' {_STYLE}>"
    return "\n".join((head, _box(0, 0, _WIDTH, height, "#ffffff"), *lines, "</svg>", ""))


def _box(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}' rx='1.5' fill='{colour}'/>"


def _text(
    x: float, y: float, words: str, *, size: int, ink: str = _INK, weight: int = 400, anchor: str = "start"
) -> str:
    place = f"x='{x:.1f}' y='{y:.1f}' font-size='{size}' font-weight='{weight}' fill='{ink}' text-anchor='{anchor}'"
    return f"<text {place}>{escape(words)}</text>"


if __name__ == "__main__":
    main()
