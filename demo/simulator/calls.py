"""What every API call has in common: who asks, where a test may hold it, what may go wrong with it, and how it is answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from demo.simulator.answers import Payload
from demo.simulator.codes import ServiceError
from demo.simulator.dialects import Dialect
from demo.simulator.faults import ACCEPTED, CREATE
from demo.simulator.misbehaviour import INSTEAD, answer
from demo.simulator.orders import Order
from demo.simulator.service import Simulator
from demo.simulator.tasks import Task


class Calls:
    """The way in which one API of one simulator takes calls."""

    def __init__(self, simulator: Simulator, dialect: Dialect) -> None:
        """Take calls for the given books.

        Args:
            simulator: Whose.
            dialect: How the API refuses.
        """
        self._simulator = simulator
        self._dialect = dialect

    def account(self, request: web.Request) -> str:
        """Who asks.

        Raises:
            ServiceError: It is nobody the service knows.
        """
        return self._simulator.account(request.headers.get("Authorization"))

    async def create(
        self,
        request: web.Request,
        prompt: str,
        read: Callable[[str], Order],
        taken: Callable[[Task], Payload],
        beside: Payload,
    ) -> web.StreamResponse:
        """Take a task and the money for it, or say why not.

        Args:
            request: The call.
            prompt: What holds and faults know it by.
            read: Makes an order of it for an account, or raises ServiceError. May take its time: runs in a thread.
            taken: Words the answer.
            beside: What stands beside a refusal.
        """
        simulator = self._simulator
        await simulator.holds.pass_by(CREATE, prompt)
        fault = simulator.faults.take(CREATE, prompt)
        if fault is not None:
            return await answer(request, {}, fault, simulator.sleep, self._dialect)
        try:
            account = self.account(request)
            # Judging images decodes them: not on the event loop.
            order = await asyncio.to_thread(read, account)
            task = simulator.create(account, order, secure=request.secure)
        except ServiceError as error:
            return self._dialect.refuse(error, beside)
        await simulator.holds.pass_by(ACCEPTED, prompt)
        fault = simulator.faults.take(ACCEPTED, prompt)
        return await answer(request, taken(task), fault, simulator.sleep, self._dialect)

    async def respond(
        self,
        request: web.Request,
        point: str,
        honest: Callable[[], Awaitable[Payload]],
        *,
        task: Task | None = None,
        beside: Payload | None = None,
    ) -> web.StreamResponse:
        """Stop at a hold, meet a fault, else answer honestly.

        Args:
            request: The call.
            point: What faults and holds call it.
            honest: Makes the answer, or raises ServiceError.
            task: What it is about, if that is known.
            beside: What stands beside a refusal.
        """
        simulator = self._simulator
        prompt, status = (task.order.prompt, task.status_at(simulator.now())) if task else ("", "")
        await simulator.holds.pass_by(point, prompt)
        fault = simulator.faults.take(point, prompt, status)
        if fault is not None and fault.action in INSTEAD:
            return await answer(request, {}, fault, simulator.sleep, self._dialect)
        try:
            payload = await honest()
        except ServiceError as error:
            return self._dialect.refuse(error, beside or {})
        return await answer(request, payload, fault, simulator.sleep, self._dialect)


def prompt_in(value: Any) -> str:
    """The prompt, if it is one; what else a request holds there has no trigger words."""
    return value if isinstance(value, str) else ""
