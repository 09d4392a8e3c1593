"""Runs a program of ours against the fake Discord: sets discord.py's three addresses, then becomes the program.

Started as a script by ``process.py``. The program knows nothing of it: everything comes through environment variables.
"""

import os
import runpy
import sys
from pathlib import Path

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Point discord.py at the fake and run ``FAKE_DISCORD_PROGRAM`` with this process's arguments."""
    program = str(ROOT / os.environ.pop("FAKE_DISCORD_PROGRAM"))
    # Python put this folder here; "python bot.py" would have put the program's own.
    sys.path[0] = str(ROOT)

    Route.BASE = os.environ.pop("FAKE_DISCORD_API")
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ.pop("FAKE_DISCORD_GATEWAY"))
    setattr(Asset, "BASE", os.environ.pop("FAKE_DISCORD_CDN"))  # noqa: B010 - typed as the one real address
    sys.argv[0] = program
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
