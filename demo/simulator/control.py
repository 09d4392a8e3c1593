"""The control path of the simulator, which no real service has: switches, holds, clock and books over HTTP.

For tests and people whose simulator runs as a process of its own. All of it lies under `/_simulator/` and needs no key.
"""

import asyncio
from dataclasses import asdict
from typing import Any, cast

from aiohttp import web

from demo.simulator.faults import ACTIONS, TRIGGERS
from demo.simulator.holds import Hold
from demo.simulator.ledger import PaidCreate
from demo.simulator.service import Simulator, film_order

PREFIX = "/_simulator"


class Control:
    """The control routes of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Control the given one.

        Args:
            simulator: Which.
        """
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """What to add to an application."""
        return [
            web.get(PREFIX, self.about),
            web.get(f"{PREFIX}/ledger", self.ledger),
            web.get(f"{PREFIX}/requests", self.requests),
            web.get(f"{PREFIX}/pushes", self.pushes),
            web.get(f"{PREFIX}/faults", self.faults),
            web.post(f"{PREFIX}/faults", self.add_faults),
            web.delete(f"{PREFIX}/faults", self.clear_faults),
            web.post(f"{PREFIX}/clock", self.advance),
            web.post(f"{PREFIX}/holds", self.place_hold),
            web.get(f"{PREFIX}/holds/{{number:\\d+}}", self.await_hold),
            web.post(f"{PREFIX}/holds/{{number:\\d+}}/release", self.release_hold),
        ]

    async def about(self, _: web.Request) -> web.Response:
        """`GET /_simulator`: what can be switched, and the prompt's trigger words."""
        return web.json_response(
            {
                "faults": {
                    name: {"at": sorted(action.points), "help": action.help} for name, action in ACTIONS.items()
                },
                "prompt_words": {" ".join(trigger.words): trigger.effect for trigger in TRIGGERS},
            }
        )

    async def ledger(self, _: web.Request) -> web.Response:
        """`GET /_simulator/ledger`: every paid create, with its film's length and digest once it is made."""
        return web.json_response({"creates": [self._entry(entry) for entry in self._simulator.ledger.paid_creates()]})

    async def requests(self, _: web.Request) -> web.Response:
        """`GET /_simulator/requests`: every request seen, except those to the control path."""
        return web.json_response({"requests": [asdict(request) for request in self._simulator.requests.all()]})

    async def pushes(self, _: web.Request) -> web.Response:
        """`GET /_simulator/pushes`: everything that was sent to callbacks."""
        return web.json_response({"pushes": [asdict(push) for push in self._simulator.callbacks.pushes()]})

    async def faults(self, _: web.Request) -> web.Response:
        """`GET /_simulator/faults`: the switches that wait for their request."""
        return web.json_response({"faults": [asdict(fault) for fault in self._simulator.faults.pending()]})

    async def add_faults(self, request: web.Request) -> web.Response:
        """`POST /_simulator/faults` `{"faults": ["create=code:1002,times=3", …]}`: set switches."""
        specs: list[Any] = (await _fields(request)).get("faults", [])
        try:
            self._simulator.faults.add(*[str(spec) for spec in specs])
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return await self.faults(request)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """`DELETE /_simulator/faults`: take back every switch."""
        self._simulator.faults.clear()
        return await self.faults(request)

    async def advance(self, request: web.Request) -> web.Response:
        """`POST /_simulator/clock` `{"advance": seconds}`: let time pass."""
        try:
            self._simulator.advance(float((await _fields(request))["advance"]))
        except (KeyError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text='send {"advance": seconds}') from error
        return web.json_response({"now": self._simulator.now()})

    async def place_hold(self, request: web.Request) -> web.Response:
        """`POST /_simulator/holds` `{"point": "accepted", "nth": 1, "prompt": "", "byte": null}`: stop a coming request."""
        fields = await _fields(request)
        try:
            hold = self._simulator.holds.place(**fields)
        except (TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({"hold": self._simulator.holds.number(hold)})

    async def await_hold(self, request: web.Request) -> web.Response:
        """`GET /_simulator/holds/1?wait=seconds`: whether the request stands there, waiting for it so long."""
        hold = self._hold(request)
        try:
            seconds = float(request.query.get("wait", "0"))
        except ValueError as error:
            raise web.HTTPBadRequest(text="wait is a number of seconds") from error
        try:
            await asyncio.wait_for(hold.reached(), seconds)
        except TimeoutError:
            return web.json_response({"reached": False})
        return web.json_response({"reached": True})

    async def release_hold(self, request: web.Request) -> web.Response:
        """`POST /_simulator/holds/1/release`: let it go on."""
        self._hold(request).release()
        return web.json_response({})

    def _hold(self, request: web.Request) -> Hold:
        hold = self._simulator.holds.get(int(request.match_info["number"]))
        if hold is None:
            raise web.HTTPNotFound(text="there is no such hold")
        return hold

    def _entry(self, entry: PaidCreate) -> dict[str, Any]:
        task = self._simulator.task(entry.task_id)
        film = self._simulator.films.ready(film_order(task.order)) if task else None
        made = {"bytes": film.size, "sha256": film.sha256} if film else None
        return {**asdict(entry), "price": str(entry.price), "film": made}


async def _fields(request: web.Request) -> dict[str, Any]:
    try:
        body: object = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="the body is not JSON") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="the body is not a JSON object")
    return cast("dict[str, Any]", body)
