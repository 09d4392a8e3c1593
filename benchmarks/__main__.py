"""`python -m benchmarks [NAME…] [--quick]`: runs benchmarks, prints a table of each, writes all into one JSON file.

Never judges a figure: it fails only where something went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

from benchmarks import acknowledgement, claim, cpu, delivery, first_claim, fitting, rendering, transfers
from benchmarks.results import Result, Unmeasurable

RESULTS: Final = Path(__file__).parent / "results" / "latest.json"
LIMIT: Final = 600.0
"""Seconds after which a benchmark is given up."""


class Run(Protocol):
    """Measures."""

    def __call__(self, *, quick: bool) -> Awaitable[Result]:
        """Takes its measure, in little time if `quick`."""
        ...


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A row of the table.

    Attributes:
        title: What is measured.
        run: Measures it.
    """

    title: str
    run: Run


BENCHMARKS: Final[Mapping[str, Benchmark]] = MappingProxyType(
    {
        "delivery": Benchmark("From the provider's success to the post", delivery.run),
        "transfers": Benchmark("Memory while large videos pass through", transfers.run),
        "acknowledgement": Benchmark("From the command to its answer, in a burst", acknowledgement.run),
        "cpu": Benchmark("Processor time for a video", cpu.run),
        "rendering": Benchmark("Memory while many videos are in the making", rendering.run),
        "first-claim": Benchmark("From the start to the first job taken up, with many waiting", first_claim.run),
        "fitting": Benchmark("A large film brought to what a channel takes", fitting.run),
        "claim": Benchmark("Taking up due jobs, with many that have ended", claim.run),
    }
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line names.

    Returns:
        0, or 1 where a benchmark broke.
    """
    options = _parser().parse_args(arguments)
    results: dict[str, Any] = {}
    broken: list[str] = []
    for name in options.names or BENCHMARKS:
        benchmark = BENCHMARKS[name]
        print(f"{name}: {benchmark.title}", flush=True)
        try:
            result = asyncio.run(_limited(benchmark.run, quick=options.quick))
        except Unmeasurable as reason:
            print(f"  not measured here: {reason}\n")
        except Exception:  # noqa: BLE001 - told and counted; the others are still worth running
            traceback.print_exc()
            broken.append(name)
        else:
            print(*result.lines(), "", sep="\n", flush=True)
            results[name] = {"title": benchmark.title, **result.as_json()}
    _write(results, quick=options.quick)
    if broken:
        print(f"Broken: {', '.join(broken)}.", file=sys.stderr)
    return 1 if broken else 0


async def _limited(run: Run, *, quick: bool) -> Result:
    async with asyncio.timeout(LIMIT):
        return await run(quick=quick)


def _write(results: Mapping[str, Any], *, quick: bool) -> None:
    whole = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "quick": quick,
        "results": results,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(whole, indent=2) + "\n")


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<16}{benchmark.title}" for name, benchmark in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures the bot beside a straightforward one, on loopback. The machine is in every figure: read the ratios.",
        epilog=f"benchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help="which; all if left out")
    parser.add_argument("--quick", action="store_true", help="fewer and smaller: to see that it runs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
