"""What the tests of the provider share: a key that opens nothing, and a clock that stands still."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from jobs.model import Api, VideoRequest
from minimax.client import MiniMaxClient
from minimax.session import Sessions, Timeouts, open_sessions

KEY = "fake-key-of-the-tests"
QUICK = Timeouts(connect=0.8, create_read=0.8, create_total=1.6, ask_read=0.8, ask_total=1.6, download_read=0.8)


@dataclass
class StoppedClock:
    """A clock that shows what it is told."""

    at: float = 1_000_000.0

    def now(self) -> float:
        return self.at


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints on how many combinations catalog, client and simulator were seen to agree."""
    total: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        total.update(dict(report.user_properties).get("agreements", {}))
    if total:
        terminalreporter.write_line(f"catalog, client and simulator agree on {total.total()} combinations:")
        for kind, number in total.most_common():
            terminalreporter.write_line(f"  {number:>6} {kind}")


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


@pytest.fixture
def h3_wish() -> VideoRequest:
    """An ordinary wish to V2."""
    return VideoRequest(prompt="a cat", model="MiniMax-H3", resolution="768P", duration=5, ratio="16:9", api=Api.V2)
