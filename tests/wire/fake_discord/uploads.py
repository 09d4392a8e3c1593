"""Reading request bodies: plain JSON, or multipart with ``payload_json`` and ``files[n]``.

Files go straight to disk and are hashed on the way. The JSON is read before any file, so that a fault rule can look
at it while the upload is still on its way (Discord docs, Uploading Files; discord.py sends it first).
"""

import hashlib
import json
import mimetypes
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.wire.fake_discord.values import JsonBody, Snowflakes

FILE_FIELD = re.compile(r"files\[(\d+)\]")
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Upload:
    """One file of a request.

    Attributes:
        index: The n of ``files[n]``, by which the JSON's ``attachments`` refer to it.
        size: Bytes.
    """

    index: int
    name: str
    path: Path
    size: int
    sha256: str

    def content_type_of(self, name: str) -> str:
        """Return the media type that Discord would derive from a name."""
        return mimetypes.guess_type(name)[0] or "application/octet-stream"


class Body:
    """A request's body, read in two steps: the JSON, then the files.

    Args:
        request: The request.
        folder: Where files are put.
        ids: Names the files on disk.
    """

    def __init__(self, request: web.Request, folder: Path, ids: Snowflakes) -> None:
        self._request = request
        self._folder = folder
        self._ids = ids
        self._parts: aiohttp.MultipartReader | None = None
        self.json: JsonBody = None

    async def read_json(self) -> JsonBody:
        """Read the JSON part and return it; None where there is none."""
        if self._request.content_type != "multipart/form-data":
            raw = await self._request.read()
            self.json = json.loads(raw) if raw else None
            return self.json
        self._parts = await self._request.multipart()
        first = await self._parts.next()
        if not isinstance(first, aiohttp.BodyPartReader) or first.name != "payload_json":
            raise ValueError("payload_json must be the first part")
        self.json = json.loads(await first.text())
        return self.json

    async def read_files(self, on_bytes: Callable[[int], Awaitable[None]]) -> list[Upload]:
        """Read the files that follow the JSON.

        Args:
            on_bytes: Awaited after each piece with the number of file bytes read so far; slows or stops the upload.

        Raises:
            ConnectionError: The sender went away before the end.
            ValueError: A field that Discord does not know.
        """
        uploads: list[Upload] = []
        total = 0
        while self._parts is not None and (part := await self._parts.next()) is not None:
            if not isinstance(part, aiohttp.BodyPartReader) or not (field := FILE_FIELD.fullmatch(part.name or "")):
                raise ValueError(f"a multipart field that Discord does not know: {part}")
            digest, size = hashlib.sha256(), 0
            path = self._folder / str(self._ids.next())
            with path.open("wb") as sink:
                while piece := await part.read_chunk(CHUNK):
                    sink.write(piece)
                    digest.update(piece)
                    size += len(piece)
                    total += len(piece)
                    await on_bytes(total)
            uploads.append(Upload(int(field[1]), part.filename or "unnamed", path, size, digest.hexdigest()))
        return uploads
