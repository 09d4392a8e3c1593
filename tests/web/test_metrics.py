"""What Prometheus reads of a bot at work, over a real socket, with the real store and engine behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from jobs.errors import OutOfCredit, Reason, Refused, StoreUnavailable
from jobs.model import JobState
from jobs.ports import Bookkeeper
from storage.store import SqlJobStore
from tests.jobs.doubles import RENDER_SECONDS
from tests.jobs.world import World, a_world
from tests.web.conftest import WELL
from web.health import Health
from web.metrics import DELIVERY_BOUNDS, create_metrics_app
from web.server import serving


@dataclass
class Scraper:
    """Whoever collects figures."""

    session: aiohttp.ClientSession
    url: str
    health: Health = WELL

    async def read(self) -> dict[str, dict[tuple[str, ...], float]]:
        """Every sample by its name and by the values of its labels, in the order of the labels' names."""
        async with self.session.get(f"{self.url}/metrics") as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
            text = await response.text()
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in text_string_to_metric_families(text):
            assert family.documentation
            for sample in family.samples:
                labels = tuple(value for _, value in sorted(sample.labels.items()))
                found.setdefault(sample.name, {})[labels] = sample.value
        return found


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    async with a_world(tmp_path) as world:
        yield world


@pytest.fixture
def bookkeeper(world: World) -> Bookkeeper:
    assert isinstance(world.store, SqlJobStore)
    return world.store.bookkeeper


@pytest.fixture
async def scraper(world: World, bookkeeper: Bookkeeper) -> AsyncGenerator[Scraper]:
    async with aiohttp.ClientSession() as session:
        scraper = Scraper(session, "")

        async def health() -> Health:
            return scraper.health

        app = create_metrics_app(bookkeeper, health, world.clock)
        async with serving(app, host="127.0.0.1", port=0) as port:
            scraper.url = f"http://127.0.0.1:{port}"
            yield scraper


async def test_the_figures_follow_a_video_from_the_queue_to_its_post(world: World, scraper: Scraper) -> None:
    await world.ask()
    found = await scraper.read()
    assert found["video_bot_jobs"] == {("", "received"): 1}
    assert found["video_bot_money"] == {("held", "USD"): 0.28}
    assert found["video_bot_tasks_total"] == {(): 0}

    await world.pass_time(RENDER_SECONDS + 20)
    found = await scraper.read()
    assert found["video_bot_jobs"] == {("", "done"): 1}
    assert found["video_bot_money"] == {("spent", "USD"): 0.28}
    assert found["video_bot_tasks_total"] == {(): 1}
    assert found["video_bot_questions_total"] == {(): len(world.provider.ledger[0].asks)}
    assert found["video_bot_delivery_seconds_count"] == {(): 1}
    assert found["video_bot_cards_late"] == {(): 0}


async def test_the_ends_are_told_by_their_reason(world: World, scraper: Scraper) -> None:
    world.provider.create_faults = [Refused(Reason.MODERATED_INPUT, "no", code=1026)]
    await world.ask()
    await world.pass_time(0)

    found = await scraper.read()

    assert found["video_bot_jobs"] == {("moderated_input", "failed"): 1}
    assert found["video_bot_money"] == {("released", "USD"): 0.28}


async def test_deliveries_are_a_histogram_that_ends_with_all_of_them(world: World, scraper: Scraper) -> None:
    await world.ask()
    await world.pass_time(RENDER_SECONDS + 20)

    found = await scraper.read()

    buckets = {float(bound): number for (bound,), number in found["video_bot_delivery_seconds_bucket"].items()}
    assert buckets == dict.fromkeys((*DELIVERY_BOUNDS, inf), 1)
    assert found["video_bot_delivery_seconds_sum"] == {(): 0.0}


async def test_a_pause_is_told_with_its_reason_while_it_lasts(world: World, scraper: Scraper) -> None:
    assert "video_bot_submitting_paused" not in await scraper.read()

    world.provider.create_faults = [OutOfCredit("no balance", code=1008)]
    await world.ask()
    await world.pass_time(0)

    assert (await scraper.read())["video_bot_submitting_paused"] == {("out_of_credit",): 1}


async def test_late_cards_are_told_with_the_longest_wait(world: World, scraper: Scraper) -> None:
    job = await world.ask()
    async with world.store.transaction() as transaction:
        await transaction.save(replace(job, waiting_for=Reason.THROTTLED), now=world.clock.time)
    world.clock.time += 45

    found = await scraper.read()

    assert found["video_bot_cards_late"] == {(): 1}
    assert found["video_bot_cards_late_seconds"] == {(): 45}


async def test_what_is_not_well_is_told_by_its_part(scraper: Scraper) -> None:
    scraper.health = replace(WELL, gateway=False)

    assert (await scraper.read())["video_bot_well"] == {("engine",): 1, ("database",): 1, ("gateway",): 0}


async def test_while_the_database_is_away_the_rest_is_told(
    bookkeeper: Bookkeeper, scraper: Scraper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(**_: object) -> None:
        raise StoreUnavailable("database is locked")

    monkeypatch.setattr(bookkeeper, "figures", away)
    scraper.health = replace(WELL, database=False)

    found = await scraper.read()

    assert found["video_bot_well"] == {("engine",): 1, ("database",): 0, ("gateway",): 1}
    assert "video_bot_jobs" not in found


async def test_the_process_is_told_of_too(scraper: Scraper) -> None:
    assert (await scraper.read())["process_resident_memory_bytes"][()] > 0


async def test_no_figure_names_a_person_a_place_or_a_prompt(world: World, scraper: Scraper) -> None:
    job = await world.ask("a very private cat")
    await world.pass_time(RENDER_SECONDS + 20)

    async with scraper.session.get(f"{scraper.url}/metrics") as response:
        text = await response.text()

    assert (await world.now(job)).state is JobState.DONE
    for secret in ("private cat", job.id, str(job.origin.user_id), str(job.origin.guild_id)):
        assert secret not in text


async def test_nothing_but_figures_is_there(scraper: Scraper) -> None:
    for path in ("/", "/health", "/callback/x", "/watch/x"):
        async with scraper.session.get(scraper.url + path) as response:
            assert response.status == 404
