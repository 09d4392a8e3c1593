"""MiniMax's own MCP server, minimax-mcp, makes its videos at the simulator."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from demo.simulator.orders import Order
from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from demo.simulator.tasks import Stages
from tests.demo.conftest import FILM, KEY, STAGES, MakeSimulator
from tests.demo.strangers import Conversation, Stranger, install

pytestmark = [pytest.mark.network, pytest.mark.timeout(400)]


@pytest.fixture(scope="session")
def minimax_mcp(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    return install("minimax-mcp==0.0.19", tmp_path_factory.mktemp("minimax-mcp"))


def at_work(stranger: Stranger, url: str, folder: Path, key: str = KEY) -> AbstractAsyncContextManager[Conversation]:
    return stranger.at_work(
        "minimax_mcp.server",
        MINIMAX_API_KEY=key,
        MINIMAX_API_HOST=url,
        MINIMAX_MCP_BASE_PATH=folder,
        MINIMAX_API_RESOURCE_MODE="local",
    )


@pytest.fixture
async def tool(minimax_mcp: Stranger, url: str, tmp_path: Path) -> AsyncIterator[Conversation]:
    async with at_work(minimax_mcp, url, tmp_path) as conversation:
        yield conversation


def saved(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.glob("*.mp4")]


def at_once(_: Order, __: Random) -> Stages:
    return Stages(0, 0, 0)


async def test_it_creates_asks_retrieves_and_saves_the_film(
    minimax_mcp: Stranger, make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(plan=at_once)
    async with running(simulator) as url, at_work(minimax_mcp, url, tmp_path) as tool:
        said = await tool("generate_video", prompt="a fox", model="MiniMax-Hailuo-02", duration=6, resolution="1080P")

    assert said.startswith("Success. Video saved as")
    assert saved(tmp_path) == [FILM]
    (entry,) = simulator.ledger.paid_creates("a fox")
    assert (entry.model, entry.resolution, entry.duration) == ("MiniMax-Hailuo-02", "1080P", 6)
    assert [request.authorized for request in simulator.requests.downloads()] == [False]


async def test_it_submits_and_asks_later(tool: Conversation, simulator: Simulator, tmp_path: Path) -> None:
    submitted = await tool("generate_video", prompt="a fox", async_mode=True)
    (entry,) = simulator.ledger.paid_creates()
    early = await tool("query_video_generation", task_id=entry.task_id)
    simulator.advance(STAGES.total)
    late = await tool("query_video_generation", task_id=entry.task_id)

    assert f"Task ID: {entry.task_id}" in submitted
    assert "still processing" in early
    assert late.startswith("Success. Video saved as")
    assert saved(tmp_path) == [FILM]


async def test_it_sends_a_first_frame(tool: Conversation, simulator: Simulator, tmp_path: Path) -> None:
    picture = tmp_path / "fox.jpg"
    Image.new("RGB", (600, 600)).save(picture)
    said = await tool("generate_video", prompt="a fox", first_frame_image=str(picture), async_mode=True)

    (entry,) = simulator.ledger.paid_creates()
    assert said.startswith("Success")
    assert entry.mode == "i2v"


@pytest.mark.parametrize("fault", ["create=code:1026", "task=fail:1026", "task=fail:1027", "task=fail:0"])
async def test_it_tells_that_a_video_was_moderated_or_failed(
    fault: str, tool: Conversation, simulator: Simulator, tmp_path: Path
) -> None:
    simulator.faults.add(fault)
    said = await tool("generate_video", prompt="a fox", async_mode=True)
    if fault.startswith("task"):
        simulator.advance(STAGES.total)
        said = await tool("query_video_generation", task_id=simulator.ledger.paid_creates()[0].task_id)

    # It reads `base_resp` first: only a failure without a reason is told as one.
    expected = "FAILED" if fault.endswith(":0") else fault.rpartition(":")[2] + "-"
    assert expected in said
    assert saved(tmp_path) == []


async def test_it_tells_that_its_key_is_wrong(
    minimax_mcp: Stranger, url: str, simulator: Simulator, tmp_path: Path
) -> None:
    async with at_work(minimax_mcp, url, tmp_path, key="strange-key") as tool:
        said = await tool("generate_video", prompt="a fox")

    assert "login fail" in said
    assert "please check your API key" in said
    assert simulator.ledger.paid_creates() == []


async def test_it_tells_that_it_asks_too_often(
    minimax_mcp: Stranger, make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(limits=Limits(creates_per_minute=1))
    async with running(simulator) as url, at_work(minimax_mcp, url, tmp_path) as tool:
        said = [await tool("generate_video", prompt="a fox", async_mode=True) for _ in range(2)]

    assert said[0].startswith("Success")
    assert "1002-rate limit" in said[1]
