"""The surroundings of a check, on loopback, and the settings of an operator whom it finds in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from demo.simulator.server import running
from demo.simulator.service import Simulator
from tests.checkup.surroundings import KEY, TOKEN, FakeDiscord


@pytest.fixture
async def discord_api() -> AsyncIterator[FakeDiscord]:
    fake = FakeDiscord()
    app = web.Application()
    app.router.add_get("/api/v10/users/@me", fake.answer)
    app.router.add_get("/api/v10/applications/@me", fake.answer)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("/api/v10"))
        yield fake


@pytest.fixture
def simulator() -> Simulator:
    return Simulator(keys={"check": SecretStr(KEY)})


@pytest.fixture
async def minimax_url(simulator: Simulator) -> AsyncIterator[str]:
    async with running(simulator) as url:
        yield url


@pytest.fixture
def values(tmp_path: Path, minimax_url: str) -> dict[str, Any]:
    """The settings of an operator who has done everything right."""
    return {
        "discord_token": TOKEN,
        "minimax_api_key": KEY,
        "minimax_base_url": minimax_url,
        "data_dir": tmp_path / "data",
        "total_spend_per_month": "100",
    }
