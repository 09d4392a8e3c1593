"""Brings one file from a link to a path: streamed, checked, and complete or not there at all.

Knows HTTP and files, but neither MiniMax's calls nor a key: the link is all it is given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import aiohttp
from yarl import URL

from jobs.errors import BrokenDownload, Reason, Refused, Transient, told
from jobs.ports import VideoLink

from .session import FAULTS

MAX_REDIRECTS: Final = 5
_BLOCK: Final = 1024 * 1024  # per write: a thread per network chunk would cost more than the writing
_SIGNATURE_BYTES: Final = 12
_LINK_DEAD: Final = frozenset({401, 403, 404, 410})
_BINARY: Final = frozenset({"application/octet-stream", "binary/octet-stream", "application/mp4"})
"""What object stores call a file beside `video/…`; the first bytes decide."""


@contextmanager
def _disk_faults() -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise Transient(f"download: the file cannot be written: {error.strerror or error}") from error


class PartFile:
    """A file that appears under its name only when it is whole; leaving the context removes what was not kept.

    Opening, closing and renaming are done at once; writing, which may wait for the disk, in a thread.

    Args:
        path: Its name in the end; `.part` is added until then. Its folder must be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")

    def __enter__(self) -> Self:
        with _disk_faults():
            self._file = self._part.open("wb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):  # what could not be written is thrown away here anyhow
            self._file.close()
        self._part.unlink(missing_ok=True)

    async def write(self, block: bytearray) -> None:
        """Appends a block, which must not be touched again.

        Raises:
            Transient: The disk is full, or otherwise unwilling.
        """
        with _disk_faults():
            await asyncio.to_thread(self._file.write, block)

    def keep(self) -> None:
        """The file is whole: gives it its name. Raises as `write`."""
        with _disk_faults():
            self._file.close()
            self._part.replace(self._path)


async def fetch_video(session: aiohttp.ClientSession, link: VideoLink, path: Path, *, limit: int) -> int:
    """Streams the video to `path`, never more than about a megabyte of it in memory.

    Args:
        session: A session that holds no key; redirects are followed within http and https.
        link: Where the video is.
        path: Where it goes; written from the start.
        limit: The most bytes it may have.

    Returns:
        The bytes written: all of them.

    Raises:
        BrokenDownload: Short, expired, or not a video: ask for a new link.
        Transient: Any other fault on the way, a full disk included.
        Refused: Larger than `limit` (reason `VIDEO_TOO_LARGE`).
    """
    try:
        async with session.get(
            _as_given(link.url), headers={"Accept-Encoding": "identity"}, max_redirects=MAX_REDIRECTS
        ) as response:
            promised = _check_head(response, link, limit)
            return await _save(response, path, promised=promised, limit=limit)
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError, aiohttp.TooManyRedirects) as error:
        raise BrokenDownload(f"download: the link leads nowhere ({type(error).__name__})") from error
    except aiohttp.ClientPayloadError as error:
        raise BrokenDownload("download: the connection ended before the file did") from error
    except FAULTS as error:
        raise Transient(f"download: {told(error)}") from error


def _as_given(url: str) -> URL:
    # Links are signed: an address that is already well-formed goes out byte for byte.
    well_formed = url.isascii() and url.isprintable() and " " not in url
    try:
        address = URL(url, encoded=well_formed)
    except ValueError as error:
        raise BrokenDownload("download: the link is no address") from error
    if address.scheme not in {"http", "https"} or not address.host:
        raise BrokenDownload(f"download: the link is not one of the web ({address.scheme or 'no scheme'})")
    return address


def _check_head(response: aiohttp.ClientResponse, link: VideoLink, limit: int) -> int | None:
    status = response.status
    if status in _LINK_DEAD:
        raise BrokenDownload(f"download: the link no longer works (HTTP {status})", code=status)
    if status != 200:  # noqa: PLR2004 - nothing else brings a whole file
        raise Transient(f"download: HTTP {status}", code=status)
    kind = response.content_type
    if not (kind.startswith("video/") or kind in _BINARY):
        raise BrokenDownload(f"download: not a video but {kind}")
    coding = response.headers.get("Content-Encoding", "identity")
    if coding != "identity":
        raise BrokenDownload(f"download: coded as {coding} although that was not asked for")
    promised = response.content_length
    if promised is not None and promised > limit:
        raise _too_large(promised, limit)
    return promised if promised is not None else link.size


async def _save(response: aiohttp.ClientResponse, path: Path, *, promised: int | None, limit: int) -> int:
    received = 0
    block = bytearray()
    judged = False
    with PartFile(path) as part:
        async for chunk in response.content.iter_any():
            received += len(chunk)
            if received > limit:
                raise _too_large(received, limit)
            block += chunk
            if not judged and len(block) >= _SIGNATURE_BYTES:
                _check_signature(block)
                judged = True
            if len(block) >= _BLOCK:
                await part.write(block)
                block = bytearray()
        if not judged or (promised is not None and received != promised):
            raise BrokenDownload(f"download: {received} bytes came, {promised} were promised")
        await part.write(block)
        part.keep()
    return received


def _check_signature(start: bytearray) -> None:
    # MP4 and QuickTime files begin with a box of this type (ISO/IEC 14496-12, section 4.3).
    if not start.startswith(b"ftyp", 4):
        raise BrokenDownload("download: not an MP4 file")


def _too_large(size: int, limit: int) -> Refused:
    return Refused(Reason.VIDEO_TOO_LARGE, f"download: {size} bytes or more, {limit} are the most")
