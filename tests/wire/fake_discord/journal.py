"""The log of every request the fake received: what was asked, with what, and how it ended."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.wire.fake_discord.calls import Call
from tests.wire.fake_discord.changes import Changes
from tests.wire.fake_discord.values import Json


@dataclass(frozen=True)
class SentFile:
    """A file as a request carried it."""

    name: str
    size: int
    sha256: str


@dataclass
class Recorded:
    """One request.

    Attributes:
        at: Monotonic seconds at which its headers and JSON had arrived.
        json: The body's JSON; an empty object when there was none, ``items`` for a list.
        wrong: What Discord's document has against it.
        status: What it was answered with; None while it runs, and when its connection was cut.
        cut: Whether its connection was cut instead of answered.
    """

    call: Call
    path: str
    params: dict[str, str]
    query: dict[str, str]
    json: Json
    at: float = field(default_factory=time.monotonic)
    files: list[SentFile] = field(default_factory=list[SentFile])
    wrong: list[str] = field(default_factory=list[str])
    status: int | None = None
    cut: bool = False

    @property
    def channel_id(self) -> int:
        """The channel in its path."""
        return int(self.params["channel_id"])


Wanted = Callable[[Recorded], bool]


class Journal:
    """Keeps all requests in the order in which they came."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self.all: list[Recorded] = []

    def add(self, request: Recorded) -> None:
        """Write down a request that has arrived."""
        self.all.append(request)
        self._changes.announce()

    def of(self, call: Call, where: Wanted = lambda _: True) -> list[Recorded]:
        """Return the requests of one kind, oldest first."""
        return [one for one in self.all if one.call is call and where(one)]

    async def wait_for(
        self, call: Call, where: Wanted = lambda _: True, *, count: int = 1, within: float = 10.0
    ) -> Recorded:
        """Wait until ``count`` matching requests have been answered or cut, and return the last of them.

        Args:
            call: Which kind.
            where: Which of that kind.
            count: How many.
            within: Seconds.
        """

        def ended() -> list[Recorded]:
            found = [one for one in self.of(call, where) if one.cut or one.status is not None]
            return found if len(found) >= count else []

        return (await self._changes.until(ended, within=within, what=f"{count} × {call}"))[count - 1]

    def lines(self) -> Iterator[str]:
        """Yield the log as text, for a failure's report."""
        for one in self.all:
            files = "".join(f" +{file.name} ({file.size} B)" for file in one.files)
            yield f"{one.call.method} {one.path}{files} -> {'cut' if one.cut else one.status}"
