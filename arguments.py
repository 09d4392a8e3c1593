"""What may be typed after `python bot.py`. Part of the command line, beside `bot.py`: knows argparse only."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_LAST_PORT: Final = 65535


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads a command line; `command` of what it returns is the name of the command.

    Args:
        arguments: The command line; the process's own by default.

    Raises:
        SystemExit: It makes no sense, or asked for help; that has been printed.
    """
    parser = argparse.ArgumentParser(
        prog="python bot.py",
        description="A Discord bot that makes videos with MiniMax (Hailuo).",
        epilog="Settings come from the environment and from the file .env; .env.example explains each of them.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    parser.set_defaults(command="run")
    commands.add_parser("run", help="start the bot (the default)")
    _add_demo(
        commands.add_parser(
            "demo",
            help="try everything in a browser, without a token, a key or a network",
            description="Starts a make-believe Discord server with the real bot in it, and a make-believe MiniMax.",
        )
    )
    _add_simulate(
        commands.add_parser(
            "simulate",
            help="start the make-believe MiniMax alone and print its address",
            description="Speaks MiniMax's HTTP API and makes real, playable videos; for developing against, free of charge.",
        )
    )
    commands.add_parser("check", help="say what is misconfigured, free of charge, and print the invite link")
    commands.add_parser("migrate", help="bring the database up to date (a start does this by itself)")
    return parser.parse_args(arguments)


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument(
        "--prompt", metavar="TEXT", help="no browser: type this prompt, show what happens, save the video"
    )
    demo.add_argument(
        "--real", action="store_true", help="use the real MiniMax, with MINIMAX_API_KEY; this costs money"
    )
    demo.add_argument("--port", type=_port, default=0, help="where to serve the page (default: any free port)")
    demo.add_argument("--seconds", type=_seconds, default=4.0, help="how long a make-believe video takes (default: 4)")
    demo.add_argument("--no-browser", action="store_true", help="print the address, but open nothing")
    demo.add_argument("--empty", action="store_true", help="begin without the finished videos")


def _add_simulate(simulate: argparse.ArgumentParser) -> None:
    simulate.add_argument("--port", type=_port, default=0, help="where to listen (default: any free port)")
    simulate.add_argument("--key", default="simulated-key", help="the only API key it takes")
    simulate.add_argument("--seconds", type=_seconds, default=10.0, help="about how long a video takes (default: 10)")
    simulate.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SPEC",
        help="a fault to show, such as query=http:502,times=3; repeatable",
    )
    simulate.add_argument("--seed", type=int, default=None, help="makes its chances repeatable")
    simulate.add_argument(
        "--certificate",
        type=Path,
        default=None,
        metavar="FILE",
        help="speak HTTPS as well, and write the certificate that clients must trust to this file",
    )


def _port(given: str) -> int:
    if not (given.isdecimal() and int(given) <= _LAST_PORT):
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {_LAST_PORT}")
    return int(given)


def _seconds(given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError("must be a number of seconds")
    return number
