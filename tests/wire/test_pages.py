"""A video too large for its channel, as people see it: a link there, behind it a page of the bot's own that plays it."""

import re
import socket

import aiohttp
import pytest

from tests.wire.fake_discord import Call, Recorded
from tests.wire.studio import Studio

PROMPT = "a very large cat"


@pytest.fixture
def url() -> str:
    """Where the bot's web server will be: a port that is free just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return f"http://127.0.0.1:{found.getsockname()[1]}"


@pytest.fixture
def bot_env(url: str) -> dict[str, str]:
    return {"TOTAL_SPEND_PER_MONTH": "100", "WEB_PORT": url.rpartition(":")[2], "PUBLIC_URL": url}


def holds_the_video(request: Recorded) -> bool:
    """Whether it posts the video; cards have a heading."""
    return PROMPT in str(request.json) and "### " not in str(request.json)


async def test_the_link_leads_to_a_page_that_plays_the_video_after_a_restart_too(studio: Studio, url: str) -> None:
    studio.discord.faults.refuse(Call.CREATE_MESSAGE, 40005, where=holds_the_video, times=2)
    await studio.bot.start_ready()
    order = await studio.order(PROMPT)
    await order.ended("Done")
    await studio.stop()
    [link] = [one for one in order.place.timeline if order.job_id in one.text or f"{url}/watch/" in one.text]
    [address] = set(re.findall(rf"{re.escape(url)}/watch/[0-9a-f]{{32}}", link.text))

    await studio.bot.start_ready()
    async with aiohttp.ClientSession() as session:
        async with session.get(address) as page:
            told = await page.text()
        async with session.get(f"{address}/video.mp4") as file:
            film = await file.read()
        async with session.get(f"{address[:-1]}x") as lost:
            assert lost.status == 404
    await studio.stop()

    assert (page.status, file.status, file.content_type) == (200, 200, "video/mp4")
    assert f'<meta property="og:video" content="{address}/video.mp4">' in told
    assert PROMPT not in told
    assert studio.person.name not in told
    assert order.job_id not in told
    assert film[4:8] == b"ftyp"
    assert order.paid == 1
