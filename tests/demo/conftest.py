"""A simulator on loopback with a clock that only moves when told, and a client such as any customer has."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from demo.simulator.films import Film, FilmOrder
from demo.simulator.rules import Order
from demo.simulator.server import running
from demo.simulator.service import Simulator
from demo.simulator.tasks import Stages

KEY = "customer-key"
OTHER_KEY = "neighbour-key"
STAGES = Stages(preparing=10, queueing=20, processing=70)
FILM = bytes(range(256)) * 1000


@dataclass
class ManualClock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Customer:
    """What a customer of the service has: a URL, a key and an HTTP client."""

    url: str
    http: aiohttp.ClientSession
    key: str = KEY

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    async def post(self, path: str, body: Any) -> Any:
        # From a stream: aiohttp warns about bodies of many megabytes in one piece.
        content = BytesIO(json.dumps(body).encode())
        async with self.http.post(self.url + path, data=content, headers=self.headers) as response:
            assert response.status == 200
            return await response.json()

    async def get(self, path: str, **query: Any) -> Any:
        async with self.http.get(self.url + path, params=query, headers=self.headers) as response:
            assert response.status == 200
            return await response.json()

    async def create(self, **fields: Any) -> Any:
        return await self.post("/v1/video_generation", {"model": "MiniMax-Hailuo-02", "prompt": "a fox", **fields})

    async def query(self, task_id: str) -> Any:
        return await self.get("/v1/query/video_generation", task_id=task_id)

    async def retrieve(self, file_id: str | int) -> Any:
        return await self.get("/v1/files/retrieve", file_id=file_id)

    async def finished_link(self, simulator: Simulator, **fields: Any) -> str:
        """Create, let the time pass, and ask for the link."""
        task_id = (await self.create(**fields))["task_id"]
        simulator.advance(STAGES.total)
        file_id = (await self.query(task_id))["file_id"]
        return (await self.retrieve(file_id))["file"]["download_url"]


def bare_film(_: FilmOrder) -> Film:
    return Film(FILM)


def hundred_seconds(_: Order, __: Random) -> Stages:
    return STAGES


MakeSimulator = Callable[..., Simulator]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make_simulator(clock: ManualClock) -> MakeSimulator:
    def make(**options: Any) -> Simulator:
        defaults: dict[str, Any] = {
            "keys": {"customer": SecretStr(KEY), "neighbour": SecretStr(OTHER_KEY)},
            "plan": hundred_seconds,
            "film_maker": bare_film,
            "clock": clock,
            "seed": 7,
        }
        return Simulator(**{**defaults, **options})

    return make


@pytest.fixture
def simulator(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator()


@pytest.fixture
async def url(simulator: Simulator) -> AsyncIterator[str]:
    async with running(simulator) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def customer(url: str, http: aiohttp.ClientSession) -> Customer:
    return Customer(url, http)
