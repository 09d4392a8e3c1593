"""The V2 calls as routes: create, query, list, and cancel or delete. Refusals are real HTTP errors (MiniMax docs, V2)."""

from typing import Any, cast

from aiohttp import web

from demo.simulator.answers import V2_WORDS, Payload, v2_standing
from demo.simulator.bodies import parse
from demo.simulator.calls import Calls, prompt_in
from demo.simulator.codes import ServiceError
from demo.simulator.dialects import V2_DIALECT
from demo.simulator.faults import DELETE, LIST, QUERY
from demo.simulator.orders import Order
from demo.simulator.rules_v2 import MAX_BODY, read_order
from demo.simulator.service import Simulator
from demo.simulator.tasks import SUCCESS, Task

PAGE_SIZE, LARGEST_PAGE = 20, 100  # the default is documented, the most is not
_TASK_TYPES = ("generation", "h3_context_ir", "regeneration")


class V2:
    """The V2 routes of one simulator."""

    def __init__(self, simulator: Simulator) -> None:
        """Answer from the given books.

        Args:
            simulator: Whose.
        """
        self._simulator = simulator
        self._calls = Calls(simulator, V2_DIALECT)

    def routes(self) -> list[web.RouteDef]:
        """What to add to an application."""
        return [
            web.post("/v2/video_generation", self.create),
            web.get("/v2/query/video_generation", self.list),
            web.get("/v2/query/video_generation/{task_id}", self.query),
            web.delete("/v2/video_generation/{task_id}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        """`POST /v2/video_generation`: take a task and the money for it, or say why not."""
        content = await request.read()
        body = parse(content)

        def read(account: str) -> Order:
            if len(content) > MAX_BODY:
                raise ServiceError.invalid("the body is larger than 64MB")
            return read_order(body, lambda file_id: self._simulator.input_file(file_id, account))

        return await self._calls.create(
            request, _prompt_of(body), read=read, taken=lambda task: {"task_id": task.task_id}, beside={}
        )

    async def query(self, request: web.Request) -> web.StreamResponse:
        """`GET /v2/query/video_generation/{task_id}`: how a task stands, with a fresh link once it succeeded."""
        task_id = request.match_info["task_id"]

        async def honest() -> Payload:
            task = self._simulator.v2_task(task_id, self._calls.account(request))
            return {"task": self._standing(task, request)}

        return await self._calls.respond(request, QUERY, honest, task=self._simulator.task(task_id))

    async def list(self, request: web.Request) -> web.StreamResponse:
        """`GET /v2/query/video_generation`: the tasks of the last seven days, newest first, in pages."""

        async def honest() -> Payload:
            account = self._calls.account(request)
            number, size = _positive(request, "page_num", 1), _positive(request, "page_size", PAGE_SIZE)
            if size > LARGEST_PAGE:
                raise ServiceError.invalid(f"page_size is above {LARGEST_PAGE}")
            tasks = [task for task in self._simulator.v2_tasks(account) if self._fits(task, request)]
            page = tasks[(number - 1) * size : number * size]
            return {"items": [self._standing(task, request) for task in page], "total": len(tasks)}

        return await self._calls.respond(request, LIST, honest)

    async def delete(self, request: web.Request) -> web.StreamResponse:
        """`DELETE /v2/video_generation/{task_id}`: cancel a waiting task free of charge, or forget one that has ended."""
        task_id = request.match_info["task_id"]

        async def honest() -> Payload:
            task = self._simulator.v2_task(task_id, self._calls.account(request))
            done = self._simulator.cancel_or_delete(task)
            return {"task_id": task_id, "action": done, "status": done}

        return await self._calls.respond(request, DELETE, honest, task=self._simulator.task(task_id))

    def _standing(self, task: Task, request: web.Request) -> Payload:
        now = self._simulator.now()
        finished = task.status_at(now) == SUCCESS
        url = self._simulator.new_link(task, secure=request.secure) if finished else ""
        return v2_standing(task, now, url)

    def _fits(self, task: Task, request: web.Request) -> bool:
        status, model, kind = (request.query.get(f"filter.{name}", "") for name in ("status", "model", "task_type"))
        ids = [task_id for task_id in request.query.getall("filter.task_ids", []) if task_id]
        if status and status not in V2_WORDS.values():
            raise ServiceError.invalid(f"filter.status {status} not support")
        if kind and kind not in _TASK_TYPES:
            raise ServiceError.invalid(f"filter.task_type {kind} not support")
        return (
            status in ("", V2_WORDS[task.status_at(self._simulator.now())])
            and model in ("", task.order.model)
            and kind in ("", "generation")
            and (not ids or task.task_id in ids)
        )


def _positive(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ServiceError.invalid(f"{name} must be a positive integer")
    return int(text)


def _prompt_of(body: Any) -> str:
    """The text among the items, as far as the body has the form of a create."""
    content: object = cast("dict[str, Any]", body).get("content") if isinstance(body, dict) else None
    items = cast("list[Any]", content) if isinstance(content, list) else []
    texts = [prompt_in(cast("dict[str, Any]", item).get("text")) for item in items if isinstance(item, dict)]
    return next((text for text in texts if text), "")
