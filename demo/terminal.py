"""The demo without a browser: types the command, tells what the channel shows as it happens, keeps the video.

Reads the channel as a member does; of the bot's own parts it asks only whether the job has ended.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import discord
from simcord import ChannelHandle, Env, MemberActor, OptionError

from demo.page import LOOK_EVERY, keep_time

COMMAND: Final = "video create"
_TEXT_DISPLAY: Final = 10
"""The component type of a text (Discord docs, Component Reference)."""

_HEADINGS: Final = re.compile(r"^(?:#{1,3}|-#) +")
_ESCAPES: Final = re.compile(r"\\([^A-Za-z0-9\s])")
# A backslash in front makes plain text of each of these.
_LINKS: Final = re.compile(r"(?<!\\)\[([^\]]*)\]\([^)]*\)")
_COMMANDS: Final = re.compile(r"(?<!\\)</([^:>]+):\d+>")
_PEOPLE: Final = re.compile(r"(?<!\\)<@!?\d+>")
_EMPHASIS: Final = re.compile(r"(?<!\\)(\*{1,3})(?!\s)(.+?)(?<!\\)\1")
_TIMES: Final = re.compile(r"(?<!\\)<t:(\d+)(?::\w)?>")


class Ear:
    """Hears every line of a channel once, again only when its words changed.

    Args:
        listener: The member's name, for mentions.
    """

    def __init__(self, listener: str) -> None:
        self._listener = listener
        self._heard: set[tuple[int, str]] = set()

    def news(self, messages: Iterable[discord.Message], *, now: float) -> Iterator[str]:
        """The lines that are new since the last call, as a person would read them.

        Args:
            messages: All that the channel shows, oldest first.
            now: Epoch seconds, for times such as "in 4 s".
        """
        for message in messages:
            for line in _lines(message):
                if (message.id, line) not in self._heard:
                    self._heard.add((message.id, line))
                    yield plain(line, listener=self._listener, now=now)


def plain(line: str, *, listener: str, now: float) -> str:
    """One line of Discord's markdown as plain words.

    Args:
        line: The line.
        listener: The name that mentions stand for.
        now: Epoch seconds.
    """
    line = _HEADINGS.sub("", line)
    line = _TIMES.sub(lambda match: _when(int(match[1]) - now), line)
    line = _COMMANDS.sub(r"/\1", line)
    line = _PEOPLE.sub(f"@{listener}", line)
    line = _LINKS.sub(r"\1", line)
    line = _EMPHASIS.sub(r"\2", line)
    return _ESCAPES.sub(r"\1", line)


async def order(
    env: Env,
    channel: ChannelHandle,
    member: MemberActor,
    prompt: str,
    *,
    ended: Callable[[], Awaitable[bool]],
    folder: Path,
) -> int:
    """Orders one video as the member and follows it to its end.

    Args:
        env: The make-believe Discord.
        channel: Where to order it.
        member: Who orders it.
        prompt: What it should show.
        ended: Tells whether the job is over and its card shows that; also when no job was made.
        folder: Where to save the video; made if there is something to save.

    Returns:
        The exit code: 0 if there is a video.
    """
    print(f"{member.name}: /{COMMAND} prompt:{prompt}")
    try:
        await member.slash(channel, COMMAND, prompt=prompt)
    except OptionError as refusal:
        print(f"Discord does not take that: {refusal}")
        return 1
    started = time.monotonic()
    ear = Ear(member.name)
    while True:
        over = await ended()
        keep_time(env)
        messages = channel.history(viewer=member)
        for line in ear.news(messages, now=time.time()):
            print(f"{time.monotonic() - started:6.1f} s  {line}", flush=True)
        if over:
            return await _keep(messages, folder)
        await asyncio.sleep(LOOK_EVERY)


async def _keep(messages: Iterable[discord.Message], folder: Path) -> int:
    videos = [attachment for message in messages for attachment in message.attachments]
    if not videos:
        return 1
    path = await asyncio.to_thread(_save, folder, videos[-1].filename, await videos[-1].read())
    print(f"Saved {path} ({await asyncio.to_thread(_facts, path)})")
    return 0


def _save(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / Path(name).name
    path.write_bytes(content)
    return path


def _facts(path: Path) -> str:
    """Picture size, length and weight of a video."""
    import av  # noqa: PLC0415 - carries FFmpeg: half a second to import

    with av.open(str(path), mode="r") as container:
        stream = container.streams.video[0]
        length = (container.duration or 0) / av.time_base
        picture = f"{stream.codec_context.width} x {stream.codec_context.height}"
    return f"{picture}, {length:.1f} s, {path.stat().st_size / 1024:.0f} KiB"


def _lines(message: discord.Message) -> Iterator[str]:
    yield from message.content.splitlines()
    for component in message.components:
        for text in _texts(component.to_dict()):
            yield from text.splitlines()


def _texts(component: Any) -> Iterator[str]:
    if component["type"] == _TEXT_DISPLAY:
        yield component["content"]
    for child in component.get("components", ()):
        yield from _texts(child)


def _when(seconds: float) -> str:
    if abs(seconds) < 1:
        return "now"
    return f"in {seconds:.0f} s" if seconds > 0 else f"{-seconds:.0f} s ago"
