"""A client of H3 that nobody here wrote, hoobnn-minimax-mcp, makes its videos at the simulator, over TLS as it demands."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from demo.simulator.server import running
from demo.simulator.service import Limits, Simulator
from demo.simulator.tls import make_identity
from tests.demo.conftest import FILM, KEY, STAGES, MakeSimulator
from tests.demo.strangers import Conversation, Stranger, install, write_authority

pytestmark = [pytest.mark.network, pytest.mark.timeout(400)]


@pytest.fixture(scope="session")
def h3_client(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    return install("hoobnn-minimax-mcp==0.3.0", tmp_path_factory.mktemp("hoobnn-minimax-mcp"))


@asynccontextmanager
async def at_work(
    stranger: Stranger, simulator: Simulator, folder: Path, key: str = KEY
) -> AsyncGenerator[Conversation]:
    """The client beside a simulator that speaks TLS."""
    identity = make_identity()
    async with running(simulator, identity=identity):
        settings = {
            "MINIMAX_API_KEY": key,
            "MINIMAX_API_HOST": simulator.secure_url,
            "MINIMAX_OUT_DIR": folder / "videos",
            "MINIMAX_JOB_DIR": folder / "jobs",
            "SSL_CERT_FILE": write_authority(identity, folder),
        }
        async with stranger.at_work("minimax_mcp.server", **settings) as conversation:
            yield conversation


@pytest.fixture
async def tool(h3_client: Stranger, simulator: Simulator, tmp_path: Path) -> AsyncIterator[Conversation]:
    async with at_work(h3_client, simulator, tmp_path) as conversation:
        yield conversation


async def create(tool: Conversation, **arguments: Any) -> Any:
    return await tool("generate_video", **{"prompt": "a fox", "resolution": "768P", **arguments})


@pytest.fixture
def picture(tmp_path: Path) -> str:
    Image.new("RGB", (600, 600)).save(tmp_path / "fox.png")
    return str(tmp_path / "fox.png")


async def test_it_creates_asks_and_saves_the_film(tool: Conversation, simulator: Simulator) -> None:
    created = await create(tool)
    early = await tool("query_video_generation", task_id=created["task_id"])
    simulator.advance(STAGES.total)
    late = await tool("query_video_generation", task_id=created["task_id"])

    assert (created["ok"], early["job_state"], late["job_state"]) == (True, "queued", "delivered")
    assert [Path(file).read_bytes() for file in late["files"]] == [FILM]
    assert late["usage"]["output_seconds"] == 5
    assert [entry.task_id for entry in simulator.ledger.paid_creates("a fox")] == [created["task_id"]]
    assert [request.authorized for request in simulator.requests.downloads()] == [False]


async def test_it_uploads_its_pictures_and_refers_to_them(
    tool: Conversation, simulator: Simulator, picture: str
) -> None:
    framed = await create(tool, first_frame=picture, last_frame=picture)
    referring = await create(tool, reference_images=[picture] * 2, ratio="1:1")

    assert (framed["ok"], referring["ok"]) == (True, True)
    assert [entry.mode for entry in simulator.ledger.paid_creates()] == ["fl2v", "ref"]
    assert len(simulator.requests.all("/v1/files/upload")) == 4


async def test_it_lists_cancels_and_deletes(tool: Conversation, simulator: Simulator) -> None:
    ended, waiting = [(await create(tool, prompt=prompt))["task_id"] for prompt in ("ended", "waiting")]
    cancelled = await tool("delete_video_task", task_id=waiting)
    simulator.advance(STAGES.total)
    listed = await tool("list_video_tasks", status="succeeded", task_ids=[ended, waiting])
    deleted = await tool("delete_video_task", task_id=ended)
    left = await tool("list_video_tasks")

    assert (cancelled["action"], deleted["action"]) == ("cancelled", "deleted")
    assert ([task["id"] for task in listed["items"]], listed["total"]) == ([ended], 1)
    assert [task["status"] for task in left["items"]] == ["cancelled"]
    assert [entry.task_id for entry in simulator.ledger.paid_creates()] == [ended]


async def test_it_tells_that_a_video_was_moderated(tool: Conversation, simulator: Simulator) -> None:
    simulator.faults.add("create=code:1026", "task=fail:1027,prompt=bear")
    refused = await create(tool)
    withheld = await create(tool, prompt="a bear")
    simulator.advance(STAGES.total)
    told = await tool("query_video_generation", task_id=withheld["task_id"])

    assert (refused["job_state"], refused["error_code"]) == ("failed", 422)
    assert "input new_sensitive (1026)" in refused["error"]
    assert told["error"] == {"code": "1027", "message": "output new_sensitive"}


async def test_it_tells_that_its_key_is_wrong(h3_client: Stranger, simulator: Simulator, tmp_path: Path) -> None:
    async with at_work(h3_client, simulator, tmp_path, key="strange-key") as tool:
        refused = await create(tool)

    assert refused["error_code"] == 401
    assert "login fail" in refused["error"]
    assert simulator.ledger.paid_creates() == []


async def test_it_tells_that_it_asks_too_often(
    h3_client: Stranger, make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(limits=Limits(creates_per_minute=1))
    async with at_work(h3_client, simulator, tmp_path) as tool:
        answers = [await create(tool) for _ in range(2)]

    assert answers[0]["ok"]
    assert answers[1]["error_code"] == 429
    assert "(1002)" in answers[1]["error"]


@pytest.mark.parametrize(("fault", "state"), [("accepted=drop", "unknown"), ("create=overloaded", "unknown")])
async def test_it_keeps_a_create_whose_answer_it_did_not_get(
    fault: str, state: str, tool: Conversation, simulator: Simulator
) -> None:
    simulator.faults.add(fault)
    lost = await create(tool)
    listed = await tool("list_video_tasks")

    assert lost["job_state"] == state
    assert listed["total"] == len(simulator.ledger.paid_creates())


async def test_it_does_not_find_what_is_not_there(tool: Conversation) -> None:
    told = await tool("query_video_generation", task_id="1")

    assert told["error_code"] == 500
    assert "record not found" in told["error"]
