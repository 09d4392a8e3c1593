"""A person at the demo's page: types a command, reads the channel, plays a video. Also used by `scripts/screenshot_demo.py`."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from tests.demo.chromium import BrowserError, Tab

ADDRESS: Final = r"http://127\.0\.0\.1:\d+/#\S+"
"""What the demo prints, whole."""

CHANNEL: Final = "document.querySelector('#channel-layout')"
VIDEO: Final = "[...document.querySelectorAll('video')].at(-1)"
_COMPOSER: Final = "document.querySelector('#channel-composer-input')"
_PROMPT: Final = "document.querySelector('.command-option-input[data-option=\"prompt\"]')"
_STATUS: Final = "document.querySelector('#action-status').textContent"
_PRIVATE_ANSWERS: Final = f"{CHANNEL}.innerText.split('Only you can see this').length"
_TO_THE_END: Final = (
    f"[...{CHANNEL}.querySelectorAll('*')].filter(one => one.scrollHeight > one.clientHeight"
    " && getComputedStyle(one).overflowY !== 'visible').forEach(one => one.scrollTop = one.scrollHeight)"
)
_TRIES: Final = 3
_ANSWER_WITHIN: Final = 6.0  # seconds
_REFUSED: Final = "Action was not completed"


FORM: Final = "document.querySelector('.modal-dialog')"


def _button_saying(label: str) -> str:
    return (
        f"[...{CHANNEL}.querySelectorAll('button, a.link-button')]"
        f".filter(one => one.innerText.trim() === {json.dumps(label)}).at(-1)"
    )


def _option_saying(words: str) -> str:
    return (
        "[...document.querySelectorAll('[role=option]')]"
        f".find(one => one.innerText.split('\\n').some(line => line.trim().startsWith({json.dumps(words)})))"
    )


class Visitor:
    """Whoever has opened the page.

    Args:
        tab: The browser's page.
    """

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def enter(self, url: str) -> None:
        """Opens the page and waits until it can be used."""
        await self.tab.open(url)
        await self.tab.until("window.simcordPreview?.ready")

    async def type_order(self, prompt: str) -> None:
        """Types `/video create` and a prompt into the message box, without sending it."""
        await self.tab.until("window.simcordPreview.ready")
        await self.tab.click(_COMPOSER)
        await self.tab.type("/video create")
        await self.tab.until("document.querySelector('[role=option]')")
        await self.tab.press("Enter")
        await self.tab.until(f"{_PROMPT} && document.activeElement === {_PROMPT}")
        await self.tab.type(prompt)

    async def type_command(self, name: str) -> None:
        """Types the name of a command that needs nothing else, and picks it."""
        await self.tab.until("window.simcordPreview.ready")
        await self.tab.click(_COMPOSER)
        await self.tab.type(f"/{name}")
        await self.tab.until("document.querySelector('[role=option]')")
        await self.tab.press("Enter")
        await self.tab.until("document.querySelector('.command-chip')")

    async def type_option(self, name: str, text: str) -> None:
        """Adds an option to the command in the message box, types into it and waits for what it offers."""
        field = await self._add_option(name, f".command-option-input[data-option='{name}']")
        await self.tab.until(f"document.activeElement === {field}")
        await self.tab.type(text)
        await self.tab.until("document.querySelector('#command-popup [role=option], [role=listbox] [role=option]')")

    async def choose(self, words: str) -> None:
        """Picks what an option offers."""
        choice = _option_saying(words)
        await self.tab.until(choice)
        await self.tab.click(choice)

    async def set_option(self, name: str, text: str, choice: str) -> None:
        """Adds an option to the command in the message box and picks one of its choices.

        Args:
            name: The option.
            text: What is typed into it.
            choice: How the choice begins.
        """
        await self.type_option(name, text)
        await self.choose(choice)
        await self.tab.click(_PROMPT)  # Enter would choose once more

    async def attach(self, name: str, path: Path) -> None:
        """Adds a file to the command in the message box."""
        field = await self._add_option(name, f".command-file-input[data-option='{name}']")
        found = await self.tab.call("Runtime.evaluate", expression=field)
        await self.tab.call("DOM.setFileInputFiles", files=[str(path)], objectId=found["result"]["objectId"])
        await self.tab.until(
            f"document.querySelector('.command-file-choose').innerText.includes({json.dumps(path.name)})"
        )
        await self.tab.click(_PROMPT)  # on the file's own button Enter would choose another

    async def _add_option(self, name: str, selector: str) -> str:
        await self.tab.click("document.querySelector('.command-ghost')")
        await self.choose(name)
        field = f'document.querySelector("{selector}")'
        await self.tab.until(field)
        return field

    async def send(self) -> None:
        """Sends what is in the message box, again where something new in the channel came between.

        Simcord refuses that, or the key goes to what was there before.

        Raises:
            BrowserError: It stays there.
        """
        sent = f"!{_PROMPT}"
        await self.tab.press("Enter")
        with suppress(BrowserError):
            await self.tab.until(f"{sent} || {_STATUS}.includes('{_REFUSED}')", within=_ANSWER_WITHIN)
        if not await self.tab.js(sent):
            with suppress(BrowserError):
                await self.tab.click(_PROMPT)
                await self.tab.press("Enter")
            await self.tab.until(sent)

    async def run(self, name: str) -> None:
        """Types a command without options, sends it, and reads the private answer.

        Raises:
            BrowserError: There is none in time.
        """
        before = int(await self.tab.js(_PRIVATE_ANSWERS))
        await self.type_command(name)
        await self._click_until("document.querySelector('#send-message')", f"{_PRIVATE_ANSWERS} > {before}")

    async def order(self, prompt: str) -> None:
        """Asks for a video."""
        await self.type_order(prompt)
        await self.send()

    async def press(self, label: str) -> None:
        """Presses the newest button with this label."""
        button = _button_saying(label)
        await self.tab.until(f"window.simcordPreview.ready && {button} && !{button}.disabled")
        await self.tab.js(f"{button}.scrollIntoView({{block: 'center'}})")
        await self.tab.click(button)

    async def form(self) -> None:
        """Waits until a form is open."""
        await self.tab.until(f"{FORM} && window.simcordPreview.ready")

    async def fill(self, name: str, text: str) -> None:
        """Types into a field of the open form, in place of what stands in it.

        Args:
            name: The field's custom id.
            text: What is typed.
        """
        field = f"{FORM}.querySelector('.modal-field[data-custom-id=\"{name}\"]').querySelector('input, textarea')"
        await self.tab.click(field)
        await self.tab.js(f"{field}.select()")
        await self.tab.type(text)

    async def send_form(self) -> None:
        """Sends the open form."""
        await self._click_until(f"{FORM}.querySelector('button[type=submit]')", f"!{FORM}")

    async def _click_until(self, button: str, done: str) -> None:
        """Clicks, again where something new in the channel came between (simcord refuses that)."""
        for attempt in range(_TRIES):
            await self.tab.click(button)
            try:
                await self.tab.until(done, within=_ANSWER_WITHIN)
            except BrowserError:
                if attempt == _TRIES - 1:
                    raise
            else:
                return

    async def read(self, words: str, *, times: int = 1, within: float = 15.0) -> None:
        """Waits until the channel shows these words.

        Args:
            words: What is to be read there.
            times: How often.
            within: Seconds.

        Raises:
            BrowserError: It does not in time; the text says what it shows.
        """
        try:
            seen = f"{CHANNEL}.innerText.split({json.dumps(words)}).length > {times}"
            await self.tab.until(seen, within=within)
        except BrowserError as error:
            raise BrowserError(f"{error}\n{await self.tab.js(CHANNEL + '.innerText')}") from error

    async def videos(self, number: int, *, within: float = 15.0) -> None:
        """Waits until that many videos can be played."""
        await self.tab.until(
            f"(all => all.length === {number} && all.every(v => v.readyState >= 2))"
            "([...document.querySelectorAll('video')])",
            within=within,
        )

    async def play(self) -> dict[str, Any]:
        """Presses *Play* on the newest video and watches a second of it.

        Returns:
            Its `width`, `height`, `duration` and position `at` in seconds, and its `error`, if any.
        """
        await self.tab.click(f"{VIDEO}.closest('.media-player').querySelector('button')")
        await self.tab.until(f"{VIDEO}.error || {VIDEO}.currentTime > 1")
        return await self.tab.js(
            f"(v => ({{width: v.videoWidth, height: v.videoHeight, duration: v.duration, at: v.currentTime,"
            f" error: v.error && v.error.message}}))({VIDEO})"
        )

    async def picture(self, path: Path) -> None:
        """Saves what the channel shows, or the form before it, without what a mouse or a pressed button adds to it."""
        await self.tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=0, y=0)
        await self.tab.js("document.activeElement.matches('button') && document.activeElement.blur()")
        await self.tab.js(_TO_THE_END)
        await self.tab.until("window.simcordPreview.ready")
        await self.tab.picture(path, of=CHANNEL)
