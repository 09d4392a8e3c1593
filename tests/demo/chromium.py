"""A headless Chromium driven over the DevTools protocol: opens a page, types and clicks as a person does, takes pictures.

Knows nothing of the page. Also used by `scripts/screenshot_demo.py`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # it runs as root in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",  # small in containers
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-port=0",
)
_START: Final = 20.0
_LOOK_EVERY: Final = 0.05
_KEYS: Final = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, "")}


def find_chromium() -> str | None:
    """The browser's path; None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class BrowserError(Exception):
    """The page or the browser did not do what was asked."""


class Tab:
    """One page.

    Args:
        socket: To the page's DevTools.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []
        """Exceptions and errors that the page wrote to its console."""

    async def listen(self) -> None:
        """Takes in answers and events until the browser is gone."""
        async for message in self._socket:
            content = json.loads(message.data)
            if content.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(content["params"]["exceptionDetails"]))
            elif content.get("method") == "Runtime.consoleAPICalled" and content["params"]["type"] == "error":
                self.complaints.append(json.dumps(content["params"]["args"]))
            elif (answer := self._answers.pop(content.get("id", 0), None)) and not answer.done():
                answer.set_result(content)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the DevTools protocol.

        Raises:
            BrowserError: It was refused.
        """
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        content = await asyncio.wait_for(answer, _START)
        if "error" in content:
            raise BrowserError(f"{method}: {content['error']['message']}")
        return content["result"]

    async def open(self, url: str) -> None:
        """Goes to an address."""
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def js(self, expression: str) -> Any:
        """What a JavaScript expression comes to; promises are awaited.

        Raises:
            BrowserError: It threw.
        """
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    async def until(self, expression: str, *, within: float = 10.0) -> None:
        """Waits for an expression to come to something true.

        Args:
            expression: JavaScript.
            within: Seconds.

        Raises:
            BrowserError: It did not in time.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while loop.time() < deadline:
            if await self.js(f"Boolean({expression})"):
                return
            await asyncio.sleep(_LOOK_EVERY)
        raise BrowserError(f"not within {within:g} s: {expression}; complaints: {self.complaints}")

    async def type(self, text: str) -> None:
        """Types text into whatever has the focus."""
        for character in text:
            await self.call("Input.dispatchKeyEvent", type="char", text=character)

    async def press(self, key: str) -> None:
        """Presses and releases a key, such as `Enter`."""
        code, text = _KEYS[key]
        event = {"key": key, "code": key, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    async def click(self, element: str) -> None:
        """Scrolls an element into view and clicks its middle.

        Args:
            element: A JavaScript expression for the element.
        """
        x, y = await self.js(
            f"(e => {{ e.scrollIntoView({{block: 'nearest'}}); const r = e.getBoundingClientRect();"
            f" return [r.x + r.width / 2, r.y + r.height / 2]; }})({element})"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def picture(self, path: Path, *, of: str = "document.documentElement") -> None:
        """Saves what is to be seen of an element as a PNG file.

        Args:
            path: The file.
            of: A JavaScript expression for the element.
        """
        x, y, width, height = await self.js(f"(r => [r.x, r.y, r.width, r.height])(({of}).getBoundingClientRect())")
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        answer = await self.call("Page.captureScreenshot", format="png", clip=clip)
        path.write_bytes(base64.b64decode(answer["data"]))


@asynccontextmanager
async def browser(program: str, folder: Path, *, width: int, height: int, scale: float = 1.0) -> AsyncGenerator[Tab]:
    """A browser with one page, gone afterwards.

    Args:
        program: Its path.
        folder: An empty one for its profile.
        width: Of the page, in CSS pixels.
        height: Of the page, in CSS pixels.
        scale: Device pixels per CSS pixel.
    """
    process = await asyncio.create_subprocess_exec(
        program,
        *_FLAGS,
        f"--user-data-dir={folder}",
        f"--window-size={width},{height}",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port = await _port(folder)
        async with aiohttp.ClientSession() as session, await _attach(session, port) as socket:
            tab = Tab(socket)
            listening = asyncio.create_task(tab.listen())
            try:
                await tab.call("Page.enable")
                await tab.call("Runtime.enable")
                await tab.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=height,
                    deviceScaleFactor=scale,
                    mobile=False,
                )
                yield tab
                with contextlib.suppress(BrowserError, ConnectionError):
                    await tab.call("Browser.close")
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        await _end(process)


async def _port(folder: Path) -> int:
    """The DevTools port, which the browser writes into its profile once it listens."""
    note = folder / "DevToolsActivePort"
    async with asyncio.timeout(_START):
        while True:
            lines = note.read_text().split() if note.exists() else []
            if lines:
                return int(lines[0])
            await asyncio.sleep(_LOOK_EVERY)


async def _attach(session: aiohttp.ClientSession, port: int) -> aiohttp.ClientWebSocketResponse:
    async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
        pages = [target for target in await answer.json() if target["type"] == "page"]
    return await session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0)


async def _end(process: asyncio.subprocess.Process) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 3.0)
            return
        process.send_signal(number)
    await process.wait()
