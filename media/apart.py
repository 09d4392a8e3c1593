"""Looks into people's files in a process of its own; knows how such a process is started, bounded and ended.

A thread would not do: a decoder that holds the interpreter's lock stops every acknowledgement (docs/decisions, 10).
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from jobs.errors import BadInput, Reason, Transient

from .orders import EX_IOERR, Answer, Order

log = structlog.get_logger(__name__)

PATIENCE: Final = 45.0
"""Seconds one file may take."""

_ROOT: Final = Path(__file__).resolve().parents[1]
_COMMAND: Final = (sys.executable, "-m", "media.worker")

_MACHINE: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
"""The variables of the machine that a Python needs to start; the others may hold secrets and stay here."""

_LAST_WORDS: Final = 2000  # characters of what a broken process wrote, for the log


async def look_into(order: Order, *, patience: float = PATIENCE, command: Sequence[str] = _COMMAND) -> Answer:
    """Has one file judged and fitted.

    Args:
        order: What is to be done.
        patience: Seconds it may take.
        command: What does it; the worker by default.

    Raises:
        BadInput: It is refused, or whoever looks into it does not survive.
        Transient: This machine cannot start a process now, or has no room for what it makes.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=_ROOT, env=_environment(), **_own_group()
        )
    except OSError as error:
        raise Transient(f"no process to look into a file: {error.strerror or error}") from error
    try:
        async with asyncio.timeout(patience):
            told, complaint = await process.communicate(order.to_json().encode())
    except TimeoutError as error:
        raise BadInput(Reason.INPUT_UNREADABLE, f"not done after {patience:g} s") from error
    finally:
        await _end(process)
    answer = _read(process, told, complaint)
    if answer.reason is not None:
        raise BadInput(answer.reason, answer.detail)
    return answer


def _read(process: Process, told: bytes, complaint: bytes) -> Answer:
    if process.returncode == 0:
        try:
            return Answer.from_json(told)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(Reason.INPUT_UNREADABLE, f"the process talks nonsense: {error}") from error
    last_words = complaint.decode(errors="replace")[-_LAST_WORDS:]
    if process.returncode == EX_IOERR:
        raise Transient(f"the fitted file cannot be written: {last_words.strip()}")
    # A bug of ours looks like this, too: the log has its trace, and the person's job ends unpaid with a reason.
    log.error("looking into a file broke", code=process.returncode, last_words=last_words)
    raise BadInput(Reason.INPUT_UNREADABLE, f"the process ended with {process.returncode}")


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _MACHINE if name in os.environ}


def _own_group() -> dict[str, Any]:
    """Ctrl-C in a terminal goes to everybody in the foreground, and is meant for the bot alone."""
    return {} if sys.platform == "win32" else {"start_new_session": True}
