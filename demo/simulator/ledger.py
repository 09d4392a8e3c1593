"""What the simulator writes down: every create it took money for, and every request it saw. Keys are never written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class PaidCreate:
    """One create that was taken, and so paid.

    Attributes:
        key_name: The name under which the simulator knows the key.
        duration: Seconds.
        price: In `currency`.
        created_at: Epoch seconds.
    """

    task_id: str
    key_name: str
    prompt: str
    prompt_sha256: str
    model: str
    mode: str
    resolution: str
    duration: int
    price: Decimal
    currency: str
    created_at: float


@dataclass
class Ledger:
    """All paid creates, oldest first."""

    _entries: list[PaidCreate] = field(default_factory=list[PaidCreate])
    _refunded: set[str] = field(default_factory=set[str])

    def write(self, entry: PaidCreate) -> None:
        """Add a create that was taken."""
        self._entries.append(entry)

    def refund(self, task_id: str) -> None:
        """Give the money for a create back: its task was cancelled in time."""
        self._refunded.add(task_id)

    def paid_creates(self, prompt: str | None = None) -> list[PaidCreate]:
        """The creates that were paid, without those whose money was given back.

        Args:
            prompt: Only those of exactly this prompt.
        """
        return [
            entry for entry in self._entries if entry.task_id not in self._refunded and prompt in (None, entry.prompt)
        ]

    def since(self, key_name: str, moment: float) -> int:
        """How many creates of a key were taken after a time in epoch seconds."""
        count = 0
        for entry in reversed(self._entries):
            if entry.created_at <= moment:
                break
            count += entry.key_name == key_name
        return count


@dataclass(frozen=True)
class SeenRequest:
    """One request as it arrived, whatever came of it.

    Attributes:
        site: `api` or `download`: the two hosts that the real service has.
        query: The query string's parameters.
        body: The parsed JSON body; None where there is none.
        authorized: Whether it carried an `Authorization` header.
        at: Epoch seconds.
    """

    site: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    authorized: bool
    at: float


@dataclass
class RequestLog:
    """All requests seen, oldest first."""

    _seen: list[SeenRequest] = field(default_factory=list[SeenRequest])

    def write(self, request: SeenRequest) -> None:
        """Add a request that arrived."""
        self._seen.append(request)

    def all(self, path: str | None = None, **query: str) -> list[SeenRequest]:
        """The requests seen.

        Args:
            path: Only those to this path.
            query: Only those with these query parameters, for example `task_id="…"`.
        """
        return [
            request
            for request in self._seen
            if path in (None, request.path) and all(request.query.get(name) == value for name, value in query.items())
        ]

    def queries(self, task_id: str) -> list[SeenRequest]:
        """The queries about one task, by either API."""
        v1 = self.all("/v1/query/video_generation", task_id=task_id)
        return [*v1, *self.all(f"/v2/query/video_generation/{task_id}")]

    def downloads(self) -> list[SeenRequest]:
        """What reached the download host."""
        return [request for request in self._seen if request.site == "download"]
