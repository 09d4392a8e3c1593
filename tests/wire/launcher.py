"""Runs a program of ours against the fake Discord: sets discord.py's three addresses, then becomes the program.

Started as a script by ``process.py``. The program knows nothing of it: everything comes through environment variables.
Two more of them are for tests alone: ``FAKE_DISCORD_HASTE`` and ``FAKE_DISCORD_LEAP``.
"""

import os
import runpy
import signal
import sys
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

ROOT = Path(__file__).resolve().parents[2]

# Seconds that stand in for the product's minutes. A card's grace stays above the 3 s an acknowledgement may take.
HASTY = {
    "jobs.admission": {"RECHECK": 0.1, "OPERATOR_PAUSE": 1.0, "PROBE": 3.0},
    "jobs.cards": {"GAP": 0.2},
    "jobs.making": {"CARD_GRACE": 3.5},
}
HASTY_POLLS = 0.2
HASTY_POLLS_IF_PUSHED = 2.0
HASTY_BACKOFF = 0.05  # of the product's own


def main() -> None:
    """Point discord.py at the fake and run ``FAKE_DISCORD_PROGRAM`` with this process's arguments."""
    program = str(ROOT / os.environ.pop("FAKE_DISCORD_PROGRAM"))
    # Python put this folder here; "python bot.py" would have put the program's own.
    sys.path[0] = str(ROOT)

    Route.BASE = os.environ.pop("FAKE_DISCORD_API")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ.pop("FAKE_DISCORD_GATEWAY"))
    cdn = os.environ.pop("FAKE_DISCORD_CDN")
    setattr(Asset, "BASE", cdn)  # noqa: B010 - typed as the one real address
    setattr(import_module("media.cdn"), "ORIGINS", frozenset({str(yarl.URL(cdn).origin())}))  # noqa: B010 - a constant
    if os.environ.pop("FAKE_DISCORD_HASTE", ""):
        hurry()
    if leap := os.environ.pop("FAKE_DISCORD_LEAP", ""):
        leap_on_signal(float(leap))
    sys.argv[0] = program
    runpy.run_path(program, run_name="__main__")


def hurry() -> None:
    """Shorten the engine's own waits, none of which is a setting, before anything of it is imported."""
    polling = import_module("jobs.polling")
    backoff = polling.backoff

    def soon(*args: Any, **options: Any) -> float:
        return backoff(*args, **options) * HASTY_BACKOFF

    rules = partial(polling.PollRules, first=HASTY_POLLS, apart=HASTY_POLLS, pushed_apart=HASTY_POLLS_IF_PUSHED)
    hasty = {"backoff": soon, "PollRules": rules}
    for name, value in hasty.items():
        setattr(polling, name, value)
    for path, constants in HASTY.items():
        module = import_module(path)
        if missing := constants.keys() - vars(module).keys():
            raise AttributeError(f"{path} has no {sorted(missing)} to shorten")
        for name, seconds in constants.items():
            setattr(module, name, seconds)


def leap_on_signal(seconds: float) -> None:
    """Let the wall clock jump on SIGUSR1, and be right again on SIGUSR2.

    Args:
        seconds: Forward; backward where negative.
    """
    true_time = time.time
    leapt = 0.0

    def leap(number: int, _: object) -> None:
        nonlocal leapt
        leapt = seconds if number == signal.SIGUSR1 else 0.0

    signal.signal(signal.SIGUSR1, leap)
    signal.signal(signal.SIGUSR2, leap)
    setattr(time, "time", lambda: true_time() + leapt)  # noqa: B010 - the library's own type is of no use here


if __name__ == "__main__":
    main()
