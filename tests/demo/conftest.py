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

from demo.simulator.files import INPUT
from demo.simulator.films import Film, FilmOrder
from demo.simulator.orders import Order
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

    async def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Any call of V2, which answers with real HTTP statuses: that and the JSON."""
        content = None if body is None else BytesIO(json.dumps(body).encode())
        async with self.http.request(method, self.url + path, data=content, headers=self.headers) as response:
            return response.status, await response.json()

    async def create_v2(self, *items: Any, prompt: str = "a fox", **fields: Any) -> tuple[int, Any]:
        ratio = {} if items else {"ratio": "16:9"}
        content = [{"type": "text", "text": prompt}, *items]
        body = {"model": "MiniMax-H3", "content": content, "resolution": "768P", "duration": 5, **ratio, **fields}
        return await self.call("POST", "/v2/video_generation", body)

    async def task_v2(self, *items: Any, **fields: Any) -> str:
        """The id of a V2 task that was taken."""
        status, answer = await self.create_v2(*items, **fields)
        assert status == 200
        return answer["task_id"]

    async def query_v2(self, task_id: str) -> Any:
        status, answer = await self.call("GET", f"/v2/query/video_generation/{task_id}")
        assert status == 200
        return answer["task"]

    async def list_v2(self, query: str = "") -> Any:
        status, answer = await self.call("GET", f"/v2/query/video_generation?{query}")
        assert status == 200
        return answer

    async def delete_v2(self, task_id: str) -> tuple[int, Any]:
        return await self.call("DELETE", f"/v2/video_generation/{task_id}")

    async def upload(self, content: bytes, filename: str, purpose: str | None = INPUT) -> tuple[int, Any]:
        form = aiohttp.FormData()
        if purpose is not None:
            form.add_field("purpose", purpose)
        form.add_field("file", BytesIO(content), filename=filename, content_type="application/octet-stream")
        headers = {"Authorization": f"Bearer {self.key}"}
        async with self.http.post(f"{self.url}/v1/files/upload", data=form, headers=headers) as response:
            return response.status, await response.json()

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
