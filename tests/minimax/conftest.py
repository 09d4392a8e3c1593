"""What the tests of the provider share: a key that opens nothing, and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from jobs.model import VideoRequest
from minimax.client import MiniMaxClient
from minimax.session import Sessions, Timeouts, open_sessions

KEY = "fake-key-of-the-tests"
QUICK = Timeouts(connect=0.3, create_read=0.3, create_total=0.6, ask_read=0.3, ask_total=0.6, download_read=0.3)


@dataclass
class StoppedClock:
    """A clock that shows what it is told."""

    at: float = 1_000_000.0

    def now(self) -> float:
        return self.at


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
async def sessions() -> AsyncGenerator[Sessions]:
    async with open_sessions(timeouts=QUICK) as opened:
        yield opened


ClientFor = Callable[[str], MiniMaxClient]


@pytest.fixture
def client_for(sessions: Sessions, clock: StoppedClock) -> ClientFor:
    """Makes the client for a base URL."""

    def make(base_url: str) -> MiniMaxClient:
        return MiniMaxClient(sessions, base_url=base_url, api_key=SecretStr(KEY), clock=clock)

    return make


@pytest.fixture
def wish() -> VideoRequest:
    """An ordinary wish."""
    return VideoRequest(prompt="a cat on a beach", model="MiniMax-Hailuo-02", resolution="768P", duration=6)
