"""The real bot's figures, as whoever collects them on the same machine gets them."""

import socket

import aiohttp
import pytest

from tests.wire.studio import Studio


@pytest.fixture
def port() -> int:
    """A port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture
def bot_env(port: int) -> dict[str, str]:
    return {"TOTAL_SPEND_PER_MONTH": "100", "METRICS_PORT": str(port)}


async def test_a_video_that_is_made_is_in_the_figures(studio: Studio, port: int) -> None:
    await studio.bot.start_ready()
    order = await studio.order("a fox behind a counter")
    await order.delivered()

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        figures = (await response.text()).splitlines()
    await studio.stop()

    assert 'video_bot_jobs{reason="",state="done"} 1.0' in figures
    assert "video_bot_tasks_total 1.0" in figures
    assert 'video_bot_well{part="gateway"} 1.0' in figures
