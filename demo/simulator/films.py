"""The films of all tasks: made once, in a worker thread, kept in memory, handed out by order.

Knows nothing of how a film is made: a `FilmMaker` is passed in.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

#: Films made at the same time; the demo's machine has other things to do.
WORKERS = 2


@dataclass(frozen=True)
class FilmOrder:
    """What a film must be.

    Attributes:
        caption: A line below the prompt: model, resolution and length.
        width: Pixels.
        height: Pixels.
        duration: Seconds; a whole number of frames.
        first: The picture it begins with, as a file.
        last: The picture it ends with, as a file.
        subjects: Pictures of what is in it, as files.
        sound: Whether it has a sound track, in stereo.
    """

    prompt: str
    caption: str
    width: int
    height: int
    duration: float
    first: bytes | None = None
    last: bytes | None = None
    subjects: tuple[bytes, ...] = ()
    sound: bool = False


@dataclass(frozen=True)
class Film:
    """A finished MP4.

    Attributes:
        content: Its bytes.
        zeros: So many zero bytes follow, which are not kept in memory (see `film_makers.padded`).
    """

    content: bytes
    zeros: int = 0

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.content) + self.zeros

    @cached_property
    def sha256(self) -> str:
        """The digest of all bytes, in hex."""
        digest = hashlib.sha256()
        step = 1 << 20
        for start in range(0, self.size, step):
            digest.update(self.part(start, start + step))
        return digest.hexdigest()

    def part(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, or up to the end if that comes first."""
        head = self.content[start:stop]
        zeros = min(stop, self.size) - max(start, len(self.content))
        return head + bytes(zeros) if zeros > 0 else head


#: Makes a film. Runs in a worker thread; must not touch the event loop.
FilmMaker = Callable[[FilmOrder], Film]


class Films:
    """Makes each film once."""

    def __init__(self, maker: FilmMaker) -> None:
        """Make nothing yet.

        Args:
            maker: Makes the films.
        """
        self._maker = maker
        self._made: dict[FilmOrder, asyncio.Task[Film]] = {}
        self._workers = asyncio.Semaphore(WORKERS)

    def begin(self, order: FilmOrder) -> None:
        """Start making a film that will be wanted; at once if it is being made or is there."""
        self._task(order)

    async def get(self, order: FilmOrder) -> Film:
        """The film, made first if need be."""
        return await asyncio.shield(self._task(order))

    def ready(self, order: FilmOrder) -> Film | None:
        """The film if it is there."""
        task = self._made.get(order)
        return task.result() if task and task.done() and not task.cancelled() and not task.exception() else None

    async def stop(self) -> None:
        """Give up what is being made; it starts again when asked for."""
        unfinished = {order: task for order, task in self._made.items() if not task.done()}
        for order, task in unfinished.items():
            task.cancel()
            del self._made[order]
        await asyncio.gather(*unfinished.values(), return_exceptions=True)

    def _task(self, order: FilmOrder) -> asyncio.Task[Film]:
        if order not in self._made:
            self._made[order] = asyncio.create_task(self._make(order))
        return self._made[order]

    async def _make(self, order: FilmOrder) -> Film:
        async with self._workers:
            return await asyncio.to_thread(self._maker, order)
