"""The pages on which videos are shown that were too large for their channel, and the videos themselves.

A page's address ends in a secret of its video, which is all that lets anybody in: so it says nothing of who asked for
it or what for, tells no other site where its readers came from, and the address is never logged.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from aiohttp import web

from locales import Texts, Translate

from .layout import GONE, PAGE, STYLE

WATCH_PATH: Final = "/watch"
KEY: Final = "[0-9a-f]{32}"
"""What a key looks like; nothing else is ever looked for, so no address leads out of the folder."""

SIGNATURE: Final = "hailuo-discord-bot"
"""Stands on every page, so that the check-up can tell ours from a proxy's."""

VIDEO_LIFE: Final = 3600
"""Seconds a browser may keep a video; short, because people take videos back."""

_VIDEO_HEADERS: Final[Mapping[str, str]] = {
    "Content-Type": "video/mp4",
    "Content-Disposition": 'inline; filename="video.mp4"',
    # No proxy may change it: ranges are counted in the bytes as they are.
    "Cache-Control": f"private, max-age={VIDEO_LIFE}, no-transform",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}


class WatchPages:
    """Shows published videos.

    Args:
        watched: Finds the file of a published video by its key; None where there is none (any more).
        base: The address below which the world finds the pages, with a slash at its end.
        texts: What the pages say.
    """

    def __init__(self, watched: Callable[[str], Path | None], *, base: str, texts: Texts) -> None:
        self._watched = watched
        self._base = base
        self._texts = texts
        self._headers = _page_headers()

    def add_to(self, app: web.Application) -> None:
        """Adds the pages to an application."""
        app.router.add_get(f"{WATCH_PATH}/{{key:{KEY}}}", self._show)
        app.router.add_get(f"{WATCH_PATH}/{{key:{KEY}}}/video.mp4", self._send)
        app.router.add_get(f"{WATCH_PATH}/{{rest:.*}}", self._miss)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        if await asyncio.to_thread(self._watched, key) is None:
            return await self._miss(request)
        t = self._language_of(request)
        return self._answer(
            PAGE,
            t,
            page=f"{self._base}{key}",
            # Relative to the page: that holds below whatever address the reader's browser knows.
            video=f"{key}/video.mp4",
            title=t("watch.title"),
            label=t("watch.label"),
            download=t("watch.download"),
        )

    async def _send(self, request: web.Request) -> web.StreamResponse:
        path = await asyncio.to_thread(self._watched, request.match_info["key"])
        if path is None:
            return await self._miss(request)
        return web.FileResponse(path, headers=_VIDEO_HEADERS)

    async def _miss(self, request: web.Request) -> web.Response:
        t = self._language_of(request)
        return self._answer(GONE, t, status=404, title=t("watch.gone"), about=t("watch.gone_about"))

    def _language_of(self, request: web.Request) -> Translate:
        """The reader's language: browsers name the one they prefer first."""
        return self._texts.for_locale(request.headers.get("Accept-Language"))

    def _answer(self, layout: Template, t: Translate, *, status: int = 200, **values: str) -> web.Response:
        values |= {"language": t.locale.replace("_", "-"), "signature": SIGNATURE}
        page = layout.substitute({name: escape(value) for name, value in values.items()})
        return web.Response(text=page, status=status, content_type="text/html", headers=self._headers)


def _page_headers() -> Mapping[str, str]:
    """What a browser is told about every page: to load our video and our style, and nothing else from anywhere."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    allowed = (
        "default-src 'none'",
        "media-src 'self'",
        f"style-src 'sha256-{style}'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(allowed),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
