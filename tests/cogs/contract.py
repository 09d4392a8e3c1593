"""Discord's OpenAPI document, held against what the bot sends to the simulated Discord: every body, answered or refused.

The document and the one place where discord.py is known to differ from it (numbers for ids): `tests.wire.fake_discord`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from simcord.types import HttpLogEntry

from tests.wire.fake_discord.contract import Contract


@cache
def discord_contract() -> Contract:
    """The document with its compiled schemas: read once, for it takes longer than most tests."""
    return Contract.load()


def faults_of(requests: Iterable[HttpLogEntry]) -> list[str]:
    """What Discord's document has against these requests."""
    contract = discord_contract()
    return [fault for one in requests for fault in contract.faults_of(one.method, one.path, one.json)]
