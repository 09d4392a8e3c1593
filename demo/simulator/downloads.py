"""The download host: films behind links that expire. It knows no key and needs none; whether one came is in the request log."""

from aiohttp import web

from demo.simulator.dialects import V1_DIALECT
from demo.simulator.faults import DOWNLOAD, Fault
from demo.simulator.films import Film
from demo.simulator.holds import Hold
from demo.simulator.misbehaviour import INSTEAD
from demo.simulator.orders import V2
from demo.simulator.service import Simulator, film_order

CHUNK = 64 * 1024
_DENIED = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>'


class Downloads:
    """The routes of the download host of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Serve that simulator's films.

        Args:
            simulator: Whose.
        """
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """What to add to an application."""
        return [web.get("/video/{token}/output.mp4", self.download)]

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Stream a film with its true length, or refuse an unknown or expired link with 403."""
        simulator = self._simulator
        link = simulator.link(request.match_info["token"])
        prompt = link.task.order.prompt if link else ""
        holds = simulator.holds.due(DOWNLOAD, prompt)
        for hold in holds:
            if hold.byte is None:
                await hold.stop()
        fault = simulator.faults.take(DOWNLOAD, prompt)
        if fault and fault.action in INSTEAD:
            return await INSTEAD[fault.action](request, fault.argument, V1_DIALECT)
        if link is None or simulator.now() >= link.expires_at or (fault and fault.action == "expired"):
            return web.Response(status=403, text=_DENIED, content_type="application/xml")
        film = await simulator.films.get(film_order(link.task.order))
        headers = {"Content-Type": "video/mp4"}
        if link.task.order.api == V2:
            headers["Content-Disposition"] = "attachment"  # as H3's result host does, seen 2026-10
        if fault and fault.action == "type":
            headers["Content-Type"] = fault.argument
        response = web.StreamResponse(headers=headers)
        return await self._stream(request, response, film, fault, [hold for hold in holds if hold.byte is not None])

    async def _stream(
        self, request: web.Request, response: web.StreamResponse, film: Film, fault: Fault | None, holds: list[Hold]
    ) -> web.StreamResponse:
        simulator = self._simulator
        action, argument = (fault.action, fault.argument) if fault else ("", "")
        response.content_length = film.size
        await response.prepare(request)
        end = min(film.size, int(argument)) if action == "truncate" else film.size
        pause = float(argument) / -(-film.size // CHUNK) if action == "slow" else 0.0
        sent = 0
        for hold in [*holds, None]:
            stop = end if hold is None else min(end, hold.byte or 0)
            while sent < stop:
                part = film.part(sent, min(sent + CHUNK, stop))
                await response.write(part)
                sent += len(part)
                if pause:
                    await simulator.sleep(pause)
            if hold is not None:
                await hold.stop()
        if sent < film.size and request.transport is not None:
            request.transport.close()  # sends what is buffered first
        return response
