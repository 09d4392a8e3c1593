"""A world whose doors are open: the real application on a loopback socket, over the real store, service and engine."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from jobs.model import Job
from jobs.tools import Rules
from tests.jobs.world import World, a_world
from web.app import CALLBACK_PATH, create_app
from web.health import Health
from web.server import serving

PUBLIC = "https://videos.example.com"
WELL = Health(engine=True, database=True, gateway=True)
READ_WITHIN = 0.2


@dataclass
class Door:
    """The world, and what anybody may send to it."""

    world: World
    session: aiohttp.ClientSession
    url: str = ""
    health: Health = WELL

    async def push(self, to: Job | str, body: object, **options: Any) -> tuple[int, Any]:
        """Posts to a job's address, or to the address with this key: bytes as they are, anything else as JSON.

        Returns:
            The status, and the answer read as JSON.
        """
        key = to if isinstance(to, str) else to.callback_key
        data = json.dumps(body).encode() if isinstance(body, dict | list | str | int) else body
        async with self.session.post(f"{self.url}{CALLBACK_PATH}/{key}", data=data, **options) as response:
            return response.status, await response.json()

    async def tell(self, job: Job, status: str) -> None:
        """The provider pushes news of the job's task."""
        assert job.task is not None
        answer = await self.push(job, {"task_id": job.task.task_id, "status": status})
        assert answer == (200, {"status": "success"})

    async def ask(self, method: str, path: str) -> tuple[int, Any]:
        """Asks for a page."""
        async with self.session.request(method, f"{self.url}{path}") as response:
            return response.status, await response.json()


@pytest.fixture
async def door(quick_path: Path) -> AsyncGenerator[Door]:
    rules = Rules(callback_base=PUBLIC + CALLBACK_PATH)
    async with a_world(quick_path, rules=rules) as world, aiohttp.ClientSession() as session:
        opened = Door(world, session)

        async def health() -> Health:
            return opened.health

        app = create_app(world.service, health, read_within=READ_WITHIN)
        async with serving(app, host="127.0.0.1", port=0) as port:
            opened.url = f"http://127.0.0.1:{port}"
            yield opened


@pytest.fixture
def world(door: Door) -> World:
    return door.world
