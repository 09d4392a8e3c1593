"""People's files on their way in: downloaded, judged by their content, fitted; implements `jobs.ports.Intake`.

Knows neither HTTP nor decoders: the one is handed in, the others work in a process of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from jobs.errors import BadInput, Reason, Transient
from jobs.ports import FetchFile, InputRules
from jobs.request import InputFile, MediaSource, Role

from .apart import look_into
from .orders import Answer, Order

log = structlog.get_logger(__name__)

PICTURE_LIMIT: Final = 50 * 1024**2
"""Bytes a picture may have before it is fitted, whatever the model takes: it is made smaller anyhow."""

FILM_LIMIT: Final = 500 * 1024**2
"""Bytes a video may have of which only the last frame is taken: what a person can upload at most (Discord's help pages,
File Attachments FAQ: 500 MB with Nitro). It goes to the disk, and nothing of it but the frame goes further."""

AT_ONCE: Final = 2
"""Files taken in at once: each may need a processor for seconds, and some hundred megabytes."""

_PICTURES: Final = frozenset({Role.FIRST_FRAME, Role.LAST_FRAME, Role.SUBJECT, Role.REFERENCE_IMAGE})


class AttachmentIntake:
    """Takes people's files in.

    Args:
        fetch: Brings them.
        folder: Where they lie meanwhile; each is gone when `take` returns.
        look: Looks into them.
        at_once: How many are taken in side by side.
    """

    def __init__(
        self,
        fetch: FetchFile,
        *,
        folder: Path,
        look: Callable[[Order], Awaitable[Answer]] = look_into,
        at_once: int = AT_ONCE,
    ) -> None:
        self._fetch = fetch
        self._folder = folder
        self._look = look
        self._room = asyncio.Semaphore(at_once)

    async def take(self, source: MediaSource, rules: InputRules) -> InputFile:
        """The file, ready for the provider: see `jobs.ports.Intake`."""
        limit = _most_bytes(source, rules)
        if source.size > limit:
            raise BadInput(Reason.INPUT_TOO_LARGE, f"{source.size} bytes, {limit} are the most")
        async with self._room, self._desk() as desk:
            order = Order(source.role, desk / "given", desk / "fitted", rules, last_frame=source.last_frame)
            await self._fetch(source.url, order.source, limit=limit)
            return await self._looked_into(order, given=source.size)

    async def refit(self, kept: InputFile, role: Role, rules: InputRules) -> InputFile:
        """The file, ready for another model: see `jobs.ports.Intake`."""
        async with self._room, self._desk() as desk:
            order = Order(role, desk / "given", desk / "fitted", rules)
            try:
                await asyncio.to_thread(order.source.write_bytes, kept.data)
            except OSError as error:
                raise Transient(f"no room for a file: {error.strerror or error}") from error
            fitted = await self._looked_into(order, given=len(kept.data))
        return replace(fitted, notes=tuple(dict.fromkeys((*kept.notes, *fitted.notes))))

    async def _looked_into(self, order: Order, *, given: int) -> InputFile:
        answer = await self._look(order)
        data = await asyncio.to_thread(order.target.read_bytes)
        log.info(
            "file taken in",
            role=order.role,
            given=given,
            sent=len(data),
            media_type=answer.media_type,
            notes=answer.notes,
        )
        return InputFile(role=order.role, media_type=answer.media_type, data=data, notes=answer.notes)

    @asynccontextmanager
    async def _desk(self) -> AsyncGenerator[Path]:
        """A folder for one file."""
        try:
            desk = await asyncio.to_thread(TemporaryDirectory, prefix="input-", dir=self._folder)
        except OSError as error:
            raise Transient(f"no room for a file: {error.strerror or error}") from error
        try:
            yield Path(desk.name)
        finally:
            await asyncio.to_thread(desk.cleanup)


def _most_bytes(source: MediaSource, rules: InputRules) -> int:
    if source.last_frame:
        return FILM_LIMIT
    return max(rules.max_bytes, PICTURE_LIMIT) if source.role in _PICTURES else rules.max_bytes
