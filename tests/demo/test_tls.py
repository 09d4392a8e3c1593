"""The same service over TLS, for clients that refuse anything else or rewrite what they are given."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from demo.simulator.film_makers import tiny_film
from demo.simulator.server import running, serve
from demo.simulator.service import Simulator
from demo.simulator.tls import Identity, make_identity
from tests.demo.conftest import FILM, KEY, STAGES, Customer


@pytest.fixture
def identity() -> Identity:
    return make_identity()


@pytest.fixture
async def plain_url(simulator: Simulator, identity: Identity) -> AsyncIterator[str]:
    async with running(simulator, identity=identity) as address:
        yield address


def trusting(authority: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority)


@pytest.fixture
async def secure_http(identity: Identity) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=trusting(identity.authority.decode()))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def test_both_apis_and_their_films_can_be_had_over_tls(
    plain_url: str, simulator: Simulator, secure_http: aiohttp.ClientSession
) -> None:
    customer = Customer(simulator.secure_url, secure_http)
    links = [await customer.finished_link(simulator)]
    task_id = await customer.task_v2()
    simulator.advance(STAGES.total)
    links.append((await customer.query_v2(task_id))["content"]["url"])

    assert plain_url.startswith("http://")
    for link in links:
        assert link.startswith("https://")
        async with secure_http.get(link) as response:
            assert await response.read() == FILM


async def test_a_link_answers_in_the_kind_it_was_asked_in(
    plain_url: str, simulator: Simulator, secure_http: aiohttp.ClientSession
) -> None:
    plain, secure = Customer(plain_url, secure_http), Customer(simulator.secure_url, secure_http)
    task_id = await plain.task_v2()
    simulator.advance(STAGES.total)
    task = simulator.task((await plain.create())["task_id"])
    assert task is not None

    assert (await plain.query_v2(task_id))["content"]["url"].startswith("http://")
    assert (await secure.query_v2(task_id))["content"]["url"].startswith("https://")


async def test_a_client_that_does_not_know_the_authority_is_not_fooled(
    plain_url: str, simulator: Simulator, http: aiohttp.ClientSession
) -> None:
    assert plain_url
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await Customer(simulator.secure_url, http).create()


async def test_without_an_identity_there_is_no_tls(url: str, simulator: Simulator) -> None:
    assert url
    assert (simulator.secure_url, simulator.secure_download_url) == ("", "")


async def test_a_simulator_by_itself_writes_down_whom_to_trust(tmp_path: Path) -> None:
    ready: asyncio.Queue[str] = asyncio.Queue()
    authority = tmp_path / "authority.pem"
    server = asyncio.create_task(
        serve(port=0, key=KEY, seconds=0, film_maker=tiny_film, authority_file=authority, on_ready=ready.put_nowait)
    )
    plain, secure = await ready.get(), await ready.get()
    connector = aiohttp.TCPConnector(ssl=trusting(authority.read_text()))
    async with aiohttp.ClientSession(connector=connector) as session:
        answers = [await Customer(url, session).create() for url in (plain, secure)]
    server.cancel()
    await asyncio.gather(server, return_exceptions=True)

    assert (plain.partition(":")[0], secure.partition(":")[0]) == ("http", "https")
    assert [answer["base_resp"]["status_code"] for answer in answers] == [0, 0]
