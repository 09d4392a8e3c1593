"""Names of jobs. Pure."""

from __future__ import annotations

from random import Random
from typing import Final

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"


def new_job_id(now: float, random: Random) -> str:
    """A job's name: 16 characters, sortable by time, safe in a file name, a custom id and a nonce.

    Args:
        now: Epoch seconds.
        random: The source of its last seven characters (35 bits within a millisecond).
    """
    number = int(now * 1000) << 35 | random.getrandbits(35)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
