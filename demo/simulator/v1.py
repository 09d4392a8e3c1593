"""The V1 calls as routes: create, query, retrieve, and the two free looks at the account.

Every answer is HTTP 200 with a `base_resp`, a bad key included (MiniMax docs, T2V and error codes). V2 gets a module of its own.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import web

from demo.simulator.codes import ServiceError
from demo.simulator.faults import ACCEPTED, ACCOUNT, CREATE, QUERY, RETRIEVE
from demo.simulator.misbehaviour import Payload, answer, base_resp
from demo.simulator.rules import read_order
from demo.simulator.service import Simulator, film_order
from demo.simulator.tasks import FAIL, SUCCESS, Task

_ENDLESS = "1000000.00"  # what the balance call shows where the simulator charges nobody


class V1:
    """The V1 routes of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Answer from the given books.

        Args:
            simulator: Whose.
        """
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """What to add to an application."""
        return [
            web.post("/v1/video_generation", self.create),
            web.get("/v1/query/video_generation", self.query),
            web.get("/v1/files/retrieve", self.retrieve),
            web.get("/v1/token_plan/remains", self.remains),
            web.get("/account/query_balance", self.query_balance),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/video_generation`: take a task and the money for it, or say why not."""
        simulator = self._simulator
        body = parse(await request.read())
        prompt = _prompt_of(body)
        await simulator.holds.pass_by(CREATE, prompt)
        fault = simulator.faults.take(CREATE, prompt)
        if fault is not None:
            return await answer(request, {}, fault, simulator.sleep)
        try:
            account = self._account(request)
            # Judging images decodes them: not on the event loop.
            order = await asyncio.to_thread(read_order, body)
            task = simulator.create(account, order)
        except ServiceError as error:
            return web.json_response({"task_id": "", "base_resp": base_resp(error)})
        await simulator.holds.pass_by(ACCEPTED, prompt)
        payload = {"task_id": task.task_id, "base_resp": base_resp()}
        return await answer(request, payload, simulator.faults.take(ACCEPTED, prompt), simulator.sleep)

    async def query(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/query/video_generation?task_id=`: how a task of the same account stands."""
        task_id = request.query.get("task_id", "")
        task = self._simulator.task(task_id)
        status = task.status_at(self._simulator.now()) if task else ""

        async def honest() -> Payload:
            account = self._account(request)
            if not task_id:
                raise ServiceError.invalid("task_id cannot be empty")
            if task is None or task.account != account:
                raise ServiceError.invalid("task_id not found")
            return _standing(task, status)

        refused = {"task_id": task_id, "status": "", "file_id": ""}
        return await self._respond(request, QUERY, honest, task=task, status=status, refused=refused)

    async def retrieve(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/files/retrieve?file_id=`: a link to a finished film, good for an hour."""
        simulator = self._simulator
        digits = request.query.get("file_id", "")
        file_id = int(digits) if digits.isascii() and digits.isdecimal() else -1
        task = simulator.finished(file_id)

        async def honest() -> Payload:
            account = self._account(request)
            if task is None or task.account != account:
                raise ServiceError.invalid("file_id not found")
            film = await simulator.films.get(film_order(task.order))
            file = {
                "file_id": task.file_id,
                "bytes": film.size,
                "created_at": int(task.ends_at),
                "filename": "output.mp4",
                "purpose": "video_generation",
                "download_url": simulator.new_link(task),
            }
            return {"file": file, "base_resp": base_resp()}

        return await self._respond(request, RETRIEVE, honest, task=task)

    async def remains(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/token_plan/remains`: what is left of a plan; free of charge."""

        async def honest() -> Payload:
            self._account(request)
            return {"model_remains": [], "base_resp": base_resp()}

        return await self._respond(request, ACCOUNT, honest)

    async def query_balance(self, request: web.Request) -> web.StreamResponse:
        """`GET /account/query_balance`: what is left of the money, as text; free of charge."""

        async def honest() -> Payload:
            left = self._simulator.balance(self._account(request))
            amount = _ENDLESS if left is None else str(left)
            return {
                "available_amount": amount,
                "cash_balance": amount,
                "voucher_balance": "0.00",
                "credit_balance": "0.00",
                "base_resp": base_resp(),
            }

        return await self._respond(request, ACCOUNT, honest)

    async def _respond(
        self,
        request: web.Request,
        point: str,
        honest: Callable[[], Awaitable[Payload]],
        *,
        task: Task | None = None,
        status: str = "",
        refused: Payload | None = None,
    ) -> web.StreamResponse:
        """Stop at a hold, meet a fault, else answer honestly; `refused` is what stands beside a refusal's code."""
        simulator = self._simulator
        prompt = task.order.prompt if task else ""
        await simulator.holds.pass_by(point, prompt)
        fault = simulator.faults.take(point, prompt, status)
        try:
            payload = await honest()
        except ServiceError as error:
            payload = {**(refused or {}), "base_resp": base_resp(error)}
        return await answer(request, payload, fault, simulator.sleep)

    def _account(self, request: web.Request) -> str:
        return self._simulator.account(request.headers.get("Authorization"))


def parse(content: bytes) -> Any:
    """The JSON of a body; None if it is none."""
    try:
        return json.loads(content)
    except ValueError:
        return None


def _prompt_of(body: Any) -> str:
    prompt = cast("dict[str, Any]", body).get("prompt") if isinstance(body, dict) else None
    return prompt if isinstance(prompt, str) else ""


def _standing(task: Task, status: str) -> Payload:
    standing: Payload = {"task_id": task.task_id, "status": status, "file_id": ""}
    if status == SUCCESS:
        standing |= {"file_id": str(task.file_id), "video_width": task.order.width, "video_height": task.order.height}
    failed = status == FAIL and task.failure
    return {**standing, "base_resp": base_resp(ServiceError(failed) if failed else None)}
