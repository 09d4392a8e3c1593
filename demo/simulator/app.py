"""The two aiohttp applications of a simulator, the API and the download host, each a list of routes behind one request log."""

import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from demo.simulator.bodies import parse
from demo.simulator.control import PREFIX, Control
from demo.simulator.downloads import Downloads
from demo.simulator.ledger import SeenRequest
from demo.simulator.service import Simulator
from demo.simulator.v1 import V1
from demo.simulator.v1_files import V1Files
from demo.simulator.v2 import V2

#: More than any call may carry, so that the calls themselves can refuse what is too large, each in its own words.
MAX_BODY = 80 * 1024 * 1024


def create_app(simulator: Simulator) -> web.Application:
    """The API host, with the control path.

    Args:
        simulator: The service behind it.
    """
    app = web.Application(client_max_size=MAX_BODY, middlewares=[_log(simulator, "api")])
    calls = (V1(simulator), V1Files(simulator), V2(simulator), Control(simulator))
    app.add_routes([route for part in calls for route in part.routes()])
    app.on_response_prepare.append(_trace)
    app.on_shutdown.append(_let_go(simulator))
    return app


def create_download_app(simulator: Simulator) -> web.Application:
    """The download host: another address, so that a key sent to it shows.

    Args:
        simulator: The service behind it.
    """
    app = web.Application(middlewares=[_log(simulator, "download")])
    app.add_routes(Downloads(simulator).routes())
    app.on_shutdown.append(_let_go(simulator))
    return app


def _log(simulator: Simulator, site: str) -> Middleware:
    @web.middleware
    async def write_down(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(PREFIX):
            # A form is left to be streamed by whom it is for.
            body = b"" if request.content_type.startswith("multipart/") else await request.read()
            simulator.requests.write(
                SeenRequest(
                    site=site,
                    method=request.method,
                    path=request.path,
                    query=dict(request.query),
                    body=parse(body) if body else None,
                    authorized="Authorization" in request.headers,
                    at=simulator.now(),
                )
            )
        return await handler(request)

    return write_down


async def _trace(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Trace-Id"] = secrets.token_hex(16)


def _let_go(simulator: Simulator) -> Callable[[web.Application], Awaitable[None]]:
    async def release(_: web.Application) -> None:
        simulator.holds.release_all()

    return release
