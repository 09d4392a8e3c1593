"""The program that looks into one file and ends: `python -m media.worker`, an order on its input, an answer on its output.

Started by `apart`, and only there: decoders are where hostile files strike, so they have a process without secrets, with
bounded memory and time, whose end costs nothing.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO, Final

from jobs.errors import BadInput, Reason
from jobs.request import Note, Role

from .orders import EX_IOERR, Answer, Fitted, Order

MOST_MEMORY: Final = 1536 * 1024**2
"""Bytes of address space; what needs more is refused as too large."""

MOST_SECONDS: Final = 30
"""Seconds of processor time."""

NICENESS: Final = 10
"""So that answering people comes first where processors are few."""

_CLIPS: Final = frozenset({Role.REFERENCE_VIDEO, Role.REFERENCE_AUDIO})


def main() -> None:
    """Reads the order, does it, prints the answer."""
    order = Order.from_json(sys.stdin.read())
    _bind()
    try:
        answer = carry_out(order)
    except OSError as error:
        sys.exit(_cannot_write(error))
    print(answer.to_json())  # noqa: T201 - the output is the answer


def carry_out(order: Order) -> Answer:
    """Does one order.

    Args:
        order: What to do; its target is written where the file is taken.

    Raises:
        OSError: The disk is full, or otherwise unwilling: no fault of the file.
    """
    try:
        with order.source.open("rb") as file:
            fitted = _fit(file, order)
    except BadInput as error:
        return Answer(reason=error.reason, detail=error.detail)
    except MemoryError:
        return Answer(reason=Reason.INPUT_TOO_LARGE, detail="it takes too much memory")
    order.target.write_bytes(fitted.data)
    return Answer(media_type=fitted.media_type, notes=fitted.notes)


def _cannot_write(error: OSError) -> int:
    print(error.strerror or error, file=sys.stderr)  # noqa: T201 - for the log of whoever started this
    return EX_IOERR


def _fit(file: BinaryIO, order: Order) -> Fitted:
    # Heavy, and a file needs only one of them.
    if order.role in _CLIPS:
        from .clips import copy_clip  # noqa: PLC0415

        return copy_clip(file, order.rules, moving=order.role is Role.REFERENCE_VIDEO)
    from .pictures import allow_large_pictures, fit_picture  # noqa: PLC0415

    allow_large_pictures()
    if not order.last_frame:
        return fit_picture(file, order.rules)
    from .lastframe import last_frame  # noqa: PLC0415

    fitted = fit_picture(last_frame(file), order.rules)
    return replace(fitted, notes=(Note.LAST_FRAME_TAKEN, *fitted.notes))


def _bind() -> None:
    """Takes from this process what it does not need."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - there is none on Windows

    os.nice(NICENESS)
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # already lower, or not to be had on this system
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    main()
