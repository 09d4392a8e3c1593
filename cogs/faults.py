"""What Discord's refusals and the wire's faults mean for a message: one table, from raw codes to our own errors.

Knows discord.py and aiohttp on one side, `jobs.errors` on the other.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import aiohttp
import aiohttp_socks
import discord

from jobs.errors import DeliveryDelayed, DeliveryError, TooLarge, Undeliverable, told

WIRE_FAULTS: Final[tuple[type[Exception], ...]] = (
    aiohttp.ClientError,
    OSError,  # includes TimeoutError
    aiohttp_socks.ProxyError,
    aiohttp_socks.ProxyConnectionError,
    aiohttp_socks.ProxyTimeoutError,
)
"""What comes through discord.py unchanged when the wire fails; it retries 5xx itself, but no reset."""

ANSWER_FAULTS: Final[tuple[type[Exception], ...]] = (discord.HTTPException, discord.RateLimited, *WIRE_FAULTS)
"""Everything that can go wrong when an interaction is answered."""

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008

BY_CODE: Final[dict[int, type[DeliveryError]]] = {
    40005: TooLarge,
    50045: TooLarge,
    UNKNOWN_CHANNEL: Undeliverable,
    UNKNOWN_MESSAGE: Undeliverable,
    10013: Undeliverable,  # the user is gone
    10015: Undeliverable,  # an interaction that was never answered, or whose token has ended
    40058: Undeliverable,  # a forum takes posts, not messages
    50001: Undeliverable,  # no access
    50007: Undeliverable,  # the user takes no direct messages
    50008: Undeliverable,  # a channel that holds no messages
    50013: Undeliverable,  # a permission is missing
    50027: Undeliverable,  # an interaction's token that has ended: our own, when it is wrong, has code 0
    50083: Undeliverable,  # an archived thread
    50278: Undeliverable,  # no server in common
    160005: Undeliverable,  # a locked thread
    200000: Undeliverable,  # AutoMod
    240000: Undeliverable,  # the link filter
    400001: Undeliverable,  # this server takes no uploads
    20028: DeliveryDelayed,  # the channel's write limit
    20029: DeliveryDelayed,  # the server's write limit
    30046: DeliveryDelayed,  # too many edits of an old message
}
"""Discord's error codes that decide (Discord docs, Opcodes and Status Codes)."""

BY_STATUS: Final[dict[int, type[DeliveryError]]] = {
    400: Undeliverable,  # the same body will be refused again
    401: DeliveryDelayed,  # an operator has to renew the token; the video must not be lost meanwhile
    403: Undeliverable,
    404: Undeliverable,
    408: DeliveryDelayed,
    413: TooLarge,
    429: DeliveryDelayed,
}
"""Where the code does not decide; every other status is a passing fault."""


def classify(error: discord.HTTPException) -> DeliveryError:
    """Our error for one of Discord's answers."""
    kind = BY_CODE.get(error.code) or BY_STATUS.get(error.status, DeliveryDelayed)
    return kind(f"Discord answered {error.status} ({error.code}): {error.text}", status=error.status, code=error.code)


@contextmanager
def delivery() -> Generator[None]:
    """Turns every fault of the calls within into one of ours.

    Raises:
        DeliveryDelayed: Try again later; the message may have arrived all the same.
        TooLarge: The place takes smaller files only.
        Undeliverable: The place is gone or closed to us.
    """
    try:
        yield
    except discord.HTTPException as error:
        raise classify(error) from error
    except discord.RateLimited as error:
        raise DeliveryDelayed(str(error), status=429, retry_after=error.retry_after) from error
    except WIRE_FAULTS as error:
        raise DeliveryDelayed(told(error)) from error
