"""The V1 calls about videos as routes: create and query, and the two free looks at the account.

Every answer is HTTP 200 with a `base_resp`, a bad key included (MiniMax docs, T2V and error codes).
"""

from typing import Any, cast

from aiohttp import web

from demo.simulator.answers import Payload, base_resp, v1_standing
from demo.simulator.bodies import parse
from demo.simulator.calls import Calls, prompt_in
from demo.simulator.codes import ServiceError
from demo.simulator.dialects import V1_DIALECT
from demo.simulator.faults import ACCOUNT, QUERY
from demo.simulator.orders import V1 as V1_API
from demo.simulator.rules import read_order
from demo.simulator.service import Simulator

_ENDLESS = "1000000.00"  # what the balance call shows where the simulator charges nobody


class V1:
    """The V1 routes of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Answer from the given books.

        Args:
            simulator: Whose.
        """
        self._simulator = simulator
        self._calls = Calls(simulator, V1_DIALECT)

    def routes(self) -> list[web.RouteDef]:
        """What to add to an application."""
        return [
            web.post("/v1/video_generation", self.create),
            web.get("/v1/query/video_generation", self.query),
            web.get("/v1/token_plan/remains", self.remains),
            web.get("/account/query_balance", self.query_balance),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/video_generation`: take a task and the money for it, or say why not."""
        body = parse(await request.read())
        return await self._calls.create(
            request,
            _prompt_of(body),
            read=lambda _: read_order(body),
            taken=lambda task: {"task_id": task.task_id, "base_resp": base_resp()},
            beside={"task_id": ""},
        )

    async def query(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/query/video_generation?task_id=`: how a task of the same account stands."""
        task_id = request.query.get("task_id", "")
        task = self._simulator.task(task_id)

        async def honest() -> Payload:
            account = self._calls.account(request)
            if not task_id:
                raise ServiceError.invalid("task_id cannot be empty")
            if task is None or (task.account, task.order.api) != (account, V1_API):
                raise ServiceError.invalid("task_id not found")
            return v1_standing(task, task.status_at(self._simulator.now()))

        beside = {"task_id": task_id, "status": "", "file_id": ""}
        return await self._calls.respond(request, QUERY, honest, task=task, beside=beside)

    async def remains(self, request: web.Request) -> web.StreamResponse:
        """`GET /v1/token_plan/remains`: what is left of a plan; free of charge."""

        async def honest() -> Payload:
            self._calls.account(request)
            return {"model_remains": [], "base_resp": base_resp()}

        return await self._calls.respond(request, ACCOUNT, honest)

    async def query_balance(self, request: web.Request) -> web.StreamResponse:
        """`GET /account/query_balance`: what is left of the money, as text; free of charge."""

        async def honest() -> Payload:
            left = self._simulator.balance(self._calls.account(request))
            amount = _ENDLESS if left is None else str(left)
            return {
                "available_amount": amount,
                "cash_balance": amount,
                "voucher_balance": "0.00",
                "credit_balance": "0.00",
                "owed_amount": "0.00",
                "base_resp": base_resp(),
            }

        return await self._calls.respond(request, ACCOUNT, honest)


def _prompt_of(body: Any) -> str:
    return prompt_in(cast("dict[str, Any]", body).get("prompt")) if isinstance(body, dict) else ""
