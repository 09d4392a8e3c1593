"""The loop that MiniMax's own guide teaches: create, ask every few seconds, retrieve, download."""

from pathlib import Path

import aiohttp
import pytest

from demo.simulator.service import Simulator
from tests.demo.conftest import FILM, KEY

SECONDS_BETWEEN_QUESTIONS = 10


async def make_video(url: str, key: str, prompt: str, target: Path, simulator: Simulator) -> list[str]:
    """The guide's program, with the service's clock turned instead of a sleep. Returns the statuses it saw."""
    headers = {"Authorization": f"Bearer {key}"}
    order = {"model": "MiniMax-Hailuo-02", "prompt": prompt, "duration": 6, "resolution": "1080P"}
    seen: list[str] = []
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        async with session.post(f"{url}/v1/video_generation", headers=headers, json=order) as response:
            task_id = (await response.json())["task_id"]
        while True:
            simulator.advance(SECONDS_BETWEEN_QUESTIONS)
            async with session.get(f"{url}/v1/query/video_generation?task_id={task_id}", headers=headers) as response:
                answer = await response.json()
            seen.append(answer["status"])
            if answer["status"] == "Success":
                break
            if answer["status"] == "Fail":
                raise RuntimeError(answer["base_resp"]["status_msg"])
        async with session.get(f"{url}/v1/files/retrieve?file_id={answer['file_id']}", headers=headers) as response:
            link = (await response.json())["file"]["download_url"]
        async with session.get(link) as response:
            target.write_bytes(await response.read())
    return seen


async def test_the_sample_loop_ends_with_the_film_after_the_documented_stages(
    simulator: Simulator, url: str, tmp_path: Path
) -> None:
    target = tmp_path / "video.mp4"

    seen = await make_video(url, KEY, "a fox in the snow", target, simulator)

    assert target.read_bytes() == FILM
    assert seen == ["Queueing"] * 2 + ["Processing"] * 7 + ["Success"]
    assert len(simulator.ledger.paid_creates("a fox in the snow")) == 1


async def test_the_sample_loop_reports_a_withheld_video(simulator: Simulator, url: str, tmp_path: Path) -> None:
    simulator.faults.add("task=fail:1027")

    with pytest.raises(RuntimeError, match="output new_sensitive"):
        await make_video(url, KEY, "a fox", tmp_path / "video.mp4", simulator)
