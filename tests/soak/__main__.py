"""The command line of the soak: carries one seed's plan out, prints what became of everything, fails on a broken promise."""

import argparse
import asyncio
import logging
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.soak.plan import Plan, draw_plan
from tests.soak.run import History, Run
from tests.soak.town import open_town
from tests.soak.verdict import Judge, Verdict
from tests.wire.fake_discord import Contract

LINES = 12
"""Of each kind of complaint, at most."""


async def soak(plan: Plan, folder: Path, *, minutes: float) -> tuple[History, Verdict]:
    """Carry a plan out and judge it.

    Args:
        plan: What is to happen.
        folder: An empty folder: the bot's data and log, and what is posted.
        minutes: No new life of the bot begins after that.
    """
    async with open_town(plan, Contract.load(), folder) as town:
        history = await Run(plan, town, tell=_tell).carry_out(seconds=minutes * 60)
        return history, Judge(plan, town, history).judge()


def lines(plan: Plan, history: History, verdict: Verdict) -> list[str]:
    """The report."""
    told = ", ".join(f"{count} {state}" for state, count in verdict.told.most_common())
    figures = [
        ("asked for", len(history.orders), f"typed again where nobody answered: {len(history.vain)}"),
        ("delivered", verdict.delivered, ""),
        ("told", verdict.told.total(), told),
        ("lost", len(verdict.lost), ""),
        ("paid twice", len(verdict.paid_twice), ""),
        ("posted twice", len(verdict.posted_twice), ""),
        ("else amiss", len(verdict.amiss), ""),
    ]
    ends = f"{history.kills} kills ({history.at_points} in the middle of a chosen request, {history.starting} while starting)"
    pushes = "with" if plan.pushes else "without"
    report = [
        f"seed {plan.seed} (plan {plan.digest}, {pushes} pushes): {ends}, {history.stops} stops, {history.seconds:.0f} s"
    ]
    report += [f"  {name:<13}{count:>6}   {more}".rstrip() for name, count, more in figures]
    for complaints in (verdict.lost, verdict.paid_twice, verdict.posted_twice, verdict.amiss):
        report += [f"  ! {one}" for one in complaints[:LINES]]
        if len(complaints) > LINES:
            report.append(f"  ! and {len(complaints) - LINES} more")
    return report


def main() -> int:
    """Run one soak.

    Returns:
        0 if the promise was kept, else 1.
    """
    options = _options()
    plan = draw_plan(options.seed, jobs=options.jobs, kills=options.kills)
    logging.getLogger("aiohttp.server").addFilter(_is_no_broken_line)
    with ExitStack() as stack:
        if options.keep is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        else:
            folder = options.keep
            folder.mkdir(parents=True)
        history, verdict = asyncio.run(soak(plan, folder, minutes=options.minutes))
    if history.kills < options.kills:
        verdict.amiss.append(f"only {history.kills} of {options.kills} kills within {options.minutes:g} minutes")
    print("\n".join(lines(plan, history, verdict)))  # noqa: T201 - a program
    return 0 if verdict.kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same plan (default: 1)")
    parser.add_argument("--jobs", type=int, default=500, help="videos that people ask for (default: 500)")
    parser.add_argument("--kills", type=int, default=100, help="how often the bot is killed (default: 100)")
    parser.add_argument("--minutes", type=float, default=10.0, help="start nothing more after that (default: 10)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the bot's data and log in a new folder")
    return parser.parse_args()


def _is_no_broken_line(record: logging.LogRecord) -> bool:
    """Leave out what the fakes' servers say of connections that a killed bot has broken off."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionError))


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - a program


if __name__ == "__main__":
    sys.exit(main())
