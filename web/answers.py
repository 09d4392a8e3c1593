"""Answers in a few words of JSON, and how every fault of an application becomes one."""

from __future__ import annotations

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from jobs.errors import StoreUnavailable

log = structlog.get_logger(__name__)


@web.middleware
async def in_few_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every fault as a few words, and none of them with the address."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return short(error.status, error.reason.lower(), allow=error.headers.get("Allow"))
    except TimeoutError:
        return short(408, "too slow")
    except StoreUnavailable as error:
        log.warning("web request not answered", error=str(error))
        return short(503, "later")
    except Exception:
        log.exception("web request broke")
        return short(500, "internal error")


def short(status: int, words: str, *, allow: str | None = None) -> web.Response:
    """An answer that says no more than these words."""
    return web.json_response({"status": words}, status=status, headers={"Allow": allow} if allow else None)
