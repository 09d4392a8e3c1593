"""Starts and stops a simulator on loopback sockets: inside a test or the demo, or alone until it is told to end."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from demo.simulator.app import create_app, create_download_app
from demo.simulator.film_makers import paint_film
from demo.simulator.films import FilmMaker
from demo.simulator.service import Simulator
from demo.simulator.tasks import StagePlan
from demo.simulator.tls import Identity, make_identity

LOOPBACK = "127.0.0.1"
_GRACE_SECONDS = 0.5  # what running answers get when a server ends


def single_key_simulator(
    key: SecretStr,
    seconds: float,
    *,
    seed: int | None = None,
    faults: Sequence[str] = (),
    film_maker: FilmMaker = paint_film,
) -> Simulator:
    """A simulator that takes exactly one key and makes a video in about so many seconds.

    Args:
        key: The key.
        seconds: From create to success, give or take a seventh.
        seed: Makes ids and times repeatable; None draws fresh ones.
        faults: Switches as `faults.parse_fault` takes them.
        film_maker: Makes the films.

    Raises:
        ValueError: A switch makes no sense; the message says which and why.
    """
    simulator = Simulator(keys={"demo": key}, plan=StagePlan.taking(seconds), seed=seed, film_maker=film_maker)
    simulator.faults.add(*faults)
    return simulator


@asynccontextmanager
async def running(
    simulator: Simulator, *, port: int = 0, download_port: int = 0, identity: Identity | None = None
) -> AsyncGenerator[str]:
    """Serve a simulator on loopback while the block runs.

    Its books outlive the server: started again on the same port, it is the same service after an outage.

    Args:
        simulator: The service.
        port: Of the API host; 0 is any free one.
        download_port: Of the download host; 0 is any free one.
        identity: Serve both over TLS as well, on free ports (`simulator.secure_url`).

    Yields:
        The base URL of the API host.

    Raises:
        OSError: A port is taken.
    """
    async with AsyncExitStack() as stack:
        stack.push_async_callback(simulator.films.stop)
        simulator.secure_url = simulator.secure_download_url = ""
        if identity is not None:
            tls = identity.context
            simulator.secure_download_url = await _start(stack, create_download_app(simulator), 0, tls)
            simulator.secure_url = await _start(stack, create_app(simulator), 0, tls)
        simulator.download_url = await _start(stack, create_download_app(simulator), download_port)
        url = await _start(stack, create_app(simulator), port)
        simulator.callbacks.start()
        stack.push_async_callback(simulator.callbacks.stop)
        yield url


async def serve(
    *,
    port: int,
    key: str,
    seconds: float,
    seed: int | None = None,
    faults: Sequence[str] = (),
    film_maker: FilmMaker = paint_film,
    authority_file: Path | None = None,
    on_ready: Callable[[str], None] = print,
) -> None:
    """Run a simulator by itself until cancelled.

    Args:
        port: Of the API host; 0 is any free one.
        key: The only key it takes, as typed on a command line.
        seconds: See `single_key_simulator`.
        seed: See `single_key_simulator`.
        faults: See `single_key_simulator`.
        film_maker: See `single_key_simulator`.
        authority_file: Serve over TLS as well, and write here the certificate that clients must trust.
        on_ready: Told the base URL once requests are taken, then the one over TLS; left out, they are printed.

    Raises:
        OSError: The port is taken, or the file cannot be written.
        ValueError: A switch makes no sense.
    """
    simulator = single_key_simulator(SecretStr(key), seconds, seed=seed, faults=faults, film_maker=film_maker)
    identity = make_identity() if authority_file else None
    if authority_file and identity:
        await asyncio.to_thread(authority_file.write_bytes, identity.authority)
    async with running(simulator, port=port, identity=identity) as url:
        on_ready(url)
        if identity:
            on_ready(simulator.secure_url)
        await asyncio.Event().wait()


async def _start(stack: AsyncExitStack, app: web.Application, port: int, tls: ssl.SSLContext | None = None) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, LOOPBACK, port, ssl_context=tls)
    await site.start()
    return f"{'https' if tls else 'http'}://{LOOPBACK}:{runner.addresses[0][1]}"
