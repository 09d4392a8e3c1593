"""What a benchmark's figures look like, and that every benchmark can be asked for."""

from __future__ import annotations

import json

import pytest

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.provider import Plan, prompt, scene_in
from benchmarks.results import Figure, Result, percentile


def test_a_percentile_is_the_smallest_value_that_covers_its_share() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]

    assert [percentile(values, share) for share in (0.2, 0.5, 0.95, 1.0)] == [1.0, 3.0, 5.0, 5.0]


def test_a_result_is_shown_beside_what_it_is_held_against() -> None:
    result = Result(
        figures=(
            Figure(name="median", unit="s", ours=1.5, other=3.0),
            Figure(name="peak memory", unit="MB", ours=1234.5),
        ),
        conditions=("2 videos",),
    )

    assert list(result.lines()) == [
        "  2 videos",
        "                     this bot   straightforward   ratio",
        "  median               1.50 s            3.00 s    0.50",
        "  peak memory        1,234 MB                 -       -",
    ]
    assert json.loads(json.dumps(result.as_json()))["figures"][0]["ratio"] == 0.5


def test_both_bots_wait_equally_long_for_the_same_scene_and_scenes_are_spread() -> None:
    plan = Plan(keys={}, shortest=20, longest=60, film_bytes=0)

    waits = [plan.seconds(prompt(number)) for number in range(40)]
    assert waits == [plan.seconds(prompt(number)) for number in range(40)]
    assert all(20 <= wait < 60 for wait in waits)
    assert 19 <= sum(wait < 40 for wait in waits) <= 21
    assert scene_in(f"<@1> here is “{prompt(17)}”") == 17


def test_the_help_names_every_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["--help"])

    shown = capsys.readouterr().out
    assert ending.value.code == 0
    assert [name for name in BENCHMARKS if name not in shown] == []


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["warp-speed"])

    assert ending.value.code == 2
    assert "warp-speed" in capsys.readouterr().err
