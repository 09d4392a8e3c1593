"""The demo's page: a channel of a make-believe Discord in a browser, kept up to date while the bot works.

What simcord 3.2.1 leaves to us: its clock stands still unless moved, and a page shows only what was published last. A
publication makes an action that a person has under way stale, so there is one only when the bot did something.
"""

from __future__ import annotations

import asyncio
import time
import webbrowser
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Final

from simcord import ChannelHandle, Env, MemberActor, Preview, SetupError

from demo.playback import play_as_posted

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at whether the bot did something."""


def keep_time(env: Env) -> None:
    """Moves the make-believe Discord's clock to the machine's, so that its times agree with the bot's."""
    behind = time.time() - env.now().timestamp()
    if behind > 0:
        # `Env.advance_time` would also hold the stage while it settles, and refuse a click that comes just then.
        env.backend.advance_clock(behind)


async def serve_page(
    env: Env,
    channel: ChannelHandle,
    member: MemberActor,
    *,
    port: int,
    timezone: str,
    on_open: Callable[[str], None],
) -> None:
    """Serves the channel as the member sees it, on loopback, until its own menu ends the session.

    Args:
        env: The make-believe Discord.
        channel: What to show.
        member: Who looks, writes and presses.
        port: Where; 0 is any free one.
        timezone: IANA name of the zone that times are shown in.
        on_open: Told the address once it answers; whoever has all of it is the member.

    Raises:
        OSError: The port is taken.
    """
    preview = env.preview(channel, viewers=[member], layout="channel", port=port, timezone=timezone)
    play_as_posted(preview)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(preview)
        except SetupError as problem:
            if isinstance(problem.__cause__, OSError):
                raise problem.__cause__ from None
            raise
        on_open(preview.url)
        published = len(env.http_requests)
        while not await _closed_within(preview, LOOK_EVERY):
            keep_time(env)
            done = len(env.http_requests)
            if done != published and await _publish(preview):
                published = done


async def _closed_within(preview: Preview, seconds: float) -> bool:
    try:
        await asyncio.wait_for(preview.wait_closed(), seconds)
    except TimeoutError:
        return False
    return True


async def _publish(preview: Preview) -> bool:
    """Shows what there is now; False if that must wait."""
    try:
        await preview.refresh()
    except (SetupError, TimeoutError):
        # A person's action is under way, or the bot is still busy answering one: either publishes when it ends.
        return False
    return True


def open_browser(url: str) -> None:
    """Shows the page in the person's browser, where there is one with a screen."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    # Where there is no screen, what is left are browsers that would take over this terminal.
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)
